/* SPDX-License-Identifier: ISC */
/* What the supervisor does before it forks, and again for new tables. Part of supervisor.h. */
#include "serve/supervisor_priv.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "ledger.h"
#include "ledger_keys.h"
#include "mem.h"
#include "serve/rights.h"
#include "str.h"
#include "tm.h"

#define DEFAULT_ADDRESS "127.0.0.1:8787"
#define ANY_PORT "127.0.0.1:0"
#define KEY_MS 30000 /* a key's command may take */

/* ── tables and keys ── */

void
setup_keys(const struct supervisor *v, struct providers *ps)
{
	struct err e = {0};

	for (size_t i = 0; i < ps->n; i++) {
		struct provider *p = &ps->v[i];
		if (!str_starts(p->key, "cmd:") || provider_ready(p, NULL))
			continue;
		p->until_ms = tm_mono_ms() + KEY_MS;
		if (provider_key(p, &e) && p->user)
			supervisor_warn(v, "%s", e.msg);
		p->until_ms = 0;
	}
}

int
setup_tables(struct providers *ps, struct policy *policy, struct err *e)
{
	if (providers_load(ps, e))
		return -1;
	if (policy_load(policy, e) == 0)
		return 0;
	providers_release(ps);
	return -1;
}

/* ── setting up ── */

/* The ledger is made, or found wanting, before anybody is told that we listen. */
static int
look_at_ledger(struct supervisor *v, int *has_keys, struct err *e)
{
	struct ledger_keys keys = LEDGER_KEYS_INIT;
	struct ledger *l;
	char *warning = NULL;

	*has_keys = 0;
	if (ledger_path(&v->ledger, e))
		return -1;
	if (!v->ledger && v->s->app.run_limit_pusd != PUSD_UNKNOWN)
		return err_set(e, ERR_CONFIG, "-B needs a ledger, and OR_LEDGER says none");
	if (!v->ledger)
		return 0;
	int r = ledger_open(&l, v->ledger, LEDGER_WRITE, &warning, e);
	if (warning)
		supervisor_warn(v, "%s", warning);
	if (warning && r == 0)
		supervisor_warn(v, "the gateway's keys were in it: until or-key makes a new one %s",
		    v->s->command ? "there are none" : "all of this machine are let in");
	free(warning);
	if (r)
		return -1;
	r = ledger_keys(l, &keys, tm_now_ms(), e);
	*has_keys = keys.n > 0;
	ledger_keys_release(&keys);
	ledger_close(l);
	return r;
}

static int
open_sockets(struct supervisor *v, struct err *e)
{
	const char *where = v->s->listen;

	if (!where) {
		int r = v->s->command ? 0 : listening_inherit(&v->socket, v->s->workers, e);
		if (r)
			return r == 1 ? 0 : -1;
		where = v->s->command ? ANY_PORT : DEFAULT_ADDRESS;
	}
	if (listening_open(&v->socket, where, v->s->workers, e))
		return -1;
	if (v->s->command && v->socket.is_unix)
		return err_set(e, ERR_USAGE, "a command is told a port: -l %s is none", where);
	return 0;
}

static int
check_who_may(struct supervisor *v, int has_keys, struct err *e)
{
	v->options.open_to_all = !v->socket.is_loopback;
	if (v->socket.is_loopback || has_keys || v->s->command)
		return 0;
	return err_set(e, ERR_CONFIG,
	    "%s can be reached from other machines, and there is no key: or-key new NAME makes one", v->socket.where);
}

static void
make_run_key(struct supervisor *v)
{
	struct ledger_key k = {0};

	if (!v->s->command)
		return;
	gate_make_key(v->run_key, &k);
	ledger_key_release(&k);
	v->options.run_key = v->run_key;
}

/* What is said of all workers together, for one. */
static void
share_limits(struct supervisor *v)
{
	struct conns_limits *l = &v->options.limits;
	size_t n = v->s->workers;

	l->connections = (l->connections + n - 1) / n;
	l->held_bytes = (l->held_bytes + n - 1) / n;
	v->options.cache_bytes /= n;
}

/* From here on signals wait for take_signal(). What was ignored at the start stays so. */
static void
hold_signals(struct supervisor *v)
{
	static const int watched[] = {SIGTERM, SIGINT, SIGHUP};
	sigset_t held;
	struct sigaction old;

	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&v->watched);
	sigaddset(&v->watched, SIGCHLD);
	for (size_t i = 0; i < sizeof(watched) / sizeof(*watched); i++)
		if (sigaction(watched[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaddset(&v->watched, watched[i]);
	held = v->watched;
	sigaddset(&held, SIGUSR1); /* a worker's, which it may get before it can take them */
	sigaddset(&held, SIGUSR2);
	sigaddset(&held, SIGTERM);
	sigprocmask(SIG_BLOCK, &held, &v->old_mask);
}

int
setup(struct supervisor *v, struct err *e)
{
	int has_keys;

	rights_begin();
	if (setup_tables(&v->providers, &v->policy, e) || look_at_ledger(v, &has_keys, e) || open_sockets(v, e) ||
	    check_who_may(v, has_keys, e))
		return -1;
	setup_keys(v, &v->providers);
	v->shared = shared_new(e);
	if (!v->shared)
		return -1;
	if (has_keys)
		shared_close(v->shared);
	share_limits(v);
	make_run_key(v);
	v->worker = xcalloc(v->s->workers, sizeof(*v->worker));
	hold_signals(v);
	return 0;
}
