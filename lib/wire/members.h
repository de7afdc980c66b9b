/* SPDX-License-Identifier: ISC */
/* members: several members of an object, found in one pass over its keys. Pure. */
#ifndef MEMBERS_H
#define MEMBERS_H

#include <stddef.h>

struct json;

struct member {
	const char *key; /* without characters that JSON escapes */
	size_t len;
};

#define MEMBER(s) \
	{ \
		s, sizeof(s) - 1 \
	}

/* out[i]: the value of the first member called m[i], as json_get gives it; -1 where there is none or the node is no object. */
void members_find(const struct json *j, int node, const struct member *m, size_t n, int *out);

#endif
