/* SPDX-License-Identifier: ISC */
/* supervisor_priv: what the files of supervisor share. For these only. */
#ifndef SERVE_SUPERVISOR_PRIV_H
#define SERVE_SUPERVISOR_PRIV_H

#include <sys/types.h>

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "policy.h"
#include "providers.h"
#include "serve/gate.h"
#include "serve/listen.h"
#include "serve/shared.h"
#include "serve/supervisor.h"

struct err;

/* A process that should run: a worker, or the scribe. */
struct place {
	pid_t pid;          /* 0: none runs */
	pid_t old;          /* the worker before it, which goes on until this one serves; 0: none */
	int64_t started_ms; /* tm_mono_ms() */
	int64_t due_ms;     /* when the next one is started; only where none runs */
	unsigned deaths;    /* in a row, each soon after its start */
};

/* Which process this is, or has become by a fork. */
enum role { ROLE_SUPERVISOR, ROLE_WORKER, ROLE_SCRIBE, ROLE_COMMAND };

enum phase { PHASE_RUNNING, PHASE_DRAINING, PHASE_CUT };

struct supervisor {
	const struct supervisor_spec *s;
	struct app_options options; /* a worker's */
	enum role role;
	pid_t pid; /* the supervisor's */

	struct providers providers;
	struct policy policy;
	struct listening socket;
	struct shared *shared;
	char *ledger; /* owned: its path; NULL: none */
	char run_key[GATE_KEY_BYTES];

	struct place scribe, *worker; /* owned: s->workers of them */
	pid_t *draining;              /* owned: workers that have a successor */
	size_t n_draining, cap_draining;
	int control; /* to the scribe; -1 */

	enum phase phase;
	int64_t deadline_ms; /* of the phase: tm_mono_ms(); 0: none */
	int reload;          /* was asked for */
	int64_t renewed_ms;  /* new workers were begun, and don't all serve yet: tm_mono_ms(); 0: they do */
	int late_told;
	int cut_by; /* the signal; 0: none */

	pid_t command; /* 0: none, or it has ended */
	int status, raise;

	/* of a child that was just forked */
	size_t index;
	int line;            /* to the scribe, or from the supervisor */
	struct spool *spool; /* a worker's; NULL: it has none */
	sigset_t watched, old_mask;
};

/* ── supervisor_set.c: workers and the scribe ── */

/* Starts those that are due. 1: this is one of them; -1: one couldn't be started, and is due later. */
int set_start(struct supervisor *v, struct err *e);
/* When the next one is due; INT64_MAX: none is. */
int64_t set_due_ms(const struct supervisor *v);
/* A child has ended. */
void set_ended(struct supervisor *v, pid_t pid, int wait_status);
/* New workers for those that run, which go on until those serve. 1: this is one of them. */
int set_renew(struct supervisor *v, struct err *e);
/* Ends those whose successor serves. 1: there are others yet. */
int set_hand_over(struct supervisor *v);
void set_signal(const struct supervisor *v, int sig); /* to all workers */
int set_is_empty(const struct supervisor *v);         /* no worker runs */
/* What a child does until its end. */
int set_be_worker(struct supervisor *v, struct err *e);
int set_be_scribe(struct supervisor *v, struct err *e);

/* ── supervisor_setup.c ── */

int setup_tables(struct providers *ps, struct policy *policy, struct err *e);
/* Keys that a command tells are told by the supervisor, since a worker executes nothing. Without one its provider fails, and no other. */
void setup_keys(const struct supervisor *v, struct providers *ps);
int setup(struct supervisor *v, struct err *e);

/* ── supervisor_command.c ── */

/* 1: this is the command's process. */
int command_start(struct supervisor *v, struct err *e);
/* It has ended so. */
void command_ended(struct supervisor *v, int wait_status);
/* Returns only where it can't be executed: v->status is 126 or 127. */
int command_be(struct supervisor *v, struct err *e);

/* ── supervisor.c ── */

void supervisor_warn(const struct supervisor *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void supervisor_note(const struct supervisor *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Standard input and output become /dev/null: whoever is at their other ends waits for somebody else. */
void supervisor_let_go(void);
/* fork(); in the child, of that role: 1. -1 and ERR_SYSTEM. */
int supervisor_fork(struct supervisor *v, enum role role, pid_t *pid, struct err *e);

#endif
