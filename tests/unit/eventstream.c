/* SPDX-License-Identifier: ISC */
/* The frames were made with Python's struct and zlib.crc32, not by our writer. Each stream is fed whole, byte by byte and cut at every place. */
#include "eventstream.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static const char event[] = "\000\000\000\200\000\000\000RQ\241_#"
			    "\013:event-type\007\000\014messageStart"
			    "\015:content-type\007\000\020application/json"
			    "\015:message-type\007\000\005event"
			    "{\"p\":\"abc\",\"role\":\"assistant\"}"
			    "\362\236\330\332";
static const char exception[] = "\000\000\000\203\000\000\000a\251\321D\345"
				"\017:exception-type\007\000\023throttlingException"
				"\015:content-type\007\000\020application/json"
				"\015:message-type\007\000\011exception"
				"{\"message\":\"slow\"}"
				"\223P1\034";
static const char error[] = "\000\000\000X\000\000\000H\025F\222\301"
			    "\013:error-code\007\000\015InternalError"
			    "\016:error-message\007\000\004gone"
			    "\015:message-type\007\000\005error"
			    "\265\317~e";
static const char every_type[] =
    "\000\000\000\203\000\000\000q\264fT\201"
    "\001a\000\001b\001\001c\002\001\001d\003\001\002\001e\0041234\001f\00512345678"
    "\001g\006\000\003xyz\001h\01012345678\001i\0110123456789abcdef\013:event-type\007\000\005chunk\015:message-type\007\000\005event"
    "{}"
    "\"\271o.";
static const char bare[] = "\000\000\000\020\000\000\000\000\005\302H\353"
			   "}\230\310\377";
static const char not_strings[] = "\000\000\0000\000\000\000\037I\013j\032"
				  "\013:event-type\006\000\001e"
				  "\015:message-type\000"
				  "x"
				  "\366\345\354 ";
static const char long_headers[] = "\000\000\000\023\000\000\000\004E\017\366\""
				   "\001a\000"
				   "\177\021(\203";
static const char short_frame[] = "\000\000\000\017\000\000\000\000\347rH\270"
				  "E\2532\262";
static const char torn_name[] = "\000\000\000\024\000\000\000\004\367/*2"
				"\005abc"
				"\211\337'g";
static const char torn_value[] = "\000\000\000\032\000\000\000\0116\256\350\356"
				 "\001a\007\000\005abcd"
				 "x"
				 "\357A3\304";
static const char torn_length[] = "\000\000\000\026\000\000\000\004\215\357yR"
				  "\001a\007\000"
				  "\000\000"
				  "\262\242\374=";
static const char no_type[] = "\000\000\000\023\000\000\000\003\333kc\201"
			      "\001a\012"
			      "\377\253\226\"";
static const char no_name[] = "\000\000\000\022\000\000\000\002\221\014z\247"
			      "\000\000"
			      "{\3016\036";
static const char huge[] = "\001\000\000\001\000\000\000\000\224\350\366G";

#define FRAME(f) f, sizeof(f) - 1

/* A frame is written as "message type|payload;". */
static int
take(void *arg, const struct eventstream_head *h, const char *p, size_t n)
{
	struct buf *b = arg;

	buf_addf(b, "%s %s|", h->message, h->type);
	buf_add(b, p, n);
	buf_addc(b, ';');
	return 0;
}

/* A piece in memory of just its size. */
static int
feed(struct eventstream *s, const char *p, size_t n)
{
	char *copy = malloc(n + !n);
	int r;

	memcpy(copy, p, n);
	r = eventstream_feed(s, copy, n);
	free(copy);
	return r;
}

static int
in_pieces(struct buf *got, const char *p, size_t n, size_t piece, size_t max)
{
	struct eventstream s = {.on_frame = take, .arg = got, .max = max};
	int r = 0;

	buf_clear(got);
	for (size_t i = 0; i < n && !r; i += piece)
		r = feed(&s, p + i, n - i < piece ? n - i : piece);
	r = r ? r : eventstream_end(&s);
	eventstream_release(&s);
	return r;
}

static int
cut_at(struct buf *got, const char *p, size_t n, size_t at)
{
	struct eventstream s = {.on_frame = take, .arg = got};

	buf_clear(got);
	int r = feed(&s, p, at);
	r = r ? r : feed(&s, "", 0);
	r = r ? r : feed(&s, p + at, n - at);
	r = r ? r : eventstream_end(&s);
	eventstream_release(&s);
	return r;
}

static void
is_read(const char *p, size_t n, int want, const char *text, const char *name)
{
	struct buf got = BUF_INIT;
	int bad = 0;

	tap_is_int(in_pieces(&got, p, n, n + 1, 0), want, name);
	tap_is_str(buf_str(&got), text, "what came");
	for (size_t piece = 1; piece <= 5; piece++)
		bad += in_pieces(&got, p, n, piece, 0) != want || strcmp(buf_str(&got), text) != 0;
	for (size_t at = 0; at <= n; at++)
		bad += cut_at(&got, p, n, at) != want || strcmp(buf_str(&got), text) != 0;
	tap_is_int(bad, 0, "in pieces");
	buf_release(&got);
}

static void
test_frames(void)
{
	struct buf two = BUF_INIT;

	is_read("", 0, 0, "", "nothing");
	is_read(FRAME(event), 0, "event messageStart|{\"p\":\"abc\",\"role\":\"assistant\"};", "an event");
	is_read(FRAME(exception), 0, "exception throttlingException|{\"message\":\"slow\"};", "an exception");
	is_read(FRAME(error), 0, "error InternalError|{\"message\":\"gone\"};", "an error, which has no payload");
	is_read(FRAME(every_type), 0, "event chunk|{};", "headers of every type");
	is_read(FRAME(bare), 0, " |;", "neither headers nor payload");
	is_read(FRAME(not_strings), 0, " |x;", "headers of ours that aren't strings");
	buf_add(&two, FRAME(event));
	buf_add(&two, FRAME(exception));
	is_read(two.p, two.len, 0,
	    "event messageStart|{\"p\":\"abc\",\"role\":\"assistant\"};exception throttlingException|{\"message\":\"slow\"};",
	    "two");
	is_read(
	    two.p, two.len - 1, EVENTSTREAM_CUT, "event messageStart|{\"p\":\"abc\",\"role\":\"assistant\"};", "cut");
	is_read(two.p, sizeof(event) + 2, EVENTSTREAM_CUT, "event messageStart|{\"p\":\"abc\",\"role\":\"assistant\"};",
	    "cut in the prelude");
	buf_release(&two);
}

static void
test_bad(void)
{
	static const char json[] = "{\"message\":\"not a stream at all\"}";
	struct buf b = BUF_INIT, got = BUF_INIT;
	int missed = 0;

	for (size_t i = 0; i < sizeof(event) - 1; i++) {
		buf_clear(&b);
		buf_add(&b, FRAME(event));
		b.p[i] ^= 0x10;
		missed += in_pieces(&got, b.p, b.len, b.len, 0) != EVENTSTREAM_BAD || got.len;
	}
	tap_is_int(missed, 0, "one wrong bit anywhere is noticed before anything is given");
	is_read(FRAME(long_headers), EVENTSTREAM_BAD, "", "headers longer than the frame");
	is_read(FRAME(short_frame), EVENTSTREAM_BAD, "", "a length under that of an empty frame");
	is_read(FRAME(torn_name), EVENTSTREAM_BAD, "", "a name over the headers' end");
	is_read(FRAME(torn_value), EVENTSTREAM_BAD, "", "a value over their end");
	is_read(FRAME(torn_length), EVENTSTREAM_BAD, "", "half the length of a value");
	is_read(FRAME(no_type), EVENTSTREAM_BAD, "", "a type that there isn't");
	is_read(FRAME(no_name), EVENTSTREAM_BAD, "", "a name of no bytes");
	is_read(json, sizeof(json) - 1, EVENTSTREAM_BAD, "", "JSON");
	buf_release(&b);
	buf_release(&got);
}

static void
test_cap(void)
{
	struct eventstream s = {.on_frame = take, .max = sizeof(event) - 2};
	struct buf got = BUF_INIT;
	int bad = 0;

	for (size_t piece = 1; piece < sizeof(event); piece++) {
		bad += in_pieces(&got, FRAME(event), piece, sizeof(event) - 1) != 0;
		bad += in_pieces(&got, FRAME(event), piece, sizeof(event) - 2) != EVENTSTREAM_TOO_LONG;
	}
	tap_is_int(bad, 0, "a frame at the cap, and one over it");
	tap_is_int(feed(&s, event, 12), EVENTSTREAM_TOO_LONG, "is refused from its first twelve bytes");
	tap_ok(s.pending.cap <= 4096, "without taking memory for it");
	eventstream_release(&s);
	s = (struct eventstream){.on_frame = take};
	tap_is_int(feed(&s, FRAME(huge)), EVENTSTREAM_TOO_LONG, "there is a cap by default");
	eventstream_release(&s);
	buf_release(&got);
}

static int
stop(void *arg, const struct eventstream_head *h, const char *p, size_t n)
{
	int *count = arg;

	(void)h;
	(void)p;
	(void)n;
	return ++*count == 2 ? 42 : 0;
}

static void
test_stop(void)
{
	struct buf b = BUF_INIT;
	int bad = 0;

	for (int i = 0; i < 3; i++)
		buf_add(&b, FRAME(event));
	for (size_t piece = 1; piece <= b.len; piece += 7) {
		int n = 0, r = 0;
		struct eventstream s = {.on_frame = stop, .arg = &n};
		for (size_t i = 0; i < b.len && !r; i += piece)
			r = feed(&s, b.p + i, b.len - i < piece ? b.len - i : piece);
		bad += r != 42 || n != 2;
		eventstream_release(&s);
	}
	tap_is_int(bad, 0, "what the callback says is the result");
	buf_release(&b);
}

static void
test_put(void)
{
	static const char start[] = "{\"p\":\"abc\",\"role\":\"assistant\"}", slow[] = "{\"message\":\"slow\"}";
	struct buf b = BUF_INIT;

	eventstream_put(&b, "event", "messageStart", start, sizeof(start) - 1);
	tap_is_mem(buf_str(&b), b.len, FRAME(event), "an event, byte for byte");
	eventstream_put(&b, "exception", "throttlingException", slow, sizeof(slow) - 1);
	tap_is_mem(b.p + sizeof(event) - 1, b.len - sizeof(event) + 1, FRAME(exception), "an exception behind it");
	buf_release(&b);
}

int
main(void)
{
	test_frames();
	test_bad();
	test_cap();
	test_stop();
	test_put();
	return tap_done();
}
