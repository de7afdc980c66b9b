/* SPDX-License-Identifier: ISC */
/*
 * scribe: the process that keeps the gateway's ledger: bookings of all workers, in batches of one transaction each; the keys; what is asked about
 * either. It also runs errands that may block (lists of models), each in a child of its own.
 *
 * A worker whose line ends is booked from its spool, too, then its open calls are settled at their reservations. So are spools that a gateway
 * left behind which was killed. It ends when the supervisor's line does, after everything was
 * booked.
 */
#ifndef SERVE_SCRIBE_H
#define SERVE_SCRIBE_H

#include <stdint.h>

struct err;
struct providers;

struct scribe_spec {
	int control;                 /* the supervisor's end: what scribe_send_... says; its end is ours */
	struct providers *providers; /* for errands; borrowed */
	const char *path;            /* of the ledger; NULL: none is kept, and what would be written is dropped */
	void (*on_warning)(const char *text);
	void (*on_ready)(void); /* before the first message is read; may be NULL: here rights are dropped */
};

/* Runs until its end. */
int scribe_run(const struct scribe_spec *s, struct err *e);
/* For the supervisor: hands a worker's end to the scribe, and says which spool (spool.h) is that worker's; 0: it has none. */
int scribe_send_worker(int control, int fd, uint64_t spool, struct err *e);
/* And that there may be spools whose workers are gone. */
void scribe_send_look(int control);

#endif
