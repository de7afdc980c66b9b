/* SPDX-License-Identifier: ISC */
/* Where Bedrock's requests go, what proves who sends them, and what a golden file can't say: the rest is tests/wire/bedrock. */
#include <stdlib.h>
#include <string.h>

#include "blobs.h"
#include "err.h"
#include "json.h"
#include "providers.h"
#include "tap.h"
#include "wire/amazon.h"
#include "wire/front.h"

static char base_none[] = "", base_own[] = "http://127.0.0.1:1/b", region[] = "us-west-2", china[] = "cn-north-1",
	    id[] = "AKID", token[] = "tok", secret[] = "s3cret", name[] = "b", path[] = "/x/{model}",
	    wire[] = "bedrock", key[] = "aws:";

static struct provider
row(char *base)
{
	return (struct provider){.name = name, .wire = wire, .base = base, .key = key, .auth = AUTH_BEARER};
}

static int
encode(struct wire_call *out, const struct wire_ask *ask, const char *text, struct losses *lost, struct err *e)
{
	struct wire_ask a = *ask;
	struct json j = JSON_INIT;

	json_parse(&j, text, strlen(text), e);
	a.request = &j;
	int r = wire_bedrock.encode(out, &a, lost, e);
	json_release(&j);
	return r;
}

static void
is_url(const struct provider *p, const char *model, const char *request, const char *want)
{
	const struct wire_ask ask = {.provider = p, .model = model};
	struct wire_call c = {0};
	struct losses lost = {0};
	struct err e = {0};

	tap_is_int(encode(&c, &ask, request, &lost, &e), 0, "encoded");
	tap_is_str(buf_str(&c.url), want, want);
	wire_call_release(&c);
	losses_release(&lost);
}

#define HI "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"

static void
test_urls(void)
{
	struct provider p = row(base_none);

	is_url(NULL, "m", "{" HI, "");
	p.region = region;
	is_url(&p, "a.b-v2:0", "{" HI, "https://bedrock-runtime.us-west-2.amazonaws.com/model/a.b-v2%3A0/converse");
	is_url(&p, "a.b-v2:0", "{\"stream\":true," HI,
	    "https://bedrock-runtime.us-west-2.amazonaws.com/model/a.b-v2%3A0/converse-stream");
	is_url(&p, "arn:aws:x/y", "{" HI,
	    "https://bedrock-runtime.us-west-2.amazonaws.com/model/arn%3Aaws%3Ax%2Fy/converse");
	p.region = china;
	is_url(&p, "m", "{" HI, "https://bedrock-runtime.cn-north-1.amazonaws.com.cn/model/m/converse");
	p = row(base_own);
	is_url(&p, "m", "{" HI, "http://127.0.0.1:1/b/model/m/converse");
	p.path = path;
	is_url(&p, "m", "{" HI, "http://127.0.0.1:1/b/x/m");
}

/* Signs a call that was encoded for the row; "" or the message of the failure. */
static const char *
sign(struct wire_call *c, const struct provider *p, struct err *e)
{
	const struct wire_ask ask = {.provider = p, .model = "m"};
	struct losses lost = {0};

	err_clear(e);
	encode(c, &ask, "{" HI, &lost, e);
	amazon_sign(c, p, "POST", 1440938160, e);
	losses_release(&lost);
	return e->msg;
}

static void
test_sign(void)
{
	struct provider p = row(base_none);
	struct wire_call c = {0};
	struct err e = {0};

	p.secret = secret;
	p.aws.id = id;
	tap_is_str(sign(&c, &p, &e),
	    "b: no region: neither region= in its row, AWS_REGION, AWS_DEFAULT_REGION nor its profile says one",
	    "no region");
	tap_is_int(e.kind, ERR_NOKEY, "is like no key");
	p.aws.region = region;
	tap_is_str(sign(&c, &p, &e), "", "a region that was found with the key");
	tap_is_str(c.url.p, "https://bedrock-runtime.us-west-2.amazonaws.com/model/m/converse", "is in the URL");
	/* the signature: botocore 1.43's for this request */
	tap_is_str(buf_str(&c.header),
	    "X-Amz-Date: 20150830T123600Z\nAuthorization: AWS4-HMAC-SHA256 Credential=AKID/20150830/us-west-2/bedrock/aws4_request, "
	    "SignedHeaders=host;x-amz-date, Signature=911c7eb60f9c31b9a88b0a2ddb9b8f554598ea8a4458dacfeab5618d7ddaf47f\n",
	    "is signed for");
	p.aws.region = china;
	sign(&c, &p, &e);
	tap_is_str(c.url.p, "https://bedrock-runtime.cn-north-1.amazonaws.com.cn/model/m/converse",
	    "China has a domain of its own");
	p.aws.token = token;
	sign(&c, &p, &e);
	tap_ok(strstr(c.header.p, "\nX-Amz-Security-Token: tok\n") &&
		strstr(c.header.p, "SignedHeaders=host;x-amz-date;x-amz-security-token,"),
	    "a session's token is sent and signed");
	p = row(base_own);
	p.secret = secret;
	p.aws.id = id;
	tap_is_str(sign(&c, &p, &e), "b: no region to sign for: region= in its row, or AWS_REGION",
	    "a base of its own needs one to be signed for");
	p.aws.id = NULL;
	tap_is_str(sign(&c, &p, &e), "", "but none for a bearer token");
	tap_is_str(buf_str(&c.header), "Authorization: Bearer s3cret\n", "which is sent");
	wire_call_release(&c);
}

static void
test_list(void)
{
	struct provider p = row(base_none);
	struct buf url = BUF_INIT;

	p.region = region;
	amazon_list_url(&url, &p);
	tap_is_str(url.p, "https://bedrock.us-west-2.amazonaws.com/foundation-models", "the list is another service's");
	buf_clear(&url);
	p = row(base_own);
	amazon_list_url(&url, &p);
	tap_is_str(url.p, "http://127.0.0.1:1/b/foundation-models", "unless the row says where");
	buf_release(&url);
}

/* A long image goes from one end to the other without a copy of its own. */
static void
test_blobs(void)
{
	struct buf text = BUF_INIT, canonical = BUF_INIT;
	struct blobs blobs = BLOBS_INIT;
	struct json j = JSON_INIT;
	struct losses lost = {0};
	struct wire_call c = {0};
	struct err e = {0};

	buf_adds(&text,
	    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"image\":{\"format\":\"png\",\"source\":{\"bytes\":\"");
	for (int i = 0; i < 5000; i++)
		buf_adds(&text, "AAAA");
	buf_adds(&text, "\"}}},{\"audio\":{\"format\":\"wav\",\"source\":{\"bytes\":\"");
	for (int i = 0; i < 5000; i++)
		buf_adds(&text, "BBBB");
	buf_adds(&text, "\"}}}]}]}");
	json_parse(&j, text.p, text.len, &e);
	const struct front_ask ask = {.request = &j, .stream = -1, .blobs = &blobs};
	tap_is_int(front_bedrock.request(&ask, &canonical, &lost, &e), 0, "a request with long data");
	tap_ok(canonical.len < 400 && blobs.n == 2, "whose data stays where it is");
	const struct wire_ask back = {.blobs = &blobs};
	tap_is_int(encode(&c, &back, canonical.p, &lost, &e), 0, "back again");
	tap_is_mem(buf_str(&c.body), c.body.len, text.p, text.len, "it is what it was");
	wire_call_release(&c);
	losses_release(&lost);
	json_release(&j);
	blobs_release(&blobs);
	buf_release(&text);
	buf_release(&canonical);
}

static void
is_body(const struct wire_ask *ask, const char *text, const char *want, const char *what)
{
	struct wire_call c = {0};
	struct losses lost = {0};
	struct err e = {0};

	encode(&c, ask, text, &lost, &e);
	tap_is_str(buf_str(&c.body), want, what);
	wire_call_release(&c);
	losses_release(&lost);
}

static void
test_cache(void)
{
	static const char point[] =
	    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"hi\"},{\"cachePoint\":{\"type\":\"default\"}}]}]}";
	static const char marked[] =
	    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\",\"cache_control\":{}},"
	    "{\"type\":\"text\",\"text\":\"x\"}]}]}";
	const struct wire_ask ask = {.cache = 1};

	is_body(&ask, "{" HI, point, "the prompt is cached up to its end where that is asked for");
	is_body(&ask, marked,
	    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"hi\"},{\"cachePoint\":{\"type\":\"default\"}},{\"text\":\"x\"}]}]}",
	    "but not where the request has points of its own");
}

/* Parts of front_ask that come with the URL. */
static void
test_ask(void)
{
	static const char text[] = "{\"modelId\":\"body\",\"messages\":[]}";
	struct buf out = BUF_INIT;
	struct json j = JSON_INIT;
	struct losses lost = {0};
	struct err e = {0};

	json_parse(&j, text, strlen(text), &e);
	const struct front_ask ask = {.request = &j, .model = "url", .stream = 1};
	tap_is_int(front_bedrock.request(&ask, &out, &lost, &e), 0, "a request");
	tap_is_str(
	    buf_str(&out), "{\"model\":\"url\",\"stream\":true,\"messages\":[]}", "the URL says model and stream");
	json_release(&j);
	losses_release(&lost);
	buf_release(&out);
}

int
main(void)
{
	test_urls();
	test_sign();
	test_list();
	test_blobs();
	test_cache();
	test_ask();
	return tap_done();
}
