/* SPDX-License-Identifier: ISC */
/* All ways through the program are walked at once, one character of the text after the other: Thompson's
 * construction. */
#include "pattern.h"

#include <stdlib.h>

#include "mem.h"
#include "pattern_priv.h"
#include "str.h"

struct run {
	const struct pattern *p;
	const char *text;
	size_t n, at;    /* bytes of the text, and where we are */
	int *now, *next; /* instructions that wait for a character */
	size_t n_now, n_next;
	int *stack;
	size_t *seen; /* for each instruction: 1 + the last position at which it was reached */
	int matched;
	int64_t *steps;
};

uint32_t
pattern_char(const char *p, size_t n, size_t *len)
{
	const unsigned char *u = (const unsigned char *)p;

	switch (*len = utf8_len(u, n)) {
	case 1:
		return u[0];
	case 2:
		return (u[0] & 0x1fu) << 6 | (u[1] & 0x3fu);
	case 3:
		return (u[0] & 0x0fu) << 12 | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu);
	case 4:
		return (u[0] & 0x07u) << 18 | (u[1] & 0x3fu) << 12 | (u[2] & 0x3fu) << 6 | (u[3] & 0x3fu);
	default:
		*len = 1;
		return 0xfffd;
	}
}

static int
is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static int
at_border(const struct run *r)
{
	int before = r->at > 0 && is_word(r->text[r->at - 1]);
	int behind = r->at < r->n && is_word(r->text[r->at]);

	return before != behind;
}

/* Does the assertion hold here? */
static int
holds(const struct run *r, enum pattern_op op)
{
	switch (op) {
	case OP_BEGIN:
		return r->at == 0;
	case OP_END:
		return r->at == r->n;
	case OP_WORD:
		return at_border(r);
	default:
		return !at_border(r);
	}
}

/* Follows what needs no character from pc on; what waits for one joins the list of next. */
static void
reach(struct run *r, int pc)
{
	size_t n = 0;

	r->stack[n++] = pc;
	while (n > 0) {
		pc = r->stack[--n];
		if (r->seen[pc] == r->at + 1)
			continue;
		r->seen[pc] = r->at + 1;
		(*r->steps)--;
		const struct pattern_insn *i = r->p->code + pc;
		switch (i->op) {
		case OP_MATCH:
			r->matched = 1;
			break;
		case OP_SPLIT:
			r->stack[n++] = pc + i->y;
			/* fall through */
		case OP_JUMP:
			r->stack[n++] = pc + i->x;
			break;
		case OP_BEGIN:
		case OP_END:
		case OP_WORD:
		case OP_NOTWORD:
			if (holds(r, i->op))
				r->stack[n++] = pc + 1;
			break;
		default:
			r->next[r->n_next++] = pc;
		}
	}
}

static int
in_set(const struct pattern *p, const struct pattern_insn *i, uint32_t c)
{
	for (int k = i->x; k < i->x + i->y; k++) {
		if (c >= p->range[k].lo && c <= p->range[k].hi)
			return 1;
	}
	return 0;
}

static int
takes(const struct pattern *p, const struct pattern_insn *i, uint32_t c)
{
	switch (i->op) {
	case OP_CHAR:
		return c == (uint32_t)i->x;
	case OP_ANY:
		return c != '\n' && c != '\r' && c != 0x2028 && c != 0x2029;
	case OP_SET:
		return in_set(p, i, c);
	default:
		return !in_set(p, i, c);
	}
}

static void
swap(struct run *r)
{
	int *list = r->now;

	r->now = r->next;
	r->n_now = r->n_next;
	r->next = list;
	r->n_next = 0;
}

static int
search(struct run *r)
{
	size_t len;

	reach(r, 0);
	while (!r->matched && r->at < r->n) {
		uint32_t c = pattern_char(r->text + r->at, r->n - r->at, &len);
		swap(r);
		r->at += len;
		for (size_t k = 0; k < r->n_now; k++) {
			const struct pattern_insn *i = r->p->code + r->now[k];
			*r->steps -= i->op == OP_SET || i->op == OP_NOTSET ? 1 + i->y / 4 : 1;
			if (takes(r->p, i, c))
				reach(r, r->now[k] + 1);
		}
		reach(r, 0); /* a match may begin anywhere */
		if (*r->steps < 0)
			return -1;
	}
	return r->matched;
}

int
pattern_search(const struct pattern *p, const char *text, size_t n, int64_t *steps)
{
	int *lists = xcalloc(p->n_code * 4 + 1, sizeof(*lists)), found;
	struct run r = {.p = p, .text = text, .n = n, .steps = steps};

	r.now = lists;
	r.next = lists + p->n_code;
	r.stack = lists + p->n_code * 2; /* each instruction is followed once and pushes two at most */
	r.seen = xcalloc(p->n_code, sizeof(*r.seen));
	*steps -= (int64_t)p->n_code;
	found = search(&r);
	free(lists);
	free(r.seen);
	return found;
}
