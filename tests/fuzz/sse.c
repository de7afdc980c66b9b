/* SPDX-License-Identifier: ISC */
/* The events of a stream must not depend on how it was cut into reads; the cap must hold whatever comes. */
#include "sse.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CAP 256

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* What was heard, one kind and one NUL-ended field after the other. */
struct heard {
	struct buf all;
	size_t longest;
};

static int
hear(struct heard *h, char kind, const char *event, const char *data, size_t n)
{
	buf_addc(&h->all, kind);
	buf_add(&h->all, event ? event : "", event ? strlen(event) + 1 : 1);
	buf_add(&h->all, data, n);
	buf_addc(&h->all, '\0');
	if (n > h->longest)
		h->longest = n;
	return 0;
}

static int
on_event(void *arg, const char *event, const char *data, size_t n)
{
	return hear(arg, 'e', event, data, n);
}

static int
on_stray(void *arg, const char *event, const char *line, size_t n)
{
	return hear(arg, 's', event, line, n);
}

/* Reads of `step` bytes; 0: lengths that the input itself gives. */
static int
feed(struct heard *h, const uint8_t *p, size_t n, size_t step)
{
	struct sse s = {.on_event = on_event, .on_stray = on_stray, .arg = h, .max = CAP};
	int r = 0;

	for (size_t at = 0; at < n && r == 0;) {
		size_t len = step ? step : (size_t)p[n - 1 - at % n] % 7;
		len = len < n - at ? len : n - at;
		r = sse_feed(&s, (const char *)p + at, len);
		at += len ? len : 1;
		if (!len)
			r = r ? r : sse_feed(&s, (const char *)p + at - 1, 1);
	}
	if (r == 0)
		r = sse_end(&s);
	sse_release(&s);
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const size_t steps[] = {1, 2, 3, 0};
	struct heard whole = {0};
	int r = feed(&whole, p, n, n ? n : 1);

	if (whole.longest > CAP)
		abort();
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct heard cut = {0};
		if (feed(&cut, p, n, steps[i]) != r)
			abort();
		if (cut.all.len != whole.all.len ||
		    (whole.all.len && memcmp(cut.all.p, whole.all.p, whole.all.len) != 0))
			abort();
		buf_release(&cut.all);
	}
	buf_release(&whole.all);
	return 0;
}
