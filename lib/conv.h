/* SPDX-License-Identifier: ISC */
/*
 * conv: a conversation that is a file: one chat message a line, as JSON.
 *
 * It is created if missing and locked from reading to appending, so that two runs on one file take turns.
 */
#ifndef CONV_H
#define CONV_H

#include <stddef.h>

#include "buf.h"

struct err;

#define CONV_MAX (64 * 1024 * 1024) /* bytes of a conversation */

struct conv {
	int fd;
	const char *path;    /* borrowed */
	struct buf messages; /* "{...},{...}": the messages so far, without brackets */
	size_t n;
	char *system; /* owned: text of the first line where that is a system message; NULL */
};

#define CONV_INIT \
	{ \
		-1, NULL, BUF_INIT, 0, NULL \
	}

/* only_read: nothing is created, locked or to be appended; a missing file is an empty conversation. ERR_DATA with the line's number on a line that is no message; ERR_CANTCREATE, ERR_NOINPUT, ERR_IO. Waits for the lock. */
int conv_open(struct conv *c, const char *path, int only_read, struct err *e);
/* Appends lines (each one JSON object with its LF) in one write. */
int conv_append(struct conv *c, const char *lines, size_t n, struct err *e);
void conv_release(struct conv *c);

#endif
