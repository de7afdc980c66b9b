/* SPDX-License-Identifier: ISC */
/* replay: a chat's answer that is given once more, in the client's format, as fast as the client takes it. */
#ifndef SERVE_REPLAY_H
#define SERVE_REPLAY_H

struct admit;
struct cached;
struct outlet;
struct replay;

/* All borrowed, until replay_free. It answers, and ends, the exchange, which it watches from now on. */
struct replay *replay_new(struct cached *c, const struct admit *m, struct outlet *o, int streams);
void replay_free(struct replay *r); /* NULL is ignored */

#endif
