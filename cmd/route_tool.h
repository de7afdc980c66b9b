/* SPDX-License-Identifier: ISC */
/* route_tool: or-route's run, as its files share it. */
#ifndef ROUTE_TOOL_H
#define ROUTE_TOOL_H

#include <stdint.h>

#include "err.h"
#include "json.h"
#include "out.h"
#include "policy.h"
#include "providers.h"
#include "router.h"

struct health;

enum route_form { ROUTE_REQUESTS, ROUTE_TABLE, ROUTE_IDS };

struct route_args {
	const char *model, *provider, *output, *tag;
	char **operand;
	size_t n_operand;
	enum route_form form;
	struct route_policy cut;
	uint64_t limit; /* places; 0: all */
	uint64_t max_input;
	int seeded, strict_utf8, quiet, verbose;
	int64_t seed;
	int about; /* 'h', 'V' or the dump of the options */
};

struct route_run {
	struct route_args a;
	int closed; /* descriptors that were closed at the start */
	struct providers providers;
	struct policy policy;
	struct health *health;
	struct router *router;
	struct out out;
	struct json json;  /* the request in hand */
	struct buf text;   /* to be written */
	int64_t n_records; /* of all inputs */
	int64_t n_failed;
	int repaired; /* a warning was given */
	struct err last;
	const char *name; /* of the input that is read */
};

/* ERR_USAGE. The strings are borrowed from argv. */
int route_args_parse(struct route_args *a, int argc, char **argv, struct err *e);
void route_args_about(const struct route_args *a, struct buf *b);

/* Reads the requests of all operands, or of standard input, and calls route_one for each. */
int route_read_input(struct route_run *x, struct err *e);
/* One request (JSON text), or none: its plan, or itself with the plan in it, goes to x->text. */
int route_one(struct route_run *x, const char *text, size_t n, struct err *e);
/* The plan as a table, or its ids. */
void route_print(struct route_run *x, const struct routed *p);
int route_flush(struct route_run *x, struct err *e);

#endif
