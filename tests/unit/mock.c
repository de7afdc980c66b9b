/* SPDX-License-Identifier: ISC */
/* The mock's script, decoded as any answer is: that is what it is for. */
#include "wire/mock.h"

#include <err.h>
#include <stdlib.h>

#include "../wire/events.h"
#include "json.h"
#include "play.h"
#include "tap.h"

static int
play(struct play *out, const char *model, const char *req, int attempt, struct err *e)
{
	struct json j = JSON_INIT;
	int r;

	if (json_parse(&j, req, strlen(req), e))
		errx(1, "%s: %s", req, e->msg);
	r = mock_play(out, model, &j, attempt, e);
	json_release(&j);
	return r;
}

/* What a request's answer decodes to, text events in brackets: "[Hi ][you]stop 2/2 ok". */
static int
short_form(void *arg, const struct event *ev)
{
	struct buf *b = arg;

	if (ev->type == EVENT_TEXT) {
		buf_addc(b, '[');
		buf_add(b, ev->s, ev->n);
		buf_addc(b, ']');
	} else if (ev->type == EVENT_FINISH) {
		buf_addf(b, "%s ", ev->s);
	} else if (ev->type == EVENT_USAGE) {
		buf_addf(b, "%lld/%lld ", (long long)ev->usage->prompt, (long long)ev->usage->completion);
	}
	return 0;
}

static void
answer(struct buf *out, const char *req, int attempt)
{
	struct play p = PLAY_INIT;
	struct decoder d;
	struct err e = {0};

	buf_clear(out);
	if (play(&p, "echo", req, attempt, &e)) {
		buf_addf(out, "refused %s", e.msg);
		return;
	}
	decoder_init(&d, &wire_openai, p.status, short_form, out);
	decoder_feed(&d, buf_str(&p.bytes), p.bytes.len);
	if (decoder_end(&d, &e))
		buf_addf(out, "%s %d", err_word(e.kind), e.http);
	else
		buf_adds(out, "ok");
	if (p.cut)
		buf_adds(out, " cut");
	decoder_release(&d);
	play_release(&p);
}

#define SAY(s) "\"messages\":[{\"role\":\"system\",\"content\":\"Be brief\"},{\"role\":\"user\",\"content\":\"" s "\"}]"

static const struct {
	const char *req;
	int attempt;
	const char *want;
} cases[] = {
    {"{\"stream\":true," SAY("Hi  you\\n") "}", 0, "[Hi  ][you\n]stop 4/2 ok"},
    {"{" SAY("Hi  you\\n") "}", 0, "[Hi  you\n]stop 4/2 ok"},
    {"{\"stream\":true," SAY(" \xc3\xa9 \xe6\xbc\xa2") "}", 0, "[ \xc3\xa9 ][\xe6\xbc\xa2]stop 4/2 ok"},
    {"{\"stream\":true," SAY("") "}", 0, "stop 2/0 ok"},
    {"{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"image_url\"},"
     "{\"type\":\"text\",\"text\":\" b\"}]},{\"role\":\"assistant\",\"content\":\"c d\"}]}",
	0, "[a ][b]stop 4/2 ok"},
    {"{\"stream\":true,\"max_tokens\":1," SAY("one two") "}", 0, "[one]length 4/1 ok"},
    {"{\"stream\":true,\"max_tokens\":null,\"max_completion_tokens\":2," SAY("one two three") "}", 0,
	"[one ][two]length 5/2 ok"},
    {"{\"stream\":true,\"mock\":{\"text\":\"x y\",\"finish\":\"content_filter\"}," SAY("Hi") "}", 0,
	"[x ][y]content_filter 3/2 ok"},
    {"{\"stream\":true,\"mock\":{\"text\":42}," SAY("Hi") "}", 0, "[42]stop 3/1 ok"},
    {"{\"stream\":true,\"mock\":{\"cut_after\":1}," SAY("one two") "}", 0, "[one ]temporary 0 cut"},
    {"{\"stream\":true,\"mock\":{\"cut_after\":0}," SAY("one two") "}", 0, "temporary 0 cut"},
    {"{\"stream\":true,\"mock\":{\"cut_after\":2}," SAY("one two") "}", 0, "[one ][two]temporary 0 cut"},
    {"{\"stream\":true,\"mock\":{\"cut_after\":3}," SAY("one two") "}", 0, "[one ][two]stop 4/2 ok"},
    {"{\"mock\":{\"cut_after\":0}," SAY("one two") "}", 0, "protocol 0 cut"},
    {"{\"mock\":{\"status\":429}," SAY("Hi") "}", 0, "temporary 429"},
    {"{\"mock\":{\"status\":401}," SAY("Hi") "}", 5, "auth 401"},
    {"{\"mock\":{\"status\":500,\"fail_times\":2}," SAY("Hi") "}", 1, "temporary 500"},
    {"{\"mock\":{\"status\":500,\"fail_times\":2}," SAY("Hi") "}", 2, "[Hi]stop 3/1 ok"},
    {"{\"mock\":{\"fail_times\":1}," SAY("Hi") "}", 0, "temporary 503"},
    {"{\"stream\":true,\"mock\":{\"fail_times\":1,\"cut_after\":1}," SAY("a b") "}", 0, "[a ]temporary 0 cut"},
    {"{\"stream\":true,\"mock\":{\"fail_times\":1,\"cut_after\":1}," SAY("a b") "}", 1, "[a ][b]stop 4/2 ok"},
    {"{\"stream\":true,\"mock\":{\"finish\":\"error\"}," SAY("a") "}", 0, "[a]error 3/1 temporary 502"},
    {"{\"mock\":{\"status\":200}," SAY("Hi") "}", 0, "refused mock.status: not an error status (300 to 599)"},
    {"{\"mock\":{\"staus\":500}," SAY("Hi") "}", 0,
	"refused mock: no such key (status retry_after cut_after finish delay_ms text fail_times)"},
    {"{\"mock\":{\"delay_ms\":-1}," SAY("Hi") "}", 0, "refused mock.delay_ms: not a number from 0 to 3600000"},
};

static void
test_script(void)
{
	struct play p = PLAY_INIT;
	struct err e = {0};

	play(&p, "echo", "{\"stream\":true,\"mock\":{\"delay_ms\":5}," SAY("a b") "}", 0, &e);
	tap_ok(p.n_step == 4 && p.step[0].after_ms == 5 && p.step[1].after_ms == 5 && p.step[2].after_ms == 0,
	    "a step a word, with the delay");
	tap_ok(p.n_step && p.step[p.n_step - 1].end == p.bytes.len, "the steps cover all bytes");
	play_release(&p);
	play(&p, "echo", "{\"mock\":{\"status\":429,\"retry_after\":7}," SAY("a") "}", 0, &e);
	tap_is_str(buf_str(&p.header), "retry-after: 7\n", "retry_after is a header");
	play_release(&p);
	tap_is_int(play(&p, "other", "{}", 0, &e), -1, "there is one chat model");
	tap_is_int(e.kind, ERR_NOMODEL, "and no other");
	play_release(&p);
}

int
main(void)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		answer(&out, cases[i].req, cases[i].attempt);
		tap_is_str(buf_str(&out), cases[i].want, cases[i].req);
	}
	test_script();
	buf_release(&out);
	return tap_done();
}
