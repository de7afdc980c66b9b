/* SPDX-License-Identifier: ISC */
/*
 * A request, then a line break and endpoints, or none: a request that can be read has a plan, in which each endpoint is once, the same
 * one each time. What the text says of endpoints is read too; there are some that stand fast.
 */
#include "route.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "estimate.h"
#include "json.h"

#define MAX 12
#define NOW_MS INT64_C(1787000000000)

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static const char fixed[] =
    "[{\"model_id\":\"a/m\",\"tag\":\"x/fp8\",\"provider_name\":\"X\",\"context_length\":9000,\"quantization\":\"fp8\",\"pricing\":{\"prompt\":\"0.000001\","
    "\"completion\":\"0.000002\"},\"supported_parameters\":[\"tools\",\"max_tokens\"]},{\"model_id\":\"a/m\",\"tag\":\"y/priority\",\"pricing\":{\"prompt\":\"0\","
    "\"completion\":\"0\"}},{\"model_id\":\"a/m\",\"tag\":\"z/flex\",\"pricing\":null},{\"id\":\"b/m\",\"architecture\":{\"input_modalities\":[\"text\"]}}]";

static void
must(int ok)
{
	if (!ok)
		abort();
}

static size_t
add_endpoints(struct endpoint *v, size_t n, const char *text, size_t len)
{
	struct json j = JSON_INIT;
	struct err e = {0};

	if (json_parse(&j, text, len, NULL) == 0)
		for (int i = json_child(&j, 0); i >= 0 && n < MAX; i = json_next(&j, 0, i)) {
			if (endpoint_parse(v + n, &j, i, &e) == 0) {
				v[n].chain = (int)n / 3;
				v[n].own = n % 5 == 1;
				v[n].routes = n % 5 == 3;
				n++;
			} else {
				must(e.kind == ERR_DATA && e.msg[0]);
			}
		}
	json_release(&j);
	return n;
}

static void
check_plan(const struct route_query *q, const struct endpoint *v, size_t n)
{
	static const struct route_policy policy = {.max_prompt = 30000000000000000, .max_completion = PRICE_UNKNOWN};
	struct plan a = PLAN_INIT, b = PLAN_INIT;
	int times[MAX] = {0};

	route_plan(&a, q, v, n, &policy, NOW_MS, 7);
	route_plan(&b, q, v, n, &policy, NOW_MS, 7);
	must(a.n == b.n && a.n_excluded == b.n_excluded && a.n + a.n_excluded == n);
	for (size_t i = 0; i < a.n; i++) {
		must(times[a.place[i].endpoint]++ == 0 && a.place[i].endpoint == b.place[i].endpoint);
		must(*route_reason(a.place[i].reason) != '\0');
	}
	for (size_t i = 0; i < a.n_excluded; i++)
		must(times[a.excluded[i].endpoint]++ == 0 && *route_rule(a.excluded[i].rule) != '\0');
	plan_release(&a);
	plan_release(&b);
}

static void
check_query(const struct route_query *q)
{
	must(q->tokens > 0 && q->bound >= 0 && q->max_tokens != 0);
	must(q->order.n <= ROUTE_MAX_LIST && q->only.n <= ROUTE_MAX_LIST && q->ignore.n <= ROUTE_MAX_LIST);
	must(q->max_prompt >= PRICE_UNKNOWN && q->max_image >= PRICE_UNKNOWN);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const char *text = (const char *)p, *end = memchr(text, '\n', n);
	size_t len = end ? (size_t)(end - text) : n, n_v = 0;
	struct json j = JSON_INIT;
	struct route_query q = {0};
	struct endpoint v[MAX];
	struct err e = {0};

	n_v = add_endpoints(v, n_v, fixed, sizeof(fixed) - 1);
	if (end)
		n_v = add_endpoints(v, n_v, end + 1, n - len - 1);
	if (json_parse(&j, text, len, NULL) == 0) {
		/* twice: what it holds is used again */
		for (int i = 0; i < 2; i++) {
			if (route_read(&q, &j, &e)) {
				must(e.kind == ERR_DATA && e.msg[0]);
				continue;
			}
			check_query(&q);
			check_plan(&q, v, n_v);
		}
	}
	for (size_t i = 0; i < n_v; i++)
		endpoint_release(v + i);
	route_query_release(&q);
	json_release(&j);
	return 0;
}
