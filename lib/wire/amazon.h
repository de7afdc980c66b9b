/* SPDX-License-Identifier: ISC */
/* amazon: where Amazon Bedrock is, and who calls it. Pure. */
#ifndef AMAZON_H
#define AMAZON_H

#include <stdint.h>

struct buf;
struct err;
struct provider;
struct wire_call;

/* Appends the base of a service of the provider's region. The region is known when it is signed: until then its place is marked. */
void amazon_host(struct buf *url, const struct provider *p, const char *service);
/* As struct service asks for them. */
void amazon_list_url(struct buf *url, const struct provider *p);
int amazon_sign(struct wire_call *c, const struct provider *p, const char *method, int64_t now_s, struct err *e);

#endif
