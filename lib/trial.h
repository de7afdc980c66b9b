/* SPDX-License-Identifier: ISC */
/* trial: one attempt of a call: key, encoding, transport (http, or a play for the mock), decoding. The client decides what follows. */
#ifndef TRIAL_H
#define TRIAL_H

#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "mem.h"
#include "wire/splice.h"
#include "wire/wire.h"

struct candidate;
struct err;
struct http;
struct json;
struct loop;
struct trial;

struct trial_spec {
	const struct json *request; /* canonical; borrowed */
	const struct candidate *candidate;
	wire_fn wire; /* NULL: the environment's */
	int number;   /* attempts of this call before this one */
	int lossy;
	int64_t connect_ms, first_ms, idle_ms, total_ms; /* 0: no limit */
	int64_t until_ms;                                /* tm_mono_ms() of the call's deadline; 0: none */
	struct losses *lost;
	void *arg;
	void (*on_sent)(void *arg); /* the request goes out; from the loop */
	const char *
	    format; /* of the answer, as the consumer wants it: from a provider of that format unknown members come, too; NULL: any */
	event_fn on_event;         /* non-zero stops the trial: on_done follows with stopped set */
	int (*on_read)(void *arg); /* all events of one read were given */
	/* The request in a format of its own, for a provider that speaks it; borrowed; NULL. Then the answer is given in that format, too. */
	const struct splice_own *own;
	void (*on_own)(void *arg, enum splice_form form); /* it will be, in this form; before its first event */
	void (*on_raw)(
	    void *arg, const char *p, size_t n); /* a unit (splice.h), behind its events, or the whole answer */
	/* Once, from the loop. e: kind ERR_NONE for an answer that came to its own end. http: status or 0. The trial is gone afterwards. */
	void (*on_done)(void *arg, const struct err *e, int http, int n_repaired);
};

struct trial_env {
	struct loop *loop;
	struct http *http;      /* made when it is first needed */
	wire_fn wire;           /* finds a provider's wire */
	struct mem_pool trials; /* released by whoever has the environment, after the last */
};

/* NULL with e where it can't even be sent. */
struct trial *trial_start(struct trial_env *env, const struct trial_spec *s, struct err *e);
/* The connection is closed at once; no callback follows. */
void trial_cancel(struct trial *t);
/* Back-pressure, as http.h has it. What was held back may come from inside of trial_resume(). */
void trial_pause(struct trial *t);
void trial_resume(struct trial *t);
/* The status of its answer so far; 0: none came. */
int trial_http(const struct trial *t);

#endif
