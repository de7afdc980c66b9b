/* SPDX-License-Identifier: ISC */
/* Requests must not depend on how they were cut into reads, and a body is as long as its head or its chunks say. */
#include "serve/http1.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static const struct http1_limits limits = {1024, 128, 512};

/* Bytes at the front of s that a chunk's size is written in, and the size. */
static size_t
size_of(const char *s, const char *end, size_t *size)
{
	size_t n = 0;

	for (*size = 0; s + n < end && s[n] != '\r' && s[n] != ';'; n++)
		*size = *size * 16 + (size_t)(s[n] <= '9' ? s[n] - '0' : (s[n] | 32) - 'a' + 10);
	return n;
}

/* A reader of its own, for chunks that were taken: they must give this body. */
static void
check_chunks(const struct http1 *h, const char *s, const char *end)
{
	size_t at = 0, size;

	for (;;) {
		s += size_of(s, end, &size);
		s = memchr(s, '\n', (size_t)(end - s));
		if (!s++ || (size_t)(end - s) < size + 2 || size > h->body.len - at)
			abort();
		if (size == 0)
			break;
		if (memcmp(h->body.p + at, s, size) != 0 || memcmp(s + size, "\r\n", 2) != 0)
			abort();
		at += size;
		s += size + 2;
	}
	if (at != h->body.len || memcmp(end - 2, "\r\n", 2) != 0)
		abort();
}

static void
check_fields(const struct http1 *h)
{
	if (h->n_field > HTTP1_MAX_FIELDS || !h->method || (*h->target != '/' && *h->target != '*') ||
	    strlen(h->target) > limits.target_bytes || (h->minor > 0 && !http1_get(h, "host")))
		abort();
	if (http1_get(h, "transfer-encoding") && (http1_get(h, "content-length") || h->minor == 0))
		abort();
	for (size_t i = 0; i < h->n_field; i++) {
		const char *name = h->head.p + h->field[i].name, *value = h->head.p + h->field[i].value;
		if (!*name || strpbrk(name, " \t:\r\n") || strpbrk(value, "\r\n") || http1_get(h, name) != value)
			abort();
	}
}

/* p: n bytes that are one request. */
static void
check(const struct http1 *h, const char *p, size_t n)
{
	const char *head_end = memmem(p + 2, n - 2, "\r\n\r\n", 4);

	if (!h->done || h->status)
		return;
	check_fields(h);
	if (!head_end)
		abort();
	if (h->length == UINT64_MAX)
		check_chunks(h, head_end + 4, p + n);
	else if (h->body.len != h->length || (size_t)(p + n - head_end) != 4 + h->length ||
	    (h->length && memcmp(h->body.p, head_end + 4, h->length) != 0))
		abort();
}

static void
tell(struct buf *out, const struct http1 *h)
{
	buf_addf(out, "%d %d %d %s %s\n", h->status, h->head_done, h->done, h->why ? h->why : "",
	    h->method ? h->method : "");
	if (h->head_done)
		buf_addf(out, "%s %d %d %d\n", h->target, h->minor, h->keep_alive, h->expects_continue);
	if (h->done)
		buf_add(out, h->body.p, h->body.len);
	for (size_t i = 0; h->head_done && i < h->n_field; i++)
		buf_addf(out, "%s=%s\n", h->head.p + h->field[i].name, h->head.p + h->field[i].value);
}

/* All requests that there are, in reads of `step` bytes; 0: lengths that the input itself gives. */
static void
feed(struct buf *out, const char *p, size_t n, size_t step)
{
	struct http1 h;
	size_t at = 0, begin = 0;

	http1_init(&h, &limits);
	while (at < n && !h.status) {
		size_t len = step ? step : 1 + (size_t)((unsigned char)p[at] % 7);
		at += http1_feed(&h, p + at, len < n - at ? len : n - at);
		if (!h.done)
			continue;
		tell(out, &h);
		check(&h, p + begin, at - begin);
		begin = at;
		http1_next(&h);
	}
	tell(out, &h);
	http1_release(&h);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const size_t steps[] = {1, 2, 5, 0};
	struct buf whole = BUF_INIT, cut = BUF_INIT;

	feed(&whole, (const char *)p, n, n ? n : 1);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		buf_clear(&cut);
		feed(&cut, (const char *)p, n, steps[i]);
		if (cut.len != whole.len || memcmp(cut.p, whole.p, whole.len) != 0)
			abort();
	}
	buf_release(&whole);
	buf_release(&cut);
	return 0;
}
