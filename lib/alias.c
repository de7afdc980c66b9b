/* SPDX-License-Identifier: ISC */
/* The aliases table, and chains of models: part of providers.h. */
#include "providers.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "provider_priv.h"
#include "str.h"

#define MAX_DEPTH 64 /* aliases of aliases */

static struct alias *
find(struct providers *ps, const char *name, size_t n)
{
	for (size_t i = 0; i < ps->n_alias; i++) {
		if (strlen(ps->alias[i].name) == n && memcmp(ps->alias[i].name, name, n) == 0)
			return &ps->alias[i];
	}
	return NULL;
}

static int
add_model(void *arg, const char *item, size_t n)
{
	struct alias *a = arg;

	if (!n || memchr(item, ' ', n) || memchr(item, '\t', n))
		return -1;
	a->model = xreallocarray(a->model, a->n_model + 1, sizeof(*a->model));
	a->model[a->n_model++] = xstrndup(item, n);
	return 0;
}

int
alias_parse(struct providers *ps, char *line, struct err *e)
{
	size_t n = strcspn(line, ":"), n_name = n;
	struct alias a = {0};

	while (n_name && (line[n_name - 1] == ' ' || line[n_name - 1] == '\t'))
		n_name--;
	if (!line[n] || !n_name)
		return err_set(e, ERR_CONFIG, "an alias is name: model, model");
	if (strcspn(line, "/, \t") < n_name)
		return err_set(e, ERR_CONFIG, "an alias's name holds no : / , or blank");
	if (str_list(line + n + 1, add_model, &a) == -1) {
		alias_release(&a);
		return err_set(
		    e, ERR_CONFIG, "an alias is name: model, model (names without `:`, models without blanks)");
	}
	if (find(ps, line, n_name)) { /* earlier entries win */
		alias_release(&a);
		return 0;
	}
	a.name = xstrndup(line, n_name);
	ps->alias = mem_grow(ps->alias, ps->n_alias, &ps->cap_alias, sizeof(*ps->alias));
	ps->alias[ps->n_alias++] = a;
	return 0;
}

void
alias_release(struct alias *a)
{
	for (size_t i = 0; i < a->n_model; i++)
		free(a->model[i]);
	free(a->model);
	free(a->name);
	*a = (struct alias){0};
}

enum progress { UNSEEN, OPEN, DONE };

struct expansion {
	struct providers *ps;
	unsigned char
	    *progress; /* of each alias: a done one has all its models in the list, so that work stays linear */
	char **names;  /* NULL-terminated */
	size_t n, cap;
	int depth;
	struct err *e;
};

static void
add_name(struct expansion *x, const char *name, size_t n)
{
	for (size_t i = 0; i < x->n; i++) {
		if (strlen(x->names[i]) == n && memcmp(x->names[i], name, n) == 0)
			return;
	}
	x->names = mem_grow(x->names, x->n + 1, &x->cap, sizeof(*x->names));
	x->names[x->n++] = xstrndup(name, n);
	x->names[x->n] = NULL;
}

static int
expand(void *arg, const char *name, size_t n)
{
	struct expansion *x = arg;
	struct alias *a = find(x->ps, name, n);

	if (!n)
		return err_set(x->e, ERR_USAGE, "an empty name in the list of models");
	if (!a) {
		add_name(x, name, n);
		return 0;
	}
	unsigned char *progress = &x->progress[a - x->ps->alias];
	if (*progress == DONE)
		return 0;
	if (*progress == OPEN)
		return err_set(x->e, ERR_CONFIG, "aliases: %s is an alias of itself", a->name);
	if (x->depth == MAX_DEPTH)
		return err_set(x->e, ERR_CONFIG, "aliases: %s: more than %d aliases of aliases", a->name, MAX_DEPTH);
	*progress = OPEN;
	x->depth++;
	for (size_t i = 0; i < a->n_model; i++) {
		if (expand(x, a->model[i], strlen(a->model[i])) == -1)
			return -1;
	}
	x->depth--;
	*progress = DONE;
	return 0;
}

char **
providers_expand(struct providers *ps, const char *chain, struct err *e)
{
	struct expansion x = {.ps = ps, .e = e, .progress = xcalloc(ps->n_alias, 1)};

	if (str_list(chain, expand, &x) == -1) {
		names_free(x.names);
		x.names = NULL;
	}
	free(x.progress);
	return x.names;
}

void
names_free(char **names)
{
	for (size_t i = 0; names && names[i]; i++)
		free(names[i]);
	free(names);
}
