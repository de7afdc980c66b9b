/* SPDX-License-Identifier: ISC */
#include "conf.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "mem.h"
#include "str.h"

#define SYSTEM_DIR "/etc/orutils"
#define READ_BYTES ((size_t)256 * 1024)

const char *
conf_env(const char *name)
{
	const char *s = getenv(name);

	return s && *s ? s : NULL;
}

/* The XDG Base Directory Specification ignores paths that aren't absolute. */
static int
xdg_dir(struct buf *b, const char *var, const char *below_home)
{
	const char *dir = conf_env(var), *home = conf_env("HOME");

	if (dir && *dir == '/')
		buf_addf(b, "%s/orutils", dir);
	else if (home && *home == '/')
		buf_addf(b, "%s/%s/orutils", home, below_home);
	else
		return -1;
	return 0;
}

int
conf_cache_dir(struct buf *b)
{
	return xdg_dir(b, "XDG_CACHE_HOME", ".cache");
}

int
conf_state_dir(struct buf *b)
{
	return xdg_dir(b, "XDG_STATE_HOME", ".local/state");
}

int
conf_config_dir(struct buf *b)
{
	const char *dirs = conf_env("OR_CONFIG");

	if (!dirs)
		return xdg_dir(b, "XDG_CONFIG_HOME", ".config");
	dirs += strspn(dirs, ":");
	buf_add(b, dirs, strcspn(dirs, ":"));
	return *dirs ? 0 : -1;
}

int
conf_mkdirs(const char *path, struct err *e)
{
	char *copy = xstrdup(path);
	struct stat st;
	int sys = 0;

	for (char *p = copy; *p; p++) {
		char next = p[1];
		if (next && next != '/')
			continue;
		p[1] = '\0';
		if (mkdir(copy, 0700) == -1 && errno != EEXIST && !sys)
			sys = errno; /* matters only where the whole path isn't there in the end */
		p[1] = next;
	}
	int ok = stat(copy, &st) == 0 && S_ISDIR(st.st_mode);
	free(copy);
	return ok ? 0 : err_sys(e, ERR_CANTCREATE, sys ? sys : ENOTDIR, "can't create directory %s", path);
}

int
conf_slurp_fd(int fd, const char *name, size_t max, struct buf *out, struct err *e)
{
	if (max > SIZE_MAX / 4)
		max = SIZE_MAX / 4; /* sums with it must not wrap */
	size_t start = out->len;
	struct stat st;

	/* Only a hint: what is read is what counts. */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		buf_reserve(out, ((uintmax_t)st.st_size < max ? (size_t)st.st_size : max) + READ_BYTES);
	for (;;) {
		size_t left = max - (out->len - start) + 1;
		ssize_t n = read(fd, buf_reserve(out, READ_BYTES), left < READ_BYTES ? left : READ_BYTES);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN) { /* somebody we share the descriptor with made it non-blocking */
			poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, -1);
			continue;
		}
		int sys = errno;
		out->len = n == -1 ? start : out->len + (size_t)n;
		out->p[out->len] = '\0';
		if (n == -1)
			return err_sys(e, sys == EISDIR ? ERR_NOINPUT : ERR_IO, sys, "%s", name);
		if (n == 0)
			return 0;
		if (out->len - start > max) {
			out->len = start;
			out->p[out->len] = '\0';
			return err_set(e, ERR_DATA, "%s: more than %zu bytes", name, max);
		}
	}
}

int
conf_slurp(const char *path, size_t max, struct buf *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd == -1)
		return err_sys(e, ERR_NOINPUT, errno, "%s", path);
	int r = conf_slurp_fd(fd, path, max, out, e);
	close(fd);
	return r;
}

static int
write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);
		if (done == -1 && errno == EINTR)
			continue;
		if (done == -1)
			return -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

/* What is asked of a file beside its bytes. */
struct care {
	int mode; /* 0: as it is made, 0600 */
	int sync; /* wait until it is on the disk */
};

/* Writes and closes fd. errno, or 0. */
static int
fill_file(int fd, const struct care *care, const char *p, size_t n)
{
	int sys = 0;

	if (write_all(fd, p, n) == -1 || (care->mode && fchmod(fd, (mode_t)care->mode)) || (care->sync && fsync(fd)))
		sys = errno;
	if (close(fd) == -1 && !sys)
		sys = errno;
	return sys;
}

/* A rename is on the disk when its directory is. What can't be synced, as on some file systems, is as safe as it gets. */
static void
sync_dir(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup(".");
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd != -1) {
		(void)!fsync(fd);
		close(fd);
	}
	free(dir);
}

static int
replace(const char *path, const struct care *care, const char *p, size_t n, struct err *e)
{
	struct buf temp = BUF_INIT;
	int r = -1;

	buf_addf(&temp, "%s.XXXXXX", path);
	int fd = mkostemp(temp.p, O_CLOEXEC); /* mode 0600 */
	if (fd == -1) {
		err_sys(e, ERR_CANTCREATE, errno, "can't write %s", path);
		goto out;
	}
	int sys = fill_file(fd, care, p, n);
	if (sys)
		err_sys(e, ERR_IO, sys, "can't write %s", path);
	else if (rename(temp.p, path) == -1)
		err_sys(e, ERR_CANTCREATE, errno, "can't replace %s", path);
	else
		r = 0;
	if (r == -1)
		unlink(temp.p);
	else if (care->sync)
		sync_dir(path);
out:
	buf_release(&temp);
	return r;
}

int
conf_replace(const char *path, const char *p, size_t n, struct err *e)
{
	static const struct care none = {0, 0};

	return replace(path, &none, p, n, e);
}

int
conf_store(const char *path, int mode, const char *p, size_t n, struct err *e)
{
	struct care care = {mode, 1};
	char *real = realpath(path, NULL);
	struct stat st;
	int r = 0;

	if (!real && lstat(path, &st) == 0)
		r = err_set(e, ERR_CANTCREATE, "can't write %s: a link to nothing", path);
	else if (real && (stat(real, &st) || !S_ISREG(st.st_mode)))
		r = err_set(e, ERR_CANTCREATE, "can't write %s: it is no regular file", path);
	else if (real && !mode)
		care.mode = st.st_mode & 07777;
	if (r == 0)
		r = replace(real ? real : path, &care, p, n, e);
	free(real);
	return r;
}

/* Cuts the comment and the blanks around (a `cmd:` goes to the end of its line, `#` and all); the entry, or NULL where nothing is left. n: bytes of the line,
 * NUL-terminated. */
static char *
trim(char *line, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int word = i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t';
		if (word && strncmp(line + i, "cmd:", 4) == 0)
			break;
		if (word && line[i] == '#')
			n = i;
	}
	while (n && (line[n - 1] == ' ' || line[n - 1] == '\t'))
		n--;
	line[n] = '\0';
	line += strspn(line, " \t");
	return *line ? line : NULL;
}

/* Control bytes would end up in headers and messages. */
static int
has_control(const char *line, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (((unsigned char)line[i] < 0x20 && line[i] != '\t') || line[i] == 0x7f)
			return 1;
	}
	return 0;
}

static int
entry(char *line, size_t n, conf_fn fn, void *arg, struct err *e)
{
	if (n && line[n - 1] == '\r')
		line[--n] = '\0';
	if (has_control(line, n))
		return err_set(e, ERR_CONFIG, "a control byte");
	if (utf8_valid(line, n) < n)
		return err_set(e, ERR_CONFIG, "not UTF-8");
	line = trim(line, n);
	return line ? fn(arg, line, e) : 0;
}

static int
each_line(char *text, size_t n, const char *path, conf_fn fn, void *arg, struct err *e)
{
	int number = 1;

	if (str_starts(text, "\xef\xbb\xbf")) { /* a BOM, as some editors write it */
		text += 3;
		n -= 3;
	}
	for (char *end = text + n; text < end; number++) {
		char *newline = memchr(text, '\n', (size_t)(end - text));
		char *stop = newline ? newline : end;
		*stop = '\0';
		if (entry(text, (size_t)(stop - text), fn, arg, e) == -1) {
			if (e && e->kind == ERR_NONE)
				e->kind = ERR_CONFIG;
			return err_wrap(e, "%s:%d", path, number);
		}
		text = stop + 1;
	}
	return 0;
}

static int
table_file(const char *dir, size_t n_dir, const char *name, conf_fn fn, void *arg, struct err *e)
{
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct err why = {0};
	int r = 0;

	buf_add(&path, dir, n_dir);
	buf_addf(&path, "/%s", name);
	if (conf_slurp(path.p, CONF_MAX_FILE, &text, &why) == 0)
		r = each_line(text.p, text.len, path.p, fn, arg, e);
	else if (why.sys != ENOENT && why.sys != ENOTDIR)
		r = err_set(e, ERR_CONFIG, "%s", why.msg);
	buf_release(&text);
	buf_release(&path);
	return r;
}

int
conf_table(const char *name, conf_fn fn, void *arg, struct err *e)
{
	const char *dirs = conf_env("OR_CONFIG");
	struct buf own = BUF_INIT;
	int r = 0;

	if (!dirs) {
		if (xdg_dir(&own, "XDG_CONFIG_HOME", ".config") == 0)
			r = table_file(own.p, own.len, name, fn, arg, e);
		buf_release(&own);
		return r == -1 ? -1 : table_file(SYSTEM_DIR, strlen(SYSTEM_DIR), name, fn, arg, e);
	}
	while (*dirs && r != -1) {
		size_t n = strcspn(dirs, ":");
		if (n)
			r = table_file(dirs, n, name, fn, arg, e);
		dirs += n + (dirs[n] == ':');
	}
	return r;
}
