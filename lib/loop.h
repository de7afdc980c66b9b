/* SPDX-License-Identifier: ISC */
/*
 * loop: the event loop (libuv): timers, signals, a watch on stdout, wake-ups. Everything that waits, waits here.
 */
#ifndef LOOP_H
#define LOOP_H

#include <stdint.h>

struct err;
struct loop;
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

/* Calls fn (once) when the other end of fd has gone: the reader of a pipe, the peer of a socket. Files and terminals never go. The
 * descriptor's flags are left alone. */
void loop_watch_gone(struct loop *l, int fd, loop_fn fn, void *arg);
/* Calls fn when SIGINT, SIGTERM or SIGHUP came; loop_signal() then tells which. Signals that were ignored at the start stay ignored. Handlers are
 * set without SA_RESTART: a write that blocks returns EINTR. */
void loop_watch_signals(struct loop *l, loop_fn fn, void *arg);
/* Number of the signal that came to this process, or 0. */
int loop_signal(void);

/* For http alone. */
struct uv_loop_s *loop_uv(struct loop *l);

#endif
