/* SPDX-License-Identifier: ISC */
#include "sigv4.h"

#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "mem.h"
#include "str.h"
#include "tm.h"

#define HASH SHA256_DIGEST_LENGTH

static void
to_hex(const unsigned char hash[HASH], char hex[SIGV4_HASH])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < HASH; i++) {
		hex[2 * i] = digits[hash[i] >> 4];
		hex[2 * i + 1] = digits[hash[i] & 15];
	}
	hex[2 * HASH] = '\0';
}

void
sigv4_hash(const void *p, size_t n, char hex[SIGV4_HASH])
{
	unsigned char hash[HASH];
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, p, n);
	SHA256Final(hash, &ctx);
	to_hex(hash, hex);
}

/* RFC 2104. mac may be key. */
static void
hmac(const void *key, size_t n_key, const void *text, size_t n, unsigned char mac[HASH])
{
	unsigned char inner[SHA256_BLOCK_LENGTH] = {0}, outer[SHA256_BLOCK_LENGTH];
	SHA2_CTX ctx;

	if (n_key > sizeof(inner)) {
		SHA256Init(&ctx);
		SHA256Update(&ctx, key, n_key);
		SHA256Final(inner, &ctx);
	} else {
		memcpy(inner, key, n_key);
	}
	for (size_t i = 0; i < sizeof(inner); i++) {
		outer[i] = inner[i] ^ 0x5c;
		inner[i] ^= 0x36;
	}
	SHA256Init(&ctx);
	SHA256Update(&ctx, inner, sizeof(inner));
	SHA256Update(&ctx, text, n);
	SHA256Final(mac, &ctx);
	SHA256Init(&ctx);
	SHA256Update(&ctx, outer, sizeof(outer));
	SHA256Update(&ctx, mac, HASH);
	SHA256Final(mac, &ctx);
	explicit_bzero(inner, sizeof(inner));
	explicit_bzero(outer, sizeof(outer));
	explicit_bzero(&ctx, sizeof(ctx));
}

int
sigv4_date(int64_t time_s, char date[SIGV4_DATE])
{
	struct buf iso = BUF_INIT;
	size_t n = 0;

	tm_iso(&iso, time_s);
	for (const char *s = iso.p; *s && n < SIGV4_DATE - 1; s++)
		if (*s != '-' && *s != ':')
			date[n++] = *s;
	date[n] = '\0';
	buf_release(&iso);
	return n == SIGV4_DATE - 1 ? 0 : -1;
}

/* The parts of a URL. Borrowed; not NUL-terminated. */
struct url {
	const char *host, *path, *query;
	size_t n_host, n_path, n_query;
};

/* What HTTP says in Host: without the port that the scheme has anyway. */
static int
split_url(struct url *u, const char *s)
{
	const char *port = str_starts(s, "https://") ? ":443" : str_starts(s, "http://") ? ":80" : NULL;

	if (!port)
		return -1;
	u->host = strstr(s, "//") + 2;
	u->n_host = strcspn(u->host, "/?#");
	u->path = u->host + u->n_host;
	u->n_path = strcspn(u->path, "?#");
	u->query = u->path + u->n_path + (u->path[u->n_path] == '?');
	u->n_query = strcspn(u->query, "#");
	size_t n = strlen(port);
	if (u->n_host > n && memcmp(u->host + u->n_host - n, port, n) == 0)
		u->n_host -= n;
	return u->n_host ? 0 : -1;
}

static void
encode(struct buf *b, const char *s, size_t n)
{
	char *copy = xstrndup(s, n);

	str_percent(b, copy, "");
	free(copy);
}

/* Takes the last segment away, with its slash. */
static void
drop_segment(struct buf *b, size_t from)
{
	while (b->len > from && b->p[--b->len] != '/')
		continue;
}

static void
add_path(struct buf *b, const char *s, size_t n)
{
	const char *end = s + n;
	size_t from = b->len;
	int slash = 1; /* a slash is wanted behind what is there */

	while (s < end) {
		s++;
		const char *next = memchr(s, '/', (size_t)(end - s));
		size_t len = next ? (size_t)(next - s) : (size_t)(end - s);
		int up = len == 2 && memcmp(s, "..", 2) == 0;
		slash = len == 0 || up || (len == 1 && *s == '.');
		if (up)
			drop_segment(b, from);
		if (!slash) {
			buf_addc(b, '/');
			encode(b, s, len);
		}
		s += len;
	}
	if (slash)
		buf_addc(b, '/');
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that %XX at s stands for; 0 where there is no such escape. */
static char
unescape(const char *s, size_t n)
{
	int hi = n > 2 && *s == '%' ? hex_value(s[1]) : -1, lo = hi >= 0 ? hex_value(s[2]) : -1;

	return lo >= 0 ? (char)(hi << 4 | lo) : 0;
}

/* Encoded anew, so that %2f and %2F are one. */
static char *
normal(const char *s, size_t n)
{
	struct buf plain = BUF_INIT, b = BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		char c = unescape(s + i, n - i);
		buf_addc(&plain, c ? c : s[i]);
		i += c ? 2 : 0;
	}
	str_percent(&b, buf_str(&plain), "");
	buf_release(&plain);
	return buf_take(&b);
}

struct pair { /* of the query: name and value; of the headers: lower-case name and value */
	char *name, *value;
	size_t place; /* headers of one name keep their order */
};

struct pairs {
	struct pair *v;
	size_t n, cap;
};

/* name and value are taken. */
static void
pairs_add(struct pairs *ps, char *name, char *value)
{
	ps->v = mem_grow(ps->v, ps->n, &ps->cap, sizeof(*ps->v));
	ps->v[ps->n] = (struct pair){name, value, ps->n};
	ps->n++;
}

static void
pairs_release(struct pairs *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		free(ps->v[i].name);
		mem_wipe_free(ps->v[i].value); /* one may be the token */
	}
	free(ps->v);
}

static int
by_name_and_value(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : strcmp(x->value, y->value);
}

static int
by_name_and_place(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : (x->place > y->place) - (x->place < y->place);
}

static void
add_query(struct buf *b, const char *s, size_t n)
{
	const char *end = s + n;
	struct pairs ps = {0};

	while (s < end) {
		const char *amp = memchr(s, '&', (size_t)(end - s));
		size_t len = amp ? (size_t)(amp - s) : (size_t)(end - s);
		const char *equal = memchr(s, '=', len);
		size_t n_name = equal ? (size_t)(equal - s) : len;
		if (len)
			pairs_add(&ps, normal(s, n_name), equal ? normal(equal + 1, len - n_name - 1) : xstrdup(""));
		s += len + (amp != NULL);
	}
	if (ps.n)
		qsort(ps.v, ps.n, sizeof(*ps.v), by_name_and_value);
	for (size_t i = 0; i < ps.n; i++)
		buf_addf(b, "%s%s=%s", i ? "&" : "", ps.v[i].name, ps.v[i].value);
	pairs_release(&ps);
}

/* Lower-case name; the value without blanks around it, and one space where there were several. */
static void
add_header(struct pairs *ps, const char *name, size_t n, const char *value)
{
	struct buf b = BUF_INIT;
	char *lower = xstrndup(name, n);

	for (char *c = lower; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c |= 0x20;
	for (value += strspn(value, " \t\r\n"); *value; value += strspn(value, " \t\r\n")) {
		size_t len = strcspn(value, " \t\r\n");
		if (b.len)
			buf_addc(&b, ' ');
		buf_add(&b, value, len);
		value += len;
	}
	pairs_add(ps, lower, buf_take(&b));
}

static void
gather_headers(struct pairs *ps, const struct sigv4 *s, const struct url *u, const char *date)
{
	char *host = xstrndup(u->host, u->n_host);

	add_header(ps, "host", 4, host);
	add_header(ps, "x-amz-date", 10, date);
	if (s->token && *s->token)
		add_header(ps, "x-amz-security-token", 20, s->token);
	for (const char *const *h = s->header; h && *h; h++) {
		size_t n = strcspn(*h, ":");
		add_header(ps, *h, n, *h + n + ((*h)[n] == ':'));
	}
	qsort(ps->v, ps->n, sizeof(*ps->v), by_name_and_place);
	free(host);
}

static int
is_again(const struct pairs *ps, size_t i)
{
	return i > 0 && strcmp(ps->v[i - 1].name, ps->v[i].name) == 0;
}

/* "name:value" lines; values of one name are joined. */
static void
add_headers(struct buf *b, const struct pairs *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		if (is_again(ps, i))
			b->p[b->len - 1] = ',';
		else
			buf_addf(b, "%s:", ps->v[i].name);
		buf_addf(b, "%s\n", ps->v[i].value);
	}
}

static void
add_names(struct buf *b, const struct pairs *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		if (!is_again(ps, i))
			buf_addf(b, "%s%s", i ? ";" : "", ps->v[i].name);
}

static void
canonical_request(struct buf *b, const struct sigv4 *s, const struct url *u, const struct pairs *headers)
{
	buf_addf(b, "%s\n", s->method);
	if (strcmp(s->service, "s3") == 0 && u->n_path)
		buf_add(b, u->path, u->n_path);
	else
		add_path(b, u->path, u->n_path);
	buf_addc(b, '\n');
	add_query(b, u->query, u->n_query);
	buf_addc(b, '\n');
	add_headers(b, headers);
	buf_addc(b, '\n');
	add_names(b, headers);
	buf_addf(b, "\n%s", s->body_hash);
}

/* The key that the secret makes for a day, a region and a service signs the text. */
static void
signature(const struct sigv4 *s, const char *date, const char *text, size_t n, char hex[SIGV4_HASH])
{
	struct buf secret = BUF_INIT;
	unsigned char key[HASH];

	buf_reserve(&secret, strlen("AWS4") + strlen(s->secret)); /* so that no half of it is left behind by growing */
	buf_adds(&secret, "AWS4");
	buf_adds(&secret, s->secret);
	hmac(secret.p, secret.len, date, 8, key);
	hmac(key, HASH, s->region, strlen(s->region), key);
	hmac(key, HASH, s->service, strlen(s->service), key);
	hmac(key, HASH, "aws4_request", 12, key);
	hmac(key, HASH, text, n, key);
	to_hex(key, hex);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(secret.p, secret.cap);
	buf_release(&secret);
}

int
sigv4_sign(const struct sigv4 *s, struct buf *out, struct err *e)
{
	struct buf request = BUF_INIT, scope = BUF_INIT, text = BUF_INIT;
	char date[SIGV4_DATE], hash[SIGV4_HASH];
	struct pairs headers = {0};
	struct url u;

	if (split_url(&u, s->url) == -1)
		return err_set(e, ERR_INTERNAL, "no URL that can be signed");
	if (sigv4_date(s->time_s, date) == -1)
		return err_set(e, ERR_INTERNAL, "no time that can be signed");
	gather_headers(&headers, s, &u, date);
	canonical_request(&request, s, &u, &headers);
	sigv4_hash(request.p, request.len, hash);
	buf_addf(&scope, "%.8s/%s/%s/aws4_request", date, s->region, s->service);
	buf_addf(&text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope.p, hash);
	signature(s, date, text.p, text.len, hash);
	buf_addf(out, "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=", s->key_id, scope.p);
	add_names(out, &headers);
	buf_addf(out, ", Signature=%s", hash);
	explicit_bzero(request.p, request.cap); /* the token is in it */
	buf_release(&request);
	buf_release(&scope);
	buf_release(&text);
	pairs_release(&headers);
	return 0;
}
