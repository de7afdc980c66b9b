/* SPDX-License-Identifier: ISC */
/* responses_out: the output items of an answer on its way out in the Responses format. Private to lib/wire/responses_*.c. */
#ifndef RESPONSES_OUT_H
#define RESPONSES_OUT_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "json.h"

struct answer_choice;
struct answer_piece;
struct err;
struct event;
struct front_answer;
struct jsonw;

enum responses_out_kind {
	RESPONSES_OUT_MESSAGE,  /* one part: text, or a refusal */
	RESPONSES_OUT_THOUGHTS, /* reasoning details */
	RESPONSES_OUT_PLAIN,    /* reasoning without details */
	RESPONSES_OUT_CALL,
	RESPONSES_OUT_IMAGE
};

/* An item, as slices of what a->answer has of the first choice: [from, to) of its text, refusal, reasoning or images (bytes), of its
 * details, or the call `from`. */
struct responses_out_item {
	enum responses_out_kind kind;
	int refusal;        /* a message's: it is one */
	int is_open;        /* of a stream: it goes on */
	const char *status; /* with which it ended; NULL: it hasn't */
	size_t from, to;
	size_t note, note_end; /* annotations */
	size_t prob, prob_end; /* logprobs */
	size_t n_notes;        /* annotations sent */
	char *id;              /* owned; in a stream the one it began with */
};

struct responses_out {
	struct responses_out_item *item;
	size_t n, cap;
	/* of a stream: */
	int64_t sequence;
	int started;
	size_t current;           /* the message or the reasoning that is open; SIZE_MAX: none */
	size_t n_detail;          /* details seen */
	size_t note, prob;        /* bytes of annotations, of logprobs before the event in hand */
	const char *part;         /* of the reasoning in hand: "summary" or "text"; NULL: none is open */
	size_t n_summary, n_text; /* parts begun of it */
	struct buf part_text;     /* of the part */
	struct buf held;          /* plain reasoning whose details may follow */
	size_t held_from;
	int plain;       /* none will */
	struct buf head; /* what stands before the text in the deltas of `head_item` */
	size_t head_item;
};

/* The first choice, empty where nothing came for it. Borrowed. */
const struct answer_choice *responses_choice(const struct front_answer *a);
/* The state of a; made when it's first asked for. */
struct responses_out *responses_out(struct front_answer *a);
void responses_out_release(struct front_answer *a);

/* A new item, without content. Valid until the next is added. */
struct responses_out_item *responses_out_add(struct front_answer *a, enum responses_out_kind kind);
/* All items of an answer that is whole. */
void responses_out_all(struct front_answer *a);
/* May detail k go into the item that ends in detail k - 1? */
int responses_out_joins(struct front_answer *a, size_t from, size_t k);
/* An item of details is called what its first one is, if that has an id. */
void responses_out_name(struct front_answer *a, struct responses_out_item *it);
/* A detail put together, parsed; text is what j borrows. */
void responses_out_detail(const struct answer_piece *p, struct json *j, struct buf *text);
/* A message's part, and its list of logprobs. */
void responses_out_part(struct front_answer *a, struct jsonw *w, const struct responses_out_item *it);
void responses_out_probs(struct front_answer *a, struct jsonw *w, const struct responses_out_item *it);
/* An item. status: "in_progress" writes it empty. */
void responses_out_item(struct front_answer *a, struct jsonw *w, size_t i, const char *status);

/* responses_front.c. The response object; without items and usage where it has just begun. failed: what of; NULL: it hasn't. */
void responses_object(struct front_answer *a, struct jsonw *w, const char *status, int items, const struct err *failed);
/* completed or incomplete, by the finish reason. */
const char *responses_status(const struct front_answer *a);
/* Lists what the format has no place for: that there are calls is all it says of calls as a reason. */
void responses_lose(struct front_answer *a);
/* OpenAI's word for an error. */
const char *responses_code(const struct err *e);

/* responses_stream.c. An event; about a part of item i; what is in the part. */
void responses_open(struct front_answer *a, struct jsonw *w, struct buf *out, const char *type);
void responses_part_event(
    struct front_answer *a, struct jsonw *w, struct buf *out, const char *type, size_t i, size_t part, int summary);
void responses_part_object(struct jsonw *w, const char *type, const char *key, const char *s, size_t n, int is_text);
void responses_close(struct jsonw *w);
/* The message or the reasoning that is open ends, and another takes its place; responses_added() tells of it when it's filled in. */
struct responses_out_item *responses_begin(struct front_answer *a, struct buf *out, enum responses_out_kind kind);
void responses_added(struct front_answer *a, struct buf *out, size_t i);
void responses_event(struct front_answer *a, const struct event *ev, struct buf *out);
void responses_end(struct front_answer *a, struct buf *out);

/* responses_thoughts.c */
void responses_reasoning(struct front_answer *a, const struct event *ev, struct buf *out);
/* Gives what waits to be seen whether details follow. */
void responses_flush(struct front_answer *a, struct buf *out);
/* The part of item i that is open, if one is, ends. */
void responses_end_part(struct front_answer *a, struct buf *out, size_t i);

#endif
