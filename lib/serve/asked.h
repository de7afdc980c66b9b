/* SPDX-License-Identifier: ISC */
/* asked: the body of a request for a chat, in any format, as the canonical request. */
#ifndef SERVE_ASKED_H
#define SERVE_ASKED_H

struct buf;
struct err;
struct json;
struct visit;

/* The model that the path names; NULL: the body does. Borrowed. */
const char *asked_model(const struct visit *v);
/* Writes it to out, which is empty, and to *j its nodes; no object of it has a key twice. What has no place in the canonical request is refused (ERR_DATA), but where whoever speaks the format can have the body as it came:
 * then *only, owned by the caller, says why nobody else can. */
int asked_read(struct visit *v, struct buf *out, struct json *j, char **only, struct err *e);

#endif
