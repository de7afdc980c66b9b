/* SPDX-License-Identifier: ISC */
/* First the script: what most letters are of. Where several languages share it, their words vote, endings of words a little, and letters. */
#include "lang.h"

#include <string.h>
#include <strings.h>

#include "lang_priv.h"
#include "letter.h"
#include "str.h"

#define MAX_BYTES 65536
#define MAX_LANGS 32
#define CYRILLIC_BASE 0x400
#define ARABIC_BASE 0x600
#define SLOTS 8192 /* of the table of clues; a power of two, well over their number in lang_words.c */

/* Weights. A clue that k languages have is worth the k-th part to each. */
#define WORD 120
#define LETTER 60
#define ENDING 40

#define MIN_LONG 5   /* letters of a word whose ending counts */
#define MIN_SCORE 90 /* somewhat less than a word that nobody else has */
#define MIN_WORDS 3
#define MIN_LETTERS 6

enum script {
	LATIN,
	CYRILLIC,
	GREEK,
	ARMENIAN,
	HEBREW,
	ARABIC,
	DEVANAGARI,
	BENGALI,
	TAMIL,
	TELUGU,
	THAI,
	GEORGIAN,
	HANGUL,
	HAN,
	KANA,
	N_SCRIPTS,
	NO_SCRIPT
};

/* Blocks of letters; those of a script whose signs are syllables or words weigh more. Sorted. */
static const struct block {
	uint32_t lo, hi;
	enum script script;
	int weight;
} blocks[] = {{'A', 'Z', LATIN, 1}, {'a', 'z', LATIN, 1}, {0xaa, 0xaa, LATIN, 1}, {0xba, 0xba, LATIN, 1},
    {0xc0, 0xd6, LATIN, 1}, {0xd8, 0xf6, LATIN, 1}, {0xf8, 0x24f, LATIN, 1}, {0x370, 0x3ff, GREEK, 1},
    {0x400, 0x52f, CYRILLIC, 1}, {0x531, 0x587, ARMENIAN, 1}, {0x5d0, 0x5ea, HEBREW, 1}, {0x620, 0x6d3, ARABIC, 1},
    {0x904, 0x97f, DEVANAGARI, 1}, {0x985, 0x9e3, BENGALI, 1}, {0xb85, 0xbd7, TAMIL, 1}, {0xc05, 0xc63, TELUGU, 1},
    {0xe01, 0xe4e, THAI, 1}, {0x10a0, 0x10ff, GEORGIAN, 1}, {0x1c90, 0x1cbf, GEORGIAN, 1}, {0x1e00, 0x1eff, LATIN, 1},
    {0x1f00, 0x1fff, GREEK, 1}, {0x3041, 0x30ff, KANA, 3}, {0x3400, 0x9fff, HAN, 3}, {0xac00, 0xd7a3, HANGUL, 3},
    {0xf900, 0xfaff, HAN, 3}, {0xff66, 0xff9d, KANA, 3}, {0x20000, 0x3ffff, HAN, 3}};

/* Languages that have a script to themselves, near enough. */
static const char *const only[N_SCRIPTS] = {[GREEK] = "el",
    [ARMENIAN] = "hy",
    [HEBREW] = "he",
    [DEVANAGARI] = "hi",
    [BENGALI] = "bn",
    [TAMIL] = "ta",
    [TELUGU] = "te",
    [THAI] = "th",
    [GEORGIAN] = "ka",
    [HANGUL] = "ko"};
static const char *const others[] = {"ja", "zh", "ar", "fa", "ur"};

/* Letters of a text by script, and what else tells something. */
struct census {
	size_t n[N_SCRIPTS]; /* by weight */
	size_t n_letters;    /* of any script, by weight */
	size_t n_signs;      /* that code is full of, and prose isn't */
	/* each letter of scripts that have letters only some languages write */
	uint32_t cyrillic[0x530 - CYRILLIC_BASE], arabic[0x6e0 - ARABIC_BASE];
};

static const struct block *
block_of(uint32_t c)
{
	size_t lo = 0, hi = sizeof(blocks) / sizeof(*blocks);

	while (hi - lo > 1) { /* the last block that doesn't begin behind c */
		size_t middle = lo + (hi - lo) / 2;
		if (blocks[middle].lo <= c)
			lo = middle;
		else
			hi = middle;
	}
	return c >= blocks[lo].lo && c <= blocks[lo].hi ? &blocks[lo] : NULL;
}

/* The next character; most are ASCII. */
static inline uint32_t
next(const char *s, size_t n, size_t *len)
{
	*len = 1;
	return (unsigned char)*s < 0x80 ? (unsigned char)*s : letter_at(s, n, len);
}

static void
count_letter(struct census *s, uint32_t c, const struct block *b)
{
	s->n[b->script] += (size_t)b->weight;
	s->n_letters += (size_t)b->weight;
	if (b->script == CYRILLIC)
		s->cyrillic[c - CYRILLIC_BASE]++;
	else if (b->script == ARABIC)
		s->arabic[c - ARABIC_BASE]++;
}

/* How often these letters came. */
static size_t
count_of(const uint32_t *n, uint32_t base, const char *letters)
{
	size_t sum = 0, len;

	for (size_t left = strlen(letters); left; letters += len, left -= len)
		sum += n[letter_at(letters, left, &len) - base];
	return sum;
}

static void
take_census(struct census *s, const char *text, size_t n)
{
	const struct block *b = NULL;
	size_t len;

	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < n; i += len) {
		char a = text[i];
		len = 1;
		if ((a >= 'a' && a <= 'z') || (a >= 'A' && a <= 'Z')) {
			s->n[LATIN]++;
			s->n_letters++;
		} else if (a & 0x80) {
			uint32_t c = letter_at(text + i, n - i, &len);
			if (!b || c < b->lo || c > b->hi) /* mostly it's the block of the one before */
				b = block_of(c);
			if (b)
				count_letter(s, c, b);
		} else {
			s->n_signs += a && strchr("{}[]()<>=;_\\|&*#$@^~+/`\"", a);
		}
	}
}

/* Most letters are of one script; Japanese is two. */
static enum script
main_script(const struct census *s)
{
	size_t east = s->n[HAN] + s->n[KANA], most = 0;
	enum script at = NO_SCRIPT;

	for (int i = 0; i < N_SCRIPTS; i++) {
		if (s->n[i] > most) {
			most = s->n[i];
			at = (enum script)i;
		}
	}
	if (east > most || at == HAN || at == KANA) {
		most = east;
		at = s->n[KANA] * 8 >= s->n[HAN] ? KANA : HAN;
	}
	return most * 4 >= s->n_letters * 3 || (most * 5 >= s->n_letters * 3 && at != LATIN) ? at : NO_SCRIPT;
}

/* A word, ending or letter of the lists, known by its hash alone: a word of the text is taken for another once in a million times. */
struct clue {
	uint32_t hash;  /* 0: a free slot */
	uint32_t langs; /* bits of those that have it */
};

struct vote {
	const struct lang_clues *lang;
	size_t n_lang;
	struct clue clue[SLOTS];
	long score[MAX_LANGS];
	int n_words;
};

/* Where the hash of a clue begins: over all code points, so that no kind of clue runs into another. */
enum { WORD_SEED = 1 << 28, ENDING_SEED = 1 << 29, LETTER_SEED = 1 << 30 };

static uint32_t
mix(uint32_t hash, uint32_t c)
{
	hash = (hash ^ c) * 0x9e3779b1u;
	return hash ^ hash >> 15;
}

static struct clue *
find(struct vote *v, uint32_t hash)
{
	for (uint32_t at = hash;; at++) {
		struct clue *c = &v->clue[at % SLOTS];
		if (!c->hash || c->hash == hash)
			return c;
	}
}

static void
learn_one(struct vote *v, uint32_t hash, size_t lang)
{
	struct clue *c = find(v, hash);

	c->hash = hash;
	c->langs |= 1u << lang;
}

/* The clues of a list: what stands between blanks, or each letter. */
static void
learn_list(struct vote *v, uint32_t seed, const char *list, size_t lang)
{
	uint32_t hash = seed;
	size_t len;

	for (size_t n = strlen(list); n; list += len, n -= len) {
		uint32_t c = next(list, n, &len);
		hash = c == ' ' ? seed : mix(hash, c);
		if (seed == LETTER_SEED || n == len || list[len] == ' ') {
			learn_one(v, hash, lang);
			hash = seed;
		}
	}
}

static void
learn(struct vote *v, const struct lang_clues *lang, size_t n_lang)
{
	memset(v, 0, sizeof(*v));
	v->lang = lang;
	v->n_lang = n_lang;
	for (size_t i = 0; i < n_lang; i++) {
		learn_list(v, WORD_SEED, lang[i].words, i);
		learn_list(v, ENDING_SEED, lang[i].endings, i);
		learn_list(v, LETTER_SEED, lang[i].letters, i);
	}
}

static void
give(struct vote *v, uint32_t langs, int weight)
{
	int k = 0;

	for (uint32_t left = langs; left; left &= left - 1)
		k++;
	for (uint32_t left = langs; left; left &= left - 1)
		v->score[ffs((int)left) - 1] += weight / k;
}

/* A word as it is read; one with digits or underscores in it is none. */
struct reader {
	uint32_t hash;    /* of its letters in lower case */
	uint32_t last[3]; /* its last letters, the last one first */
	size_t n;         /* letters */
	int spoilt;
};

static void
add_letter(struct vote *v, struct reader *r, uint32_t c)
{
	if (c >= 0x80)
		give(v, find(v, mix(LETTER_SEED, c))->langs, LETTER);
	r->hash = mix(r->hash, c);
	r->last[2] = r->last[1];
	r->last[1] = r->last[0];
	r->last[0] = c;
	r->n++;
}

static void
end_word(struct vote *v, struct reader *r)
{
	if (r->n && !r->spoilt) {
		v->n_words++;
		give(v, find(v, r->hash)->langs, WORD);
	}
	if (r->n >= MIN_LONG && !r->spoilt)
		give(v, find(v, mix(mix(mix(ENDING_SEED, r->last[2]), r->last[1]), r->last[0]))->langs, ENDING);
	*r = (struct reader){.hash = WORD_SEED};
}

static void
count_words(struct vote *v, const char *text, size_t n)
{
	struct reader r = {.hash = WORD_SEED};
	const struct block *b = NULL;
	size_t len;

	for (size_t i = 0; i < n; i += len) {
		uint32_t c = next(text + i, n - i, &len);
		if (!b || c < b->lo || c > b->hi)
			b = block_of(c);
		if (b)
			add_letter(v, &r, letter_lower(c));
		else if ((c >= '0' && c <= '9') || c == '_')
			r.spoilt = 1;
		else if (c < 0x300 || c > 0x36f) /* an accent by itself belongs to its letter */
			end_word(v, &r);
	}
	end_word(v, &r);
}

/* The language with the most votes, where it leads by a fifth and enough of the words are its own. */
static const char *
elected(const struct vote *v)
{
	size_t first = 0;
	long second = 0;

	for (size_t i = 1; i < v->n_lang; i++)
		if (v->score[i] > v->score[first])
			first = i;
	for (size_t i = 0; i < v->n_lang; i++)
		if (i != first && v->score[i] > second)
			second = v->score[i];
	int clear = v->score[first] * 5 > second * 6 && v->score[first] >= MIN_SCORE;
	int enough = v->n_words >= MIN_WORDS && v->score[first] * 12 >= (long)v->n_words * WORD;
	return clear && enough ? v->lang[first].code : "";
}

static const char *
by_words(const char *text, size_t n, const struct lang_clues *lang, size_t n_lang)
{
	struct vote v;

	learn(&v, lang, n_lang);
	count_words(&v, text, n);
	return elected(&v);
}

static const char *
arabic(const struct census *s)
{
	if (count_of(s->arabic, ARABIC_BASE, "ٹڈڑںےہ") * 40 > s->n[ARABIC])
		return "ur";
	return count_of(s->arabic, ARABIC_BASE, "پچژگیک") * 40 > s->n[ARABIC] ? "fa" : "ar";
}

/* Other languages have letters that none of ours has. */
static const char *
cyrillic(const struct census *s, const char *text, size_t n)
{
	if (count_of(s->cyrillic, CYRILLIC_BASE, "ўђјљњћџѓќѕәғқңөұүһҳҷЎЂЈЉЊЋЏЃЌЅӘҒҚҢӨҰҮҺҲҶ"))
		return "";
	return by_words(text, n, lang_cyrillic, lang_n_cyrillic);
}

const char *
lang_of(const char *s, size_t n)
{
	struct census c;

	if (n > MAX_BYTES)
		n = MAX_BYTES - utf8_tail(s, MAX_BYTES);
	take_census(&c, s, n);
	enum script script = main_script(&c);
	if (c.n_letters < MIN_LETTERS || c.n_signs * 12 > c.n_letters)
		return "";
	switch (script) {
	case LATIN:
		return by_words(s, n, lang_latin, lang_n_latin);
	case CYRILLIC:
		return cyrillic(&c, s, n);
	case ARABIC:
		return arabic(&c);
	case KANA:
		return "ja";
	case HAN:
		return "zh";
	case NO_SCRIPT:
		return "";
	default:
		return only[script];
	}
}

static int
is_code(const char *known, const char *code, size_t n)
{
	return known && strlen(known) == n && memcmp(known, code, n) == 0;
}

int
lang_known(const char *code, size_t n)
{
	for (size_t i = 0; i < lang_n_latin; i++)
		if (is_code(lang_latin[i].code, code, n))
			return 1;
	for (size_t i = 0; i < lang_n_cyrillic; i++)
		if (is_code(lang_cyrillic[i].code, code, n))
			return 1;
	for (size_t i = 0; i < N_SCRIPTS; i++)
		if (is_code(only[i], code, n))
			return 1;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (is_code(others[i], code, n))
			return 1;
	return 0;
}
