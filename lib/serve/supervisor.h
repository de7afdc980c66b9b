/* SPDX-License-Identifier: ISC */
/*
 * supervisor: the gateway's first process: it opens the sockets, looks up keys that are commands, forks the scribe and the workers, and sees that they
 * live. It answers nobody itself.
 */
#ifndef SERVE_SUPERVISOR_H
#define SERVE_SUPERVISOR_H

#include <stddef.h>
#include <stdint.h>

#include "serve/app.h"

struct err;

#define SUPERVISOR_MAX_WORKERS 32 /* with those that drain after a reload, SHARED_WORKERS */

struct supervisor_spec {
	struct app_options app; /* limits: of all workers together; run_key and open_to_all are found here */
	const char *listen;     /* NULL: systemd's socket, else 127.0.0.1:8787; with a command 127.0.0.1:0 */
	size_t workers;
	int64_t drain_ms; /* -w: how long running requests may take after SIGTERM; 0: any time */
	int log_json, quiet;
	char **command; /* NULL: none */
	int check;      /* only look whether the tables are well */
	/* It listens, at this URL; not called for a command. -1: it ends with that error. */
	int (*on_listening)(const char *url, struct err *e);
	void (*on_note)(const char *text);           /* what happens, for people; NULL: nobody wants to know */
	void (*on_warning)(const char *text);        /* for people; by any of the processes */
	void (*on_line)(const char *line, size_t n); /* of the log, with its LF; by any worker */
};

/*
 * Runs until its end. It returns in each of the processes, which are to end then, without running what another one began: e and *status tell
 * how. *status: 0; the command's; of a command that can't be executed 126 or 127, beside e. *raise: the signal that the command died of, or that
 * cut requests short: to be raised again; 0: none.
 */
int supervisor_run(const struct supervisor_spec *s, int *status, int *raise, struct err *e);

#endif
