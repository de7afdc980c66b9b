/* SPDX-License-Identifier: ISC */
/* Words, and JSON without white space. */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "json.h"
#include "jsonw.h"
#include "wire/gemini.h"

char *
gemini_word(const struct json *j, int node)
{
	char *s = json_dup(j, node, NULL);

	if (s && !*s) {
		free(s);
		s = NULL;
	}
	return s;
}

void
gemini_compact(const char *raw, size_t n, struct buf *out)
{
	int in_string = 0;

	for (size_t i = 0; i < n; i++) {
		if (!in_string && memchr(" \t\r\n", raw[i], 4))
			continue;
		buf_addc(out, raw[i]);
		if (in_string && raw[i] == '\\')
			buf_addc(out, raw[++i]);
		else if (raw[i] == '"')
			in_string = !in_string;
	}
}
