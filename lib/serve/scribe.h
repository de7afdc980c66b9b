/* SPDX-License-Identifier: ISC */
/*
 * scribe: the process that keeps the gateway's ledger: bookings of all workers, in batches of one transaction each; the keys; what is asked about
 * either. It also runs errands that may block (lists of models), each in a child of its own.
 *
 * A worker whose line ends has its open calls settled at their reservations. It ends when the supervisor's line does, after everything was
 * booked.
 */
#ifndef SERVE_SCRIBE_H
#define SERVE_SCRIBE_H

struct err;
struct providers;

struct scribe_spec {
	int control; /* the supervisor's end: each message on it carries the descriptor of a new worker's line (SCM_RIGHTS); its end is ours */
	struct providers *providers; /* for errands; borrowed */
	const char *path;            /* of the ledger; NULL: none is kept, and what would be written is dropped */
	void (*on_warning)(const char *text);
	void (*on_ready)(void); /* before the first message is read; may be NULL: here rights are dropped */
};

/* Runs until its end. */
int scribe_run(const struct scribe_spec *s, struct err *e);
/* Hands a worker's end to the scribe: for the supervisor. */
int scribe_send_fd(int control, int fd, struct err *e);

#endif
