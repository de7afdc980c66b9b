/* SPDX-License-Identifier: ISC */
/* References to long data, and their way back. */
#include <stdlib.h>
#include <string.h>

#include "blobs.h"
#include "buf.h"
#include "mem.h"
#include "tap.h"

int
main(void)
{
	struct blobs b = BLOBS_INIT;
	struct buf out = BUF_INIT, back = BUF_INIT, want = BUF_INIT;
	char *data = xcalloc(1, BLOBS_MIN + 1);

	memset(data, 'A', BLOBS_MIN);
	blobs_add(&b, "QUJD", 4, &out);
	tap_is_str(buf_str(&out), "QUJD", "short data is itself");
	buf_clear(&out);
	blobs_add(NULL, data, BLOBS_MIN, &out);
	tap_is_int((int64_t)out.len, BLOBS_MIN, "without a table long data, too");
	buf_clear(&out);
	blobs_add(&b, data, BLOBS_MIN, &out);
	blobs_add(&b, data, BLOBS_MIN, &out);
	tap_is_str(buf_str(&out), "*blob:0**blob:1*", "long data is a reference");
	tap_ok(blobs_get(&b, "*blob:1*", 8) && blobs_get(&b, "*blob:1*", 8)->p == data, "that leads to it");
	tap_ok(!blobs_get(&b, "*blob:2*", 8) && !blobs_get(&b, "*blob:*", 7) && !blobs_get(&b, "1", 1) &&
		!blobs_get(&b, "*blob:x*", 8) && !blobs_get(NULL, "*blob:0*", 8) &&
		!blobs_get(&b, "*blob:00000000000001*", 21),
	    "what is none leads nowhere");

	static const char text[] =
	    "{\"url\":\"data:image/png;base64,*blob:1*\",\"x\":\"*blob:0*\",\"data\":\"*blob:0*\",\"y\":\"data:a/b;base64,*blob:9*\"}";
	blobs_expand(&b, text, strlen(text), &back);
	buf_addf(&want,
	    "{\"url\":\"data:image/png;base64,%s\",\"x\":\"*blob:0*\",\"data\":\"%s\",\"y\":\"data:a/b;base64,*blob:9*\"}",
	    data, data);
	tap_is_str(buf_str(&back), buf_str(&want), "expanded only where fronts put them");
	buf_clear(&back);
	blobs_expand(NULL, text, strlen(text), &back);
	tap_is_str(buf_str(&back), text, "nothing to expand");
	buf_release(&out);
	buf_release(&back);
	buf_release(&want);
	blobs_release(&b);
	free(data);
	return tap_done();
}
