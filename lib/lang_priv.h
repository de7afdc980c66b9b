/* SPDX-License-Identifier: ISC */
/* lang_priv: what lang.c weighs a text with. For lang.c and lang_words.c only. */
#ifndef LANG_PRIV_H
#define LANG_PRIV_H

#include <stddef.h>
#include <stdint.h>

/* What languages of one script are told by. */
struct lang_clues {
	const char *code;
	const char *words;   /* the commonest, and those that prompts begin with; in lower case, one blank between */
	const char *letters; /* that few others write; in lower case */
	const char *endings; /* of long words: three letters each, one blank between */
};

extern const struct lang_clues lang_latin[], lang_cyrillic[];
extern const size_t lang_n_latin, lang_n_cyrillic;

#endif
