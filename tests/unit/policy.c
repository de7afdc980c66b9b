/* SPDX-License-Identifier: ISC */
#include "policy.h"

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "json.h"
#include "mem.h"
#include "tap.h"

typedef int (*add_fn)(struct policy *p, char *line, struct err *e);

static int
add(add_fn fn, struct policy *p, const char *text, struct err *e)
{
	char *line = xstrdup(text);
	int r = fn(p, line, e);

	free(line);
	return r;
}

static void
must_add(add_fn fn, struct policy *p, const char *text)
{
	struct err e = {0};

	if (add(fn, p, text, &e))
		tap_ok(0, "%s: %s", text, e.msg);
}

/* The table takes no such line, for this reason. */
static void
refuses(add_fn fn, const char *text, const char *why)
{
	struct policy p = POLICY_INIT;
	struct err e = {0};

	tap_is_int(add(fn, &p, text, &e), -1, text);
	tap_is_int(e.kind, ERR_CONFIG, "is ERR_CONFIG");
	tap_is_str(e.msg, why, "and says why");
	tap_ok(p.n_rule + p.n_preset == 0, "and leaves the table as it was");
	policy_release(&p);
}

static void
test_rule_lines(void)
{
	struct policy p = POLICY_INIT;

	must_add(
	    policy_add_rule, &p, "ollama:llama3.2:3b , x/y:floor,cheap: min=8k max=1Mi lang=de,fr image=no tag=ci-*");
	tap_is_str(p.rule[0].chain, "ollama:llama3.2:3b,x/y:floor,cheap", "colons belong to the names");
	tap_ok(p.rule[0].min == 8000 && p.rule[0].max == 1048576, "sizes have units");
	tap_is_str(p.rule[0].lang, "de,fr", "lang=");
	tap_is_str(p.rule[0].tag, "ci-*", "tag=");
	tap_is_int(p.rule[0].image, 0, "image=");
	must_add(policy_add_rule, &p, "a/b:");
	tap_is_str(p.rule[1].chain, "a/b", "the end of the line ends the models too");
	tap_ok(p.rule[1].min == 0 && p.rule[1].max == UINT64_MAX && p.rule[1].image == -1 && !p.rule[1].tag &&
		!p.rule[1].lang && !p.rule[1].match,
	    "and no selector is any text");
	must_add(policy_add_rule, &p, "a/b:free :\ttag= \tmatch=a: b min=3");
	tap_is_str(p.rule[2].chain, "a/b:free", "a blank before the colon, a tab behind it");
	tap_is_str(p.rule[2].tag, "", "an empty tag=");
	tap_ok(p.rule[2].match && p.rule[2].min == 0, "match= takes the rest of the line");
	policy_release(&p);
	tap_ok(!p.rule && !p.n_rule, "released");
}

static void
test_rule_errors(void)
{
	static const char form[] = "a rule is models: [tag=] [min=] [max=] [lang=] [image=] [match=]",
			  names[] = "models are names without blanks, with commas between";

	refuses(policy_add_rule, "a/b", form);
	refuses(policy_add_rule, "a:b", form);
	refuses(policy_add_rule, "a/b min=3", form);
	refuses(policy_add_rule, ": min=3", names);
	refuses(policy_add_rule, "a,: min=3", names);
	refuses(policy_add_rule, "a,,b: min=3", names);
	refuses(policy_add_rule, "a b: min=3", names);
	refuses(policy_add_rule, "a: mni=3",
	    "no such selector; a rule is models: [tag=] [min=] [max=] [lang=] [image=] [match=]");
	refuses(policy_add_rule, "a: b: min=3",
	    "no such selector; a rule is models: [tag=] [min=] [max=] [lang=] [image=] [match=]");
	refuses(policy_add_rule, "a: min=3 min=4", "min= comes twice");
	refuses(policy_add_rule, "a: min=", "min= takes a size, such as 8k");
	refuses(policy_add_rule, "a: min=-1", "min= takes a size, such as 8k");
	refuses(policy_add_rule, "a: max=8kb", "max= takes a size, such as 8k");
	refuses(policy_add_rule, "a: max=8 min=9", "min= is more than max=: no text fits");
	refuses(policy_add_rule, "a: lang=", "lang= takes codes of languages that can be told, such as en or de,fr");
	refuses(policy_add_rule, "a: lang=de,german",
	    "lang= takes codes of languages that can be told, such as en or de,fr");
	refuses(policy_add_rule, "a: image=maybe", "image= is yes or no");
	refuses(policy_add_rule, "a: match=", "match= takes an extended regular expression, of at most 1 KiB");
	refuses(policy_add_rule, "a: match=(", "match= takes an extended regular expression, of at most 1 KiB");
}

static void
test_limits(void)
{
	struct policy p = POLICY_INIT;
	struct err e = {0};
	struct buf b = BUF_INIT;
	char preset[40];

	for (int i = 0; i < POLICY_MAX_ENTRIES; i++) {
		must_add(policy_add_rule, &p, "a:");
		snprintf(preset, sizeof(preset), "p%d {}", i);
		must_add(policy_add_preset, &p, preset);
	}
	tap_is_int(add(policy_add_rule, &p, "a:", &e), -1, "a rule too many");
	tap_is_str(e.msg, "more than 1000 entries", "is said to be one");
	err_clear(&e);
	tap_is_int(add(policy_add_preset, &p, "x {}", &e), -1, "a preset too many");
	tap_is_str(e.msg, "more than 1000 entries", "is said to be one");
	for (int i = 0; i < 65; i++)
		buf_adds(&b, i ? ",a" : "a");
	buf_adds(&b, ":");
	refuses(policy_add_rule, buf_str(&b), "more than 64 models");
	buf_release(&b);
	policy_release(&p);
}

/* Which rule does the request get? */
static const char *
chosen(const struct policy *p, const char *request, const char *tag)
{
	struct json j = JSON_INIT;
	struct buf scratch = BUF_INIT;
	struct policy_text t;
	struct err e = {0};

	if (json_parse(&j, request, strlen(request), &e))
		tap_ok(0, "%s: %s", request, e.msg);
	policy_text(&t, &j, tag, &scratch);
	const char *chain = policy_rule(p, &t);
	json_release(&j);
	buf_release(&scratch);
	return chain;
}

static const char *
chosen_for(const struct policy *p, const char *text)
{
	return policy_rule(p, &(struct policy_text){.text = text, .n = strlen(text)});
}

#define SAYS(text) "{\"messages\":[{\"role\":\"user\",\"content\":\"" text "\"}]}"

static void
test_selectors(void)
{
	struct policy p = POLICY_INIT;

	tap_is_str(chosen(&p, SAYS("x"), NULL), NULL, "no rules, no chain");
	must_add(policy_add_rule, &p, "tagged: tag=ci-*");
	must_add(policy_add_rule, &p, "short: max=4 match=^x+$");
	must_add(policy_add_rule, &p, "long: min=100");
	must_add(policy_add_rule, &p, "german: lang=sv,de");
	must_add(policy_add_rule, &p, "picture: image=yes");
	must_add(policy_add_rule, &p, "crash: match=(?i)segmentation fault|core[[:space:]]+dumped");
	must_add(policy_add_rule, &p, "words: image=no match=the");
	tap_is_str(chosen(&p, SAYS("xx"), "ci-7"), "tagged", "the first one that fits");
	tap_is_str(chosen(&p, SAYS("xx"), "CI-7"), "short", "tags have capitals");
	tap_is_str(chosen(&p, SAYS("xxxx"), NULL), "short", "max= is the most there may be");
	tap_is_str(chosen(&p, SAYS("xxxxx"), NULL), NULL, "and not more");
	tap_is_str(chosen_for(&p, "Kannst du mir bitte sagen, wie spät es ist?"), "german", "one of several languages");
	tap_is_str(chosen_for(&p, "Segmentation fault"), "crash", "match= without regard to case");
	tap_is_str(chosen_for(&p, "core\ndumped"), "crash", "or the other alternative");
	tap_is_str(
	    chosen(&p,
		"{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:,\"}}"
		"]},{\"role\":\"assistant\",\"content\":\"the\"},{\"role\":\"user\",\"content\":\"the\"}]}",
		NULL),
	    "picture", "an image in any message");
	tap_is_str(
	    chosen(&p,
		"{\"messages\":[{\"role\":\"assistant\",\"content\":\"\",\"images\":[{}]},{\"role\":\"user\",\"content\":\"the\"}]}",
		NULL),
	    "picture", "an image that was made counts");
	tap_is_str(chosen(&p, SAYS("the"), NULL), "words", "image=no");
	tap_is_str(chosen(&p, "{}", NULL), NULL, "nothing at all");
	policy_release(&p);
}

static void
test_bounds(void)
{
	struct policy p = POLICY_INIT;
	char text[102];

	memset(text, '.', sizeof(text));
	must_add(policy_add_rule, &p, "middle: min=100 max=101");
	for (int n = 99; n <= 102; n++)
		tap_is_str(policy_rule(&p, &(struct policy_text){.text = text, .n = (size_t)n}),
		    n == 100 || n == 101 ? "middle" : NULL, "both bounds are inside");
	tap_is_str(policy_rule(&p, &(struct policy_text){.text = "ü", .n = 2}), NULL, "bytes are counted");
	policy_release(&p);
	must_add(policy_add_rule, &p, "untagged: tag=");
	must_add(policy_add_rule, &p, "any: tag=*");
	tap_is_str(
	    policy_rule(&p, &(struct policy_text){.text = "", .tag = NULL}), "untagged", "no tag is an empty one");
	tap_is_str(policy_rule(&p, &(struct policy_text){.text = "", .tag = "a/b"}), "any", "a slash is no border");
	policy_release(&p);
}

static void
text_is(const char *request, const char *want, int has_image)
{
	struct json j = JSON_INIT;
	struct buf scratch = BUF_INIT;
	struct policy_text t;
	struct err e = {0};

	buf_adds(&scratch, "old");
	json_parse(&j, request, strlen(request), &e);
	policy_text(&t, &j, "tag", &scratch);
	tap_is_mem(t.text, t.n, want, strlen(want), request);
	tap_ok(t.has_image == has_image && strcmp(t.tag, "tag") == 0, "image and tag");
	json_release(&j);
	buf_release(&scratch);
}

static void
test_text(void)
{
	text_is("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}]}",
	    "a", 0);
	text_is("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"user\",\"content\":\"\\u00fc\\n\"}]}",
	    "ü\n", 0);
	text_is(
	    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"image_url\"},"
	    "{\"type\":\"input_audio\",\"text\":\"no\"},{\"type\":\"text\",\"text\":\"b\"}]}]}",
	    "a\nb", 1);
	text_is("{\"messages\":[{\"role\":\"system\",\"content\":\"a\"}]}", "", 0);
	text_is("{\"messages\":[{\"role\":\"user\",\"content\":null}]}", "", 0);
	text_is("{\"messages\":[1,\"x\",null,[]]}", "", 0);
	text_is("{\"messages\":{\"role\":\"user\",\"content\":\"a\"}}", "", 0);
	text_is("[]", "", 0);
}

/* A hostile text costs what the limits say, and no more. */
static void
test_cost(void)
{
	struct policy p = POLICY_INIT;
	size_t n = 4 * POLICY_MATCH_BYTES;
	char *text = malloc(n + 1);

	must_add(policy_add_rule, &p, "far: match=b");
	must_add(policy_add_rule, &p, "dear: match=(a|a?){100}(a+)+(a|a)*(a|a?){200}b");
	must_add(policy_add_rule, &p, "after: match=^");
	memset(text, 'a', n);
	text[n] = '\0';
	text[POLICY_MATCH_BYTES] = 'b';
	tap_is_str(policy_rule(&p, &(struct policy_text){.text = text, .n = n}), NULL,
	    "where the steps are spent, no other match= is tried");
	text[POLICY_MATCH_BYTES - 1] = 'b';
	tap_is_str(
	    policy_rule(&p, &(struct policy_text){.text = text, .n = n}), "far", "the last byte that is searched");
	free(text);
	policy_release(&p);
}

static void
test_preset_lines(void)
{
	static const char form[] = "a preset is name {JSON object}",
			  name[] = "a preset's name is made of lower-case letters, digits and - _ .",
			  models[] = "a preset's models are names, and not of other presets",
			  field[] = "a field's name is of ASCII, without dots and escapes";
	struct policy p = POLICY_INIT;

	must_add(policy_add_preset, &p, "a-b_9.x {\"model\":\"a/b\"}");
	must_add(policy_add_preset, &p, "b{}");
	must_add(policy_add_preset, &p, "b {\"model\":\"c/d\"}");
	tap_is_int((int)p.n_preset, 2, "of two with one name the earlier one wins");
	tap_is_str(policy_preset(&p, "bx", 1)->json, "{}", "found by its name");
	tap_is_str(policy_preset(&p, "a-b_9.x", 7)->json, "{\"model\":\"a/b\"}", "with its object");
	tap_ok(!policy_preset(&p, "a-b", 3) && !policy_preset(&p, "c", 1) && !policy_preset(&p, "", 0), "or not");
	policy_release(&p);
	refuses(policy_add_preset, "a", form);
	refuses(policy_add_preset, "a 1", form);
	refuses(policy_add_preset, "a: {}", name);
	refuses(policy_add_preset, "a b {}", form);
	refuses(policy_add_preset, "{}", name);
	refuses(policy_add_preset, "A {}", name);
	refuses(policy_add_preset, "a/b {}", name);
	refuses(policy_add_preset, "ä {}", name);
	refuses(policy_add_preset, "a {\"x\":}", "the object: offset 5: value expected");
	refuses(policy_add_preset, "a {} {}", "the object: offset 3: more than one value");
	refuses(policy_add_preset, "a {\"x\":1,\"x\":2}", "duplicate key \"x\"");
	refuses(policy_add_preset, "a {\"x.y\":1}", field);
	refuses(policy_add_preset, "a {\"\":1}", field);
	refuses(policy_add_preset, "a {\"x\\u0000\":1}", field);
	refuses(policy_add_preset, "a {\"model\":1}", "model is a string");
	refuses(policy_add_preset, "a {\"model\":\"\"}", models);
	refuses(policy_add_preset, "a {\"model\":\"@preset/b\"}", models);
	refuses(policy_add_preset, "a {\"models\":[\"x\",\"y@preset/b\"]}", models);
	refuses(policy_add_preset, "a {\"models\":\"x\"}", "models is a list of strings");
	refuses(policy_add_preset, "a {\"models\":[1]}", "models is a list of strings");
	refuses(policy_add_preset, "a {\"tools\":{}}", "tools is a list");
	refuses(policy_add_preset, "a {\"system_prompt\":[]}", "system_prompt is a string");
	refuses(policy_add_preset, "a {\"provider\":\"x\"}", "provider is an object");
	refuses(policy_add_preset, "a {\"messages\":[]}",
	    "a preset holds no messages: what it says to a model is its system_prompt");
	refuses(policy_add_preset, "a {\"preset\":\"b\"}", "a preset names no other");
	refuses(policy_add_preset, "a {\"config\":{}}", "the fields of config stand in the preset itself");
	refuses(policy_add_preset, "a {\"designated_version\":{}}",
	    "the fields of designated_version stand in the preset itself");
}

static void
names(const char *model, const char *want, long want_model)
{
	const char *name = NULL;
	size_t n_model = 99, n = policy_names_preset(model, &name, &n_model);

	tap_is_int((long long)n, (long long)strlen(want), model);
	if (n)
		tap_ok(strcmp(name, want) == 0 && n_model == (size_t)want_model, "and which, and what is in front");
}

static void
test_names(void)
{
	names("@preset/x", "x", 0);
	names("author/slug@preset/my-x", "my-x", 11);
	names("a/b:floor@preset/x", "x", 9);
	names("@preset/", "", 0);
	names("preset/x", "", 0);
	names("a/b", "", 0);
	names("", "", 0);
}

/* preset + request = want; for want NULL the error `why`. */
struct merge {
	const char *name, *preset, *request, *want, *why;
};

static void
merges(const struct merge *m)
{
	struct policy p = POLICY_INIT;
	struct json j = JSON_INIT;
	struct buf out = BUF_INIT;
	struct err e = {0};

	buf_adds(&out, "<");
	if (add(policy_add_preset, &p, m->preset, &e) || json_parse(&j, m->request, strlen(m->request), &e))
		tap_ok(0, "%s: %s", m->name, e.msg);
	else if (policy_apply(&p.preset[0], &j, &out, &e))
		tap_is_str(e.msg, m->why, m->name);
	else
		tap_is_str(out.p + 1, m->want, m->name);
	json_release(&j);
	buf_release(&out);
	policy_release(&p);
}

static void
test_fields(void)
{
	static const struct merge v[] = {{"an empty preset", "x {}", "{ \"model\" : \"a/b\",\"n\":1.0e0 }",
					     "{ \"model\" : \"a/b\",\"n\":1.0e0 }", NULL},
	    {"fields are added, and the request's win", "x {\"temperature\":0.50,\"top_p\":1,\"seed\":7}",
		"{\"model\":\"a\", \"top_p\" : 0.10}",
		"{\"model\":\"a\", \"top_p\" : 0.10,\"temperature\":0.50,\"seed\":7}", NULL},
	    {"null wins too", "x {\"temperature\":1}", "{\"model\":\"a\",\"temperature\":null}",
		"{\"model\":\"a\",\"temperature\":null}", NULL},
	    {"the merge is shallow", "x {\"provider\":{\"sort\":\"price\",\"zdr\":true}}",
		"{\"model\":\"a\",\"provider\":{\"only\":[\"x\"]}}",
		"{\"model\":\"a\",\"provider\":{\"only\":[\"x\"]}}", NULL},
	    {"preset is taken out", "x {\"seed\":1}", "{\"preset\":\"x\",\"model\":\"a\"}",
		"{\"model\":\"a\",\"seed\":1}", NULL},
	    {"what a preset says about itself stays out",
		"x {\"id\":1,\"name\":\"n\",\"slug\":\"s\",\"description\":\"d\",\"status\":\"active\",\"cache_enabled\":true,"
		"\"cache_ttl_seconds\":9,\"stream\":false}",
		"{\"model\":\"a\"}", "{\"model\":\"a\",\"stream\":false}", NULL},
	    {"but not of the request", "x {}", "{\"model\":\"a\",\"name\":\"n\",\"id\":3}",
		"{\"model\":\"a\",\"name\":\"n\",\"id\":3}", NULL},
	    {"no object", "x {}", "[]", NULL, "preset x: not a JSON object"}};

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		merges(&v[i]);
}

static void
test_models(void)
{
	static const struct merge v[] = {{"@preset/x: the preset's model", "x {\"model\":\"a/b\"}",
					     "{\"model\":\"@preset/x\",\"n\":1}", "{\"model\":\"a/b\",\"n\":1}", NULL},
	    {"and its models", "x {\"model\":\"a/b\",\"models\":[\"c/d\"]}", "{\"model\":\"@preset/x\"}",
		"{\"model\":\"a/b\",\"models\":[\"c/d\"]}", NULL},
	    {"models only: the first, and the others", "x {\"models\":[ \"a/b\", \"c/d\" , \"e/f\"]}",
		"{\"model\":\"@preset/x\"}", "{\"model\":\"a/b\",\"models\":[\"c/d\",\"e/f\"]}", NULL},
	    {"one of models", "x {\"models\":[\"a/b\"]}", "{\"model\":\"@preset/x\"}", "{\"model\":\"a/b\"}", NULL},
	    {"the request's models win", "x {\"models\":[\"a/b\",\"c/d\"]}",
		"{\"model\":\"@preset/x\",\"models\":[\"g/h\"]}", "{\"model\":\"a/b\",\"models\":[\"g/h\"]}", NULL},
	    {"no model, and none there", "x {\"models\":[]}", "{\"model\":\"@preset/x\"}", NULL,
		"preset x: the preset names no model"},
	    {"author/slug@preset/x: that model", "x {\"model\":\"a/b\",\"seed\":1}",
		"{\"model\":\"c/d:floor@preset/x\"}", "{\"model\":\"c/d:floor\",\"seed\":1}", NULL},
	    {"with the preset's models behind it", "x {\"models\":[\"a/b\"]}", "{\"model\":\"c/d@preset/x\"}",
		"{\"model\":\"c/d\",\"models\":[\"a/b\"]}", NULL},
	    {"or its own", "x {\"models\":[\"a/b\"]}", "{\"model\":\"c/d@preset/x\",\"models\":[]}",
		"{\"model\":\"c/d\",\"models\":[]}", NULL},
	    {"preset: x and no model", "x {\"model\":\"a/b\"}", "{\"preset\":\"x\"}", "{\"model\":\"a/b\"}", NULL},
	    {"preset: x and null", "x {\"models\":[\"a/b\"]}", "{\"preset\":\"x\",\"model\":null}",
		"{\"model\":\"a/b\"}", NULL},
	    {"preset: x and a model", "x {\"model\":\"a/b\"}", "{\"preset\":\"x\",\"model\":\"c/d\"}",
		"{\"model\":\"c/d\"}", NULL},
	    {"no model anywhere", "x {\"seed\":1}", "{\"preset\":\"x\"}", "{\"seed\":1}", NULL}};

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		merges(&v[i]);
}

#define FUNCTION(name, more) "{\"type\":\"function\",\"function\":{\"name\":\"" name "\"" more "}}"

static void
test_tools(void)
{
	static const struct merge v[] = {
	    {"the preset's tools", "x {\"tools\":[" FUNCTION("f", "") "]}", "{\"model\":\"a\"}",
		"{\"model\":\"a\",\"tools\":[" FUNCTION("f", "") "]}", NULL},
	    {"joined by the function's name; the request's win",
		"x {\"tools\":[" FUNCTION("f", ",\"strict\":true") ", " FUNCTION("g", "") "]}",
		"{\"tools\": [ " FUNCTION("f", "") " ],\"model\":\"a\"}",
		"{\"tools\": [ " FUNCTION("f", "") " ," FUNCTION("g", "") "],\"model\":\"a\"}", NULL},
	    {"an empty list", "x {\"tools\":[" FUNCTION("f", "") "]}", "{\"tools\":[ ],\"model\":\"a\"}",
		"{\"tools\":[ " FUNCTION("f", "") "],\"model\":\"a\"}", NULL},
	    {"none of the preset's", "x {\"tools\":[]}", "{\"tools\":[ 1 ],\"model\":\"a\"}",
		"{\"tools\":[ 1 ],\"model\":\"a\"}", NULL},
	    {"a name that is spelt otherwise", "x {\"tools\":[" FUNCTION("f", "") "]}",
		"{\"tools\":[{\"function\":{\"name\":\"\\u0066\"}}],\"model\":\"a\"}",
		"{\"tools\":[{\"function\":{\"name\":\"\\u0066\"}}],\"model\":\"a\"}", NULL},
	    {"a server tool's type",
		"x {\"tools\":[{\"type\":\"openrouter:web_search\",\"parameters\":{\"max_results\":1}},{\"type\":\"openrouter:datetime\"}]}",
		"{\"tools\":[{\"type\":\"openrouter:web_search\"}],\"model\":\"a\"}",
		"{\"tools\":[{\"type\":\"openrouter:web_search\"},{\"type\":\"openrouter:datetime\"}],\"model\":\"a\"}",
		NULL},
	    {"with its name, where it has one",
		"x {\"tools\":[{\"type\":\"openrouter:advisor\",\"parameters\":{\"name\":\"p\"}},{\"type\":\"openrouter:advisor\","
		"\"parameters\":{\"name\":\"q\"}}]}",
		"{\"tools\":[{\"type\":\"openrouter:advisor\",\"parameters\":{\"name\":\"q\",\"x\":1}}],\"model\":\"a\"}",
		"{\"tools\":[{\"type\":\"openrouter:advisor\",\"parameters\":{\"name\":\"q\",\"x\":1}},{\"type\":\"openrouter:"
		"advisor\",\"parameters\":{\"name\":\"p\"}}],\"model\":\"a\"}",
		NULL},
	    {"a function isn't a server tool", "x {\"tools\":[{\"type\":\"f\"}]}",
		"{\"tools\":[" FUNCTION("f", "") "],\"model\":\"a\"}",
		"{\"tools\":[" FUNCTION("f", "") ",{\"type\":\"f\"}],\"model\":\"a\"}", NULL},
	    {"null is no list to join", "x {\"tools\":[" FUNCTION("f", "") "]}", "{\"tools\":null,\"model\":\"a\"}",
		"{\"tools\":null,\"model\":\"a\"}", NULL}};

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		merges(&v[i]);
}

static void
test_system(void)
{
	static const char preset[] = "x {\"system_prompt\":\"Be \\u0022brief\\u0022.\"}";
	static const struct merge v[] = {
	    {"the first message", preset,
		"{\"model\":\"a\",\"messages\": [ {\"role\":\"user\",\"content\":\"\\u0068i\"} ]}",
		"{\"model\":\"a\",\"messages\": [{\"role\":\"system\",\"content\":\"Be \\u0022brief\\u0022.\"}, "
		"{\"role\":\"user\",\"content\":\"\\u0068i\"} ]}",
		NULL},
	    {"the only message", preset, "{\"model\":\"a\",\"messages\":[]}",
		"{\"model\":\"a\",\"messages\":[{\"role\":\"system\",\"content\":\"Be \\u0022brief\\u0022.\"}]}", NULL},
	    {"not where there is a system message", preset,
		"{\"model\":\"a\",\"messages\":[{\"role\":\"user\"},{\"role\":\"system\",\"content\":\"x\"}]}",
		"{\"model\":\"a\",\"messages\":[{\"role\":\"user\"},{\"role\":\"system\",\"content\":\"x\"}]}", NULL},
	    {"nor a developer's", preset, "{\"model\":\"a\",\"messages\":[{\"role\":\"developer\",\"content\":\"x\"}]}",
		"{\"model\":\"a\",\"messages\":[{\"role\":\"developer\",\"content\":\"x\"}]}", NULL},
	    {"nor where there are no messages", preset, "{\"model\":\"a\",\"prompt\":\"x\"}",
		"{\"model\":\"a\",\"prompt\":\"x\"}", NULL}};

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		merges(&v[i]);
}

static void
put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	if (!f || fputs(text, f) < 0 || fclose(f) != 0) {
		perror(name);
		exit(99);
	}
}

static void
load_is(const char *table, const char *text, const char *want, const char *name)
{
	struct policy p = POLICY_INIT;
	struct err e = {0};

	put(table, text);
	tap_is_int(policy_load(&p, &e), want ? -1 : 0, name);
	tap_is_str(e.msg, want ? want : "", "with this message");
	tap_is_int(e.kind, want ? ERR_CONFIG : ERR_NONE, "and kind");
	policy_release(&p);
	unlink(table);
}

static void
test_load(void)
{
	char dir[] = "/tmp/orutils-policy-XXXXXX";
	struct policy p = POLICY_INIT;
	struct err e = {0};

	if (!mkdtemp(dir) || chdir(dir) != 0 || mkdir("a", 0700) != 0 || mkdir("b", 0700) != 0)
		exit(99);
	setenv("OR_CONFIG", "a:b", 1);
	tap_is_int(policy_load(&p, &e), 0, "no table has to exist");
	tap_ok(p.n_rule + p.n_preset + p.n_budget == 0, "and nothing is decided then");
	put("a/rules", "# mine\r\nx: lang=de\r\n");
	put("b/rules", "y: match=a b\\#c # d\n");
	put("a/presets", "t {\"seed\":1}\n");
	put("b/presets", "t {\"seed\":2}\nu {}\n");
	put("a/budgets", "month 10\n");
	tap_is_int(policy_load(&p, &e), 0, "three tables of two directories");
	tap_is_str(e.msg, "", "without complaint");
	tap_ok(p.n_rule == 2 && p.n_preset == 2 && p.n_budget == 1, "all entries are there");
	tap_is_str(p.rule[0].chain, "x", "one's own rules come first");
	tap_is_str(chosen_for(&p, "a b#c"), "y", "a comment isn't of the expression");
	tap_is_str(policy_preset(&p, "t", 1)->json, "{\"seed\":1}", "one's own preset wins");
	policy_release(&p);
	unlink("b/rules");
	unlink("b/presets");
	unlink("a/budgets");
	unlink("a/presets");
	unlink("a/rules");
	load_is("a/rules",
	    "den:qwen3:          tag=ci-*\n"
	    "x/coder, y/coder:   max=64k match=(segmentation fault|stack trace)\n"
	    "z/sees:             image=yes\nx/large:            min=200k\nx/german:           lang=de,nl\n"
	    "z: lang=ar,bg,bn,cs,da,de,el,en,es,fa,fi,fr,he,hi,hu,hy,id,it,ja,ka,ko,nl,no,pl,pt,ro,ru,sv,ta,te,th,tr,uk,ur,vi,zh",
	    NULL, "the rules of orutils-tables(5)");
	load_is("a/presets",
	    "terse {\"model\": \"x/small\", \"temperature\": 0.2, \"system_prompt\": \"Be brief.\"}\n"
	    "night {\"models\": [\"x/large\", \"y/large\"], \"provider\": {\"sort\": \"price\"}}\n",
	    NULL, "its presets");
	load_is("a/budgets",
	    "day    2.50\nmonth  tag=ci-* 20       ceiling=0.05\nmonth  provider=openai model=*/o1* 10\n", NULL,
	    "and its budgets");
	put("a/budgets", "day 1\nyear 3\n");
	tap_is_int(policy_load(&p, &e), -1, "a bad budget");
	tap_ok(strncmp(e.msg, "a/budgets:2: ", 13) == 0 && e.kind == ERR_CONFIG, "with its place");
	policy_release(&p);
	unlink("a/budgets");
	load_is("b/rules", "x: lang=de\n\nx\n",
	    "b/rules:3: a rule is models: [tag=] [min=] [max=] [lang=] [image=] [match=]", "a bad rule");
	load_is("a/presets", "x {\n}\n", "a/presets:1: the object: offset 1: unfinished", "an object of two lines");
	if (rmdir("a") != 0 || rmdir("b") != 0 || chdir("/") != 0 || rmdir(dir) != 0)
		perror(dir);
}

int
main(void)
{
	test_rule_lines();
	test_rule_errors();
	test_limits();
	test_selectors();
	test_bounds();
	test_text();
	test_cost();
	test_preset_lines();
	test_names();
	test_fields();
	test_models();
	test_tools();
	test_system();
	test_load();
	return tap_done();
}
