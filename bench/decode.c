/* SPDX-License-Identifier: ISC */
/*
 * decode: how fast the decoder is by itself. Streams of 240-byte events are made in memory and fed in reads of 16 KiB, as curl
 * gives them; prints kind, MB/s and ns an event, of CPU time. No argument: all kinds.
 *
 *	decode [-m megabytes] [kind...]
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "wire/decoder.h"
#include "wire/wire.h"

#define EVENT_BYTES 240
#define READ_BYTES 16384

static const struct kind {
	const char *name, *event; /* %08d: the event's number; %s: text that fills it up to 240 bytes */
} kinds[] = {
    {"text",
	"data: {\"id\":\"gen-1762000000\",\"provider\":\"Ex\",\"model\":\"maker/model-1\",\"object\":"
	"\"chat.completion.chunk\",\"created\":1762000000,\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":"
	"\"%08d%s\"},\"finish_reason\":null}]}\n\n"},
    {"unique",
	"data: {\"id\":\"gen-1762000000-abcdefghij\",\"object\":\"chat.completion.chunk\",\"created\":1762000000,\"model\":"
	"\"model-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"words%s\"},\"finish_reason\":null}],\"obfuscation\":"
	"\"%08d\"}\n\n"},
    {"reasoning",
	"data: {\"id\":\"gen-1\",\"model\":\"model-1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":"
	"\"\",\"reasoning\":\"%08d\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"%s\"}]},"
	"\"finish_reason\":null}]}\n\n"},
    {"tool",
	"data: {\"id\":\"gen-1762000000-abcdefghij\",\"object\":\"chat.completion.chunk\",\"model\":\"model-1\",\"choices\":[{\"index\":"
	"0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"%08d%s\"}}]},\"finish_reason\":null}]}\n\n"},
};
#define N_KINDS (sizeof(kinds) / sizeof(*kinds))

static int64_t n_events, n_bytes;

static int
on_event(void *arg, const struct event *ev)
{
	struct buf *b = arg;

	n_events++;
	n_bytes += (int64_t)ev->n;
	if (b->len > 1 << 20)
		buf_clear(b);
	buf_add(b, ev->s, ev->n);
	return 0;
}

/* Its place in the text comes first where %08d does. */
static void
add_event(struct buf *b, const struct kind *k, int i)
{
	static const char fill[] =
	    " the quick brown fox jumps over the lazy dog and goes on its way through the wood, where it is quiet and cool";
	int fixed = (int)strlen(k->event) - 6 + 8, len = EVENT_BYTES - fixed;
	char number[16], words[sizeof(fill)];

	if (len < 0 || len >= (int)sizeof(fill))
		errx(1, "%s: an event of %d bytes", k->name, fixed);
	snprintf(number, sizeof(number), "%08d", i);
	snprintf(words, sizeof(words), "%.*s", len, fill);
	for (const char *p = k->event; *p; p++) {
		if (*p != '%')
			buf_addc(b, *p);
		else if (p[1] == 's')
			buf_adds(b, words), p += 1;
		else
			buf_adds(b, number), p += 3;
	}
}

static void
run(const struct kind *k, size_t megabytes)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	struct decoder d;
	struct err e = {0};
	size_t total = 0, want = megabytes * 1000000;

	for (int i = 0; i < 8000; i++)
		add_event(&in, k, i);
	n_events = 0;
	decoder_init(&d, &wire_openai, 200, on_event, &out);
	if (strcmp(k->name, "tool") == 0) {
		static const char begin[] =
		    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\"}}]}}]}\n\n";
		decoder_feed(&d, begin, sizeof(begin) - 1);
	}
	clock_t t = clock();
	for (; total < want; total += in.len)
		for (size_t at = 0; at < in.len; at += READ_BYTES)
			if (decoder_feed(&d, in.p + at, in.len - at < READ_BYTES ? in.len - at : READ_BYTES))
				errx(1, "%s: the decoder stopped", k->name);
	double us = (double)(clock() - t) * 1e6 / CLOCKS_PER_SEC;
	decoder_feed(&d, "data: [DONE]\n\n", 14);
	if (decoder_end(&d, &e))
		errx(1, "%s: %s", k->name, e.msg);
	if ((size_t)n_events < total / EVENT_BYTES)
		errx(1, "%s: events are missing", k->name);
	printf("%-10s %6.0f MB/s %6.0f ns an event\n", k->name, (double)total / us,
	    us * 1000 * EVENT_BYTES / (double)total);
	decoder_release(&d);
	buf_release(&in);
	buf_release(&out);
}

int
main(int argc, char **argv)
{
	size_t megabytes = 200;

	for (int c; (c = getopt(argc, argv, "m:")) != -1;) {
		if (c != 'm')
			return 64;
		megabytes = strtoul(optarg, NULL, 10);
	}
	for (size_t i = 0; i < N_KINDS; i++) {
		int asked = optind == argc;
		for (int a = optind; a < argc; a++)
			asked |= strcmp(argv[a], kinds[i].name) == 0;
		if (asked)
			run(kinds + i, megabytes);
	}
	return 0;
}
