/* SPDX-License-Identifier: ISC */
#include "event.h"

const char *
event_name(enum event_type t)
{
	static const char *const names[] = {
	    [EVENT_START] = "start",
	    [EVENT_TEXT] = "text",
	    [EVENT_REASONING] = "reasoning",
	    [EVENT_TOOL_BEGIN] = "tool_begin",
	    [EVENT_TOOL_ARGS] = "tool_args",
	    [EVENT_TOOL_END] = "tool_end",
	    [EVENT_MEDIA] = "media",
	    [EVENT_ANNOTATION] = "annotation",
	    [EVENT_LOGPROBS] = "logprobs",
	    [EVENT_VECTOR] = "vector",
	    [EVENT_FINISH] = "finish",
	    [EVENT_USAGE] = "usage",
	    [EVENT_MORE] = "more",
	    [EVENT_ERROR] = "error",
	};

	return names[t];
}

int
event_is_content(enum event_type t)
{
	return t >= EVENT_TEXT && t <= EVENT_VECTOR;
}
