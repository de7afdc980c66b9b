/* SPDX-License-Identifier: ISC */
#include "providers.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "mem.h"
#include "provider_priv.h"
#include "str.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define KEY_FORMS "env:NAME, file:PATH, cmd:COMMAND, aws:PROFILE or none"

/* Base URLs, key variables and models: the providers' own API references. slug: the `provider` slugs of OpenRouter's
 * API. */
const char *const provider_rows[] = {
    "openrouter openai https://openrouter.ai/api/v1 slug=openrouter model=openrouter/auto env:OPENROUTER_API_KEY",
    "openai openai https://api.openai.com/v1 slug=openai model=gpt-5.4-mini env:OPENAI_API_KEY",
    "anthropic anthropic https://api.anthropic.com/v1 slug=anthropic model=claude-sonnet-5 env:ANTHROPIC_API_KEY",
    "gemini gemini https://generativelanguage.googleapis.com/v1beta slug=google-ai-studio model=gemini-3.5-flash "
    "env:GEMINI_API_KEY",
    "mistral openai https://api.mistral.ai/v1 slug=mistral model=mistral-medium-latest env:MISTRAL_API_KEY",
    "groq openai https://api.groq.com/openai/v1 slug=groq model=openai/gpt-oss-120b env:GROQ_API_KEY",
    "deepseek openai https://api.deepseek.com slug=deepseek model=deepseek-v4-flash env:DEEPSEEK_API_KEY",
    "xai openai https://api.x.ai/v1 slug=xai model=grok-4.3 env:XAI_API_KEY",
    "together openai https://api.together.ai/v1 slug=together model=openai/gpt-oss-120b env:TOGETHER_API_KEY",
    "fireworks openai https://api.fireworks.ai/inference/v1 slug=fireworks "
    "model=accounts/fireworks/models/gpt-oss-120b env:FIREWORKS_API_KEY",
    "perplexity openai https://api.perplexity.ai slug=perplexity model=sonar env:PERPLEXITY_API_KEY",
    "cerebras openai https://api.cerebras.ai/v1 slug=cerebras model=gpt-oss-120b env:CEREBRAS_API_KEY",
    "cohere cohere https://api.cohere.com/v2 slug=cohere model=command-a-03-2025 env:COHERE_API_KEY",
    "moonshot openai https://api.moonshot.ai/v1 slug=moonshotai model=kimi-k2.6 env:MOONSHOT_API_KEY",
    "zai openai https://api.z.ai/api/paas/v4 slug=z-ai model=glm-5.2 env:ZAI_API_KEY",
    "nvidia openai https://integrate.api.nvidia.com/v1 slug=nvidia model=nvidia/nemotron-3-super-120b-a12b "
    "env:NVIDIA_API_KEY",
    "azure openai ${AZURE_OPENAI_ENDPOINT}/openai/v1 slug=azure auth=api-key env:AZURE_OPENAI_API_KEY",
    "vertex gemini "
    "https://aiplatform.googleapis.com/v1/projects/${GOOGLE_CLOUD_PROJECT}/locations/${GOOGLE_CLOUD_LOCATION}/publishers/"
    "google slug=google-vertex model=gemini-3.5-flash auth=bearer cmd:gcloud auth print-access-token",
    "bedrock bedrock - slug=amazon-bedrock aws:",
    "voyage openai https://api.voyageai.com/v1 env:VOYAGE_API_KEY",
    "ollama ollama http://127.0.0.1:11434 price=0,0 none",
    "llamacpp openai http://127.0.0.1:8080/v1 price=0,0 none",
    "lmstudio openai http://127.0.0.1:1234/v1 price=0,0 none",
    "vllm openai http://127.0.0.1:8000/v1 price=0,0 none",
    "mock mock - price=1,2 model=echo none",
    NULL,
};

static const struct wire_word {
	const char *name;
	enum provider_auth auth; /* where auth= says nothing */
	int bare;                /* it may go without a base URL: `-` */
} wires[] = {
    {"openai", AUTH_BEARER, 0},
    {"completions", AUTH_BEARER, 0},
    {"responses", AUTH_BEARER, 0},
    {"anthropic", AUTH_X_API_KEY, 0},
    {"gemini", AUTH_X_GOOG_API_KEY, 0},
    {"ollama", AUTH_BEARER, 0},
    {"cohere", AUTH_BEARER, 0},
    {"bedrock", AUTH_BEARER, 1},
    {"mock", AUTH_NONE, 1},
};

/* One kind of option=value: `at` is the field's place in struct provider. */
struct option {
	const char *name;
	int (*set)(struct provider *p, size_t at, const char *value, struct err *e);
	size_t at;
	int many; /* it may stand more than once */
};

static void *
field_at(struct provider *p, size_t at)
{
	return (char *)p + at;
}

static int
set_text(struct provider *p, size_t at, const char *value, struct err *e)
{
	char **to = field_at(p, at);

	(void)e;
	*to = xstrdup(value);
	return 0;
}

static int
set_path(struct provider *p, size_t at, const char *value, struct err *e)
{
	if (*value != '/')
		return err_set(e, ERR_CONFIG, "path= begins with /");
	return set_text(p, at, value, e);
}

static int
set_flag(struct provider *p, size_t at, const char *value, struct err *e)
{
	int *to = field_at(p, at), yes = strcmp(value, "yes") == 0;

	if (!yes && strcmp(value, "no") != 0)
		return err_set(e, ERR_CONFIG, "zdr= and train= are yes or no");
	*to = yes;
	return 0;
}

static int
set_time(struct provider *p, size_t at, const char *value, struct err *e)
{
	int64_t *to = field_at(p, at);

	if (str_time_ms(value, to) == -1 || *to == 0)
		return err_set(e, ERR_CONFIG,
		    "connect=, first=, idle= and total= are times: seconds, or a number with ms s m h d w");
	return 0;
}

static int
set_price(struct provider *p, size_t at, const char *value, struct err *e)
{
	(void)at;
	if (price_parse_pair(value, 0, &p->prompt, &p->completion) == -1 || p->prompt == PRICE_UNKNOWN ||
	    p->completion == PRICE_UNKNOWN)
		return err_set(e, ERR_CONFIG, "price= is in,out: dollars per million tokens");
	return 0;
}

static int
set_auth(struct provider *p, size_t at, const char *value, struct err *e)
{
	static const char *const words[] = {[AUTH_BEARER] = "bearer",
	    [AUTH_X_API_KEY] = "x-api-key",
	    [AUTH_API_KEY] = "api-key",
	    [AUTH_QUERY] = "query"};

	(void)at;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(words[i], value) == 0) {
			p->auth = (enum provider_auth)i;
			return 0;
		}
	}
	return err_set(e, ERR_CONFIG, "auth= is bearer, x-api-key, api-key or query");
}

static void
append(char ***list, size_t *n, char *s)
{
	*list = xreallocarray(*list, *n + 1, sizeof(**list));
	(*list)[(*n)++] = s;
}

static int
add_header(struct provider *p, size_t at, const char *value, struct err *e)
{
	size_t n = strspn(value, LOWER UPPER DIGITS "-_.!#$%&'*+^`|~"); /* RFC 9110's token */
	struct buf b = BUF_INIT;

	(void)at;
	if (!n || value[n] != ':' || !value[n + 1])
		return err_set(e, ERR_CONFIG, "header= is Name:value");
	buf_add(&b, value, n);
	buf_addf(&b, ": %s", value + n + 1);
	append(&p->header, &p->n_header, buf_take(&b));
	return 0;
}

static int
add_query(struct provider *p, size_t at, const char *value, struct err *e)
{
	(void)at;
	if (*value == '=' || !strchr(value, '=') || strpbrk(value, "&#"))
		return err_set(e, ERR_CONFIG, "query= is name=value, percent-encoded");
	append(&p->query, &p->n_query, xstrdup(value));
	return 0;
}

static int
add_map(struct provider *p, size_t at, const char *value, struct err *e)
{
	size_t n = strcspn(value, "=");

	(void)at;
	if (!memchr(value, '/', n) || !value[n] || !value[n + 1])
		return err_set(e, ERR_CONFIG, "map= is author/slug=native-id");
	p->map = xreallocarray(p->map, p->n_map + 1, sizeof(*p->map));
	p->map[p->n_map++] = (struct provider_map){xstrndup(value, n), xstrdup(value + n + 1)};
	return 0;
}

#define AT(field) offsetof(struct provider, field)

static const struct option options[] = {
    {"slug", set_text, AT(slug), 0},
    {"model", set_text, AT(model), 0},
    {"price", set_price, 0, 0},
    {"zdr", set_flag, AT(zdr), 0},
    {"train", set_flag, AT(train), 0},
    {"auth", set_auth, 0, 0},
    {"header", add_header, 0, 1},
    {"query", add_query, 0, 1},
    {"path", set_path, AT(path), 0},
    {"region", set_text, AT(region), 0},
    {"connect", set_time, AT(connect_ms), 0},
    {"first", set_time, AT(first_ms), 0},
    {"idle", set_time, AT(idle_ms), 0},
    {"total", set_time, AT(total_ms), 0},
    {"map", add_map, 0, 1},
};

#define N_OPTIONS (sizeof(options) / sizeof(*options))

/* A word that could be a key pasted in the wrong place is not repeated. */
static int
unknown_option(const char *field, size_t n, struct err *e)
{
	const char *near = NULL;
	char name[16];
	size_t limit = n < 5 ? 1 : 2;

	if (!n || n >= sizeof(name) || strspn(field, LOWER) != n)
		return err_set(e, ERR_CONFIG, "a field that is no option=value that we know");
	memcpy(name, field, n);
	name[n] = '\0';
	for (size_t i = 0; i < N_OPTIONS && limit; i++) {
		size_t d = str_distance(name, options[i].name, limit);
		if (d <= limit) {
			limit = d - 1;
			near = options[i].name;
		}
	}
	if (near)
		return err_set(e, ERR_CONFIG, "unknown option %s=: did you mean %s=?", name, near);
	return err_set(e, ERR_CONFIG, "unknown option %s=", name);
}

/* *seen: which options the line had before. */
static int
set_option(struct provider *p, const char *field, unsigned *seen, struct err *e)
{
	size_t n = strcspn(field, "="), i = 0;

	if (!field[n])
		return err_set(e, ERR_CONFIG, "a field is neither option=value nor a key (" KEY_FORMS ")");
	while (i < N_OPTIONS && (strlen(options[i].name) != n || memcmp(options[i].name, field, n) != 0))
		i++;
	if (i == N_OPTIONS)
		return unknown_option(field, n, e);
	if (!field[n + 1])
		return err_set(e, ERR_CONFIG, "%s= is empty", options[i].name);
	if (*seen & 1U << i && !options[i].many)
		return err_set(e, ERR_CONFIG, "%s= stands there twice", options[i].name);
	*seen |= 1U << i;
	return options[i].set(p, options[i].at, field + n + 1, e);
}

int
provider_is_key(const char *field)
{
	return strcmp(field, "none") == 0 || str_starts(field, "env:") || str_starts(field, "file:") ||
	    str_starts(field, "cmd:") || str_starts(field, "aws:");
}

static int
set_key(struct provider *p, const char *field, struct err *e)
{
	const char *name = field + strlen("env:");

	if (str_starts(field, "env:") &&
	    (!*name || strchr(DIGITS, *name) || name[strspn(name, LOWER UPPER DIGITS "_")]))
		return err_set(e, ERR_CONFIG, "env: takes the name of a variable");
	if (strcmp(field, "file:") == 0)
		return err_set(e, ERR_CONFIG, "file: takes a path");
	if (strcmp(field, "cmd:") == 0)
		return err_set(e, ERR_CONFIG, "cmd: takes a command");
	p->key = xstrdup(field);
	if (strcmp(field, "none") == 0)
		p->auth = AUTH_NONE;
	return 0;
}

/* The next word of *s, cut off there; NULL at the end. A command is a word to the end of the line. */
static char *
next_field(char **s)
{
	char *word = *s + strspn(*s, " \t");
	size_t n = str_starts(word, "cmd:") ? strlen(word) : strcspn(word, " \t");

	*s = word + n + (word[n] != '\0');
	word[n] = '\0';
	return n ? word : NULL;
}

static int
set_name(struct provider *p, const char *name, struct err *e)
{
	if (*name == '.' || *name == '_' || *name == '-' || name[strspn(name, LOWER DIGITS "._-")])
		return err_set(
		    e, ERR_CONFIG, "a provider's name is of a-z 0-9 . _ - and begins with a letter or digit");
	p->name = xstrdup(name);
	return 0;
}

/* The first fields: name, wire, base. */
static int
set_head(struct provider *p, const char *name, const char *wire, const char *base, struct err *e)
{
	size_t i = 0;

	if (!name || !wire || !base)
		return err_set(e, ERR_CONFIG, "a provider needs: name, wire, base URL, options, key");
	if (set_name(p, name, e) == -1)
		return -1;
	while (i < sizeof(wires) / sizeof(*wires) && strcmp(wires[i].name, wire) != 0)
		i++;
	if (i == sizeof(wires) / sizeof(*wires))
		return err_set(e, ERR_CONFIG,
		    "unknown wire: one of openai, completions, responses, anthropic, gemini, ollama, cohere, bedrock, mock");
	p->wire = xstrdup(wire);
	p->auth = wires[i].auth;
	if (wires[i].bare && strcmp(base, "-") == 0) {
		p->base = xstrdup("");
		return 0;
	}
	return provider_set_base(p, base, e);
}

static int
set_tail(struct provider *p, char *rest, struct err *e)
{
	unsigned seen = 0;
	const char *field;

	while ((field = next_field(&rest))) {
		if (p->key)
			return err_set(e, ERR_CONFIG, "a field after the key, which is the last one");
		if ((provider_is_key(field) ? set_key(p, field, e) : set_option(p, field, &seen, e)) == -1)
			return -1;
	}
	return p->key ? 0 : err_set(e, ERR_CONFIG, "no key at the end: " KEY_FORMS);
}

int
provider_parse(struct provider *p, char *line, struct err *e)
{
	*p = (struct provider){.prompt = PRICE_UNKNOWN, .completion = PRICE_UNKNOWN, .zdr = -1, .train = -1};
	const char *name = next_field(&line), *wire = next_field(&line), *base = next_field(&line);

	if (set_head(p, name, wire, base, e) == -1 || set_tail(p, line, e) == -1) {
		provider_release(p);
		return -1;
	}
	return 0;
}

int
provider_set_base(struct provider *p, const char *url, struct err *e)
{
	size_t skip = str_starts(url, "http://") ? 7 : str_starts(url, "https://") ? 8 : 0, n = strlen(url);
	int is_held = str_starts(url, "${"); /* a variable holds the beginning */
	size_t n_host = strcspn(url + skip, "/");

	if ((!skip && !is_held) || !n_host || url[skip] == ':')
		return err_set(e, ERR_CONFIG, "a base URL is http://HOST... or https://HOST...");
	if (memchr(url + skip, '@', n_host))
		return err_set(e, ERR_CONFIG, "a base URL holds no user or password");
	for (const char *s = url; *s; s++) {
		if ((unsigned char)*s <= 0x20 || *s == 0x7f || *s == '?' || *s == '#')
			return err_set(e, ERR_CONFIG, "a base URL holds no query, fragment, blank or control byte");
	}
	while (url[n - 1] == '/')
		n--;
	free(p->base);
	p->base = xstrndup(url, n);
	return 0;
}

static void
free_list(char **v, size_t n)
{
	while (n)
		free(v[--n]);
	free(v);
}

void
provider_release(struct provider *p)
{
	free(p->name);
	free(p->wire);
	free(p->base);
	free(p->slug);
	free(p->model);
	free(p->key);
	free(p->path);
	free(p->region);
	free_list(p->header, p->n_header);
	free_list(p->query, p->n_query);
	for (size_t i = 0; i < p->n_map; i++) {
		free(p->map[i].model);
		free(p->map[i].id);
	}
	free(p->map);
	mem_wipe_free(p->secret);
	provider_aws_release(p);
	free(p->aws.region);
	*p = (struct provider){0};
}
