/* SPDX-License-Identifier: ISC */
/*
 * key: what the files of or-key share. key_check, key_set: of providers. key_gateway, key_gateway_args, key_gateway_list: keys of the gateway,
 * which lie in the ledger.
 */
#ifndef KEY_H
#define KEY_H

#include <stddef.h>
#include <stdint.h>

#include "ledger.h"
#include "ledger_keys.h"

struct buf;
struct err;
struct key_args;

/* A command of the tool: `or-key NAME [options] [operand ...]`. A new one is a row in key_args.c and a file with its run. */
struct key_command {
	const char *name;
	const int *options; /* letters (or numbers) of the options that it takes, of the one table; 0 ends it */
	const char *usage;  /* behind "usage: " */
	/* -1 with e filled; e may be filled on 0 too, where what was printed is bad news. closed: as out_prepare says. */
	int (*run)(const struct key_args *a, int closed, struct err *e);
};

/* What a new key of the gateway may do. Strings are borrowed from argv. */
struct key_limits {
	int64_t limit_pusd; /* PUSD_UNKNOWN: no limit */
	enum ledger_reset reset;
	int64_t rpm, tpm;
	const char *models;
	int64_t expires_ms;
	int management;
};

/* Options of `new`, above the letters. */
enum { KEY_O_LIMIT = 300, KEY_O_RESET, KEY_O_RPM, KEY_O_TPM, KEY_O_MODELS, KEY_O_EXPIRES, KEY_O_MANAGEMENT };

struct key_args {
	const struct key_command *command; /* NULL: none was named, and about is set */
	int about;       /* help, version or the table of options was asked for, and nothing else counts; 0 */
	int ndjson, tsv; /* -F */
	int quiet, verbose;
	size_t parallel;
	int64_t connect_ms, idle_ms, total_ms; /* 0: unsaid */
	const char *output;                    /* NULL: unsaid */
	struct key_limits limits;
	char **operand; /* borrowed from argv */
	size_t n_operand;
};

/* -1 with ERR_USAGE. */
int key_args_parse(struct key_args *a, int argc, char **argv, struct err *e);
/* Appends the text that `about` asks for. */
void key_args_about(const struct key_args *a, struct buf *b);

/* Takes one of the options above. 1: its argument is bad. */
int key_gateway_option(struct key_limits *l, int c, const char *arg);

int key_check(const struct key_args *a, int closed, struct err *e);
int key_set(const struct key_args *a, int closed, struct err *e);
int key_new(const struct key_args *a, int closed, struct err *e);
int key_list(const struct key_args *a, int closed, struct err *e);
int key_show(const struct key_args *a, int closed, struct err *e);
int key_disable(const struct key_args *a, int closed, struct err *e);
int key_enable(const struct key_args *a, int closed, struct err *e);
int key_remove(const struct key_args *a, int closed, struct err *e);

/* For those. The ledger, and the keys in it. */
struct key_book {
	struct ledger *l;
	struct ledger_keys keys;
	int64_t now_ms;
};
/* ERR_CONFIG where OR_LEDGER is none. Closed on failure, too. */
int key_book_open(struct key_book *b, const struct key_args *a, struct err *e);
void key_book_close(struct key_book *b);
/* The key that the one operand names. NULL with ERR_USAGE (another number of operands), ERR_NEGATIVE (no such key). */
struct ledger_key *key_book_find(const struct key_book *b, const struct key_args *a, struct err *e);

#endif
