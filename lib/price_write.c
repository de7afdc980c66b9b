/* SPDX-License-Identifier: ISC */
/* Prices as a catalog has them: part of price. */
#include "price.h"

#include "buf.h"
#include "jsonw.h"

static void
write_items(struct jsonw *w, const price_t *item, unsigned which)
{
	struct buf b = BUF_INIT;

	for (int i = 0; i < PRICE_N_ITEMS; i++) {
		if (!(which & 1u << i))
			continue;
		buf_clear(&b);
		if (item[i] == PRICE_UNKNOWN)
			buf_adds(&b, "-1");
		else
			price_emit(&b, item[i]);
		jsonw_member(w, pricing_key((enum price_item)i), b.p);
	}
	buf_release(&b);
}

static void
write_condition(struct jsonw *w, const char *key, int64_t v)
{
	if (v < 0)
		return;
	jsonw_key(w, key);
	jsonw_int(w, v);
}

static void
write_rule(struct jsonw *w, const struct price_rule *r)
{
	jsonw_object(w);
	write_condition(w, "min_prompt_tokens", r->min_prompt_tokens);
	write_condition(w, "utc_start", r->utc_start);
	write_condition(w, "utc_end", r->utc_end);
	write_items(w, r->item, r->set);
	jsonw_end_object(w);
}

void
pricing_write(const struct pricing *p, struct jsonw *w)
{
	struct pricing told = *p;

	for (int i = PRICE_PROMPT; i <= PRICE_COMPLETION; i++)
		if (!(p->has & 1u << i))
			told.item[i] = PRICE_UNKNOWN;
	jsonw_object(w);
	write_items(w, told.item, p->has | 1u << PRICE_PROMPT | 1u << PRICE_COMPLETION);
	if (p->n_rules) {
		jsonw_key(w, "overrides");
		jsonw_array(w);
		for (int i = 0; i < p->n_rules; i++)
			write_rule(w, &p->rule[i]);
		jsonw_end_array(w);
	}
	jsonw_end_object(w);
}
