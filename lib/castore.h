/* SPDX-License-Identifier: ISC */
/*
 * castore: which CA certificates TLS is to trust, in the cheapest form.
 *
 * Reading the system's bundle (225 KB of PEM) costs 20 ms of CPU for each new connection, looking one certificate up in the hashed
 * directory about 1 ms. libcurl reads its built-in bundle unless it gets a file: so it gets one certificate of that same
 * directory. SSL_CERT_FILE and SSL_CERT_DIR are honoured as OpenSSL does: each replaces its half.
 */
#ifndef CASTORE_H
#define CASTORE_H

struct castore {
	char *file; /* owned; for CURLOPT_CAINFO. Both NULL: leave libcurl's defaults alone */
	char *dir;  /* owned; for CURLOPT_CAPATH, a hashed directory */
};

/* The variables' values, or NULL. */
void castore_find(struct castore *c, const char *cert_file, const char *cert_dir);
void castore_release(struct castore *c);

#endif
