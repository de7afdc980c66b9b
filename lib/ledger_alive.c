/* SPDX-License-Identifier: ISC */
/*
 * Who lives: part of ledger.h. PATH-alive is an empty file of locks. Each process with an intent holds the lock of one byte, at a random
 * place, whose number is the owner of its rows; the kernel lets go of it when the process ends, whatever ends it. The locks belong to the open
 * file, not to the process (F_OFD_SETLK), so that a close elsewhere in it doesn't drop them. Byte 0 is the lock of those who make a file or set it aside.
 */
#include "ledger_priv.h"

#include <sys/random.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"

#define OWNER_MASK ((INT64_C(1) << 62) - 1)
#define MAX_TRIES 100

static int
open_locks(const char *path, struct err *e)
{
	struct buf name = BUF_INIT;

	buf_addf(&name, "%s-alive", path);
	int fd = open(name.p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd == -1)
		err_sys(e, ERR_CANTCREATE, errno, "ledger %s", name.p);
	buf_release(&name);
	return fd;
}

static struct flock
byte(int64_t at)
{
	return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)at, .l_len = 1};
}

static int
opened(struct ledger *l, struct err *e)
{
	if (l->fd == -1)
		l->fd = open_locks(l->path, e);
	return l->fd == -1 ? -1 : 0;
}

int
ledger_alive(struct ledger *l, struct err *e)
{
	if (l->owner)
		return 0;
	if (opened(l, e))
		return -1;
	for (int i = 0; i < MAX_TRIES; i++) {
		int64_t owner = 0;
		(void)!getrandom(&owner, sizeof(owner), 0);
		owner &= OWNER_MASK;
		struct flock lock = byte(owner);
		if (owner && fcntl(l->fd, F_OFD_SETLK, &lock) == 0) {
			l->owner = owner;
			return 0;
		}
	}
	return err_sys(e, ERR_CANTCREATE, errno, "ledger %s-alive: can't lock", l->path);
}

int
ledger_alive_is(struct ledger *l, int64_t owner)
{
	struct flock lock = byte(owner);

	if (owner == l->owner || opened(l, NULL))
		return 1; /* what can't be asked is left alone */
	return fcntl(l->fd, F_OFD_GETLK, &lock) == -1 || lock.l_type != F_UNLCK;
}

int
ledger_alive_lock(const char *path, struct err *e)
{
	struct flock lock = byte(0);
	int fd = open_locks(path, e), r = 0;

	if (fd == -1)
		return -1;
	do
		r = fcntl(fd, F_OFD_SETLKW, &lock);
	while (r == -1 && errno == EINTR);
	if (r == -1) {
		err_sys(e, ERR_CANTCREATE, errno, "ledger %s-alive: can't lock", path);
		close(fd);
		return -1;
	}
	return fd;
}
