/* SPDX-License-Identifier: ISC */
/* Why a choice ended: finish reasons, and the error that may stand behind one. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "err.h"
#include "json.h"
#include "wire/decoder.h"
#include "wire/openai.h"
#include "wire/openai_state.h"

static const char *
normal_reason(const char *s)
{
	static const struct {
		const char *from, *to;
	} table[] = {
	    {"stop", "stop"}, /* the common one */
	    {"length", "length"},
	    {"max_tokens", "length"},
	    {"max_output_tokens", "length"},
	    {"model_length", "length"},
	    {"model_context_window_exceeded", "length"},
	    {"tool_calls", "tool_calls"},
	    {"function_call", "tool_calls"},
	    {"tool_call", "tool_calls"},
	    {"tool_use", "tool_calls"},
	    {"content_filter", "content_filter"},
	    {"content_filtered", "content_filter"},
	    {"guardrail_intervened", "content_filter"},
	    {"safety", "content_filter"},
	    {"recitation", "content_filter"},
	    {"prohibited_content", "content_filter"},
	    {"blocklist", "content_filter"},
	    {"spii", "content_filter"},
	    {"image_safety", "content_filter"},
	    {"refusal", "content_filter"},
	    {"sensitive", "content_filter"}, /* Z.AI */
	    {"error", "error"},
	    {"network_error", "error"},
	    {"insufficient_system_resource", "error"},
	    {"abort", "error"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (strcasecmp(table[i].from, s) == 0)
			return table[i].to;
	return "stop"; /* stop, eos, end_turn, stop_sequence, ... : it ended of its own will */
}

static int
fail_with(struct decoder *d, const struct json *j, int node, const struct err *e)
{
	size_t n;
	const char *raw = json_raw(j, node, &n);

	return decoder_fail(d, e, raw, n);
}

/* finish_reason "error": with an object it says what happened, without it counts as a 502. */
static int
finish_error(struct decoder *d, const struct json *j, int c, const char *native)
{
	struct err e = {0};
	int node = -1;

	if (openai_error(j, 200, &e, &node))
		return fail_with(d, j, node, &e);
	int inner = json_get(j, c, "error");
	if (json_type(j, inner) == JSON_OBJECT) {
		openai_describe(j, inner, 200, &e);
		return fail_with(d, j, inner, &e);
	}
	err_set(
	    &e, ERR_TEMPORARY, "502 the provider failed while answering (%s)", native && *native ? native : "error");
	e.http = 502;
	return decoder_fail(d, &e, NULL, 0);
}

static char *
dup_word(const struct json *j, int node)
{
	char *s = json_dup(j, node, NULL);

	if (s && (!*s || strcmp(s, "null") == 0)) {
		free(s);
		s = NULL;
	}
	return s;
}

static int
end_choice(struct decoder *d, const struct json *j, int c, int choice, const char *normal, const char *native)
{
	struct openai_state *o = openai_state(d);
	struct event ev = {.type = EVENT_FINISH, .choice = choice, .s = normal, .n = strlen(normal), .native = native};
	int r = openai_flush_halves(d, choice);

	o->choice[choice].finished = 1;
	o->n_changes++;
	if (!r)
		r = openai_end_calls(d, choice);
	if (!r)
		r = decoder_emit(d, &ev);
	return !r && strcmp(normal, "error") == 0 ? finish_error(d, j, c, native) : r;
}

/* OpenRouter says it twice, with the end of the text and with the usage: the first counts. Snowflake says "" where it ends, too; in a
 * whole answer that is the end. */
int
openai_finish(struct decoder *d, const struct json *j, int c, int node, int choice, int whole)
{
	struct openai_choice *o = openai_state(d)->choice + choice;
	char *reason = NULL, *native = NULL;
	int r = 0;

	if (json_type(j, node) != JSON_STRING || o->finished)
		return 0;
	reason = dup_word(j, node);
	native = dup_word(j, json_get(j, c, "native_finish_reason"));
	if (reason)
		r = end_choice(d, j, c, choice, normal_reason(reason), native ? native : reason);
	else if (whole)
		r = end_choice(d, j, c, choice, o->n_call ? "tool_calls" : "stop", native);
	free(reason);
	free(native);
	return r;
}

/* An error object in a choice is one whatever its finish reason says; Snowflake's empty ones are none. */
int
openai_choice_error(struct decoder *d, const struct json *j, int node)
{
	struct err e = {0};

	if (json_count(j, node) == 0 || d->failed.kind)
		return 0;
	openai_describe(j, node, 200, &e);
	return fail_with(d, j, node, &e);
}
