/* SPDX-License-Identifier: ISC */
/* thoughts: the text of a past message's reasoning, for formats that take it back without a signature. Pure. */
#ifndef THOUGHTS_H
#define THOUGHTS_H

struct buf;
struct canon;

/* Appends the text: `reasoning`, else `reasoning_content` (as DeepSeek and others call it), else that of the details. 0: there is none. */
int thoughts_text(const struct canon *c, int message, struct buf *out);

#endif
