/* SPDX-License-Identifier: ISC */
/* bedrock_in: a request to Converse while it becomes a canonical one. For lib/wire/bedrock_*.c only. */
#ifndef BEDROCK_IN_H
#define BEDROCK_IN_H

#include "json.h"
#include "jsonw.h"
#include "wire/bedrock.h"
#include "wire/front.h"

struct bedrock_in {
	const struct front_ask *ask;
	const struct json *j; /* the request */
	struct jsonw w;
	struct losses *lost;
	struct err *err;
	int failed;         /* err says why */
	int message;        /* number of the message in hand, for errors */
	struct buf scratch; /* a text on its way */
};

/* bedrock_turns.c: system and messages; fills in->failed. */
void bedrock_turns(struct bedrock_in *in);
/* What is no request of the format: ERR_DATA. What has no canonical form: listed, or ERR_DATA. */
void bedrock_in_bad(struct bedrock_in *in, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void bedrock_in_refuse(struct bedrock_in *in, const char *what);
/* Lists the members of an object that aren't in known (NULL-terminated), with `where` in front. */
void bedrock_in_lose_others(struct bedrock_in *in, int node, const char *where, const char *const *known);
void bedrock_in_raw(struct bedrock_in *in, const char *key, int node);
void bedrock_in_word(struct bedrock_in *in, const char *key, const char *s);
/* A member that is an array; it is left out where it would be empty. */
struct bedrock_in_list {
	size_t before, start; /* bytes of the output in front of the key, and of the first element */
	int comma;
};
void bedrock_in_open_list(struct bedrock_in *in, struct bedrock_in_list *l, const char *key);
void bedrock_in_close_list(struct bedrock_in *in, const struct bedrock_in_list *l);
/* cache_control as a cachePoint has it. */
void bedrock_in_cache(struct bedrock_in *in, int point);

/* bedrock_in_parts.c. list: the blocks that it stands among. */
void bedrock_in_part(struct bedrock_in *in, int list, int block);
void bedrock_in_open_part(struct bedrock_in *in, const char *type);
/* image_url or video_url. point: a cachePoint behind it, or -1. */
void bedrock_in_url_part(struct bedrock_in *in, int media, enum bedrock_media m, const char *type, int point);
/* A block of a kind that is unknown, or has no place here. */
void bedrock_in_other(struct bedrock_in *in, int block);
/* The cachePoint that follows a block and belongs to it, or -1. */
int bedrock_in_point(const struct bedrock_in *in, int list, int block);

#endif
