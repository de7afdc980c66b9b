/* SPDX-License-Identifier: ISC */
#include "wire/front.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "event.h"

void
front_init(struct front_answer *a, const struct front *f)
{
	memset(a, 0, sizeof(*a));
	a->front = f;
	answer_init(&a->answer);
}

void
front_release(struct front_answer *a)
{
	if (a->front && a->front->release)
		a->front->release(a);
	a->own = NULL;
	answer_release(&a->answer);
}

void
front_clear(struct front_answer *a)
{
	front_release(a);
	answer_init(&a->answer);
	a->failed = a->begun = 0;
	a->cost = NULL;
}

static const char *
either(const char *told, const char *set)
{
	return told ? told : set ? set : "";
}

const char *
front_id(const struct front_answer *a)
{
	return either(a->answer.id, a->id);
}

const char *
front_model(const struct front_answer *a)
{
	return either(a->answer.model, a->model);
}

int64_t
front_created(const struct front_answer *a)
{
	return a->answer.created ? a->answer.created : a->created;
}

void
front_event(struct front_answer *a, const struct event *ev, struct buf *out)
{
	if (a->front->keeps || !event_is_content(ev->type))
		answer_add(&a->answer, ev);
	a->failed |= ev->type == EVENT_ERROR;
	a->front->event(a, ev, out);
	a->begun = 1;
}

void
front_lose(struct front_answer *a, const char *what)
{
	if (a->lost)
		losses_add(a->lost, what);
}

void
front_lose_content(struct front_answer *a, const char *what)
{
	if (a->lost)
		losses_add_content(a->lost, what);
}

const char *
front_message(const struct err *e)
{
	char status[16];
	int n = snprintf(status, sizeof(status), "%d ", e->http);

	return e->http && strncmp(e->msg, status, (size_t)n) == 0 && e->msg[n] ? e->msg + n : e->msg;
}

const char *
front_error_type(const struct err *e)
{
	static const struct {
		int http;
		const char *word;
	} words[] = {{401, "authentication"}, {402, "payment_required"}, {403, "permission_denied"}, {404, "not_found"},
	    {408, "timeout"}, {412, "precondition_failed"}, {413, "payload_too_large"}, {422, "unprocessable"},
	    {429, "rate_limit_exceeded"}, {500, "server"}, {502, "provider_unavailable"}, {503, "provider_overloaded"},
	    {504, "timeout"}, {524, "timeout"}, {529, "provider_overloaded"}};

	if (e->kind == ERR_REFUSED)
		return "content_policy_violation";
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (words[i].http == e->http)
			return words[i].word;
	return e->http >= 400 && e->http < 500 ? "invalid_request" : "unmapped";
}

const char *
front_reason(const struct front_word *words, const char *reason, const char *native)
{
	const struct front_word *w;

	if (!reason)
		return NULL;
	for (w = words; native && w->native; w++)
		if (strcmp(w->native, native) == 0 && strcmp(w->reason, reason) == 0)
			return w->native;
	for (w = words; w->native; w++)
		if (strcmp(w->reason, reason) == 0)
			return w->native;
	return words->native;
}
