/* SPDX-License-Identifier: ISC */
/* Which handler a path is for: one table. */
#include <string.h>

#include "buf.h"
#include "serve/app_priv.h"
#include "serve/handlers.h"
#include "str.h"

/* V1: /api/v1 and /v1; V1BETA: Google's; V2: Cohere's; OLLAMA: below /api; MODEL: Bedrock's; OWN: all else */
enum { V1, V1BETA, V2, OLLAMA, MODEL, OWN };

static const struct {
	const char *prefix;
	int family;
} families[] = {{"/api/v1/", V1}, {"/v1/", V1}, {"/v1beta/", V1BETA}, {"/v1beta1/", V1BETA}, {"/api/v1beta/", V1BETA},
    {"/api/v1beta1/", V1BETA}, {"/v2/", V2}, {"/api/v2/", V2}, {"/api/", OLLAMA}, {"/model/", MODEL}, {"/", OWN}};

/* {} is one segment, {*} anything. */
static const struct path paths[] = {
    {V1, "POST", "chat/completions", calls_chat, &front_openai, "chat", WHO_CALLS, -1},
    {V1, "POST", "completions", calls_chat, &front_completions, "completions", WHO_CALLS, -1},
    {V1, "POST", "responses", calls_chat, &front_responses, "responses", WHO_CALLS, -1},
    {V1, "POST", "messages", calls_chat, &front_anthropic, "messages", WHO_CALLS, -1},
    {V1, "POST", "messages/count_tokens", tokens_count, &front_anthropic, "count_tokens", WHO_KEY, -1},
    {V1, "POST", "embeddings", calls_embed, &front_openai, "embeddings", WHO_CALLS, -1},
    {V1, "GET", "models", lists_models, &front_openai, "models", WHO_KEY, -1},
    {V1, "GET", "models/count", lists_count, &front_openai, "models", WHO_KEY, -1},
    {V1, "GET", "models/user", lists_users, &front_openai, "models", WHO_KEY, -1},
    {V1, "GET", "embeddings/models", lists_embedders, &front_openai, "models", WHO_KEY, -1},
    {V1, "GET", "models/{*}/endpoints", lists_endpoints, &front_openai, "endpoints", WHO_KEY, -1},
    {V1, "GET", "models/{*}", lists_model_alone, &front_openai, "models", WHO_KEY, -1},
    {V1, "GET", "model/{*}", lists_model, &front_openai, "models", WHO_KEY, -1},
    {V1, "GET", "endpoints/zdr", lists_zdr, &front_openai, "endpoints", WHO_KEY, -1},
    {V1, "GET", "providers", lists_providers, &front_openai, "providers", WHO_KEY, -1},
    {V1, "GET", "generation", account_generation, &front_openai, "generation", WHO_KEY, -1},
    {V1, "GET", "key", account_key, &front_openai, "key", WHO_KEY, -1},
    {V1, "GET", "auth/key", account_key, &front_openai, "key", WHO_KEY, -1},
    {V1, "GET", "credits", account_credits, &front_openai, "credits", WHO_KEY, -1},
    {V1, "GET", "activity", account_activity, &front_openai, "activity", WHO_MANAGES, -1},
    {V1, "GET", "keys", admin_keys, &front_openai, "keys", WHO_MANAGES, -1},
    {V1, "POST", "keys", admin_key_new, &front_openai, "keys", WHO_MANAGES, -1},
    {V1, "GET", "keys/{}", admin_key, &front_openai, "keys", WHO_MANAGES, -1},
    {V1, "PATCH", "keys/{}", admin_key, &front_openai, "keys", WHO_MANAGES, -1},
    {V1, "DELETE", "keys/{}", admin_key, &front_openai, "keys", WHO_MANAGES, -1},
    {V1, "POST", "models/{*}:generateContent", calls_chat, &front_gemini, "gemini", WHO_CALLS, 0},
    {V1, "POST", "models/{*}:streamGenerateContent", calls_chat, &front_gemini, "gemini", WHO_CALLS, 1},
    {V1, "POST", "models/{*}:embedContent", calls_embed, &front_gemini, "embedContent", WHO_CALLS, -1},
    {V1, "POST", "models/{*}:batchEmbedContents", calls_embed, &front_gemini, "batchEmbedContents", WHO_CALLS, -1},
    {V1, "POST", "models/{*}:countTokens", tokens_count, &front_gemini, "countTokens", WHO_KEY, -1},
    {V1BETA, "POST", "models/{*}:generateContent", calls_chat, &front_gemini, "gemini", WHO_CALLS, 0},
    {V1BETA, "POST", "models/{*}:streamGenerateContent", calls_chat, &front_gemini, "gemini", WHO_CALLS, 1},
    {V1BETA, "POST", "models/{*}:embedContent", calls_embed, &front_gemini, "embedContent", WHO_CALLS, -1},
    {V1BETA, "POST", "models/{*}:batchEmbedContents", calls_embed, &front_gemini, "batchEmbedContents", WHO_CALLS, -1},
    {V1BETA, "POST", "models/{*}:countTokens", tokens_count, &front_gemini, "countTokens", WHO_KEY, -1},
    {V1BETA, "GET", "models", lists_gemini, &front_gemini, "models", WHO_KEY, -1},
    {V1BETA, "GET", "models/{*}", lists_model_alone, &front_gemini, "models", WHO_KEY, -1},
    {V2, "POST", "chat", calls_chat, &front_cohere, "cohere", WHO_CALLS, -1},
    {V2, "POST", "embed", calls_embed, &front_cohere, "cohere/embed", WHO_CALLS, -1},
    {OLLAMA, "POST", "chat", loading_chat, &front_ollama, "ollama", WHO_CALLS, -1},
    {OLLAMA, "POST", "generate", loading_chat, &front_ollama_generate, "generate", WHO_CALLS, -1},
    {OLLAMA, "POST", "embed", calls_embed, &front_ollama, "ollama/embed", WHO_CALLS, -1},
    {OLLAMA, "POST", "embeddings", calls_embed, &front_ollama, "ollama/embeddings", WHO_CALLS, -1},
    {OLLAMA, "GET", "tags", lists_tags, &front_ollama, "tags", WHO_KEY, -1},
    {OLLAMA, "POST", "show", lists_show, &front_ollama, "show", WHO_KEY, -1},
    {OLLAMA, "GET", "ps", loading_list, &front_ollama, "ps", WHO_KEY, -1},
    {OLLAMA, "GET", "version", lists_version, &front_ollama, "version", WHO_KEY, -1},
    {MODEL, "POST", "{*}/converse", calls_chat, &front_bedrock, "converse", WHO_CALLS, 0},
    {MODEL, "POST", "{*}/converse-stream", calls_chat, &front_bedrock, "converse", WHO_CALLS, 1},
    {OWN, "GET", "health", status_health, &front_openai, "health", WHO_ALL, -1},
    {OWN, "GET", "metrics", status_metrics, &front_openai, "metrics", WHO_MANAGES, -1},
    {OWN, "GET", "", status_page, &front_openai, "page", WHO_MANAGES, -1},
    {OWN, "GET", "status.json", status_live, &front_openai, "status", WHO_MANAGES, -1},
};

static int
family(const char *path, const char **rest)
{
	size_t i = 0;

	while (!str_starts(path, families[i].prefix))
		i++;
	*rest = path + strlen(families[i].prefix);
	return families[i].family;
}

const struct front *
path_front(const char *path)
{
	static const struct front *const fronts[] = {[V1] = &front_openai,
	    [V1BETA] = &front_gemini,
	    [V2] = &front_cohere,
	    [OLLAMA] = &front_ollama,
	    [MODEL] = &front_bedrock,
	    [OWN] = &front_openai};
	const char *rest;
	int f = family(*path == '/' ? path : "/", &rest);

	return f == V1 && str_starts(rest, "messages") ? &front_anthropic : fronts[f];
}

const struct front *
path_dialect(const struct path *p, const struct http1 *h)
{
	if (p->family != V1 || p->front != &front_openai || !str_starts(p->pattern, "models"))
		return p->front;
	if (http1_get(h, "anthropic-version"))
		return &front_anthropic;
	return http1_get(h, "x-goog-api-key") || http1_get(h, "x-goog-api-client") ? &front_gemini : p->front;
}

/* Segments that another program might read as another path. */
static int
is_plain(const char *path)
{
	size_t n = strlen(path);

	for (const char *p = path; *p; p++)
		if (*p == '/' && (p[1] == '/' || str_starts(p, "/./") || str_starts(p, "/../")))
			return 0;
	return n == 1 || path[n - 1] != '/';
}

static int
is_dots(const char *path)
{
	const char *last = strrchr(path, '/') + 1;

	return strcmp(last, ".") == 0 || strcmp(last, "..") == 0;
}

int
path_decode(const char *target, char *out, size_t size)
{
	const char *p = target;
	size_t n = 0;

	if (str_starts(p, "http://") || str_starts(p, "https://"))
		p = strchr(strstr(p, "://") + 3, '/');
	if (!p || *p != '/')
		return 400;
	for (; *p && *p != '?'; n++) {
		int c = *p == '%' ? visit_hex(p + 1) : (unsigned char)*p;
		if (c < 0x20 || c == 0x7f || c == '#')
			return 400;
		if (n + 1 == size)
			return 404;
		out[n] = (char)c;
		p += *p == '%' ? 3 : 1;
	}
	out[n] = '\0';
	if (utf8_valid(out, n) != n)
		return 400;
	return is_plain(out) && !is_dots(out) ? 0 : 404;
}

/* Keeps n bytes as the next of the parts. */
static int
take(struct visit *v, size_t *n_part, char **to, const char *p, size_t n)
{
	if (!n || *n_part == sizeof(v->part) / sizeof(*v->part) || n + 1 > (size_t)(v->parts + v->room - *to))
		return 0;
	memcpy(*to, p, n);
	(*to)[n] = '\0';
	v->part[(*n_part)++] = *to;
	*to += n + 1;
	return 1;
}

static int
matches(struct visit *v, const char *pattern, const char *s)
{
	size_t n_part = 0;
	char *to = v->parts;

	for (; *pattern; pattern++, s++) {
		size_t n, tail;
		if (*pattern != '{') {
			if (*s != *pattern)
				return 0;
			continue;
		}
		if (pattern[1] == '*') {
			tail = strlen(pattern + 3);
			n = strlen(s);
			return n > tail && strcmp(s + n - tail, pattern + 3) == 0 && take(v, &n_part, &to, s, n - tail);
		}
		n = strcspn(s, "/");
		if (!take(v, &n_part, &to, s, n))
			return 0;
		s += n - 1;
		pattern++;
	}
	return !*s;
}

const struct path *
path_find(struct visit *v, const char *method, struct buf *allow)
{
	const char *rest, *asked = strcmp(method, "HEAD") == 0 ? "GET" : method;
	int f = family(v->path, &rest);

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		const struct path *p = paths + i;
		if (p->family != f || !matches(v, p->pattern, rest))
			continue;
		if (strcmp(p->method, asked) == 0)
			return p;
		buf_addf(allow, "%s%s%s", allow->len ? ", " : "", p->method, strcmp(p->method, "GET") ? "" : ", HEAD");
	}
	return NULL;
}
