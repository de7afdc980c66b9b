/* SPDX-License-Identifier: ISC */
#include "answer.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "mem.h"
#include "more.h"

static const char *const growing[] = {"text", "summary", "data", "transcript"};
#define N_GROWING (sizeof(growing) / sizeof(*growing))

void
answer_init(struct answer *a)
{
	static const struct usage unknown = USAGE_INIT;

	memset(a, 0, sizeof(*a));
	a->usage = unknown;
}

static void
release_piece(struct answer_piece *p)
{
	free(p->type);
	buf_release(&p->first);
	json_release(&p->parsed);
	for (size_t i = 0; i < N_GROWING; i++)
		buf_release(&p->grown[i]);
	jsonedit_release(&p->late);
}

static void
release_choice(struct answer_choice *c)
{
	buf_release(&c->text);
	buf_release(&c->refusal);
	buf_release(&c->reasoning);
	buf_release(&c->images);
	buf_release(&c->annotations);
	buf_release(&c->logprobs);
	buf_release(&c->refusal_logprobs);
	for (size_t i = 0; i < c->n_detail; i++)
		release_piece(c->detail + i);
	free(c->detail);
	if (c->audio)
		release_piece(c->audio);
	free(c->audio);
	for (size_t i = 0; i < c->n_call; i++) {
		free(c->call[i].id);
		free(c->call[i].name);
		buf_release(&c->call[i].args);
		buf_release(&c->call[i].more);
		buf_release(&c->call[i].function_more);
	}
	free(c->call);
	free(c->finish);
	free(c->native);
	buf_release(&c->more);
	buf_release(&c->message_more);
	buf_release(&c->logprobs_more);
}

void
answer_release(struct answer *a)
{
	free(a->id);
	free(a->model);
	free(a->provider);
	for (size_t i = 0; i < a->n_choice; i++)
		release_choice(a->choice + i);
	free(a->choice);
	buf_release(&a->usage_raw);
	buf_release(&a->more);
	memset(a, 0, sizeof(*a));
}

void
answer_clear(struct answer *a)
{
	answer_release(a);
	answer_init(a);
}

const struct answer_choice *
answer_get(const struct answer *a, size_t choice)
{
	return choice < a->n_choice ? a->choice + choice : NULL;
}

static struct answer_choice *
choice_of(struct answer *a, int i)
{
	size_t n = i >= 0 && i < ANSWER_MAX_CHOICES ? (size_t)i + 1 : 1;

	if (n > a->n_choice) {
		a->choice = xreallocarray(a->choice, n, sizeof(*a->choice));
		memset(a->choice + a->n_choice, 0, (n - a->n_choice) * sizeof(*a->choice));
		a->n_choice = n;
	}
	return a->choice + n - 1;
}

static void
add_item(struct buf *list, const char *raw, size_t n)
{
	if (list->len)
		buf_addc(list, ',');
	buf_add(list, raw, n);
}

static void
replace(char **to, const char *s)
{
	if (!s)
		return;
	free(*to);
	*to = xstrdup(s);
}

static int
is_growing(const struct json *j, int key)
{
	for (size_t i = 0; i < N_GROWING; i++)
		if (json_eq(j, key, growing[i]))
			return (int)i;
	return -1;
}

/* A later piece: strings that grow are added, other members that the first piece lacked (or had as null) are kept. */
static void
grow(struct answer_piece *p, const struct json *j)
{
	for (int k = json_child(j, 0); k >= 0; k = json_next(j, 0, json_value(j, k))) {
		int v = json_value(j, k), i = is_growing(j, k);
		char *key = json_dup(j, k, NULL);
		int had = json_get(&p->parsed, 0, key);
		size_t n;
		if (i >= 0) {
			json_str(j, v, &p->grown[i]);
		} else if ((had < 0 || json_type(&p->parsed, had) == JSON_NULL || json_eq(&p->parsed, had, "")) &&
		    json_type(j, v) != JSON_NULL && !strchr(key, '.')) {
			const char *raw = json_raw(j, v, &n);
			jsonedit_set(&p->late, key, raw, n);
		}
		free(key);
	}
}

static void
begin_piece(struct answer_piece *p, const struct json *j, int64_t index)
{
	*p = (struct answer_piece){.index = index};
	p->type = json_dup(j, json_get(j, 0, "type"), NULL);
	buf_add(&p->first, j->text, j->len);
	json_parse(&p->parsed, p->first.p, p->first.len, NULL);
	for (size_t i = 0; i < N_GROWING; i++)
		json_str(j, json_get(j, 0, growing[i]), &p->grown[i]);
}

/* Details with an index come in pieces; those without are whole. */
static void
add_detail(struct answer_choice *c, const char *raw, size_t n)
{
	struct json j = JSON_INIT;
	struct err ignored;
	int64_t index = -1;

	if (json_parse(&j, raw, n, &ignored) == 0) {
		struct answer_piece *last = c->n_detail ? c->detail + c->n_detail - 1 : NULL;
		int has_index = json_int(&j, json_get(&j, 0, "index"), &index) == 0;
		if (has_index && last && last->index == index && last->type &&
		    json_eq(&j, json_get(&j, 0, "type"), last->type)) {
			grow(last, &j);
		} else {
			c->detail = mem_grow(c->detail, c->n_detail, &c->cap_detail, sizeof(*c->detail));
			begin_piece(c->detail + c->n_detail++, &j, has_index ? index : -1);
		}
	}
	json_release(&j);
}

static void
add_audio(struct answer_choice *c, const char *raw, size_t n)
{
	struct json j = JSON_INIT;
	struct err ignored;

	if (json_parse(&j, raw, n, &ignored) == 0) {
		if (c->audio) {
			grow(c->audio, &j);
		} else {
			c->audio = xcalloc(1, sizeof(*c->audio));
			begin_piece(c->audio, &j, -1);
		}
	}
	json_release(&j);
}

static void
add_items(struct buf *to, const struct json *j, int list)
{
	size_t n;

	for (int i = json_child(j, list); i >= 0; i = json_next(j, list, i)) {
		const char *item = json_raw(j, i, &n);
		add_item(to, item, n);
	}
}

static void
add_logprobs(struct answer_choice *c, const char *raw, size_t n)
{
	struct json j = JSON_INIT;
	struct err ignored;

	if (json_parse(&j, raw, n, &ignored) == 0) {
		add_items(&c->logprobs, &j, json_get(&j, 0, "content"));
		add_items(&c->refusal_logprobs, &j, json_get(&j, 0, "refusal"));
	}
	json_release(&j);
}

static void
add_call(struct answer_choice *c, const struct event *ev)
{
	c->call = mem_grow(c->call, c->n_call, &c->cap_call, sizeof(*c->call));
	struct answer_call *call = c->call + c->n_call++;
	*call = (struct answer_call){.args = BUF_INIT};
	replace(&call->id, ev->id);
	call->name = xstrdup(ev->name ? ev->name : "");
}

static void
add_to_choice(struct answer_choice *c, const struct event *ev)
{
	switch (ev->type) {
	case EVENT_TEXT:
		buf_add(ev->refusal ? &c->refusal : &c->text, ev->s, ev->n);
		break;
	case EVENT_REASONING:
		buf_add(&c->reasoning, ev->s, ev->n);
		if (ev->raw)
			add_detail(c, ev->raw, ev->raw_len);
		break;
	case EVENT_TOOL_BEGIN:
		add_call(c, ev);
		break;
	case EVENT_TOOL_ARGS:
		if (ev->index >= 0 && (size_t)ev->index < c->n_call)
			buf_add(&c->call[ev->index].args, ev->s, ev->n);
		break;
	case EVENT_MEDIA:
		if (ev->name && strcmp(ev->name, "audio") == 0)
			add_audio(c, ev->raw, ev->raw_len);
		else
			add_item(&c->images, ev->raw, ev->raw_len);
		break;
	case EVENT_ANNOTATION:
		add_item(&c->annotations, ev->raw, ev->raw_len);
		break;
	case EVENT_LOGPROBS:
		add_logprobs(c, ev->raw, ev->raw_len);
		break;
	case EVENT_FINISH:
		replace(&c->finish, ev->s);
		replace(&c->native, ev->native);
		break;
	default:
		break;
	}
}

static void
add_more(struct answer *a, const struct event *ev)
{
	const struct more *m = ev->more;

	more_add(&a->more, m->s[MORE_ANSWER], m->n[MORE_ANSWER]);
	if (ev->choice < 0)
		return;
	struct answer_choice *c = choice_of(a, ev->choice);
	more_add(&c->more, m->s[MORE_CHOICE], m->n[MORE_CHOICE]);
	more_add(&c->message_more, m->s[MORE_MESSAGE], m->n[MORE_MESSAGE]);
	more_add(&c->logprobs_more, m->s[MORE_LOGPROBS], m->n[MORE_LOGPROBS]);
	int of_call = ev->type == EVENT_TOOL_BEGIN || ev->type == EVENT_TOOL_ARGS;
	if (of_call && ev->index >= 0 && (size_t)ev->index < c->n_call) {
		struct answer_call *call = c->call + ev->index;
		more_add(&call->more, m->s[MORE_CALL], m->n[MORE_CALL]);
		more_add(&call->function_more, m->s[MORE_FUNCTION], m->n[MORE_FUNCTION]);
	}
}

void
answer_add(struct answer *a, const struct event *ev)
{
	switch (ev->type) {
	case EVENT_START:
		replace(&a->id, ev->id);
		replace(&a->model, ev->name);
		replace(&a->provider, ev->provider);
		a->created = ev->created;
		break;
	case EVENT_USAGE:
		a->usage = *ev->usage;
		buf_clear(&a->usage_raw);
		buf_add(&a->usage_raw, ev->raw, ev->raw_len);
		break;
	case EVENT_MORE:
	case EVENT_ERROR:
		break;
	default:
		add_to_choice(choice_of(a, ev->choice), ev);
	}
	if (ev->more)
		add_more(a, ev);
}
