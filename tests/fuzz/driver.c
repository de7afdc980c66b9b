/* SPDX-License-Identifier: ISC */
/*
 * driver: runs a fuzz entry where there is no libFuzzer.
 *
 *	entry [-t seconds] [-o file] file|directory...
 *
 * Each file is given to the entry as it is; then, for so many seconds, mutations of them. An input lies in `file` while it runs and
 * is removed after the last one, so that a crash leaves the one that made it.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define INPUT_BYTES 16384
#define MAX_SEEDS 4096

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct input {
	uint8_t *p;
	size_t n;
};

static struct input seeds[MAX_SEEDS];
static size_t n_seeds;
static unsigned long n_runs;
static uint64_t state = 88172645463325252u;

/* xorshift64: the same inputs in every run, so that what was found is found again. */
static size_t
chance(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n ? (size_t)(state % n) : 0;
}

static void
keep(const char *path, const uint8_t *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		err(1, "%s", path);
	close(fd);
}

/* The entry gets a copy of just that size, so that ASan sees the first byte read behind it. */
static void
run(const char *path, const uint8_t *p, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		err(1, NULL);
	if (n)
		memcpy(copy, p, n);
	if (path)
		keep(path, p, n);
	alarm(10);
	LLVMFuzzerTestOneInput(copy, n);
	alarm(0);
	n_runs++;
	free(copy);
}

static void
load_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = malloc(INPUT_BYTES);

	if (!f || !p)
		err(1, "%s", path);
	if (n_seeds < MAX_SEEDS)
		seeds[n_seeds++] = (struct input){p, fread(p, 1, INPUT_BYTES, f)};
	else
		free(p);
	fclose(f);
}

static void
load(const char *path)
{
	struct stat st;
	char name[4096];

	if (stat(path, &st) < 0)
		err(1, "%s", path);
	if (!S_ISDIR(st.st_mode)) {
		load_file(path);
		return;
	}
	DIR *d = opendir(path);
	if (!d)
		err(1, "%s", path);
	for (struct dirent *e; (e = readdir(d));) {
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (e->d_name[0] != '.')
			load_file(name);
	}
	closedir(d);
}

/* Puts m bytes of q in place of k bytes at `at`. */
static size_t
put(uint8_t *p, size_t n, size_t at, size_t k, const uint8_t *q, size_t m)
{
	if (n - k + m > INPUT_BYTES)
		return n;
	memmove(p + at + m, p + at + k, n - at - k);
	if (m > 0)
		memcpy(p + at, q, m);
	return n - k + m;
}

static size_t
mutate(uint8_t *p, size_t n)
{
	static const char *const words[] = {"\"", "\\", "\n", "\r", "\r\n", "{", "}", "[", "]", ",", ":",
	    "data: ", "```", "~~~", "\\ud800", "\xef\xbb\xbf", "\xff", "null", "1e999", "-", "0", "[DONE]", "\n\n",
	    "  "};
	const char *word = words[chance(sizeof(words) / sizeof(words[0]))];
	const struct input *other = &seeds[chance(n_seeds)];
	size_t at = chance(n + 1), left = n - at, from = chance(other->n + 1);
	uint8_t byte = (uint8_t)chance(256);

	switch (chance(5)) {
	case 0:
		return put(p, n, at, left > 0, &byte, 1);
	case 1:
		return put(p, n, at, chance(left + 1) % 9, NULL, 0);
	case 2:
		return put(p, n, at, 0, (const uint8_t *)word, strlen(word));
	case 3:
		return put(p, n, at, left, other->p + from, other->n - from);
	default:
		return put(p, n, at, 0, other->p + from, chance(other->n - from + 1) % 64);
	}
}

static void
search(const char *path, double seconds)
{
	static uint8_t p[INPUT_BYTES];
	time_t end = time(NULL) + (time_t)seconds;

	while (n_seeds > 0 && time(NULL) < end) {
		const struct input *seed = &seeds[chance(n_seeds)];
		size_t n = seed->n;
		memcpy(p, seed->p, n);
		for (size_t i = chance(8) + 1; i > 0; i--)
			n = mutate(p, n);
		run(path, p, n);
	}
}

int
main(int argc, char **argv)
{
	const char *path = NULL;
	double seconds = 0;

	for (int c; (c = getopt(argc, argv, "o:t:")) != -1;) {
		if (c == 'o')
			path = optarg;
		else if (c == 't')
			seconds = (double)strtol(optarg, NULL, 10);
		else
			return 64;
	}
	for (int i = optind; i < argc; i++)
		load(argv[i]);
	for (size_t i = 0; i < n_seeds; i++)
		run(path, seeds[i].p, seeds[i].n);
	search(path, seconds);
	if (path)
		unlink(path);
	for (size_t i = 0; i < n_seeds; i++)
		free(seeds[i].p);
	printf("stat::number_of_executed_units: %lu\n", n_runs);
	return 0;
}
