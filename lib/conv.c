/* SPDX-License-Identifier: ISC */
#include "conv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "err.h"
#include "json.h"
#include "mem.h"

static int
take_line(struct conv *c, const char *line, size_t n, size_t number, struct err *e)
{
	struct json j = JSON_INIT;
	int r = json_parse(&j, line, n, e) || json_unique(&j, e);

	if (r)
		err_wrap(e, "%s:%zu", c->path, number);
	else if (json_type(&j, json_get(&j, 0, "role")) != JSON_STRING)
		r = err_set(e, ERR_DATA, "%s:%zu: not a chat message (no role)", c->path, number);
	else if (c->n == 0 && json_eq(&j, json_get(&j, 0, "role"), "system"))
		c->system = json_dup(&j, json_get(&j, 0, "content"), NULL);
	json_release(&j);
	if (r)
		return -1;
	if (c->n++)
		buf_addc(&c->messages, ',');
	buf_add(&c->messages, line, n);
	return 0;
}

static int
take_lines(struct conv *c, const char *p, size_t n, struct err *e)
{
	size_t number = 0;

	while (n) {
		const char *lf = memchr(p, '\n', n);
		size_t len = lf ? (size_t)(lf - p) : n, text = len;
		number++;
		while (text && (p[text - 1] == ' ' || p[text - 1] == '\t' || p[text - 1] == '\r'))
			text--;
		if (text && take_line(c, p, text, number, e))
			return -1;
		len += lf != NULL;
		p += len;
		n -= len;
	}
	return 0;
}

int
conv_open(struct conv *c, const char *path, int only_read, struct err *e)
{
	struct buf b = BUF_INIT;
	struct stat st;
	int r;

	c->path = path;
	c->fd = open(path, only_read ? O_RDONLY | O_CLOEXEC : O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (c->fd < 0 && only_read && errno == ENOENT)
		return 0;
	if (c->fd < 0) {
		int sys = errno;
		return err_sys(e, access(path, F_OK) ? ERR_CANTCREATE : ERR_NOINPUT, sys, "%s", path);
	}
	if (fstat(c->fd, &st) || !S_ISREG(st.st_mode))
		return err_set(e, ERR_NOINPUT, "%s: a conversation has to be a regular file", path);
	while (!only_read && flock(c->fd, LOCK_EX))
		if (errno != EINTR)
			return err_sys(e, ERR_IO, errno, "%s: lock", path);
	r = conf_slurp_fd(c->fd, path, CONV_MAX, &b, e);
	if (!r)
		r = take_lines(c, buf_str(&b), b.len, e);
	if (!r && !only_read && b.len && b.p[b.len - 1] != '\n')
		r = conv_append(c, "\n", 1, e);
	buf_release(&b);
	return r;
}

int
conv_append(struct conv *c, const char *lines, size_t n, struct err *e)
{
	off_t end = lseek(c->fd, 0, SEEK_END);

	for (size_t done = 0; done < n;) {
		ssize_t w = write(c->fd, lines + done, n - done);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0) { /* half a message would make the file unreadable */
			int sys = errno;
			(void)!ftruncate(c->fd, end);
			return err_sys(e, ERR_IO, sys, "%s", c->path);
		}
		done += (size_t)w;
	}
	return 0;
}

void
conv_release(struct conv *c)
{
	if (c->fd >= 0)
		close(c->fd);
	buf_release(&c->messages);
	free(c->system);
	*c = (struct conv)CONV_INIT;
}
