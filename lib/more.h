/* SPDX-License-Identifier: ISC */
/*
 * more: members of an answer that nobody here knows, kept as they came for a client of the same format. Pure.
 *
 * A text of them is what stands between an object's braces, `"a":1,"b":[2]`, on one line.
 */
#ifndef MORE_H
#define MORE_H

#include <stddef.h>

struct buf;
struct json;
struct jsonw;

enum more_of { MORE_ANSWER, MORE_CHOICE, MORE_MESSAGE, MORE_CALL, MORE_FUNCTION, MORE_LOGPROBS, N_MORE };

/* Those that came with an event, by what they are members of. Borrowed; n 0: none. */
struct more {
	const char *s[N_MORE];
	size_t n[N_MORE];
};

/* Appends the member of this key to a text. */
void more_take(const struct json *j, int key, struct buf *to);
/* Adds a text to a text. Members take the place of those of the same name; where both are long, the new text takes that of the old. */
void more_add(struct buf *to, const char *s, size_t n);
/* Appends a text to the object that is being written. */
void more_write(struct jsonw *w, const char *s, size_t n);
/* Has a text a member of this name? */
int more_has(const char *s, size_t n, const char *name);

#endif
