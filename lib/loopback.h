/* SPDX-License-Identifier: ISC */
/* loopback: which URLs lead to this machine. */
#ifndef LOOPBACK_H
#define LOOPBACK_H

/* Is the URL's host 127.0.0.0/8, ::1 or localhost? */
int loopback_url(const char *url);

#endif
