/* SPDX-License-Identifier: ISC */
#include "attach.h"
#include "base64.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "tap.h"

#define PNG "\x89PNG\r\n\x1a\n"
#define MAGIC(s) s, sizeof(s) - 1

/* arg: what parsing should yield, as "kind mime name url" */
static void
parse(const char *arg, const char *want)
{
	struct attach_spec a;
	struct err e = {0};
	char got[600];

	if (attach_parse(&a, arg, &e) != 0)
		snprintf(got, sizeof(got), "%d %s", err_status(&e), e.msg);
	else
		snprintf(got, sizeof(got), "[%s][%s] %s%s", a.kind, a.mime, a.name, a.is_url ? " URL" : "");
	tap_is_str(got, want, arg);
}

static void
test_parse(void)
{
	char text[300], want[310];

	parse("a.png", "[][] a.png");
	parse("image:a", "[image][] a");
	parse("audio:-", "[audio][] -");
	parse("video:a:b", "[video][] a:b");
	parse("file:/etc/x", "[file][] /etc/x");
	parse("image/png:a", "[][image/png] a");
	parse("Image/PNG:a", "[][image/png] a");
	parse("image/svg+xml:a", "[][image/svg+xml] a");
	parse("application/vnd.ms-excel:a", "[][application/vnd.ms-excel] a");
	parse("img:a", "[][] img:a");
	parse("Image:a", "[][] Image:a");
	parse("photos/2024:01.png", "[][] photos/2024:01.png");
	parse("./image/png:a", "[][] ./image/png:a");
	parse("image/a/b:c", "[][] image/a/b:c");
	parse("image/:c", "[][] image/:c");
	parse("12:30.png", "[][] 12:30.png");
	parse(":a", "[][] :a");
	parse("https://x/a.png", "[][] https://x/a.png URL");
	parse("HTTP://x/a.png", "[][] HTTP://x/a.png URL");
	parse("httpx:a", "[][] httpx:a");
	parse("data:image/png;base64,AA==", "[][] data:image/png;base64,AA== URL");
	parse("file:https://x/a", "[file][] https://x/a URL");
	parse("application/pdf:https://x/a", "[][application/pdf] https://x/a URL");
	parse("", "64 attachment \"\" has no name");
	parse("image:", "64 attachment \"image:\" has no name");
	parse("image/png:", "64 attachment \"image/png:\" has no name");
	/* a type longer than any real one is part of the name */
	memset(text, 'x', 200);
	memcpy(text, "image/", 6);
	memcpy(text + 200, ":a", 3);
	snprintf(want, sizeof(want), "[][] %s", text);
	parse(text, want);
}

static void
sniff(const char *p, size_t n, const char *want, const char *what)
{
	/* of its own size, so that a read past the end is caught; every shorter one must be safe */
	for (size_t i = 0; i <= n; i++) {
		char *copy = malloc(i + !i);
		memcpy(copy, p, i);
		const char *got = attach_sniff(copy, i);
		if (i == n)
			tap_is_str(got, want, what);
		free(copy);
	}
}

static void
test_sniff(void)
{
	sniff(MAGIC(PNG "\0\0\0\rIHDR"), "image/png", "PNG");
	sniff(MAGIC("\xff\xd8\xff\xe0\0\x10JFIF"), "image/jpeg", "JPEG");
	sniff(MAGIC("GIF89a"), "image/gif", "GIF 89a");
	sniff(MAGIC("GIF87a"), "image/gif", "GIF 87a");
	sniff(MAGIC("GIF88a"), NULL, "no GIF");
	sniff(MAGIC("RIFF\x24\0\0\0WEBPVP8 "), "image/webp", "WebP");
	sniff(MAGIC("RIFF\x24\0\0\0WAVEfmt "), "audio/wav", "WAV");
	sniff(MAGIC("RF64\xff\xff\xff\xffWAVEds64"), "audio/wav", "WAV over 4 GB");
	sniff(MAGIC("RIFF\x24\0\0\0AVI LIST"), NULL, "AVI");
	sniff(MAGIC("%PDF-1.7\n"), "application/pdf", "PDF");
	sniff(MAGIC("ID3\x04\0\0\0\0\0\0"), "audio/mpeg", "MP3 with a tag");
	sniff(MAGIC("\xff\xfb\x90\x64"), "audio/mpeg", "MP3 frame, MPEG 1");
	sniff(MAGIC("\xff\xf3\x48\xc4"), "audio/mpeg", "MP3 frame, MPEG 2");
	sniff(MAGIC("\xff\xfb\xf0\x64"), NULL, "a bit rate that can't be");
	sniff(MAGIC("\xff\xfb\x9c\x64"), NULL, "a sample rate that can't be");
	sniff(MAGIC("\xff\xf1\x50\x80"), "audio/aac", "AAC, MPEG 4");
	sniff(MAGIC("\xff\xf9\x50\x80"), "audio/aac", "AAC, MPEG 2");
	sniff(MAGIC("\xff\xfe"
		    "h\0i\0"),
	    NULL, "UTF-16 text");
	sniff(MAGIC("\xff\xff\xff\xff\xff"), NULL, "all bits set");
	sniff(MAGIC("fLaC\0\0\0\x22"), "audio/flac", "FLAC");
	sniff(MAGIC("OggS\0\x02"), "audio/ogg", "Ogg");
	sniff(MAGIC("FORM\0\0\x10\0AIFFCOMM"), "audio/aiff", "AIFF");
	sniff(MAGIC("FORM\0\0\x10\0AIFCFVER"), "audio/aiff", "AIFF-C");
	sniff(MAGIC("\0\0\0\x20"
		    "ftypM4A \0\0\2\0"),
	    "audio/mp4", "M4A");
	sniff(MAGIC("\0\0\0\x20"
		    "ftypisom\0\0\2\0"),
	    "video/mp4", "MP4");
	sniff(MAGIC("\0\0\0\x14"
		    "ftypqt  \0\0\2\0"),
	    "video/quicktime", "QuickTime");
	sniff(MAGIC("\0\0\0\x08"
		    "wide\0\0\0\0mdat"),
	    "video/quicktime", "old QuickTime");
	sniff(MAGIC("\0\0\0\x18"
		    "ftypheic"),
	    "image/heic", "HEIC");
	sniff(MAGIC("\0\0\0\x18"
		    "ftypavif"),
	    "image/avif", "AVIF");
	sniff(MAGIC("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\x82\x84webm"), "video/webm", "WebM");
	sniff(MAGIC("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\x82\x88matroska"), NULL, "Matroska that is no WebM");
	sniff(MAGIC("\0\0\1\xba\x44"), "video/mpeg", "MPEG program stream");
	sniff(MAGIC("\0\0\1\xb3\x14"), "video/mpeg", "MPEG video");
	sniff(MAGIC("plain text"), NULL, "text");
	sniff(MAGIC(""), NULL, "nothing");
}

static void
emit(const char *arg, const char *bytes, size_t n, const char *want)
{
	struct attach_spec a;
	struct err e = {0};
	struct json j = JSON_INIT;
	struct buf out = BUF_INIT;

	int r = attach_parse(&a, arg, &e);
	if (r == 0)
		r = attach_emit(&out, &a, bytes, n, &e);
	tap_is_str(r == 0 ? buf_str(&out) : e.msg, want, arg);
	if (r == 0)
		tap_ok(json_parse(&j, out.p, out.len, &e) == 0, "... is JSON");
	else
		tap_ok(e.kind == ERR_DATA && out.len == 0, "... is ERR_DATA, and writes nothing");
	json_release(&j);
	buf_release(&out);
}

#define IMAGE(url) "{\"type\":\"image_url\",\"image_url\":{\"url\":\"" url "\"}}"
#define VIDEO(url) "{\"type\":\"video_url\",\"video_url\":{\"url\":\"" url "\"}}"
#define AUDIO(data, format) \
	"{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"" data "\",\"format\":\"" format "\"}}"
#define FILE_(name, data) "{\"type\":\"file\",\"file\":{\"filename\":\"" name "\",\"file_data\":\"" data "\"}}"

static void
test_files(void)
{
	emit("a", MAGIC(PNG), IMAGE("data:image/png;base64,iVBORw0KGgo="));
	emit("a.jpg", MAGIC(PNG), IMAGE("data:image/png;base64,iVBORw0KGgo="));
	emit("a.JPEG", MAGIC("x"), IMAGE("data:image/jpeg;base64,eA=="));
	emit("image/jpeg:a.png", MAGIC(PNG), IMAGE("data:image/jpeg;base64,iVBORw0KGgo="));
	emit("image:a.png", MAGIC("x"), IMAGE("data:image/png;base64,eA=="));
	emit("image:a.mp3", MAGIC(PNG), IMAGE("data:image/png;base64,iVBORw0KGgo="));
	emit("image:a.jpg", MAGIC("ID3"), IMAGE("data:image/jpeg;base64,SUQz"));
	emit("image:a", MAGIC("x"), "a: can't tell its type: say it in front, as in image/png:NAME or file:NAME");
	emit("audio:a", MAGIC(PNG), "a: can't tell its type: say it in front, as in image/png:NAME or file:NAME");
	emit("a.wav", MAGIC("RIFF\x24\0\0\0WAVE"), AUDIO("UklGRiQAAABXQVZF", "wav"));
	emit("audio:a", MAGIC("ID3"), AUDIO("SUQz", "mp3"));
	emit("a.m4a", MAGIC("x"), AUDIO("eA==", "m4a"));
	emit("a.opus", MAGIC("x"), AUDIO("eA==", "ogg"));
	emit("audio/x-aiff:a", MAGIC("x"), AUDIO("eA==", "aiff"));
	emit("audio/pcm16:a", MAGIC("x"), AUDIO("eA==", "pcm16"));
	emit("audio/midi:a", MAGIC("x"),
	    "a: audio/midi is no audio that can be sent (wav, mp3, flac, ogg, m4a, aac, aiff)");
	emit("a.mov", MAGIC("x"), VIDEO("data:video/quicktime;base64,eA=="));
	emit("/tmp/d.x/b", MAGIC("%PDF-"), FILE_("b", "data:application/pdf;base64,JVBERi0="));
	emit("dir/x \"y\".pdf", MAGIC("x"), FILE_("x \\\"y\\\".pdf", "data:application/pdf;base64,eA=="));
	emit("a?b#c.pdf", MAGIC("x"), FILE_("a?b#c.pdf", "data:application/pdf;base64,eA=="));
	emit("-", MAGIC("%PDF-"), FILE_("file.pdf", "data:application/pdf;base64,JVBERi0="));
	emit("notes.md", MAGIC("x"), FILE_("notes.md", "data:text/markdown;base64,eA=="));
	emit("text/plain:notes", MAGIC("x"), FILE_("notes", "data:text/plain;base64,eA=="));
	emit("file:a.png", MAGIC(PNG), FILE_("a.png", "data:image/png;base64,iVBORw0KGgo="));
	emit("file:a", MAGIC("x"), FILE_("a", "data:application/octet-stream;base64,eA=="));
	emit("a", MAGIC("x"), "a: can't tell its type: say it in front, as in image/png:NAME or file:NAME");
	emit("png", MAGIC("x"), "png: can't tell its type: say it in front, as in image/png:NAME or file:NAME");
	emit("a.png/b", MAGIC("x"), "a.png/b: can't tell its type: say it in front, as in image/png:NAME or file:NAME");
	emit("a.png", MAGIC(""), "a.png: it is empty");
}

static void
test_urls(void)
{
	emit("https://x.org/a.png", NULL, 0, IMAGE("https://x.org/a.png"));
	emit("https://x.org/a.PNG?b=c.pdf#d.mp4", NULL, 0, IMAGE("https://x.org/a.PNG?b=c.pdf#d.mp4"));
	emit("https://x.org/a.webm", NULL, 0, VIDEO("https://x.org/a.webm"));
	emit("https://x.org/d/a.pdf?x=/y", NULL, 0, FILE_("a.pdf", "https://x.org/d/a.pdf?x=/y"));
	emit("https://x.org/", NULL, 0,
	    "https://x.org/: can't tell its type: say it in front, as in image/png:NAME or file:NAME");
	emit("https://photos.png", NULL, 0,
	    "https://photos.png: can't tell its type: say it in front, as in image/png:NAME or file:NAME");
	emit("image:https://x.org/", NULL, 0, IMAGE("https://x.org/"));
	emit("video:https://youtu.be/abc", NULL, 0, VIDEO("https://youtu.be/abc"));
	emit("image/png:https://x.org/a.pdf", NULL, 0, IMAGE("https://x.org/a.pdf"));
	emit("application/pdf:https://x.org/get?id=1", NULL, 0, FILE_("get", "https://x.org/get?id=1"));
	emit("file:https://x.org", NULL, 0, FILE_("file", "https://x.org"));
	emit("https://x.org/a.mp3", NULL, 0,
	    "https://x.org/a.mp3: audio is sent as data, never as a URL: fetch it and attach the file");
	emit("audio:http://x.org/a", NULL, 0,
	    "http://x.org/a: audio is sent as data, never as a URL: fetch it and attach the file");
	emit("data:image/gif;base64,AA==", NULL, 0, IMAGE("data:image/gif;base64,AA=="));
	emit("DATA:IMAGE/GIF,x", NULL, 0, IMAGE("DATA:IMAGE/GIF,x"));
	emit("data:audio/wav;base64,AA==", NULL, 0, AUDIO("AA==", "wav"));
	emit("audio:data:audio/mpeg;base64,AA==", NULL, 0, AUDIO("AA==", "mp3"));
	emit("data:audio/wav,AA", NULL, 0,
	    "data:audio/wav,AA: audio is sent as data, never as a URL: fetch it and attach the file");
	emit("data:audio/midi;base64,AA==", NULL, 0,
	    "data: URL: audio/midi is no audio that can be sent (wav, mp3, flac, ogg, m4a, aac, aiff)");
	emit("data:application/pdf;base64,AA==", NULL, 0, FILE_("file.pdf", "data:application/pdf;base64,AA=="));
	emit("data:,a.png", NULL, 0,
	    "data:,a.png: can't tell its type: say it in front, as in image/png:NAME or file:NAME");
	emit("data:text/plain;charset=utf-8,hi", NULL, 0, FILE_("file", "data:text/plain;charset=utf-8,hi"));
}

static void
base64(const char *bytes, size_t n, const char *want)
{
	struct buf b = BUF_INIT;

	base64_add(&b, bytes, n);
	tap_is_str(buf_str(&b), want, *want ? want : "base64 of nothing");
	tap_is_int((long long)b.len, (long long)strlen(want), "... and its length");
	buf_release(&b);
}

/* Decodes, by a way of its own, and compares. */
static void
test_base64_all(void)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char bytes[3 * 256];
	struct buf b = BUF_INIT;
	int wrong = 0;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 37 + i / 256);
	buf_adds(&b, "kept");
	base64_add(&b, bytes, sizeof(bytes));
	for (size_t bit = 0; bit < sizeof(bytes) * 8; bit++) {
		size_t letter = (size_t)(strchr(letters, b.p[4 + bit / 6]) - letters);
		wrong += (letter >> (5 - bit % 6) & 1) != (bytes[bit / 8] >> (7 - bit % 8) & 1u);
	}
	tap_is_int(wrong, 0, "every bit of 768 bytes is where it belongs");
	tap_ok(b.len == 4 + sizeof(bytes) / 3 * 4 && memcmp(b.p, "kept", 4) == 0, "and what was in the buffer stays");
	buf_release(&b);
}

int
main(void)
{
	test_parse();
	test_sniff();
	test_files();
	test_urls();
	/* the examples of RFC 4648, section 10 */
	base64(MAGIC(""), "");
	base64(MAGIC("f"), "Zg==");
	base64(MAGIC("fo"), "Zm8=");
	base64(MAGIC("foo"), "Zm9v");
	base64(MAGIC("foob"), "Zm9vYg==");
	base64(MAGIC("fooba"), "Zm9vYmE=");
	base64(MAGIC("foobar"), "Zm9vYmFy");
	base64(MAGIC("\xff\xfe\xfd\0"), "//79AA==");
	test_base64_all();
	return tap_done();
}
