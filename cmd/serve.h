/* SPDX-License-Identifier: ISC */
/* serve: or-serve's command line, as its files share it. */
#ifndef SERVE_H
#define SERVE_H

#include "serve/supervisor.h"

struct buf;
struct err;

struct serve_args {
	struct supervisor_spec s; /* its callbacks are main's; strings are borrowed from argv */
	int verbose;
	int about; /* 'h', 'V' or the dump of the options */
};

/* ERR_USAGE. */
int serve_args_parse(struct serve_args *a, int argc, char **argv, struct err *e);
void serve_args_about(const struct serve_args *a, struct buf *b);

#endif
