/* SPDX-License-Identifier: ISC */
/* Small notations: times, and images that don't say what they are. */
#include <string.h>

#include "json.h"
#include "jsonw.h"
#include "wire/ollama.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

const char *
ollama_image_type(const char *data, size_t n)
{
	static const struct {
		const char *base64; /* of the first bytes of a file */
		const char *type;
	} types[] = {{"iVBORw0KGgo", "image/png"}, {"/9j/", "image/jpeg"}, {"\\/9j\\/", "image/jpeg"},
	    {"R0lGOD", "image/gif"}, {"UklGR", "image/webp"}, {"Qk", "image/bmp"}};

	for (size_t i = 0; i < N(types); i++)
		if (n >= strlen(types[i].base64) && memcmp(data, types[i].base64, strlen(types[i].base64)) == 0)
			return types[i].type;
	return types[0].type;
}

/* n digits; -1: they are none. */
static int
digits(const char **s, int n)
{
	int v = 0;

	for (; n; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return -1;
		v = v * 10 + **s - '0';
	}
	return v;
}

static int
eat(const char **s, const char *any)
{
	if (!**s || !strchr(any, **s))
		return 0;
	(*s)++;
	return 1;
}

/* "+02:00", "-05:30", "Z" in seconds east of Greenwich; -1 (no such offset): neither. */
static int
offset(const char **s)
{
	int sign = **s == '-' ? -1 : 1;

	if (eat(s, "Zz"))
		return 0;
	if (!eat(s, "+-"))
		return -1;
	int h = digits(s, 2), m = eat(s, ":") ? digits(s, 2) : -1;
	return h < 0 || m < 0 ? -1 : sign * (h * 3600 + m * 60);
}

/* Days since 1970-01-01 of a date of the Gregorian calendar; its years begin with March here, so that a leap day is the last one. */
static int64_t
days(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

int64_t
ollama_seconds(const char *s)
{
	int year = digits(&s, 4), month = year >= 0 && eat(&s, "-") ? digits(&s, 2) : -1;
	int day = month > 0 && month <= 12 && eat(&s, "-") ? digits(&s, 2) : -1;
	int hour = day > 0 && day <= 31 && eat(&s, "Tt ") ? digits(&s, 2) : -1;
	int min = hour >= 0 && eat(&s, ":") ? digits(&s, 2) : -1, sec = min >= 0 && eat(&s, ":") ? digits(&s, 2) : -1;

	if (sec < 0)
		return 0;
	if (eat(&s, "."))
		s += strspn(s, "0123456789");
	int east = offset(&s);
	int64_t t = days(year, month, day) * 86400 + hour * 3600 + min * 60 + sec - east;
	return east == -1 || t < 0 ? 0 : t;
}
