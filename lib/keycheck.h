/* SPDX-License-Identifier: ISC */
/*
 * keycheck: do the keys of providers work? Each provider is asked once, at no cost, all of them at the same time.
 *
 * What is asked is the list of models, with the key. Where that is public or isn't there, it is what only an owner of the key can see and the provider
 * documents: OpenRouter's own word on the key, a balance, or a list of one's own. Where there is nothing of the kind, a key stays unchecked.
 *
 * Sources: the API references of OpenRouter (GET /key), DeepSeek (GET /user/balance), Moonshot (GET /users/me/balance), Perplexity (GET /v1/async/sonar),
 * Voyage (GET /files).
 */
#ifndef KEYCHECK_H
#define KEYCHECK_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct json;
struct provider;

enum keycheck_state {
	KEYCHECK_OK,
	KEYCHECK_UNCHECKED,   /* nothing that could be asked tells */
	KEYCHECK_UNREACHABLE, /* no answer came */
	KEYCHECK_ERROR,       /* an answer that says nothing about the key: 5xx, 429, no list of models */
	KEYCHECK_REJECTED,
	KEYCHECK_NOKEY /* no key, or a row that is bad for it */
};

#define KEYCHECK_USD 48 /* bytes of an amount */

struct keycheck {
	struct provider *p; /* borrowed */
	enum keycheck_state state;
	int64_t ms; /* until the answer was whole; -1: nothing was asked */
	char remaining[KEYCHECK_USD], limit[KEYCHECK_USD],
	    used[KEYCHECK_USD]; /* decimal dollars, maybe negative; "": not told */
	char message[512];      /* one line for people: why not, or what else is known; "" */
	char *url;              /* that was asked, without a key; owned; NULL: none */
};

struct keycheck_limits {
	int64_t connect_ms, idle_ms, total_ms; /* as the command line has them, over those of the row; 0: unsaid */
	size_t parallel;                       /* most checks at the same time, at least 1 */
};

/* Checks v[0] to v[n - 1], whose p are set and whose other members are filled. What fails is in them; -1 only where there is no loop, or a signal came. */
int keycheck_run(struct keycheck *v, size_t n, const struct keycheck_limits *limits, struct err *e);
void keycheck_release(struct keycheck *v, size_t n);
/* A word: "ok", "rejected", ... Static. */
const char *keycheck_word(enum keycheck_state s);
/* What a key in this state stands for: 0, 69, 77 or 78. */
int keycheck_status(enum keycheck_state s);
/* Appends what the key is called, and never a key or a command: a variable's name, file:PATH, cmd:, aws:PROFILE, none. */
void keycheck_key_name(const struct provider *p, struct buf *b);

/* What the providers tell, in keycheck_told.c: fills amounts and message from an answer. -1 with ERR_PROTOCOL where it isn't what they document. */
int keycheck_told_openrouter(struct keycheck *k, const struct json *j, struct err *e);
int keycheck_told_deepseek(struct keycheck *k, const struct json *j, struct err *e);
int keycheck_told_moonshot(struct keycheck *k, const struct json *j, struct err *e);
int keycheck_told_list(struct keycheck *k, const struct json *j, struct err *e);

#endif
