/* SPDX-License-Identifier: ISC */
/*
 * closed: JSON Schemas for providers that demand that each object says `additionalProperties: false`: where one says nothing of it, it is
 * added. Pure.
 */
#ifndef CLOSED_H
#define CLOSED_H

struct buf;
struct json;

/* Appends the schema at the node. */
void closed_schema(const struct json *j, int node, struct buf *out);

#endif
