/* SPDX-License-Identifier: ISC */
/*
 * The order of those that qualify. All that decides about it stands in one number, most significant first: does it miss a preferred
 * throughput or latency (over all models of a chain), the model, the group, the place in order, the class, does it miss one (among its
 * model's). Within that a second number, then the tag, bytewise.
 */
#include <string.h>

#include "route_priv.h"

#define TROUBLE_MS 30000  /* a failure counts for so long */
#define UPTIME_NORMAL 950 /* of a thousand */
#define UPTIME_DEGRADED 800
#define ENOUGH_CALLS 10 /* of one's own, to say anything */
#define LAST INT64_MAX  /* a figure that isn't known */
#define WEIGHT_BITS 20  /* of a price in relation to the cheapest one */

enum group { GROUP_STICKY, GROUP_OWN, GROUP_ORDER, GROUP_OWN_TOO, GROUP_TIER, GROUP_REST };
enum class { CLASS_CLEAN, CLASS_TROUBLE, CLASS_DOWN };

#define SLOW_OVER_ALL ((uint64_t)1 << 63)
#define MODEL_SHIFT 31
#define GROUP_SHIFT 28
#define ORDER_SHIFT 18
#define CLASS_SHIFT 16
#define SLOW_BIT ((uint64_t)1 << 15)

#define GROUP_OF(place) ((enum group)((place) >> GROUP_SHIFT & 7))
#define CLASS_OF(place) ((enum class)((place) >> CLASS_SHIFT & 3))

/* How the endpoints of one model are to be put in order. */
struct manner {
	enum route_sort sort;
	int draws; /* by chance, and with regard to trouble */
};

static struct manner
manner_of(const struct route_run *r, int chain)
{
	unsigned variant = route_variants(r, r->q->across ? 0 : chain);
	enum route_sort sort = r->p->sort ? r->p->sort : r->q->sort;

	if (sort == SORT_DEFAULT)
		sort = variant & VARIANT_FLOOR ? SORT_PRICE
		    : variant & VARIANT_NITRO  ? SORT_THROUGHPUT
		    : variant & VARIANT_EXACTO ? SORT_EXACTO
					       : SORT_DEFAULT;
	return (struct manner){sort, sort == SORT_DEFAULT && !r->q->order.n};
}

static int
keeps_cutoffs(const struct route_query *q, const struct endpoint *ep)
{
	for (int i = 0; i < N_PERCENTILES; i++)
		if ((q->min_mtok_s[i] >= 0 && ep->past.mtok_s[i] < q->min_mtok_s[i]) ||
		    (q->max_ttft_ms[i] >= 0 && (ep->past.ttft_ms[i] < 0 || ep->past.ttft_ms[i] > q->max_ttft_ms[i])))
			return 0;
	return 1;
}

static enum class class_of(const struct endpoint *ep, int64_t now_ms) {
	const struct endpoint_past *past = &ep->past;

	if (past->benched_ms > now_ms || ep->status == -5 ||
	    (ep->uptime >= 0 && ep->uptime < UPTIME_DEGRADED)) return CLASS_DOWN;
	if ((past->failed_ms > 0 && past->failed_ms > now_ms - TROUBLE_MS) || ep->status == -2 || ep->status == -3 ||
	    (ep->uptime >= 0 && ep->uptime < UPTIME_NORMAL) ||
	    (past->n_calls >= ENOUGH_CALLS && past->success >= 0 &&
		past->success < UPTIME_NORMAL)) return CLASS_TROUBLE;
	return CLASS_CLEAN;
}

/* OpenRouter itself follows the order on its own: it stands behind those that are named here. */
static unsigned
named(const struct route_query *q, const struct endpoint *ep)
{
	for (size_t i = 0; i < q->order.n; i++)
		if (endpoint_matches(ep, q->order.v[i].s, q->order.v[i].n))
			return (unsigned)i;
	return ROUTE_UNNAMED;
}

/* Only where the cached prompt is cheaper there. */
static int
is_sticky(const struct route_run *r, const struct endpoint *ep)
{
	if (!r->p->sticky || r->q->order.n || !endpoint_is(ep, r->p->sticky))
		return 0;
	price_t read = pricing_item(&ep->pricing, PRICE_CACHE_READ, r->q->tokens, r->hhmm);
	price_t prompt = pricing_item(&ep->pricing, PRICE_PROMPT, r->q->tokens, r->hhmm);
	return read != PRICE_UNKNOWN && prompt != PRICE_UNKNOWN && read < prompt;
}

/* Does order name an own key of the same model? Then the others stand behind what it names. */
static int
names_own(const struct route_run *r, int chain)
{
	for (size_t i = 0; r->q->order.n && i < r->n; i++) {
		const struct endpoint *ep = r->v + r->item[i].endpoint;
		if (ep->own && (r->q->across || r->item[i].chain == chain) && named(r->q, ep) != ROUTE_UNNAMED)
			return 1;
	}
	return 0;
}

static enum group
group_of(const struct route_run *r, const struct route_item *it, const struct endpoint *ep)
{
	if (is_sticky(r, ep))
		return GROUP_STICKY;
	if (it->named != ROUTE_UNNAMED)
		return GROUP_ORDER;
	if (ep->own)
		return names_own(r, it->chain) ? GROUP_OWN_TOO : GROUP_OWN;
	return r->q->tier == ASK_PRIORITY && ep->tier == TIER_PRIORITY ? GROUP_TIER : GROUP_REST;
}

static int64_t
known_or_last(int64_t v)
{
	return v < 0 ? LAST : v;
}

static int64_t
key_of(const struct route_item *it, const struct endpoint *ep, enum route_sort sort)
{
	switch (sort) {
	case SORT_THROUGHPUT:
		return ep->past.mtok_s[P50] < 0 ? LAST : -(int64_t)ep->past.mtok_s[P50];
	case SORT_LATENCY:
		return known_or_last(ep->past.ttft_ms[P50]);
	case SORT_EXACTO:
		return it->endpoint;
	default:
		return known_or_last(it->cost_pusd);
	}
}

static enum route_reason
reason_of(const struct route_run *r, const struct route_item *it, const struct endpoint *ep, struct manner m, int slow)
{
	static const enum route_reason by_sort[] = {[SORT_DEFAULT] = REASON_FALLBACK,
	    [SORT_PRICE] = REASON_PRICE,
	    [SORT_THROUGHPUT] = REASON_THROUGHPUT,
	    [SORT_LATENCY] = REASON_LATENCY,
	    [SORT_EXACTO] = REASON_LISTED};
	enum group g = GROUP_OF(it->place);

	if (g == GROUP_STICKY || g == GROUP_ORDER)
		return g == GROUP_STICKY ? REASON_STICKY : REASON_ORDER;
	if (CLASS_OF(it->place) != CLASS_CLEAN)
		return ep->past.benched_ms > r->now_ms ? REASON_BENCHED : REASON_TROUBLE;
	if (slow)
		return REASON_SLOW;
	if (ep->own || ep->routes)
		return ep->own ? REASON_OWN_KEY : REASON_MODEL;
	return g == GROUP_TIER || ep->tier == TIER_FLEX ? REASON_TIER : by_sort[m.sort];
}

static void
place(struct route_run *r, struct route_item *it, int over_all)
{
	const struct endpoint *ep = r->v + it->endpoint;
	struct manner m = manner_of(r, it->chain);
	int slow = !keeps_cutoffs(r->q, ep);

	it->named = (uint16_t)named(r->q, ep);
	enum group g = group_of(r, it, ep);
	it->place = (uint64_t)g << GROUP_SHIFT;
	if (!r->q->across)
		it->place |= (uint64_t)(uint32_t)it->chain << MODEL_SHIFT;
	if (g == GROUP_ORDER)
		it->place |= (uint64_t)it->named << ORDER_SHIFT;
	if (m.draws && g != GROUP_STICKY)
		it->place |= (uint64_t)class_of(ep, r->now_ms) << CLASS_SHIFT;
	if (slow && g != GROUP_STICKY)
		it->place |= SLOW_BIT | (over_all ? SLOW_OVER_ALL : 0);
	it->key = key_of(it, ep, g == GROUP_TIER ? SORT_THROUGHPUT : m.sort);
	it->reason = (uint8_t)reason_of(r, it, ep, m, slow);
}

/* ── sorting ── */

static int
compare_names(const struct endpoint *a, const struct endpoint *b)
{
	int d = strcmp(a->tag, b->tag);

	if (!d)
		d = strcmp(a->model, b->model);
	if (!d)
		d = strcmp(a->provider, b->provider);
	return d ? d : strcmp(a->native, b->native);
}

static int
comes_before(const struct route_run *r, const struct route_item *a, const struct route_item *b)
{
	if (a->place != b->place)
		return a->place < b->place;
	if (a->key != b->key)
		return a->key < b->key;
	int d = compare_names(r->v + a->endpoint, r->v + b->endpoint);
	return d ? d < 0 : a->endpoint < b->endpoint;
}

/* Shell's, in place: most plans are short, and a long one isn't to be quadratic. Gaps by Ciura, and beyond. */
static void
sort(struct route_run *r)
{
	static const size_t gaps[] = {
	    1577396, 701064, 311584, 138482, 61547, 27354, 12157, 5403, 2401, 1067, 474, 210, 93, 41, 18, 7, 3, 1};

	for (size_t g = 0; g < sizeof(gaps) / sizeof(*gaps); g++)
		for (size_t i = gaps[g]; i < r->n; i++) {
			struct route_item it = r->item[i];
			size_t k = i;
			for (; k >= gaps[g] && comes_before(r, &it, &r->item[k - gaps[g]]); k -= gaps[g])
				r->item[k] = r->item[k - gaps[g]];
			r->item[k] = it;
		}
}

/* ── the draw ── */

static uint64_t
splitmix64(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* A number below n, which is small next to 2^64. */
static uint64_t
below(uint64_t *state, uint64_t n)
{
	__extension__ unsigned __int128 m = (unsigned __int128)splitmix64(state) * n;

	return (uint64_t)(m >> 64);
}

/* (least / cost)^2 in fixed point. Who is too dear for the point's digits has the least of chances, not none. */
static uint64_t
weight(int64_t least, int64_t cost)
{
	while (least >> (63 - WEIGHT_BITS)) {
		least >>= 1;
		cost >>= 1;
	}
	uint64_t part = ((uint64_t)least << WEIGHT_BITS) / (uint64_t)cost;
	return part ? part * part : 1;
}

/* Of n items by cost, unknown ones last: these weigh what the dearest known one does. */
static size_t
draw(struct route_run *r, const struct route_item *it, size_t n)
{
	size_t n_known = 0, n_free = 0, i = 0;
	uint64_t total = 0;

	while (n_known < n && it[n_known].cost_pusd != PUSD_UNKNOWN)
		n_free += it[n_known++].cost_pusd == 0;
	if (n_free || !n_known)
		return (size_t)below(&r->random, n_free ? n_free : n);
	uint64_t dearest = weight(it->cost_pusd, it[n_known - 1].cost_pusd);
	for (i = 0; i < n; i++)
		total += i < n_known ? weight(it->cost_pusd, it[i].cost_pusd) : dearest;
	uint64_t left = below(&r->random, total);
	for (i = 0; i + 1 < n; i++) {
		uint64_t w = i < n_known ? weight(it->cost_pusd, it[i].cost_pusd) : dearest;
		if (left < w)
			break;
		left -= w;
	}
	return i;
}

static void
draw_first(struct route_run *r, size_t at, size_t n)
{
	size_t k = at + draw(r, r->item + at, n);
	struct route_item it = r->item[k];

	if (it.reason == REASON_FALLBACK)
		it.reason = REASON_DRAWN;
	memmove(r->item + at + 1, r->item + at, (k - at) * sizeof(it));
	r->item[at] = it;
}

/* In each group that draws, the first of its best class. */
static void
draw_all(struct route_run *r)
{
	size_t i = 0, end;

	for (; i < r->n; i = end) {
		uint64_t first = r->item[i].place, group = first >> GROUP_SHIFT;
		size_t same = i;
		for (end = i; end < r->n && r->item[end].place >> GROUP_SHIFT == group; end++)
			same += r->item[end].place == first;
		int draws = GROUP_OF(first) == GROUP_OWN || GROUP_OF(first) == GROUP_REST;
		if (draws && same - i > 0 && manner_of(r, r->item[i].chain).draws && r->q->tier != ASK_FLEX)
			draw_first(r, i, same - i);
	}
}

/* Without fallbacks: what order names, else the first of each model. */
static void
cut_fallbacks(struct route_run *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct route_item *it = r->item + i;
		int stays = it->named != ROUTE_UNNAMED || r->v[it->endpoint].routes;
		if (!r->q->order.n) {
			stays = 1;
			for (size_t k = 0; k < kept && stays; k++)
				stays = !r->q->across && r->item[k].chain != it->chain;
		}
		if (stays)
			r->item[kept++] = *it;
		else
			route_exclude(r, it->endpoint, RULE_FALLBACKS);
	}
	r->n = kept;
}

static int
has_cutoffs(const struct route_query *q)
{
	for (int i = 0; i < N_PERCENTILES; i++)
		if (q->min_mtok_s[i] >= 0 || q->max_ttft_ms[i] >= 0)
			return 1;
	return 0;
}

void
route_rank(struct route_run *r)
{
	int over_all = has_cutoffs(r->q);

	for (size_t i = 0; i < r->n; i++)
		place(r, r->item + i, over_all);
	sort(r);
	draw_all(r);
	if (!r->q->allow_fallbacks)
		cut_fallbacks(r);
	if (r->n == 1)
		r->item->reason = REASON_ONLY_ONE;
}
