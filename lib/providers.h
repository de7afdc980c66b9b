/* SPDX-License-Identifier: ISC */
/*
 * providers: the table of providers (files, then what is built in), their keys, and aliases. See orutils-tables(5).
 *
 * A row is known before its key: keys are looked up only when that provider is called. To list the providers, walk v[0]
 * to v[n - 1]: the user's rows in their order, then the built-in ones that the user's don't replace.
 */
#ifndef PROVIDERS_H
#define PROVIDERS_H

#include <stddef.h>
#include <stdint.h>

#include "price.h"

struct buf;
struct err;

/* Where a key goes: `Authorization: Bearer`, the headers x-api-key, api-key and x-goog-api-key, the query's key=. */
enum provider_auth { AUTH_BEARER, AUTH_X_API_KEY, AUTH_API_KEY, AUTH_QUERY, AUTH_NONE, AUTH_X_GOOG_API_KEY };

struct provider_map { /* map=author/slug=native-id */
	char *model, *id;
};

/* What a request to Amazon is signed with beside the secret; set when the key was looked up. */
struct provider_aws {
	char *id;     /* of the access key; NULL: the secret is a bearer token, or there is none */
	char *token;  /* of a session, or NULL */
	char *region; /* region=, else AWS_REGION, AWS_DEFAULT_REGION, the profile's; NULL: none of them says */
};

struct provider {
	char *name;              /* "openrouter" */
	char *wire;              /* "openai", "mock", ...: a known word, not necessarily one that is built */
	char *base;              /* base URL without a trailing slash; "" for mock */
	char *slug;              /* OpenRouter's slug of this provider, or NULL */
	char *model;             /* default model of this provider, or NULL */
	char *key;               /* "env:NAME", "file:PATH", "cmd:COMMAND", "aws:PROFILE", "none" */
	char *path;              /* path= : replaces the wire's own path; begins with /; or NULL */
	char *region;            /* region= ; or NULL */
	enum provider_auth auth; /* as auth= says, else the wire's own way; AUTH_NONE where the key is none */
	char **header;           /* header=Name:value, as "Name: value" */
	size_t n_header;
	char **query; /* query=k=v, as written */
	size_t n_query;
	struct provider_map *map;
	size_t n_map;
	price_t prompt, completion; /* price= ; PRICE_UNKNOWN: unsaid */
	int zdr, train;             /* 1 yes, 0 no, -1 unsaid (taken as: not zero-retention, trains) */
	int64_t connect_ms, first_ms, idle_ms, total_ms; /* 0: unsaid */
	int user;                                        /* 1: from the user's table, or OR_GATEWAY's; 0: built in */
	int64_t until_ms; /* tm_mono_ms() after which the key's command is given up; 0: never */
	char *secret;     /* the key once it was looked up; NULL: not yet */
	struct provider_aws aws;
	int key_failed; /* cmd: ran and failed: not run again */
};

struct alias {
	char *name;
	char **model;
	size_t n_model;
};

struct providers {
	struct provider *v;
	size_t n, cap;
	struct alias *alias;
	size_t n_alias, cap_alias;
};

#define PROVIDERS_INIT \
	{ \
		NULL, 0, 0, NULL, 0, 0 \
	}

/* Reads the tables; *_BASE_URL variables override their rows; OR_GATEWAY replaces all rows by the one named "gateway".
 * ERR_CONFIG with file and line on a bad one; ps is empty then. No value of a line is in a message: it may be a
 * misplaced key. */
int providers_load(struct providers *ps, struct err *e);
void providers_release(struct providers *ps);
/* The row of that name (n bytes), or NULL. Borrowed. */
struct provider *providers_get(struct providers *ps, const char *name, size_t n);
/* OpenRouter's row, whose catalog all prices come from; NULL. Borrowed. */
struct provider *providers_router(struct providers *ps);
/* Does it choose an endpoint itself, by the request's `provider` object: OpenRouter, or OR_GATEWAY's? */
int provider_routes(const struct provider *p);
/* Is it configured: does its key variable hold something, or does the user's table have it? Runs nothing. */
int provider_configured(const struct provider *p);
/* ERR_CONFIG where a variable that its base URL is made of isn't set. */
int provider_ready(const struct provider *p, struct err *e);
/* Looks the key up (p->secret, "" for none), once. ERR_NOKEY says where it was looked for; ERR_CONFIG: others can read
 * its file, or its row is wrong for it; ERR_SIGNAL: SIGINT ended its command. For the wire bedrock p->aws is filled in too. A key itself
 * is in no message. Blocks while a command runs. */
int provider_key(struct provider *p, struct err *e);
/* Appends what carries the key that was looked up, where there is one: a header line "Name: value\n", or the URL's query. */
void provider_auth(const struct provider *p, struct buf *header, struct buf *url);
/* Takes the key out of a text that came from this provider: some repeat it in their errors. A text that was cut may end in a part of it. */
void provider_hide_secret(const struct provider *p, char *text);
/* The native id that map= gives for a logical model, or NULL. Borrowed. */
const char *provider_map_id(const struct provider *p, const char *model);

/* Expands aliases in a chain "a,b,c" (aliases of aliases too; a loop is ERR_CONFIG). A name that comes up again is not
 * repeated. An empty name is ERR_USAGE. names[] is owned by the caller, NULL-terminated; NULL on failure. */
char **providers_expand(struct providers *ps, const char *chain, struct err *e);
void names_free(char **names);

#endif
