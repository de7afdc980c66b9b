/* SPDX-License-Identifier: ISC */
#include "serve/http1.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define LIMIT_HEAD 2000
#define LIMIT_TARGET 300
#define LIMIT_BODY 1000
#define H "Host: h\r\n"
#define GET "GET / HTTP/1.1\r\n" H
#define POST "POST /p HTTP/1.1\r\n" H
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define X10 "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define X1000 X100 X100 X100 X100 X100 X100 X100 X100 X100 X100
#define E10 "a:\r\nb:\r\nc:\r\nd:\r\ne:\r\nf:\r\ng:\r\nh:\r\ni:\r\nj:\r\n"
#define E90 E10 E10 E10 E10 E10 E10 E10 E10 E10

/* want: a status, or method, target, minor, what becomes of the connection, and the body; then how many bytes are left. */
static const struct {
	const char *name, *in;
	size_t n; /* 0: strlen */
	const char *want;
} rows[] = {
    {"the least", GET "\r\n", 0, "GET / 1 keep [] 0"},
    {"HTTP/1.0 without a Host", "GET / HTTP/1.0\r\n\r\n", 0, "GET / 0 close [] 0"},
    {"HTTP/1.0 that stays", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", 0, "GET / 0 keep [] 0"},
    {"HTTP/1.0 that says both", "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", 0, "GET / 0 close [] 0"},
    {"Connection: close", GET "Connection: close\r\n\r\n", 0, "GET / 1 close [] 0"},
    {"Connection: x, Close", GET "Connection: x, Close\r\n\r\n", 0, "GET / 1 close [] 0"},
    {"Connection: closed", GET "Connection: closed\r\n\r\n", 0, "GET / 1 keep [] 0"},
    {"two Connections", GET "Connection: keep-alive\r\nConnection: close\r\n\r\n", 0, "GET / 1 close [] 0"},
    {"a body of a length", POST "Content-Length: 3\r\n\r\nabc", 0, "POST /p 1 keep [abc] 0"},
    {"a body of no bytes", POST "Content-Length: 0\r\n\r\nG", 0, "POST /p 1 keep [] 1"},
    {"a length with zeros in front", POST "Content-Length: 003\r\n\r\nabc", 0, "POST /p 1 keep [abc] 0"},
    {"a body with GET", GET "Content-Length: 3\r\n\r\nabcGET", 0, "GET / 1 keep [abc] 3"},
    {"a second request stays", GET "\r\n" GET "\r\n", 0, "GET / 1 keep [] 27"},
    {"behind a close too", GET "Connection: close\r\n\r\n" GET "\r\n", 0, "GET / 1 close [] 27"},
    {"an empty line in front", "\r\n" GET "\r\n", 0, "GET / 1 keep [] 0"},
    {"chunks", CHUNKED "3\r\nabc\r\n0a\r\n0123456789\r\n0\r\n\r\n", 0, "POST /p 1 keep [abc0123456789] 0"},
    {"chunks and what follows", CHUNKED "1\r\na\r\n0\r\n\r\nGET", 0, "POST /p 1 keep [a] 3"},
    {"chunks in upper case", POST "transfer-encoding: CHUNKED\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n", 0,
	"POST /p 1 keep [0123456789] 0"},
    {"extensions of chunks", CHUNKED "3;a=b;c\r\nabc\r\n0;a=\";\\\"\"; x\r\n\r\n", 0, "POST /p 1 keep [abc] 0"},
    {"trailers", CHUNKED "1\r\na\r\n0\r\nX: y\r\nHost: z\r\n\r\n", 0, "POST /p 1 keep [a] 0"},
    {"100-continue", POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\na", 0, "POST /p 1 keep continue [a] 0"},
    {"100-continue without a body", POST "Expect: 100-continue\r\n\r\n", 0, "POST /p 1 keep [] 0"},
    {"an upgrade is ignored", GET "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\nab", 0, "GET / 1 keep [] 2"},
    {"an upgrade with a body", POST "Connection: upgrade\r\nUpgrade: x\r\nContent-Length: 2\r\n\r\nabc", 0,
	"POST /p 1 keep [ab] 1"},
    {"an absolute target", "GET HTTP://h/a?b=http://c/ HTTP/1.1\r\n" H "\r\n", 0, "GET /a?b=http://c/ 1 keep [] 0"},
    {"an absolute target without a path", "GET http://h:80 HTTP/1.1\r\n" H "\r\n", 0, "GET / 1 keep [] 0"},
    {"an absolute target with a query alone", "GET http://h?a HTTP/1.1\r\n" H "\r\n", 0, "GET /?a 1 keep [] 0"},
    {"all of a server", "OPTIONS * HTTP/1.1\r\n" H "\r\n", 0, "OPTIONS * 1 keep [] 0"},
    {"an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 0, "GET / 1 keep [] 0"},
    {"PATCH", "PATCH /k HTTP/1.1\r\n" H "\r\n", 0, "PATCH /k 1 keep [] 0"},
    {"a tab in a value", GET "A: b\tc\r\n\r\n", 0, "GET / 1 keep [] 0"},
    {"bytes over 127 in a value", GET "A: \xff\xc3\xa4\r\n\r\n", 0, "GET / 1 keep [] 0"},
    {"99 fields and a Host", GET E90 "a:\r\nb:\r\nc:\r\nd:\r\ne:\r\nf:\r\ng:\r\nh:\r\ni:\r\n\r\n", 0,
	"GET / 1 keep [] 0"},

    {"half a request", GET, 0, "more"},
    {"half a body", POST "Content-Length: 3\r\n\r\nab", 0, "more"},
    {"no last chunk", CHUNKED "1\r\na\r\n", 0, "more"},
    {"no end of the trailers", CHUNKED "0\r\nA: b\r\n", 0, "more"},

    {"length and coding", POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 0, "400"},
    {"coding and length", POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 0, "400"},
    {"two lengths", POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\n", 0, "400"},
    {"two lengths that agree", POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", 0, "400"},
    {"two lengths in one", POST "Content-Length: 3, 3\r\n\r\n", 0, "400"},
    {"a length with a plus", POST "Content-Length: +3\r\n\r\n", 0, "400"},
    {"a length with a minus", POST "Content-Length: -3\r\n\r\n", 0, "400"},
    {"a length with a blank inside", POST "Content-Length: 3 3\r\n\r\n", 0, "400"},
    {"a length in hexadecimal", POST "Content-Length: 0x3\r\n\r\n", 0, "400"},
    {"an empty length", POST "Content-Length: \r\n\r\n", 0, "400"},
    {"a length over 64 bits", POST "Content-Length: 18446744073709551619\r\n\r\n", 0, "400"},
    {"a coding that isn't chunked", POST "Transfer-Encoding: gzip\r\n\r\n", 0, "400 501"},
    {"identity", POST "Transfer-Encoding: identity\r\n\r\n", 0, "400 501"},
    {"two codings", POST "Transfer-Encoding: gzip, chunked\r\n\r\n", 0, "400 501"},
    {"chunked isn't the last", POST "Transfer-Encoding: chunked, gzip\r\n\r\n", 0, "400 501"},
    {"two Transfer-Encodings", POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 0, "400"},
    {"xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n", 0, "400 501"},
    {"a quoted chunked", POST "Transfer-Encoding: \"chunked\"\r\n\r\n", 0, "400 501"},
    {"chunked with a parameter", POST "Transfer-Encoding: chunked;a=b\r\n\r\n", 0, "400 501"},
    {"an empty Transfer-Encoding", POST "Transfer-Encoding:\r\n\r\n", 0, "400 501"},
    {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 0, "400"},
    {"bare line feeds", "GET / HTTP/1.1\nHost: h\n\n", 0, "400"},
    {"a bare line feed behind a field", "GET / HTTP/1.1\r\nHost: h\n\r\n", 0, "400"},
    {"a bare line feed at the end", GET "\n", 0, "400"},
    {"a bare carriage return in a value", GET "A: b\rc\r\n\r\n", 0, "400"},
    {"two carriage returns", GET "A: b\r\r\n\r\n", 0, "400"},
    {"a folded field", GET "A: b\r\n c\r\n\r\n", 0, "400"},
    {"a folded first field", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 0, "400"},
    {"a blank in front of a colon", GET "A : b\r\n\r\n", 0, "400"},
    {"a tab in front of a colon", GET "A\t: b\r\n\r\n", 0, "400"},
    {"a blank in a name", GET "A B: c\r\n\r\n", 0, "400"},
    {"a NUL in a value", GET "A: b\0c\r\n\r\n", sizeof(GET "A: b\0c\r\n\r\n") - 1, "400"},
    {"a NUL in a name", GET "A\0: c\r\n\r\n", sizeof(GET "A\0: c\r\n\r\n") - 1, "400"},
    {"a control character in a value", GET "A: b\1c\r\n\r\n", 0, "400"},
    {"DEL in a value", GET "A: b\177c\r\n\r\n", 0, "400"},
    {"a name over 127", GET "\xc3\xa4: c\r\n\r\n", 0, "400"},
    {"an empty name", GET ": b\r\n\r\n", 0, "400"},
    {"a field without a colon", GET "abc\r\n\r\n", 0, "400"},
    {"101 fields", GET E90 E10 "\r\n", 0, "431"},
    {"no Host", "GET / HTTP/1.1\r\n\r\n", 0, "400"},
    {"two Hosts", GET H "\r\n", 0, "400"},
    {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\n" H H "\r\n", 0, "400"},
    {"a Host with a path", "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n", 0, "400"},
    {"a Host with a comma and a blank", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 0, "400"},
    {"a target of another scheme", "GET https://h/ HTTP/1.1\r\n" H "\r\n", 0, "400"},
    {"an absolute target without a host", "GET http:///a HTTP/1.1\r\n" H "\r\n", 0, "400"},
    {"an absolute target with a user", "GET http://u@h/a HTTP/1.1\r\n" H "\r\n", 0, "400"},
    {"an authority for a target", "GET h:80 HTTP/1.1\r\n" H "\r\n", 0, "400"},
    {"no slash in front", "GET a HTTP/1.1\r\n" H "\r\n", 0, "400"},
    {"* with GET", "GET * HTTP/1.1\r\n" H "\r\n", 0, "400"},
    {"a fragment", "GET /a#b HTTP/1.1\r\n" H "\r\n", 0, "400"},
    {"a target over 127", "GET /\xc3\xa4 HTTP/1.1\r\n" H "\r\n", 0, "400"},
    {"no target", "GET HTTP/1.1\r\n" H "\r\n", 0, "400"},
    {"an empty target", "GET  HTTP/1.1\r\n" H "\r\n", 0, "400"},
    {"two blanks", "GET /  HTTP/1.1\r\n" H "\r\n", 0, "400"},
    {"a blank at the end", "GET / HTTP/1.1 \r\n" H "\r\n", 0, "400"},
    {"a blank in front", " GET / HTTP/1.1\r\n" H "\r\n", 0, "400"},
    {"HTTP/0.9", "GET /\r\n\r\n", 0, "400"},
    {"http in lower case", "GET / http/1.1\r\n" H "\r\n", 0, "400"},
    {"RTSP", "GET / RTSP/1.0\r\n" H "\r\n", 0, "400"},
    {"two empty lines in front", "\r\n\r\n" GET "\r\n", 0, "400"},
    {"TLS", "\x16\x03\x01\x02", 4, "400"},
    {"HTTP/2.0", "GET / HTTP/2.0\r\n" H "\r\n", 0, "505"},
    {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, "505"},
    {"HTTP/1.2", "GET / HTTP/1.2\r\n" H "\r\n", 0, "505"},
    {"HTTP/3.1", "GET / HTTP/3.1\r\n" H "\r\n", 0, "505"},
    {"HTTP/11.1", "GET / HTTP/11.1\r\n" H "\r\n", 0, "400"},
    {"CONNECT", "CONNECT h:80 HTTP/1.1\r\n" H "\r\n", 0, "501"},
    {"an unknown method", "BREW / HTTP/1.1\r\n" H "\r\n", 0, "501"},
    {"a method in lower case", "get / HTTP/1.1\r\n" H "\r\n", 0, "501"},
    {"another expectation", POST "Expect: 200-ok\r\n\r\n", 0, "417"},
    {"a long target", "GET /" X100 X100 X100 " HTTP/1.1\r\n" H "\r\n", 0, "414"},
    {"a very long target", "GET /" X1000 X1000 X1000, 0, "414"},
    {"a long head", GET "A: " X1000 "\r\nB: " X1000, 0, "431"},
    {"a long head of short fields",
	GET "A: " X1000 "\r\nB: " X100 X100 X100 X100 X100 X100 X100 X100 X100 "\r\nC: " X100 "\r\n\r\n", 0, "431"},
    {"a long body", POST "Content-Length: 1001\r\n\r\n", 0, "413"},
    {"a chunk over the limit", CHUNKED "3e9\r\n", 0, "413"},
    {"chunks over the limit", CHUNKED "1\r\na\r\n3e8\r\n", 0, "413"},
    {"a chunk's size over 64 bits", CHUNKED "ffffffffffffffff1\r\n", 0, "400"},
    {"a chunk's size of no digits", CHUNKED "\r\n", 0, "400"},
    {"a chunk's size with a sign", CHUNKED "+3\r\n", 0, "400"},
    {"a chunk's size with 0x", CHUNKED "0x3\r\n", 0, "400"},
    {"a blank in front of a chunk's size", CHUNKED " 3\r\n", 0, "400"},
    {"a blank behind a chunk's size", CHUNKED "3 \r\n", 0, "400"},
    {"a chunk's size that ends in a bare line feed", CHUNKED "3\nabc\r\n0\r\n\r\n", 0, "400"},
    {"an extension that ends in a bare line feed", CHUNKED "3;a\nabc\r\n0\r\n\r\n", 0, "400"},
    {"a long extension", CHUNKED "3;" X1000 X1000 "\r\n", 0, "400"},
    {"a chunk longer than said", CHUNKED "3\r\nabcd\r\n", 0, "400"},
    {"a chunk that ends in a bare line feed", CHUNKED "3\r\nabc\n0\r\n\r\n", 0, "400"},
    {"a chunk that ends in nothing", CHUNKED "3\r\nabc0\r\n\r\n", 0, "400"},
    {"trailers that end in a bare line feed", CHUNKED "0\r\n\n", 0, "400"},
    {"a trailer that ends in a bare line feed", CHUNKED "0\r\nA: b\n\r\n", 0, "400"},
    {"a folded trailer", CHUNKED "0\r\nA: b\r\n c\r\n\r\n", 0, "400"},
    {"long trailers", CHUNKED "0\r\nA: " X1000 "\r\nB: " X1000 "\r\n\r\n", 0, "400"},
    {"a control character in a trailer", CHUNKED "0\r\nA: \1\r\n\r\n", 0, "400"},
};

static void
tell(struct buf *out, const struct http1 *h, size_t left)
{
	buf_clear(out);
	if (h->status)
		buf_addf(out, "%d", h->status);
	else if (!h->done)
		buf_adds(out, "more");
	else {
		buf_addf(out, "%s %s %d %s ", h->method, h->target, h->minor, h->keep_alive ? "keep" : "close");
		buf_addf(out, "%s[%s] %zu", h->expects_continue ? "continue " : "", buf_str(&h->body), left);
	}
}

/* step 0: at random. Bytes lie in memory of just their size, for sanitizers. */
static void
feed(struct http1 *h, const char *p, size_t n, size_t step, struct buf *out)
{
	static const struct http1_limits limits = {LIMIT_HEAD, LIMIT_TARGET, LIMIT_BODY};
	size_t at = 0;

	http1_init(h, &limits);
	while (at < n && !h->done && !h->status) {
		size_t len = step ? step : 1 + (size_t)rand() % 20;
		len = len < n - at ? len : n - at;
		char *piece = malloc(len);
		memcpy(piece, p + at, len);
		at += http1_feed(h, piece, len);
		free(piece);
	}
	tell(out, h, n - at);
}

static int
fits(const char *want, const char *got)
{
	return strncmp(want, "400 501", 7) == 0 ? strcmp(got, "400") == 0 || strcmp(got, "501") == 0
						: strcmp(want, got) == 0;
}

static void
table(void)
{
	struct buf whole = BUF_INIT, cut = BUF_INIT;
	struct http1 h;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t n = rows[i].n ? rows[i].n : strlen(rows[i].in);
		int same = 1;
		feed(&h, rows[i].in, n, n, &whole);
		if (!tap_ok(fits(rows[i].want, whole.p), "%s", rows[i].name))
			printf("# got %s (%s), want %s\n", whole.p, h.why ? h.why : "", rows[i].want);
		http1_release(&h);
		for (size_t step = 0; step < 24; step++) {
			feed(&h, rows[i].in, n, step == 1 ? 1 : step < 4 ? step : 0, &cut);
			http1_release(&h);
			same &= strcmp(whole.p, cut.p) == 0;
		}
		tap_ok(same, "%s, in pieces", rows[i].name);
	}
	buf_release(&whole);
	buf_release(&cut);
}

static void
fields(void)
{
	static const char in[] = "GET /x HTTP/1.1\r\nHOST:  h:80 \t\r\nAccept: a\r\nX-Empty:\r\nx-blank: \t \r\n"
				 "ACCEPT: b\r\nCookie: c=d\r\naccept:\r\n\r\n";
	struct buf out = BUF_INIT;
	struct http1 h;

	for (size_t step = 1; step <= sizeof(in) - 1; step += sizeof(in) - 2) {
		feed(&h, in, sizeof(in) - 1, step, &out);
		tap_is_str(http1_get(&h, "host"), "h:80", "blanks around a value are no part of it");
		tap_is_str(http1_get(&h, "accept"), "a, b, ", "fields of one name are joined");
		tap_is_str(http1_get(&h, "x-empty"), "", "a field may be empty");
		tap_is_str(http1_get(&h, "x-blank"), "", "or blank");
		tap_is_str(http1_get(&h, "cookie"), "c=d", "a field behind joined ones");
		tap_ok(!http1_get(&h, "Accept") && !http1_get(&h, "y"), "no such field");
		tap_is_int((long long)h.n_field, 5, "each name stands once");
		tap_is_str(h.target, "/x", "joining leaves the target alone");
		http1_release(&h);
	}
	buf_release(&out);
}

static void
next(void)
{
	static const char in[] = POST "Content-Length: 2\r\n\r\nab" CHUNKED "1\r\nc\r\n0\r\n\r\n" GET "\r\n";
	struct buf out = BUF_INIT;
	struct http1 h;
	size_t n = sizeof(in) - 1, at = 0;

	feed(&h, in, n, n, &out);
	at += strlen(POST "Content-Length: 2\r\n\r\nab");
	tap_is_int((long long)http1_feed(&h, in + at, n - at), 0, "a parser that is done takes nothing");
	http1_next(&h);
	tap_ok(!h.done && !h.head_done && !h.head.p && !h.body.p && !h.own, "the next request begins empty");
	at += http1_feed(&h, in + at, n - at);
	tell(&out, &h, n - at);
	tap_is_str(out.p, "POST /p 1 keep [c] 27", "the second of one connection");
	http1_next(&h);
	at += http1_feed(&h, in + at, n - at);
	tell(&out, &h, n - at);
	tap_is_str(out.p, "GET / 1 keep [] 0", "the third");
	http1_release(&h);
	buf_release(&out);
}

int
main(void)
{
	table();
	fields();
	next();
	return tap_done();
}
