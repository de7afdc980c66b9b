/* SPDX-License-Identifier: ISC */
/*
 * conf: where files lie, what the environment says, and table files. The only module in lib/ that reads the
 * environment.
 *
 * Table format: plain text, `#` comments (at the start of a line, or after a blank), one entry a line, LF or CRLF.
 * Directories: each of OR_CONFIG (colon-separated) when set, else $XDG_CONFIG_HOME/orutils and /etc/orutils. Earlier
 * entries win.
 */
#ifndef CONF_H
#define CONF_H

#include <stddef.h>

struct buf;
struct err;

#define CONF_MAX_FILE (1024 * 1024) /* bytes of one table file */

/* The variable's value, or NULL where it is unset or empty. Borrowed. */
const char *conf_env(const char *name);
/* Appends the directory path; -1 where neither the XDG variable nor HOME is an absolute path. Nothing is created. */
int conf_cache_dir(struct buf *b);
int conf_state_dir(struct buf *b);
/* The first directory of tables, where what a person sets is written: OR_CONFIG's first, else one's own. */
int conf_config_dir(struct buf *b);
/* Creates path and its parents, those that are missing, with mode 0700. ERR_CANTCREATE. */
int conf_mkdirs(const char *path, struct err *e);

/* Calls fn for each entry of the table `name` in every directory, in order, comments and blank lines taken out. `line`
 * is NUL-terminated UTF-8 without control bytes (but tabs) and without blanks around it; fn may change it. -1 stops;
 * the error gets "file:line: " in front, and ERR_CONFIG unless it has a kind. A missing file is no error; one that
 * can't be read or is bigger than CONF_MAX_FILE is ERR_CONFIG. */
typedef int (*conf_fn)(void *arg, char *line, struct err *e);
int conf_table(const char *name, conf_fn fn, void *arg, struct err *e);

/* Appends a whole file, at most max bytes; nothing on failure. ERR_NOINPUT where it can't be opened (a directory too),
 * ERR_IO on a read error, ERR_DATA where it is bigger. */
int conf_slurp(const char *path, size_t max, struct buf *out, struct err *e);
/* The same from an open descriptor; name is for messages. */
int conf_slurp_fd(int fd, const char *name, size_t max, struct buf *out, struct err *e);
/* Writes beside path and renames: readers see the old or the new file, never a half; any number of processes may
 * do so at once. mode: 0600. fsync is not called. ERR_CANTCREATE; ERR_IO for a failed write. */
int conf_replace(const char *path, const char *p, size_t n, struct err *e);
/* The same for what can't be made again: it is on the disk when this returns, and a link's target is what is replaced. mode: of the file; 0: that of
 * the old one, 0600 where there is none. */
int conf_store(const char *path, int mode, const char *p, size_t n, struct err *e);

#endif
