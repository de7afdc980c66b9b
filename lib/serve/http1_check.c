/* SPDX-License-Identifier: ISC */
#include "serve/http1_priv.h"

#include <string.h>
#include <strings.h>

#include "str.h"

#define LENGTH_DIGITS 19 /* of Content-Length */

static const char *const methods[] = {"GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"};

int
http1_fail(struct http1 *h, int status, const char *why)
{
	if (!h->status) {
		h->status = status;
		h->why = why;
	}
	return -1;
}

static int
is_token(unsigned char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* ── the request line ── */

/* Of "http://host/path" only the path counts. */
static int
absolute_target(struct http1 *h, char *target)
{
	char *host = target + strlen("http://"), *path = host + strcspn(host, "/?");

	if (path == host || memchr(host, '@', (size_t)(path - host)))
		return http1_fail(h, 400, "a target without a host");
	if (*path == '?')
		*--path = '/';
	h->target = *path ? path : "/";
	return 0;
}

/* Called when nothing moves the head any more. */
static int
check_target(struct http1 *h, const struct http1_spans *at)
{
	char *target = h->head.p + at->target_at;

	target[at->target_n] = '\0';
	h->target = target;
	if (strchr(target, '#'))
		return http1_fail(h, 400, "a target with a fragment");
	if (*target == '/')
		return 0;
	if (strncasecmp(target, "http://", strlen("http://")) == 0)
		return absolute_target(h, target);
	if (strcmp(target, "*") == 0 && strcmp(h->method, "OPTIONS") == 0)
		return 0;
	return http1_fail(h, 400, "a target that is no path");
}

static int
check_version(struct http1 *h, const char *s, size_t n)
{
	if (n != strlen("HTTP/1.1") || memcmp(s, "HTTP/", 5) != 0 || s[5] < '0' || s[5] > '9' || s[6] != '.' ||
	    s[7] < '0' || s[7] > '9')
		return http1_fail(h, 400, "no request line");
	if (s[5] != '1' || s[7] > '1')
		return http1_fail(h, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
	return 0;
}

static int
check_method(struct http1 *h, const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		if (strlen(methods[i]) == n && memcmp(methods[i], s, n) == 0) {
			h->method = methods[i];
			return 0;
		}
	return http1_fail(h, 501, "no such method");
}

int
http1_check_line(struct http1 *h, struct http1_spans *at)
{
	const char *s = h->head.p;
	size_t n = h->head.len - 2, method = 0, end;

	while (method < n && is_token((unsigned char)s[method]))
		method++;
	if (method == 0 || method == n || s[method] != ' ')
		return http1_fail(h, 400, "no request line");
	for (end = method + 1; end < n && s[end] > ' ' && s[end] < 127;)
		end++;
	if (end == method + 1 || end == n || s[end] != ' ')
		return http1_fail(h, 400, "no request line");
	if (check_version(h, s + end + 1, n - end - 1))
		return -1;
	at->target_at = (uint32_t)method + 1;
	at->target_n = (uint32_t)(end - method - 1);
	if (at->target_n > h->limits.target_bytes)
		return http1_fail(h, 414, "the target is too long");
	return check_method(h, s, method);
}

/* ── fields ── */

static int
terminate(struct http1 *h, const struct http1_spans *at, size_t i)
{
	char *name = h->head.p + h->field[i].name, *value = h->head.p + h->field[i].value;
	size_t n = at->value_n[i];

	if (at->name_n[i] == 0)
		return http1_fail(h, 400, "a field without a name");
	for (size_t k = 0; k < at->name_n[i]; k++) {
		if (!is_token((unsigned char)name[k]))
			return http1_fail(h, 400, "a field's name is none");
		if (name[k] >= 'A' && name[k] <= 'Z')
			name[k] |= 32;
	}
	if (name[at->name_n[i]] != ':')
		return http1_fail(h, 400, "a blank in front of a colon");
	if (n == 0)
		value = name + at->name_n[i];
	for (; n > 0 && (*value == ' ' || *value == '\t'); n--)
		value++;
	while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'))
		n--;
	name[at->name_n[i]] = value[n] = '\0';
	h->field[i].value = (uint32_t)(value - h->head.p);
	return 0;
}

static const char *
name_of(const struct http1 *h, size_t i)
{
	return h->head.p + h->field[i].name;
}

static const char *
value_of(const struct http1 *h, size_t i)
{
	return h->head.p + h->field[i].value;
}

/* Most begin otherwise. */
static int
is_named(const struct http1 *h, size_t i, const char *name)
{
	const char *its = name_of(h, i);

	return *its == *name && strcmp(its, name) == 0;
}

static size_t
count(const struct http1 *h, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n_field; i++)
		n += is_named(h, i, name);
	return n;
}

/* Writes the values of all fields that are named like field i behind the head, and keeps that one alone. */
static void
join(struct http1 *h, size_t i)
{
	size_t at = h->head.len, kept = i + 1;

	for (size_t k = i; k < h->n_field; k++) {
		if (strcmp(name_of(h, k), name_of(h, i)) != 0) {
			if (k > i)
				h->field[kept++] = h->field[k];
			continue;
		}
		if (k > i)
			buf_adds(&h->head, ", ");
		buf_reserve(&h->head, strlen(value_of(h, k)));
		buf_adds(&h->head, value_of(h, k));
	}
	buf_addc(&h->head, '\0');
	h->field[i].value = (uint32_t)at;
	h->n_field = kept;
}

static int
check_length(struct http1 *h)
{
	const char *length = http1_get(h, "content-length");
	int64_t n;

	h->length = 0;
	if (count(h, "content-length") > 1 ||
	    (length && (strlen(length) > LENGTH_DIGITS || str_int(length, 0, INT64_MAX, &n))))
		return http1_fail(h, 400, "no Content-Length, or more than one");
	if (length)
		h->length = (uint64_t)n;
	return 0;
}

static int
check_coding(struct http1 *h)
{
	const char *coding = http1_get(h, "transfer-encoding");

	if (!coding)
		return 0;
	if (count(h, "transfer-encoding") > 1 || http1_get(h, "content-length"))
		return http1_fail(h, 400, "the body's length is given twice");
	if (h->minor == 0)
		return http1_fail(h, 400, "Transfer-Encoding in HTTP/1.0");
	if (!str_ieq(coding, "chunked"))
		return http1_fail(h, 501, "a transfer coding other than chunked");
	h->length = UINT64_MAX;
	return 0;
}

static int
check_host(struct http1 *h)
{
	const char *host = http1_get(h, "host");
	size_t n = count(h, "host");

	if (n > 1 || (n == 0 && h->minor > 0))
		return http1_fail(h, 400, n ? "more than one Host" : "no Host");
	for (; host && *host; host++)
		if (!((*host >= '0' && *host <= '9') || ((*host | 32) >= 'a' && (*host | 32) <= 'z') ||
			strchr("-._~%!$&'()*+,;=[]:", *host)))
			return http1_fail(h, 400, "a Host that is none");
	return 0;
}

static int
check_expect(struct http1 *h)
{
	const char *expect = http1_get(h, "expect");

	h->expects_continue = 0;
	if (!expect || h->minor == 0)
		return 0;
	if (count(h, "expect") > 1 || !str_ieq(expect, "100-continue"))
		return http1_fail(h, 417, "an expectation other than 100-continue");
	h->expects_continue = h->length > 0;
	return 0;
}

static int
check_fields(struct http1 *h, const struct http1_spans *at)
{
	if (h->n_field + 2 != at->lines)
		return http1_fail(h, 400, "a field without a colon");
	for (size_t i = 0; i < h->n_field; i++)
		if (terminate(h, at, i))
			return -1;
	if (check_length(h) || check_coding(h) || check_host(h) || check_expect(h))
		return -1;
	for (size_t i = 0; i < h->n_field; i++)
		if (count(h, name_of(h, i)) > 1)
			join(h, i);
	return 0;
}

/* The last: whoever answers knows for what it was. */
static int
check_size(struct http1 *h)
{
	if (h->length != UINT64_MAX && h->length > h->limits.body_bytes)
		return http1_fail(h, 413, "the body is too long");
	return 0;
}

int
http1_check_head(struct http1 *h, const struct http1_spans *at)
{
	return check_fields(h, at) || check_target(h, at) || check_size(h) ? -1 : 0;
}

const char *
http1_get(const struct http1 *h, const char *name)
{
	for (size_t i = 0; i < h->n_field; i++)
		if (is_named(h, i, name))
			return value_of(h, i);
	return NULL;
}
