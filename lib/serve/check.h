/* SPDX-License-Identifier: ISC */
/* check: is a request what its API publishes? Said before anything is sent, since many providers take anything. Pure. */
#ifndef SERVE_CHECK_H
#define SERVE_CHECK_H

struct err;
struct json;

/*
 * A canonical request. ERR_DATA: "temperature: a number is wanted", "messages[2].role: ...". Members that it doesn't know pass, and what others read
 * closely (provider, plugins, ...) is theirs. was_made: from a request in another format, which has limits of its own.
 */
int check_chat(const struct json *request, int was_made, struct err *e);
/* A request in the Responses format, for what is known of it there only: that it is to be kept, which nobody does. ERR_DATA. */
int check_responses(const struct json *request, struct err *e);
/* What a canonical request asks for that only OpenRouter does, as its member is called; NULL: nothing. Static. */
const char *check_only_router(const struct json *request);

#endif
