/* SPDX-License-Identifier: ISC */
/* A command whose calls go through the gateway, and what it is told of it. Part of supervisor.h. */
#include "serve/supervisor_priv.h"

#include <sys/wait.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "conf.h"
#include "err.h"

/* How each client wants to be told: its variable, and what comes behind the address. */
static const struct {
	const char *name, *path;
} urls[] = {
    {"OPENAI_BASE_URL", "/v1"},
    {"OPENAI_API_BASE", "/v1"},
    {"ANTHROPIC_BASE_URL", ""},
    {"GEMINI_BASE_URL", ""},
    {"GOOGLE_GEMINI_BASE_URL", ""},
    {"OPENROUTER_BASE_URL", "/api/v1"},
    {"OLLAMA_HOST", ""},
    {"OR_GATEWAY", "/api/v1"},
};
static const char *const keys[] = {
    "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENROUTER_API_KEY"};
/* These would lead elsewhere. */
static const char *const unset[] = {"ANTHROPIC_AUTH_TOKEN", "GOOGLE_GENAI_USE_VERTEXAI"};
static const char *const proxies[] = {"HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"};

#define N(v) (sizeof(v) / sizeof(*(v)))

/* A proxy is in the way of those who don't know that this machine needs none. */
static void
add_no_proxy(const char *name)
{
	const char *old = conf_env(name);
	struct buf b = BUF_INIT;

	if (old && strcmp(old, "*") == 0)
		return;
	buf_addf(&b, "%s%s127.0.0.1,::1,localhost", old ? old : "", old ? "," : "");
	setenv(name, b.p, 1);
	buf_release(&b);
}

static void
bypass_proxies(void)
{
	int any = 0;

	for (size_t i = 0; i < N(proxies); i++)
		any |= conf_env(proxies[i]) != NULL;
	if (!any)
		return;
	if (!conf_env("no_proxy") && conf_env("NO_PROXY"))
		setenv("no_proxy", conf_env("NO_PROXY"), 1);
	add_no_proxy("no_proxy");
	add_no_proxy("NO_PROXY");
}

static void
set_environment(const struct supervisor *v)
{
	struct buf base = BUF_INIT, url = BUF_INIT;

	listening_url(&v->socket, &base);
	for (size_t i = 0; i < N(urls); i++) {
		buf_clear(&url);
		buf_addf(&url, "%s%s", buf_str(&base), urls[i].path);
		setenv(urls[i].name, url.p, 1);
	}
	for (size_t i = 0; i < N(keys); i++)
		setenv(keys[i], v->run_key, 1);
	for (size_t i = 0; i < N(unset); i++)
		unsetenv(unset[i]);
	bypass_proxies();
	buf_release(&url);
	buf_release(&base);
}

int
command_start(struct supervisor *v, struct err *e)
{
	return supervisor_fork(v, ROLE_COMMAND, &v->command, e);
}

int
command_be(struct supervisor *v, struct err *e)
{
	set_environment(v);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &v->old_mask, NULL);
	execvp(v->s->command[0], v->s->command);
	int sys = errno, is_missing = sys == ENOENT || sys == ENOTDIR;
	v->status = is_missing ? 127 : 126;
	return err_sys(e, is_missing ? ERR_NOINPUT : ERR_SYSTEM, sys, "%s", v->s->command[0]);
}

void
command_ended(struct supervisor *v, int wait_status)
{
	v->command = 0;
	v->status = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
	v->raise = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
}
