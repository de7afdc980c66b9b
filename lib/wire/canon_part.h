/* SPDX-License-Identifier: ISC */
/* canon_part: parts of a canonical message's content, and the data and URLs in them: read and written. Part of canon. Pure. */
#ifndef CANON_PART_H
#define CANON_PART_H

#include <stddef.h>

struct blobs;
struct canon;
struct jsonw;

/* A data URL, or another. Slices of the JSON text (or of a blob), still escaped as in JSON: they can be written between quotes. */
struct canon_url {
	int is_data;      /* data:MIME;base64,DATA */
	const char *mime; /* "image/png"; without parameters; NULL: unsaid */
	size_t n_mime;    /* bytes */
	const char *data; /* base64 */
	size_t n_data;    /* bytes */
	const char *url;  /* the whole, where it is no data URL */
	size_t n_url;     /* bytes */
};
/* -1: no string, or a data URL that isn't base64. */
int canon_url(const struct canon *c, int node, struct canon_url *u);
/* Content parts by kind. */
enum canon_part { CANON_TEXT, CANON_IMAGE, CANON_AUDIO, CANON_FILE, CANON_VIDEO, CANON_REFUSAL, CANON_OTHER };
enum canon_part canon_part(const struct canon *c, int part);
/* "image_url", ...: the part's type, for messages. Static, or in scratch. */
const char *canon_part_name(struct canon *c, int part);
/* The slice where a part's data or URL is: image_url.url, video_url.url, file.file_data, input_audio.data (then mime is made from its
 * format). -1 where it has none. */
int canon_part_url(struct canon *c, int part, struct canon_url *u);

/* A string between quotes without a copy that is decoded and escaped again. */
void canon_write_slice(struct jsonw *w, const char *raw, size_t n);
/* "data:MIME;base64,DATA" as a JSON string; long data as a reference where blobs isn't NULL (blobs.h). data: still escaped. */
void canon_write_data(
    struct jsonw *w, struct blobs *blobs, const char *mime, size_t n_mime, const char *data, size_t n);

#endif
