/* SPDX-License-Identifier: ISC */
#include "fence.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Content is written on success only, and but for tabs that an indent cuts in two it isn't longer than the text. */
static void
check(const char *text, size_t n, const char *lang)
{
	struct buf out = BUF_INIT;
	enum fence_result r = fence_extract(text, n, lang, &out);

	if (r != FENCE_FOUND && out.len > 0)
		abort();
	if (r == FENCE_FOUND && (n < 7 || (out.len > n && memchr(text, '\t', n) == NULL)))
		abort();
	/* a block of one language is a block: where there is none of any, there is none of this */
	if (lang && r == FENCE_FOUND) {
		struct buf any = BUF_INIT;
		if (fence_extract(text, n, NULL, &any) != FENCE_FOUND)
			abort();
		buf_release(&any);
	}
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check((const char *)data, size, NULL);
	check((const char *)data, size, "c++");
	return 0;
}
