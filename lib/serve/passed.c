/* SPDX-License-Identifier: ISC */
#include "serve/passed.h"

#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "serve/visit.h"

#define MAX_TAIL (64 * 1024 * 1024 + sizeof(size_t)) /* as much as a whole answer may have */

int
passed_takes(const struct front *f)
{
	return f != &front_ollama_generate && splice_takes(f->name);
}

void
passed_offer(struct passed *p, const struct visit *v, struct call_spec *s)
{
	const struct buf *body = &exchange_request(v->x)->body;

	if (!passed_takes(v->front))
		return;
	p->own = (struct splice_own){.format = v->front->name, .body = buf_str(body), .n = body->len, .only = p->only};
	if (v->front == &front_anthropic)
		p->own.beta = http1_get(exchange_request(v->x), "anthropic-beta");
	s->own = &p->own;
}

void
passed_clear(struct passed *p)
{
	p->is_on = 0;
	buf_clear(&p->tail);
}

void
passed_release(struct passed *p)
{
	buf_release(&p->tail);
	buf_release(&p->unheard);
	free(p->only);
}

int
passed_unit(struct passed *p, const char *unit, size_t n, int waits)
{
	if (!waits && !p->tail.len && !splice_is_end(p->own.format, unit, n))
		return 0;
	if (p->tail.len + n > MAX_TAIL)
		return -1;
	buf_add(&p->tail, (const char *)&n, sizeof(n));
	buf_add(&p->tail, unit, n);
	return 1;
}

void
passed_end(struct passed *p, const char *cost, struct buf *out)
{
	size_t n;

	for (size_t at = 0; at < p->tail.len; at += n) {
		memcpy(&n, p->tail.p + at, sizeof(n));
		at += sizeof(n);
		splice_cost(p->own.format, p->tail.p + at, n, cost, out);
	}
	buf_clear(&p->tail);
}

void
passed_close(struct passed *p, const char *cost, struct buf *out)
{
	static const char stop[] = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
			  word[] = "\"message_stop\"";
	int lacks = strcmp(p->own.format, "anthropic") == 0 && p->tail.len &&
	    !memmem(p->tail.p, p->tail.len, word, sizeof(word) - 1);

	passed_end(p, cost, out);
	if (lacks)
		buf_add(out, stop, sizeof(stop) - 1);
}
