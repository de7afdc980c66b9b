/* SPDX-License-Identifier: ISC */
#include "wire/amazon.h"

#include <string.h>

#include "buf.h"
#include "err.h"
#include "providers.h"
#include "sigv4.h"
#include "str.h"
#include "wire/wire.h"

/* What stands in a URL for the region until it is known: it is looked up with the key. */
#define HOLE "{region}"

/* The start of a URL of one of Bedrock's two services, unless the row has a base of its own. */
void
amazon_host(struct buf *url, const struct provider *p, const char *service)
{
	if (*p->base)
		buf_adds(url, p->base);
	else
		buf_addf(url, "https://%s.%s.amazonaws.com%s", service, p->region ? p->region : HOLE,
		    p->region && str_starts(p->region, "cn-") ? ".cn" : "");
}

void
amazon_list_url(struct buf *url, const struct provider *p)
{
	amazon_host(url, p, "bedrock");
	buf_adds(url, "/foundation-models");
}

/* Puts the region where it was unknown. */
static int
fill_region(struct wire_call *c, const struct provider *p, struct err *e)
{
	char *hole = strstr(buf_str(&c->url), HOLE);
	struct buf url = BUF_INIT;

	if (!hole)
		return 0;
	if (!p->aws.region)
		return err_set(e, ERR_NOKEY,
		    "%s: no region: neither region= in its row, AWS_REGION, AWS_DEFAULT_REGION nor its profile says one",
		    p->name);
	const char *rest = hole + strlen(HOLE), *domain = ".amazonaws.com";
	buf_add(&url, c->url.p, (size_t)(hole - c->url.p));
	buf_adds(&url, p->aws.region);
	if (str_starts(p->aws.region, "cn-") && str_starts(rest, domain)) {
		buf_addf(&url, "%s.cn", domain);
		rest += strlen(domain);
	}
	buf_adds(&url, rest);
	buf_release(&c->url);
	c->url = url;
	return 0;
}

static int
add_signature(struct wire_call *c, const struct provider *p, const char *method, int64_t now_s, struct err *e)
{
	char hash[SIGV4_HASH], date[SIGV4_DATE];
	struct sigv4 s = {.key_id = p->aws.id,
	    .secret = p->secret,
	    .token = p->aws.token,
	    .region = p->aws.region,
	    .service = "bedrock",
	    .time_s = now_s,
	    .method = method,
	    .url = buf_str(&c->url),
	    .body_hash = hash};

	if (!s.region)
		return err_set(e, ERR_NOKEY, "%s: no region to sign for: region= in its row, or AWS_REGION", p->name);
	sigv4_hash(buf_str(&c->body), c->body.len, hash);
	if (sigv4_date(now_s, date))
		return err_set(e, ERR_INTERNAL, "%s: no time that can be signed", p->name);
	buf_addf(&c->header, "X-Amz-Date: %s\n", date);
	if (s.token)
		buf_addf(&c->header, "X-Amz-Security-Token: %s\n", s.token);
	buf_adds(&c->header, "Authorization: ");
	if (sigv4_sign(&s, &c->header, e))
		return -1;
	buf_addc(&c->header, '\n');
	return 0;
}

int
amazon_sign(struct wire_call *c, const struct provider *p, const char *method, int64_t now_s, struct err *e)
{
	if (fill_region(c, p, e))
		return -1;
	if (p->aws.id)
		return add_signature(c, p, method, now_s, e);
	provider_auth(p, &c->header, &c->url);
	return 0;
}
