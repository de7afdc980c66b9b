/* SPDX-License-Identifier: ISC */
/* play: an answer from a script, in place of http: the mock, and whatever was recorded. */
#ifndef PLAY_H
#define PLAY_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct http_req;
struct loop;
struct play_run;

struct play_step {
	int64_t after_ms; /* since the step before */
	size_t end;       /* the step's bytes go up to here in `bytes` */
};

struct play {
	int status;        /* HTTP */
	struct buf header; /* "name: value\n" lines, names in lower case */
	struct buf bytes;  /* all bodies' bytes */
	struct play_step *step;
	size_t n_step, cap_step;
	int cut; /* the connection breaks at the end */
};

#define PLAY_INIT \
	{ \
		0, BUF_INIT, BUF_INIT, NULL, 0, 0, 0 \
	}

/* Ends the bytes added to p->bytes since the last step. */
void play_step(struct play *p, int64_t after_ms);
void play_release(struct play *p);

/* Plays it to the callbacks of r (its URL, headers and connect_ms don't count), from the loop. p is taken: it is empty afterwards. */
struct play_run *play_start(struct loop *l, struct play *p, const struct http_req *r);
/* As http_pause() and http_resume(); the script goes on meanwhile: what was due by then comes at once, from the loop. */
void play_pause(struct play_run *run);
void play_resume(struct play_run *run);
/* No callback follows. */
void play_cancel(struct play_run *run);

#endif
