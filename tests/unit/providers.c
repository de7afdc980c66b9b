/* SPDX-License-Identifier: ISC */
#include "providers.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "loopback.h"
#include "mem.h"
#include "tap.h"
#include "tm.h"

static char dir[] = "/tmp/orutils-providers-XXXXXX";

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) == EOF || fclose(f) != 0) {
		perror(path);
		exit(99);
	}
}

static struct provider *
get(struct providers *ps, const char *name)
{
	return providers_get(ps, name, strlen(name));
}

/* Loads with these tables; NULL: no such table. */
static int
load(struct providers *ps, const char *providers, const char *aliases, struct err *e)
{
	unlink("providers");
	unlink("aliases");
	if (providers)
		write_file("providers", providers);
	if (aliases)
		write_file("aliases", aliases);
	*ps = (struct providers)PROVIDERS_INIT;
	err_clear(e);
	return providers_load(ps, e);
}

static void
test_builtin(void)
{
	static const char *const names[] = {"openrouter", "openai", "anthropic", "gemini", "mistral", "groq",
	    "deepseek", "xai", "together", "fireworks", "perplexity", "cerebras", "cohere", "moonshot", "zai", "nvidia",
	    "azure", "vertex", "bedrock", "voyage", "ollama", "llamacpp", "lmstudio", "vllm", "mock"};
	struct providers ps;
	struct err e = {0};

	tap_is_int(load(&ps, NULL, NULL, &e), 0, "no tables");
	tap_is_str(e.msg, "", "no message");
	tap_is_int((long long)ps.n, sizeof(names) / sizeof(*names), "the well-known providers");
	for (size_t i = 0; i < ps.n; i++) {
		struct provider *p = &ps.v[i];
		int local = strcmp(p->key, "none") == 0;
		tap_is_str(p->name, names[i], names[i]);
		tap_ok(!p->user && !provider_configured(p), "%s isn't configured", p->name);
		int made =
		    strcmp(p->name, "azure") == 0 || strcmp(p->name, "bedrock") == 0; /* of what the machine says */
		int whole = p->slug && p->model;
		tap_ok(local ? p->prompt != PRICE_UNKNOWN : made || strncmp(p->base, "https://", 8) == 0,
		    "%s: https, or a price", p->name);
		tap_ok(local || made || whole || strcmp(p->name, "voyage") == 0, "%s: slug and model", p->name);
		tap_ok(p->zdr == -1 && p->train == -1, "%s: nothing said of retention", p->name);
	}
	struct provider *p = get(&ps, "openrouter");
	tap_is_str(p->base, "https://openrouter.ai/api/v1", "openrouter's base");
	tap_is_str(p->key, "env:OPENROUTER_API_KEY", "openrouter's key");
	tap_is_str(p->model, "openrouter/auto", "openrouter's model");
	tap_is_int(p->auth, AUTH_BEARER, "openrouter's key goes as bearer");
	tap_is_int(get(&ps, "anthropic")->auth, AUTH_X_API_KEY, "anthropic's key has its own header");
	tap_is_int(get(&ps, "gemini")->auth, AUTH_X_GOOG_API_KEY, "gemini's key has its own header");
	tap_is_int(get(&ps, "ollama")->auth, AUTH_NONE, "ollama has no key");
	price_t zero, one, two;
	price_parse_pair("0", 1, &zero, &zero);
	price_parse_pair("1,2", 0, &one, &two);
	tap_ok(get(&ps, "ollama")->prompt == zero && get(&ps, "ollama")->completion == zero, "local servers are free");
	tap_ok(get(&ps, "mock")->prompt == one && get(&ps, "mock")->completion == two, "the mock has its price");
	tap_is_str(get(&ps, "mock")->base, "", "the mock has no URL");
	tap_ok(get(&ps, "openai")->prompt == PRICE_UNKNOWN, "others have none");
	tap_ok(!get(&ps, "open") && !get(&ps, "openaix") && !get(&ps, ""), "whole names only");
	tap_ok(providers_get(&ps, "openai:gpt", 6) == get(&ps, "openai"), "a name inside a longer text");
	setenv("OPENAI_API_KEY", "sk-x", 1);
	setenv("GROQ_API_KEY", "", 1);
	tap_ok(provider_configured(get(&ps, "openai")), "configured by its variable");
	tap_ok(!provider_configured(get(&ps, "groq")), "not by an empty one");
	unsetenv("OPENAI_API_KEY");
	unsetenv("GROQ_API_KEY");
	providers_release(&ps);
	tap_ok(!ps.v && !ps.n, "released");
}

static void
test_table(void)
{
	static const char table[] =
	    "# name wire base\n"
	    "work\topenai  https://llm.example.com/v1//  price=0.5,1.5 zdr=yes train=no auth=api-key slug=s model=m path=/p "
	    "region=eu header=X-A:b header=x-c:d:e query=v=1 query=w= map=a/b=c map=d/e:free=f=g "
	    "connect=1 first=2.5 idle=3ms total=1m cmd:pass show work/llm | head -1 \r\n"
	    "local openai http://127.0.0.1:8080/v1 price=0,0 none\n"
	    "openai openai https://first.example/v1 env:MY_KEY\n"
	    "openai openai https://second.example/v1 none\n"
	    "bed bedrock - region=us-east-1 aws:\n"
	    "c anthropic https://x.example auth=bearer file:~/a=b\n"
	    "0.x_y-z mock - model=echo none\n";
	struct providers ps;
	struct err e = {0};

	tap_is_int(load(&ps, table, NULL, &e), 0, "a table");
	tap_is_str(e.msg, "", "no message");
	struct provider *p = &ps.v[0];
	tap_is_str(p->name, "work", "the user's rows come first");
	tap_is_str(p->base, "https://llm.example.com/v1", "trailing slashes are cut");
	tap_is_str(p->key, "cmd:pass show work/llm | head -1", "a command goes to the end of its line");
	tap_is_int(p->auth, AUTH_API_KEY, "auth=");
	price_t in, out;
	price_parse_pair("0.5,1.5", 0, &in, &out);
	tap_ok(p->prompt == in && p->completion == out, "price=");
	tap_ok(p->zdr == 1 && p->train == 0 && p->user, "zdr=, train=, user");
	tap_is_str(p->slug, "s", "slug=");
	tap_is_str(p->model, "m", "model=");
	tap_is_str(p->path, "/p", "path=");
	tap_is_str(p->region, "eu", "region=");
	tap_ok(p->n_header == 2 && strcmp(p->header[0], "X-A: b") == 0 && strcmp(p->header[1], "x-c: d:e") == 0,
	    "header=");
	tap_ok(p->n_query == 2 && strcmp(p->query[0], "v=1") == 0 && strcmp(p->query[1], "w=") == 0, "query=");
	tap_is_str(provider_map_id(p, "a/b"), "c", "map=");
	tap_is_str(provider_map_id(p, "d/e:free"), "f=g", "the second map=");
	tap_ok(!provider_map_id(p, "a/bc") && !provider_map_id(p, "a/"), "map= of another model");
	tap_is_int(p->connect_ms, 1000, "connect=");
	tap_is_int(p->first_ms, 2500, "first=");
	tap_is_int(p->idle_ms, 3, "idle=");
	tap_is_int(p->total_ms, 60000, "total=");
	tap_is_str(get(&ps, "openai")->base, "https://first.example/v1",
	    "the first row of a name wins, over the built-in one too");
	tap_is_str(get(&ps, "openai")->key, "env:MY_KEY", "as a whole");
	tap_ok(!get(&ps, "openai")->model, "nothing of the built-in row is left");
	tap_ok(provider_configured(get(&ps, "local")), "a keyless row of the user's is configured");
	tap_is_int(get(&ps, "bed")->auth, AUTH_BEARER, "a row without a URL");
	tap_is_int(get(&ps, "c")->auth, AUTH_BEARER, "auth= over the wire's own");
	tap_is_str(get(&ps, "c")->key, "file:~/a=b", "a path with =");
	tap_ok(get(&ps, "0.x_y-z") && get(&ps, "groq"), "the other rows");
	providers_release(&ps);
}

static void
is_bad_row(const char *row, const char *want)
{
	struct providers ps;
	struct err e;
	struct buf all = BUF_INIT, msg = BUF_INIT;

	buf_addf(&all, "ok openai http://x none\n\n%s\n", row);
	tap_is_int(load(&ps, all.p, NULL, &e), -1, row);
	tap_is_int(e.kind, ERR_CONFIG, row);
	buf_addf(&msg, "./providers:3: %s", want);
	tap_is_str(e.msg, msg.p, row);
	tap_ok(!ps.v && !ps.n, "nothing is left");
	buf_release(&all);
	buf_release(&msg);
}

#define FORMS "env:NAME, file:PATH, cmd:COMMAND, aws:PROFILE or none"

static void
test_bad_rows(void)
{
	static const char name[] = "a provider's name is of a-z 0-9 . _ - and begins with a letter or digit";
	static const char fields[] = "a provider needs: name, wire, base URL, options, key";
	static const char base[] = "a base URL is http://HOST... or https://HOST...";
	static const char wire[] =
	    "unknown wire: one of openai, completions, responses, anthropic, gemini, ollama, cohere, bedrock, mock";
	static const char odd[] = "a base URL holds no query, fragment, blank or control byte";
	static const char times[] =
	    "connect=, first=, idle= and total= are times: seconds, or a number with ms s m h d w";
	static const char price[] = "price= is in,out: dollars per million tokens";
	static const char map[] = "map= is author/slug=native-id";
	static const char query[] = "query= is name=value, percent-encoded";

	is_bad_row("a", fields);
	is_bad_row("a openai", fields);
	is_bad_row("A openai http://x none", name);
	is_bad_row("-a openai http://x none", name);
	is_bad_row("a:b openai http://x none", name);
	is_bad_row("a/b openai http://x none", name);
	is_bad_row("\xc3\xa9 openai http://x none", name);
	is_bad_row("a OpenAI http://x none", wire);
	is_bad_row("a openai2 http://x none", wire);
	is_bad_row("a openai x none", base);
	is_bad_row("a openai ftp://x none", base);
	is_bad_row("a openai http:// none", base);
	is_bad_row("a openai https:///v1 none", base);
	is_bad_row("a openai http://:80/ none", base);
	is_bad_row("a openai - none", base);
	is_bad_row("a openai https://me:pw@x/v1 none", "a base URL holds no user or password");
	is_bad_row("a openai ${X}me:pw@x/v1 none", "a base URL holds no user or password");
	is_bad_row("a openai https://x/v1?k=v none", odd);
	is_bad_row("a openai https://x/v1#k none", odd);
	is_bad_row("a openai http://x", "no key at the end: " FORMS);
	is_bad_row("a openai http://x model=m", "no key at the end: " FORMS);
	is_bad_row("a openai http://x sk-secret", "a field is neither option=value nor a key (" FORMS ")");
	is_bad_row("a openai http://x none model=m", "a field after the key, which is the last one");
	is_bad_row("a openai http://x none none", "a field after the key, which is the last one");
	is_bad_row("a openai http://x env:", "env: takes the name of a variable");
	is_bad_row("a openai http://x env:sk-secret", "env: takes the name of a variable");
	is_bad_row("a openai http://x env:1A", "env: takes the name of a variable");
	is_bad_row("a openai http://x file:", "file: takes a path");
	is_bad_row("a openai http://x cmd:", "cmd: takes a command");
	is_bad_row("a openai http://x modle=m none", "unknown option modle=: did you mean model=?");
	is_bad_row("a openai http://x prices=1,2 none", "unknown option prices=: did you mean price=?");
	is_bad_row("a openai http://x color=red none", "unknown option color=");
	is_bad_row("a openai http://x AKIASECRET== none", "a field that is no option=value that we know");
	is_bad_row("a openai http://x =v none", "a field that is no option=value that we know");
	is_bad_row("a openai http://x model= none", "model= is empty");
	is_bad_row("a openai http://x model=m model=n none", "model= stands there twice");
	is_bad_row("a openai http://x price=1,2 price=1,2 none", "price= stands there twice");
	is_bad_row("a openai http://x price=1 none", price);
	is_bad_row("a openai http://x price=1,x none", price);
	is_bad_row("a openai http://x price=-1,-1 none", price);
	is_bad_row("a openai http://x price=1,2,3 none", price);
	is_bad_row("a openai http://x zdr=true none", "zdr= and train= are yes or no");
	is_bad_row("a openai http://x auth=basic none", "auth= is bearer, x-api-key, api-key or query");
	is_bad_row("a openai http://x header=X none", "header= is Name:value");
	is_bad_row("a openai http://x header=X: none", "header= is Name:value");
	is_bad_row("a openai http://x header=:v none", "header= is Name:value");
	is_bad_row("a openai http://x header=\xc3\xa9:v none", "header= is Name:value");
	is_bad_row("a openai http://x query=k none", query);
	is_bad_row("a openai http://x query==v none", query);
	is_bad_row("a openai http://x query=a=b&c=d none", query);
	is_bad_row("a openai http://x path=p none", "path= begins with /");
	is_bad_row("a openai http://x connect=0 none", times);
	is_bad_row("a openai http://x total=soon none", times);
	is_bad_row("a openai http://x map=a=b none", map);
	is_bad_row("a openai http://x map=a/b none", map);
	is_bad_row("a openai http://x map=a/b= none", map);
	is_bad_row("ok openai http://x bad=1 none", "unknown option bad=");
	is_bad_row("ok openai http://x header=X:\x01y none", "a control byte");
}

static void
test_environment(void)
{
	struct providers ps;
	struct err e;

	setenv("OPENROUTER_BASE_URL", "http://127.0.0.1:9/api/v1/", 1);
	setenv("OPENAI_BASE_URL", "https://a.example", 1);
	setenv("ANTHROPIC_BASE_URL", "https://b.example/v1", 1);
	setenv("GEMINI_BASE_URL", "https://c.example//", 1);
	tap_is_int(load(&ps, "openai openai https://mine.example env:K\n", NULL, &e), 0, "BASE_URL variables");
	tap_is_str(get(&ps, "openrouter")->base, "http://127.0.0.1:9/api/v1", "OPENROUTER_BASE_URL");
	tap_is_str(get(&ps, "openai")->base, "https://a.example", "OPENAI_BASE_URL, over the user's row");
	tap_is_str(get(&ps, "openai")->key, "env:K", "whose rest stays");
	tap_is_str(get(&ps, "anthropic")->base, "https://b.example/v1", "ANTHROPIC_BASE_URL");
	tap_is_str(get(&ps, "gemini")->base, "https://c.example", "GEMINI_BASE_URL");
	providers_release(&ps);
	setenv("GEMINI_BASE_URL", "https://u:secret@c.example", 1);
	tap_is_int(load(&ps, NULL, NULL, &e), -1, "a bad BASE_URL");
	tap_is_int(e.kind, ERR_CONFIG, "is ERR_CONFIG");
	tap_is_str(e.msg, "GEMINI_BASE_URL: a base URL holds no user or password", "named");
	setenv("GEMINI_BASE_URL", "", 1);

	setenv("OR_GATEWAY", "http://127.0.0.1:4000/v1/", 1);
	tap_is_int(load(&ps, "a openai http://x none\n", "fast: x/y\n", &e), 0, "OR_GATEWAY");
	tap_ok(ps.n == 1 && strcmp(ps.v[0].name, "gateway") == 0 && strcmp(ps.v[0].wire, "openai") == 0,
	    "is the only row");
	tap_is_str(ps.v[0].base, "http://127.0.0.1:4000/v1", "its base");
	tap_is_str(ps.v[0].key, "none", "its key");
	tap_ok(provider_configured(&ps.v[0]) && ps.n_alias == 1, "it is configured; aliases stay");
	providers_release(&ps);
	setenv("OPENROUTER_API_KEY", "k", 1);
	tap_is_int(load(&ps, NULL, NULL, &e), 0, "OR_GATEWAY with a key");
	tap_is_str(ps.v[0].key, "env:OPENROUTER_API_KEY", "its key");
	providers_release(&ps);
	setenv("OR_GATEWAY", "4000", 1);
	tap_is_int(load(&ps, NULL, NULL, &e), -1, "a bad OR_GATEWAY");
	tap_is_str(e.msg, "OR_GATEWAY: a base URL is http://HOST... or https://HOST...", "named");
	unsetenv("OPENROUTER_API_KEY");
	unsetenv("OR_GATEWAY");
	unsetenv("OPENROUTER_BASE_URL");
	unsetenv("OPENAI_BASE_URL");
	unsetenv("ANTHROPIC_BASE_URL");
	unsetenv("GEMINI_BASE_URL");
}

static void
test_local(void)
{
	static const struct {
		const char *base;
		int local;
	} c[] = {{"http://127.0.0.1:11434/v1", 1}, {"http://127.9.8.7", 1}, {"http://localhost:1/", 1},
	    {"https://LocalHost", 1}, {"http://[::1]:8080/v1", 1}, {"http://[::1]", 1}, {"", 0},
	    {"http://127.0.0.1.example.com/", 0}, {"http://localhost.example.com", 0}, {"http://10.0.0.1", 0},
	    {"http://[::2]", 0}, {"http://128.0.0.1", 0}, {"https://openrouter.ai/localhost", 0},
	    {"http://mylocalhost", 0}};

	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++) {
		tap_ok(loopback_url(c[i].base) == c[i].local, "local: '%s'", c[i].base);
	}
}

/* Looks up a key of this form; wants the secret, or a failure of this kind and message. */
static void
is_key(const char *form, const char *secret, enum err_kind kind, const char *msg)
{
	struct provider p = {.name = xstrdup("p"), .key = xstrdup(form)};
	struct err e = {0};

	tap_is_int(provider_key(&p, &e), secret ? 0 : -1, form);
	tap_is_str(p.secret, secret, form);
	tap_is_int(e.kind, kind, form);
	tap_is_str(e.msg, msg, form);
	mem_wipe_free(p.secret);
	free(p.name);
	free(p.key);
}

#define ODD " is no key: it holds a byte that isn't printable ASCII"

static void
test_key_env(void)
{
	is_key("none", "", ERR_NONE, "");
	is_key("env:OR_TEST_KEY", NULL, ERR_NOKEY, "p: no key: OR_TEST_KEY is not set");
	setenv("OR_TEST_KEY", "", 1);
	is_key("env:OR_TEST_KEY", NULL, ERR_NOKEY, "p: no key: OR_TEST_KEY is not set");
	setenv("OR_TEST_KEY", "sk-1", 1);
	is_key("env:OR_TEST_KEY", "sk-1", ERR_NONE, "");
	setenv("OR_TEST_KEY", "sk-1 \r\n", 1);
	is_key("env:OR_TEST_KEY", "sk-1", ERR_NONE, "");
	setenv("OR_TEST_KEY", " \n", 1);
	is_key("env:OR_TEST_KEY", NULL, ERR_NOKEY, "p: no key: OR_TEST_KEY is empty");
	setenv("OR_TEST_KEY", "sk-1 x", 1);
	is_key("env:OR_TEST_KEY", NULL, ERR_NOKEY, "p: OR_TEST_KEY" ODD);
	setenv("OR_TEST_KEY", "sk-1\r\nX-Evil:1", 1);
	is_key("env:OR_TEST_KEY", NULL, ERR_NOKEY, "p: OR_TEST_KEY" ODD);
	setenv("OR_TEST_KEY", "sk-1\rX", 1);
	is_key("env:OR_TEST_KEY", NULL, ERR_NOKEY, "p: OR_TEST_KEY" ODD);
	setenv("OR_TEST_KEY", "\xe2\x80\x9csk-1\xe2\x80\x9d", 1);
	is_key("env:OR_TEST_KEY", NULL, ERR_NOKEY, "p: OR_TEST_KEY" ODD);
}

static void
test_key_file(void)
{
	struct buf path = BUF_INIT, form = BUF_INIT, msg = BUF_INIT;

	write_file("key", "sk-2 \r\nsecond line\n");
	chmod("key", 0600);
	is_key("file:~/key", "sk-2", ERR_NONE, "");
	setenv("OR_TEST_DIR", dir, 1);
	is_key("file:$OR_TEST_DIR/key", "sk-2", ERR_NONE, "");
	buf_addf(&path, "%s/key", dir);
	buf_addf(&form, "file:%s", path.p);
	is_key(form.p, "sk-2", ERR_NONE, "");
	unsetenv("OR_TEST_DIR");
	is_key("file:$OR_TEST_DIR/key", NULL, ERR_NOKEY, "p: no key: $OR_TEST_DIR/key: OR_TEST_DIR is not set");
	buf_addf(&msg, "p: others can read the key in %s: chmod 600 %s", path.p, path.p);
	for (mode_t mode = 0640; mode != 0; mode = mode == 0640 ? 0604 : 0) {
		chmod("key", mode);
		is_key("file:~/key", NULL, ERR_CONFIG, msg.p);
	}
	tap_is_int(symlink("key", "link"), 0, "a link");
	buf_clear(&msg);
	buf_addf(&msg, "p: others can read the key in %s/link: chmod 600 %s/link", dir, dir);
	is_key("file:~/link", NULL, ERR_CONFIG, msg.p);
	setenv("HOME", "/nonexistent", 1);
	is_key(form.p, "sk-2", ERR_NONE, "");
	setenv("HOME", "k", 1); /* a directory whose name begins alike isn't home */
	mkdir("k", 0700);
	is_key(form.p, "sk-2", ERR_NONE, "");
	setenv("HOME", "/", 1);
	buf_clear(&msg);
	buf_addf(&msg, "p: others can read the key in %s: chmod 600 %s", path.p, path.p);
	is_key(form.p, NULL, ERR_CONFIG, msg.p);
	unsetenv("HOME");
	is_key("file:~/key", NULL, ERR_NOKEY, "p: no key: ~/key: HOME is not set");
	is_key(form.p, "sk-2", ERR_NONE, "");
	setenv("HOME", dir, 1);
	chmod("key", 0600);
	write_file("key", "\nsk-2\n");
	buf_clear(&msg);
	buf_addf(&msg, "p: no key: %s is empty", path.p);
	is_key("file:~/key", NULL, ERR_NOKEY, msg.p);
	write_file("key", "");
	is_key("file:~/key", NULL, ERR_NOKEY, msg.p);
	write_file("key", "sk 2");
	buf_clear(&msg);
	buf_addf(&msg, "p: %s" ODD, path.p);
	is_key("file:~/key", NULL, ERR_NOKEY, msg.p);
	tap_is_int(truncate("key", 16 * 1024 + 1), 0, "a big file");
	buf_clear(&msg);
	buf_addf(&msg, "p: no key: %s: more than 16384 bytes", path.p);
	is_key("file:~/key", NULL, ERR_NOKEY, msg.p);
	unlink("key");
	buf_clear(&msg);
	buf_addf(&msg, "p: no key: %s: No such file or directory", path.p);
	is_key("file:~/key", NULL, ERR_NOKEY, msg.p);
	chmod(dir, 0700);
	is_key("file:/", NULL, ERR_NOKEY, "p: no key: /: Is a directory");
	buf_release(&path);
	buf_release(&form);
	buf_release(&msg);
}

static void
test_key_command(void)
{
	is_key("cmd:echo sk-3", "sk-3", ERR_NONE, "");
	is_key("cmd:printf 'sk-3 \\t\\r\\nmore\\n'; seq 100000", "sk-3", ERR_NONE, "");
	is_key("cmd:printf sk-; sleep 0.05; printf 3", "sk-3", ERR_NONE, "");
	is_key("cmd:cat; echo sk-3", "sk-3", ERR_NONE, "");
	is_key("cmd:echo sk-3; exit 2", NULL, ERR_NOKEY, "p: no key: its command ended with 2");
	is_key(
	    "cmd:exec no-such-command-of-ours 2>/dev/null", NULL, ERR_NOKEY, "p: no key: its command ended with 127");
	is_key("cmd:kill -9 $$", NULL, ERR_NOKEY, "p: no key: its command died of signal 9");
	is_key("cmd:true", NULL, ERR_NOKEY, "p: no key: what its command says is empty");
	is_key("cmd:echo; echo sk-3", NULL, ERR_NOKEY, "p: no key: what its command says is empty");
	is_key("cmd:printf 'sk\\1773'", NULL, ERR_NOKEY, "p: what its command says" ODD);
	is_key("cmd:echo sk 3", NULL, ERR_NOKEY, "p: what its command says" ODD);
	is_key("cmd:printf 'a\\0b'", NULL, ERR_NOKEY, "p: what its command says" ODD);
	is_key("cmd:printf '%016385d' 0", NULL, ERR_NOKEY, "p: no key: its command says more than 16384 bytes");
	is_key("cmd:kill -INT $$", NULL, ERR_SIGNAL, "p: interrupted while its key's command ran");
	signal(SIGPIPE, SIG_IGN);
	is_key("cmd:kill -PIPE $$; echo sk-3", NULL, ERR_NOKEY, "p: no key: its command died of signal 13");
	signal(SIGPIPE, SIG_DFL);

	char *long_key = xmalloc(16385);
	memset(long_key, '0', 16384);
	long_key[16384] = '\0';
	is_key("cmd:printf '%016384d' 0", long_key, ERR_NONE, "");
	free(long_key);
}

static size_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (size_t)st.st_size : 0;
}

static void
test_key_once(void)
{
	struct providers ps;
	struct err e;

	load(&ps, "a openai http://x cmd:echo >>ran; echo sk-4\nb openai http://x cmd:echo >>ran; false\n", NULL, &e);
	tap_is_int((long long)size_of("ran"), 0, "no command runs while the table is read");
	tap_ok(provider_key(get(&ps, "a"), &e) == 0 && provider_key(get(&ps, "a"), &e) == 0, "a key is looked up");
	tap_is_int((long long)size_of("ran"), 1, "once");
	tap_is_int(provider_key(get(&ps, "b"), &e), -1, "a command that fails");
	tap_is_int(provider_key(get(&ps, "b"), &e), -1, "fails again");
	tap_is_str(e.msg, "b: no key: its command failed before", "and says so");
	tap_is_int((long long)size_of("ran"), 2, "but runs once");
	unlink("ran");
	providers_release(&ps);
}

static volatile sig_atomic_t n_interrupts;

static void
count_interrupt(int sig)
{
	(void)sig;
	n_interrupts++;
}

/* ^C at a terminal goes to the whole process group: the command dies at once, we, who catch it, learn why. */
static void
test_key_interrupt(void)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		struct provider p = {.name = xstrdup("p"), .key = xstrdup("cmd:sleep 20")};
		struct err e = {0};
		setpgid(0, 0);
		sigaction(SIGINT, &(struct sigaction){.sa_handler = count_interrupt}, NULL);
		int r = provider_key(&p, &e);
		_exit(r == -1 && e.kind == ERR_SIGNAL && e.sys == SIGINT && n_interrupts ? 0 : 1);
	}
	setpgid(child, child);
	usleep(300000);
	int64_t start = tm_mono_ms();
	kill(-child, SIGINT);
	waitpid(child, &status, 0);
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "an interrupted command is ERR_SIGNAL");
	tap_ok(tm_mono_ms() - start < 5000, "at once");
}

/* Signals that we catch while the command runs, in the middle of its output or after it, change nothing. */
static void
test_key_eintr(void)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		struct provider p = {.name = xstrdup("p"), .key = xstrdup("cmd:sleep 0.2; echo sk-5")};
		struct provider q = {.name = xstrdup("q"), .key = xstrdup("cmd:exec >&-; sleep 0.2; exit 3")};
		struct err e = {0};
		sigaction(SIGUSR1, &(struct sigaction){.sa_handler = count_interrupt}, NULL);
		int ok = provider_key(&p, &e) == 0, n_before = n_interrupts;
		int r = provider_key(&q, &e);
		ok = ok && n_before && strcmp(p.secret, "sk-5") == 0;
		_exit(ok && n_interrupts > n_before && r == -1 && strstr(e.msg, "ended with 3") ? 0 : 1);
	}
	usleep(50000);
	while (waitpid(child, &status, WNOHANG) == 0) {
		kill(child, SIGUSR1);
		usleep(20000);
	}
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "other signals don't disturb a command");
}

/* A tool whose standard descriptors are closed still gets its key. */
static void
test_key_closed(void)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		struct provider p = {.name = xstrdup("p"), .key = xstrdup("cmd:cat; echo sk-6")};
		struct err e = {0};
		close(0);
		close(1);
		_exit(provider_key(&p, &e) == 0 && strcmp(p.secret, "sk-6") == 0 ? 0 : 1);
	}
	waitpid(child, &status, 0);
	tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a key with stdin and stdout closed");
}

static void
is_chain(struct providers *ps, const char *chain, const char *want, enum err_kind kind, const char *msg)
{
	struct err e = {0};
	struct buf b = BUF_INIT;
	char **names = providers_expand(ps, chain, &e);

	for (size_t i = 0; names && names[i]; i++)
		buf_addf(&b, "[%s]", names[i]);
	tap_is_str(names ? buf_str(&b) : NULL, want, chain);
	tap_is_int(e.kind, kind, chain);
	tap_is_str(e.msg, msg, chain);
	buf_release(&b);
	names_free(names);
}

static void
test_aliases(void)
{
	static const char table[] = "social_media: mistralai/mistral-7b-instruct, openai/gpt-4o-mini\n"
				    "fast:groq:llama\n"
				    "fast: not/this\n"
				    "all : fast , social_media,x/y:floor\n"
				    "one: two\ntwo: three,a/b\nthree: c/d, one\n"
				    "self: self\n";
	struct providers ps;
	struct err e;

	tap_is_int(load(&ps, NULL, table, &e), 0, "aliases");
	tap_is_str(e.msg, "", "no message");
	is_chain(&ps, "x/y", "[x/y]", ERR_NONE, "");
	is_chain(&ps, " x/y , ollama:llama3.2:3b,name", "[x/y][ollama:llama3.2:3b][name]", ERR_NONE, "");
	is_chain(&ps, "social_media", "[mistralai/mistral-7b-instruct][openai/gpt-4o-mini]", ERR_NONE, "");
	is_chain(&ps, "fast", "[groq:llama]", ERR_NONE, "");
	is_chain(
	    &ps, "all", "[groq:llama][mistralai/mistral-7b-instruct][openai/gpt-4o-mini][x/y:floor]", ERR_NONE, "");
	is_chain(&ps, "x/y:floor,all,fast,z",
	    "[x/y:floor][groq:llama][mistralai/mistral-7b-instruct][openai/gpt-4o-mini][z]", ERR_NONE, "");
	is_chain(&ps, "Fast", "[Fast]", ERR_NONE, "");
	is_chain(&ps, "a/b,self", NULL, ERR_CONFIG, "aliases: self is an alias of itself");
	is_chain(&ps, "two", NULL, ERR_CONFIG, "aliases: two is an alias of itself");
	is_chain(&ps, "", NULL, ERR_USAGE, "an empty name in the list of models");
	is_chain(&ps, "a,,b", NULL, ERR_USAGE, "an empty name in the list of models");
	is_chain(&ps, "a,", NULL, ERR_USAGE, "an empty name in the list of models");
	providers_release(&ps);
}

/* Depth is counted along one line of aliases: many side by side are fine. */
static void
test_alias_width(void)
{
	struct providers ps;
	struct err e;
	struct buf b = BUF_INIT, want = BUF_INIT;

	for (int i = 0; i < 100; i++) {
		buf_addf(&b, "%s a%d", i ? "," : "all:", i);
		buf_addf(&want, "[m%d]", i);
	}
	for (int i = 0; i < 100; i++)
		buf_addf(&b, "\na%d: m%d", i, i);
	tap_is_int(load(&ps, NULL, b.p, &e), 0, "aliases side by side");
	is_chain(&ps, "all", want.p, ERR_NONE, "");
	providers_release(&ps);
	buf_release(&b);
	buf_release(&want);
}

/* Each alias names the next one twice: 2^60 expansions, were they not remembered. */
static void
test_alias_depth(void)
{
	struct providers ps;
	struct err e;
	struct buf b = BUF_INIT;

	for (int i = 0; i < 60; i++)
		buf_addf(&b, "a%d: a%d, a%d, m%d\n", i, i + 1, i + 1, i);
	buf_adds(&b, "a60: end\n");
	tap_is_int(load(&ps, NULL, b.p, &e), 0, "many aliases");
	char **names = providers_expand(&ps, "a0", &e);
	tap_is_str(names ? names[0] : NULL, "end", "aliases of aliases of aliases");
	names_free(names);
	providers_release(&ps);
	for (int i = 60; i < 100; i++)
		buf_addf(&b, "b%d: b%d\n", i, i + 1);
	for (int i = 0; i < 60; i++)
		buf_addf(&b, "b%d: b%d\n", i, i + 1);
	tap_is_int(load(&ps, NULL, b.p, &e), 0, "too many");
	is_chain(&ps, "b0", NULL, ERR_CONFIG, "aliases: b64: more than 64 aliases of aliases");
	is_chain(&ps, "b50", "[b100]", ERR_NONE, "");
	providers_release(&ps);
	buf_release(&b);
}

static void
is_bad_alias(const char *line, const char *want)
{
	struct providers ps;
	struct err e;
	struct buf msg = BUF_INIT;

	tap_is_int(load(&ps, NULL, line, &e), -1, line);
	tap_is_int(e.kind, ERR_CONFIG, line);
	buf_addf(&msg, "./aliases:1: %s", want);
	tap_is_str(e.msg, msg.p, line);
	buf_release(&msg);
}

static void
test_bad_aliases(void)
{
	static const char form[] = "an alias is name: model, model";
	static const char models[] = "an alias is name: model, model (names without `:`, models without blanks)";
	static const char name[] = "an alias's name holds no : / , or blank";

	is_bad_alias("a", form);
	is_bad_alias(": x", form);
	is_bad_alias("a:", models);
	is_bad_alias("a: x,", models);
	is_bad_alias("a: x,,y", models);
	is_bad_alias("a: x y", models);
	is_bad_alias("a:b: x", models);
	is_bad_alias("a/b: x", name);
	is_bad_alias("a b: x", name);
	is_bad_alias("a,b: x", name);
}

static void
remove_tree(void)
{
	pid_t child;

	fflush(stdout);
	if (chdir("/") == 0 && (child = fork()) == 0) {
		execlp("rm", "rm", "-rf", dir, (char *)NULL);
		_exit(127);
	}
	wait(NULL);
}

int
main(void)
{
	if (!mkdtemp(dir) || chdir(dir) == -1 || clearenv() != 0)
		return 99;
	setenv("PATH", "/usr/bin:/bin", 1);
	setenv("HOME", dir, 1);
	setenv("OR_CONFIG", ".", 1);
	test_builtin();
	test_table();
	test_bad_rows();
	test_environment();
	test_local();
	test_key_env();
	test_key_file();
	test_key_command();
	test_key_once();
	test_key_interrupt();
	test_key_eintr();
	test_key_closed();
	test_aliases();
	test_alias_width();
	test_alias_depth();
	test_bad_aliases();
	remove_tree();
	return tap_done();
}
