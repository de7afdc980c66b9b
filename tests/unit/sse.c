/* SPDX-License-Identifier: ISC */
/* Each stream is fed whole, byte by byte, and cut at every place: the events are always the same. */
#include "sse.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "tap.h"

#define TEXT(s) s, sizeof(s) - 1
#define N(a) (sizeof(a) / sizeof(*(a)))

/* Events are written as "event|data;", stray lines as "?line;"; a NUL as "<0>", LF as "/". */
static int
take(void *arg, const char *event, const char *data, size_t n)
{
	struct buf *b = arg;

	if (event)
		buf_adds(b, event);
	buf_addc(b, event ? '|' : '?');
	for (size_t i = 0; i < n; i++) {
		if (!data[i])
			buf_adds(b, "<0>");
		else
			buf_addc(b, data[i] == '\n' ? '/' : data[i]);
	}
	buf_addc(b, ';');
	return 0;
}

static const struct {
	const char *s;
	size_t n;
	const char *want, *name;
} streams[] = {
    {TEXT(""), "", "nothing"},
    {TEXT("data: a\n\n"), "|a;", "LF"},
    {TEXT("data: a\r\n\r\n"), "|a;", "CRLF"},
    {TEXT("data: a\r\r"), "|a;", "CR"},
    {TEXT("data: a\n\ndata: b\n\ndata: c\n\n"), "|a;|b;|c;", "three"},
    {TEXT("data: a\r\n\r\ndata: b\r\n\r\n"), "|a;|b;", "two with CRLF"},
    {TEXT("data: a\r\rdata: b\r\r"), "|a;|b;", "two with CR"},
    {TEXT("data: a\n\r\ndata: b\r\n\ndata: c\r\r\ndata: d\n\rdata: e\r\n\r"), "|a;|b;|c;|d;|e;", "all ends mixed"},
    {TEXT("data: a\r\ndata: b\rdata: c\ndata: d\r\n\r\n"), "|a/b/c/d;", "ends mixed inside an event"},
    {TEXT("data: a\r\n\n"), "|a;", "CRLF, then LF"},
    {TEXT("data: a\n\r"), "|a;", "LF, then CR"},
    {TEXT("\n\n\r\n\r\rdata: a\n\n\n\n"), "|a;", "empty lines mean nothing by themselves"},
    {TEXT(": hello\n\ndata: a\n: in between\ndata: b\n\n:\n"), "|a/b;", "comments"},
    {TEXT(": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\ndata: {}\n\n"), "|{};", "keep-alives"},
    {TEXT(":data: a\n\n"), "", "a comment that looks like data"},
    {TEXT("\xef\xbb\xbf"
	  "data: a\n\n"),
	"|a;", "a byte order mark"},
    {TEXT("\xef\xbb\xbf\n\ndata: a\n\n"), "|a;", "a mark alone on its line"},
    {TEXT("\xef\xbb\xbf"
	  "\xef\xbb\xbf"
	  "data: a\n\n"),
	"?\xef\xbb\xbf"
	"data: a;",
	"only one mark"},
    {TEXT("data: a\n\n\xef\xbb\xbf"
	  "data: b\n\n"),
	"|a;?\xef\xbb\xbf"
	"data: b;",
	"a mark further on is none"},
    {TEXT("\xef\xbb"
	  "data: a\n\n"),
	"?\xef\xbb"
	"data: a;",
	"two thirds of a mark"},
    {TEXT("\xef"
	  "data: a\n\n"),
	"?\xef"
	"data: a;",
	"a third of a mark"},
    {TEXT("\xef\xbb"), "?\xef\xbb;", "two thirds of a mark, and no more"},
    {TEXT("\xef\xbb\n\n"), "?\xef\xbb;", "two thirds of a mark on a line"},
    {TEXT("\xef\xbb\xbf"), "", "a mark and no more"},
    {TEXT("\xef\xbb\xbe"
	  "data: a\n\n"),
	"?\xef\xbb\xbe"
	"data: a;",
	"nearly a mark"},
    {TEXT("data: a\ndata: b\ndata:\ndata: c\n\n"), "|a/b//c;", "lines of one event"},
    {TEXT("event: x\ndata: a\n\ndata: b\n\n"), "x|a;|b;", "an event's name is gone with it"},
    {TEXT("data: a\nevent: x\n\n"), "x|a;", "the name may come last"},
    {TEXT("event: x\nevent: y\ndata: a\n\n"), "y|a;", "the last name counts"},
    {TEXT("event: x\nevent\ndata: a\n\n"), "|a;", "an empty name"},
    {TEXT("event: x\n\ndata: a\n\n"), "|a;", "a name without data is no event"},
    {TEXT("event:x\ndata:a\n\n"), "x|a;", "no space after the colon"},
    {TEXT("data:  a\n\n"), "| a;", "one space is taken, the second is not"},
    {TEXT("data:\ta\n\n"), "|\ta;", "a tab is no space"},
    {TEXT("data: a \n\n"), "|a ;", "a space at the end stays"},
    {TEXT("data:a:b: c\n\n"), "|a:b: c;", "further colons"},
    {TEXT("data:\n\n"), "|;", "empty data"},
    {TEXT("data: \n\n"), "|;", "empty data with a space"},
    {TEXT("data\n\n"), "|;", "a field without a colon"},
    {TEXT("data\ndata\n\n"), "|/;", "two of them"},
    {TEXT("data: \ndata: \n\n"), "|/;", "two empty lines"},
    {TEXT("data: \r\n\r\n"), "|;", "empty data, CRLF"},
    {TEXT("id: 1\nretry: 10\ndata: a\nid\nretry\n\n"), "|a;", "id and retry"},
    {TEXT("datax: a\ndat: b\n data: c\nDATA: d\n\n"), "?datax: a;?dat: b;? data: c;?DATA: d;", "fields that are none"},
    {TEXT("data: a\n{\"error\":1}\ndata: b\n\n"), "?{\"error\":1};|a/b;", "a stray line inside an event"},
    {TEXT("data: a\n\n{\n \"error\": 1\n}\n"), "|a;?{;? \"error\": 1;?};", "stray lines behind"},
    {TEXT("stray"), "?stray;", "a stray line without an end"},
    {TEXT("data: a"), "|a;", "no line end at all"},
    {TEXT("data: a\n"), "|a;", "no empty line at the end"},
    {TEXT("data: a\n\ndata: b\r"), "|a;|b;", "none, with CR"},
    {TEXT("data: a\n\ndata: b\r\n"), "|a;|b;", "none, with CRLF"},
    {TEXT("event: x"), "", "a name at the end"},
    {TEXT("data: a\ndata"), "|a/;", "a field cut at the end"},
    {TEXT("data: a\n\n: bye"), "|a;", "a comment at the end"},
    {TEXT("data: a\0b\n\n"), "|a<0>b;", "NUL in data"},
    {TEXT("data: \0\n\n"), "|<0>;", "NUL alone"},
    {TEXT("da\0ta: a\n\n"), "?da<0>ta: a;", "NUL in a field's name"},
    {TEXT("data: \xc3\xa9\xf0\x9f\x98\x80\n\n"), "|\xc3\xa9\xf0\x9f\x98\x80;", "UTF-8"},
    {TEXT("data: a\vb\f\xc2\x85\xe2\x80\xa8\n\n"), "|a\vb\f\xc2\x85\xe2\x80\xa8;", "other line ends are none"},
    {TEXT("data: a\n\ndata: [DONE]\n\n"), "|a;|[DONE];", "as everybody sends it"},
};

static struct sse *
fresh(struct sse *s, struct buf *got, size_t max)
{
	memset(s, 0, sizeof(*s));
	buf_clear(got);
	s->on_event = take;
	s->on_stray = take;
	s->arg = got;
	s->max = max;
	return s;
}

/* A piece in memory of just its size. */
static int
feed(struct sse *s, const char *p, size_t n)
{
	char *copy = malloc(n + !n);
	int r;

	memcpy(copy, p, n);
	r = sse_feed(s, copy, n);
	free(copy);
	return r;
}

static int
in_pieces(struct sse *s, const char *p, size_t n, size_t piece)
{
	int r = 0;

	for (size_t i = 0; i < n && !r; i += piece)
		r = feed(s, p + i, n - i < piece ? n - i : piece);
	return r ? r : sse_end(s);
}

static void
splits(void)
{
	struct buf got = BUF_INIT;
	struct sse s;

	for (size_t i = 0; i < N(streams); i++) {
		int bad = 0;
		in_pieces(fresh(&s, &got, 0), streams[i].s, streams[i].n, streams[i].n + 1);
		tap_is_str(buf_str(&got), streams[i].want, streams[i].name);
		sse_release(&s);
		for (size_t piece = 1; piece <= 4; piece++) {
			in_pieces(fresh(&s, &got, 0), streams[i].s, streams[i].n, piece);
			bad += strcmp(buf_str(&got), streams[i].want) != 0;
			sse_release(&s);
		}
		for (size_t at = 0; at <= streams[i].n; at++) {
			fresh(&s, &got, 0);
			feed(&s, streams[i].s, at);
			feed(&s, "", 0);
			feed(&s, streams[i].s + at, streams[i].n - at);
			sse_end(&s);
			bad += strcmp(buf_str(&got), streams[i].want) != 0;
			sse_release(&s);
		}
		tap_is_int(bad, 0, "in pieces");
	}
	buf_release(&got);
}

/* An event of n bytes of data in one line: 0 or SSE_TOO_LONG, however it is fed. */
static void
one_line(size_t max, size_t n, int want, const char *name)
{
	struct buf text = BUF_INIT, got = BUF_INIT;
	struct sse s;
	int bad = 0;

	buf_adds(&text, "data: ");
	for (size_t i = 0; i < n; i++)
		buf_addc(&text, 'x');
	buf_adds(&text, "\n\n");
	for (size_t piece = 1; piece <= text.len; piece++) {
		int r = in_pieces(fresh(&s, &got, max), text.p, text.len, piece);
		bad += r != want || (got.len != (want ? 0 : n + 2));
		sse_release(&s);
	}
	tap_is_int(bad, 0, name);
	buf_release(&text);
	buf_release(&got);
}

/* Lines of data and whether they fit. */
static void
many_lines(size_t max, const char *line, int lines, int want, const char *name)
{
	struct buf text = BUF_INIT, got = BUF_INIT;
	struct sse s;
	int bad = 0;

	for (int i = 0; i < lines; i++)
		buf_addf(&text, "%s\n", line);
	buf_addc(&text, '\n');
	for (size_t piece = 1; piece <= text.len; piece++) {
		bad += in_pieces(fresh(&s, &got, max), text.p, text.len, piece) != want;
		sse_release(&s);
	}
	tap_is_int(bad, 0, name);
	buf_release(&text);
	buf_release(&got);
}

static void
caps(void)
{
	/* the cap is for the line with its field's name, and for the data of an event */
	one_line(32, 26, 0, "a line exactly at the cap");
	one_line(32, 27, SSE_TOO_LONG, "a line over the cap by one byte");
	one_line(32, 32, SSE_TOO_LONG, "data at the cap, but the line is over it");
	one_line(32, 200, SSE_TOO_LONG, "a line far over the cap");
	many_lines(32, "data: 0123456789", 3, 0, "30 bytes and two line ends: at the cap");
	many_lines(33, "data: 0123456789", 3, 0, "under the cap");
	many_lines(31, "data: 0123456789", 3, SSE_TOO_LONG, "an event over the cap by one byte");
	many_lines(20, "data", 21, 0, "empty lines up to the cap");
	many_lines(20, "data", 22, SSE_TOO_LONG, "empty lines over the cap");
	many_lines(20, ": comment", 100, 0, "comments don't add up");
	many_lines(8, ": comment", 1, SSE_TOO_LONG, "but one may be too long");
	many_lines(20, "event: 123456", 100, 0, "names don't add up");
	many_lines(8, "stray", 100, 0, "stray lines don't add up");

	struct buf got = BUF_INIT;
	struct sse s;
	fresh(&s, &got, 16);
	tap_ok(feed(&s, "data: 0123456789", 16) == 0 && feed(&s, "0", 1) == SSE_TOO_LONG,
	    "an endless line is noticed before it ends");
	sse_release(&s);
	buf_release(&got);
}

struct stopper {
	int n, stop_at;
};

static int
stop(void *arg, const char *event, const char *data, size_t n)
{
	struct stopper *s = arg;

	(void)event;
	(void)data;
	(void)n;
	return ++s->n == s->stop_at ? 42 : 0;
}

static void
stopping(void)
{
	static const char text[] = "data: a\n\ndata: b\ndata: c\n\nstray\ndata: d\n\ndata: e";

	for (int at = 1; at <= 5; at++)
		for (size_t piece = 1; piece <= sizeof(text); piece += 3) {
			struct stopper count = {0, at};
			struct sse s = {.on_event = stop, .on_stray = stop, .arg = &count};
			int r = in_pieces(&s, text, sizeof(text) - 1, piece);
			if (r != 42 || count.n != at)
				tap_ok(0, "stop at %d, pieces of %zu: %d after %d", at, piece, r, count.n);
			sse_release(&s);
		}
	struct stopper count = {0, 3};
	struct sse s = {.on_event = stop, .arg = &count};
	tap_ok(
	    in_pieces(&s, text, sizeof(text) - 1, 100) == 42 && count.n == 3, "what the callback says is the result");
	tap_is_int(sse_end(&s), 0, "and the end has nothing to add");
	sse_release(&s);

	struct stopper last = {0, 1};
	struct sse t = {.on_event = stop, .arg = &last};
	tap_ok(feed(&t, "data: a", 7) == 0 && sse_end(&t) == 42, "at the end too");
	sse_release(&t);
}

static void
long_name(void)
{
	struct buf text = BUF_INIT, got = BUF_INIT;
	struct sse s;

	buf_adds(&text, "event: ");
	for (int i = 0; i < 100000; i++)
		buf_addc(&text, 'n');
	buf_adds(&text, "\ndata: a\n\n");
	tap_is_int(in_pieces(fresh(&s, &got, 0), text.p, text.len, 4096), 0, "a name without end");
	tap_ok(got.len < 1000 && strstr(buf_str(&got), "|a;"), "is cut");
	sse_release(&s);
	buf_release(&text);
	buf_release(&got);
}

int
main(void)
{
	splits();
	caps();
	stopping();
	long_name();
	return tap_done();
}
