/* SPDX-License-Identifier: ISC */
#include "listing.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "json.h"
#include "mem.h"
#include "providers.h"
#include "str.h"
#include "tm.h"
#include "wire/fault.h"
#include "wire/service.h"
#include "wire/wire.h"

static void
add_query(struct buf *b, const char *name, const char *value)
{
	buf_addc(b, strchr(buf_str(b), '?') ? '&' : '?');
	if (name)
		buf_addf(b, "%s=", name);
	str_percent(b, value, name ? "" : "=&+%");
}

static void
add_queries(struct buf *b, const struct provider *p)
{
	for (size_t i = 0; i < p->n_query; i++)
		add_query(b, NULL, p->query[i]);
}

/* "." and ".." would lead out of the path. */
static int
has_dots(const char *path)
{
	for (const char *p = path; *p; p += *p == '/') {
		size_t n = strcspn(p, "/");
		if (n && n <= 2 && strspn(p, ".") >= n)
			return 1;
		p += n;
	}
	return 0;
}

/* Its values come from people: nothing in one may be more than a value. */
static int
add_asked(struct buf *b, const char *asked)
{
	static const char *const names[] = {"output_modalities", "category", "providers", "distillable", "zdr",
	    "region", "min_tool_success_rate", "max_tool_success_rate", "sort"};
	const size_t n_names = sizeof(names) / sizeof(*names);

	for (const char *p = asked; *p;) {
		size_t n = strcspn(p, "&"), at = strcspn(p, "="), i = 0;
		while (i < n_names && (strlen(names[i]) != at || strncmp(names[i], p, at) != 0))
			i++;
		if (i == n_names || at >= n || strspn(p + at + 1, LISTING_VALUE) != n - at - 1 || n > LISTING_VALUE_MAX)
			return -1;
		char *value = xstrndup(p + at + 1, n - at - 1);
		add_query(b, names[i], value);
		free(value);
		p += n + (p[n] == '&');
	}
	return 0;
}

static int
add_path(struct buf *b, const struct provider *p, const struct service *w, const char *what, struct err *e)
{
	if (str_starts(what, LISTING_ENDPOINTS)) {
		buf_adds(b, "/models/");
		str_percent(b, what + strlen(LISTING_ENDPOINTS), "/:@");
		buf_adds(b, "/endpoints");
	} else if (str_starts(what, LISTING_ASKED)) {
		buf_adds(b, "/models");
		if (!provider_routes(p) || add_asked(b, what + strlen(LISTING_ASKED)))
			return err_set(e, ERR_USAGE, "%s: no such list", p->name);
	} else if (strcmp(what, LISTING_ZDR) == 0) {
		buf_adds(b, "/endpoints/zdr");
		if (!provider_routes(p))
			return err_set(e, ERR_USAGE, "%s: no such list", p->name);
	} else if (w->list_url) {
		w->list_url(b, p);
	} else {
		buf_adds(b, w->list_path);
	}
	return 0;
}

int
listing_url(struct buf *b, const struct provider *p, const char *what, struct err *e)
{
	const struct service *w = service_get(p->wire);

	if (!w || (!w->list_url && (!w->list_path || !*p->base)))
		return err_set(
		    e, ERR_USAGE, "%s: a provider of wire %s has no list that can be fetched", p->name, p->wire);
	if (provider_ready(p, e))
		return -1;
	if (!str_starts(what, LISTING_ASKED) && has_dots(what))
		return err_set(e, ERR_USAGE, "%s: no model has such a name", what);
	if (!w->list_url)
		buf_adds(b, p->base);
	if (add_path(b, p, w, what, e))
		return -1;
	add_queries(b, p);
	return 0;
}

int
listing_other_url(struct buf *b, const struct provider *p, const char *path, struct err *e)
{
	if (provider_ready(p, e))
		return -1;
	buf_addf(b, "%s%s", p->base, path);
	add_queries(b, p);
	return 0;
}

static void
add_header(struct listing_call *c, const char *name, const char *value)
{
	struct buf b = BUF_INIT;

	buf_reserve(&b, strlen(name) + strlen(value)); /* growing would leave copies of a key behind */
	buf_adds(&b, name);
	buf_adds(&b, value);
	c->header = mem_grow(c->header, c->n + 1, &c->cap, sizeof(*c->header)); /* and the NULL */
	c->header[c->n++] = buf_take(&b);
	c->header[c->n] = NULL;
}

/* The key, or a signature, as a call of the wire has it. */
static int
add_auth(struct listing_call *c, const struct provider *p, const struct service *w, struct err *e)
{
	struct wire_call call = {.url = c->url};
	int r = service_authorise(w, &call, p, "GET", tm_now_ms() / 1000, e);

	c->url = call.url;
	call.url = (struct buf)BUF_INIT;
	for (char *line = call.header.p, *end; line && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		add_header(c, "", line);
	}
	wire_call_release(&call);
	return r;
}

static void
begin_call(struct listing_call *c, const struct provider *p, const struct service *w, const char *url, const char *etag)
{
	buf_adds(&c->url, url);
	add_header(c, "Accept: ", "application/json");
	if (etag && !strpbrk(etag, "\r\n"))
		add_header(c, "If-None-Match: ", etag);
	for (const char *const *h = w->header; h && *h; h++)
		add_header(c, "", *h);
	for (size_t i = 0; i < p->n_header; i++)
		add_header(c, "", p->header[i]);
}

int
listing_call(struct listing_call *c, struct provider *p, const char *url, const char *etag, struct err *e)
{
	const struct service *w = service_get(p->wire);

	begin_call(c, p, w, url, etag);
	if (strcmp(p->name, "openrouter") == 0)
		return 0;
	if (provider_key(p, e))
		return -1;
	return add_auth(c, p, w, e);
}

int
listing_other_call(struct listing_call *c, struct provider *p, const char *url, struct err *e)
{
	const struct service *w = service_get(p->wire);

	begin_call(c, p, w, url, NULL);
	if (provider_key(p, e))
		return -1;
	return add_auth(c, p, w, e);
}

int
listing_error(int status, const char *body, size_t n, struct err *e)
{
	const struct fault bare = {status, NULL, NULL, NULL};
	struct json j = JSON_INIT;
	struct err ignored;
	int node, told;

	told = json_parse(&j, body, n, &ignored) == 0 && wire_openai.error(&j, status, e, &node);
	json_release(&j);
	if (told || status == 200)
		return -1;
	return fault_err(&bare, e);
}

void
listing_call_release(struct listing_call *c)
{
	for (size_t i = 0; i < c->n; i++)
		mem_wipe_free(c->header[i]);
	free(c->header);
	mem_wipe_free(c->url.p);
	*c = (struct listing_call)LISTING_CALL_INIT;
}
