/* SPDX-License-Identifier: ISC */
/* Numbers of the kernel stand here where its headers may be older than it is: Documentation/userspace-api/landlock.rst, seccomp_filter.rst. */
#include "serve/rights.h"

#ifdef __linux__
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "conf.h"
#include "err.h"
#include "mem.h"

#define LANDLOCK_CREATE 444
#define LANDLOCK_ADD 445
#define LANDLOCK_RESTRICT 446
#define LANDLOCK_VERSION 1U /* a flag: which version is this? */
#define LANDLOCK_BENEATH 1  /* a rule for what lies below a directory */

enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_DIR = 1 << 4,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_DIR = 1 << 7,
	FS_MAKE_REG = 1 << 8,
	FS_VERSION_1 = (1 << 13) - 1,
	FS_REFER = 1 << 13,     /* version 2 */
	FS_TRUNCATE = 1 << 14,  /* 3 */
	FS_IOCTL_DEV = 1 << 15, /* 5 */
	NET_BIND_TCP = 1 << 0,  /* 4 */
	SCOPE_ALL = 3           /* 6: signals and abstract sockets stay inside */
};

struct ruleset {
	uint64_t fs, net, scoped;
};

struct beneath {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

void
rights_begin(void)
{
#ifndef OR_CLEAN_EXIT
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

#ifdef OR_CLEAN_EXIT
int
rights_drop(enum rights r, const char *ledger, struct err *e)
{
	(void)r;
	(void)ledger;
	(void)e;
	return 0;
}
#else

/* ── which files ── */

/* What the kernel of this version knows of; an older one refuses the rest. */
static struct ruleset
handled(long version)
{
	struct ruleset s = {.fs = FS_VERSION_1};

	if (version >= 2)
		s.fs |= FS_REFER;
	if (version >= 3)
		s.fs |= FS_TRUNCATE;
	if (version >= 4)
		s.net = NET_BIND_TCP;
	if (version >= 5)
		s.fs |= FS_IOCTL_DEV;
	if (version >= 6)
		s.scoped = SCOPE_ALL;
	return s;
}

/* What isn't there needs no rule. */
static int
allow_fd(int rules, int fd, uint64_t what, struct err *e)
{
	struct beneath b = {.allowed = what, .fd = fd};

	if (fd < 0)
		return 0;
	long r = syscall(LANDLOCK_ADD, rules, LANDLOCK_BENEATH, &b, 0);
	int sys = errno;
	close(fd);
	return r ? err_sys(e, ERR_SYSTEM, sys, "landlock") : 0;
}

static int
allow(int rules, const char *path, uint64_t what, struct err *e)
{
	return allow_fd(rules, open(path, O_PATH | O_CLOEXEC), what, e);
}

static char *
directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == path ? xstrdup("/") : slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
}

/* The snapshot alone, which is made where there is none yet: an empty one is a new one. */
static int
allow_snapshot(int rules, const char *ledger, uint64_t known, struct err *e)
{
	struct buf path = BUF_INIT;

	buf_addf(&path, "%s-health", ledger);
	int fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	buf_release(&path);
	return allow_fd(rules, fd, (FS_WRITE_FILE | FS_TRUNCATE) & known, e);
}

/* The ledger may be a link into another directory. */
static int
allow_ledger(int rules, const char *ledger, uint64_t what, struct err *e)
{
	char *real = realpath(ledger, NULL), *dir = directory_of(ledger), *real_dir = real ? directory_of(real) : NULL;
	int r = allow(rules, dir, what, e);

	if (r == 0 && real_dir)
		r = allow(rules, real_dir, what, e);
	free(real_dir);
	free(dir);
	free(real);
	return r;
}

static int
allow_scribe(int rules, const char *ledger, uint64_t known, struct err *e)
{
	const uint64_t what = known &
	    (FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG | FS_REFER | FS_TRUNCATE);
	struct buf cache = BUF_INIT;
	int r = ledger ? allow_ledger(rules, ledger, what, e) : 0;

	if (r == 0 && conf_cache_dir(&cache) == 0) {
		conf_mkdirs(cache.p, NULL);
		r = allow(rules, cache.p, what, e);
	}
	buf_release(&cache);
	return r;
}

static int
restrict_files(enum rights r, const char *ledger, struct err *e)
{
	long version = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION);

	if (version < 1)
		return 0; /* not built in, or switched off */
	const struct ruleset s = handled(version);
	int rules = (int)syscall(LANDLOCK_CREATE, &s, sizeof(s), 0);
	if (rules < 0)
		return errno == EPERM ? 0 : err_sys(e, ERR_SYSTEM, errno, "landlock");
	fcntl(rules, F_SETFD, FD_CLOEXEC);
	int bad = allow(rules, "/", FS_READ_FILE | FS_READ_DIR, e);
	if (!bad && r == RIGHTS_SCRIBE)
		bad = allow_scribe(rules, ledger, s.fs, e);
	else if (!bad && ledger)
		bad = allow_snapshot(rules, ledger, s.fs, e);
	if (!bad && syscall(LANDLOCK_RESTRICT, rules, 0))
		bad = err_sys(e, ERR_SYSTEM, errno, "landlock");
	close(rules);
	return bad;
}

/* ── which calls ── */

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#endif

#ifdef ARCH
#define X32_BIT 0x40000000U
#define CLONE_CALL 435 /* clone3: its flags lie in memory, where no filter looks */
#define IO_URING 425   /* its calls pass by all filters */
#define NAMESPACES \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* None of our libraries has a use for them. */
static const uint32_t denied[] = {
    __NR_execve,
    __NR_execveat,
    __NR_ptrace,
    __NR_process_vm_readv,
    __NR_process_vm_writev,
    __NR_mount,
    __NR_umount2,
    __NR_pivot_root,
    __NR_chroot,
    __NR_init_module,
    __NR_finit_module,
    __NR_delete_module,
    __NR_kexec_load,
    __NR_bpf,
    __NR_perf_event_open,
    __NR_keyctl,
    __NR_add_key,
    __NR_request_key,
    __NR_userfaultfd,
    __NR_setns,
    __NR_unshare,
    __NR_reboot,
    __NR_swapon,
    __NR_swapoff,
    __NR_personality,
    IO_URING,
#ifdef __NR_kexec_file_load
    __NR_kexec_file_load,
#endif
#ifdef __NR_open_by_handle_at
    __NR_open_by_handle_at,
#endif
};

#define N_DENIED (sizeof(denied) / sizeof(*denied))

struct program {
	struct sock_filter v[3 * N_DENIED + 32];
	unsigned short n;
};

static void
add(struct program *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	p->v[p->n++] = (struct sock_filter){code, yes, no, k};
}

static void
load(struct program *p, size_t at)
{
	add(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)at, 0, 0);
}

static void
give(struct program *p, uint32_t what)
{
	add(p, BPF_RET | BPF_K, what, 0, 0);
}

/* Where the call is this one, that is the answer. */
static void
answer(struct program *p, uint32_t call, uint32_t what)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
	give(p, what);
}

static void
write_filter(struct program *p)
{
	load(p, offsetof(struct seccomp_data, arch));
	add(p, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	give(p, SECCOMP_RET_KILL_PROCESS);
	load(p, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	add(p, BPF_JMP | BPF_JSET | BPF_K, X32_BIT, 0, 1);
	give(p, SECCOMP_RET_KILL_PROCESS);
#endif
	for (size_t i = 0; i < N_DENIED; i++)
		answer(p, denied[i], SECCOMP_RET_ERRNO | EPERM);
	answer(p, CLONE_CALL, SECCOMP_RET_ERRNO | ENOSYS); /* libc takes clone then */
	add(p, BPF_JMP | BPF_JEQ | BPF_K, __NR_clone, 0, 3);
	load(p,
	    offsetof(struct seccomp_data, args)); /* flags: the lower half; all of these machines are little-endian */
	add(p, BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 0, 1);
	give(p, SECCOMP_RET_ERRNO | EPERM);
	give(p, SECCOMP_RET_ALLOW);
}

static int
restrict_calls(struct err *e)
{
	struct program p = {.n = 0};

	write_filter(&p);
	const struct sock_fprog f = {.len = p.n, .filter = p.v};
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &f) == 0 || errno == EINVAL || errno == ENOSYS)
		return 0;
	return err_sys(e, ERR_SYSTEM, errno, "seccomp");
}
#else
static int
restrict_calls(struct err *e)
{
	(void)e;
	return 0;
}
#endif

int
rights_drop(enum rights r, const char *ledger, struct err *e)
{
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return err_sys(e, ERR_SYSTEM, errno, "no new privileges");
	return restrict_files(r, ledger, e) || restrict_calls(e) ? -1 : 0;
}
#endif

#else /* another system */

void
rights_begin(void)
{
}

int
rights_drop(enum rights r, const char *ledger, struct err *e)
{
	(void)r;
	(void)ledger;
	(void)e;
	return 0;
}
#endif
