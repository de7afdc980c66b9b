/* SPDX-License-Identifier: ISC */
/* The provisioning API: keys listed, made, read, changed, removed. */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "jsonw.h"
#include "mem.h"
#include "serve/visit.h"
#include "serve/handlers.h"
#include "serve/inquiry.h"
#include "serve/keys.h"
#include "str.h"
#include "tm.h"

#define PAGE 100             /* keys of one answer */
#define MAX_BODY (64 * 1024) /* bytes that say what a key is to be: several times what may stand in them */

/* A key that is made or changed. */
struct work {
	struct ledger_key key;
	char text[GATE_KEY_BYTES]; /* of a new one */
	int64_t now_ms;
};

static void
free_work(void *data)
{
	struct work *k = data;

	ledger_key_release(&k->key);
	explicit_bzero(k->text, sizeof(k->text));
	free(k);
}

/* {"data":KEY}, with the key's text behind it where it is new. */
static void
answer_key(struct visit *v, int status, const struct ledger_key *k, const char *text)
{
	struct buf body = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &body);
	jsonw_object(&w);
	jsonw_key(&w, "data");
	keys_write(&w, k);
	jsonw_member_if(&w, "key", text);
	jsonw_end_object(&w);
	exchange_field(v->x, "Cache-Control", "no-store");
	visit_json(v, status, &body);
	if (body.p)
		explicit_bzero(body.p, body.len);
	buf_release(&body);
}

static void
ask_keys(struct visit *v, inquiry_fn then, void *data, void (*free_data)(void *data))
{
	inquire(v, &(struct desk_question){.what = DESK_KEYS}, then, data, free_data);
}

/* ── the list ── */

struct range {
	int64_t offset;
	int with_disabled;
};

static int
read_range(struct visit *v, struct range *r)
{
	static const char *const names[] = {"offset", "include_disabled", NULL};
	struct buf b = BUF_INIT;
	int bad = inquiry_query(v, names);

	*r = (struct range){0, 0};
	if (!bad && visit_query(v, "offset", &b) == 0 && b.len && str_int(b.p, 0, INT64_MAX, &r->offset)) {
		inquiry_refuse(v, 400, "offset: must be a whole number");
		bad = -1;
	}
	buf_clear(&b);
	if (!bad && visit_query(v, "include_disabled", &b) == 0) {
		r->with_disabled = str_ieq(buf_str(&b), "true") || strcmp(buf_str(&b), "1") == 0;
		if (!r->with_disabled && b.len && !str_ieq(b.p, "false") && strcmp(b.p, "0") != 0) {
			inquiry_refuse(v, 400, "include_disabled: must be true or false");
			bad = -1;
		}
	}
	buf_release(&b);
	return bad;
}

/* The newest first. */
static void
write_list(struct buf *body, const struct ledger_keys *ks, const struct range *r)
{
	struct jsonw w;
	int64_t at = 0;

	jsonw_init(&w, body);
	jsonw_object(&w);
	jsonw_key(&w, "data");
	jsonw_array(&w);
	for (size_t i = ks->n; i-- > 0;) {
		if (ks->v[i].disabled && !r->with_disabled)
			continue;
		if (at >= r->offset && at - r->offset < PAGE)
			keys_write(&w, &ks->v[i]);
		at++;
	}
	jsonw_end_array(&w);
	jsonw_end_object(&w);
}

static void
on_list(struct visit *v, const struct json *j, void *data)
{
	struct ledger_keys ks;
	struct buf body = BUF_INIT;
	struct err e = {0};

	if (keys_read(&ks, j, &e)) {
		visit_error(v, &e);
	} else {
		write_list(&body, &ks, data);
		visit_json(v, 200, &body);
	}
	buf_release(&body);
	ledger_keys_release(&ks);
}

void
admin_keys(struct visit *v)
{
	struct range r, *kept;

	if (read_range(v, &r))
		return;
	kept = xcalloc(1, sizeof(*kept));
	*kept = r;
	ask_keys(v, on_list, kept, free);
}

/* ── a new one ── */

static void
on_added(struct visit *v, const struct json *j, void *data)
{
	struct work *k = data;

	json_int(j, 0, &k->key.id);
	answer_key(v, 201, &k->key, k->text);
}

/* What the body says is laid over the key. */
static int
read_body(struct visit *v, struct ledger_key *k, int is_new, int64_t now_ms)
{
	const struct buf *body = &exchange_request(v->x)->body;
	struct json j = JSON_INIT;
	struct err e = {0};
	int r = 0;

	if (body->len > MAX_BODY)
		r = err_set(&e, ERR_DATA, "the body: over %d KiB", MAX_BODY >> 10);
	else if (json_parse(&j, buf_str(body), body->len, &e))
		r = err_wrap(&e, "the body");
	else
		r = keys_change(k, &j, is_new, now_ms, &e);
	if (r)
		visit_error(v, &e);
	json_release(&j);
	return r;
}

void
admin_key_new(struct visit *v)
{
	struct work *k;

	if (inquiry_query(v, (const char *const[]){NULL}))
		return;
	k = xcalloc(1, sizeof(*k));
	k->now_ms = tm_now_ms();
	k->key = (struct ledger_key){.limit_pusd = PUSD_UNKNOWN, .created_ms = k->now_ms, .updated_ms = k->now_ms};
	if (read_body(v, &k->key, 1, k->now_ms)) {
		free_work(k);
		return;
	}
	gate_make_key(k->text, &k->key);
	inquire(v, &(struct desk_question){.what = DESK_KEY_ADD, .key = &k->key}, on_added, k, free_work);
}

/* ── one of them ── */

static void
on_changed(struct visit *v, const struct json *j, void *data)
{
	struct ledger_keys ks;
	struct err e = {0};

	(void)data;
	if (keys_read(&ks, j, &e) == 0 && ks.n != 1)
		err_set(&e, ERR_INTERNAL, "the ledger's process: not the key that was changed");
	if (e.kind)
		visit_error(v, &e);
	else
		answer_key(v, 200, ks.v, NULL);
	ledger_keys_release(&ks);
}

static void
on_removed(struct visit *v, const struct json *j, void *data)
{
	static const char text[] = "{\"deleted\":true}";
	struct buf body = BUF_INIT;

	(void)j;
	(void)data;
	buf_adds(&body, text);
	visit_json(v, 200, &body);
	buf_release(&body);
}

/* Tried on a copy; the ledger's process changes what the key is when its turn has come. */
static void
change(struct visit *v, struct ledger_key *k)
{
	const struct ledger_key which = {.id = k->id};

	if (read_body(v, k, 0, tm_now_ms()) == 0)
		inquire(v,
		    &(struct desk_question){
			.what = DESK_KEY_PUT, .key = &which, .text = buf_str(&exchange_request(v->x)->body)},
		    on_changed, NULL, NULL);
}

static void
on_keys(struct visit *v, const struct json *j, void *data)
{
	const char *method = exchange_request(v->x)->method;
	struct ledger_keys ks;
	struct ledger_key *k;
	struct err e = {0};

	(void)data;
	if (keys_read(&ks, j, &e))
		visit_error(v, &e);
	else if ((k = keys_hashed(&ks, v->part[0])) == NULL)
		inquiry_refuse(v, 404, "there is no key of that hash");
	else if (strcmp(method, "PATCH") == 0)
		change(v, k);
	else if (strcmp(method, "DELETE") == 0)
		inquire(v, &(struct desk_question){.what = DESK_KEY_REMOVE, .key = k}, on_removed, NULL, NULL);
	else
		answer_key(v, 200, k, NULL);
	ledger_keys_release(&ks);
}

void
admin_key(struct visit *v)
{
	if (inquiry_query(v, (const char *const[]){NULL}) == 0)
		ask_keys(v, on_keys, NULL, NULL);
}
