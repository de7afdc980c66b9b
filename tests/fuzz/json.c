/* SPDX-License-Identifier: ISC */
/*
 * What json accepts can be walked, written anew and read again without a change; json_parse and json_valid agree; an edited object is
 * valid, and holds what was set.
 */
#include "json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "jsonedit.h"
#include "jsonw.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
must(int ok)
{
	if (!ok)
		abort();
}

static void
write_string(struct jsonw *w, const struct json *j, int node, int is_key)
{
	size_t n;
	char *s = json_dup(j, node, &n);

	must(s != NULL);
	if (is_key)
		jsonw_keyn(w, s, n);
	else
		jsonw_strn(w, s, n);
	free(s);
}

static void
write_node(struct jsonw *w, const struct json *j, int node)
{
	enum json_type t = json_type(j, node);
	const char *raw;
	size_t n;
	int seen = 0;

	if (t == JSON_STRING) {
		write_string(w, j, node, 0);
	} else if (t == JSON_ARRAY) {
		jsonw_array(w);
		for (int i = json_child(j, node); i >= 0; i = json_next(j, node, i), seen++)
			write_node(w, j, i);
		jsonw_end_array(w);
		must(seen == json_count(j, node));
	} else if (t == JSON_OBJECT) {
		jsonw_object(w);
		for (int key = json_child(j, node); key >= 0; key = json_next(j, node, json_value(j, key)), seen++) {
			write_string(w, j, key, 1);
			write_node(w, j, json_value(j, key));
		}
		jsonw_end_object(w);
		must(seen == json_count(j, node));
	} else {
		raw = json_raw(j, node, &n);
		jsonw_raw(w, raw, n);
	}
}

static void
rewrite(const struct json *j, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	write_node(&w, j, 0);
}

static void
check_rewrite(const struct json *j)
{
	struct json again = JSON_INIT;
	struct buf once = BUF_INIT, twice = BUF_INIT;

	rewrite(j, &once);
	must(json_parse(&again, once.p, once.len, NULL) == 0);
	rewrite(&again, &twice);
	must(once.len == twice.len && memcmp(once.p, twice.p, once.len) == 0);
	json_release(&again);
	buf_release(&once);
	buf_release(&twice);
}

/* Paths that the seeds have, or nearly. */
static void
check_edit(const struct json *j)
{
	static const char *const paths[] = {"model", "provider.max_price.prompt", "a", "messages"};
	struct jsonedit e = JSONEDIT_INIT;
	struct json again = JSON_INIT;
	struct buf out = BUF_INIT;

	jsonedit_set_str(&e, "model", "x\"\\y");
	jsonedit_set(&e, "provider.max_price.prompt", "[1]", 3);
	jsonedit_unset(&e, "a");
	if (jsonedit_write(&e, j, &out, NULL) == 0) {
		must(json_parse(&again, out.p, out.len, NULL) == 0);
		must(json_eq(&again, json_path(&again, 0, paths[0]), "x\"\\y"));
		must(json_type(&again, json_path(&again, 0, paths[1])) == JSON_ARRAY);
		must(json_path(&again, 0, paths[2]) < 0);
		must((json_path(&again, 0, paths[3]) < 0) == (json_path(j, 0, paths[3]) < 0));
	}
	jsonedit_release(&e);
	json_release(&again);
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const char *text = (const char *)p, *why = NULL;
	struct json j = JSON_INIT;
	struct err e = {0};
	size_t at = 0;
	int64_t number;

	int valid = json_valid(text, n, &at, &why);
	must((json_parse(&j, text, n, &e) == 0) == valid);
	must(valid ? e.kind == ERR_NONE : e.kind == ERR_DATA && at <= n && why != NULL);
	if (valid) {
		check_rewrite(&j);
		(void)json_unique(&j, &e);
		(void)json_int(&j, 0, &number);
		if (json_type(&j, 0) == JSON_OBJECT)
			check_edit(&j);
	}
	json_release(&j);
	return 0;
}
