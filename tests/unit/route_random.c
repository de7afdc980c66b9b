/* SPDX-License-Identifier: ISC */
/*
 * Random requests against real endpoints, where their file is there (else against some of the same shape), and every rule a second time, written
 * as plainly as can be: no endpoint in a plan that a rule leaves out, none left out without the reason that is told, each one there once, the
 * order obeyed, the same seed the same plan; and who is drawn how often. A part of a million requests; all of them where PROOF is set.
 */
#include "route.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "mem.h"
#include "tap.h"

#define SOME 20000
#define ALL 1000000
#define MAX_ENDPOINTS 100
#define MAX_SLUGS 3
#define MILLION ((price_t)10000000000000000) /* $1 per million tokens */
#define DRAWS 100000
#define LONG_AGO INT64_C(1780000000000)

static struct json j = JSON_INIT;
static struct route_query q;
static struct plan plan = PLAN_INIT, again = PLAN_INIT;
static struct endpoint world[MAX_ENDPOINTS];
static char *listed_tag[MAX_ENDPOINTS], *tier_tag[MAX_ENDPOINTS][3];
static size_t n_world;
static uint64_t state = 1;

/* ── chance ── */

static uint64_t
next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static int
pick(int n)
{
	return (int)(next() >> 33) % n;
}

static int
one_in(int n)
{
	return pick(n) == 0;
}

/* ── the world ── */

static int
load(struct buf *b)
{
	const char *given = getenv("OR_RECORDINGS");
	static const char *const under[] = {
	    "%s/../data/openrouter-endpoints-zdr.json", "%s/data/openrouter-endpoints-zdr.json"};
	char path[3][4096] = {"", "", "../shared/data/openrouter-endpoints-zdr.json"};
	FILE *f = NULL;
	size_t n;

	snprintf(path[0], sizeof(path[0]), under[0], given ? given : "/nowhere");
	snprintf(path[1], sizeof(path[1]), under[1], given ? given : "/nowhere");
	for (int i = 0; i < 3 && !f; i++)
		f = fopen(path[i], "r");
	if (!f)
		return -1;
	while ((n = fread(buf_reserve(b, 65536), 1, 65536, f)))
		b->len += n;
	fclose(f);
	return 0;
}

static void
make_up(struct buf *b)
{
	static const char *const quantization[] = {"fp8", "fp4", "unknown", "bf16", "mxfp4"};
	static const char *const params[] = {"\"max_tokens\",\"tools\"",
	    "\"max_tokens\",\"temperature\",\"top_p\",\"tools\",\"response_format\"",
	    "\"max_tokens\",\"temperature\",\"top_p\",\"tools\",\"response_format\",\"structured_outputs\",\"verbosity\""};

	buf_adds(b, "{\"data\":[");
	for (int i = 0; i < 83; i++)
		buf_addf(b,
		    "%s{\"model_id\":\"maker/model-%d\",\"provider_name\":\"P%d\",\"tag\":\"p%d%s\",\"context_length\":%d,\"max_completion_tokens\":%s,"
		    "\"pricing\":{\"prompt\":\"0.00000%02d\",\"completion\":\"0.0000%03d\",\"input_cache_read\":\"0.0000001\"},\"quantization\":\"%s\","
		    "\"status\":%d,\"uptime_last_30m\":%d.5,\"supported_parameters\":[%s]}",
		    i ? "," : "", i < 22 ? 0 : 1 + i % 7, i % 29, i % 29, i % 3 ? "/fp8" : "", i % 5 ? 1048576 : 131072,
		    i % 4 ? "131072" : "null", 14 + i % 17, 44 + i % 23, quantization[i % 5], i % 6 ? 0 : -2,
		    i % 6 ? 99 : 90, params[i % 3]);
	buf_adds(b, "]}");
}

static int
by_model(const void *a, const void *b)
{
	const struct endpoint *x = a, *y = b;
	int d = strcmp(x->model, y->model);

	return d ? d : strcmp(x->tag, y->tag);
}

static char *
with(const char *tag, const char *suffix)
{
	struct buf b = BUF_INIT;

	buf_add(&b, tag, strcspn(tag, "/"));
	buf_adds(&b, suffix);
	return buf_take(&b);
}

static void
build_world(void)
{
	struct buf text = BUF_INIT;
	struct err e = {0};
	int found = load(&text) == 0;

	if (!found)
		make_up(&text);
	if (json_parse(&j, text.p, text.len, &e))
		printf("# %s\n", e.msg);
	int list = json_get(&j, 0, "data");
	for (int i = json_child(&j, list); i >= 0 && n_world < MAX_ENDPOINTS; i = json_next(&j, list, i))
		if (tap_n == 0 && endpoint_parse(world + n_world++, &j, i, &e))
			tap_ok(0, "%s", e.msg);
	qsort(world, n_world, sizeof(*world), by_model);
	for (size_t i = 0; i < n_world; i++) {
		listed_tag[i] = tier_tag[i][TIER_STANDARD] = (char *)(uintptr_t)world[i].tag;
		tier_tag[i][TIER_PRIORITY] = with(world[i].tag, "/priority");
		tier_tag[i][TIER_FLEX] = with(world[i].tag, "/flex");
	}
	tap_is_int(
	    (long long)n_world, 83, found ? "the 83 endpoints of the file" : "83 endpoints, made up: there is no file");
	buf_release(&text);
}

static void
change_past(struct endpoint *ep, int64_t now)
{
	ep->past = (struct endpoint_past)ENDPOINT_PAST_UNKNOWN;
	for (int i = 0; i < N_PERCENTILES; i++) {
		ep->past.ttft_ms[i] = one_in(3) ? -1 : pick(4000);
		ep->past.mtok_s[i] = one_in(3) ? -1 : pick(100000);
	}
	ep->past.n_calls = pick(20);
	ep->past.success = one_in(2) ? -1 : 900 + pick(101);
	ep->past.failed_ms = one_in(4) ? now - pick(60000) : 0;
	ep->past.benched_ms = one_in(6) ? now - 30000 + pick(60000) : 0;
	ep->status = one_in(3) ? 0 : (int[]){0, 0, -2, -3, -5, 1}[pick(6)];
	ep->uptime = one_in(2) ? -1 : 700 + pick(301);
}

static void
change_one(size_t i, int64_t now)
{
	struct endpoint *ep = world + i;
	int kind = pick(8);

	ep->own = kind == 0;
	ep->routes = kind == 1;
	ep->provider = kind == 0 ? "direct" : "openrouter";
	ep->zdr = pick(3) - 1;
	ep->trains = pick(3) - 1;
	ep->tier = one_in(6) ? (enum endpoint_tier)(1 + pick(2)) : TIER_STANDARD;
	ep->tag = tier_tag[i][ep->tier];
	ep->params_known = !one_in(6);
	ep->modes_in = one_in(3) ? 0 : MODE_TEXT | (one_in(2) ? MODE_IMAGE : 0) | (one_in(3) ? MODE_FILE : 0);
	ep->modes_out = one_in(3) ? 0 : MODE_TEXT | (one_in(3) ? MODE_AUDIO : 0);
	ep->context = one_in(6) ? 0 : (int[]){4096, 9000, 131072, 1048576}[pick(4)];
	ep->max_output = one_in(4) ? 0 : (int[]){1000, 9000, 131072}[pick(3)];
	ep->max_prompt = one_in(6) ? 300 : 0;
	ep->image = one_in(3) ? pick(10) * MILLION : PRICE_UNKNOWN;
	ep->pricing.has = one_in(8) ? 0 : ep->pricing.has | 1u << PRICE_PROMPT | 1u << PRICE_COMPLETION;
	/* mornings cost more */
	ep->pricing.n_rules = one_in(4);
	ep->pricing.rule[0] =
	    (struct price_rule){.min_prompt_tokens = -1, .utc_start = 0, .utc_end = 1200, .set = 1u << PRICE_PROMPT};
	ep->pricing.rule[0].item[PRICE_PROMPT] = ep->pricing.item[PRICE_PROMPT] * 3;
	change_past(ep, now);
}

/* ── a request ── */

static struct buf sticky = BUF_INIT; /* an id */

static struct ask {
	const char *order[MAX_SLUGS], *only[MAX_SLUGS], *ignore[MAX_SLUGS];
	int n_order, n_only, n_ignore;
	int no_fallbacks, require, deny, zdr, distillable, across, web, compress;
	unsigned quantizations;
	enum route_sort sort;
	int max_prompt, max_completion, max_image; /* thousandths of dollars a million; -1 */
	int min_p50, min_p90, max_p50;             /* thousandths; -1 */
	enum route_tier tier;
	int max_tokens, tools, schema, json, verbosity, image, file, audio, temperature;
	struct route_policy policy;
	unsigned variant[8];
	int64_t now;
	uint64_t seed;
	const struct endpoint *v;
	size_t n;
} ask;

static int
pick_slugs(const char **out)
{
	int n = one_in(4) ? 1 + pick(MAX_SLUGS) : 0;

	for (int i = 0; i < n; i++) {
		size_t k = (size_t)(ask.v - world) + (size_t)pick((int)ask.n);
		out[i] = one_in(4) ? world[k].name
		    : one_in(3)    ? tier_tag[k][pick(3)]
		    : one_in(10)   ? "openrouter"
				   : listed_tag[k];
	}
	return n;
}

static void
change_policy(void)
{
	struct route_policy *p = &ask.policy;

	*p = (struct route_policy){
	    .max_prompt = PRICE_UNKNOWN, .max_completion = PRICE_UNKNOWN, .variant = ask.variant, .n_chain = 8};
	if (one_in(5))
		p->max_prompt = pick(4000) * MILLION / 1000;
	if (one_in(5))
		p->max_completion = pick(9000) * MILLION / 1000;
	if (one_in(6))
		p->min_context = 9000 + pick(2);
	if (one_in(6))
		p->need_params = PARAM_TOOLS | (one_in(3) ? PARAM_VERBOSITY : 0);
	if (one_in(6))
		p->need_modes = MODE_IMAGE;
	if (one_in(8))
		p->sort = (enum route_sort)(1 + pick(4));
	buf_clear(&sticky);
	endpoint_id(ask.v + pick((int)ask.n), &sticky);
	if (one_in(3))
		p->sticky = sticky.p;
	for (int i = 0; i < 8; i++)
		ask.variant[i] = one_in(6) ? 1u << pick(8) : 0;
}

static void
change_ask(void)
{
	size_t first = (size_t)pick((int)n_world), end = first + 1 + (size_t)pick((int)(n_world - first));
	int chain = -1;

	ask = (struct ask){.max_prompt = -1,
	    .max_completion = -1,
	    .max_image = -1,
	    .min_p50 = -1,
	    .min_p90 = -1,
	    .max_p50 = -1,
	    .max_tokens = -1};
	ask.v = world + first;
	ask.n = end - first;
	ask.now = LONG_AGO + (int64_t)(next() % 100000000000);
	for (size_t i = first; i < end; i++) {
		if (i == first || strcmp(world[i].model, world[i - 1].model) != 0)
			chain++;
		world[i].chain = chain;
		change_one(i, ask.now);
	}
	ask.n_order = pick_slugs(ask.order);
	ask.n_only = one_in(3) ? pick_slugs(ask.only) : 0;
	ask.n_ignore = pick_slugs(ask.ignore);
	ask.no_fallbacks = one_in(8);
	ask.require = one_in(8);
	ask.deny = one_in(8);
	ask.zdr = one_in(8);
	ask.distillable = one_in(16);
	ask.across = one_in(4);
	ask.web = one_in(16);
	ask.compress = pick(3) - 1;
	ask.quantizations = one_in(8) ? 1 + (unsigned)pick(7) : 0;
	ask.sort = one_in(2) ? SORT_DEFAULT : (enum route_sort)pick(5);
	if (one_in(6))
		ask.max_prompt = pick(5000);
	if (one_in(6))
		ask.max_completion = pick(9000);
	if (one_in(6))
		ask.max_image = pick(8);
	if (one_in(6))
		ask.min_p50 = pick(90000);
	if (one_in(10))
		ask.min_p90 = pick(50000);
	if (one_in(10))
		ask.max_p50 = pick(4000);
	ask.tier = one_in(2) ? ASK_ANY : (enum route_tier)pick(4);
	ask.max_tokens = one_in(3) ? 1 + pick(10000) : -1;
	ask.tools = one_in(5);
	ask.schema = one_in(8);
	ask.json = !ask.schema && one_in(8);
	ask.verbosity = one_in(8);
	ask.image = one_in(8);
	ask.file = one_in(8);
	ask.audio = one_in(10);
	ask.temperature = one_in(4);
	ask.seed = next();
	change_policy();
}

static void
write_list(struct buf *b, const char *key, const char *const *v, int n)
{
	if (!n)
		return;
	buf_addf(b, ",\"%s\":[", key);
	for (int i = 0; i < n; i++)
		buf_addf(b, "%s\"%s\"", i ? "," : "", v[i]);
	buf_adds(b, "]");
}

static const char *const sorts[] = {"", "price", "throughput", "latency", "exacto"};

static void
write_provider(struct buf *b)
{
	buf_addf(b, "\"provider\":{\"allow_fallbacks\":%s", ask.no_fallbacks ? "false" : "true");
	write_list(b, "order", ask.order, ask.n_order);
	write_list(b, "only", ask.only, ask.n_only);
	write_list(b, "ignore", ask.ignore, ask.n_ignore);
	buf_adds(b, ask.require ? ",\"require_parameters\":true" : "");
	buf_adds(b, ask.deny ? ",\"data_collection\":\"deny\"" : "");
	buf_adds(b, ask.zdr ? ",\"zdr\":true" : "");
	buf_adds(b, ask.distillable ? ",\"enforce_distillable_text\":true" : "");
	if (ask.quantizations)
		buf_addf(b, ",\"quantizations\":[\"int4\"%s%s%s]", ask.quantizations & 1 ? ",\"fp8\"" : "",
		    ask.quantizations & 2 ? ",\"fp4\"" : "", ask.quantizations & 4 ? ",\"unknown\"" : "");
	if (ask.sort)
		buf_addf(b, ",\"sort\":{\"by\":\"%s\",\"partition\":\"%s\"}", sorts[ask.sort],
		    ask.across ? "none" : "model");
	else if (ask.across)
		buf_adds(b, ",\"sort\":{\"partition\":\"none\"}");
	buf_adds(b, ",\"max_price\":{\"request\":1");
	if (ask.max_prompt >= 0)
		buf_addf(b, ",\"prompt\":%d.%03d", ask.max_prompt / 1000, ask.max_prompt % 1000);
	if (ask.max_completion >= 0)
		buf_addf(b, ",\"completion\":\"%d.%03d\"", ask.max_completion / 1000, ask.max_completion % 1000);
	if (ask.max_image >= 0)
		buf_addf(b, ",\"image\":%d.5e-6", ask.max_image);
	buf_adds(b, "}");
	if (ask.min_p50 >= 0 || ask.min_p90 >= 0) {
		buf_adds(b, ",\"preferred_min_throughput\":{\"p75\":null");
		if (ask.min_p50 >= 0)
			buf_addf(b, ",\"p50\":%d.%03d", ask.min_p50 / 1000, ask.min_p50 % 1000);
		if (ask.min_p90 >= 0)
			buf_addf(b, ",\"p90\":%d.%03d", ask.min_p90 / 1000, ask.min_p90 % 1000);
		buf_adds(b, "}");
	}
	if (ask.max_p50 >= 0)
		buf_addf(b, ",\"preferred_max_latency\":%d.%03d", ask.max_p50 / 1000, ask.max_p50 % 1000);
	buf_adds(b, "}");
}

static void
write_request(struct buf *b)
{
	static const char *const tiers[] = {"", "default", "priority", "flex"};

	buf_clear(b);
	buf_addf(b,
	    "{\"model\":\"a/b\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"%.*s\"}",
	    pick(30), "how far is it to the sea, and back?");
	buf_adds(b, ask.image ? ",{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}" : "");
	buf_adds(b, ask.file ? ",{\"type\":\"file\",\"file\":{\"file_id\":\"f\"}}" : "");
	buf_adds(b, "]}],");
	write_provider(b);
	if (ask.tier)
		buf_addf(b, ",\"service_tier\":\"%s\"", tiers[ask.tier]);
	if (ask.max_tokens >= 0)
		buf_addf(b, ",\"max_tokens\":%d", ask.max_tokens);
	buf_adds(b, ask.tools ? ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]" : "");
	buf_adds(b, ask.schema ? ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{}}" : "");
	buf_adds(b, ask.json ? ",\"response_format\":{\"type\":\"json_object\"}" : "");
	buf_adds(b, ask.verbosity ? ",\"verbosity\":\"low\"" : "");
	buf_adds(b, ask.audio ? ",\"modalities\":[\"text\",\"audio\"]" : "");
	buf_adds(b, ask.temperature ? ",\"temperature\":1" : "");
	buf_addf(b, ",\"plugins\":[{\"id\":\"web\",\"enabled\":%s}", ask.web ? "true" : "false");
	if (ask.compress)
		buf_addf(b, ",{\"id\":\"context-compression\",\"enabled\":%s}", ask.compress > 0 ? "true" : "false");
	buf_adds(b, "]}");
}

/* ── the rules, once more ── */

static int
means(const char *slug, const struct endpoint *ep)
{
	char base[100];

	if (strcasecmp(slug, ep->tag) == 0)
		return 1;
	if (strstr(ep->tag, "/priority") || strstr(ep->tag, "/flex"))
		return 0;
	snprintf(base, sizeof(base), "%s", ep->tag);
	base[strcspn(base, "/")] = '\0';
	return strcasecmp(slug, base) == 0 || strcasecmp(slug, ep->name) == 0 || strcasecmp(slug, ep->provider) == 0;
}

static int
any_means(const char *const *v, int n, const struct endpoint *ep)
{
	for (int i = 0; i < n; i++)
		if (means(v[i], ep))
			return 1;
	return 0;
}

static int
is_morning(void)
{
	return ask.now / 3600000 % 24 < 12;
}

static price_t
prompt_price(const struct endpoint *ep)
{
	if (ep->pricing.n_rules && is_morning())
		return ep->pricing.item[PRICE_PROMPT] * 3;
	return ep->pricing.has & 1u << PRICE_PROMPT ? ep->pricing.item[PRICE_PROMPT] : PRICE_UNKNOWN;
}

static price_t
completion_price(const struct endpoint *ep)
{
	return ep->pricing.has & 1u << PRICE_COMPLETION ? ep->pricing.item[PRICE_COMPLETION] : PRICE_UNKNOWN;
}

static int
too_dear(price_t p, price_t cap)
{
	return p == PRICE_UNKNOWN || p > cap;
}

static int
model_has(const struct endpoint *ep, enum endpoint_tier tier)
{
	for (size_t i = 0; i < ask.n; i++)
		if (ask.v[i].chain == ep->chain && ask.v[i].tier == tier)
			return 1;
	return 0;
}

static params_t
sent(void)
{
	params_t p = 0;

	p |= ask.max_tokens >= 0 ? PARAM_MAX_TOKENS : 0;
	p |= ask.tools ? PARAM_TOOLS : 0;
	p |= ask.schema ? PARAM_RESPONSE_FORMAT | PARAM_STRUCTURED_OUTPUTS : 0;
	p |= ask.json ? PARAM_RESPONSE_FORMAT : 0;
	p |= ask.verbosity ? PARAM_VERBOSITY : 0;
	p |= ask.temperature ? endpoint_param("temperature", 11) : 0;
	return p;
}

static int
breaks_price(const struct endpoint *ep)
{
	if (ep->routes)
		return 0;
	if (ask.max_prompt >= 0 && too_dear(prompt_price(ep), ask.max_prompt * MILLION / 1000))
		return 1;
	if (ask.max_completion >= 0 && too_dear(completion_price(ep), ask.max_completion * MILLION / 1000))
		return 1;
	return ask.max_image >= 0 && ep->image != PRICE_UNKNOWN && ep->image > ask.max_image * MILLION + MILLION / 2;
}

static int
breaks_context(const struct endpoint *ep, int at_router)
{
	if (at_router && (ask.compress > 0 || (ask.compress == 0 && ep->context <= 8192)))
		return 0;
	if (ep->max_prompt && q.tokens > ep->max_prompt)
		return 1;
	return ep->context && q.tokens + (ask.max_tokens > 0 ? ask.max_tokens : 0) > ep->context;
}

static int
breaks_tier(const struct endpoint *ep)
{
	unsigned variant = ask.variant[ep->chain];
	int may_admit = ask.n_order == 0 && ask.tier == ASK_ANY;
	int is_named = any_means(ask.order, ask.n_order, ep) || any_means(ask.only, ask.n_only, ep);

	if (ask.tier == ASK_FLEX && model_has(ep, TIER_FLEX) && ep->tier != TIER_FLEX)
		return ep->tier != TIER_STANDARD || !ep->routes;
	if (ep->tier == TIER_PRIORITY)
		return !(ask.tier == ASK_PRIORITY || is_named || (may_admit && variant & VARIANT_NITRO));
	if (ep->tier == TIER_FLEX)
		return !(ask.tier == ASK_FLEX || is_named || (may_admit && variant & VARIANT_FLOOR));
	return 0;
}

static int
lacks(const struct endpoint *ep, params_t need)
{
	if (!ep->params_known)
		return need && !ep->routes;
	return (need & ep->params) != need;
}

static int
breaks(enum route_rule rule, const struct endpoint *ep)
{
	int at_router = !ep->own;
	unsigned variant = ask.variant[ep->chain], bits;

	switch (rule) {
	case RULE_ONLY:
		return ask.n_only && !ep->routes && !any_means(ask.only, ask.n_only, ep);
	case RULE_IGNORE:
		return any_means(ask.ignore, ask.n_ignore, ep);
	case RULE_COLLECTION:
		return ask.deny && ep->trains != 0 && !(ep->trains < 0 && at_router);
	case RULE_ZDR:
		return ask.zdr && ep->zdr != 1 && !(ep->zdr < 0 && at_router);
	case RULE_DISTILLABLE:
		return ask.distillable && !at_router;
	case RULE_QUANTIZATIONS:
		bits = (ask.quantizations & 1 ? QUANT_FP8 | QUANT_MXFP8 : 0) |
		    (ask.quantizations & 2 ? QUANT_FP4 | QUANT_MXFP4 | QUANT_NVFP4 : 0) |
		    (ask.quantizations & 4 ? QUANT_UNKNOWN : 0) | QUANT_INT4;
		return ask.quantizations && !ep->routes &&
		    (ep->quantization ? !(ep->quantization & bits) : !(ask.quantizations & 4));
	case RULE_MAX_PRICE:
		return breaks_price(ep);
	case RULE_PARAMETERS:
		return ask.require && lacks(ep, sent());
	case RULE_CONTEXT:
		return breaks_context(ep, at_router);
	case RULE_MAX_TOKENS:
		return ep->max_output && ask.max_tokens > ep->max_output;
	case RULE_MODALITY:
		return (ep->modes_in &&
			   ((ask.image && !(ep->modes_in & MODE_IMAGE)) ||
			       (ask.file && !at_router && !(ep->modes_in & MODE_FILE)))) ||
		    (ep->modes_out && ask.audio && !(ep->modes_out & MODE_AUDIO));
	case RULE_TIER:
		return breaks_tier(ep);
	case RULE_ROUTER_ONLY:
		return ep->own &&
		    (ask.web || variant & (VARIANT_ONLINE | VARIANT_EXACTO | VARIANT_THINKING | VARIANT_EXTENDED));
	case RULE_CAP:
		return (ask.policy.max_prompt != PRICE_UNKNOWN && too_dear(prompt_price(ep), ask.policy.max_prompt)) ||
		    (ask.policy.max_completion != PRICE_UNKNOWN &&
			too_dear(completion_price(ep), ask.policy.max_completion));
	case RULE_MIN_CONTEXT:
		return ask.policy.min_context && ep->context < ask.policy.min_context &&
		    !(ep->routes && ep->context == 0);
	case RULE_NEEDS:
		return lacks(ep, ask.policy.need_params) ||
		    (ask.policy.need_modes && (ep->modes_in ? !(ep->modes_in & MODE_IMAGE) : !ep->routes));
	default:
		return 0;
	}
}

/* The first hard rule that it breaks; ROUTE_N_RULES. */
static enum route_rule
broken(const struct endpoint *ep)
{
	for (int r = 0; r < ROUTE_N_RULES; r++)
		if (breaks((enum route_rule)r, ep))
			return (enum route_rule)r;
	return ROUTE_N_RULES;
}

/* ── what is checked ── */

static const char *failed_why;

static int
fail(const char *why)
{
	if (!failed_why)
		failed_why = why;
	return 0;
}

static int
is_soft(enum route_rule r)
{
	return r == RULE_TOOLS || r == RULE_SCHEMA || r == RULE_VERBOSITY;
}

static int
takes(const struct endpoint *ep, params_t p)
{
	return ep->params_known && (ep->params & p);
}

/* fate: of each endpoint, the rule that left it out, or ROUTE_N_RULES. Does a model's other that got farther take what this one doesn't? */
static int
soft_holds(const enum route_rule *fate, size_t i, params_t p)
{
	int other = 0;

	for (size_t k = 0; k < ask.n; k++)
		other |= ask.v[k].chain == ask.v[i].chain &&
		    (fate[k] == ROUTE_N_RULES || fate[k] == RULE_FALLBACKS || is_soft(fate[k])) &&
		    (fate[k] == ROUTE_N_RULES || !is_soft(fate[k]) || fate[k] > fate[i]) && takes(ask.v + k, p);
	return other && !takes(ask.v + i, p) && !(ask.v[i].routes && !ask.v[i].params_known);
}

static int
exclusion_holds(const enum route_rule *fate, size_t i)
{
	enum route_rule first = broken(ask.v + i);

	switch (fate[i]) {
	case RULE_TOOLS:
		return first == ROUTE_N_RULES && ask.tools && soft_holds(fate, i, PARAM_TOOLS);
	case RULE_SCHEMA:
		return first == ROUTE_N_RULES && (ask.schema || ask.json) &&
		    (soft_holds(fate, i, PARAM_RESPONSE_FORMAT) ||
			(ask.schema && soft_holds(fate, i, PARAM_STRUCTURED_OUTPUTS)));
	case RULE_VERBOSITY:
		return first == ROUTE_N_RULES && ask.verbosity && soft_holds(fate, i, PARAM_VERBOSITY);
	case RULE_FALLBACKS:
		return first == ROUTE_N_RULES && ask.no_fallbacks &&
		    !(ask.n_order && any_means(ask.order, ask.n_order, ask.v + i));
	default:
		return first == fate[i];
	}
}

/* A soft need that somebody left in the plan meets, all of its model meet. */
static int
soft_is_whole(const enum route_rule *fate, params_t p, int asked)
{
	for (size_t i = 0; asked && i < ask.n; i++)
		if ((fate[i] == ROUTE_N_RULES || fate[i] == RULE_FALLBACKS) && soft_holds(fate, i, p))
			return 0;
	return 1;
}

static int
check_fates(void)
{
	enum route_rule fate[MAX_ENDPOINTS];
	int times[MAX_ENDPOINTS] = {0};

	for (size_t i = 0; i < plan.n; i++) {
		fate[plan.place[i].endpoint] = ROUTE_N_RULES;
		times[plan.place[i].endpoint]++;
	}
	for (size_t i = 0; i < plan.n_excluded; i++) {
		fate[plan.excluded[i].endpoint] = plan.excluded[i].rule;
		times[plan.excluded[i].endpoint]++;
	}
	for (size_t i = 0; i < ask.n; i++)
		if (times[i] != 1)
			return fail("an endpoint isn't there once");
	for (size_t i = 0; i < ask.n; i++)
		if (fate[i] == ROUTE_N_RULES && broken(ask.v + i) != ROUTE_N_RULES)
			return fail(route_rule(broken(ask.v + i)));
	for (size_t i = 0; i < ask.n; i++)
		if (fate[i] != ROUTE_N_RULES && !exclusion_holds(fate, i))
			return fail("an exclusion isn't explained");
	return soft_is_whole(fate, PARAM_TOOLS, ask.tools) &&
		soft_is_whole(fate, PARAM_STRUCTURED_OUTPUTS, ask.schema) &&
		soft_is_whole(fate, PARAM_RESPONSE_FORMAT, ask.json) &&
		soft_is_whole(fate, PARAM_VERBOSITY, ask.verbosity)
	    ? 1
	    : fail("a soft need isn't met");
}

/* ── the order ── */

struct rank {
	int slow, named, group, class;
	int64_t key;
};

static int
misses(int figure, int min, int max)
{
	return (min >= 0 || max >= 0) && (figure < 0 || (min >= 0 && figure < min) || (max >= 0 && figure > max));
}

static enum route_sort
sort_of(const struct endpoint *ep)
{
	unsigned variant = ask.variant[ask.across ? 0 : ep->chain];

	if (ask.policy.sort)
		return ask.policy.sort;
	if (ask.sort)
		return ask.sort;
	if (variant & VARIANT_FLOOR)
		return SORT_PRICE;
	if (variant & VARIANT_NITRO)
		return SORT_THROUGHPUT;
	return variant & VARIANT_EXACTO ? SORT_EXACTO : SORT_DEFAULT;
}

static int
class_of(const struct endpoint *ep)
{
	if (ep->past.benched_ms > ask.now || ep->status == -5 || (ep->uptime != -1 && ep->uptime < 800))
		return 2;
	if (ep->past.failed_ms && ask.now - ep->past.failed_ms < 30000)
		return 1;
	if (ep->past.n_calls >= 10 && ep->past.success != -1 && ep->past.success < 950)
		return 1;
	return ep->status == -2 || ep->status == -3 || (ep->uptime != -1 && ep->uptime < 950);
}

static int64_t
cost_of(const struct endpoint *ep)
{
	price_t in = prompt_price(ep), out = completion_price(ep), sum;
	int64_t most = ask.max_tokens >= 0 && ask.max_tokens < ROUTE_SOME_OUTPUT ? ask.max_tokens : ROUTE_SOME_OUTPUT;

	if (in == PRICE_UNKNOWN || out == PRICE_UNKNOWN)
		return PUSD_UNKNOWN;
	sum = in * q.tokens + out * most;
	price_t part = sum % 10000000000, whole = sum / 10000000000;
	return (int64_t)(part > 5000000000 || (part == 5000000000 && whole % 2) ? whole + 1 : whole);
}

static int
is_sticky(const struct endpoint *ep)
{
	int is = 0;
	struct buf id = BUF_INIT;
	price_t prompt = prompt_price(ep),
		cached = ep->pricing.has & 1u << PRICE_CACHE_READ ? ep->pricing.item[PRICE_CACHE_READ] : prompt;

	endpoint_id(ep, &id);
	if (ask.policy.sticky && ask.n_order == 0 && strcmp(id.p, ask.policy.sticky) == 0)
		is = cached != PRICE_UNKNOWN && prompt != PRICE_UNKNOWN && cached < prompt;
	buf_release(&id);
	return is;
}

static int
names_own(const struct endpoint *like)
{
	for (size_t i = 0; i < plan.n; i++) {
		const struct endpoint *ep = ask.v + plan.place[i].endpoint;
		if (ep->own && (ask.across || ep->chain == like->chain) && any_means(ask.order, ask.n_order, ep))
			return 1;
	}
	return 0;
}

static struct rank
rank(const struct plan_place *p)
{
	const struct endpoint *ep = ask.v + p->endpoint;
	struct rank r = {.named = -1};
	enum route_sort s = sort_of(ep);

	for (int i = ask.n_order - 1; i >= 0; i--)
		if (means(ask.order[i], ep))
			r.named = i;
	r.slow = misses(ep->past.mtok_s[P50], ask.min_p50, -1) || misses(ep->past.mtok_s[P90], ask.min_p90, -1) ||
	    misses(ep->past.ttft_ms[P50], -1, ask.max_p50);
	r.group = r.named >= 0                                      ? 1
	    : ep->own                                               ? (names_own(ep) ? 2 : 0)
	    : ask.tier == ASK_PRIORITY && ep->tier == TIER_PRIORITY ? 3
								    : 4;
	r.class = s == SORT_DEFAULT && ask.n_order == 0 ? class_of(ep) : 0;
	if (is_sticky(ep))
		r.group = -1, r.slow = r.class = 0;
	int64_t fast = ep->past.mtok_s[P50] < 0 ? INT64_MAX : -ep->past.mtok_s[P50];
	int64_t cost = p->cost_pusd < 0 ? INT64_MAX : p->cost_pusd;
	r.key = r.group == 3 || s == SORT_THROUGHPUT ? fast
	    : s == SORT_LATENCY                      ? (ep->past.ttft_ms[P50] < 0 ? INT64_MAX : ep->past.ttft_ms[P50])
	    : s == SORT_EXACTO                       ? p->endpoint
						     : cost;
	return r;
}

static int
is_drawn(const struct plan_place *p, const struct rank *r)
{
	return sort_of(ask.v + p->endpoint) == SORT_DEFAULT && ask.n_order == 0 && ask.tier != ASK_FLEX &&
	    (r->group == 0 || r->group == 4);
}

/* May b stand right behind a? begins: a is the first of its group. */
static int
follows(const struct plan_place *a, const struct plan_place *b, int *begins)
{
	struct rank x = rank(a), y = rank(b);
	int chain_a = ask.across ? 0 : ask.v[a->endpoint].chain, chain_b = ask.across ? 0 : ask.v[b->endpoint].chain,
	    drawn = *begins && is_drawn(a, &x);

	*begins = 1;
	if (x.slow != y.slow && (ask.min_p50 >= 0 || ask.min_p90 >= 0 || ask.max_p50 >= 0))
		return x.slow < y.slow;
	if (chain_a != chain_b)
		return chain_a < chain_b;
	if (x.group != y.group)
		return x.group < y.group;
	*begins = 0;
	if (x.named != y.named)
		return x.named < y.named;
	if (x.class != y.class)
		return x.class < y.class;
	return drawn || x.key < y.key ||
	    (x.key == y.key && strcmp(ask.v[a->endpoint].tag, ask.v[b->endpoint].tag) <= 0);
}

static int
check_fallbacks(void)
{
	int of_model[MAX_ENDPOINTS] = {0};

	for (size_t i = 0; ask.no_fallbacks && i < plan.n; i++) {
		const struct endpoint *ep = ask.v + plan.place[i].endpoint;
		if (ask.n_order ? !ep->routes && !any_means(ask.order, ask.n_order, ep)
				: of_model[ask.across ? 0 : ep->chain]++)
			return fail("a fallback that isn't allowed");
	}
	for (size_t i = 0; i < plan.n_excluded; i++) {
		const struct endpoint *ep = ask.v + plan.excluded[i].endpoint;
		if (plan.excluded[i].rule == RULE_FALLBACKS &&
		    (ask.n_order ? ep->routes : !of_model[ask.across ? 0 : ep->chain]))
			return fail("a fallback that is allowed");
	}
	return 1;
}

static int
check_order(void)
{
	int begins = 1;

	for (size_t i = 0; i < plan.n; i++)
		if (plan.place[i].cost_pusd != cost_of(ask.v + plan.place[i].endpoint))
			return fail("a cost is wrong");
	for (size_t i = 0; i + 1 < plan.n; i++)
		if (!follows(plan.place + i, plan.place + i + 1, &begins))
			return fail("the order is wrong");
	for (size_t i = 0; i < plan.n; i++)
		if ((plan.n == 1) != (plan.place[i].reason == REASON_ONLY_ONE))
			return fail("only one");
	return 1;
}

static int
is_same(const struct endpoint *a, const struct endpoint *b)
{
	return strcmp(a->tag, b->tag) == 0 && strcmp(a->model, b->model) == 0 && strcmp(a->provider, b->provider) == 0;
}

static int
check_seed(int turn)
{
	static struct endpoint turned[MAX_ENDPOINTS];
	const struct endpoint *v = ask.v;

	if (turn) {
		for (size_t i = 0; i < ask.n; i++)
			turned[i] = ask.v[ask.n - 1 - i];
		v = turned;
	}
	route_plan(&again, &q, v, ask.n, &ask.policy, ask.now, ask.seed);
	if (again.n != plan.n)
		return fail("the same seed gives another plan");
	for (size_t i = 0; i < plan.n; i++)
		if (!is_same(v + again.place[i].endpoint, ask.v + plan.place[i].endpoint))
			return fail(turn ? "the order of the array matters" : "the same seed gives another plan");
	return 1;
}

/* As listed is as listed. */
static int
is_listed(void)
{
	for (size_t i = 0; i < ask.n; i++)
		if (sort_of(ask.v + i) == SORT_EXACTO)
			return 1;
	return 0;
}

static int
check(struct buf *b, int turn)
{
	struct err e = {0};

	change_ask();
	write_request(b);
	if (json_parse(&j, b->p, b->len, &e) || route_read(&q, &j, &e))
		return fail(e.msg[0] ? "a request is refused" : "?");
	route_plan(&plan, &q, ask.v, ask.n, &ask.policy, ask.now, ask.seed);
	return check_fates() && check_fallbacks() && check_order() && check_seed(0) &&
	    (!turn || is_listed() || check_seed(1));
}

static void
test_random(int n)
{
	struct buf b = BUF_INIT;
	int64_t n_places = 0, n_excluded[ROUTE_N_RULES] = {0}, n_reasons[ROUTE_N_REASONS] = {0};
	int i, never = 0;

	for (i = 0; i < n && check(&b, i % 16 == 0); i++) {
		n_places += (int64_t)plan.n;
		for (size_t k = 0; k < plan.n; k++)
			n_reasons[plan.place[k].reason]++;
		for (size_t k = 0; k < plan.n_excluded; k++)
			n_excluded[plan.excluded[k].rule]++;
	}
	tap_ok(i == n, "%d requests, %" PRId64 " places in their plans%s", n, n_places,
	    n < ALL ? " (PROOF=1: a million)" : "");
	if (i < n)
		printf("# %s: request %d of %zu endpoints: %s\n", failed_why, i, ask.n, buf_str(&b));
	for (int r = 0; r < ROUTE_N_RULES; r++)
		never += n_excluded[r] == 0;
	tap_is_int(never, 0, "each rule left somebody out");
	never = 0;
	for (int r = 0; r < ROUTE_N_REASONS; r++)
		never += n_reasons[r] == 0;
	tap_is_int(never, 0, "each reason was given");
	buf_release(&b);
}

/* ── the draw ── */

static void
reset_world(void)
{
	for (size_t i = 0; i < n_world; i++) {
		world[i].own = world[i].routes = world[i].chain = 0;
		world[i].provider = "openrouter";
		world[i].tier = TIER_STANDARD;
		world[i].tag = listed_tag[i];
		world[i].past = (struct endpoint_past)ENDPOINT_PAST_UNKNOWN;
		world[i].status = 0;
		world[i].uptime = -1;
		world[i].max_prompt = 0;
		world[i].pricing.n_rules = 0;
		world[i].pricing.has |= 1u << PRICE_PROMPT | 1u << PRICE_COMPLETION;
	}
}

/* The model with the most endpoints. */
static size_t
largest_model(size_t *first)
{
	size_t most = 0;

	for (size_t i = 0, end; i < n_world; i = end) {
		for (end = i; end < n_world && strcmp(world[end].model, world[i].model) == 0; end++)
			continue;
		if (end - i > most) {
			most = end - i;
			*first = i;
		}
	}
	return most;
}

static void
test_draw(void)
{
	static const struct route_policy policy = {.max_prompt = PRICE_UNKNOWN, .max_completion = PRICE_UNKNOWN};
	size_t first = 0, n;
	double weight[MAX_ENDPOINTS], total = 0, chi = 0;
	int drawn[MAX_ENDPOINTS] = {0};

	reset_world();
	n = largest_model(&first);
	route_read(&q, NULL, NULL);
	for (uint64_t s = 0; s < DRAWS; s++) {
		route_plan(&plan, &q, world + first, n, &policy, LONG_AGO, s);
		drawn[plan.place[0].endpoint]++;
	}
	for (size_t i = 0; i < n; i++) {
		double cost = 0;
		for (size_t k = 0; k < plan.n; k++)
			if (plan.place[k].endpoint == i)
				cost = (double)plan.place[k].cost_pusd;
		weight[i] = 1 / (cost * cost);
		total += weight[i];
	}
	for (size_t i = 0; i < n; i++) {
		double want = weight[i] / total * DRAWS, d = drawn[i] - want;
		chi += d * d / want;
	}
	/* a hundred thousandth of such samples lie beyond */
	double df = (double)n - 1, bound = df + 6.5 * (df > 20 ? 7 : 5);
	tap_ok(n > 10 && chi < bound, "%d draws from %zu endpoints are by 1/price^2: chi-square %.1f of %.0f degrees",
	    DRAWS, n, chi, df);
}

int
main(void)
{
	build_world();
	test_random(getenv("PROOF") ? ALL : SOME);
	test_draw();
	for (size_t i = 0; i < n_world; i++) {
		free(tier_tag[i][TIER_PRIORITY]);
		free(tier_tag[i][TIER_FLEX]);
		endpoint_release(world + i);
	}
	buf_release(&sticky);
	plan_release(&plan);
	plan_release(&again);
	route_query_release(&q);
	json_release(&j);
	return tap_done();
}
