/* SPDX-License-Identifier: ISC */
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

const struct wire *
wire_get(const char *name)
{
	static const struct wire *const wires[] = {&wire_openai};

	if (strcmp(name, "mock") == 0) /* its answers are an OpenAI stream */
		return &wire_openai;
	for (size_t i = 0; i < sizeof(wires) / sizeof(*wires); i++)
		if (strcmp(wires[i]->name, name) == 0)
			return wires[i];
	return NULL;
}

void
wire_call_release(struct wire_call *c)
{
	buf_release(&c->url);
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
	*l = (struct losses){NULL, 0, 0};
}
