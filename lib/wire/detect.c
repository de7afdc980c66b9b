/* SPDX-License-Identifier: ISC */
#include "wire/detect.h"

#include <string.h>

#include "json.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define MAX_HEAD (128 * 1024) /* bytes of a frame's headers */
#define ENOUGH 2              /* what has to speak for a format at least */

/* Behind a byte order mark, or what may become one, and blanks. */
static size_t
skip_blanks(const char *text, size_t n)
{
	static const char bom[] = "\xef\xbb\xbf";
	size_t i = n && memcmp(text, bom, n < 3 ? n : 3) == 0 ? (n < 3 ? n : 3) : 0;

	while (i < n && memchr(" \t\r\n", text[i], 4))
		i++;
	return i;
}

/* Do the bytes begin with a field of an event stream? -1: they might, when more have come. */
static int
is_field(const char *p, size_t n)
{
	static const char *const fields[] = {":", "data:", "event:", "id:", "retry:", "error:"};

	for (size_t i = 0; i < N(fields); i++) {
		size_t len = strlen(fields[i]);
		if (memcmp(p, fields[i], n < len ? n : len) == 0)
			return n < len ? -1 : 1;
	}
	return 0;
}

/* The lengths that a frame begins with: its own, and that of its headers. */
static int
is_frame(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t total = (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	size_t head = (size_t)p[4] << 24 | (size_t)p[5] << 16 | (size_t)p[6] << 8 | p[7];

	return p[0] == 0 && total >= 16 && head <= total - 16 && head <= MAX_HEAD;
}

static enum detect_shape
shape_of(struct detect *d, const char *text, size_t n, int *known)
{
	int field;

	d->start = skip_blanks(text, n);
	*known = d->start < n;
	if (!*known)
		return DETECT_BLANK;
	const char *p = text + d->start;
	n -= d->start;
	if (*p == '{' || *p == '[')
		return *p == '{' ? DETECT_OBJECT : DETECT_ARRAY;
	if (*p == '\0') {
		*known = n >= 8;
		return *known && is_frame(p) ? DETECT_FRAMES : DETECT_OTHER;
	}
	field = is_field(p, n);
	*known = field >= 0;
	return field > 0 ? DETECT_SSE : DETECT_OTHER;
}

/* Inside of a string: goes on behind the next quote, or to the end. Long strings are most of a long text. */
static void
skip_string(struct detect *d, const char *text, size_t n)
{
	const char *p = text + d->at, *quote = memchr(p, '"', n - d->at), *stop = quote ? quote : text + n, *q = stop;

	while (q > p && q[-1] == '\\')
		q--;
	int odd = (int)(stop - q) & 1;
	if (q == p)
		odd ^= d->escaped;
	d->in_string = !quote || odd;
	d->escaped = !quote && odd;
	d->at = (size_t)(stop - text) + (quote != NULL);
}

/* Looks for the end of the first object. An element of an array stands one level deeper. */
static int
scan(struct detect *d, const char *text, size_t n)
{
	int outer = d->shape == DETECT_ARRAY;

	while (d->at < n) {
		if (d->in_string) {
			skip_string(d, text, n);
			continue;
		}
		char c = text[d->at++];
		if (c == '"') {
			d->in_string = 1;
		} else if (c == '{' || c == '[') {
			if (d->depth++ == outer)
				d->start = d->at - 1;
		} else if ((c == '}' || c == ']') && --d->depth <= outer) {
			d->end = d->at;
			return 1;
		}
	}
	return 0;
}

static int
on_data(void *arg, const char *event, const char *data, size_t n)
{
	struct detect *d = arg;

	(void)event;
	buf_add(&d->data, data, n);
	d->end = n;
	return 1;
}

int
detect_feed(struct detect *d, const char *text, size_t n)
{
	if (d->shape == DETECT_BLANK) {
		int known;
		d->shape = shape_of(d, text, n, &known);
		if (!known) {
			d->shape = DETECT_BLANK;
			return 0;
		}
		d->at = d->shape == DETECT_SSE ? 0 : d->start;
		d->sse.on_event = on_data;
		d->sse.arg = d;
	}
	if (d->shape == DETECT_OBJECT || d->shape == DETECT_ARRAY)
		return scan(d, text, n);
	if (d->shape != DETECT_SSE)
		return 1;
	size_t from = d->at;
	d->at = n;
	return sse_feed(&d->sse, text + from, n - from) != 0;
}

int
detect_end(struct detect *d)
{
	return d->shape == DETECT_SSE && sse_end(&d->sse) != 0;
}

void
detect_release(struct detect *d)
{
	sse_release(&d->sse);
	buf_release(&d->data);
}

/* What speaks for a format. A path is of members; * is any element, !x an object without x. What is wanted of the value: its
 * kind ({, [, ", ? for true or false), =text, ^how text begins, or nothing. */
struct hint {
	const char *format;
	int weight;
	const char *path, *want;
};

static const struct hint request_hints[] = {
    {"openai", 2, "max_completion_tokens", ""},
    {"openai", 2, "stream_options", ""},
    {"openai", 2, "reasoning_effort", ""},
    {"openai", 1, "messages.*.content.*.type", "=image_url"},
    {"openai", 1, "messages.*.content.*.type", "=input_audio"},
    {"completions", 4, "prompt", ""},
    {"responses", 4, "input", ""},
    {"responses", 2, "instructions", ""},
    {"responses", 2, "previous_response_id", ""},
    {"responses", 1, "max_output_tokens", ""},
    {"responses", 1, "text.format", ""},
    {"gemini", 4, "contents", ""},
    {"gemini", 2, "generationConfig", ""},
    {"gemini", 2, "systemInstruction", ""},
    {"gemini", 2, "system_instruction", ""},
    {"anthropic", 3, "system", ""},
    {"anthropic", -2, "messages.0.role", "=system"}, /* the others' place for it */
    {"anthropic", -2, "tools.*.function", "{"},
    {"anthropic", 2, "stop_sequences", ""},
    {"anthropic", 3, "anthropic_version", ""},
    {"anthropic", 2, "thinking", "{"},
    {"anthropic", 2, "thinking.budget_tokens", ""},
    {"anthropic", 1, "output_config", "{"},
    {"anthropic", 1, "metadata.user_id", ""},
    {"anthropic", 3, "tools.*.input_schema", "{"},
    {"anthropic", 2, "tool_choice.type", "=auto"},
    {"anthropic", 2, "tool_choice.type", "=any"},
    {"anthropic", 2, "tool_choice.type", "=tool"},
    {"anthropic", 3, "messages.*.content.*.type", "=tool_use"},
    {"anthropic", 3, "messages.*.content.*.type", "=tool_result"},
    {"anthropic", 3, "messages.*.content.*.source", "{"},
    {"ollama", 3, "options", "{"},
    {"ollama", 3, "keep_alive", ""},
    {"ollama", 2, "think", ""},
    {"ollama", 2, "format", ""},
    {"ollama", 3, "messages.*.images.*", "\""},
    {"ollama", 3, "messages.*.tool_name", ""},
    {"ollama", 2, "messages.*.thinking", "\""},
    {"ollama", 3, "messages.*.tool_calls.*.function.arguments", "{"},
    {"cohere", 3, "documents", "["},
    {"cohere", 3, "citation_options", ""},
    {"cohere", 3, "safety_mode", ""},
    {"cohere", 2, "strict_tools", ""},
    {"cohere", 2, "p", ""},
    {"cohere", 2, "k", ""},
    {"cohere", 1, "stop_sequences", ""},
    {"cohere", 5, "thinking.token_budget", ""},
    {"cohere", 3, "tool_choice", "=REQUIRED"},
    {"cohere", 3, "tool_choice", "=NONE"},
    {"cohere", 3, "messages.*.tool_plan", ""},
    {"bedrock", 3, "inferenceConfig", "{"},
    {"bedrock", 3, "toolConfig", "{"},
    {"bedrock", 3, "additionalModelRequestFields", ""},
    {"bedrock", 3, "guardrailConfig", "{"},
    {"bedrock", 3, "messages.*.content.*.!type", ""},
    {"bedrock", 4, "system.*.!type", ""},
};

static const struct hint answer_hints[] = {
    {"openai", 3, "choices", "["},
    {"openai", 3, "object", "^chat.completion"},
    {"openai", 3, "object", "=error"}, /* Mistral's errors */
    {"openai", 2, "error", ""},
    {"openai", 3, "code", ""},
    {"openai", 1, "param", ""},
    {"completions", 5, "object", "=text_completion"},
    {"responses", 5, "object", "=response"},
    {"responses", 5, "type", "^response."},
    {"responses", 3, "output", "["},
    {"responses", 1, "sequence_number", ""},
    {"responses", 4, "type", "=error"},
    {"responses", 1, "!error", ""},
    {"anthropic", 5, "type", "=message"},
    {"anthropic", 5, "type", "^message_"},
    {"anthropic", 5, "type", "^content_block_"},
    {"anthropic", 5, "type", "=ping"},
    {"anthropic", 4, "type", "=error"},
    {"anthropic", 2, "error.type", ""},
    {"gemini", 4, "candidates", "["},
    {"gemini", 4, "promptFeedback", "{"},
    {"gemini", 2, "usageMetadata", "{"},
    {"gemini", 1, "modelVersion", ""},
    {"gemini", 4, "error.status", "\""},
    {"ollama", 3, "done", "?"},
    {"ollama", 1, "created_at", "\""},
    {"cohere", 5, "type", "^message-"},
    {"cohere", 5, "type", "^content-"},
    {"cohere", 5, "type", "^tool-"},
    {"cohere", 5, "type", "^citation-"},
    {"cohere", 3, "message.content", "["},
    {"cohere", 2, "message.tool_calls", "["},
    {"cohere", 1, "finish_reason", "\""},
    {"cohere", 2, "usage.billed_units", "{"},
    {"cohere", 2, "message", "\""},
    {"bedrock", 4, "output.message", "{"},
    {"bedrock", 2, "stopReason", "\""},
    {"bedrock", 1, "metrics.latencyMs", ""},
    {"bedrock", 3, "message", "\""},
    {"bedrock", -2, "id", ""},
};

static int
fits(const struct json *j, int node, const char *want)
{
	size_t n, len;
	const char *raw;

	switch (*want) {
	case '{':
		return json_type(j, node) == JSON_OBJECT;
	case '[':
		return json_type(j, node) == JSON_ARRAY;
	case '"':
		return json_type(j, node) == JSON_STRING;
	case '?':
		return json_bool(j, node) >= 0;
	case '=':
		return json_eq(j, node, want + 1);
	case '^':
		raw = json_raw(j, node, &n);
		len = strlen(want + 1);
		return json_type(j, node) == JSON_STRING && n >= len + 2 && memcmp(raw + 1, want + 1, len) == 0;
	default:
		return json_type(j, node) != JSON_NONE && json_type(j, node) != JSON_NULL;
	}
}

static int
speaks(const struct json *j, int node, const char *path, const char *want)
{
	size_t n = strcspn(path, ".");

	if (!*path)
		return fits(j, node, want);
	const char *rest = path + n + (path[n] == '.');
	if (*path == '!')
		return json_type(j, node) == JSON_OBJECT && json_getn(j, node, path + 1, n - 1) < 0;
	if (*path == '0')
		return speaks(j, json_type(j, node) == JSON_ARRAY ? json_child(j, node) : -1, rest, want);
	if (*path != '*')
		return speaks(j, json_getn(j, node, path, n), rest, want);
	if (json_type(j, node) != JSON_ARRAY)
		return 0;
	for (int c = json_child(j, node); c >= 0; c = json_next(j, node, c))
		if (speaks(j, c, rest, want))
			return 1;
	return 0;
}

int
detect_is_request(const struct json *j)
{
	static const char *const theirs[] = {"choices", "candidates", "object", "error", "output", "done"};
	static const char *const ours[] = {"messages", "contents", "prompt", "input"};

	for (size_t i = 0; i < N(theirs); i++)
		if (json_get(j, 0, theirs[i]) >= 0)
			return 0;
	for (size_t i = 0; i < N(ours); i++)
		if (json_get(j, 0, ours[i]) >= 0)
			return 1;
	return 0;
}

int
detect_is_answer(const struct json *j)
{
	for (size_t i = 0; i < N(answer_hints); i++)
		if (answer_hints[i].weight > 1 && speaks(j, 0, answer_hints[i].path, answer_hints[i].want))
			return 1;
	return 0;
}

const char *
detect_format(const struct json *j, int is_request)
{
	static const char *const formats[] = {
	    "openai", "completions", "responses", "anthropic", "gemini", "ollama", "cohere", "bedrock"};
	const struct hint *hints = is_request ? request_hints : answer_hints;
	size_t n = is_request ? N(request_hints) : N(answer_hints), best = 0;
	int sum[N(formats)] = {0}, tie = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t f = 0; f < N(formats); f++)
			if (strcmp(formats[f], hints[i].format) == 0 && speaks(j, 0, hints[i].path, hints[i].want))
				sum[f] += hints[i].weight;
	for (size_t f = 1; f < N(formats); f++) {
		if (sum[f] > sum[best]) {
			best = f;
			tie = 0;
		} else if (sum[f] == sum[best]) {
			tie = 1;
		}
	}
	return formats[tie || sum[best] < ENOUGH ? 0 : best];
}

int
detect_is_stream(enum detect_shape shape, const struct json *j, const char *format)
{
	switch (shape) {
	case DETECT_SSE:
	case DETECT_FRAMES:
		return 1;
	case DETECT_ARRAY:
		return strcmp(format, "gemini") == 0;
	default: /* Ollama's lines but for the last one, which stands alone where no stream was asked for */
		return strcmp(format, "ollama") == 0 && json_bool(j, json_get(j, 0, "done")) == 0;
	}
}
