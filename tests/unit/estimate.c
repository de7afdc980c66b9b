/* SPDX-License-Identifier: ISC */
#include "estimate.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "json.h"
#include "tap.h"

#define FRAME(n) (((n) + 1) * ESTIMATE_MESSAGE)
#define LIKELY_FRAME(n) (((n) + 1) * 4)

static struct json j = JSON_INIT;

static struct estimate
of(const char *request)
{
	struct estimate e;

	if (json_parse(&j, request, strlen(request), NULL))
		printf("# no JSON: %s\n", request);
	estimate_request(&e, &j);
	return e;
}

static void
is(const char *request, int64_t likely, int64_t bound, const char *name)
{
	struct estimate e = of(request);

	tap_ok(e.likely == likely && e.bound == bound, "%s", name);
	if (e.likely != likely || e.bound != bound)
		printf("# got %lld, at most %lld; want %lld, at most %lld\n", (long long)e.likely, (long long)e.bound,
		    (long long)likely, (long long)bound);
}

static void
test_text(void)
{
	tap_is_int(estimate_text("", 0), 0, "no text");
	tap_is_int(estimate_text("abcd", 4), 1, "four bytes");
	tap_is_int(estimate_text("abcde", 5), 2, "five");
	tap_is_int(estimate_text("\xc3\xa9", 2), 1, "another character");
	tap_is_int(estimate_text("\xf0\x9f\x98\x80\xe2\x82\xac", 7), 2, "characters of four and of three bytes");
	tap_is_int(
	    estimate_text("abcdefgh\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9klmnopqr", 24), 8, "both, over several words");
}

static void
test_messages(void)
{
	is("{}", LIKELY_FRAME(0), FRAME(0), "nothing");
	is("{\"messages\":[]}", LIKELY_FRAME(0), FRAME(0), "no messages");
	is("{\"messages\":\"abcd\"}", LIKELY_FRAME(0), FRAME(0), "messages that are none");
	is("{\"messages\":[{\"role\":\"user\",\"content\":\"abcdefgh\"}]}", LIKELY_FRAME(1) + 2, FRAME(1) + 8,
	    "a message");
	is("{\"messages\":[{\"role\":\"user\",\"content\":\"ab\"},{\"role\":\"user\",\"content\":\"cd\"}]}",
	    LIKELY_FRAME(2) + 1, FRAME(2) + 4, "two are rounded up once");
	is("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"abcd\"},{\"type\":\"text\",\"text\":\"efgh\"}]}]}",
	    LIKELY_FRAME(1) + 2, FRAME(1) + 8, "parts");
	is("{\"messages\":[{\"role\":\"user\",\"content\":\"a\\n\\u00e9\\ud83d\\ude00\\u20ac\\ud800\\u0041\\\"\"}]}",
	    LIKELY_FRAME(1) + 1 + 4, FRAME(1) + 4 + 2 + 4 + 3 + 3, "escapes are decoded");
	is("{\"messages\":[{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"cccc\",\"type\":\"function\",\"function\":"
	   "{\"name\":\"ffff\",\"arguments\":\"{\\\"a\\\":1}\"}}]}]}",
	    LIKELY_FRAME(1) + 4, FRAME(1) + 15, "calls of tools");
	tap_is_int((long long)of("{\"messages\":[{\"role\":\"user\",\"content\":\"abc\"}],\"tools\":[{}]}").n_bytes, 3,
	    "bytes of the messages alone");
}

static void
test_rest(void)
{
	is("{\"tools\":[{\"a\": 1}]}", LIKELY_FRAME(0) + 256 + 3, FRAME(0) + ESTIMATE_TOOLS + 10, "tools");
	is("{\"tools\":[]}", LIKELY_FRAME(0), FRAME(0), "no tools");
	is("{\"response_format\":{\"type\":\"json_object\"}}", LIKELY_FRAME(0) + 6, FRAME(0) + 22, "a format");
	is("{\"user\":\"abcd\",\"metadata\":{\"a\":\"bcde\"}}", LIKELY_FRAME(0), FRAME(0),
	    "what the model doesn't see");
}

static void
test_media(void)
{
	struct estimate e =
	    of("{\"messages\":[{\"role\":\"user\",\"content\":["
	       "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AAAAAAAAAAAAAAAA\"}},"
	       "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://example.com/a.png\"}},"
	       "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AAAA\",\"format\":\"wav\"}},"
	       "{\"type\":\"video_url\",\"video_url\":{\"url\":\"https://example.com/a.mp4\"}},"
	       "{\"type\":\"file\",\"file\":{\"file_id\":\"x\"}}]}]}");

	tap_ok(e.n_image == 2 && e.n_audio == 1 && e.n_video == 1 && e.n_file == 1, "media are counted");
	tap_ok(e.n_bytes == 0, "and are no text");
	tap_ok(e.bound >= FRAME(1) + 2 * ESTIMATE_IMAGE + 3 * ESTIMATE_MEDIA &&
		e.bound < FRAME(1) + 2 * ESTIMATE_IMAGE + 3 * ESTIMATE_MEDIA + 100,
	    "each at its figure");
	is("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}]}]}",
	    LIKELY_FRAME(1) + 1024, FRAME(1) + ESTIMATE_IMAGE, "an image");
	is("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":null}]}]}",
	    LIKELY_FRAME(1), FRAME(1), "null is no image");
	is("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"0123456789012345678\"}}]}]}",
	    LIKELY_FRAME(1) + 1024 + 30 / 16, FRAME(1) + ESTIMATE_MEDIA + 30 / 16, "a recording, and its size");
	e = of(
	    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_data\":\"data:text/plain;base64,"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}}]}]}");
	tap_ok(e.n_file == 1 && e.bound > FRAME(1) + ESTIMATE_MEDIA + 72, "a file of text counts as text too");
}

static void
test_input(void)
{
	is("{\"input\":[\"abcdefgh\",\"ijkl\"]}", LIKELY_FRAME(2) + 3, FRAME(2) + 12, "texts for vectors");
	is("{\"messages\":[],\"input\":[\"abcdefgh\"]}", LIKELY_FRAME(0), FRAME(0),
	    "where there are messages they count");
}

/* Whatever the words, the bound isn't below the likely figure. */
static void
test_bound(void)
{
	static const char *const parts[] = {
	    "word ", "\\n", "\\u00e9", "\xe2\x82\xac", "12345678901234567890", "\\ud83d\\ude00", ""};
	struct buf b = BUF_INIT;
	int worse = 0;

	for (unsigned i = 0; i < 7 * 7 * 7 * 7; i++) {
		buf_clear(&b);
		buf_adds(&b, "{\"messages\":[{\"role\":\"user\",\"content\":\"");
		for (unsigned k = 0, n = i; k < 4; k++, n /= 7)
			buf_adds(&b, parts[n % 7]);
		buf_adds(&b, "\"}]}");
		struct estimate e = of(b.p);
		worse += e.likely > e.bound || e.bound < FRAME(1) + (int64_t)e.n_bytes;
	}
	tap_is_int(worse, 0, "the bound is a bound");
	buf_release(&b);
}

int
main(void)
{
	test_text();
	test_messages();
	test_input();
	test_rest();
	test_media();
	test_bound();
	json_release(&j);
	return tap_done();
}
