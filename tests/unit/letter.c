/* SPDX-License-Identifier: ISC */
#include "letter.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <wctype.h>

#include "buf.h"
#include "tap.h"

static void
folds(const char *s, const char *want)
{
	struct buf b = BUF_INIT;

	letter_fold(&b, s, strlen(s));
	tap_is_str(buf_str(&b), want, want);
	buf_release(&b);
}

/* libc's own table, where there is a locale with one, says the same of all letters that we know. */
static void
test_libc(void)
{
	int wrong = 0, known = 0;

	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		tap_ok(1, "the same as libc # SKIP no C.UTF-8 here");
		return;
	}
	for (uint32_t c = 0; c < 0x110000; c++) {
		uint32_t got = letter_lower(c), want = (uint32_t)towlower((wint_t)c);
		known += got != c;
		if (got == c || got == want)
			continue;
		wrong++;
		printf("# U+%04X: U+%04X, and not U+%04X\n", (unsigned)c, (unsigned)got, (unsigned)want);
	}
	tap_is_int(wrong, 0, "the same as libc");
	tap_ok(known > 500, "for some hundred letters");
	setlocale(LC_CTYPE, "C");
}

static void
test_at(void)
{
	size_t len;

	tap_ok(letter_at("aé", 3, &len) == 'a' && len == 1, "one byte");
	tap_ok(letter_at("é", 2, &len) == 0xe9 && len == 2, "two");
	tap_ok(letter_at("€", 3, &len) == 0x20ac && len == 3, "three");
	tap_ok(letter_at("😀", 4, &len) == 0x1f600 && len == 4, "four");
	tap_ok(letter_at("€", 2, &len) == 0xfffd && len == 1, "a cut sequence");
	tap_ok(letter_at("\xff", 1, &len) == 0xfffd && len == 1, "no UTF-8");
}

int
main(void)
{
	folds("GRÜẞE, ŁÓDŹ!", "grüße, łódź!");
	folds("ŐŰ ĞIŞ ȘȚ ŒÆŸ", "őű ğiş șț œæÿ");
	folds("ΑΒΓ ΆΈΌΏ", "αβγ άέόώ");
	folds("ПРИВЕТ ЁЇҐ", "привет ёїґ");
	folds("ĐƠƯ ẢẾỮ", "đơư ảếữ");
	folds("ԱՖ", "աֆ");
	folds("×÷ 漢字 @[`{", "×÷ 漢字 @[`{");
	test_libc();
	test_at();
	return tap_done();
}
