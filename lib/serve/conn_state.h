/* SPDX-License-Identifier: ISC */
/* conn_state: what there is of a connection, of the request and answer on it, and of all of them. For the files of conn only. */
#ifndef SERVE_CONN_STATE_H
#define SERVE_CONN_STATE_H

#include "serve/conn.h"

#include <sys/queue.h>
#include <uv.h>

#define CONN_NO_CHUNK SIZE_MAX

enum conn_timer { CONN_HEAD, CONN_IDLE, CONN_BODY, CONN_WRITE, CONN_LINGER, CONN_N_TIMERS };

/* What each write of a stream needs stands together: with a thousand streams no line of it is in the cache. */
struct conn {
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	} uv;
	struct conns *all;
	struct exchange *x; /* from the request's last byte to the answer's */
	TAILQ_ENTRY(conn) turn;
	struct buf out;     /* not yet written; from chunk_at a chunk that still grows */
	struct buf sending; /* libuv has it */
	size_t chunk_at;
	int fd; /* of uv: it is sent to without asking libuv */
	unsigned is_timed : 1, is_queued : 1, is_unix : 1;
	unsigned working : 1;   /* in the loop over its bytes */
	unsigned continued : 1; /* it was told to go on */
	unsigned asked : 1;     /* who it is, since a body comes */
	unsigned paused : 1;    /* nothing is read */
	unsigned eof : 1, lost : 1;
	unsigned ends : 1; /* when all is sent */
	unsigned rude : 1; /* it may still send */
	unsigned resets : 1, lingers : 1, closing : 1, closed : 1;
	enum conn_timer timer;
	int64_t deadline;
	size_t unsent;    /* when the timer was set */
	struct buf ahead; /* what came behind the request: from ahead_at */
	size_t ahead_at;
	size_t held;      /* of conns.held */
	size_t body_mark; /* bytes of a body at which its timer starts anew */
	uint64_t requests;
	TAILQ_ENTRY(conn) entry, timed;
	struct http1 http;
	size_t discarded;
	char peer[60];
};

struct exchange {
	struct conn *k;
	unsigned begun : 1, over : 1, gone : 1, again : 1, full : 1, called : 1;
	unsigned closes : 1, chunked : 1, headless : 1, bodiless : 1;
	int status;
	uint64_t sent;
	void *own;
	void (*on_gone)(void *arg), (*on_drain)(void *arg);
	void *arg;
	int64_t start_us;
	struct buf fields;
};

TAILQ_HEAD(conn_list, conn);

struct conn_deadlines {
	struct conns *all;
	struct conn_list list; /* each has the same time: the first is due first */
	struct loop_timer *timer;
	int64_t ms;
	int armed;
};

struct listener;

struct conns {
	struct conns_spec s;
	uv_loop_t *uv;
	uv_prepare_t prepare;
	uv_check_t check;
	uv_idle_t idle; /* runs while the list of turns isn't empty */
	SLIST_HEAD(listeners, listener) listeners;
	struct conn_list conns, turn;
	size_t n_turn, n_conns, n_handles;
	struct conn_deadlines deadlines[CONN_N_TIMERS];
	struct conns_count count;
	uint64_t held;
	int64_t date_s;
	char date[40];
	int draining, hold, told, freed;
	char *read; /* what is read is here until it was looked at */
};

#endif
