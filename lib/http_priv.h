/* SPDX-License-Identifier: ISC */
/* http_priv: what the files of http share. */
#ifndef HTTP_PRIV_H
#define HTTP_PRIV_H

#include <curl/curl.h>

#include "buf.h"
#include "castore.h"
#include "http.h"

#define HTTP_USER_AGENT "User-Agent: orutils/" OR_VERSION

struct err;
struct http_socks;
struct loop;

/* Fills e. code: a CURLcode; why: libcurl's words for it. */
void http_error(int code, const char *why, struct err *e);

/* libcurl's sockets, watched by the loop; drive: one is ready. */
struct http_socks *http_socks_new(
    struct loop *l, CURLM *multi, void (*drive)(void *arg, curl_socket_t fd, int mask), void *arg);
/* Has this handle's connections stay watched between transfers. */
void http_socks_use(struct http_socks *s, CURL *easy);
void http_socks_free(struct http_socks *s); /* after curl_multi_cleanup() */

struct http {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer *timer;    /* libcurl's own */
	struct http_xfer *first;     /* all that run */
	struct curl_slist *to_proxy; /* with CONNECT */
	struct castore ca;           /* looked for when the first https URL comes */
	int ca_known;
	int in_curl;            /* libcurl is on the stack: it must not be entered again */
	struct http_xfer *dead; /* cancelled from inside a callback: freed afterwards */
	struct http_xfer *spare;
	size_t n_spare;
	struct http_socks *socks;
};

/* A transfer. What each piece of a body needs stands together: with a thousand streams no line of it is in the cache. */
struct http_xfer {
	struct http_req r;    /* url and header are not kept */
	int64_t last_ms;      /* last body byte, or the start */
	unsigned started : 1; /* on_head was called */
	unsigned body_seen : 1, paused : 1, cancelled : 1;
	unsigned enough : 1; /* on_body ended the transfer */
	unsigned silent : 1; /* the idle timer ended it */
	unsigned huge_head : 1;
	unsigned trusts : 1;     /* the certificates are set */
	unsigned whole : 1;      /* it ended well: libcurl's handle may serve another */
	struct loop_timer *idle; /* fires when the silence may have lasted too long */
	struct http_xfer *next, **link;
	struct http *h;
	CURL *easy;
	char *url;                  /* owned: what easy is set for; NULL: nothing yet */
	CURLU *parts;               /* owned: of url, parsed once */
	struct curl_slist *headers; /* owned: what easy is set for */
	struct buf body;            /* what is sent */
	size_t head_bytes;
	char why[CURL_ERROR_SIZE];
};

/* Sets what is different from one transfer to the next: where it goes, what is sent. http_setup.c. */
void http_setup(struct http_xfer *x, const struct http_req *r);

#endif
