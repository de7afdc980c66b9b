/* SPDX-License-Identifier: ISC */
/* Old ways of a request, said in today's. */
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "tap.h"
#include "wire/modern.h"

/* want NULL: nothing is changed. */
static void
is(const char *in, const char *want)
{
	struct json j = JSON_INIT;
	struct buf out = BUF_INIT;
	struct err e = {0};

	if (json_parse(&j, in, strlen(in), &e))
		printf("Bail out! %s: %s\n", in, e.msg);
	int r = modern_request(&j, &out);
	tap_is_int(r, want != NULL, in);
	tap_is_str(buf_str(&out), want ? want : "", "and what becomes of it");
	json_release(&j);
	buf_release(&out);
}

#define MESSAGES(m) "{\"messages\":[" m "]}"

int
main(void)
{
	is("[]", NULL);
	is("{}", NULL);
	is(MESSAGES("{\"role\":\"user\",\"content\":\"Hi\"}"), NULL);
	is("{\"tool_choice\":\"auto\"}", NULL);
	is("{\"tool_choice\":\"any\"}", "{\"tool_choice\":\"required\"}");
	is("{\"tool_choice\":{\"function\":{\"name\":\"f\"}}}",
	    "{\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}}");
	is("{\"functions\":[{\"name\":\"f\"}],\"function_call\":{\"name\":\"f\"}}",
	    "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}}");
	is("{\"functions\":[{\"name\":\"f\"}],\"function_call\":\"auto\",\"x\":1}",
	    "{\"x\":1,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":\"auto\"}");
	is(MESSAGES("{\"role\":\"assistant\",\"function_call\":{\"name\":\"f\",\"arguments\":\"{}\"}},"
		    "{\"role\":\"function\",\"name\":\"f\",\"content\":\"1\"}"),
	    MESSAGES(
		"{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\","
		"\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"name\":\"f\",\"content\":\"1\",\"tool_call_id\":\"call_1\"}"));
	is(MESSAGES("{\"role\":\"assistant\",\"reasoning_content\":\"hm\"}"),
	    MESSAGES("{\"role\":\"assistant\",\"reasoning\":\"hm\"}"));
	is(MESSAGES("{\"role\":\"assistant\",\"reasoning\":\"a\",\"reasoning_content\":\"b\"}"),
	    MESSAGES("{\"role\":\"assistant\",\"reasoning\":\"a\"}"));
	is(MESSAGES("{\"role\":\"assistant\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"a\"},"
		    "{\"type\":\"reasoning.summary\",\"summary\":\"b\"}]}"),
	    MESSAGES("{\"role\":\"assistant\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"a\"},"
		     "{\"type\":\"reasoning.summary\",\"summary\":\"b\"}],\"reasoning\":\"ab\"}"));
	is(MESSAGES("{\"role\":\"assistant\",\"reasoning\":\"a\",\"reasoning_details\":[{\"text\":\"a\"}]}"), NULL);
	return tap_done();
}
