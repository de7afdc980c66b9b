/* SPDX-License-Identifier: ISC */
#include "request.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "tap.h"

#define SPEC .max_prompt = PRICE_UNKNOWN, .max_completion = PRICE_UNKNOWN

static char ab[] = "a/b", cd[] = "c/d", ef[] = "e:f";
static char *one[] = {ab, NULL}, *three[] = {ab, cd, ef, NULL};

/* want NULL: refused with this kind. */
static void
built(const struct request_spec *s, const char *want, enum err_kind kind, const char *name)
{
	struct buf out = BUF_INIT;
	struct err e = {0};
	int r = request_build(s, &out, &e);

	if (!want) {
		if (!tap_ok(r == -1 && e.kind == kind && *e.msg, "%s", name))
			printf("# got %d kind %d %s\n", r, (int)e.kind, buf_str(&out));
	} else if (!tap_ok(r == 0 && strcmp(buf_str(&out), want) == 0, "%s", name)) {
		printf("# got:  %s\n# want: %s\n", r ? e.msg : buf_str(&out), want);
	}
	if (!r)
		tap_ok(json_valid(out.p, out.len, NULL, NULL), "valid: %s", name);
	buf_release(&out);
}

#define ASK(p) .prompt = (p), .prompt_len = sizeof(p) - 1
#define USER "{\"role\":\"user\",\"content\":\"hi\"}"
#define FRESH(rest) "{\"model\":\"a/b\",\"messages\":[" USER "]" rest "}"

static void
fresh(void)
{
	struct request_spec s = {SPEC, .chain = one, ASK("hi")};

	built(&s, FRESH(""), 0, "a prompt");
	s.stream = 1;
	built(&s, FRESH(",\"stream\":true"), 0, "streamed");
	s = (struct request_spec){SPEC, .chain = three, ASK("hi")};
	built(&s, "{\"model\":\"a/b\",\"messages\":[" USER "],\"models\":[\"c/d\",\"e:f\"]}", 0, "a chain");
	s = (struct request_spec){SPEC, .chain = one, .system = "be \"brief\"", ASK("hi")};
	built(&s, "{\"model\":\"a/b\",\"messages\":[{\"role\":\"system\",\"content\":\"be \\\"brief\\\"\"}," USER "]}",
	    0, "a system message");
	s = (struct request_spec){SPEC, .chain = one, .system = "", ASK("hi")};
	built(&s, "{\"model\":\"a/b\",\"messages\":[{\"role\":\"system\",\"content\":\"\"}," USER "]}", 0,
	    "an empty one");
	s = (struct request_spec){
	    SPEC, .chain = one, .history = "{\"role\":\"user\"},{\"role\":\"assistant\"}", ASK("hi")};
	s.history_len = strlen(s.history);
	built(&s, "{\"model\":\"a/b\",\"messages\":[{\"role\":\"user\"},{\"role\":\"assistant\"}," USER "]}", 0,
	    "history goes in front");
	s = (struct request_spec){SPEC, .chain = one, ASK("a\nb\"\\\t\x01\xc3\xa9")};
	built(&s,
	    "{\"model\":\"a/b\",\"messages\":[{\"role\":\"user\",\"content\":\"a\\nb\\\"\\\\\\t\\u0001\xc3\xa9\"}]}", 0,
	    "a prompt is escaped");
	s = (struct request_spec){SPEC, .chain = one, ASK("hi"), .parts = "{\"type\":\"x\"},{\"type\":\"y\"}"};
	s.parts_len = strlen(s.parts);
	built(&s,
	    "{\"model\":\"a/b\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"},{\"type\":\"x\"},{\"type\":\"y\"}]}]}",
	    0, "parts stand behind the prompt");
	s.prompt = NULL;
	s.prompt_len = 0;
	built(&s,
	    "{\"model\":\"a/b\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"x\"},{\"type\":\"y\"}]}]}", 0,
	    "or alone");
	s = (struct request_spec){SPEC, .chain = one, ASK("hi"), .effort = "low", .has_seed = 1, .seed = INT64_MIN};
	built(&s, FRESH(",\"reasoning\":{\"effort\":\"low\"},\"seed\":-9223372036854775808"), 0, "effort and seed");
	s = (struct request_spec){SPEC, .chain = one, ASK("hi"), .has_seed = 1};
	built(&s, FRESH(",\"seed\":0"), 0, "a seed of 0");
	s = (struct request_spec){SPEC, .chain = one, ASK("hi"), .schema = "{\n  \"type\": \"object\"\r\n}"};
	s.schema_len = strlen(s.schema);
	built(&s,
	    FRESH(
		",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"answer\",\"schema\":{   \"type\": \"object\"  }}}"),
	    0, "a schema, on one line");
}

static void
prices(void)
{
	static const struct {
		const char *s, *want;
	} p[] = {
	    {"0.5,1.5", ",\"provider\":{\"max_price\":{\"prompt\":0.5,\"completion\":1.5}}"},
	    {"0.1,0.2", ",\"provider\":{\"max_price\":{\"prompt\":0.1,\"completion\":0.2}}"},
	    {"0,0", ",\"provider\":{\"max_price\":{\"prompt\":0,\"completion\":0}}"},
	    {"0.123456789012345,100000",
		",\"provider\":{\"max_price\":{\"prompt\":0.123456789012345,\"completion\":100000}}"},
	    {"0.0000000000000001,3", ",\"provider\":{\"max_price\":{\"prompt\":0.0000000000000001,\"completion\":3}}"},
	};
	char want[300];

	for (size_t i = 0; i < sizeof(p) / sizeof(*p); i++) {
		struct request_spec s = {SPEC, .chain = one, ASK("hi")};
		tap_is_int(price_parse_pair(p[i].s, 1, &s.max_prompt, &s.max_completion), 0, p[i].s);
		snprintf(want, sizeof(want), "{\"model\":\"a/b\",\"messages\":[" USER "]%s}", p[i].want);
		built(&s, want, 0, "as an exact decimal");
	}
	struct request_spec s = {
	    SPEC, .chain = one, ASK("hi"), .base = "{\"provider\":{\"sort\":\"price\",\"max_price\":{\"image\":1.0}}}"};
	s.base_len = strlen(s.base);
	price_parse_pair("2", 0, &s.max_prompt, &s.max_completion);
	built(&s,
	    "{\"provider\":{\"sort\":\"price\",\"max_price\":{\"image\":1.0,\"prompt\":2}},\"messages\":[" USER
	    "],\"model\":\"a/b\"}",
	    0, "beside what the base has");
}

/* The option's result behind the fresh request; NULL: ERR_USAGE or ERR_DATA. */
static void
option(const char *o, const char *want, enum err_kind kind)
{
	char *copy = strdup(o), text[400];
	char *const v[] = {copy};
	struct request_spec s = {SPEC, .chain = one, ASK("hi"), .option = v, .n_option = 1};

	if (want)
		snprintf(text, sizeof(text), "{\"model\":\"a/b\",\"messages\":[" USER "]%s}", want);
	built(&s, want ? text : NULL, kind, o);
	free(copy);
}

static void
options(void)
{
	option("temperature=0.5", ",\"temperature\":0.5", 0);
	option("temperature=0.50", ",\"temperature\":0.50", 0);
	option("x=1e3", ",\"x\":1e3", 0);
	option("x=true", ",\"x\":true", 0);
	option("x=null", ",\"x\":null", 0);
	option("x=yes", ",\"x\":\"yes\"", 0);
	option("x=", ",\"x\":\"\"", 0);
	option("x=\"1\"", ",\"x\":\"1\"", 0);
	option("x=01", ",\"x\":\"01\"", 0);
	option("x=+1", ",\"x\":\"+1\"", 0);
	option("x=NaN", ",\"x\":\"NaN\"", 0);
	option("x=a=b", ",\"x\":\"a=b\"", 0);
	option("x=[1,", ",\"x\":\"[1,\"", 0);
	option("x=say \"hi\"\n", ",\"x\":\"say \\\"hi\\\"\\n\"", 0);
	option("x={\"a\":[1,2]}", ",\"x\":{\"a\":[1,2]}", 0);
	option("x={\n\"a\":\r\n1}", ",\"x\":{ \"a\":  1}", 0);
	option("provider.order=[\"a\"]", ",\"provider\":{\"order\":[\"a\"]}", 0);
	option("a.b.c=1", ",\"a\":{\"b\":{\"c\":1}}", 0);
	option("x", NULL, ERR_USAGE);
	option("=1", NULL, ERR_USAGE);
	option("", NULL, ERR_USAGE);
	option(".x=1", NULL, ERR_USAGE);
	option("x.=1", NULL, ERR_USAGE);
	option(".=1", NULL, ERR_USAGE);
	option("a..b=1", NULL, ERR_USAGE);
	option("a.b..c=1", NULL, ERR_USAGE);
	option("x={\"a\":1,\"a\":2}", NULL, ERR_DATA);
	option("model.x=1", NULL, ERR_DATA);
	option("messages.x=1", NULL, ERR_DATA);
	option("model=x", NULL, ERR_USAGE);
	option("messages=[]", NULL, ERR_USAGE);

	/* a path as long as an argument may be */
	struct buf b = BUF_INIT;
	for (int i = 0; i < 60000; i++)
		buf_adds(&b, i ? ".a" : "a");
	buf_adds(&b, "=1");
	char *const v[] = {b.p};
	struct request_spec s = {SPEC, .chain = one, ASK("hi"), .option = v, .n_option = 1};
	built(&s, NULL, ERR_USAGE, "sixty thousand levels");
	buf_release(&b);

	static char o1[] = "x.a=1", o2[] = "x.b=two", o3[] = "x.a=3", o4[] = "stream=false", o5[] = "seed=5";
	char *const many[] = {o1, o2, o3, o4, o5};
	s = (struct request_spec){SPEC, .chain = one, ASK("hi"), .option = many, .n_option = 5, .stream = 1};
	built(&s, FRESH(",\"x\":{\"a\":3,\"b\":\"two\"},\"stream\":false,\"seed\":5"), 0,
	    "several; the last one counts; a stream as they say");
}

#define BASE(t) .base = (t), .base_len = sizeof(t) - 1

static void
base(void)
{
	static const char odd[] =
	    "{ \"temperature\" : 1.0e0,\n \"messages\":[ {\"role\":\"user\",\"content\":\"\\u0041\"} ] , \"x\":[1 , 2],\"model\":\"m/n\" }";
	struct request_spec s = {SPEC, BASE(odd)};

	built(&s, odd, 0, "nothing changes: each byte stays");
	s = (struct request_spec){SPEC, BASE(odd), .chain = one};
	built(&s,
	    "{ \"temperature\" : 1.0e0,\n \"messages\":[ {\"role\":\"user\",\"content\":\"\\u0041\"} ] , \"x\":[1 , 2],\"model\":\"a/b\" }",
	    0, "another model");
	s = (struct request_spec){
	    SPEC, BASE("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}"), .stream = 1};
	built(&s, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"stream\":true}", 0,
	    "a stream is asked for");
	s = (struct request_spec){
	    SPEC, BASE("{\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}"), .stream = 1};
	built(&s, "{\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}", 0,
	    "where the base doesn't say");
	s = (struct request_spec){SPEC, BASE("{\"messages\":[{\"role\":\"user\",  \"content\":\"a\"}]}"), ASK("hi")};
	built(&s, "{\"messages\":[{\"role\":\"user\",  \"content\":\"a\"}," USER "]}", 0, "a prompt goes to the end");
	s = (struct request_spec){SPEC, BASE("{\"model\":\"m\"}"), ASK("hi")};
	built(&s, "{\"model\":\"m\",\"messages\":[" USER "]}", 0, "also where there were none");
	s = (struct request_spec){SPEC,
	    BASE("{\"messages\":[{\"role\":\"system\",\"content\":\"old\"},{\"role\":\"user\",\"content\":\"a\"}]}"),
	    .system = "new"};
	built(&s, "{\"messages\":[{\"role\":\"system\",\"content\":\"new\"},{\"role\":\"user\",\"content\":\"a\"}]}", 0,
	    "the system message is replaced");
	s = (struct request_spec){SPEC,
	    BASE("{\"messages\":[{\"role\":\"developer\",\"content\":\"old\"},{\"role\":\"user\",\"content\":\"a\"}]}"),
	    .system = "new"};
	built(&s, "{\"messages\":[{\"role\":\"system\",\"content\":\"new\"},{\"role\":\"user\",\"content\":\"a\"}]}", 0,
	    "a developer's too");
	s = (struct request_spec){
	    SPEC, BASE("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}"), .system = "new"};
	built(&s, "{\"messages\":[{\"role\":\"system\",\"content\":\"new\"},{\"role\":\"user\",\"content\":\"a\"}]}", 0,
	    "or added");
	s = (struct request_spec){
	    SPEC, BASE("{\"model\":\"m\",\"models\":[\"x\",\"y\"],\"messages\":[{\"role\":\"user\"}]}"), .chain = one};
	built(&s, "{\"model\":\"a/b\",\"messages\":[{\"role\":\"user\"}]}", 0, "one model: the base's fallbacks go");
	s = (struct request_spec){SPEC,
	    BASE("{\"model\":\"m\",\"models\":[\"x\",\"y\"],\"messages\":[{\"role\":\"user\"}]}"), .chain = three};
	built(&s, "{\"model\":\"a/b\",\"models\":[\"c/d\",\"e:f\"],\"messages\":[{\"role\":\"user\"}]}", 0,
	    "a chain: they are replaced");
	s = (struct request_spec){
	    SPEC, BASE("{\"reasoning\":null,\"messages\":[{\"role\":\"user\"}]}"), .effort = "high"};
	built(&s, "{\"reasoning\":{\"effort\":\"high\"},\"messages\":[{\"role\":\"user\"}]}", 0, "null gives way");
}

static void
bad_bases(void)
{
	static const char *const bad[] = {"", "{", "[]", "\"x\"", "null", "{\"messages\":[]}", "{}",
	    "{\"messages\":\"x\"}", "{\"messages\":{}}", "{\"messages\":[{\"role\":\"user\"}],\"model\":5}",
	    "{\"messages\":[{\"role\":\"user\"}],\"messages\":[]}",
	    "{\"messages\":[{\"role\":\"user\",\"role\":\"user\"}]}", "{\"messages\":[{\"role\":\"user\"}]} x",
	    "\xef\xbb\xbf{}"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct request_spec s = {SPEC, .base = bad[i], .base_len = strlen(bad[i])};
		built(&s, NULL, ERR_DATA, *bad[i] ? bad[i] : "an empty base");
	}
	struct request_spec s = {SPEC, BASE("{\"provider\":\"x\",\"messages\":[{\"role\":\"user\"}]}")};
	price_parse_pair("1", 1, &s.max_prompt, &s.max_completion);
	built(&s, NULL, ERR_DATA, "a provider that is no object");
}

static void
chain(const char *text, const char *want)
{
	struct err e = {0};
	char *got = request_chain(text, strlen(text), &e);

	tap_is_str(got, want, text);
	free(got);
}

int
main(void)
{
	fresh();
	prices();
	options();
	base();
	bad_bases();
	chain("{\"model\":\"a\"}", "a");
	chain("{\"model\":\"a\",\"models\":[\"b\",\"c\"]}", "a,b,c");
	chain("{\"models\":[\"b\",\"\",null,\"c\"]}", "b,c");
	chain("{\"model\":null}", NULL);
	chain("{}", NULL);
	chain("{\"model\":5,\"models\":{}}", NULL);
	chain("[", NULL);
	chain("{\"model\":\"a\\u0000b\"}", NULL);
	chain("{\"models\":[\"a\",\"b\\nc\"]}", NULL);
	chain("{\"model\":\"a\\u001b[31m\"}", NULL);
	return tap_done();
}
