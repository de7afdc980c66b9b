/* SPDX-License-Identifier: ISC */
/*
 * plan: how fast a route is planned: for the 22 endpoints of one model, from a file of endpoints, else made up alike. Prints what, and ns of
 * CPU time for each: the plan; a request of 300 bytes read; both; and both with its JSON parsed.
 *
 *	plan [-n thousands] [endpoints.json]
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "endpoint.h"
#include "err.h"
#include "json.h"
#include "mem.h"
#include "route.h"

#define N_ENDPOINTS 22
#define MODEL "z-ai/glm-5.2"
#define NOW_MS INT64_C(1787000000000)

static const char request[] =
    "{\"model\":\"z-ai/glm-5.2\",\"stream\":true,\"temperature\":0.2,\"max_tokens\":800,\"provider\":{\"ignore\":[\"wafer\"],\"data_collection\":"
    "\"deny\"},\"messages\":[{\"role\":\"system\",\"content\":\"You answer in one sentence.\"},{\"role\":\"user\",\"content\":\"Which of the "
    "rivers that flow into the North Sea is the longest, and where does it rise?\"}]}";

static void
make_up(struct buf *b)
{
	buf_adds(b, "{\"data\":[");
	for (int i = 0; i < N_ENDPOINTS; i++)
		buf_addf(b,
		    "%s{\"model_id\":\"" MODEL
		    "\",\"provider_name\":\"P%d\",\"tag\":\"p%d/fp8\",\"context_length\":1048576,"
		    "\"max_completion_tokens\":131072,\"pricing\":{\"prompt\":\"0.00000%02d\",\"completion\":\"0.0000%03d\"},\"quantization\":"
		    "\"fp8\",\"status\":0,\"uptime_last_30m\":99.7,\"supported_parameters\":[\"max_tokens\",\"temperature\",\"tools\"]}",
		    i ? "," : "", i, i, 10 + i * 3, 22 + i * 7);
	buf_adds(b, "]}");
}

static void
load(struct buf *b, const char *path)
{
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f)
		err(66, "%s", path);
	while ((n = fread(buf_reserve(b, 65536), 1, 65536, f)))
		b->len += n;
	fclose(f);
}

static size_t
read_endpoints(struct endpoint *v, const struct buf *text)
{
	struct json j = JSON_INIT;
	struct err e = {0};
	size_t n = 0;

	if (json_parse(&j, text->p, text->len, &e))
		errx(65, "%s", e.msg);
	int list = json_get(&j, 0, "data");
	for (int i = json_child(&j, list); i >= 0 && n < N_ENDPOINTS; i = json_next(&j, list, i)) {
		if (!json_eq(&j, json_get(&j, i, "model_id"), MODEL))
			continue;
		if (endpoint_parse(v + n, &j, i, &e))
			errx(65, "%s", e.msg);
		n++;
	}
	json_release(&j);
	return n;
}

static struct json j;
static struct route_query q;
static struct plan p;
static struct endpoint v[N_ENDPOINTS];
static size_t n_endpoints;
static const struct route_policy policy = {.max_prompt = PRICE_UNKNOWN, .max_completion = PRICE_UNKNOWN, .n_chain = 1};

static void
parse_request(void)
{
	if (json_parse(&j, request, sizeof(request) - 1, NULL))
		errx(70, "the request is bad");
}

static void
read_request(void)
{
	if (route_read(&q, &j, NULL))
		errx(70, "the request can't be read");
}

static void
plan_request(void)
{
	static uint64_t seed;

	route_plan(&p, &q, v, n_endpoints, &policy, NOW_MS, seed++);
}

static void
measure(const char *what, long n, void (*first)(void), void (*second)(void), void (*third)(void))
{
	clock_t t = clock();

	for (long i = 0; i < n; i++) {
		if (first)
			first();
		if (second)
			second();
		if (third)
			third();
	}
	printf("%s\t%.0f ns\n", what, (double)(clock() - t) * 1e9 / CLOCKS_PER_SEC / (double)n);
}

int
main(int argc, char **argv)
{
	struct buf text = BUF_INIT;
	long n = 200;

	for (int c; (c = getopt(argc, argv, "n:")) != -1;) {
		if (c != 'n')
			return 64;
		n = strtol(optarg, NULL, 10);
	}
	if (optind < argc)
		load(&text, argv[optind]);
	else
		make_up(&text);
	n_endpoints = read_endpoints(v, &text);
	parse_request();
	read_request();
	plan_request();
	fprintf(stderr, "%zu endpoints, %zu places, %zu excluded\n", n_endpoints, p.n, p.n_excluded);
	measure("plan", n * 1000, plan_request, NULL, NULL);
	measure("read", n * 1000, read_request, NULL, NULL);
	measure("read and plan", n * 1000, read_request, plan_request, NULL);
	measure("parse, read and plan", n * 1000, parse_request, read_request, plan_request);
	for (size_t i = 0; i < n_endpoints; i++)
		endpoint_release(v + i);
	plan_release(&p);
	route_query_release(&q);
	json_release(&j);
	buf_release(&text);
	return 0;
}
