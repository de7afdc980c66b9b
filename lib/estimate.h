/* SPDX-License-Identifier: ISC */
/*
 * estimate: how many tokens a canonical request may come to, before anybody has counted. Pure.
 *
 * Two figures. The likely one serves routing: four bytes of ASCII, or one other character, a token. The bound serves money, and no
 * tokenizer known goes over it: a token each byte of text, ESTIMATE_MESSAGE for each message and for the request. Text is what stands in
 * strings of messages, decoded, names of roles and of types aside, and the JSON of tools and response_format as it is written; without
 * messages, in strings of input, each of which counts as one. What isn't text counts at a stated figure: an image ESTIMATE_IMAGE, a file
 * or recording ESTIMATE_MEDIA and a token for ESTIMATE_MEDIA_BYTES of its bytes; a file that says it is text counts as text too.
 */
#ifndef ESTIMATE_H
#define ESTIMATE_H

#include <stddef.h>
#include <stdint.h>

struct json;

#define ESTIMATE_MESSAGE 16 /* tokens of a message's frame (bound; 4 in the likely figure) */
#define ESTIMATE_TOOLS 1024 /* tokens that a provider puts in front of tools (bound; 256 in the likely figure) */
#define ESTIMATE_IMAGE 8192 /* tokens of an image (bound; 1024 in the likely figure) */
#define ESTIMATE_MEDIA 8192 /* tokens of audio, video or a file, whatever its size (bound; 1024 in the likely figure) */
#define ESTIMATE_MEDIA_BYTES 16 /* bytes of its data a token, beyond that */

struct estimate {
	int64_t likely; /* tokens of the prompt */
	int64_t bound;  /* tokens of the prompt at most */
	size_t n_bytes; /* of text in the messages */
	int n_image, n_audio, n_file, n_video;
};

/* request: canonical. What isn't of the expected form counts nothing. */
void estimate_request(struct estimate *e, const struct json *request);
/* Likely tokens of a text, as above. */
int64_t estimate_text(const char *s, size_t n);

#endif
