/* SPDX-License-Identifier: ISC */
/*
 * Keys of the form aws:, part of providers.h: where Amazon's own tools keep them ("Configuration and credential file settings", AWS SDKs and
 * Tools Reference Guide). What has to be asked for over the network (SSO, roles, instance metadata) isn't.
 */
#include "providers.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "conf.h"
#include "err.h"
#include "mem.h"
#include "provider_priv.h"
#include "str.h"

#define BLANK " \t\r\n"

/* One profile of one file. */
struct profile {
	char *id, *secret, *token, *region; /* owned; NULL: not there */
	int exposed;                        /* others can read the file */
};

static void
profile_release(struct profile *f)
{
	mem_wipe_free(f->id);
	mem_wipe_free(f->secret);
	mem_wipe_free(f->token);
	free(f->region);
	*f = (struct profile){0};
}

/* The length of s without blanks at its end. */
static size_t
trimmed(const char *s, size_t n)
{
	while (n && strchr(BLANK, s[n - 1]))
		n--;
	return n;
}

/* Takes "key = value"; the first of a key counts, and an empty value is none. */
static void
take_line(struct profile *f, const char *line, size_t n)
{
	static const struct {
		const char *key;
		size_t at;
	} keys[] = {{"aws_access_key_id", offsetof(struct profile, id)},
	    {"aws_secret_access_key", offsetof(struct profile, secret)},
	    {"aws_session_token", offsetof(struct profile, token)}, {"region", offsetof(struct profile, region)}};
	const char *equal = memchr(line, '=', n);
	size_t n_key = equal ? trimmed(line, (size_t)(equal - line)) : 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		char **to = (char **)((char *)f + keys[i].at);
		if (strlen(keys[i].key) != n_key || memcmp(line, keys[i].key, n_key) != 0 || *to)
			continue;
		const char *value = equal + 1 + strspn(equal + 1, " \t");
		size_t n_value = trimmed(value, (size_t)(line + n - value));
		if (n_value)
			*to = xstrndup(value, n_value);
	}
}

/* Is it "[section]", or "[profile section]"? */
static int
is_section(const char *line, size_t n, const char *section)
{
	static const char prefix[] = "profile ";
	const char *end = memchr(line, ']', n), *name = line + 1;

	if (!end)
		return 0;
	name += strspn(name, " \t");
	if (str_starts(name, prefix)) {
		name += strlen(prefix);
		name += strspn(name, " \t");
	}
	size_t len = name < end ? trimmed(name, (size_t)(end - name)) : 0;
	return len == strlen(section) && memcmp(name, section, len) == 0;
}

/* Comments begin with # or ;, lines of a setting's own settings with a blank. */
static void
parse(struct profile *f, const char *text, const char *section)
{
	int in = 0;

	for (const char *line = text; *line; line += *line == '\n') {
		size_t n = strcspn(line, "\n");
		if (*line == '[')
			in = is_section(line, n, section);
		else if (in && !strchr("#; \t\r", *line))
			take_line(f, line, n);
		line += n;
	}
}

/* The file that a variable names, else ~/.aws/NAME; NULL without a home. */
static char *
aws_path(const char *var, const char *name)
{
	const char *path = conf_env(var), *home = conf_env("HOME");
	struct buf b = BUF_INIT;

	if (path)
		return xstrdup(path);
	if (!home)
		return NULL;
	buf_addf(&b, "%s/.aws/%s", home, name);
	return buf_take(&b);
}

/* A file that isn't there has nothing to say. ERR_NOKEY where it can't be read. */
static int
read_profile(const struct provider *p, const char *path, const char *section, struct profile *f, struct err *e)
{
	struct buf text = BUF_INIT;
	struct err why = {0};

	int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : -1;
	if (fd == -1 && (!path || errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd == -1)
		return err_sys(e, ERR_NOKEY, errno, "%s: no key: %s", p->name, path);
	int r = conf_slurp_fd(fd, path, CONF_MAX_FILE, &text, &why);
	if (r == 0)
		parse(f, buf_str(&text), section);
	else
		err_set(e, ERR_NOKEY, "%s: no key: %s", p->name, why.msg);
	f->exposed = provider_is_exposed(fd, path);
	close(fd);
	if (text.cap)
		explicit_bzero(text.p, text.cap);
	buf_release(&text);
	return r;
}

/* Takes the three parts of a key: all of one place. where: what to call it. */
static int
take_parts(struct provider *p, const char *id, const char *secret, const char *token, const char *where, struct err *e)
{
	p->aws.id = provider_take_key(p, id, strlen(id), where, e);
	p->aws.token = p->aws.id && token ? provider_take_key(p, token, strlen(token), where, e) : NULL;
	if (p->aws.id && (!token || p->aws.token))
		p->secret = provider_take_key(p, secret, strlen(secret), where, e);
	if (p->secret) {
		p->auth = AUTH_NONE; /* it signs, and isn't sent */
		return 0;
	}
	provider_aws_release(p);
	return -1;
}

/* 1: there is no key in this file. */
static int
from_file(struct provider *p, const char *path, const char *section, struct err *e)
{
	struct profile f = {0};
	int r = read_profile(p, path, section, &f, e);

	if (r == 0 && (!f.id || !f.secret))
		r = 1;
	else if (r == 0 && f.exposed)
		r = err_set(e, ERR_CONFIG, "%s: others can read the key in %s: chmod 600 %s", p->name, path, path);
	else if (r == 0)
		r = take_parts(p, f.id, f.secret, f.token, path, e);
	profile_release(&f);
	return r;
}

static int
from_files(struct provider *p, const char *section, struct err *e)
{
	char *credentials = aws_path("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
	     *config = aws_path("AWS_CONFIG_FILE", "config");
	int r = from_file(p, credentials, section, e);

	if (r == 1)
		r = from_file(p, config, section, e);
	if (r == 1)
		r = err_set(e, ERR_NOKEY,
		    "%s: no key: profile %s has no aws_access_key_id and aws_secret_access_key in %s or %s", p->name,
		    section, credentials ? credentials : "~/.aws/credentials", config ? config : "~/.aws/config");
	free(credentials);
	free(config);
	return r;
}

/* The profile's name: what stands in the row, else AWS_PROFILE's. */
static const char *
profile_name(const struct provider *p)
{
	const char *name = str_starts(p->key, "aws:") ? p->key + strlen("aws:") : "", *env = conf_env("AWS_PROFILE");

	return *name ? name : env ? env : "default";
}

/* Of the environment: 1: nothing. */
static int
from_env(struct provider *p, struct err *e)
{
	static const char id_var[] = "AWS_ACCESS_KEY_ID", secret_var[] = "AWS_SECRET_ACCESS_KEY";
	const char *bearer = conf_env("AWS_BEARER_TOKEN_BEDROCK"), *id = conf_env(id_var),
		   *secret = conf_env(secret_var);

	if (bearer) {
		p->secret = provider_take_key(p, bearer, strlen(bearer), "AWS_BEARER_TOKEN_BEDROCK", e);
		return p->secret ? 0 : -1;
	}
	if (!id && !secret)
		return 1;
	if (!id || !secret)
		return err_set(e, ERR_NOKEY, "%s: no key: %s is set, %s is not", p->name, id ? id_var : secret_var,
		    id ? secret_var : id_var);
	return take_parts(p, id, secret, conf_env("AWS_SESSION_TOKEN"), id_var, e);
}

static int
is_amazon(const struct provider *p)
{
	return p->wire && strcmp(p->wire, "bedrock") == 0;
}

int
provider_aws_key(struct provider *p, const char *profile, struct err *e)
{
	if (!is_amazon(p))
		return err_set(e, ERR_CONFIG, "%s: only the wire bedrock takes a key of the form aws:", p->name);
	int r = *profile ? 1 : from_env(p, e);
	return r == 1 ? from_files(p, profile_name(p), e) : r;
}

int
provider_aws_region(struct provider *p, struct err *e)
{
	const char *regions[] = {p->region, conf_env("AWS_REGION"), conf_env("AWS_DEFAULT_REGION"), NULL};
	struct profile f = {0};
	int r = 0;
	size_t i = 0;

	if (!is_amazon(p))
		return 0;
	while (i < 3 && !regions[i])
		i++;
	if (!regions[i]) {
		char *path = aws_path("AWS_CONFIG_FILE", "config");
		r = read_profile(p, path, profile_name(p), &f, e);
		free(path);
	}
	const char *region = regions[i] ? regions[i] : f.region;
	if (r == 0 && region && (!*region || region[strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-")]))
		r = err_set(e, ERR_CONFIG, "%s: its region is not a region's name", p->name);
	free(p->aws.region);
	p->aws.region = r == 0 && region ? xstrdup(region) : NULL;
	profile_release(&f);
	return r;
}

void
provider_aws_release(struct provider *p)
{
	mem_wipe_free(p->aws.id);
	mem_wipe_free(p->aws.token);
	p->aws.id = p->aws.token = NULL;
}
