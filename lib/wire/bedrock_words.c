/* SPDX-License-Identifier: ISC */
/* Words for formats of media, and base64. */
#include <string.h>
#include <strings.h>

#include "base64.h"
#include "buf.h"
#include "json.h"
#include "wire/bedrock.h"

/* The usual MIME type of a format stands first. */
static const struct {
	enum bedrock_media media;
	const char *format, *mime;
} words[] = {
    {BEDROCK_IMAGE, "png", "image/png"},
    {BEDROCK_IMAGE, "jpeg", "image/jpeg"},
    {BEDROCK_IMAGE, "jpeg", "image/jpg"},
    {BEDROCK_IMAGE, "gif", "image/gif"},
    {BEDROCK_IMAGE, "webp", "image/webp"},
    {BEDROCK_DOCUMENT, "pdf", "application/pdf"},
    {BEDROCK_DOCUMENT, "csv", "text/csv"},
    {BEDROCK_DOCUMENT, "doc", "application/msword"},
    {BEDROCK_DOCUMENT, "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {BEDROCK_DOCUMENT, "xls", "application/vnd.ms-excel"},
    {BEDROCK_DOCUMENT, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {BEDROCK_DOCUMENT, "html", "text/html"},
    {BEDROCK_DOCUMENT, "txt", "text/plain"},
    {BEDROCK_DOCUMENT, "md", "text/markdown"},
    {BEDROCK_VIDEO, "mp4", "video/mp4"},
    {BEDROCK_VIDEO, "mov", "video/quicktime"},
    {BEDROCK_VIDEO, "mkv", "video/x-matroska"},
    {BEDROCK_VIDEO, "webm", "video/webm"},
    {BEDROCK_VIDEO, "flv", "video/x-flv"},
    {BEDROCK_VIDEO, "mpeg", "video/mpeg"},
    {BEDROCK_VIDEO, "mpg", "video/mpg"},
    {BEDROCK_VIDEO, "wmv", "video/x-ms-wmv"},
    {BEDROCK_VIDEO, "three_gp", "video/3gpp"},
    {BEDROCK_AUDIO, "mp3", "audio/mp3"},
    {BEDROCK_AUDIO, "mp3", "audio/mpeg"},
    {BEDROCK_AUDIO, "wav", "audio/wav"},
    {BEDROCK_AUDIO, "wav", "audio/x-wav"},
    {BEDROCK_AUDIO, "opus", "audio/opus"},
    {BEDROCK_AUDIO, "aac", "audio/aac"},
    {BEDROCK_AUDIO, "flac", "audio/flac"},
    {BEDROCK_AUDIO, "ogg", "audio/ogg"},
    {BEDROCK_AUDIO, "m4a", "audio/m4a"},
    {BEDROCK_AUDIO, "mp4", "audio/mp4"},
    {BEDROCK_AUDIO, "webm", "audio/webm"},
    {BEDROCK_AUDIO, "pcm", "audio/pcm"},
    {BEDROCK_AUDIO, "pcm", "audio/pcm16"},
};

#define N_WORDS (sizeof(words) / sizeof(*words))

const char *
bedrock_format(enum bedrock_media m, const char *mime, size_t n)
{
	for (size_t i = 0; i < N_WORDS; i++)
		if (words[i].media == m && strlen(words[i].mime) == n && strncasecmp(words[i].mime, mime, n) == 0)
			return words[i].format;
	return NULL;
}

const char *
bedrock_format_of(enum bedrock_media m, const char *name, size_t n)
{
	size_t dot = n;

	while (dot && name[dot - 1] != '.')
		dot--;
	for (size_t i = 0; dot && i < N_WORDS; i++)
		if (words[i].media == m && strlen(words[i].format) == n - dot &&
		    strncasecmp(words[i].format, name + dot, n - dot) == 0)
			return words[i].format;
	if (m == BEDROCK_IMAGE && dot && n - dot == 3 && strncasecmp(name + dot, "jpg", 3) == 0)
		return "jpeg";
	return NULL;
}

const char *
bedrock_mime(enum bedrock_media m, const char *format)
{
	for (size_t i = 0; i < N_WORDS; i++)
		if (words[i].media == m && strcmp(words[i].format, format) == 0)
			return words[i].mime;
	return NULL;
}

int
bedrock_opened(const struct json *j, int redacted, struct buf *text)
{
	struct buf coded = BUF_INIT;
	int is_text = json_str(j, redacted, &coded) == 0 && base64_text(text, buf_str(&coded), coded.len) == 0;

	for (size_t i = 0; is_text && i < text->len; i++)
		is_text = text->p[i] > 0x20 && text->p[i] < 0x7f;
	buf_release(&coded);
	return is_text;
}
