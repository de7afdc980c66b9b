/* SPDX-License-Identifier: ISC */
/* Keys of the form aws:, and the region. */
#include "providers.h"

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "mem.h"
#include "tap.h"

static char dir[] = "/tmp/orutils-aws-XXXXXX";

static const char credentials[] = "# comment\n"
				  "[default]\n"
				  "aws_access_key_id = AKDEFAULT\n"
				  "aws_secret_access_key=secret/default+==  \r\n"
				  "[work]\r\n"
				  "  aws_access_key_id = AKNESTED\n"
				  "aws_access_key_id\t=\tAKWORK\n"
				  "aws_secret_access_key = secretwork\n"
				  ";aws_session_token = no\n"
				  "aws_session_token = token=work\n"
				  "[half]\n"
				  "aws_access_key_id = AKHALF\n"
				  "[empty]\n"
				  "aws_access_key_id = AKEMPTY\n"
				  "aws_secret_access_key =\n"
				  "[odd]\n"
				  "aws_access_key_id = AK ODD\n"
				  "aws_secret_access_key = secretodd\n"
				  "[workshop]\n"
				  "aws_access_key_id = AKSHOP\n"
				  "aws_secret_access_key = secretshop";
static const char config[] = "[default]\n"
			     "region = eu-north-1\n"
			     "[profile work]\n"
			     "s3 =\n"
			     "  region = nested\n"
			     "region = eu-central-1\n"
			     "[ profile   spaced ]\n"
			     "aws_access_key_id = AKSPACED\n"
			     "aws_secret_access_key = secretspaced\n"
			     "region = ap-south-1\n"
			     "[sso-session half]\n"
			     "aws_access_key_id = AKSSO\n"
			     "aws_secret_access_key = secretsso\n"
			     "[profile evil]\n"
			     "region = a.example.com/\n"
			     "aws_access_key_id = AKEVIL\n"
			     "aws_secret_access_key = secretevil\n";

static void
write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) == EOF || fclose(f) != 0 || chmod(path, mode) != 0) {
		perror(path);
		exit(99);
	}
}

static void
init(struct provider *p, const char *key)
{
	*p = (struct provider){
	    .name = xstrdup("b"), .wire = xstrdup("bedrock"), .key = xstrdup(key), .auth = AUTH_BEARER};
}

static void
fini(struct provider *p)
{
	free(p->name);
	free(p->wire);
	free(p->key);
	free(p->region);
	free(p->secret);
	free(p->aws.id);
	free(p->aws.token);
	free(p->aws.region);
}

/* want: "id secret token region", - for none. */
static void
is_key(const char *form, const char *want)
{
	struct buf got = BUF_INIT;
	struct provider p;
	struct err e = {0};

	init(&p, form);
	if (provider_key(&p, &e))
		buf_adds(&got, e.msg);
	else
		buf_addf(&got, "%s %s %s %s", p.aws.id ? p.aws.id : "-", p.secret, p.aws.token ? p.aws.token : "-",
		    p.aws.region ? p.aws.region : "-");
	tap_is_str(buf_str(&got), want, form);
	buf_release(&got);
	fini(&p);
}

static void
is_failure(const char *form, enum err_kind kind, const char *msg)
{
	struct provider p;
	struct err e = {0};

	init(&p, form);
	tap_is_int(provider_key(&p, &e), -1, form);
	tap_is_int(e.kind, kind, form);
	tap_is_str(e.msg, msg, form);
	tap_ok(!p.secret && !p.aws.id && !p.aws.token && p.auth == AUTH_BEARER, "nothing is kept of it");
	fini(&p);
}

#define NONE \
	"b: no key: profile %s has no aws_access_key_id and aws_secret_access_key in %s/.aws/credentials or %s/.aws/config"

static void
is_none(const char *form, const char *profile)
{
	struct buf msg = BUF_INIT;

	buf_addf(&msg, NONE, profile, dir, dir);
	is_failure(form, ERR_NOKEY, msg.p);
	buf_release(&msg);
}

static void
test_files(void)
{
	is_none("aws:", "default");
	is_none("aws:work", "work");
	mkdir(".aws", 0700);
	write_file(".aws/credentials", credentials, 0600);
	is_key("aws:", "AKDEFAULT secret/default+== - -");
	write_file(".aws/config", config, 0600);
	is_key("aws:", "AKDEFAULT secret/default+== - eu-north-1");
	is_key("aws:default", "AKDEFAULT secret/default+== - eu-north-1");
	is_key("aws:work", "AKWORK secretwork token=work eu-central-1");
	is_key("aws:workshop", "AKSHOP secretshop - -");
	is_key("aws:spaced", "AKSPACED secretspaced - ap-south-1");
	is_none("aws:half", "half");
	is_none("aws:wor", "wor");
	is_none("aws:profile work", "profile work");
	setenv("AWS_PROFILE", "work", 1);
	is_key("aws:", "AKWORK secretwork token=work eu-central-1");
	is_key("aws:default", "AKDEFAULT secret/default+== - eu-north-1");
	unsetenv("AWS_PROFILE");
	is_failure("aws:evil", ERR_CONFIG, "b: its region is not a region's name");
}

static void
test_bad_files(void)
{
	struct buf msg = BUF_INIT;

	is_none("aws:empty", "empty");
	buf_addf(&msg, "b: %s/.aws/credentials is no key: it holds a byte that isn't printable ASCII", dir);
	is_failure("aws:odd", ERR_NOKEY, msg.p);
	chmod(".aws/credentials", 0640);
	buf_clear(&msg);
	buf_addf(&msg, "b: others can read the key in %s/.aws/credentials: chmod 600 %s/.aws/credentials", dir, dir);
	is_failure("aws:", ERR_CONFIG, msg.p);
	chmod(".aws/config", 0644);
	chmod(".aws/credentials", 0600);
	is_key("aws:work", "AKWORK secretwork token=work eu-central-1");
	buf_clear(&msg);
	buf_addf(&msg, "b: others can read the key in %s/.aws/config: chmod 600 %s/.aws/config", dir, dir);
	is_failure("aws:spaced", ERR_CONFIG, msg.p);
	buf_release(&msg);
	setenv("AWS_SHARED_CREDENTIALS_FILE", ".", 1);
	is_failure("aws:", ERR_NOKEY, "b: no key: .: Is a directory");
	setenv("AWS_SHARED_CREDENTIALS_FILE", "nosuch", 1);
	setenv("AWS_CONFIG_FILE", "elsewhere", 1);
	is_failure("aws:", ERR_NOKEY,
	    "b: no key: profile default has no aws_access_key_id and aws_secret_access_key in nosuch or elsewhere");
	write_file("elsewhere", "[default]\naws_access_key_id=AKE\naws_secret_access_key=s\nregion=r-1", 0600);
	is_key("aws:", "AKE s - r-1");
	unsetenv("AWS_SHARED_CREDENTIALS_FILE");
	unsetenv("AWS_CONFIG_FILE");
}

static void
test_environment(void)
{
	setenv("AWS_ACCESS_KEY_ID", "AKENV", 1);
	is_failure("aws:", ERR_NOKEY, "b: no key: AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not");
	setenv("AWS_SECRET_ACCESS_KEY", "secretenv", 1);
	is_key("aws:", "AKENV secretenv - eu-north-1");
	setenv("AWS_SESSION_TOKEN", "tokenenv", 1);
	is_key("aws:", "AKENV secretenv tokenenv eu-north-1");
	is_key("aws:work", "AKWORK secretwork token=work eu-central-1");
	setenv("AWS_SESSION_TOKEN", "to\nken", 1);
	is_failure("aws:", ERR_NOKEY, "b: AWS_ACCESS_KEY_ID is no key: it holds a byte that isn't printable ASCII");
	unsetenv("AWS_ACCESS_KEY_ID");
	is_failure("aws:", ERR_NOKEY, "b: no key: AWS_SECRET_ACCESS_KEY is set, AWS_ACCESS_KEY_ID is not");
	setenv("AWS_BEARER_TOKEN_BEDROCK", "bearer", 1);
	is_key("aws:", "- bearer - eu-north-1");
	is_key("aws:work", "AKWORK secretwork token=work eu-central-1");
	is_key("env:AWS_BEARER_TOKEN_BEDROCK", "- bearer - eu-north-1");
	unsetenv("AWS_BEARER_TOKEN_BEDROCK");
	unsetenv("AWS_SECRET_ACCESS_KEY");
	unsetenv("AWS_SESSION_TOKEN");
}

static void
test_region(void)
{
	struct provider p;
	struct err e = {0};

	setenv("AWS_DEFAULT_REGION", "us-west-1", 1);
	is_key("aws:work", "AKWORK secretwork token=work us-west-1");
	setenv("AWS_REGION", "us-east-2", 1);
	is_key("aws:work", "AKWORK secretwork token=work us-east-2");
	init(&p, "aws:work");
	p.region = xstrdup("us-gov-east-1");
	provider_key(&p, &e);
	tap_is_str(p.aws.region, "us-gov-east-1", "the row's region first");
	fini(&p);
	setenv("AWS_REGION", "evil.example/", 1);
	is_failure("aws:", ERR_CONFIG, "b: its region is not a region's name");
	unsetenv("AWS_REGION");
	unsetenv("AWS_DEFAULT_REGION");
}

static void
test_sent(void)
{
	struct buf header = BUF_INIT, url = BUF_INIT;
	struct provider p;
	struct err e = {0};
	char said[] = "AKWORK secretwork token=work, and cut: secretwo";

	init(&p, "aws:work");
	provider_key(&p, &e);
	provider_auth(&p, &header, &url);
	tap_ok(!header.len && !url.len, "a secret that signs isn't sent");
	provider_hide_secret(&p, said);
	tap_is_str(said, "****** ********** **********, and cut: ********", "no part of it is repeated");
	fini(&p);
	init(&p, "aws:work");
	free(p.wire);
	p.wire = xstrdup("openai");
	tap_ok(provider_key(&p, &e) == -1 && e.kind == ERR_CONFIG, "another wire can't sign");
	tap_is_str(e.msg, "b: only the wire bedrock takes a key of the form aws:", "which is said");
	fini(&p);
	buf_release(&header);
	buf_release(&url);
}

int
main(void)
{
	if (!mkdtemp(dir) || chdir(dir) == -1 || clearenv() != 0)
		return 99;
	setenv("HOME", dir, 1);
	test_files();
	test_bad_files();
	test_environment();
	test_region();
	test_sent();
	unlink(".aws/credentials");
	unlink(".aws/config");
	unlink("elsewhere");
	rmdir(".aws");
	if (rmdir(dir) != 0)
		perror(dir);
	return tap_done();
}
