/* SPDX-License-Identifier: ISC */
/* What the backs read of a canonical request. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blobs.h"
#include "err.h"
#include "json.h"
#include "jsonw.h"
#include "tap.h"
#include "wire/canon.h"
#include "wire/canon_part.h"
#include "wire/wire.h"

struct fixture {
	struct json j;
	struct wire_ask ask;
	struct losses lost;
	struct err e;
	struct canon c;
};

static void
begin(struct fixture *f, const char *text, int lossy)
{
	memset(f, 0, sizeof(*f));
	if (json_parse(&f->j, text, strlen(text), &f->e))
		printf("Bail out! %s: %s\n", text, f->e.msg);
	f->ask = (struct wire_ask){.request = &f->j, .lossy = lossy};
	canon_init(&f->c, &f->ask, "format", &f->lost, &f->e);
}

static void
end(struct fixture *f)
{
	canon_release(&f->c);
	losses_release(&f->lost);
	json_release(&f->j);
}

static void
loses(const char *text, const char *want)
{
	static const char *const carried[] = {"temperature", NULL};
	struct buf got = BUF_INIT;
	struct fixture f;

	begin(&f, text, 0);
	canon_lose_others(&f.c, carried);
	for (size_t i = 0; i < f.lost.n; i++)
		buf_addf(&got, "%s ", f.lost.v[i]);
	tap_is_str(buf_str(&got), want, text);
	buf_release(&got);
	end(&f);
}

static void
reasoning(const char *text, int wanted, const char *effort, int64_t max_tokens)
{
	struct canon_reasoning r;
	struct fixture f;

	begin(&f, text, 0);
	canon_reasoning(&f.c, &r);
	tap_ok(r.wanted == wanted && strcmp(r.effort, effort) == 0 && r.max_tokens == max_tokens, "%s: %d %s %lld",
	    text, r.wanted, r.effort, (long long)r.max_tokens);
	end(&f);
}

static void
url(const char *part, const char *mime, const char *data, const char *plain)
{
	struct blob blob = {"LONGDATA", 8};
	struct blobs blobs = {&blob, 1, 1};
	struct canon_url u = {0};
	struct fixture f;

	begin(&f, part, 0);
	f.ask.blobs = &blobs;
	int r = canon_part_url(&f.c, 0, &u);
	if (!mime && !plain) {
		tap_is_int(r, -1, part);
	} else if (plain) {
		tap_is_mem(u.url, u.n_url, plain, strlen(plain), part);
	} else {
		tap_is_mem(u.mime, u.n_mime, mime, strlen(mime), part);
		tap_is_mem(u.data, u.n_data, data, strlen(data), part);
	}
	end(&f);
}

static void
args(const char *text, const char *want, int want_bad)
{
	struct buf out = BUF_INIT;
	struct fixture f;
	struct jsonw w;
	int bad;

	begin(&f, text, 0);
	jsonw_init(&w, &out);
	canon_write_args(&f.c, &w, 0, &bad);
	tap_is_str(buf_str(&out), want, text);
	tap_is_int(bad, want_bad, "and whether it was one");
	buf_release(&out);
	end(&f);
}

static void
test_content(void)
{
	struct fixture f;

	begin(&f, "{}", 0);
	tap_is_int(canon_refuse(&f.c, "video_url"), 1, "content is refused");
	tap_is_str(f.e.msg, "format doesn't take video_url", "by its name");
	canon_refuse(&f.c, "other");
	canon_bad(&f.c, "worse");
	tap_is_str(f.e.msg, "format doesn't take video_url", "the first refusal stays");
	end(&f);
	begin(&f, "{}", 1);
	tap_is_int(canon_refuse(&f.c, "video_url"), 0, "or is lost");
	tap_ok(
	    f.lost.n == 1 && f.lost.n_content == 1 && strcmp(f.lost.v[0], "video_url") == 0, "and listed as content");
	end(&f);
}

static void
test_names(void)
{
	static const char text[] =
	    "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"f\"}},"
	    "{\"id\":\"b\",\"function\":{\"name\":\"g\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"b\"},"
	    "{\"role\":\"tool\",\"tool_call_id\":\"z\"},{\"role\":\"developer\"},{\"role\":\"x\"}]}";
	struct buf name = BUF_INIT;
	struct fixture f;

	begin(&f, text, 0);
	int m = json_path(&f.j, 0, "messages.1");
	tap_is_int(canon_tool_name(&f.c, json_get(&f.j, m, "tool_call_id"), m, &name), 0, "a call is found");
	tap_is_str(buf_str(&name), "g", "by its id");
	tap_is_int(canon_role(&f.c, m), CANON_TOOL, "tool");
	m = json_path(&f.j, 0, "messages.2");
	tap_is_int(canon_tool_name(&f.c, json_get(&f.j, m, "tool_call_id"), m, &name), -1, "or not");
	tap_is_int(canon_role(&f.c, json_path(&f.j, 0, "messages.3")), CANON_SYSTEM, "developer");
	tap_is_int(canon_role(&f.c, json_path(&f.j, 0, "messages.4")), CANON_UNKNOWN, "another role");
	buf_release(&name);
	end(&f);
}

int
main(void)
{
	loses("{}", "");
	loses("{\"model\":\"m\",\"messages\":[],\"stream\":true,\"usage\":{},\"temperature\":1}", "");
	loses("{\"top_k\":1,\"seed\":2}", "top_k seed ");
	loses("{\"top_k\":null,\"logprobs\":false,\"n\":1,\"store\":false}", "");
	loses("{\"logprobs\":true,\"n\":2,\"store\":true}", "logprobs n store ");
	reasoning("{}", -1, "", -1);
	reasoning("{\"reasoning_effort\":\"high\"}", 1, "high", -1);
	reasoning("{\"reasoning\":{\"effort\":\"none\"}}", 0, "none", -1);
	reasoning("{\"reasoning\":{\"effort\":\"low\"},\"reasoning_effort\":\"high\"}", 1, "low", -1);
	reasoning("{\"reasoning\":{\"max_tokens\":2000}}", 1, "", 2000);
	reasoning("{\"reasoning\":{\"max_tokens\":0}}", 0, "", 0);
	reasoning("{\"reasoning\":{\"enabled\":true}}", 1, "", -1);
	reasoning("{\"reasoning\":{\"enabled\":false,\"effort\":\"high\"}}", 0, "high", -1);
	tap_is_int(canon_budget("high", 10000), 8000, "high is eight tenths");
	tap_is_int(canon_budget("minimal", 2000), 1024, "at least 1024");
	tap_is_int(canon_budget("xhigh", 1000000), 128000, "at most 128000");
	tap_is_int(canon_budget("low", INT64_MAX), 128000, "of any limit");
	tap_is_str(canon_effort(8000, 10000), "high", "back to high");
	tap_is_str(canon_effort(4900, 10000), "medium", "the nearest");
	url("{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,QUI=\"}}", "image/png",
	    "QUI=", NULL);
	url("{\"type\":\"image_url\",\"image_url\":\"https://h/x.png\"}", NULL, NULL, "https://h/x.png");
	url("{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png,abc\"}}", NULL, NULL, NULL);
	url("{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:;base64,QQ==\"}}", "", "QQ==", NULL);
	url("{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/svg+xml;charset=x;base64,QQ==\"}}",
	    "image/svg+xml", "QQ==", NULL);
	url("{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,*blob:0*\"}}", "image/png",
	    "LONGDATA", NULL);
	url("{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"QQ==\",\"format\":\"mp3\"}}", "audio/mpeg",
	    "QQ==", NULL);
	url("{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"*blob:0*\",\"format\":\"wav\"}}", "audio/wav",
	    "LONGDATA", NULL);
	url("{\"type\":\"file\",\"file\":{\"file_data\":\"data:application/pdf;base64,QQ==\"}}", "application/pdf",
	    "QQ==", NULL);
	url("{\"type\":\"file\",\"file\":{\"file_id\":\"f\"}}", NULL, NULL, NULL);
	url("{\"type\":\"text\",\"text\":\"x\"}", NULL, NULL, NULL);
	args("\"{\\\"a\\\":1}\"", "{\"a\":1}", 0);
	args("\"\"", "{}", 0);
	args("\"[1]\"", "{}", 1);
	args("\"{\"", "{}", 1);
	args("{\"a\":1}", "{\"a\":1}", 0);
	args("null", "{}", 0);
	test_content();
	test_names();
	return tap_done();
}
