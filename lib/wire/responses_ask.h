/* SPDX-License-Identifier: ISC */
/* responses_ask: a Responses request on its way to its canonical form. Private to lib/wire/responses_*.c. */
#ifndef RESPONSES_ASK_H
#define RESPONSES_ASK_H

struct err;
struct front_ask;
struct json;
struct jsonw;
struct losses;

struct responses_ask {
	const struct json *j; /* the request */
	const struct front_ask *ask;
	struct losses *lost;
	struct err *err;
	const char *list; /* for messages: "input", "tools" */
	int at;           /* and the number of the element in hand */
};

/* Is the member there, and not null? */
int responses_has(const struct responses_ask *a, int node, const char *key);
/* ERR_DATA "input[3]: why". Returns -1. */
int responses_bad(struct responses_ask *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* It has no canonical form: -1 and ERR_DATA "input[3]: items of type x", or 0, and it is listed as lost. */
int responses_refuse(struct responses_ask *a, const char *what, int node);

/* responses_past.c. The input as messages. 0/-1. */
int responses_past(struct responses_ask *a, struct jsonw *w);

#endif
