/* SPDX-License-Identifier: ISC */
#include "health.h"

#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "buf.h"
#include "conf.h"
#include "err.h"
#include "health_priv.h"
#include "mem.h"
#include "providers.h"
#include "str.h"

#define MAGIC "orhealth1" /* its size tells versions apart, too */
#define N_BENCHES 256
#define N_STICKY 512
#define N_RECORDS 256
#define WAYS 8 /* places that an entry may lie in; the oldest of them makes room */
#define STICKY_MS (10 * 60 * 1000)
#define SLACK_MS \
	60000 /* what is from a later time than that was written before the clock went back, and doesn't count */
#define MAX_WAITING 8 /* endpoints whose samples are gathered */
#define LOCK_TRIES 50 /* of a millisecond: then it is written without */

struct bench_entry {
	uint64_t who;
	int64_t from_ms, until_ms;
	int64_t http;
};

struct sticky_entry {
	uint64_t who; /* conversation and model */
	uint64_t endpoint;
	int64_t until_ms;
};

struct table {
	char magic[16];
	unsigned char secret[16]; /* of the hashes of keys */
	struct bench_entry bench[N_BENCHES];
	struct sticky_entry sticky[N_STICKY];
	struct record record[N_RECORDS];
};

/* Samples of an endpoint that aren't written yet. */
struct waiting {
	char *endpoint; /* owned; NULL: none */
	size_t n;
	struct sample v[N_SAMPLES];
};

struct health {
	struct table *t; /* mapped for reading: a write to a map of a file for which the disk has no room is a SIGBUS */
	char *path;      /* owned; NULL: memory alone */
	int fd;          /* -1: t is on the heap */
	int gathers;
	struct waiting waiting[MAX_WAITING];
};

static void
make_fresh(struct table *t)
{
	memset(t, 0, sizeof(*t));
	memcpy(t->magic, MAGIC, sizeof(MAGIC));
	(void)!getrandom(t->secret, sizeof(t->secret), 0);
}

static void
lock(const struct health *h)
{
	for (int i = 0; h->fd >= 0 && i < LOCK_TRIES && flock(h->fd, LOCK_EX | LOCK_NB) == -1; i++)
		usleep(1000);
}

static void
unlock(const struct health *h)
{
	if (h->fd >= 0)
		flock(h->fd, LOCK_UN);
}

/* All of it, so that no page of it is missing when it is read. */
static int
fill(const struct health *h, int fd)
{
	if (pwrite(fd, h->t, sizeof(*h->t), 0) == (ssize_t)sizeof(*h->t))
		return 0;
	(void)!ftruncate(fd, 0);
	return -1;
}

/* Another version's table is put away, not changed: somebody may have it mapped. */
static int
open_table(const struct health *h, int flags, int *fresh)
{
	int fd = open(h->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	struct stat st = {0};

	if (fd == -1)
		return -1;
	while (flock(fd, LOCK_EX) == -1)
		continue;
	*fresh = fstat(fd, &st) == 0 && st.st_size == 0;
	if (st.st_size == (off_t)sizeof(struct table) || (*fresh && fill(h, fd) == 0))
		return fd;
	if (st.st_size)
		unlink(h->path);
	close(fd);
	return -1;
}

/* The file as the table; what the heap held so far goes into a new one. -1: it can't be had. */
static int
map_file(struct health *h, int flags)
{
	int fresh = 0, fd = open_table(h, flags, &fresh);

	if (fd == -1)
		return -1;
	struct table *t = mmap(NULL, sizeof(*t), PROT_READ, MAP_SHARED, fd, 0);
	if (t == MAP_FAILED) {
		close(fd);
		return -1;
	}
	if (!fresh && memcmp(t->magic, h->t->magic, sizeof(t->magic)) != 0 && fill(h, fd)) {
		munmap(t, sizeof(*t));
		close(fd);
		return -1;
	}
	flock(fd, LOCK_UN);
	free(h->t);
	h->t = t;
	h->fd = fd;
	return 0;
}

struct health *
health_open(const char *path)
{
	struct health *h = xcalloc(1, sizeof(*h));
	struct buf b = BUF_INIT;

	h->fd = -1;
	h->t = xmalloc(sizeof(*h->t));
	make_fresh(h->t);
	if (path) {
		buf_addf(&b, "%s-health", path);
		h->path = buf_take(&b);
		map_file(h, 0);
	}
	return h;
}

void
health_look(struct health *h)
{
	if (h->path && h->fd < 0)
		map_file(h, 0);
}

void
health_close(struct health *h)
{
	if (!h)
		return;
	health_settle(h);
	if (h->fd >= 0) {
		munmap(h->t, sizeof(*h->t));
		close(h->fd);
	} else {
		free(h->t);
	}
	free(h->path);
	free(h);
}

/* A first call may fail before there is a ledger, and its directory. */
static void
make_place(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash && slash != path ? xstrndup(path, (size_t)(slash - path)) : NULL;

	if (dir)
		conf_mkdirs(dir, NULL);
	free(dir);
}

/* There is something to tell: the file is made where there was none. */
static void
begin_write(struct health *h)
{
	if (h->path && h->fd < 0 && map_file(h, O_CREAT) == -1) {
		make_place(h->path);
		map_file(h, O_CREAT); /* (or an old one was put away) */
	}
	lock(h);
}

/* Puts n bytes at a place of the table. Where the disk has no room for them, they are forgotten. */
static void
put(struct health *h, const void *at, const void *p, size_t n)
{
	size_t offset = (size_t)((const char *)at - (const char *)h->t);

	if (h->fd < 0)
		memcpy((char *)h->t + offset, p, n);
	else
		(void)!pwrite(h->fd, p, n, (off_t)offset);
}

static uint64_t
first_bytes(SHA2_CTX *sha)
{
	uint8_t sum[SHA256_DIGEST_LENGTH];
	uint64_t n;

	SHA256Final(sum, sha);
	memcpy(&n, sum, sizeof(n));
	return n ? n : 1;
}

static void
add_word(SHA2_CTX *sha, const char *s)
{
	SHA256Update(sha, (const uint8_t *)s, strlen(s) + 1);
}

uint64_t
health_endpoint(const char *id)
{
	SHA2_CTX sha;

	SHA256Init(&sha);
	add_word(&sha, id);
	return first_bytes(&sha);
}

/* What tells one key from another without running anything: the secret that was looked up, the variable's value, else where it comes from. */
static void
add_key(SHA2_CTX *sha, const struct provider *p)
{
	const char *env = str_starts(p->key, "env:") ? conf_env(p->key + strlen("env:")) : NULL;

	add_word(sha, env ? env : p->key);
}

static uint64_t
bench_id(const struct health *h, enum bench_scope s, const struct provider *p, const char *model)
{
	SHA2_CTX sha;

	SHA256Init(&sha);
	SHA256Update(&sha, h->t->secret, sizeof(h->t->secret));
	SHA256Update(&sha, (const uint8_t *)&s, sizeof(s));
	add_word(&sha, p->name);
	if (s != BENCH_ENDPOINT)
		add_key(&sha, p);
	if (s != BENCH_KEY)
		add_word(&sha, model);
	return first_bytes(&sha);
}

static struct bench_entry *
find_bench(struct table *t, uint64_t who)
{
	for (size_t i = 0; i < WAYS; i++) {
		struct bench_entry *b = t->bench + (who + i) % N_BENCHES;
		if (b->who == who)
			return b;
	}
	return NULL;
}

/* Its own place, or that of the one which ends soonest. */
static struct bench_entry *
bench_place(struct table *t, uint64_t who)
{
	struct bench_entry *b = find_bench(t, who);

	for (size_t i = 0; !b || (b->who != who && i < WAYS); i++) {
		struct bench_entry *other = t->bench + (who + i) % N_BENCHES;
		if (!b || other->until_ms < b->until_ms)
			b = other;
	}
	return b;
}

void
health_failed(struct health *h, const struct provider *p, const char *model, const struct err *e, int64_t now_ms)
{
	int64_t ms = 0;
	enum bench_scope s = bench_for(e, &ms);

	if (s == BENCH_NOBODY)
		return;
	begin_write(h);
	uint64_t who = bench_id(h, s, p, model);
	const struct bench_entry b = {
	    .who = who, .from_ms = now_ms, .until_ms = now_ms + ms, .http = s == BENCH_KEY && !e->http ? 401 : e->http};
	put(h, bench_place(h->t, who), &b, sizeof(b));
	unlock(h);
}

static const char *
word_for(int64_t http)
{
	static const struct {
		int64_t http;
		const char *word;
	} words[] = {
	    {401, "key rejected"}, {403, "key rejected"}, {402, "no credit"}, {429, "rate limited"}, {0, "no answer"}};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (words[i].http == http)
			return words[i].word;
	return "failed";
}

int64_t
health_benched(struct health *h, const struct provider *p, const char *model, int64_t now_ms, const char **why)
{
	int64_t until = 0;

	for (enum bench_scope s = BENCH_KEY; s <= BENCH_ENDPOINT; s++) {
		const struct bench_entry *b = find_bench(h->t, bench_id(h, s, p, model));
		if (!b || b->until_ms <= now_ms || b->from_ms > now_ms + SLACK_MS || b->until_ms <= until)
			continue;
		until = b->until_ms;
		if (why)
			*why = word_for(b->http);
	}
	return until;
}

static const struct record *
find_record(const struct table *t, uint64_t who)
{
	for (size_t i = 0; i < WAYS; i++) {
		const struct record *r = t->record + (who + i) % N_RECORDS;
		if (r->who == who)
			return r;
	}
	return NULL;
}

/* Its own place, or that of the one which was silent the longest. */
static const struct record *
record_place(const struct table *t, uint64_t who)
{
	const struct record *r = find_record(t, who);

	if (r)
		return r;
	r = t->record + who % N_RECORDS;
	for (size_t i = 1; i < WAYS; i++) {
		const struct record *other = t->record + (who + i) % N_RECORDS;
		if (other->last_s < r->last_s)
			r = other;
	}
	return r;
}

static uint32_t
narrow(int64_t n)
{
	return n < 0 || n >= UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* The write was begun. */
static void
add_samples(struct health *h, const char *endpoint, const struct sample *v, size_t n)
{
	uint64_t who = health_endpoint(endpoint);
	const struct record *at = record_place(h->t, who);
	struct record r = {.who = who};

	if (at->who == who)
		r = *at;
	for (size_t i = 0; i < n; i++)
		r.v[r.n++ % N_SAMPLES] = v[i];
	r.last_s = v[n - 1].at_s;
	put(h, at, &r, sizeof(r));
}

void
health_gather(struct health *h)
{
	h->gathers = h->path != NULL;
}

void
health_settle(struct health *h)
{
	struct waiting *w = h->waiting;

	if (!w->endpoint)
		return;
	begin_write(h);
	for (; w < h->waiting + MAX_WAITING && w->endpoint; w++) {
		add_samples(h, w->endpoint, w->v, w->n);
		free(w->endpoint);
		*w = (struct waiting){0};
	}
	unlock(h);
}

/* 0: there is no room for it. */
static int
gather(struct health *h, const char *endpoint, const struct sample *s)
{
	struct waiting *w = h->waiting;

	while (w < h->waiting + MAX_WAITING && w->endpoint && strcmp(w->endpoint, endpoint) != 0)
		w++;
	if (w == h->waiting + MAX_WAITING || w->n == N_SAMPLES)
		return 0;
	if (!w->endpoint)
		w->endpoint = xstrdup(endpoint);
	w->v[w->n++] = *s;
	return 1;
}

void
health_record(struct health *h, const char *endpoint, const struct health_sample *s)
{
	const struct sample x = {.at_s = (uint32_t)(s->at_ms / 1000),
	    .ttft_ms = narrow(s->ttft_ms),
	    .mtok_s = narrow(s->mtok_s),
	    .flags = (s->blamed ? SAMPLE_BLAMED : 0) | (s->neutral ? SAMPLE_NEUTRAL : 0)};

	if (h->gathers && !s->blamed && gather(h, endpoint, &x))
		return;
	health_settle(h);
	begin_write(h);
	add_samples(h, endpoint, &x, 1);
	unlock(h);
}

void
health_past(struct health *h, const char *endpoint, int64_t now_ms, struct endpoint_past *past)
{
	const struct record *r = find_record(h->t, health_endpoint(endpoint));

	if (r)
		health_blend(r, now_ms, past);
}

uint64_t
health_served(uint64_t conversation)
{
	return conversation ? ~conversation : 0;
}

static uint64_t
sticky_id(uint64_t conversation, const char *model)
{
	SHA2_CTX sha;

	SHA256Init(&sha);
	SHA256Update(&sha, (const uint8_t *)&conversation, sizeof(conversation));
	add_word(&sha, model);
	return first_bytes(&sha);
}

static struct sticky_entry *
sticky_place(struct table *t, uint64_t who)
{
	struct sticky_entry *oldest = t->sticky + who % N_STICKY;

	for (size_t i = 0; i < WAYS; i++) {
		struct sticky_entry *s = t->sticky + (who + i) % N_STICKY;
		if (s->who == who)
			return s;
		if (s->until_ms < oldest->until_ms)
			oldest = s;
	}
	return oldest;
}

uint64_t
health_sticky(struct health *h, uint64_t conversation, const char *model, int64_t now_ms)
{
	uint64_t who = sticky_id(conversation, model);
	const struct sticky_entry *s = sticky_place(h->t, who);

	int counts = s->who == who && s->until_ms > now_ms && s->until_ms <= now_ms + STICKY_MS + SLACK_MS;

	return conversation && counts ? s->endpoint : 0;
}

void
health_stick(struct health *h, uint64_t conversation, const char *model, const char *endpoint, int64_t now_ms)
{
	uint64_t who = sticky_id(conversation, model);

	if (!conversation)
		return;
	begin_write(h);
	const struct sticky_entry s = {
	    .who = who, .endpoint = health_endpoint(endpoint), .until_ms = now_ms + STICKY_MS};
	put(h, sticky_place(h->t, who), &s, sizeof(s));
	unlock(h);
}
