/* SPDX-License-Identifier: ISC */
/* http_priv: what the files of http share. */
#ifndef HTTP_PRIV_H
#define HTTP_PRIV_H

struct err;

/* Fills e. code: a CURLcode; why: libcurl's words for it. */
void http_error(int code, const char *why, struct err *e);

#endif
