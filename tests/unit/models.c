/* SPDX-License-Identifier: ISC */
#include "models.h"

#include <string.h>

#include "buf.h"
#include "err.h"
#include "modeltab.h"
#include "tap.h"
#include "table.h"

#define ROWS \
	"{\"data\":[" \
	"{\"id\":\"acme/big\",\"canonical_slug\":\"acme/big-2026\",\"name\":\"Acme: Big\\u00e9\",\"created\":1750000000,\"context_length\":200000," \
	"\"architecture\":{\"input_modalities\":[\"text\",\"image\"]},\"top_provider\":{\"max_completion_tokens\":8192}," \
	"\"pricing\":{\"prompt\":\"0.000003\",\"completion\":\"0.000015\"},\"supported_parameters\":[\"tools\",\"seed\"]}," \
	"{\"id\":\"acme/small:free\",\"created\":1760000000,\"context_length\":32768,\"pricing\":{\"prompt\":\"0\",\"completion\":\"0\"}," \
	"\"architecture\":{\"input_modalities\":[\"text\"]},\"supported_parameters\":[\"tools\"]}," \
	"{\"id\":\"openrouter/auto\",\"created\":0,\"context_length\":2000000,\"pricing\":{\"prompt\":\"-1\",\"completion\":\"-1\"}}," \
	"{\"id\":\"acme/small\",\"created\":1760000000,\"context_length\":null," \
	"\"pricing\":{\"prompt\":\"0.0000001\",\"completion\":\"0.0000000208333333333333\"}}]}"

#define ENDPOINTS \
	"{\"data\":{\"id\":\"acme/big\",\"architecture\":{\"input_modalities\":[\"text\",\"image\"]},\"endpoints\":[" \
	"{\"name\":\"B | acme/big\",\"provider_name\":\"B\",\"tag\":\"b/fp8\",\"context_length\":1000,\"max_completion_tokens\":null," \
	"\"pricing\":{\"prompt\":\"0.000002\",\"completion\":\"0.000004\",\"discount\":0.5},\"quantization\":\"fp8\",\"status\":-2," \
	"\"uptime_last_30m\":99.99908651597818,\"latency_last_30m\":{\"p50\":0.25,\"p99\":2},\"throughput_last_30m\":{\"p50\":45.2}," \
	"\"supported_parameters\":[\"tools\"]}," \
	"{\"name\":\"A | acme/big\",\"provider_name\":\"A\",\"tag\":\"a\",\"context_length\":2000,\"max_completion_tokens\":500," \
	"\"pricing\":{\"prompt\":\"0.000003\",\"completion\":\"0.000004\"},\"quantization\":\"unknown\",\"status\":0," \
	"\"uptime_last_30m\":null,\"latency_last_30m\":null,\"throughput_last_30m\":null}]}}"

static const struct models_select everything = {NULL, 0, PRICE_UNKNOWN, PRICE_UNKNOWN, 0, NULL};

static int
load(struct models *ms, const char *text)
{
	struct err e = {0};

	*ms = (struct models)MODELS_INIT;
	return models_parse(ms, text, strlen(text), &e) ? -(int)e.kind : 0;
}

/* The ids in order, with blanks between. */
static void
ids_are(const struct models *ms, const char *want, const char *name)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < ms->n; i++)
		buf_addf(&b, "%s%s", i ? " " : "", ms->v[i].id);
	tap_is_str(buf_str(&b), want, name);
	buf_release(&b);
}

static void
ids_of(const char *text, const char *want, const char *name)
{
	struct models ms;

	tap_is_int(load(&ms, text), 0, name);
	ids_are(&ms, want, name);
	models_release(&ms);
}

static void
test_forms(void)
{
	struct models ms;

	ids_of(ROWS, "acme/big acme/small:free openrouter/auto acme/small", "OpenRouter's list");
	ids_of("[{\"id\":\"a\"},{\"id\":\"b\"}]", "a b", "a bare array");
	ids_of("{\"object\":\"list\",\"data\":[{\"id\":\"a\"}]}", "a", "OpenAI's list");
	ids_of("{\"models\":[{\"name\":\"llama3.2:3b\",\"model\":\"llama3.2:3b\"}]}", "llama3.2:3b", "Ollama's tags");
	ids_of("{\"models\":[{\"name\":\"models/gemini-2.5-pro\"}]}", "gemini-2.5-pro", "Gemini's list");
	ids_of("{\"models\":[{\"model\":\"x\"}],\"data\":[{\"id\":\"y\"}]}", "y", "llama.cpp has both");
	ids_of("{\"data\":[]}", "", "an empty list");
	ids_of("{\"object\":\"list\",\"data\":null}", "", "Ollama's empty list");
	ids_of("{\"data\":[{\"id\":\"a\"},{\"id\":7},{},\"x\",{\"id\":\"\"},{\"id\":\"b\\u0000c\"}]}", "a",
	    "rows without an id are left out");
	ids_of("{\"data\":[{\"id\":\"\\u0061\\n\"}]}", "a\n", "an id is decoded");
	tap_is_int(load(&ms, "<html>"), -ERR_PROTOCOL, "HTML");
	models_release(&ms);
	tap_is_int(load(&ms, ""), -ERR_PROTOCOL, "nothing");
	models_release(&ms);
	tap_is_int(load(&ms, "{\"error\":{\"code\":401}}"), -ERR_PROTOCOL, "an error object");
	models_release(&ms);
	tap_is_int(load(&ms, "{\"data\":[1,2]}"), -ERR_PROTOCOL, "an array of numbers");
	models_release(&ms);
	tap_is_int(load(&ms, "{\"data\":{\"id\":\"a\"}}"), -ERR_PROTOCOL, "an object as data");
	models_release(&ms);
	tap_is_int(load(&ms, "{\"data\":[{\"id\":\"a\"}]"), -ERR_PROTOCOL, "a cut list");
	models_release(&ms);
}

static void
test_cap(void)
{
	struct models ms;
	struct buf b = BUF_INIT;

	buf_adds(&b, "[{\"id\":\"a\"}");
	for (int i = 1; i < MODELS_MAX; i++)
		buf_adds(&b, ",{\"id\":\"a\"}");
	size_t n = b.len;
	buf_adds(&b, "]");
	tap_is_int(load(&ms, b.p), 0, "as many rows as there may be");
	models_release(&ms);
	b.len = n;
	buf_adds(&b, ",{\"id\":\"a\"}]");
	tap_is_int(load(&ms, b.p), -ERR_PROTOCOL, "one more");
	models_release(&ms);
	buf_release(&b);
}

static void
test_fields(void)
{
	struct models ms;
	struct pricing p;

	load(&ms, ROWS);
	tap_is_int(ms.v[0].created, 1750000000, "created");
	tap_is_int(ms.v[0].context, 200000, "context");
	tap_is_int(ms.v[0].max_output, 8192, "most output");
	tap_ok(ms.v[2].prompt == PRICE_UNKNOWN && ms.v[2].completion == PRICE_UNKNOWN, "-1 is unknown");
	tap_is_int(ms.v[3].context, 0, "null context");
	tap_ok(model_pricing(&ms, &ms.v[0], &p, NULL) == 0 && p.item[PRICE_COMPLETION] == ms.v[0].completion,
	    "all its prices");
	tap_ok(models_find(&ms, "acme/small") == &ms.v[3], "found by id");
	tap_ok(models_find(&ms, "acme/big-2026") == &ms.v[0], "found by canonical slug");
	tap_ok(models_find(&ms, "acme/bi") == NULL, "not found by a part");
	models_default_price(&ms, 1, 2);
	tap_ok(ms.v[0].prompt != 1 && ms.v[2].prompt == PRICE_UNKNOWN, "prices that were given stay");
	models_release(&ms);

	load(&ms,
	    "{\"data\":[{\"id\":\"a\",\"created_at\":\"2025-02-19T00:00:01Z\",\"context_window\":5,\"max_completion_tokens\":6},"
	    "{\"id\":\"b\",\"created_at\":\"soon\",\"meta\":{\"n_ctx_train\":7}},{\"id\":\"c\",\"created\":-5,\"max_model_len\":8,"
	    "\"pricing\":{\"prompt\":\"?\"}}]}");
	tap_is_int(ms.v[0].created, 1739923201, "created as a date");
	tap_is_int(ms.v[0].context, 5, "context_window");
	tap_is_int(ms.v[0].max_output, 6, "max_completion_tokens");
	tap_is_int(ms.v[1].created, 0, "no date");
	tap_is_int(ms.v[1].context, 7, "llama.cpp's context");
	tap_is_int(ms.v[2].created, 0, "before 1970: unknown");
	tap_is_int(ms.v[2].context, 8, "vLLM's context");
	tap_ok(ms.v[2].prompt == PRICE_UNKNOWN, "a malformed price is unknown and the row stays");
	models_default_price(&ms, 1, 2);
	tap_ok(ms.v[0].prompt == 1 && ms.v[1].completion == 2, "the provider's price where the list has none");
	models_release(&ms);
}

static void
selects(struct models_select sel, const char *want, const char *name)
{
	struct models ms;
	struct err e = {0};

	load(&ms, ROWS);
	tap_is_int(models_filter(&ms, &sel, &e), 0, name);
	ids_are(&ms, want, name);
	models_release(&ms);
}

static void
test_filter(void)
{
	char *globs[] = {(char[]){"acme/*"}, (char[]){"openrouter/aut?"}};
	char *exact[] = {(char[]){"acme/small"}}, *part[] = {(char[]){"small"}}, *variant[] = {(char[]){"*:free"}};
	struct models_select sel = everything;
	struct models ms;
	struct err e = {0};

	selects(sel, "acme/big acme/small:free openrouter/auto acme/small", "no condition");
	sel.glob = globs;
	sel.n_glob = 1;
	selects(sel, "acme/big acme/small:free acme/small", "* crosses nothing but goes to the end");
	sel.n_glob = 2;
	selects(sel, "acme/big acme/small:free openrouter/auto acme/small", "either glob");
	sel.n_glob = 1;
	sel.glob = exact;
	selects(sel, "acme/small", "a name is the whole id");
	sel.glob = part;
	selects(sel, "", "a part is nothing");
	sel.glob = variant;
	selects(sel, "acme/small:free", "* crosses the slash");
	sel = everything;
	sel.needs = "tools";
	selects(sel, "acme/big acme/small:free", "a parameter");
	sel.needs = "tools, image";
	selects(sel, "acme/big", "a parameter and a modality");
	sel.needs = "tool";
	selects(sel, "", "a part of a word is no need");
	sel = everything;
	sel.min_context = 200000;
	selects(sel, "acme/big openrouter/auto", "at least this context");
	sel.min_context = 1;
	selects(sel, "acme/big acme/small:free openrouter/auto", "an unknown context doesn't pass");
	sel = everything;
	price_parse_pair("0.1", 1, &sel.max_prompt, &sel.max_completion);
	selects(sel, "acme/small:free acme/small", "a price that is just met; unknown doesn't pass");
	price_parse_pair("0.1,0.02", 1, &sel.max_prompt, &sel.max_completion);
	selects(sel, "acme/small:free", "the completion's cap");
	price_parse_pair("0", 1, &sel.max_prompt, &sel.max_completion);
	selects(sel, "acme/small:free", "only what is free");
	sel = everything;
	sel.needs = "tools,,image";
	load(&ms, ROWS);
	tap_is_int(models_filter(&ms, &sel, &e), -1, "an empty need");
	tap_is_int(e.kind, ERR_USAGE, "is a usage error");
	models_release(&ms);
}

static void
sorts(enum models_order order, int reverse, const char *want, const char *name)
{
	struct models ms;

	load(&ms, ROWS);
	models_sort(&ms, order, reverse);
	ids_are(&ms, want, name);
	models_release(&ms);
}

static void
test_sort(void)
{
	struct models ms;

	sorts(MODELS_BY_ID, 0, "acme/big acme/small acme/small:free openrouter/auto", "by id");
	sorts(MODELS_BY_ID, 1, "openrouter/auto acme/small:free acme/small acme/big", "by id, reversed");
	sorts(
	    MODELS_BY_PRICE, 0, "acme/small:free acme/small acme/big openrouter/auto", "cheapest first, unknown last");
	sorts(MODELS_BY_PRICE, 1, "acme/big acme/small acme/small:free openrouter/auto", "dearest first, unknown last");
	sorts(MODELS_BY_TIME, 0, "acme/small acme/small:free acme/big openrouter/auto", "newest first, unknown last");
	sorts(MODELS_BY_TIME, 1, "acme/big acme/small:free acme/small openrouter/auto", "oldest first, unknown last");
	load(&ms,
	    "{\"data\":[{\"id\":\"x\",\"pricing\":{\"prompt\":1,\"completion\":2}},{\"id\":\"y\",\"pricing\":{\"prompt\":1,"
	    "\"completion\":1}},{\"id\":\"z\",\"pricing\":{\"prompt\":1}},{\"id\":\"w\"},{\"id\":\"a\",\"pricing\":{\"prompt\":1,"
	    "\"completion\":2}}]}");
	models_sort(&ms, MODELS_BY_PRICE, 0);
	ids_are(&ms, "y a x z w", "then by the completion's price, then by id");
	models_release(&ms);
	load(&ms,
	    "[{\"id\":\"d\"},{\"id\":\"e\",\"created\":1},{\"id\":\"c\"},{\"id\":\"b\",\"created\":2},{\"id\":\"a\"}]");
	models_sort(&ms, MODELS_BY_TIME, 1);
	ids_are(&ms, "e b a c d", "more unknown than known ones, reversed");
	models_release(&ms);
	load(&ms, "[]");
	models_sort(&ms, MODELS_BY_ID, 1);
	tap_is_int((long long)ms.n, 0, "nothing sorts to nothing");
	models_release(&ms);
}

static void
index_fails(const char *index, const char *name)
{
	struct models ms = MODELS_INIT;

	tap_is_int(models_from_index(&ms, index, strlen(index), ROWS, strlen(ROWS)), -1, name);
	tap_is_int((long long)ms.n, 0, name);
	models_release(&ms);
}

static void
test_index(void)
{
	struct models ms, again = MODELS_INIT;
	struct buf b = BUF_INIT;
	struct table t;

	load(&ms, ROWS);
	models_index(&ms, &b);
	tap_ok(!strchr(b.p, '\n'), "an index is one line");
	tap_is_int(models_from_index(&again, b.p, b.len, ROWS, strlen(ROWS)), 0, "it is read");
	models_sort(&again, MODELS_BY_PRICE, 0);
	ids_are(&again, "acme/small:free acme/small acme/big openrouter/auto", "and sorted");
	models_default_price(&again, 1, 2);
	models_sort(&again, MODELS_BY_ID, 0);
	models_sort(&ms, MODELS_BY_ID, 0);
	for (size_t i = 0; i < ms.n; i++) {
		const struct model *x = &ms.v[i], *y = &again.v[i];
		tap_ok(x->prompt == y->prompt && x->completion == y->completion && x->created == y->created &&
			x->at == y->at && x->context == y->context && x->max_output == y->max_output &&
			x->len == y->len && x->priced == y->priced,
		    "%s is the same row", x->id);
	}
	buf_clear(&b);
	modeltab_fill(&t, &again, 1, 0);
	table_tsv(&t, &b);
	tap_ok(strstr(b.p, "text+image\tAcme: Big\xc3\xa9\n") != NULL, "what isn't in it comes from the text");
	table_release(&t);
	buf_release(&b);
	models_release(&again);
	models_release(&ms);

	index_fails("", "no index");
	index_fails("{}", "an object as index");
	index_fails("[[\"a\"]]", "a short row");
	index_fails("[[\"a\",\"1\",\"x\",1,0,0,0,0,1]]", "a price that is none");
	index_fails("[[\"a\",\"1\",\"1\",1,0,0,0,0,99999]]", "a row that ends behind the text");
	index_fails(
	    "[[\"a\",\"1\",\"1\",1,0,0,0,9223372036854775807,9223372036854775807]]", "a row far behind the text");
	tap_ok(strlen(ROWS) > 600 && strlen(ROWS) < 1100, "the next row begins inside it");
	index_fails("[[\"a\",\"1\",\"1\",1,0,0,0,500,600]]", "and ends behind it");
	index_fails("[[\"a\",\"1\",\"1\",1,0,0,0,-1,1]]", "a row before the text");
}

static void
near_to(const char *id, size_t max, const char *want)
{
	struct models ms;
	struct buf b = BUF_INIT;

	load(&ms, ROWS);
	models_near(&ms, id, max, &b);
	tap_is_str(buf_str(&b), want, id);
	buf_release(&b);
	models_release(&ms);
}

static void
test_near(void)
{
	near_to("acme/bog", 5, "acme/big");
	near_to("big", 5, "acme/big");
	near_to("acne/small", 5, "acme/small");
	near_to("acme/smal", 5, "acme/small:free, acme/small"); /* both hold it */
	near_to("acme/smal", 1, "acme/small:free");
	near_to("zzzzzzzzzz", 5, "");
	near_to("bag", 5, "acme/big");
	near_to("foo", 5, "");
}

static void
table_is(const char *text, int whole, const char *want, const char *name)
{
	struct models ms;
	struct table t;
	struct buf b = BUF_INIT;

	load(&ms, text);
	modeltab_fill(&t, &ms, whole, 0);
	table_tsv(&t, &b);
	tap_is_str(buf_str(&b), want, name);
	buf_release(&b);
	table_release(&t);
	models_release(&ms);
}

static void
test_table(void)
{
	table_is(ROWS, 0, "acme/big\nacme/small:free\nopenrouter/auto\nacme/small\n", "ids");
	table_is(ROWS, 1,
	    "acme/big\t3\t15\t200000\t8192\t2025-06-15\ttext+image\tAcme: Big\xc3\xa9\n"
	    "acme/small:free\t0\t0\t32768\t-\t2025-10-09\ttext\t-\n"
	    "openrouter/auto\t-\t-\t2000000\t-\t-\t-\t-\n"
	    "acme/small\t0.1\t0.0208333333333333\t-\t-\t2025-10-09\t-\t-\n",
	    "all columns, - for unknown, prices exact");
	table_is(ENDPOINTS, 1,
	    "b/fp8\tB\t1000\t-\t2\t4\tfp8\t-2\t99.99\t0.25\t45.2\n"
	    "a\tA\t2000\t500\t3\t4\t-\t0\t-\t-\t-\n",
	    "endpoints");
	table_is("{\"data\":[{\"id\":\"a\\tb\\\\c\\nd\"}]}", 0, "a\\tb\\\\c\\nd\n", "an id can't break the table");
	table_is("{\"data\":[]}", 1, "", "no rows");
}

static void
test_endpoints(void)
{
	struct models ms;
	struct models_select sel = everything;
	struct err e = {0};

	load(&ms, ENDPOINTS);
	tap_ok(ms.endpoints, "they are endpoints");
	tap_ok(model_takes(&ms, &ms.v[1], "image", 5), "their modalities are their model's");
	sel.needs = "tools,image";
	models_filter(&ms, &sel, &e);
	ids_are(&ms, "b/fp8", "they can be selected");
	models_release(&ms);
}

static void
test_json(void)
{
	static const char text[] =
	    "{ \"data\": [ { \"id\" : \"a \\\" b\\\\\",\n\t\"n\": [ 1.0e5 , { } ] } , {\"id\":\"c\"} ] }";
	struct models ms;
	struct buf b = BUF_INIT;

	load(&ms, text);
	modeltab_json(&ms, &b);
	tap_is_str(buf_str(&b),
	    "{\"data\":[{ \"id\" : \"a \\\" b\\\\\",\n\t\"n\": [ 1.0e5 , { } ] },{\"id\":\"c\"}]}\n",
	    "json: each object byte for byte");
	buf_clear(&b);
	modeltab_ndjson(&ms, &b);
	tap_is_str(buf_str(&b), "{\"id\":\"a \\\" b\\\\\",\"n\":[1.0e5,{}]}\n{\"id\":\"c\"}\n",
	    "ndjson: one line each, strings untouched");
	buf_release(&b);
	models_release(&ms);
}

int
main(void)
{
	test_forms();
	test_cap();
	test_fields();
	test_filter();
	test_sort();
	test_index();
	test_near();
	test_table();
	test_endpoints();
	test_json();
	return tap_done();
}
