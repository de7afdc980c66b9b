/* SPDX-License-Identifier: ISC */
/* jsoncopy: values of one JSON text written into another as they stand there: spelling of numbers, escapes, white space. Pure. */
#ifndef JSONCOPY_H
#define JSONCOPY_H

struct json;
struct jsonw;

/* The node's text as the next value. The node must be there. */
void jsoncopy(struct jsonw *w, const struct json *j, int node);
/* The same as a member; nothing where the node is -1. */
void jsoncopy_member(struct jsonw *w, const char *key, const struct json *j, int node);
/* The same; nothing where the node is -1 or null. */
void jsoncopy_known(struct jsonw *w, const char *key, const struct json *j, int node);

#endif
