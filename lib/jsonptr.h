/* SPDX-License-Identifier: ISC */
/* jsonptr: JSON pointers. Pure. Source: RFC 6901. */
#ifndef JSONPTR_H
#define JSONPTR_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct json;

/* Appends the pointer to a node, with what can't stand in one line escaped as in a JSON string. The root is "/"; a key
 * is told by its object. */
void jsonptr_add(struct buf *b, const struct json *j, int node);
/* The node at a pointer ("" is the root), or -1. *steps goes down with the members that are looked at; when it falls
 * below 0 the search ends with -1. */
int jsonptr_get(const struct json *j, const char *ptr, size_t n, int64_t *steps);

#endif
