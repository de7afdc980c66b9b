/* SPDX-License-Identifier: ISC */
/*
 * jsonedit: change members of a JSON text and leave every other byte as it was. Pure.
 *
 * Edits are collected by path ("provider.max_price.prompt": objects only; missing ones are created) and applied in one pass by
 * jsonedit_write. A later edit of the same path replaces the earlier one; an edit below a path that was set descends into the new
 * value. A member that is new goes to the end of its object. Where a key stands twice, both are.
 */
#ifndef JSONEDIT_H
#define JSONEDIT_H

#include <stddef.h>

struct buf;
struct err;
struct json;

struct jsonedit {
	struct jsonedit *next;  /* sibling */
	struct jsonedit *child; /* edits inside this member */
	char *key;              /* owned, decoded */
	char *raw;              /* owned JSON value; NULL with removed == 0: only the children count */
	size_t len;
	int removed;
};

#define JSONEDIT_INIT \
	{ \
		NULL, NULL, NULL, NULL, 0, 0 \
	}

void jsonedit_release(struct jsonedit *e);
/* raw must be valid JSON; it is copied. */
void jsonedit_set(struct jsonedit *e, const char *path, const char *raw, size_t len);
void jsonedit_set_str(struct jsonedit *e, const char *path, const char *s);
void jsonedit_unset(struct jsonedit *e, const char *path);
/* Was this path set (and to what)? NULL if not. Borrowed. */
const char *jsonedit_find(const struct jsonedit *e, const char *path, size_t *len);
/* Appends the edited text of j, whose root must be an object; white space around it is left out. ERR_DATA where a path runs through something else. */
int jsonedit_write(const struct jsonedit *e, const struct json *j, struct buf *out, struct err *err);

#endif
