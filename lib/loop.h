/* SPDX-License-Identifier: ISC */
/*
 * loop: the event loop (libuv): timers, signals, a watch on stdout, wake-ups. Everything that waits, waits here.
 */
#ifndef LOOP_H
#define LOOP_H

#include <stdint.h>

struct err;
struct loop;
struct loop_fd;
struct loop_timer;
struct uv_loop_s;

typedef void (*loop_fn)(void *arg);

struct loop *loop_new(struct err *e);
void loop_free(struct loop *l);
/* Runs until loop_stop, or until nothing is left to wait for. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

/* One-shot; ms may be 0: as soon as the loop turns. Freed by loop_timer_free, before or after it fired. */
struct loop_timer *loop_timer_new(struct loop *l, loop_fn fn, void *arg);
void loop_timer_set(struct loop_timer *t, int64_t ms);
void loop_timer_stop(struct loop_timer *t);
void loop_timer_free(struct loop_timer *t);

/* When this turn of the loop began, in ms of its own: nearly now, and no look at a clock. */
int64_t loop_now_ms(const struct loop *l);

/* fn is called when what came for one of http's requests was dealt with, before the next is looked at: what follows from it is still in the
 * processor's cache then. One fn a loop; NULL: none. */
void loop_on_dealt(struct loop *l, loop_fn fn, void *arg);
/* For http alone. */
void loop_dealt(struct loop *l);

/* A descriptor of ours alone, which is made non-blocking: fn is told what it is ready for, of what was asked for by loop_fd_events (nothing, at
 * first); a failure, or the other end's leave, is ready for all of that. The descriptor stays the caller's, who closes it after loop_fd_free. NULL and
 * ERR_SYSTEM where it is none that can be waited for. */
struct loop_fd *loop_fd_new(
    struct loop *l, int fd, void (*fn)(void *arg, int readable, int writable), void *arg, struct err *e);
void loop_fd_events(struct loop_fd *f, int readable, int writable);
/* From inside of fn too. NULL is ignored. */
void loop_fd_free(struct loop_fd *f);

/* Calls fn (once) when the other end of fd has gone: the reader of a pipe, the peer of a socket. Files and terminals never go. The
 * descriptor's flags are left alone. */
void loop_watch_gone(struct loop *l, int fd, loop_fn fn, void *arg);
/* Calls fn when SIGINT, SIGTERM or SIGHUP came; loop_signal() then tells which. Signals that were ignored at the start stay ignored. Handlers are
 * set without SA_RESTART: a write that blocks returns EINTR. */
void loop_watch_signals(struct loop *l, loop_fn fn, void *arg);
/* Number of the signal that came to this process, or 0. */
int loop_signal(void);
/* For a server: calls fn, from the loop, each time that this signal came. It doesn't keep the loop running. ERR_SYSTEM. */
int loop_on_signal(struct loop *l, int sig, loop_fn fn, void *arg, struct err *e);

/* For http alone. */
struct uv_loop_s *loop_uv(struct loop *l);

#endif
