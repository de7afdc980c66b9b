/* SPDX-License-Identifier: ISC */
/*
 * Media: data is inlineData, an address is fileData: of YouTube, of Google's Files and Cloud Storage, and any public
 * https one, which newer models fetch. The MIME type, which Vertex wants with every address, is made from the name.
 * Source: Google's page on file input methods.
 */
#include <string.h>
#include <strings.h>

#include "jsonw.h"
#include "wire/canon.h"
#include "wire/canon_part.h"
#include "wire/gemini.h"

static const struct {
	const char *ending, *mime;
} types[] = {
    {"png", "image/png"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"webp", "image/webp"},
    {"gif", "image/gif"},
    {"heic", "image/heic"},
    {"heif", "image/heif"},
    {"bmp", "image/bmp"},
    {"pdf", "application/pdf"},
    {"txt", "text/plain"},
    {"md", "text/markdown"},
    {"csv", "text/csv"},
    {"html", "text/html"},
    {"json", "application/json"},
    {"wav", "audio/wav"},
    {"mp3", "audio/mpeg"},
    {"m4a", "audio/mp4"},
    {"aac", "audio/aac"},
    {"ogg", "audio/ogg"},
    {"flac", "audio/flac"},
    {"mp4", "video/mp4"},
    {"mpeg", "video/mpeg"},
    {"mpg", "video/mpeg"},
    {"mov", "video/quicktime"},
    {"avi", "video/x-msvideo"},
    {"webm", "video/webm"},
    {"wmv", "video/x-ms-wmv"},
    {"3gp", "video/3gpp"},
};

/* By the ending of the path's last segment; NULL: it has none that is known. */
static const char *
mime_of_path(const char *url, size_t n)
{
	const char *end = url, *dot = NULL;

	for (; end < url + n && *end != '?' && *end != '#'; end++)
		if (*end == '.')
			dot = end + 1;
		else if (*end == '/')
			dot = NULL;
	for (size_t i = 0; dot && i < sizeof(types) / sizeof(*types); i++)
		if (strlen(types[i].ending) == (size_t)(end - dot) &&
		    strncasecmp(dot, types[i].ending, (size_t)(end - dot)) == 0)
			return types[i].mime;
	return NULL;
}

/* What a part of this kind mostly is, where nothing says it. */
static const char *
usual_mime(int kind)
{
	switch (kind) {
	case CANON_IMAGE:
		return "image/jpeg";
	case CANON_VIDEO:
		return "video/mp4";
	case CANON_AUDIO:
		return "audio/wav";
	default:
		return "application/pdf";
	}
}

/* Google knows what its own files are. */
static int
is_upload(const struct canon_url *u)
{
	return memmem(u->url, u->n_url, "/files/", 7) && memmem(u->url, u->n_url, ".googleapis.com/", 16);
}

static void
write_address(struct jsonw *w, const struct canon_url *u, int kind)
{
	const char *mime = mime_of_path(u->url, u->n_url);

	jsonw_key(w, "fileData");
	jsonw_object(w);
	if (mime || !is_upload(u)) {
		jsonw_key(w, "mimeType");
		jsonw_str(w, mime ? mime : usual_mime(kind));
	}
	jsonw_key(w, "fileUri");
	canon_write_slice(w, u->url, u->n_url);
	jsonw_end_object(w);
}

void
gemini_write_media(struct jsonw *w, const struct canon_url *u, int kind)
{
	if (!u->is_data) {
		write_address(w, u, kind);
		return;
	}
	jsonw_key(w, "inlineData");
	jsonw_object(w);
	jsonw_key(w, "mimeType");
	if (u->n_mime)
		canon_write_slice(w, u->mime, u->n_mime);
	else
		jsonw_str(w, usual_mime(kind));
	jsonw_key(w, "data");
	canon_write_slice(w, u->data, u->n_data);
	jsonw_end_object(w);
}
