/* SPDX-License-Identifier: ISC */
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "providers.h"
#include "str.h"

const struct wire *
wire_get(const char *name)
{
	static const struct wire *const wires[] = {&wire_openai, &wire_completions, &wire_responses, &wire_anthropic,
	    &wire_gemini, &wire_ollama, &wire_cohere, &wire_bedrock};

	if (strcmp(name, "mock") == 0) /* its answers are an OpenAI stream */
		return &wire_openai;
	for (size_t i = 0; i < sizeof(wires) / sizeof(*wires); i++)
		if (strcmp(wires[i]->name, name) == 0)
			return wires[i];
	return NULL;
}

void
wire_url(struct wire_call *c, const struct wire_ask *ask, const char *path)
{
	static const char hole[] = "{model}";
	const struct provider *p = ask->provider;

	buf_clear(&c->url);
	if (!p)
		return;
	if (p->path)
		path = p->path;
	buf_adds(&c->url, p->base);
	if (*path != '/')
		buf_addc(&c->url, '/');
	for (const char *at; (at = strstr(path, hole)); path = at + strlen(hole)) {
		buf_add(&c->url, path, (size_t)(at - path));
		str_percent(&c->url, ask->model, "@");
	}
	buf_adds(&c->url, path);
	for (size_t i = 0; i < p->n_query; i++) {
		buf_addc(&c->url, strchr(buf_str(&c->url), '?') ? '&' : '?');
		buf_adds(&c->url, p->query[i]);
	}
}

void
wire_call_clear(struct wire_call *c)
{
	buf_clear(&c->url);
	buf_clear(&c->header);
	buf_clear(&c->body);
	c->stream = 0;
}

/* Whole: lines of a header may have been cut up with NULs. */
static void
wipe(struct buf *b)
{
	if (b->p)
		explicit_bzero(b->p, b->len);
	buf_release(b);
}

void
wire_call_release(struct wire_call *c)
{
	wipe(&c->url);
	wipe(&c->header);
	buf_release(&c->body);
}

void
losses_add(struct losses *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], name) == 0)
			return;
	l->v = mem_grow(l->v, l->n, &l->cap, sizeof(*l->v));
	l->v[l->n++] = xstrdup(name);
}

void
losses_add_content(struct losses *l, const char *name)
{
	losses_add(l, name);
	l->n_content++;
}

void
losses_drop(struct losses *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], name) == 0) {
			free(l->v[i]);
			memmove(l->v + i, l->v + i + 1, (--l->n - i) * sizeof(*l->v));
			return;
		}
}

void
losses_release(struct losses *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct losses){NULL, 0, 0, 0};
}
