/* SPDX-License-Identifier: ISC */
/*
 * provider_set: a provider's key kept in a file of its own, and the row of one's own table that names this file.
 *
 * Written are keys/NAME (mode 0600, in directories of 0700) and `providers`, both in the first directory of tables. Each is replaced whole and is on the disk
 * before the next step, the key first: whatever ends the run, the table names a key that is there. Runs at the same time wait for each other.
 */
#ifndef PROVIDER_SET_H
#define PROVIDER_SET_H

#include <stddef.h>

struct buf;
struct err;

#define PROVIDER_KEY_MAX ((size_t)16 * 1024) /* bytes of a key */

/* Where it all went, as a person writes it: with ~/ where that is shorter. */
struct provider_set {
	char *key_file, *table;
};

/* Is there a row of this name that can take a key? ERR_USAGE, with names that are near, or with what a row looks like; ERR_CONFIG: a bad table. */
int provider_set_check(const char *name, struct err *e);
/* Writes the key, of n bytes, and the row: the one in the table with only its key replaced, every other byte kept; else a line at the table's end, made of
 * the row that holds now (another directory's, or a built-in one). ERR_DATA: no key, one line of printable ASCII without blanks. ERR_CANTCREATE, ERR_IO;
 * ERR_CONFIG: a path that no table can hold. No message holds the key. done: filled on success, for the caller to release. */
int provider_set_key(const char *name, const char *key, size_t n, struct provider_set *done, struct err *e);
void provider_set_release(struct provider_set *done);

#endif
