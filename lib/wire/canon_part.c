/* SPDX-License-Identifier: ISC */
#include "wire/canon_part.h"

#include <stdlib.h>
#include <string.h>

#include "blobs.h"
#include "buf.h"
#include "json.h"
#include "jsonw.h"
#include "wire/canon.h"
#include "wire/wire.h"

#define N(a) (sizeof(a) / sizeof(*(a)))

/* Long data stands elsewhere, and a name for it here. */
static void
take_blob(const struct canon *c, struct canon_url *u)
{
	const struct blob *b = blobs_get(c->ask->blobs, u->data, u->n_data);

	if (!b)
		return;
	u->data = b->p;
	u->n_data = b->n;
}

static int
starts(const char *p, size_t n, const char *with)
{
	size_t len = strlen(with);

	return n >= len && memcmp(p, with, len) == 0;
}

/* data:MIME;base64,DATA between p and p + n. */
static int
split_data(const struct canon *c, const char *p, size_t n, struct canon_url *u)
{
	const char *comma = memchr(p, ',', n), *semi;
	size_t head = comma ? (size_t)(comma - p) : 0;

	if (!comma || head < 7 || memcmp(comma - 7, ";base64", 7) != 0)
		return -1;
	u->is_data = 1;
	u->mime = p + 5;
	semi = memchr(u->mime, ';', head - 5);
	u->n_mime = (size_t)(semi - u->mime);
	u->data = comma + 1;
	u->n_data = n - head - 1;
	take_blob(c, u);
	return 0;
}

int
canon_url(const struct canon *c, int node, struct canon_url *u)
{
	size_t n;
	const char *raw = json_raw(c->j, node, &n);

	*u = (struct canon_url){0};
	if (json_type(c->j, node) != JSON_STRING)
		return -1;
	raw++;
	n -= 2;
	if (starts(raw, n, "data:"))
		return split_data(c, raw, n, u);
	u->url = raw;
	u->n_url = n;
	return 0;
}

static const struct {
	const char *type;
	enum canon_part part;
} parts[] = {{"text", CANON_TEXT}, {"image_url", CANON_IMAGE}, {"input_audio", CANON_AUDIO}, {"file", CANON_FILE},
    {"video_url", CANON_VIDEO}, {"refusal", CANON_REFUSAL}};

enum canon_part
canon_part(const struct canon *c, int part)
{
	int type = json_get(c->j, part, "type");

	for (size_t i = 0; i < N(parts); i++)
		if (json_eq(c->j, type, parts[i].type))
			return parts[i].part;
	return CANON_OTHER;
}

const char *
canon_part_name(struct canon *c, int part)
{
	buf_clear(&c->scratch);
	if (json_str(c->j, json_get(c->j, part, "type"), &c->scratch))
		buf_adds(&c->scratch, "content without a type");
	return buf_str(&c->scratch);
}

/* input_audio has a word for its format where others have a MIME type. */
static int
audio_url(struct canon *c, int part, struct canon_url *u)
{
	int audio = json_get(c->j, part, "input_audio"), data = json_get(c->j, audio, "data");
	char *format = canon_dup(c, json_get(c->j, audio, "format"));
	size_t n;

	*u = (struct canon_url){0};
	if (json_type(c->j, data) != JSON_STRING) {
		free(format);
		return -1;
	}
	buf_clear(&c->scratch);
	buf_addf(&c->scratch, "audio/%s", !format ? "wav" : strcmp(format, "mp3") == 0 ? "mpeg" : format);
	free(format);
	const char *raw = json_raw(c->j, data, &n);
	*u = (struct canon_url){1, c->scratch.p, c->scratch.len, raw + 1, n - 2, NULL, 0};
	take_blob(c, u);
	return 0;
}

int
canon_part_url(struct canon *c, int part, struct canon_url *u)
{
	int image = json_get(c->j, part, "image_url"); /* some clients say the URL itself */

	switch (canon_part(c, part)) {
	case CANON_IMAGE:
		return canon_url(c, json_type(c->j, image) == JSON_STRING ? image : json_get(c->j, image, "url"), u);
	case CANON_VIDEO:
		return canon_url(c, json_path(c->j, part, "video_url.url"), u);
	case CANON_FILE:
		return canon_url(c, json_path(c->j, part, "file.file_data"), u);
	case CANON_AUDIO:
		return audio_url(c, part, u);
	default:
		return -1;
	}
}

void
canon_write_slice(struct jsonw *w, const char *raw, size_t n)
{
	if (w->comma)
		buf_addc(w->b, ',');
	buf_addc(w->b, '"');
	buf_add(w->b, raw, n);
	buf_addc(w->b, '"');
	w->comma = 1;
}

void
canon_write_data(struct jsonw *w, struct blobs *blobs, const char *mime, size_t n_mime, const char *data, size_t n)
{
	if (w->comma)
		buf_addc(w->b, ',');
	buf_adds(w->b, "\"data:");
	jsonw_escape(w->b, mime, n_mime);
	buf_adds(w->b, ";base64,");
	blobs_add(blobs, data, n, w->b);
	buf_addc(w->b, '"');
	w->comma = 1;
}
