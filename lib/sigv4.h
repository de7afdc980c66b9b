/* SPDX-License-Identifier: ISC */
/*
 * sigv4: AWS Signature Version 4, in the Authorization header. Pure: the time is a parameter. (libcurl's own signs a path that holds
 * %3A wrongly before 8.8, and every model id of Bedrock ends in one.)
 *
 * Source: "Create a signed AWS API request", AWS IAM User Guide. The path is taken as it is sent, normalised (RFC 3986, section 5.2.4, and
 * no empty segments) and percent-encoded once more, so that each segment is encoded twice in all; for the service s3 neither is done.
 */
#ifndef SIGV4_H
#define SIGV4_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

#define SIGV4_HASH 65 /* bytes of a hash in hex, with its NUL */
#define SIGV4_DATE 17 /* bytes of 20150830T123600Z, with its NUL */

struct sigv4 { /* all borrowed */
	const char *key_id, *secret;
	const char *token; /* of a session; NULL or "": none */
	const char *region, *service;
	int64_t time_s; /* since 1970 */
	const char *method;
	const char *url;           /* absolute, as it is sent */
	const char *const *header; /* "Name: value", NULL-terminated; may be NULL. What is here is signed, and Host
				    * (from the URL), X-Amz-Date and X-Amz-Security-Token, which must not be */
	const char *body_hash;     /* what sigv4_hash says of the body */
};

/* SHA-256 in lower-case hex. */
void sigv4_hash(const void *p, size_t n, char hex[SIGV4_HASH]);
/* The value of X-Amz-Date. 0, or -1 for a time that has no such date. */
int sigv4_date(int64_t time_s, char date[SIGV4_DATE]);
/* Appends the value of Authorization. The caller sends it with X-Amz-Date and, where there is a token, X-Amz-Security-Token. Nothing
 * secret is in it. ERR_INTERNAL: the URL isn't absolute, or the time has no date. */
int sigv4_sign(const struct sigv4 *s, struct buf *out, struct err *e);

#endif
