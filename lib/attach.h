/* SPDX-License-Identifier: ISC */
/*
 * attach: files and URLs as content parts of a message, in OpenRouter's forms: image_url, input_audio, video_url,
 * file. Pure.
 *
 * "[type:]file|URL": type is image, audio, video, file, or a MIME type (image/, audio/, video/, text/, application/);
 * any other colon belongs to the name. A URL (http:, https:, data:) is passed on, never fetched. A file's type comes
 * from the type given, else from its magic bytes, else from its extension; a URL's from the type given, its
 * extension, its data:.
 */
#ifndef ATTACH_H
#define ATTACH_H

#include <stddef.h>

struct buf;
struct err;

struct attach_spec {
	char kind[8];     /* "image", "audio", "video", "file", or "" */
	char mime[128];   /* given MIME type, or "" */
	const char *name; /* the file or URL; borrowed from the argument */
	int is_url;
};

/* Splits the argument. ERR_USAGE on an empty name. */
int attach_parse(struct attach_spec *a, const char *arg, struct err *e);
/* Appends the content part (a JSON object). bytes: the file's content (NULL for a URL). ERR_DATA where the file is
 * empty, the type can't be told or has no content part (audio by http:, audio of unknown format), and out is as it
 * was. */
int attach_emit(struct buf *out, const struct attach_spec *a, const char *bytes, size_t n, struct err *e);
/* MIME type by magic bytes, or NULL. Static. Knows png jpeg gif webp heic avif, pdf, wav mp3 flac ogg m4a aac
 * aiff, mp4 mov webm mpeg. */
const char *attach_sniff(const char *p, size_t n);

#endif
