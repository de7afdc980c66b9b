/* SPDX-License-Identifier: ISC */
#include "attach.h"

#include <stdint.h>
#include <string.h>

#include "base64.h"
#include "buf.h"
#include "err.h"
#include "jsonw.h"
#include "str.h"

/* Words that a type may begin with; anything else before a colon belongs to the name. */
static const char *const kinds[] = {"image", "audio", "video", "file"};
static const char *const top_types[] = {"image/", "audio/", "video/", "text/", "application/"};

struct pair {
	const char *from, *to;
};

/* By extension, where there are no magic bytes to go by. */
static const struct pair extensions[] = {{"png", "image/png"}, {"jpg", "image/jpeg"}, {"jpeg", "image/jpeg"},
    {"gif", "image/gif"}, {"webp", "image/webp"}, {"heic", "image/heic"}, {"avif", "image/avif"},
    {"svg", "image/svg+xml"}, {"wav", "audio/wav"}, {"mp3", "audio/mpeg"}, {"flac", "audio/flac"}, {"ogg", "audio/ogg"},
    {"oga", "audio/ogg"}, {"opus", "audio/ogg"}, {"m4a", "audio/mp4"}, {"aac", "audio/aac"}, {"aif", "audio/aiff"},
    {"aiff", "audio/aiff"}, {"mp4", "video/mp4"}, {"m4v", "video/mp4"}, {"mov", "video/quicktime"},
    {"webm", "video/webm"}, {"mpeg", "video/mpeg"}, {"mpg", "video/mpeg"}, {"pdf", "application/pdf"},
    {"json", "application/json"}, {"txt", "text/plain"}, {"md", "text/markdown"}, {"csv", "text/csv"},
    {"tsv", "text/tab-separated-values"}, {"html", "text/html"}, {"htm", "text/html"}, {"xml", "text/xml"}};

/* The second half of an audio type, and the format that goes with the data. */
static const struct pair formats[] = {{"wav", "wav"}, {"x-wav", "wav"}, {"wave", "wav"}, {"vnd.wave", "wav"},
    {"mpeg", "mp3"}, {"mp3", "mp3"}, {"flac", "flac"}, {"x-flac", "flac"}, {"ogg", "ogg"}, {"opus", "ogg"},
    {"mp4", "m4a"}, {"m4a", "m4a"}, {"x-m4a", "m4a"}, {"aac", "aac"}, {"x-aac", "aac"}, {"aiff", "aiff"},
    {"x-aiff", "aiff"}, {"pcm16", "pcm16"}, {"pcm24", "pcm24"}};

static int
is_token(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c && strchr("!#$&-^_.+", c));
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Does s begin with a prefix in small letters? Case doesn't matter. */
static int
begins(const char *s, const char *prefix)
{
	while (*prefix && lower(*s) == *prefix)
		s++, prefix++;
	return !*prefix;
}

static int
is_data(const char *url)
{
	return begins(url, "data:");
}

static int
is_kind(const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strlen(kinds[i]) == n && memcmp(kinds[i], s, n) == 0)
			return 1;
	}
	return 0;
}

static int
is_mime(const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof(top_types) / sizeof(*top_types); i++) {
		size_t at = strlen(top_types[i]);
		if (n <= at || !begins(s, top_types[i]))
			continue;
		while (at < n && is_token(s[at]))
			at++;
		return at == n;
	}
	return 0;
}

/* Copies a type of n bytes, in small letters. */
static void
copy_mime(char *to, const char *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = lower(from[i]);
	to[n] = '\0';
}

int
attach_parse(struct attach_spec *a, const char *arg, struct err *e)
{
	const char *colon = strchr(arg, ':');
	size_t n = colon ? (size_t)(colon - arg) : 0;

	*a = (struct attach_spec){.name = arg};
	if (is_kind(arg, n)) {
		memcpy(a->kind, arg, n);
		a->name = colon + 1;
	} else if (n < sizeof(a->mime) && is_mime(arg, n)) {
		copy_mime(a->mime, arg, n);
		a->name = colon + 1;
	}
	if (!*a->name)
		return err_set(e, ERR_USAGE, "attachment \"%s\" has no name", arg);
	a->is_url = begins(a->name, "http:") || begins(a->name, "https:") || is_data(a->name);
	return 0;
}

/* Magic bytes */

static int
at(const char *p, size_t n, size_t off, const char *magic, size_t len)
{
	return n >= off + len && memcmp(p + off, magic, len) == 0;
}

#define AT(off, magic) at(p, n, off, magic, sizeof(magic) - 1)

/* Containers whose first box names what they hold. */
static const char *
sniff_boxes(const char *p, size_t n)
{
	if (AT(4, "moov") || AT(4, "wide") || AT(4, "mdat"))
		return "video/quicktime";
	if (!AT(4, "ftyp"))
		return NULL;
	if (AT(8, "qt  "))
		return "video/quicktime";
	if (AT(8, "M4A") || AT(8, "M4B"))
		return "audio/mp4";
	if (AT(8, "hei") || AT(8, "hev") || AT(8, "mif1") || AT(8, "msf1"))
		return "image/heic";
	if (AT(8, "avif") || AT(8, "avis"))
		return "image/avif";
	return "video/mp4";
}

static const char *
sniff_chunks(const char *p, size_t n)
{
	if (AT(0, "RIFF") || AT(0, "RF64"))
		return AT(8, "WAVE") ? "audio/wav" : AT(8, "WEBP") ? "image/webp" : NULL;
	if (AT(0, "FORM"))
		return AT(8, "AIFF") || AT(8, "AIFC") ? "audio/aiff" : NULL;
	return NULL;
}

/* MPEG audio frames have no magic but 11 or 12 set bits, and fields with values that can't be. */
static const char *
sniff_frames(const char *p, size_t n)
{
	const unsigned char *u = (const unsigned char *)p;

	if (n < 4 || u[0] != 0xff)
		return NULL;
	if ((u[1] & 0xf6) == 0xf0) /* ADTS: layer 0 */
		return (u[2] >> 2 & 15) < 13 ? "audio/aac" : NULL;
	if ((u[1] & 0xe0) != 0xe0 || (u[1] & 0x18) == 0x08 || (u[1] & 0x06) != 0x02) /* any version of layer 3 */
		return NULL;
	return (u[2] & 0xf0) != 0xf0 && (u[2] & 0x0c) != 0x0c ? "audio/mpeg" : NULL;
}

static const char *
sniff_matroska(const char *p, size_t n)
{
	return AT(0, "\x1a\x45\xdf\xa3") && memmem(p, n < 64 ? n : 64, "webm", 4) ? "video/webm" : NULL;
}

const char *
attach_sniff(const char *p, size_t n)
{
	const char *mime;

	if (AT(0, "\x89PNG\r\n\x1a\n"))
		return "image/png";
	if (AT(0, "\xff\xd8\xff"))
		return "image/jpeg";
	if (AT(0, "GIF87a") || AT(0, "GIF89a"))
		return "image/gif";
	if (AT(0, "%PDF-"))
		return "application/pdf";
	if (AT(0, "ID3"))
		return "audio/mpeg";
	if (AT(0, "fLaC"))
		return "audio/flac";
	if (AT(0, "OggS"))
		return "audio/ogg";
	if (AT(0, "\0\0\1\xba") || AT(0, "\0\0\1\xb3"))
		return "video/mpeg";
	if ((mime = sniff_chunks(p, n)) || (mime = sniff_matroska(p, n)) || (mime = sniff_boxes(p, n)))
		return mime;
	return sniff_frames(p, n);
}

/* Names */

/* The last part of a file's path, or of a URL's: *n bytes at the result, none for a data: URL. */
static const char *
base_name(const struct attach_spec *a, size_t *n)
{
	const char *p = a->name, *end = p + strlen(p);

	if (is_data(p)) {
		*n = 0;
		return p;
	}
	if (a->is_url) {
		const char *host = strstr(p, "//");
		p = host ? host + 2 : p;
		end = p + strcspn(p, "?#");
		p = memchr(p, '/', (size_t)(end - p));
		p = p ? p : end; /* a host is no name */
	}
	const char *slash = memrchr(p, '/', (size_t)(end - p));
	p = slash ? slash + 1 : p;
	*n = (size_t)(end - p);
	return p;
}

/* The type that an extension stands for, or NULL. */
static const char *
by_extension(const struct attach_spec *a)
{
	size_t n;
	const char *base = base_name(a, &n), *dot = n ? memrchr(base, '.', n) : NULL;

	if (!dot)
		return NULL;
	n -= (size_t)(dot + 1 - base);
	for (size_t i = 0; i < sizeof(extensions) / sizeof(*extensions); i++) {
		if (strlen(extensions[i].from) == n && begins(dot + 1, extensions[i].from))
			return extensions[i].to;
	}
	return NULL;
}

/* The type in a data: URL, or nothing. */
static void
mime_of_data(const char *url, char *mime, size_t size)
{
	size_t n = is_data(url) ? strcspn(url + 5, ";,") : 0;

	if (n > 0 && n < size && is_mime(url + 5, n))
		copy_mime(mime, url + 5, n);
}

/* Emission */

struct part {
	const struct attach_spec *a;
	const char *bytes; /* NULL for a URL */
	size_t n;
	const char *kind; /* image, audio, video, file */
	char mime[128];   /* may be "" for a URL */
};

/* Base64 is written where it will stay: in the string that is being built. */
static void
string_of_bytes(struct jsonw *w, const char *mime, const struct part *p)
{
	jsonw_raw(w, "\"", 1);
	if (mime) {
		buf_adds(w->b, "data:");
		buf_adds(w->b, mime);
		buf_adds(w->b, ";base64,");
	}
	base64_add(w->b, p->bytes, p->n);
	buf_addc(w->b, '"');
}

static void
add_url(struct jsonw *w, const char *key, const struct part *p)
{
	jsonw_key(w, key);
	if (p->bytes)
		string_of_bytes(w, p->mime, p);
	else
		jsonw_str(w, p->a->name);
}

static void
add_filename(struct jsonw *w, const struct part *p)
{
	size_t n;
	const char *name = base_name(p->a, &n);

	jsonw_key(w, "filename");
	if (n == 0 || strcmp(p->a->name, "-") == 0)
		jsonw_str(w, strcmp(p->mime, "application/pdf") == 0 ? "file.pdf" : "file");
	else
		jsonw_strn(w, name, n);
}

/* The format of an audio type, or NULL. */
static const char *
audio_format(const char *mime)
{
	if (!str_starts(mime, "audio/"))
		return NULL;
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		if (strcmp(formats[i].from, mime + strlen("audio/")) == 0)
			return formats[i].to;
	}
	return NULL;
}

/* Where the base64 of a data: URL begins, or NULL. */
static const char *
data_payload(const char *url)
{
	static const char mark[] = ";base64";
	const char *comma = is_data(url) ? strchr(url, ',') : NULL;

	return comma && (size_t)(comma - url) > strlen(mark) && begins(comma - strlen(mark), mark) ? comma + 1 : NULL;
}

static int
check_audio(const struct part *p, struct err *e)
{
	if (!p->bytes && !data_payload(p->a->name))
		return err_set(e, ERR_DATA,
		    "%.200s: audio is sent as data, never as a URL: fetch it and attach the file", p->a->name);
	if (!audio_format(p->mime))
		return err_set(e, ERR_DATA,
		    "%.200s: %s is no audio that can be sent (wav, mp3, flac, ogg, m4a, aac, aiff)",
		    p->bytes ? p->a->name : "data: URL", *p->mime ? p->mime : "its type");
	return 0;
}

static void
emit_audio(struct jsonw *w, const struct part *p)
{
	jsonw_key(w, "data");
	if (p->bytes)
		string_of_bytes(w, NULL, p);
	else
		jsonw_str(w, data_payload(p->a->name));
	jsonw_key(w, "format");
	jsonw_str(w, audio_format(p->mime));
}

static void
emit_file(struct jsonw *w, const struct part *p)
{
	add_filename(w, p);
	add_url(w, "file_data", p);
}

static void
emit(struct buf *out, const struct part *p)
{
	const char *type = *p->kind == 'i' ? "image_url"
	    : *p->kind == 'a'              ? "input_audio"
	    : *p->kind == 'v'              ? "video_url"
					   : "file";
	struct jsonw w;

	/* one allocation for all of it: base64 and some names */
	buf_reserve(out, (p->n / 3 + 1) * 4 + 1024);
	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, "type");
	jsonw_str(&w, type);
	jsonw_key(&w, type);
	jsonw_object(&w);
	if (*p->kind == 'a')
		emit_audio(&w, p);
	else if (*p->kind == 'f')
		emit_file(&w, p);
	else
		add_url(&w, "url", p);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
}

/* Does a type go with what the part is to be? */
static int
goes_with(const char *mime, const char *kind)
{
	size_t n = strlen(kind);

	return n == 0 || strcmp(kind, "file") == 0 || (strncmp(mime, kind, n) == 0 && mime[n] == '/');
}

static void
find_mime(struct part *p)
{
	const struct attach_spec *a = p->a;
	const char *mime = *a->mime ? a->mime : NULL;

	if (!mime && p->bytes)
		mime = attach_sniff(p->bytes, p->n);
	if (!mime || !goes_with(mime, a->kind))
		mime = by_extension(a);
	if (mime && goes_with(mime, a->kind))
		memcpy(p->mime, mime, strlen(mime) + 1);
	else if (!p->bytes)
		mime_of_data(a->name, p->mime, sizeof(p->mime));
	if (!*p->mime && strcmp(a->kind, "file") == 0)
		memcpy(p->mime, "application/octet-stream", sizeof("application/octet-stream"));
}

static const char *
find_kind(const struct part *p)
{
	if (*p->a->kind)
		return p->a->kind;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (goes_with(p->mime, kinds[i]))
			return kinds[i]; /* file, the last one, goes with every type */
	}
	return "file";
}

int
attach_emit(struct buf *out, const struct attach_spec *a, const char *bytes, size_t n, struct err *e)
{
	struct part p = {.a = a, .bytes = a->is_url ? NULL : bytes, .n = a->is_url ? 0 : n};

	if (!a->is_url && n == 0)
		return err_set(e, ERR_DATA, "%.200s: it is empty", a->name);
	find_mime(&p);
	if (!*p.mime && (!*a->kind || !a->is_url))
		return err_set(e, ERR_DATA,
		    "%.200s: can't tell its type: say it in front, as in image/png:NAME or file:NAME", a->name);
	p.kind = find_kind(&p);
	if (*p.kind == 'a' && check_audio(&p, e) != 0)
		return -1;
	emit(out, &p);
	return 0;
}
