/* SPDX-License-Identifier: ISC */
#include "castore.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"

#define SYSTEM_DIR "/etc/ssl/certs"

/* c_rehash's links: eight hexadecimal digits, a dot, a number. */
static int
is_hash_link(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && strcmp(name + 8, ".0") == 0;
}

/* Path of one certificate of a hashed directory (the first of a colon-separated list), or NULL where it isn't hashed. */
static char *
any_certificate(const char *dirs)
{
	char *dir = xstrndup(dirs, strcspn(dirs, ":"));
	DIR *d = opendir(dir);
	struct buf path = BUF_INIT;
	struct dirent *entry;

	while (d && !path.len && (entry = readdir(d)))
		if (is_hash_link(entry->d_name))
			buf_addf(&path, "%s/%s", dir, entry->d_name);
	if (d)
		closedir(d);
	free(dir);
	return path.len ? buf_take(&path) : NULL;
}

void
castore_find(struct castore *c, const char *cert_file, const char *cert_dir)
{
	const char *dir = cert_dir ? cert_dir : cert_file ? NULL : SYSTEM_DIR;

	c->file = cert_file ? xstrdup(cert_file) : any_certificate(dir);
	if (dir && (c->file || cert_dir))
		c->dir = xstrdup(dir);
}

void
castore_release(struct castore *c)
{
	free(c->file);
	free(c->dir);
	c->file = c->dir = NULL;
}
