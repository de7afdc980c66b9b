/* SPDX-License-Identifier: ISC */
#include "serve/outlet.h"

#include <string.h>

#include "serve/visit.h"
#include "str.h"

static int
asks_for_events(const struct visit *v)
{
	struct buf alt = BUF_INIT;
	int events = visit_query(v, "alt", &alt) == 0 && strcmp(buf_str(&alt), "sse") == 0;

	buf_release(&alt);
	return events;
}

void
outlet_init(struct outlet *o, struct visit *v, int streams)
{
	*o = (struct outlet){.v = v, .in_array = streams && v->front == &front_gemini && !asks_for_events(v)};
}

/* The head, where it hasn't gone out. */
static void
begin(struct outlet *o)
{
	struct exchange *x = o->v->x;

	if (exchange_begun(x))
		return;
	visit_fields(o->v);
	exchange_field(x, "Cache-Control", "no-cache");
	exchange_begin(x, 200, o->in_array ? o->v->front->type : o->v->front->stream_type);
	if (o->in_array)
		exchange_write(x, "[", 1);
}

int
outlet_takes_comments(const struct visit *v)
{
	/* Google's own clients choke on what isn't data, Ollama's on blank lines; frames have no such thing */
	return v->front != &front_gemini && strcmp(v->front->stream_type, "text/event-stream") == 0;
}

void
outlet_comment(struct outlet *o)
{
	static const char comment[] = ": OPENROUTER PROCESSING\n\n";

	begin(o);
	if (!exchange_full(o->v->x))
		exchange_write(o->v->x, comment, sizeof(comment) - 1);
}

/* Events of Google's stream as elements of the array that it sends where nobody asks for events. */
static void
write_elements(struct outlet *o, const struct buf *events)
{
	struct buf b = BUF_INIT;

	for (const char *p = buf_str(events), *end; *p; p = end) {
		size_t n = strcspn(p, "\r\n");
		end = p + n + strspn(p + n, "\r\n");
		if (str_starts(p, "data: ")) {
			p += strlen("data: ");
			n -= strlen("data: ");
		}
		if (n && o->n_elements++)
			buf_adds(&b, ",\r\n");
		buf_add(&b, p, n);
	}
	exchange_write(o->v->x, buf_str(&b), b.len);
	buf_release(&b);
}

void
outlet_write(struct outlet *o, struct buf *b)
{
	begin(o);
	if (o->in_array)
		write_elements(o, b);
	else
		exchange_write(o->v->x, buf_str(b), b->len);
	buf_release(b);
}

void
outlet_end(struct outlet *o, int well)
{
	/* OpenRouter's way, not OpenAI's, whose clients know it all the same */
	static const char done[] = "data: [DONE]\n\n";

	if (o->in_array)
		exchange_write(o->v->x, "]", 1);
	if (well && o->v->front == &front_responses)
		exchange_write(o->v->x, done, sizeof(done) - 1);
	exchange_end(o->v->x);
}
