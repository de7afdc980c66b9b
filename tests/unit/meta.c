/* SPDX-License-Identifier: ISC */
#include "meta.h"

#include <string.h>

#include "buf.h"
#include "client.h"
#include "err.h"
#include "json.h"
#include "ledger.h"
#include "providers.h"
#include "tap.h"

static void
emitted(const struct meta_spec *m, const char *want, const char *name)
{
	struct buf out = BUF_INIT;

	meta_emit(m, &out);
	tap_is_str(buf_str(&out), want, name);
	tap_ok(json_valid(buf_str(&out), out.len, NULL, NULL) && strchr(out.p, '\n') == out.p + out.len - 1,
	    "one line of JSON: %s", name);
	buf_release(&out);
}

#define NOTHING \
	"\"usage\":{\"prompt\":null,\"completion\":null,\"cached\":null,\"cache_write\":null,\"reasoning\":null},"

static void
no_call(void)
{
	struct err e = {.kind = ERR_NOKEY};
	struct err fine = {0};
	struct meta_spec m = {.err = &e, .source = COST_UNKNOWN};

	emitted(&m,
	    "{\"id\":null,\"model\":null,\"provider\":null,\"endpoint\":null,\"finish\":null,\"native_finish\":null," NOTHING
	    "\"cost\":null,\"cost_source\":\"unknown\",\"attempts\":[],\"ttft_ms\":null,\"ms\":null,\"status\":78,\"cause\":\"nokey\",\"losses\":[],\"warnings\":[]}\n",
	    "no call: all is null");
	m.err = &fine;
	emitted(&m,
	    "{\"id\":null,\"model\":null,\"provider\":null,\"endpoint\":null,\"finish\":null,\"native_finish\":null," NOTHING
	    "\"cost\":null,\"cost_source\":\"unknown\",\"attempts\":[],\"ttft_ms\":null,\"ms\":null,\"status\":0,\"cause\":null,\"losses\":[],\"warnings\":[]}\n",
	    "no error: no cause");
}

static void
whole(void)
{
	char name[] = "p1", id[] = "gen-\"1\"", model[] = "a/b-2", served[] = "Acme", stop[] = "stop", native[] = "END",
	     asked[] = "a/b", loss[] = "top_k";
	char first[] = "p0:a/b", second[] = "p1:a/b", *losses[] = {loss};
	struct provider p = {.name = name, .wire = name, .prompt = PRICE_UNKNOWN, .completion = PRICE_UNKNOWN};
	struct candidate c = {.provider = &p, .model = asked, .name = asked};
	struct attempt tries[] = {{.endpoint = first,
				      .candidate = &c,
				      .usage = USAGE_INIT,
				      .http = 503,
				      .ms = 12,
				      .cost_pusd = PUSD_UNKNOWN,
				      .err = {.kind = ERR_TEMPORARY, .http = 503, .msg = "503 busy\\"}},
	    {.candidate = &c,
		.endpoint = second,
		.http = 200,
		.ms = 340,
		.cost_pusd = 500000,
		.usage = {1, 1, -1, -1, -1, -1, -1, -1, "5e-7"}}};
	struct outcome o = {.served = &c,
	    .id = id,
	    .model = model,
	    .provider = served,
	    .finish = stop,
	    .native = native,
	    .attempt = tries,
	    .n_attempt = 2,
	    .ttft_ms = 90,
	    .ms = 352,
	    .losses = {losses, 1, 1}};
	struct outcome before = {.attempt = tries, .n_attempt = 1, .ttft_ms = -1};
	const struct outcome *both[] = {&before, &o}, *last[] = {&o};
	struct usage u = {10, 20, 0, -1, 5, -1, -1, -1, "0.1"};
	struct err fine = {0}, cut = {.kind = ERR_TRUNCATED};
	const char *warnings[] = {"w\n1", "w2"};
	struct meta_spec m = {.outcome = last,
	    .n_outcome = 1,
	    .usage = &u,
	    .err = &fine,
	    .cost = "0.0000005",
	    .source = COST_COMPUTED,
	    .warning = warnings,
	    .n_warning = 2};

	emitted(&m,
	    "{\"id\":\"gen-\\\"1\\\"\",\"model\":\"a/b-2\",\"provider\":\"Acme\",\"endpoint\":\"p1:a/b\",\"finish\":\"stop\",\"native_finish\":\"END\","
	    "\"usage\":{\"prompt\":10,\"completion\":20,\"cached\":0,\"cache_write\":null,\"reasoning\":5},\"cost\":0.0000005,\"cost_source\":\"computed\","
	    "\"attempts\":[{\"endpoint\":\"p0:a/b\",\"status\":503,\"ms\":12,\"cost\":null,\"error\":\"503 busy\\\\\"},"
	    "{\"endpoint\":\"p1:a/b\",\"status\":200,\"ms\":340,\"cost\":0.0000005,\"error\":null}],\"ttft_ms\":90,\"ms\":352,\"status\":0,\"cause\":null,"
	    "\"losses\":[\"top_k\"],\"warnings\":[\"w\\n1\",\"w2\"]}\n",
	    "a whole call");

	o.model = o.provider = NULL;
	o.cause = "deadline";
	o.n_attempt = 0;
	m.err = &cut;
	m.outcome = both;
	m.n_outcome = 2;
	m.n_warning = 0;
	m.cost = NULL;
	tries[0].http = 0;
	emitted(&m,
	    "{\"id\":\"gen-\\\"1\\\"\",\"model\":\"a/b\",\"provider\":\"p1\",\"endpoint\":null,\"finish\":\"stop\",\"native_finish\":\"END\","
	    "\"usage\":{\"prompt\":10,\"completion\":20,\"cached\":0,\"cache_write\":null,\"reasoning\":5},\"cost\":null,\"cost_source\":\"computed\","
	    "\"attempts\":[{\"endpoint\":\"p0:a/b\",\"status\":null,\"ms\":12,\"cost\":null,\"error\":\"503 busy\\\\\"}],\"ttft_ms\":90,\"ms\":352,\"status\":3,"
	    "\"cause\":\"deadline\",\"losses\":[\"top_k\"],\"warnings\":[]}\n",
	    "two calls: attempts of both, our own names where the provider has none, the outcome's cause");
}

int
main(void)
{
	no_call();
	whole();
	return tap_done();
}
