/* SPDX-License-Identifier: ISC */
#include "provider_set.h"

#include <sys/file.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "conf.h"
#include "err.h"
#include "mem.h"
#include "provider_priv.h"
#include "providers.h"
#include "str.h"

#define BLANK " \t"
#define BOM "\xef\xbb\xbf"

/* The first row of a name in the tables, and the names that are near, while there is none. */
struct search {
	const char *name;
	char *row; /* owned; NULL: none yet */
	struct buf near;
};

static void
note_near(struct search *s, const char *name)
{
	/* a row of one's own has the name of a built-in one */
	if ((str_distance(name, s->name, 2) <= 2 || str_starts(name, s->name)) && !strstr(buf_str(&s->near), name))
		buf_addf(&s->near, "%s%s", s->near.len ? ", " : "; near: ", name);
}

static int
look_at(void *arg, char *line, struct err *e)
{
	struct search *s = arg;
	char *row = xstrdup(line);
	struct provider p;

	if (provider_parse(&p, line, e)) {
		free(row);
		return -1;
	}
	note_near(s, p.name);
	if (!s->row && strcmp(p.name, s->name) == 0) {
		s->row = row;
		row = NULL;
	}
	provider_release(&p);
	free(row);
	return 0;
}

/* Rows of files first, as they win; all of them are looked at, so that no bad table is written to. */
static int
search_tables(struct search *s, struct err *e)
{
	if (conf_table("providers", look_at, s, e))
		return -1;
	for (size_t i = 0; provider_rows[i] && !s->row; i++) {
		char *line = xstrdup(provider_rows[i]);
		int r = look_at(s, line, e);
		free(line);
		if (r)
			return -1;
	}
	return 0;
}

/* What may be a key in the wrong place is not repeated. */
static int
is_plain(const char *name)
{
	return strlen(name) <= 20 && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-")];
}

static int
unknown(const struct search *s, struct err *e)
{
	struct buf dir = BUF_INIT;

	if (!is_plain(s->name))
		return err_set(e, ERR_USAGE, "no provider of such a name in the table");
	conf_config_dir(&dir);
	err_set(e, ERR_USAGE,
	    "no provider '%s' in the table%s; a line as `%s openai https://llm.example.com/v1 none` in %s/providers makes one",
	    s->name, buf_str(&s->near), s->name, buf_str(&dir));
	buf_release(&dir);
	return -1;
}

/* The row that holds for a name, owned; NULL: there is none. */
static char *
find_row(const char *name, struct err *e)
{
	struct search s = {.name = name, .near = BUF_INIT};
	struct provider p;

	int r = search_tables(&s, e);
	if (r == 0 && !s.row)
		r = unknown(&s, e);
	if (r == 0) {
		char *line = xstrdup(s.row);
		r = provider_parse(&p, line, e);
		if (r == 0 && strcmp(p.wire, "mock") == 0)
			r = err_set(e, ERR_USAGE, "%s: the wire mock takes no key", name);
		provider_release(&p);
		free(line);
	}
	buf_release(&s.near);
	if (r) {
		free(s.row);
		s.row = NULL;
	}
	return s.row;
}

int
provider_set_check(const char *name, struct err *e)
{
	char *row = find_row(name, e);

	free(row);
	return row ? 0 : -1;
}

/* Appends a row (n bytes, without its end of line) with another key in the place of its own. -1: it has none. */
static int
add_row(struct buf *b, const char *row, size_t n, const char *key)
{
	char *copy = xstrndup(row, n);
	size_t at = strspn(copy, BLANK);
	int r = -1;

	for (int field = 0; copy[at] && r; field++) {
		size_t len = strcspn(copy + at, BLANK);
		if (field >= 3 && provider_is_key(copy + at)) {
			size_t end =
			    str_starts(copy + at, "cmd:") ? n : at + len; /* a command goes to the line's end */
			buf_add(b, row, at);
			buf_adds(b, key);
			buf_add(b, row + end, n - end);
			r = 0;
		}
		at += len;
		at += strspn(copy + at, BLANK);
	}
	free(copy);
	return r;
}

/* The bytes of the line at s, without its end. */
static size_t
line_len(const char *s, const char *end)
{
	const char *newline = memchr(s, '\n', (size_t)(end - s));
	size_t n = (size_t)((newline ? newline : end) - s);

	return n && s[n - 1] == '\r' ? n - 1 : n;
}

static int
is_row_of(const char *line, size_t n, const char *name)
{
	size_t at = 0, len = strlen(name);

	while (at < n && strchr(BLANK, line[at]))
		at++;
	return n - at > len && memcmp(line + at, name, len) == 0 && strchr(BLANK, line[at + len]);
}

/* The line of that name in a table's text, or NULL. */
static const char *
find_line(const struct buf *text, const char *name)
{
	const char *s = buf_str(text), *end = s + text->len;

	if (str_starts(s, BOM))
		s += strlen(BOM);
	while (s < end && !is_row_of(s, line_len(s, end), name)) {
		const char *newline = memchr(s, '\n', (size_t)(end - s));
		s = newline ? newline + 1 : end;
	}
	return s < end ? s : NULL;
}

static const char *
line_end(const struct buf *text)
{
	const char *newline = text->len ? memchr(text->p, '\n', text->len) : NULL;

	return newline && newline > text->p && newline[-1] == '\r' ? "\r\n" : "\n";
}

/* The bytes of a line before its comment. */
static size_t
entry_len(const char *line, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (line[i] == '#' && strchr(BLANK, line[i - 1]))
			return i;
	return n;
}

/* Only a row that reads well is written. */
static int
check_row(const char *row, size_t n, const char *name, struct err *e)
{
	char *line = xstrndup(row, n);
	struct provider p;
	int r = provider_parse(&p, line, e);

	if (r == 0)
		provider_release(&p);
	free(line);
	return r ? err_wrap(e, "%s: its new row", name) : 0;
}

/* The table's text with the row that names the new key. row: what is added where the table has no row of the name. */
static int
edit_table(struct buf *out, const struct buf *text, const char *name, const char *row, const char *key, struct err *e)
{
	const char *s = buf_str(text), *end = s + text->len, *line = find_line(text, name), *eol = line_end(text);

	buf_add(out, s, (size_t)((line ? line : end) - s));
	if (!line && text->len && end[-1] != '\n')
		buf_adds(out, eol);
	size_t start = out->len, n = line ? line_len(line, end) : strlen(row);
	if (add_row(out, line ? line : row, n, key))
		return err_set(e, ERR_CONFIG, "%s: its row has no key at the end", name);
	size_t stop = out->len;
	if (line)
		buf_add(out, line + n, (size_t)(end - line) - n);
	else
		buf_adds(out, eol);
	return check_row(out->p + start, entry_len(out->p + start, stop - start), name, e);
}

/* A path under home as `~/...`: it stays true where home moves, and may hold blanks there. */
static char *
tilde(const char *path)
{
	const char *home = conf_env("HOME");
	size_t n = home ? strlen(home) : 0;
	struct buf b = BUF_INIT;

	while (n && home[n - 1] == '/')
		n--;
	int below = n && strncmp(path, home, n) == 0 && path[n] == '/';
	buf_addf(&b, "%s%s", below ? "~" : "", path + (below ? n : 0));
	return buf_take(&b);
}

/* The directory of tables, made where it isn't there, as an absolute path: a row is read from anywhere. */
static int
make_dir(struct buf *dir, struct err *e)
{
	if (conf_config_dir(dir))
		return err_set(
		    e, ERR_CANTCREATE, "no place for tables: neither OR_CONFIG, XDG_CONFIG_HOME nor HOME names one");
	if (conf_mkdirs(dir->p, e))
		return -1;
	if (*dir->p == '/')
		return 0;
	char *real = realpath(dir->p, NULL);
	if (!real)
		return err_sys(e, ERR_CANTCREATE, errno, "%s", dir->p);
	buf_clear(dir);
	buf_adds(dir, real);
	free(real);
	return 0;
}

/* One run at a time; the lock ends with the descriptor. */
static int
lock(const char *keys, struct err *e)
{
	struct buf path = BUF_INIT;

	buf_addf(&path, "%s/.lock", keys);
	int fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd == -1)
		err_sys(e, ERR_CANTCREATE, errno, "%s", path.p);
	while (fd != -1 && flock(fd, LOCK_EX))
		if (errno != EINTR) {
			err_sys(e, ERR_IO, errno, "%s: lock", path.p);
			close(fd);
			fd = -1;
		}
	buf_release(&path);
	return fd;
}

static int
check_key(const char *name, const char *key, size_t n, struct err *e)
{
	if (!n)
		return err_set(e, ERR_DATA, "%s: the key is empty", name);
	if (n > PROVIDER_KEY_MAX)
		return err_set(e, ERR_DATA, "%s: a key of more than %zu bytes", name, PROVIDER_KEY_MAX);
	if (memchr(key, '\n', n))
		return err_set(e, ERR_DATA, "%s: more than one line, and a key is one", name);
	for (size_t i = 0; i < n; i++)
		if (key[i] <= 0x20 || key[i] >= 0x7f)
			return err_set(
			    e, ERR_DATA, "%s: no key: byte %zu isn't printable ASCII, or is a blank", name, i + 1);
	return 0;
}

/* What a field of a row can't hold. */
static int
check_path(const char *path, struct err *e)
{
	for (const char *s = path; *s; s++)
		if ((unsigned char)*s <= 0x20 || *s == 0x7f)
			return err_set(
			    e, ERR_CONFIG, "%s: a blank or control byte, which no line of a table can hold", path);
	return 0;
}

static int
write_key(const char *path, const char *key, size_t n, struct err *e)
{
	char *line = xmalloc(n + 1);

	memcpy(line, key, n);
	line[n] = '\n';
	int r = conf_store(path, 0600, line, n + 1, e);
	explicit_bzero(line, n + 1);
	free(line);
	return r;
}

/* A table that isn't there is an empty one. */
static int
read_table(const char *path, struct buf *text, struct err *e)
{
	if (conf_slurp(path, CONF_MAX_FILE, text, e) == 0)
		return 0;
	if (e->sys != ENOENT)
		return -1;
	err_clear(e);
	return 0;
}

/* The paths: dir/keys/NAME and dir/providers. */
struct places {
	struct buf dir, keys, key_file, table;
};

static int
set_places(struct places *at, const char *name, struct provider_set *done, struct err *e)
{
	if (make_dir(&at->dir, e))
		return -1;
	buf_addf(&at->keys, "%s/keys", at->dir.p);
	buf_addf(&at->key_file, "%s/%s", at->keys.p, name);
	buf_addf(&at->table, "%s/providers", at->dir.p);
	done->key_file = tilde(at->key_file.p);
	done->table = tilde(at->table.p);
	return check_path(done->key_file, e) || conf_mkdirs(at->keys.p, e) ? -1 : 0;
}

static void
places_release(struct places *at)
{
	buf_release(&at->dir);
	buf_release(&at->keys);
	buf_release(&at->key_file);
	buf_release(&at->table);
}

/* Under the lock. Nothing is written before the new table is known to be good. */
static int
write_both(const struct places *at, const char *name, const char *key, size_t n, const char *field, struct err *e)
{
	struct buf old = BUF_INIT, new = BUF_INIT;
	char *row = find_row(name, e);
	int r = row ? read_table(at->table.p, &old, e) : -1;

	if (r == 0)
		r = edit_table(&new, &old, name, row, field, e);
	if (r == 0)
		r = write_key(at->key_file.p, key, n, e);
	if (r == 0 && (new.len != old.len || memcmp(new.p, old.p, new.len) != 0))
		r = conf_store(at->table.p, 0, new.p, new.len, e);
	buf_release(&old);
	buf_release(&new);
	free(row);
	return r;
}

int
provider_set_key(const char *name, const char *key, size_t n, struct provider_set *done, struct err *e)
{
	struct places at = {BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT};
	struct buf field = BUF_INIT;
	int r = -1, fd;

	*done = (struct provider_set){0};
	if (check_key(name, key, n, e) == 0 && set_places(&at, name, done, e) == 0 && (fd = lock(at.keys.p, e)) != -1) {
		buf_addf(&field, "file:%s", done->key_file);
		r = write_both(&at, name, key, n, field.p, e);
		close(fd);
	}
	if (r)
		provider_set_release(done);
	buf_release(&field);
	places_release(&at);
	return r;
}

void
provider_set_release(struct provider_set *done)
{
	free(done->key_file);
	free(done->table);
	*done = (struct provider_set){0};
}
