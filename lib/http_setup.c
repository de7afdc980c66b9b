/* SPDX-License-Identifier: ISC */
/* What is different from one transfer to the next: part of http.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "castore.h"
#include "conf.h"
#include "http_priv.h"
#include "loopback.h"
#include "mem.h"

#define MAX_UNASKED 1024 /* bytes of a body that no libcurl asks leave for (Expect: 100-continue) */

/* libcurl would parse it, and write it down again, for each transfer. What it can't parse it tells when it begins. */
static void
set_url(struct http_xfer *x, const char *url)
{
	if (!x->parts)
		x->parts = xcheck(curl_url());
	int is_parsed = curl_url_set(x->parts, CURLUPART_URL, url, 0) == CURLUE_OK;
	curl_easy_setopt(x->easy, CURLOPT_URL, is_parsed ? NULL : url);
	curl_easy_setopt(x->easy, CURLOPT_CURLU, is_parsed ? x->parts : NULL);
	free(x->url);
	x->url = xstrdup(url);
}

/* Goes over the lines as far as they are the list's next. Returns whether that is all of them. */
static int
are_next(const struct curl_slist **list, const char *const *line)
{
	for (; line && *line; line++, *list = (*list)->next)
		if (!*list || strcmp((*list)->data, *line) != 0)
			return 0;
	return 1;
}

static void
add_lines(struct http_xfer *x, const char *const *line)
{
	for (; line && *line; line++)
		x->headers = xcheck(curl_slist_append(x->headers, *line));
}

/* The list of the transfer before is kept where it is the same: most go to the same provider. */
static void
set_headers(struct http_xfer *x, const struct http_req *r)
{
	const char *own[4] = {HTTP_USER_AGENT}; /* libcurl, which would print it for each transfer, has it from here */
	size_t n = 1;

	if (r->body && r->body->len > MAX_UNASKED)
		own[n++] = "Expect:"; /* no 100-continue: it costs a round trip */
	if (!r->compressed)           /* what compresses a stream may hold it back */
		own[n++] = r->is_whole ? "Accept-Encoding:" : "Accept-Encoding: identity";
	const struct curl_slist *old = x->headers;
	if (are_next(&old, r->header) && are_next(&old, own) && !old)
		return;
	curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(x->headers);
	x->headers = NULL;
	add_lines(x, r->header);
	add_lines(x, own);
	curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->headers);
}

static void
set_trust(struct http_xfer *x)
{
	struct http *h = x->h;

	if (x->trusts)
		return;
	x->trusts = 1;
	if (!h->ca_known)
		castore_find(&h->ca, conf_env("SSL_CERT_FILE"), conf_env("SSL_CERT_DIR"));
	h->ca_known = 1;
	if (h->ca.file || h->ca.dir) {
		curl_easy_setopt(x->easy, CURLOPT_CAINFO, h->ca.file);
		curl_easy_setopt(x->easy, CURLOPT_CAPATH, h->ca.dir);
	}
}

static void
set_transport(struct http_xfer *x, const struct http_req *r)
{
	CURL *c = x->easy;

	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)r->connect_ms);
	if (x->url && strcmp(x->url, r->url) == 0)
		return;
	int is_near = loopback_url(r->url), is_plain = strncasecmp(r->url, "http:", 5) == 0;
	/* libcurl leaves the capitals to CGI */
	const char *proxy = !is_near && is_plain && !conf_env("http_proxy") ? conf_env("HTTP_PROXY") : NULL;

	set_url(x, r->url);
	curl_easy_setopt(c, CURLOPT_NOPROXY, is_near ? "*" : NULL);
	curl_easy_setopt(c, CURLOPT_PROXY, proxy);
	/* a proxy has our name from the CONNECT; where there is none, from the request */
	curl_easy_setopt(c, CURLOPT_PROXYHEADER, is_plain ? NULL : x->h->to_proxy);
	if (strncasecmp(r->url, "https:", 6) == 0)
		set_trust(x);
}

static void
set_body(struct http_xfer *x, const struct http_req *r)
{
	if (r->body) {
		x->body = *r->body;
		*r->body = (struct buf)BUF_INIT;
	}
	curl_easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE_LARGE, r->body ? (curl_off_t)x->body.len : (curl_off_t)-1);
	curl_easy_setopt(x->easy, CURLOPT_POSTFIELDS, r->body ? buf_str(&x->body) : NULL);
	if (!r->body)
		curl_easy_setopt(x->easy, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(x->easy, CURLOPT_CUSTOMREQUEST, r->method);
}

void
http_setup(struct http_xfer *x, const struct http_req *r)
{
	set_transport(x, r);
	set_headers(x, r);
	set_body(x, r);
}
