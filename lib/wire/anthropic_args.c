/* SPDX-License-Identifier: ISC */
/* A call's arguments as they pass: are they an object, and is it whole? They aren't kept. */
#include <string.h>

#include "wire/anthropic.h"

int
anthropic_args_feed(struct anthropic_args *a, const char *s, size_t n)
{
	for (size_t i = 0; i < n && !a->bad; i++) {
		if (a->escaped) {
			a->escaped = 0;
		} else if (a->in_string) {
			a->escaped = s[i] == '\\';
			a->in_string = s[i] != '"';
		} else if (!a->begun) {
			a->begun = a->depth = s[i] == '{';
			a->bad = !a->begun && !memchr(" \t\r\n", s[i], 4);
		} else if (s[i] == '"') {
			a->in_string = 1;
		} else if (s[i] == '{' || s[i] == '[') {
			a->depth++;
		} else if ((s[i] == '}' || s[i] == ']') && a->depth) {
			a->depth--;
		}
	}
	return a->bad;
}
