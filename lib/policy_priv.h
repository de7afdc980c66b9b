/* SPDX-License-Identifier: ISC */
/* policy_priv: what the files of policy share. For these only. */
#ifndef POLICY_PRIV_H
#define POLICY_PRIV_H

#include <stddef.h>

struct err;
struct rule;

/* 0 where a table of n entries takes one more; else -1 and ERR_CONFIG. */
int policy_is_full(size_t n, struct err *e);
void rule_release(struct rule *r);

#endif
