/* SPDX-License-Identifier: ISC */
/*
 * lang: which language a text is in, told from its script, and where many share one, from its commonest words. Pure.
 *
 * It serves routing: a wrong guess costs little. Codes are ISO 639-1's.
 */
#ifndef LANG_H
#define LANG_H

#include <stddef.h>

/* "en", "de", ...; "": it can't be told (too short, code, mixed). At most the first 64 KiB are looked at. Static. */
const char *lang_of(const char *s, size_t n);
/* Is it one of the codes that lang_of gives? */
int lang_known(const char *code, size_t n);

#endif
