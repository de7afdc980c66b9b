/* SPDX-License-Identifier: ISC */
/*
 * models: rows of a catalog: parse, select, sort. Pure.
 *
 * Sources: OpenRouter's GET /models and /models/{id}/endpoints; lists of OpenAI's form and its dialects (Mistral, Groq, Together,
 * vLLM, llama.cpp, Anthropic), of Gemini's and of Ollama's: they differ in the names of the fields, not in their meaning.
 */
#ifndef MODELS_H
#define MODELS_H

#include <stddef.h>
#include <stdint.h>

#include "json.h"
#include "price.h"

struct buf;
struct err;

#define MODELS_MAX 100000 /* rows of a list */

struct model {
	char *id;                   /* "author/slug:variant", or a provider's native id; an endpoint's tag */
	int64_t created;            /* seconds since 1970; 0: unknown */
	int64_t context;            /* tokens; 0: unknown */
	int64_t max_output;         /* tokens; 0: unknown */
	price_t prompt, completion; /* base prices */
	int priced;                 /* the list says something about its price */
	size_t at, len;             /* its object in the text */
};

struct models {
	const char *text; /* borrowed */
	struct model *v;
	size_t n, cap;
	int endpoints;                        /* the rows are one model's endpoints */
	size_t modalities_at, modalities_len; /* that model's input modalities in the text; 0, 0: none */
	struct json row;                      /* the object that was looked into last */
	const struct model *row_of;           /* and whose it is; NULL */
};

#define MODELS_INIT \
	{ \
		NULL, NULL, 0, 0, 0, 0, 0, JSON_INIT, NULL \
	}

struct models_select {
	char *const *glob;                  /* patterns over the whole id, any may match */
	size_t n_glob;                      /* 0: all */
	price_t max_prompt, max_completion; /* PRICE_UNKNOWN: no cap. Unknown prices don't pass a cap */
	int64_t min_context;                /* tokens; an unknown context doesn't pass, save 0 */
	const char *needs; /* "tools,image": parameters and input modalities, all of them; NULL: none */
};

/* {"data":[...]}, {"models":[...]} or a bare array of objects with an id (or name); rows without one are left out. One model's endpoints:
 * {"data":{"endpoints":[...]}}. text must outlive ms. ERR_PROTOCOL where it is no such list, or has over MODELS_MAX rows. */
int models_parse(struct models *ms, const char *text, size_t len, struct err *e);
void models_release(struct models *ms);

/* The rows again, without reading the text: an index is written beside a text that was parsed, and kept with it. Not for endpoints. */
void models_index(const struct models *ms, struct buf *out);
/* -1 where it is no index of a text of that length. */
int models_from_index(struct models *ms, const char *index, size_t n, const char *text, size_t len);

/* Gives the rows that say nothing about prices these ones. */
void models_default_price(struct models *ms, price_t prompt, price_t completion);

/* The row with this id or canonical slug, or NULL. Borrowed. */
const struct model *models_find(struct models *ms, const char *id);
/* Its object, parsed: node 0; empty where the text was no JSON. Borrowed until the next call of a function that takes a row. */
const struct json *model_json(struct models *ms, const struct model *m);
/* All prices of a row, the conditional ones too. */
int model_pricing(struct models *ms, const struct model *m, struct pricing *p, struct err *e);
/* Does it take this parameter or input modality? Unsaid is no. */
int model_takes(struct models *ms, const struct model *m, const char *need, size_t n);
/* Keeps the rows that qualify, in order. ERR_USAGE on an empty need. */
int models_filter(struct models *ms, const struct models_select *sel, struct err *e);

enum models_order { MODELS_BY_ID, MODELS_BY_PRICE, MODELS_BY_TIME };
/* By price: cheapest prompt first, then completion; by time: newest first; then by id, bytewise. Reverse turns that around; rows
 * whose price or time is unknown stay last, by id. */
void models_sort(struct models *ms, enum models_order order, int reverse);

/* Keeps the first max rows. */
void models_limit(struct models *ms, uint64_t max);

/* Appends up to max ids that are like this one (they hold it, or a few letters differ), nearest first: "a, b, c". Returns how many. */
size_t models_near(const struct models *ms, const char *id, size_t max, struct buf *out);

#endif
