/* SPDX-License-Identifier: ISC */
/* base64: RFC 4648 with the standard alphabet, decoded as it arrives. Pure. */
#ifndef BASE64_H
#define BASE64_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* A zeroed struct is ready. */
struct base64 {
	uint32_t bits; /* of the characters that make no whole byte yet */
	int n;         /* how many those characters are: 0 to 3 */
};

/* Decodes up to the first byte that isn't of the alphabet ('=' isn't), wherever the input is split. Returns how many bytes of p that were; `to` has
 * room for n / 4 * 3 + 4 bytes, *n_to says how many were written. */
size_t base64_feed(struct base64 *d, const char *p, size_t n, unsigned char *to, size_t *n_to);
/* The text is over. n_pad: the '=' that stood behind it: as many as belong there, or none. Writes the last bytes, two at most, and returns how
 * many; -1: it isn't whole. */
int base64_end(const struct base64 *d, int n_pad, unsigned char *to);
/* Writes the 4 * ((n + 2) / 3) characters of n bytes; no NUL. */
void base64_write(char *to, const void *p, size_t n);
/* Appends n bytes in base64, padded. */
void base64_add(struct buf *out, const void *p, size_t n);
/* Appends what a whole text means, padded or not. -1: it is no base64; out is as it was. */
int base64_text(struct buf *out, const char *s, size_t n);

#endif
