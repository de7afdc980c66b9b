/* SPDX-License-Identifier: ISC */
/* chat: or-chat's run, as its files share it. */
#ifndef CHAT_H
#define CHAT_H

#include "booking.h"
#include "chat_args.h"
#include "conv.h"
#include "json.h"
#include "market.h"
#include "names.h"
#include "out.h"
#include "policy.h"
#include "prompt.h"
#include "providers.h"
#include "talk.h"

#define CHAT_MAX_WARNINGS 8

struct chat {
	struct chat_args a;
	int closed; /* descriptors that were closed at the start */
	struct providers providers;
	struct policy policy;
	const struct preset *preset; /* that the request lies over; NULL */
	struct names names;
	struct market market;
	struct booking *booking;
	struct buf asked; /* the chain, for the ledger */
	int keep_model;   /* the request's own model names stay as they are */
	struct conv conv; /* -c */
	struct out out;   /* -o, or standard output */
	int meta_fd;      /* -M; -1: none */
	struct prompt_spec prompt_spec;
	struct buf prompt, system, parts, base, schema_text;
	struct buf first_lines; /* what a conversation gains before the answer: {system,} user */
	struct buf request;     /* canonical */
	struct json schema;
	int64_t start_ms; /* tm_mono_ms() when the run began: -w counts from there */
	struct loop *loop;
	struct talk talk;
	int talked; /* a call was made */
	char *warning[CHAT_MAX_WARNINGS];
	size_t n_warning;
};

/* A warning goes to stderr (unless -q) and into the metadata. */
void chat_warn(struct chat *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

int chat_load_tables(struct chat *c, struct err *e);
/* Everything that comes from files, operands and standard input. */
int chat_read_input(struct chat *c, struct err *e);
int chat_choose_models(struct chat *c, struct err *e);
/* The candidates in their order. Part of chat_build_request. */
int chat_plan(struct chat *c, struct err *e);
int chat_build_request(struct chat *c, struct err *e);
/* -h, -V and the option table. */
int chat_print_help(struct chat *c, struct err *e);
/* -M: opened before anything else, written last. */
int chat_open_meta(struct chat *c, struct err *e);
void chat_write_meta(struct chat *c, struct err *e);
/* Reasoning as it comes, for -v. */
void chat_show_reasoning(void *arg, const char *p, size_t n);
/* After the call: what -v tells of the answer, and what the metadata warn of. */
void chat_report(struct chat *c);
/* -n. */
int chat_print_request(struct chat *c, struct err *e);

#endif
