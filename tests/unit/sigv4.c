/* SPDX-License-Identifier: ISC */
/* AWS's published vectors (the suite of aws-sig-v4-test-suite and aws-c-auth), RFC 4231's idea of long keys through them, and model ids. */
#include "sigv4.h"

#include "buf.h"
#include "err.h"
#include "tap.h"

#define ID "AKIDEXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define HOST "https://example.amazonaws.com"
#define T_2015 1440938160 /* 2015-08-30T12:36:00Z */
#define UNRESERVED "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define SHORT_TOKEN "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"
#define LONG_TOKEN \
	"AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUu" \
	"wthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQc" \
	"HNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/o" \
	"LxBA=="
#define FORM_HASH "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"
#define FORM "application/x-www-form-urlencoded"

struct vector {
	const char *name, *method, *path, *header[5], *token, *body, *signature;
};

static const struct vector vectors[] = {
    {"vanilla", "GET", "/", {0}, 0, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"no path", "GET", "", {0}, 0, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"header key duplicate", "GET", "/", {"My-Header1:value2", "My-Header1:value2", "My-Header1:value1"}, 0, "",
	"c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
    {"header value multiline", "GET", "/", {"My-Header1:value1\n  value2\n     value3"}, 0, "",
	"cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd"},
    {"header value order", "GET", "/",
	{"My-Header1:value4", "My-Header1:value1", "My-Header1:value3", "My-Header1:value2"}, 0, "",
	"08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
    {"header value trim", "GET", "/", {"My-Header1: value1", "My-Header2: \"a   b   c\""}, 0, "",
	"acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"relative", "GET", "/example/..", {0}, 0, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"relative relative", "GET", "/example1/example2/../..", {0}, 0, "",
	"5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"above the root", "GET", "/../..", {0}, 0, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"slash dot slash", "GET", "/./", {0}, 0, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"slash pointless dot", "GET", "/./example", {0}, 0, "",
	"ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
    {"slash", "GET", "//", {0}, 0, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"slashes", "GET", "//example//", {0}, 0, "", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
    {"space", "GET", "/example space/", {0}, 0, "", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
    {"unreserved", "GET", "/" UNRESERVED, {0}, 0, "",
	"07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"utf8", "GET", "/\u1234", {0}, 0, "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
    {"vanilla empty query key", "GET", "/?Param1=value1", {0}, 0, "",
	"a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
    {"query order encoded", "GET", "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1", {0}, 0, "",
	"371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"},
    {"an escape in lower case", "GET", "/?Param-3=Value3&Param=Value2&%e1%88%b4=Value1", {0}, 0, "",
	"371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"},
    {"query order key case", "GET", "/?Param2=value2&Param1=value1", {0}, 0, "",
	"b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"empty parameters", "GET", "/?&Param2=value2&&Param1=value1&", {0}, 0, "",
	"b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"query unreserved", "GET", "/?" UNRESERVED "=" UNRESERVED, {0}, 0, "",
	"9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
    {"utf8 query", "GET", "/?\u1234=bar", {0}, 0, "",
	"2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
    {"utf8 query without a path", "GET", "?\u1234=bar", {0}, 0, "",
	"2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
    {"session token", "GET", "/", {0}, SHORT_TOKEN, "",
	"07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"},
    {"post vanilla", "POST", "/", {0}, "", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"header key sort", "POST", "/", {"My-Header1:value1"}, 0, "",
	"c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
    {"header key case", "POST", "/", {"MY-HEADER1:value1"}, 0, "",
	"c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
    {"header value case", "POST", "/", {"My-Header1:VALUE1"}, 0, "",
	"cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
    {"token signed", "POST", "/", {0}, LONG_TOKEN, "",
	"85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
    {"post query", "POST", "/?Param1=value1", {0}, 0, "",
	"28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
    {"form", "POST", "/", {"Content-Type:" FORM, "Content-Length:13", "X-Amz-Content-Sha256:" FORM_HASH}, 0,
	"Param1=value1", "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"},
    {"form with a charset", "POST", "/",
	{"Content-Type:" FORM "; charset=utf-8", "Content-Length:13", "X-Amz-Content-Sha256:" FORM_HASH}, 0,
	"Param1=value1", "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422"},
};

/* The signature alone. */
static const char *
sign(struct buf *out, struct sigv4 s, const char *body, struct err *e)
{
	static const char mark[] = ", Signature=";
	char hash[SIGV4_HASH];

	buf_clear(out);
	sigv4_hash(body, strlen(body), hash);
	s.body_hash = hash;
	if (sigv4_sign(&s, out, e) == -1)
		return NULL;
	const char *at = strstr(out->p, mark);
	return at ? at + strlen(mark) : out->p;
}

static void
test_vectors(void)
{
	struct buf url = BUF_INIT, out = BUF_INIT;

	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		const struct vector *v = &vectors[i];
		struct sigv4 s = {
		    ID, SECRET, v->token, "us-east-1", "service", T_2015, v->method, NULL, v->header, NULL};
		buf_clear(&url);
		buf_addf(&url, HOST "%s", v->path);
		s.url = url.p;
		tap_is_str(sign(&out, s, v->body, NULL), v->signature, v->name);
	}
	buf_release(&url);
	buf_release(&out);
}

static void
test_whole(void)
{
	struct sigv4 s = {ID, SECRET, "t", "us-east-1", "service", T_2015, "GET", HOST "/", NULL, NULL};
	static const char *const twice[] = {"B: 1", "a:2", "b:3", NULL};
	struct buf out = BUF_INIT;
	char date[SIGV4_DATE];

	s.header = twice;
	sign(&out, s, "", NULL);
	tap_ok(strncmp(out.p,
		   "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
		   "SignedHeaders=a;b;host;x-amz-date;x-amz-security-token, Signature=",
		   147) == 0,
	    "the header's value, each name once");
	tap_ok(!strstr(out.p, SECRET), "the secret isn't in it");
	tap_is_int(sigv4_date(T_2015, date), 0, "a date");
	tap_is_str(date, "20150830T123600Z", "in the basic form");
	tap_is_int(sigv4_date(INT64_MAX, date), -1, "no date");
	buf_release(&out);
}

/* Made with botocore 1.43 (SigV4Auth), for the service bedrock on 2015-08-30T12:36:00Z. */
static void
test_models(void)
{
	static const struct {
		const char *url, *signature;
	} c[] = {
	    {"/model/anthropic.claude-3-5-sonnet-20241022-v2%3A0/converse",
		"ad092ae62595e479f1539397af8030d3eb78ebff1030b5c495f25b22ee6796ee"},
	    {"/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fx/converse-stream",
		"4c4357fb12798b71281eb11439dcf4cb906c61789a21104f495b91ffe429a1b6"},
	    {"/model/amazon.nova-lite-v1:0/converse",
		"c26280b32553be94c36e6156cda48643b26d1eaea7e9286ec91e416bd9fa14e3"},
	    {"/a/b?y=%20&x=a%2Fb&x=%3D", "289902964056723f1a28b1cfff412db8662cbe84af578dea22026f9fb41d7403"},
	};
	struct buf url = BUF_INIT, out = BUF_INIT;

	for (size_t i = 0; i < sizeof(c) / sizeof(*c); i++) {
		static const char *const json[] = {"Content-Type: application/json", NULL};
		struct sigv4 s = {ID, SECRET, "tok/en+=", "us-west-2", "bedrock", T_2015, "POST", NULL, json, NULL};
		buf_clear(&url);
		buf_addf(&url, "https://bedrock-runtime.us-west-2.amazonaws.com%s", c[i].url);
		s.url = url.p;
		tap_is_str(sign(&out, s, "{}", NULL), c[i].signature, c[i].url);
	}
	buf_release(&url);
	buf_release(&out);
}

/* s.url's answer is that of `same`. */
static void
is_same(struct sigv4 s, const char *url, const char *same, int want, const char *name)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	s.url = url;
	const char *x = sign(&a, s, "", NULL);
	s.url = same;
	const char *y = sign(&b, s, "", NULL);
	tap_is_int(strcmp(x, y) == 0, want, name);
	buf_release(&a);
	buf_release(&b);
}

static void
test_urls(void)
{
	struct sigv4 s = {ID, SECRET, NULL, "us-east-1", "service", T_2015, "GET", NULL, NULL, NULL};
	struct buf out = BUF_INIT;
	struct err e = {0};

	is_same(s, "https://h:443/", "https://h/", 1, "the port of https goes without saying");
	is_same(s, "http://h:80/", "http://h/", 1, "and that of http");
	is_same(s, "https://h:8443/", "https://h/", 0, "another one is signed");
	is_same(s, "http://h:443/", "http://h/", 0, "443 is another one for http");
	is_same(s, "https://h/a#b", "https://h/a", 1, "a fragment isn't sent");
	is_same(s, "https://h/a%3Ab", "https://h/a:b", 0, "a path is signed as it is sent");
	is_same(s, "https://h/?a=1&a=2", "https://h/?a=2&a=1", 1, "values are sorted too");
	is_same(s, "https://h/?a", "https://h/?a=", 1, "a parameter without a value");
	is_same(s, "https://h/?a=b=c", "https://h/?a=b%3Dc", 1, "the first = counts");
	is_same(s, "https://h/?a=%", "https://h/?a=%25", 1, "a percent sign that begins no escape");
	is_same(s, "https://h/?a=%4", "https://h/?a=%254", 1, "half an escape");
	s.service = "s3";
	is_same(s, "https://h/a%3Ab", "https://h/a%253Ab", 0, "s3: encoded");
	is_same(s, "https://h/a//b/../c", "https://h/a/c", 0, "s3: not normalised");
	is_same(s, "https://h", "https://h/", 1, "s3: an empty path");
	s.url = "/model/x";
	tap_ok(!sign(&out, s, "", &e) && e.kind == ERR_INTERNAL, "a URL without a host");
	s.url = "https:///x";
	tap_ok(!sign(&out, s, "", NULL), "with an empty one");
	s.url = HOST;
	s.time_s = INT64_MAX;
	tap_ok(!sign(&out, s, "", &e) && e.kind == ERR_INTERNAL, "no time");
	buf_release(&out);
}

/* A secret that makes a key of over 64 bytes is hashed (RFC 2104); botocore's result. */
static void
test_long_secret(void)
{
	struct sigv4 s = {ID, "0123456789012345678901234567890123456789012345678901234567890123456789", NULL,
	    "us-east-1", "service", T_2015, "GET", HOST "/", NULL, NULL};
	struct buf out = BUF_INIT;

	tap_is_str(sign(&out, s, "", NULL), "f65c7b0554fedefac8c22bcc951d5c31846f3ff06c183ec8e1f0cf6c4378a103",
	    "a long secret");
	buf_release(&out);
}

int
main(void)
{
	test_vectors();
	test_whole();
	test_models();
	test_urls();
	test_long_secret();
	return tap_done();
}
