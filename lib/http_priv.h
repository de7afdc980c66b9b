/* SPDX-License-Identifier: ISC */
/* http_priv: what the files of http share. */
#ifndef HTTP_PRIV_H
#define HTTP_PRIV_H

#include <curl/curl.h>

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

#endif
