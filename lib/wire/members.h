/* SPDX-License-Identifier: ISC */
/* members: several members of an object, found in one pass over its keys. Pure. */
#ifndef MEMBERS_H
#define MEMBERS_H

#include <stddef.h>

struct buf;
struct json;

struct member {
	const char *key; /* without characters that JSON escapes */
	unsigned len;
	enum { MEMBER_KNOWN, MEMBER_PASSES_STRING, MEMBER_PASSES } passes; /* is it among the others, too? */
};

#define MEMBER(s) \
	{ \
		s, sizeof(s) - 1, MEMBER_KNOWN \
	}
#define MEMBER_STRING(s) \
	{ \
		s, sizeof(s) - 1, MEMBER_PASSES_STRING \
	}
#define MEMBER_TOO(s) \
	{ \
		s, sizeof(s) - 1, MEMBER_PASSES \
	}

/* out[i]: the value of the first member called m[i], as json_get gives it; -1 where there is none or the node is no object. */
void members_find(const struct json *j, int node, const struct member *m, size_t n, int *out);

/* The same, and appends the other members to a text (more.h), unless that is NULL. */
void members_split(const struct json *j, int node, const struct member *m, size_t n, int *out, struct buf *rest);

#endif
