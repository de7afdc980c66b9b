/* SPDX-License-Identifier: ISC */
/* or-key: keys of providers, checked and set. See or-key(1). */
#include <err.h>

#include "buf.h"
#include "err.h"
#include "key.h"
#include "out.h"

static int
about(const struct key_args *a, int closed, struct err *e)
{
	struct out o = OUT_INIT;
	struct buf text = BUF_INIT;
	int kept, r = out_open(&o, NULL, closed, e);

	key_args_about(a, &text);
	if (r == 0)
		r = out_write(&o, buf_str(&text), text.len, e);
	if (out_close(&o, r == 0, &kept, r ? NULL : e))
		r = -1;
	out_release(&o);
	buf_release(&text);
	return r;
}

int
main(int argc, char **argv)
{
	int closed = out_prepare();
	struct key_args a;
	struct err e = {0};

	if (key_args_parse(&a, argc, argv, &e) == 0)
		(a.about ? about : a.command->run)(&a, closed, &e);
	if (e.kind == ERR_SIGNAL)
		out_die(e.sys);
	else if (e.kind)
		warnx("%s", e.msg);
	return err_status(&e);
}
