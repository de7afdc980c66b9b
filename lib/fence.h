/* SPDX-License-Identifier: ISC */
/*
 * fence: find fenced code blocks in Markdown. Pure. Source: CommonMark 0.31, section 4.5.
 *
 * Fences are ``` and ~~~, closed by the same kind, at least as long. Other than there, an opening fence may be
 * indented by any blanks: models indent blocks in lists, and we don't follow lists. A closing fence may be less
 * indented, and up to three columns more. Blocks in quotes aren't found.
 */
#ifndef FENCE_H
#define FENCE_H

#include <stddef.h>

struct buf;

enum fence_result { FENCE_FOUND, FENCE_NONE, FENCE_UNTERMINATED };

/* Appends the content of the first block whose info string's first word is lang (ASCII case ignored; also where it
 * is written {lang} or {.lang}; NULL: any block), with its line ends, without the fences and with up to the
 * opening fence's indent taken off each line. A block that isn't closed is not content: FENCE_UNTERMINATED, or
 * FENCE_NONE where it is of another language. */
enum fence_result fence_extract(const char *text, size_t n, const char *lang, struct buf *out);

#endif
