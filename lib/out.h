/* SPDX-License-Identifier: ISC */
/*
 * out: where a tool's data go, and whether they arrived. Front end: only cmd/ includes it.
 *
 * A regular or new file given by -o is written beside its target (links followed, mode kept) and renamed when the run ends well; else what
 * came, if anything, is FILE.partial. Anything else is written straight. Every write is checked.
 */
#ifndef OUT_H
#define OUT_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct err;

struct out {
	int fd;
	char *target;     /* owned: the real path behind -o, when it is replaced at the end; else NULL */
	char *partial;    /* owned: where it is written meanwhile */
	const char *name; /* for messages; borrowed */
	int tty;          /* control bytes are taken out */
	int64_t until_ms; /* tm_mono_ms() after which a write that blocks is given up; 0: never */
	int gone;         /* the reader went away */
	size_t n_bytes;   /* written so far */
	int (*signalled)(
	    void); /* has a signal come that ends the run? Asked when a write was interrupted; may be NULL */
	struct buf clean;
};

#define OUT_INIT \
	{ \
		.fd = -1, .name = "standard output", .clean = BUF_INIT \
	}

/* Makes sure that descriptors 0 to 2 are open (a file opened later must not become one of them) and that SIGPIPE doesn't kill. Returns
 * a mask: bit n: descriptor n was closed. Called first in main. */
int out_prepare(void);
/* path NULL or "-": standard output. ERR_CANTCREATE, or ERR_IO where standard output is closed. */
int out_open(struct out *o, const char *path, int closed, struct err *e);
/* Writes are given up ms from now (ERR_DEADLINE): a reader that stops reading mustn't hold up a deadline. Uses SIGALRM. */
void out_deadline(struct out *o, int64_t ms);
/* ERR_IO on failure; a reader that went away is ERR_SIGNAL with SIGPIPE where that isn't ignored. */
int out_write(struct out *o, const char *p, size_t n, struct err *e);
/* Opens a file for appending. /dev/stderr and /dev/fd/N are that very descriptor, not the file behind it opened anew, whose offset
 * would be another one. -1: errno. */
int out_append(const char *path);
/* Writes one line in one write; where a file has no room for all of it, the part is taken back. ERR_IO. */
int out_line(int fd, const char *p, size_t n, const char *name, struct err *e);
/* Fills e for a reader that went away: ERR_SIGNAL with SIGPIPE, or ERR_IO where that is ignored. */
void out_gone(struct out *o, struct err *e);
/* Ends it: ok renames, else FILE.partial stays (an empty one is removed). *kept: it was left there. */
int out_close(struct out *o, int ok, int *kept, struct err *e);
void out_release(struct out *o);
/* Do two paths name one regular file? NULL names none. */
int out_same_file(const char *a, const char *b);
/* Ends the process at once: everything was written with write(2), and the exit handlers of libcurl's thirty libraries
 * cost half a millisecond for nothing. (With sanitizers: exit(), which looks for leaks.) */
void out_exit(int status) __attribute__((noreturn));
/* Raises signal sig with its default action, as whoever waits for us expects. Returns where it can't die of it. */
void out_die(int sig);

#endif
