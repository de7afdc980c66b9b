/* SPDX-License-Identifier: ISC */
/* What providers tell about a key, and what is asked of whom. No network: the only port that is tried is closed. */
#include "keycheck.h"

#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "providers.h"
#include "tap.h"

typedef int (*told_fn)(struct keycheck *k, const struct json *j, struct err *e);

/* want: "remaining|limit|used|message", or "!" where the answer isn't what it should be */
static void
told(told_fn fn, const char *base, const char *text, const char *want)
{
	char own_base[64];
	struct provider p = {.base = own_base};
	struct keycheck k = {.p = &p};
	struct json j = JSON_INIT;
	struct buf got = BUF_INIT;
	struct err e = {0};

	snprintf(own_base, sizeof(own_base), "%s", base);
	if (json_parse(&j, text, strlen(text), &e))
		buf_adds(&got, e.msg);
	else if (fn(&k, &j, &e))
		buf_adds(&got, e.kind == ERR_PROTOCOL ? "!" : "?");
	else
		buf_addf(&got, "%s|%s|%s|%s", k.remaining, k.limit, k.used, k.message);
	tap_is_str(buf_str(&got), want, text);
	json_release(&j);
	buf_release(&got);
}

static void
test_openrouter(void)
{
	static const struct {
		const char *text, *want;
	} c[] = {
	    {"{\"data\":{\"limit\":5,\"limit_remaining\":4.8984355238,\"usage\":0.1015644762}}",
		"4.8984355238|5|0.1015644762|0.1015644762 used"},
	    {"{\"data\":{\"limit\":\"5.00\",\"limit_remaining\":-1.50,\"usage\":1e2}}", "-1.5|5|100|100 used"},
	    {"{\"data\":{\"limit\":0,\"limit_remaining\":-0,\"usage\":0.1000000000000000055}}", "0|0|0.1|0.1 used"},
	    {"{\"data\":{\"limit\":1e30,\"limit_remaining\":true,\"usage\":[]}}", "|||"},
	    {"{\"data\":{\"limit\":\"\",\"limit_remaining\":\"-\",\"usage\":\"--1\"}}", "|||"},
	    {"{\"data\":{\"limit\":10,\"limit_reset\":\"weekly\",\"expires_at\":\"2027-01-01T00:00:00+00:00\"}}",
		"|10||limit resets weekly, expires 2027-01-01T00:00:00+00:00"},
	    {"{\"data\":{\"limit\":null,\"limit_reset\":\"weekly\"}}", "|||"},
	    {"{\"data\":{\"limit\":1,\"limit_reset\":\"a b\",\"expires_at\":\"\\u001b[2J\"}}", "|1||"},
	    {"{\"data\":{\"expires_at\":\"01234567890123456789012345678901234567890\"}}", "|||"},
	    {"{\"data\":{\"is_free_tier\":true,\"is_management_key\":true}}",
		"|||free tier, a management key, which calls no model"},
	    {"{\"data\":{}}", "|||"},
	    {"{\"data\":[]}", "!"},
	    {"{}", "!"},
	    {"[]", "!"},
	    {"1", "!"},
	};

	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++)
		told(keycheck_told_openrouter, "", c[i].text, c[i].want);
}

static void
test_balances(void)
{
	told(keycheck_told_deepseek, "",
	    "{\"is_available\":true,\"balance_infos\":[{\"currency\":\"USD\",\"total_balance\":\"1.10\"}]}", "1.1|||");
	told(keycheck_told_deepseek, "",
	    "{\"is_available\":false,\"balance_infos\":[{\"currency\":\"CNY\",\"total_balance\":\"0.00\"}]}",
	    "|||0 CNY left, not enough for a call");
	told(keycheck_told_deepseek, "",
	    "{\"balance_infos\":[{\"currency\":\"\\u001b\",\"total_balance\":\"1\"},{},1]}", "|||");
	told(keycheck_told_deepseek, "", "{\"balance_infos\":{}}", "!");
	told(
	    keycheck_told_moonshot, "https://api.moonshot.ai/v1", "{\"data\":{\"available_balance\":-0.5}}", "-0.5|||");
	told(keycheck_told_moonshot, "https://api.moonshot.cn/v1", "{\"data\":{\"available_balance\":49.58894}}",
	    "|||49.58894 CNY left");
	told(keycheck_told_moonshot, "", "{\"data\":{\"available_balance\":null}}", "!");
	told(keycheck_told_list, "", "{\"requests\":[]}", "|||");
	told(keycheck_told_list, "", "[]", "|||");
	told(keycheck_told_list, "", "\"Welcome\"", "!");
}

static void
key_name(const char *key, const char *want)
{
	char *own = strdup(key);
	struct provider p = {.key = own};
	struct buf b = BUF_INIT;

	keycheck_key_name(&p, &b);
	tap_is_str(buf_str(&b), want, want);
	buf_release(&b);
	free(own);
}

/* A row's check as "state: message"; a part of the message will do. */
static void
check(const char *row, const char *state, const char *message)
{
	static const struct keycheck_limits limits = {1000, 1000, 1000, 1};
	struct providers ps = PROVIDERS_INIT;
	struct keycheck k = {NULL};
	struct err e = {0};
	FILE *f = fopen("providers", "w");

	fprintf(f, "%s\n", row);
	fclose(f);
	if (tap_is_int(providers_load(&ps, &e), 0, row)) {
		k.p = &ps.v[0];
		tap_is_int(keycheck_run(&k, 1, &limits, &e), 0, row);
		tap_is_str(keycheck_word(k.state), state, row);
		tap_ok(strstr(k.message, message) != NULL, "%s: '%s'", row, k.message);
	}
	keycheck_release(&k, 1);
	providers_release(&ps);
}

static void
test_run(void)
{
	struct keycheck_limits limits = {0, 0, 0, 1};
	static const char *const unset[] = {"NONE", "OR_GATEWAY", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE",
	    "AWS_SHARED_CREDENTIALS_FILE", "AWS_PROFILE"};
	char dir[] = "/tmp/orutils-keycheck-XXXXXX";
	struct err e = {0};

	if (!mkdtemp(dir) || chdir(dir))
		exit(99);
	setenv("OR_CONFIG", dir, 1);
	setenv("HOME", dir, 1);
	setenv("K", "sk", 1);
	for (size_t i = 0; i < sizeof(unset) / sizeof(*unset); i++)
		unsetenv(unset[i]);
	check("p mock - none", "ok", "");
	check("p openai https://integrate.api.nvidia.com/v1 env:K", "unchecked", "its list of models is public");
	check("p openai https://integrate.api.nvidia.com env:NONE", "nokey", "no key: NONE is not set");
	check("p openai http://127.0.0.1:1/integrate.api.nvidia.com env:K", "unreachable", "Failed to connect");
	check("p openai http://127.0.0.1:1 slug=openrouter env:K", "unreachable", "Failed to connect");
	check("p openai ${NONE}/v1 env:K", "nokey", "NONE is not set");
	check("p bedrock - region=eu-west-1 aws:nosuch", "nokey", "no key: ");
	check("p openai http://127.0.0.1:1 cmd:exec sleep 10", "nokey", "deadline");
	check("p bedrock - env:K", "nokey", "region");
	tap_is_int(keycheck_run(NULL, 0, &limits, &e), 0, "none at all");
	unlink("providers");
	(void)!chdir("/");
	rmdir(dir);
}

int
main(void)
{
	test_openrouter();
	test_balances();
	key_name("env:OPENAI_API_KEY", "OPENAI_API_KEY");
	key_name("file:~/k", "file:~/k");
	key_name("cmd:echo sk-secret", "cmd:");
	key_name("aws:work", "aws:work");
	key_name("none", "none");
	tap_is_int(keycheck_status(KEYCHECK_OK), 0, "ok is 0");
	tap_is_int(keycheck_status(KEYCHECK_REJECTED), 77, "rejected is 77");
	test_run();
	return tap_done();
}
