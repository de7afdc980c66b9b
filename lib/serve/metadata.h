/* SPDX-License-Identifier: ISC */
/* metadata: openrouter_metadata, which a client may ask for by a header: who could have served its call, and who did. */
#ifndef SERVE_METADATA_H
#define SERVE_METADATA_H

struct admit;
struct buf;
struct outcome;
struct visit;

/* Does the request ask for it, and has its format a place for it? */
int metadata_wanted(const struct visit *v);
/* o: as below. Puts it into the answer's object, or the last one of a stream's end (where `end` has one). inside: into the last object that is
 * in that one. */
void metadata_put(const struct admit *m, const struct outcome *o, int inside, struct buf *end);
/* Appends the object alone, for what stands beside an error. o: NULL: no call was made, since the router found nobody. */
void metadata_tell(const struct admit *m, const struct outcome *o, struct buf *out);

#endif
