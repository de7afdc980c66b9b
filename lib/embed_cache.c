/* SPDX-License-Identifier: ISC */
#include "embed_cache.h"

#include <sys/types.h>

#include <inttypes.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "err.h"
#include "mem.h"
#include "vec.h"

#define MAGIC "orvec1\n" /* and its NUL */
#define N_MAGIC 8
#define N_KEY SHA256_DIGEST_LENGTH
#define N_SUM 8 /* bytes of the SHA-256 of all in front of them */
#define MAX_FILE (N_MAGIC + N_KEY + VEC_MAX_DIMS * sizeof(float) + N_SUM)

int
embed_cache_open(
    struct embed_cache *c, const char *dir, const char *model, int64_t dims, const char *options, struct err *e)
{
	*c = (struct embed_cache){NULL, BUF_INIT, BUF_INIT, BUF_INIT};
	if (conf_mkdirs(dir, e))
		return -1;
	c->dir = xstrdup(dir);
	buf_add(&c->about, model, strlen(model) + 1);
	buf_addf(&c->about, "%" PRId64, dims);
	buf_addc(&c->about, '\0');
	buf_add(&c->about, options, strlen(options) + 1);
	return 0;
}

void
embed_cache_release(struct embed_cache *c)
{
	free(c->dir);
	c->dir = NULL;
	buf_release(&c->about);
	buf_release(&c->path);
	buf_release(&c->bytes);
}

/* Sets c->path: dir/ab/cdef... */
static void
find(struct embed_cache *c, const char *text, size_t n, uint8_t key[N_KEY], size_t *n_dir)
{
	SHA2_CTX sha;

	SHA256Init(&sha);
	SHA256Update(&sha, (const uint8_t *)c->about.p, c->about.len);
	SHA256Update(&sha, (const uint8_t *)text, n);
	SHA256Final(key, &sha);
	buf_clear(&c->path);
	buf_addf(&c->path, "%s/%02x", c->dir, key[0]);
	*n_dir = c->path.len;
	buf_addc(&c->path, '/');
	for (size_t i = 1; i < N_KEY; i++)
		buf_addf(&c->path, "%02x", key[i]);
}

static void
checksum(const struct buf *b, size_t n, uint8_t sum[N_KEY])
{
	SHA2_CTX sha;

	SHA256Init(&sha);
	SHA256Update(&sha, (const uint8_t *)b->p, n);
	SHA256Final(sum, &sha);
}

size_t
embed_cache_get(struct embed_cache *c, const char *text, size_t n, float **v)
{
	uint8_t key[N_KEY], sum[N_KEY];
	size_t n_dir, head = N_MAGIC + N_KEY;

	find(c, text, n, key, &n_dir);
	buf_clear(&c->bytes);
	if (conf_slurp(c->path.p, MAX_FILE, &c->bytes, NULL))
		return 0;
	const struct buf *b = &c->bytes;
	if (b->len < head + sizeof(float) + N_SUM || (b->len - head - N_SUM) % sizeof(float) ||
	    memcmp(b->p, MAGIC, N_MAGIC) != 0 || memcmp(b->p + N_MAGIC, key, N_KEY) != 0)
		return 0;
	checksum(b, b->len - N_SUM, sum);
	if (memcmp(b->p + b->len - N_SUM, sum, N_SUM) != 0)
		return 0;
	size_t n_dims = (b->len - head - N_SUM) / sizeof(float);
	*v = xreallocarray(NULL, n_dims, sizeof(**v));
	memcpy(*v, b->p + head, n_dims * sizeof(**v)); /* by the machine that wrote it: a cache isn't carried about */
	return n_dims;
}

int
embed_cache_put(struct embed_cache *c, const char *text, size_t n, const float *v, size_t n_dims, struct err *e)
{
	uint8_t key[N_KEY], sum[N_KEY];
	size_t n_dir;

	find(c, text, n, key, &n_dir);
	buf_clear(&c->bytes);
	buf_add(&c->bytes, MAGIC, N_MAGIC);
	buf_add(&c->bytes, key, N_KEY);
	buf_add(&c->bytes, v, n_dims * sizeof(*v));
	checksum(&c->bytes, c->bytes.len, sum);
	buf_add(&c->bytes, sum, N_SUM);
	if (conf_replace(c->path.p, c->bytes.p, c->bytes.len, NULL) == 0)
		return 0;
	c->path.p[n_dir] = '\0';
	int r = conf_mkdirs(c->path.p, e); /* the first of its kind */
	c->path.p[n_dir] = '/';
	return r ? -1 : conf_replace(c->path.p, c->bytes.p, c->bytes.len, e);
}
