/* SPDX-License-Identifier: ISC */
/* router_priv: what router.c and router_write.c share. For these only. */
#ifndef ROUTER_PRIV_H
#define ROUTER_PRIV_H

#include "router.h"

/* Appends the request with model, models and provider as the plan, which has a place, says. */
int router_write(const struct routed *p, const struct route_query *q, const struct route_policy *cut,
    const struct json *request, struct buf *out, struct err *e);

#endif
