/* SPDX-License-Identifier: ISC */
/* outlet: the way of a stream to its client: its head, its pieces, its end; events, frames or lines as they come, or elements of one JSON array. */
#ifndef SERVE_OUTLET_H
#define SERVE_OUTLET_H

struct buf;
struct visit;

struct outlet {
	struct visit *v;
	int in_array;
	int n_elements; /* so far */
};

/* Google's stream is an array, where events aren't asked for. streams: it is one. */
void outlet_init(struct outlet *o, struct visit *v, int streams);
/* That the answer takes its time, in a way that is no part of it; not every front's clients can read that. */
int outlet_takes_comments(const struct visit *v);
void outlet_comment(struct outlet *o);
/* What is in b, which is empty then. */
void outlet_write(struct outlet *o, struct buf *b);
/* well: it came to its own end, which some formats mark. */
void outlet_end(struct outlet *o, int well);

#endif
