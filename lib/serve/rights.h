/* SPDX-License-Identifier: ISC */
/*
 * rights: what a process of the gateway gives up once it runs: see or-serve(1), "Rights". Landlock and seccomp, both without privileges; what
 * the kernel doesn't have is left out. With sanitizers nothing is dropped: they do what is forbidden here.
 */
#ifndef SERVE_RIGHTS_H
#define SERVE_RIGHTS_H

struct err;

enum rights {
	RIGHTS_WORKER, /* reads files; writes the snapshot of the past beside the ledger and no other; no exec */
	RIGHTS_SCRIBE  /* writes in the ledger's directory and the cache, too; forks for errands, no exec */
};
/* No core dump, and nobody traces us: there are keys. For every process, at its begin; a program that it executes hasn't got it. */
void rights_begin(void);
/* For good, for this process and its children. ledger: its path, in a directory that is there; NULL: none. From here on no program that is executed gains
 * privileges, either. ERR_SYSTEM. */
int rights_drop(enum rights r, const char *ledger, struct err *e);

#endif
