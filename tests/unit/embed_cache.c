/* SPDX-License-Identifier: ISC */
/* embed_cache: kept and found, by nobody else's key; corrupt files; several processes at once. */
#include "embed_cache.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "err.h"
#include "tap.h"

static const float sample[] = {1, 0.5f, -0.25f};
static char dir[] = "/tmp/or-embed-cache.XXXXXX";
static char last[4096]; /* the only file, or the last one that was seen */
static int n_files;

static int
see(const char *path, const struct stat *st, int type, struct FTW *w)
{
	(void)st;
	(void)w;
	if (type == FTW_F) {
		snprintf(last, sizeof(last), "%s", path);
		n_files++;
	}
	return 0;
}

static int
throw_away(const char *path, const struct stat *st, int type, struct FTW *w)
{
	(void)st;
	(void)type;
	(void)w;
	return remove(path);
}

static int
finds(const char *model, int64_t dims, const char *options, const char *text)
{
	struct embed_cache c;
	float *v = NULL;
	struct err e = {0};

	if (embed_cache_open(&c, dir, model, dims, options, &e))
		return -1;
	size_t n = embed_cache_get(&c, text, strlen(text), &v);
	int ok = n == 3 && memcmp(v, sample, sizeof(sample)) == 0;
	free(v);
	embed_cache_release(&c);
	return n ? ok : 0;
}

static int
keep(const char *text)
{
	struct embed_cache c;
	struct err e = {0};
	int r = embed_cache_open(&c, dir, "p:m", 3, "", &e);

	if (r == 0)
		r = embed_cache_put(&c, text, strlen(text), sample, 3, &e);
	embed_cache_release(&c);
	return r;
}

static void
check_keys(void)
{
	tap_ok(finds("p:m", 3, "", "text") == 0, "an empty cache has nothing");
	tap_ok(keep("text") == 0, "kept");
	tap_ok(finds("p:m", 3, "", "text") == 1, "found");
	tap_ok(finds("p:m", 3, "", "texx") == 0, "another text");
	tap_ok(finds("p:n", 3, "", "text") == 0, "another model");
	tap_ok(finds("p:m", 0, "", "text") == 0, "other dimensions");
	tap_ok(finds("p:m", 3, "{}", "text") == 0, "other options");
	tap_ok(
	    finds("p:m3", 3, "", "text") == 0 && finds("p:m", 33, "", "text") == 0, "nothing runs into another part");
}

static void
check_corrupt(void)
{
	struct stat st;
	size_t taken = 0;

	nftw(dir, see, 16, FTW_PHYS);
	tap_is_int(n_files, 1, "one file");
	stat(last, &st);
	tap_is_int(st.st_mode & 07777, 0600, "for its owner alone");
	char *bytes = malloc((size_t)st.st_size);
	FILE *f = fopen(last, "r");
	tap_ok(fread(bytes, 1, (size_t)st.st_size, f) == (size_t)st.st_size, "read");
	fclose(f);
	for (off_t i = 0; i < st.st_size; i++) {
		f = fopen(last, "w");
		bytes[i] ^= 4;
		fwrite(bytes, 1, (size_t)st.st_size, f);
		bytes[i] ^= 4;
		fclose(f);
		taken += finds("p:m", 3, "", "text") != 0;
	}
	tap_ok(taken == 0, "one wrong bit anywhere, and it counts as absent");
	for (off_t n = 0; n < st.st_size; n++) {
		(void)!truncate(last, 0);
		f = fopen(last, "w");
		fwrite(bytes, 1, (size_t)n, f);
		fclose(f);
		taken += finds("p:m", 3, "", "text") != 0;
	}
	tap_ok(taken == 0, "cut anywhere too");
	tap_ok(keep("text") == 0 && finds("p:m", 3, "", "text") == 1, "and is written anew");
	free(bytes);
}

/* Each of four writes and reads the same two hundred: what is found is right. */
static void
check_processes(void)
{
	int bad = 0, status;

	for (int p = 0; p < 4; p++)
		if (fork() == 0) {
			char text[32];
			int wrong = 0;
			for (int i = 0; i < 200; i++) {
				snprintf(text, sizeof(text), "text %d", i);
				wrong += keep(text) != 0 || finds("p:m", 3, "", text) != 1;
			}
			_exit(wrong != 0);
		}
	while (wait(&status) > 0)
		bad += status != 0;
	tap_ok(bad == 0, "four processes at once");
	n_files = 0;
	nftw(dir, see, 16, FTW_PHYS);
	tap_is_int(n_files, 201, "a file each, and no temporary one");
}

int
main(void)
{
	struct embed_cache c;
	struct err e = {0};

	if (!mkdtemp(dir))
		return 1;
	check_keys();
	check_corrupt();
	check_processes();
	tap_ok(embed_cache_open(&c, "/dev/null/x", "m", 0, "", &e) < 0 && e.kind == ERR_CANTCREATE,
	    "a place that can't be: %s", e.msg);
	nftw(dir, throw_away, 16, FTW_DEPTH | FTW_PHYS);
	return tap_done();
}
