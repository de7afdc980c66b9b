/* SPDX-License-Identifier: ISC */
#include "serve/conn_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tm.h"

static const char *
reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} reasons[] = {{200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"},
	    {301, "Moved Permanently"}, {302, "Found"}, {303, "See Other"}, {304, "Not Modified"},
	    {307, "Temporary Redirect"}, {308, "Permanent Redirect"}, {400, "Bad Request"}, {401, "Unauthorized"},
	    {402, "Payment Required"}, {403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"},
	    {406, "Not Acceptable"}, {408, "Request Timeout"}, {409, "Conflict"}, {410, "Gone"},
	    {411, "Length Required"}, {413, "Content Too Large"}, {414, "URI Too Long"},
	    {415, "Unsupported Media Type"}, {417, "Expectation Failed"}, {422, "Unprocessable Content"},
	    {425, "Too Early"}, {429, "Too Many Requests"}, {431, "Request Header Fields Too Large"},
	    {500, "Internal Server Error"}, {501, "Not Implemented"}, {502, "Bad Gateway"},
	    {503, "Service Unavailable"}, {504, "Gateway Timeout"}, {505, "HTTP Version Not Supported"},
	    {507, "Insufficient Storage"}, {529, "Overloaded"}};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "";
}

static const char *
date(struct conns *c)
{
	int64_t now = tm_now_ms() / 1000;
	struct buf b = BUF_INIT;

	if (now == c->date_s)
		return c->date;
	c->date_s = now;
	tm_http(&b, now);
	strlcpy(c->date, buf_str(&b), sizeof(c->date));
	buf_release(&b);
	return c->date;
}

static void
add_number(struct buf *out, uint64_t n)
{
	char digits[24], *p = digits + sizeof(digits);

	do
		*--p = (char)('0' + n % 10);
	while (n /= 10);
	buf_add(out, p, (size_t)(digits + sizeof(digits) - p));
}

void
conn_head(struct conns *c, struct buf *out, const struct conn_answer *a)
{
	buf_reserve(out, 256);
	buf_adds(out, "HTTP/1.1 ");
	add_number(out, (uint64_t)a->status);
	buf_addc(out, ' ');
	buf_adds(out, reason(a->status));
	buf_adds(out, "\r\nDate: ");
	buf_adds(out, date(c));
	if (a->type) {
		buf_adds(out, "\r\nContent-Type: ");
		buf_adds(out, a->type);
	}
	if (a->length >= 0) {
		buf_adds(out, "\r\nContent-Length: ");
		add_number(out, (uint64_t)a->length);
	}
	if (a->chunked)
		buf_adds(out, "\r\nTransfer-Encoding: chunked");
	if (a->closes)
		buf_adds(out, "\r\nConnection: close");
	else if (a->stays)
		buf_adds(out, "\r\nConnection: keep-alive");
	buf_adds(out, "\r\n");
	buf_adds(out, a->fields);
	buf_adds(out, "\r\n");
}

/* The line before a chunk, written up to end. One a event: printf would cost more than all else that is done to send it. */
char *
conn_put_size(char *end, size_t n)
{
	char *p = end - 2;

	memcpy(p, "\r\n", 2);
	do
		*--p = "0123456789abcdef"[n % 16];
	while (n /= 16);
	return p;
}
