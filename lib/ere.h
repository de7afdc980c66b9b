/* SPDX-License-Identifier: ISC */
/*
 * ere: POSIX extended regular expressions, searched in linear time: written anew for pattern.h. Pure.
 *
 * The syntax is that of the Base Specifications' 9.4, with what people write beside it: (?i) in front makes no difference between capitals and
 * small letters; \d \w \s \b and their opposites, \< \>, \n \t \r, (?:...) and lazy quantifiers are what they are in Perl; inside brackets
 * too, a backslash takes the meaning from the sign behind it. A dot is any character, ends of lines too. Not there: back-references, and
 * collating elements longer than one character. Letters are Unicode's in [:alpha:] and its kin, and ASCII's in \w and \b.
 */
#ifndef ERE_H
#define ERE_H

#include <stddef.h>
#include <stdint.h>

struct ere;

/* s: UTF-8. NULL where it can't be compiled: not well-formed, or too big (pattern.h has the limits). */
struct ere *ere_new(const char *s, size_t n);
void ere_free(struct ere *e);
/* Does it match anywhere in the text? 1 or 0; -1: *steps, which go down, are spent. */
int ere_search(const struct ere *e, const char *text, size_t n, int64_t *steps);

#endif
