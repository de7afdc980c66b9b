/* SPDX-License-Identifier: ISC */
#include "estimate.h"

#include <string.h>

#include "json.h"

#define LIKELY_MESSAGE 4
#define LIKELY_MEDIA 1024
#define LIKELY_TOOLS 256
#define ASCII_TOKEN 4 /* bytes */

#define HIGH_BITS UINT64_C(0x8080808080808080)
#define LOW_BITS UINT64_C(0x0101010101010101)

/* Decoded text, as it is counted. */
struct tally {
	int64_t bytes, ascii, other; /* other: characters that aren't ASCII */
};

struct walk {
	const struct json *j;
	struct estimate *e;
	struct tally text;
	int64_t media_bytes;
};

/* Bits of HIGH_BITS that are set: at most 8, one a byte. */
static int64_t
count_high(uint64_t w)
{
	return (int64_t)((w >> 7) * LOW_BITS >> 56);
}

/* Bytes over 0xbf begin a character, those from 0x80 on go on with one. By words: prompts of 64 MB pass here. */
static void
add_plain(struct tally *t, const char *s, size_t n)
{
	int64_t high = 0, first = 0;
	size_t i = 0;
	uint64_t w;

	for (; n - i >= sizeof(w); i += sizeof(w)) {
		memcpy(&w, s + i, sizeof(w));
		high += count_high(w & HIGH_BITS);
		first += count_high(w & w << 1 & HIGH_BITS);
	}
	for (; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		high += c >= 0x80;
		first += c >= 0xc0;
	}
	t->bytes += (int64_t)n;
	t->ascii += (int64_t)n - high;
	t->other += first;
}

static unsigned
hex4(const char *p)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++) {
		unsigned c = (unsigned char)p[i];
		v = v * 16 + (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
	}
	return v;
}

/* One escape of a valid text, as UTF-8 of the same length and class: white space is white space, what isn't ASCII is some such character.
 * Returns the bytes read; *len: of out. */
static size_t
unescape(const char *p, size_t n, char out[4], size_t *len)
{
	static const char utf8[4] = "\xf0\x80\x80\x80";

	*len = 1;
	if (p[1] != 'u') {
		out[0] = strchr("nrt", p[1]) ? ' ' : 'x';
		return 2;
	}
	unsigned cp = hex4(p + 2);
	int pair =
	    cp >= 0xd800 && cp < 0xdc00 && n >= 12 && p[6] == '\\' && p[7] == 'u' && (hex4(p + 8) & 0xfc00) == 0xdc00;
	*len = cp < 0x80 ? 1 : cp < 0x800 ? 2 : pair ? 4 : 3;
	memcpy(out, utf8, *len);
	if (*len == 1)
		out[0] = (char)cp;
	return pair ? 12 : 6;
}

typedef void (*piece_fn)(void *arg, const char *s, size_t n);

/* The decoded text of a string, piece by piece. */
static void
each_piece(const struct json *j, int node, piece_fn fn, void *arg)
{
	size_t n, len;
	const char *p = json_raw(j, node, &n);
	char one[4];

	for (p++, n -= 2; n;) {
		const char *slash = memchr(p, '\\', n);
		size_t used = slash ? (size_t)(slash - p) : n;
		fn(arg, p, used);
		p += used;
		n -= used;
		if (!n)
			break;
		used = unescape(p, n, one, &len);
		fn(arg, one, len);
		p += used;
		n -= used;
	}
}

static void
add_piece(void *arg, const char *s, size_t n)
{
	add_plain(arg, s, n);
}

static int64_t
likely(const struct tally *t)
{
	return (t->ascii + ASCII_TOKEN - 1) / ASCII_TOKEN + t->other;
}

int64_t
estimate_text(const char *s, size_t n)
{
	struct tally t = {0};

	add_plain(&t, s, n);
	return likely(&t);
}

static void
add_image(struct walk *w, int node)
{
	(void)node;
	w->e->n_image++;
}

static void
add_media(struct walk *w, int node)
{
	size_t n;

	json_raw(w->j, node, &n);
	w->media_bytes += (int64_t)n;
}

static void
add_audio(struct walk *w, int node)
{
	w->e->n_audio++;
	add_media(w, node);
}

static void
add_video(struct walk *w, int node)
{
	w->e->n_video++;
	add_media(w, node);
}

static void
add_file(struct walk *w, int node)
{
	static const char text[] = "\"data:text/";
	size_t n;
	const char *data = json_raw(w->j, json_get(w->j, node, "file_data"), &n);

	w->e->n_file++;
	add_media(w, node);
	if (data && n > sizeof(text) && memcmp(data, text, sizeof(text) - 1) == 0) {
		w->text.bytes += (int64_t)n;
		w->text.ascii += (int64_t)n * 3 / 4;
	}
}

static void
skip(struct walk *w, int node)
{
	(void)w;
	(void)node;
}

/* Members of a message, and of what is in it, whose strings aren't text. */
static const struct {
	const char *key;
	size_t n;
	void (*add)(struct walk *, int);
} members[] = {
#define MEMBER(key, add) \
	{ \
		key, sizeof(key) - 1, add \
	}
    MEMBER("role", skip),
    MEMBER("type", skip),
    MEMBER("image_url", add_image),
    MEMBER("input_audio", add_audio),
    MEMBER("audio", add_audio),
    MEMBER("file", add_file),
    MEMBER("video_url", add_video),
    MEMBER("input_video", add_video),
#undef MEMBER
};

static void add_value(struct walk *w, int node);

/* s: the n bytes of its key. */
static void
add_member(struct walk *w, int value, const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (members[i].n == n && memcmp(members[i].key, s, n) == 0) {
			if (json_type(w->j, value) != JSON_NULL)
				members[i].add(w, value);
			return;
		}
	add_value(w, value);
}

static void
add_value(struct walk *w, int node)
{
	enum json_type t = json_type(w->j, node);
	const char *s;
	size_t n;

	if (t == JSON_STRING)
		each_piece(w->j, node, add_piece, &w->text);
	else if (t == JSON_ARRAY)
		for (int i = json_child(w->j, node); i >= 0; i = json_next(w->j, node, i))
			add_value(w, i);
	else if (t == JSON_OBJECT)
		for (int key = -1; (key = json_next_key(w->j, node, key, &s, &n)) >= 0;)
			add_member(w, json_value(w->j, key), s, n);
}

/* A model reads tools and schemas in some notation of its provider's, which is no longer than the JSON. */
static int
add_raw(struct walk *w, const char *key)
{
	int node = json_get(w->j, 0, key);
	size_t n;
	const char *s = json_raw(w->j, node, &n);

	if (json_count(w->j, node) == 0)
		return 0;
	add_plain(&w->text, s, n);
	return 1;
}

void
estimate_request(struct estimate *e, const struct json *request)
{
	struct walk w = {.j = request, .e = e};
	int list = json_get(request, 0, "messages");

	*e = (struct estimate){0};
	if (json_type(request, list) != JSON_ARRAY)
		list = json_get(request, 0, "input"); /* texts to be embedded */
	if (list >= 0)
		add_value(&w, list);
	e->n_bytes = (size_t)w.text.bytes;
	int tools = add_raw(&w, "tools");
	add_raw(&w, "response_format");
	int64_t frames = 1 + json_count(request, list), media = e->n_audio + e->n_file + e->n_video;
	int64_t sizes = w.media_bytes / ESTIMATE_MEDIA_BYTES;
	e->likely = likely(&w.text) + frames * LIKELY_MESSAGE + tools * LIKELY_TOOLS +
	    (e->n_image + media) * LIKELY_MEDIA + sizes;
	e->bound = w.text.bytes + frames * ESTIMATE_MESSAGE + tools * ESTIMATE_TOOLS +
	    e->n_image * (int64_t)ESTIMATE_IMAGE + media * ESTIMATE_MEDIA + sizes;
}
