/* SPDX-License-Identifier: ISC */
#include "str.h"

#include <string.h>

#include "buf.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)
#define LOW_BITS UINT64_C(0x0101010101010101)
#define DISTANCE_MAX_LEN 128 /* bytes; longer names are compared with nothing */

/*
 * How many bytes at p belong to one well-formed sequence, and in *need how many that sequence has (0 where p begins
 * none). Fewer than *need: the rest is missing or wrong. RFC 3629, section 4: the second byte's range depends on the
 * first.
 */
static inline size_t
sequence(const unsigned char *p, size_t n, size_t *need)
{
	unsigned char lo = 0x80, hi = 0xbf;

	*need = p[0] < 0x80 ? 1 : p[0] < 0xc2 || p[0] > 0xf4 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (*need < 2)
		return 1;
	if (p[0] == 0xe0)
		lo = 0xa0;
	else if (p[0] == 0xed)
		hi = 0x9f;
	else if (p[0] == 0xf0)
		lo = 0x90;
	else if (p[0] == 0xf4)
		hi = 0x8f;
	if (n < 2 || p[1] < lo || p[1] > hi)
		return 1;
	if (*need == 2 || n < 3 || (p[2] & 0xc0) != 0x80)
		return 2;
	return *need == 3 || n < 4 || (p[3] & 0xc0) != 0x80 ? 3 : 4;
}

size_t
utf8_len(const unsigned char *p, size_t n)
{
	size_t need, have = sequence(p, n, &need);

	return have == need ? need : 0;
}

/* Length of the ASCII run at p. Prompts of 100 MB and answers of 1 GB pass here, hence words instead of bytes. */
static size_t
ascii_run(const unsigned char *p, size_t n)
{
	size_t i = 0;
	uint64_t w[4];

	for (; n - i >= sizeof(w); i += sizeof(w)) {
		memcpy(w, p + i, sizeof(w));
		if ((w[0] | w[1] | w[2] | w[3]) & HIGH_BITS)
			break;
	}
	while (i < n && p[i] < 0x80)
		i++;
	return i;
}

size_t
utf8_valid(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t i = 0, len;

	while (i < n) {
		if (p[i] < 0x80) {
			i += ascii_run(p + i, n - i);
			continue;
		}
		len = utf8_len(p + i, n - i);
		if (!len)
			return i;
		i += len;
	}
	return n;
}

size_t
utf8_repair(struct buf *b, const char *s, size_t n)
{
	size_t n_bad = 0, i = 0, need;

	while (i < n) {
		size_t good = utf8_valid(s + i, n - i);
		buf_add(b, s + i, good);
		i += good;
		if (i == n)
			break;
		i += sequence((const unsigned char *)s + i, n - i, &need);
		buf_adds(b, "\xef\xbf\xbd");
		n_bad++;
	}
	return n_bad;
}

size_t
utf8_tail(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t back, need;

	for (back = 1; back <= 3 && back <= n; back++) {
		if ((p[n - back] & 0xc0) == 0x80)
			continue;
		return sequence(p + n - back, back, &need) == back && need > back ? back : 0;
	}
	return 0;
}

void
utf8_add(struct buf *b, uint32_t cp)
{
	unsigned char s[4];
	size_t n = 0;

	if (cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		cp = 0xfffd;
	if (cp < 0x80) {
		s[n++] = (unsigned char)cp;
	} else if (cp < 0x800) {
		s[n++] = (unsigned char)(0xc0 | cp >> 6);
	} else if (cp < 0x10000) {
		s[n++] = (unsigned char)(0xe0 | cp >> 12);
		s[n++] = (unsigned char)(0x80 | (cp >> 6 & 0x3f));
	} else {
		s[n++] = (unsigned char)(0xf0 | cp >> 18);
		s[n++] = (unsigned char)(0x80 | (cp >> 12 & 0x3f));
		s[n++] = (unsigned char)(0x80 | (cp >> 6 & 0x3f));
	}
	if (cp >= 0x80)
		s[n++] = (unsigned char)(0x80 | (cp & 0x3f));
	buf_add(b, s, n);
}

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

int
str_int(const char *s, int64_t min, int64_t max, int64_t *out)
{
	int negative = *s == '-' && min < 0;
	int64_t v = 0;

	s += negative;
	if (!*s)
		return -1;
	for (; *s; s++) {
		if (!is_digit(*s) || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, negative ? '0' - *s : *s - '0', &v))
			return -1;
	}
	if (v < min || v > max)
		return -1;
	*out = v;
	return 0;
}

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit *
unit_find(const struct unit *u, const char *name)
{
	while (u->name && strcmp(u->name, name) != 0)
		u++;
	return u->name ? u : NULL;
}

/* digits[.digits]unit, as a whole number of the smallest unit, rounded down; *inexact: something was cut off. */
static int
scaled(const char *s, const struct unit *units, uint64_t *out, int *inexact)
{
	size_t whole = strspn(s, "0123456789"), frac = 0;
	uint64_t v = 0, part = 0;

	if (s[whole] == '.')
		frac = strspn(s + whole + 1, "0123456789");
	if (!whole || (s[whole] == '.' && !frac))
		return -1;
	const struct unit *u = unit_find(units, s + whole + (frac ? frac + 1 : 0));
	if (!u)
		return -1;
	for (size_t i = 0; i < whole; i++) {
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, (uint64_t)(s[i] - '0'), &v))
			return -1;
	}
	*inexact = 0;
	/* From the last digit, so that nothing overflows and no digit is too many. */
	for (size_t i = frac; i > 0; i--) {
		part += (uint64_t)(s[whole + i] - '0') * u->factor;
		*inexact |= part % 10 != 0;
		part /= 10;
	}
	if (__builtin_mul_overflow(v, u->factor, &v) || __builtin_add_overflow(v, part, &v))
		return -1;
	*out = v;
	return 0;
}

#define MAX_TIME_MS (100LL * 366 * 86400 * 1000) /* sums of such times don't overflow */

int
str_time_ms(const char *s, int64_t *ms)
{
	static const struct unit units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000},
	    {"d", 86400000}, {"w", 604800000}, {NULL, 0}};
	uint64_t v;
	int inexact;

	if (scaled(s, units, &v, &inexact) == -1 || v >= MAX_TIME_MS)
		return -1;
	*ms = (int64_t)v + inexact; /* up: a time that is more than nothing never becomes 0 */
	return 0;
}

int
str_size(const char *s, uint64_t *n)
{
	static const struct unit units[] = {{"", 1}, {"k", 1000}, {"M", 1000000}, {"G", 1000000000}, {"Ki", 1 << 10},
	    {"Mi", 1 << 20}, {"Gi", 1 << 30}, {NULL, 0}};
	uint64_t v;
	int inexact;

	if (scaled(s, units, &v, &inexact) == -1 || inexact)
		return -1;
	*n = v;
	return 0;
}

void
str_human(struct buf *b, uint64_t n)
{
	uint64_t unit = 1000;

	if (n < 1000) {
		buf_addf(b, "%u", (unsigned)n);
		return;
	}
	for (const char *letter = "kMGTPE"; *letter; letter++, unit *= 1000) {
		uint64_t tenths = n / (unit / 10) + (n % (unit / 10) >= unit / 20);
		uint64_t whole = n / unit + (n % unit >= unit / 2);
		if (tenths < 100)
			buf_addf(b, "%u.%u%c", (unsigned)tenths / 10, (unsigned)tenths % 10, *letter);
		else if (whole < 1000)
			buf_addf(b, "%u%c", (unsigned)whole, *letter);
		else
			continue;
		return;
	}
}

int
str_list(const char *s, int (*fn)(void *arg, const char *item, size_t n), void *arg)
{
	for (;;) {
		size_t n = strcspn(s, ","), from = 0, to = n;
		while (from < to && is_blank(s[from]))
			from++;
		while (to > from && is_blank(s[to - 1]))
			to--;
		int r = fn(arg, s + from, to - from);
		if (r || !s[n])
			return r;
		s += n + 1;
	}
}

int
str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static unsigned char
lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* The high bit of each byte of w that is c. */
static uint64_t
bytes_that_are(uint64_t w, char c)
{
	uint64_t x = w ^ (LOW_BITS * (unsigned char)c);

	return ~(((x & ~HIGH_BITS) + ~HIGH_BITS) | x | ~HIGH_BITS);
}

/* The high bit of each byte that is a part of a word. The first byte is the lowest. */
static uint64_t
bytes_of_words(const char *s)
{
	uint64_t w;

	memcpy(&w, s, sizeof(w));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap64(w);
#endif
	return HIGH_BITS &
	    ~(bytes_that_are(w, ' ') | bytes_that_are(w, '\t') | bytes_that_are(w, '\n') | bytes_that_are(w, '\r'));
}

/* By words of the processor's: whole prompts and answers pass here. */
int64_t
str_words(const char *s, size_t n, int *in_word)
{
	uint64_t before = *in_word ? 0x80 : 0; /* is the byte before a word's? Where that byte's bit goes */
	int64_t words = 0;

	for (; n >= sizeof(uint64_t); s += sizeof(uint64_t), n -= sizeof(uint64_t)) {
		uint64_t now = bytes_of_words(s), begin = now & ~(now << 8 | before);
		words += (int64_t)((begin >> 7) * LOW_BITS >> 56);
		before = now >> 56;
	}
	for (; n; s++, n--) {
		uint64_t now = *s == ' ' || *s == '\t' || *s == '\n' || *s == '\r' ? 0 : 0x80;
		words += now && !before;
		before = now;
	}
	*in_word = before != 0;
	return words;
}

int
str_ieq(const char *a, const char *b)
{
	while (*a && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) == lower(*b);
}

void
str_clean(struct buf *b, const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t len;

	for (size_t i = 0; i < n; i += len) {
		for (len = 0; i + len < n && p[i + len] >= 0x20 && p[i + len] < 0x7f; len++)
			;
		if (len || p[i] == '\t' || p[i] == '\n') {
			len += !len;
			buf_add(b, s + i, len);
			continue;
		}
		len = utf8_len(p + i, n - i);
		if (!len) {
			len = 1;
			utf8_add(b, 0xfffd);
		} else if (len > 2 || (len == 2 && (p[i] > 0xc2 || p[i + 1] >= 0xa0))) {
			buf_add(b, s + i, len);
		}
	}
}

void
str_tsv(struct buf *b, const char *s, size_t n)
{
	static const char special[] = "\t\n\r\\", letter[] = "tnr\\";
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		const char *at = s[i] ? strchr(special, s[i]) : NULL;
		if (!at)
			continue;
		buf_add(b, s + from, i - from);
		buf_addc(b, '\\');
		buf_addc(b, letter[at - special]);
		from = i + 1;
	}
	buf_add(b, s + from, n - from);
}

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

size_t
str_distance(const char *a, const char *b, size_t max)
{
	size_t row[DISTANCE_MAX_LEN + 1], n = strlen(a), m = strlen(b);

	if (n > DISTANCE_MAX_LEN || m > DISTANCE_MAX_LEN || (n > m ? n - m : m - n) > max)
		return max + 1;
	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t diagonal = row[0], least = row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t above = row[j];
			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
			least = row[j] < least ? row[j] : least;
		}
		if (least > max)
			return max + 1;
	}
	return row[m] > max ? max + 1 : row[m];
}

void
str_percent(struct buf *b, const char *s, const char *also)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

	for (; *s; s++) {
		if (strchr(plain, *s) || strchr(also, *s))
			buf_addc(b, *s);
		else
			buf_addf(b, "%%%02X", (unsigned char)*s);
	}
}
