/* SPDX-License-Identifier: ISC */
/* The frames of a stream must not depend on how it was cut into reads; the cap must hold whatever comes. Chance makes no right sums: each input is
 * taken as it is, and once more with the sums put right. */
#include "eventstream.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CAP 512

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int
on_frame(void *arg, const struct eventstream_head *h, const char *p, size_t n)
{
	struct buf *heard = arg;

	if (n > 7 * CAP) /* escaped, an error's message grows */
		abort();
	buf_addf(heard, "%s\n%s\n%zu\n", h->message, h->type, n);
	buf_add(heard, p, n);
	return 0;
}

/* Reads of `step` bytes; 0: lengths that the input itself gives. */
static int
feed(struct buf *heard, const uint8_t *p, size_t n, size_t step)
{
	struct eventstream s = {.on_frame = on_frame, .arg = heard, .max = CAP};
	int r = 0;

	for (size_t at = 0; at < n && r == 0;) {
		size_t len = step ? step : (size_t)p[n - 1 - at] % 23 + 1;
		len = len < n - at ? len : n - at;
		r = eventstream_feed(&s, (const char *)p + at, len);
		at += len;
	}
	if (r == 0)
		r = eventstream_end(&s);
	eventstream_release(&s);
	return r;
}

static void
check(const uint8_t *p, size_t n)
{
	static const size_t steps[] = {1, 5, 13, 0};
	struct buf whole = BUF_INIT, cut = BUF_INIT;
	int r = feed(&whole, p, n, n + 1);

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		buf_clear(&cut);
		if (feed(&cut, p, n, steps[i]) != r || cut.len != whole.len ||
		    memcmp(buf_str(&cut), buf_str(&whole), whole.len) != 0)
			abort();
	}
	buf_release(&whole);
	buf_release(&cut);
}

static uint32_t
crc32(const uint8_t *p, size_t n)
{
	uint32_t crc = ~0u;

	while (n--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static uint32_t
get(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void
put(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* As far as lengths lead from frame to frame. */
static void
mend(uint8_t *p, size_t n)
{
	while (n >= 16) {
		size_t total = get(p);
		put(p + 8, crc32(p, 8));
		if (total < 16 || total > n)
			return;
		put(p + total - 4, crc32(p, total - 4));
		p += total;
		n -= total;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	uint8_t *copy = malloc(n + !n);

	check(p, n);
	if (n)
		memcpy(copy, p, n);
	mend(copy, n);
	check(copy, n);
	free(copy);
	return 0;
}
