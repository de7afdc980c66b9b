/* SPDX-License-Identifier: ISC */
/* How many lists are kept: part of catalog.h. */
#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "catalog.h"
#include "conf.h"
#include "listing.h"
#include "mem.h"
#include "providers.h"
#include "str.h"

#define MAX_DROPPED 8 /* files at once: others may write some at the same time */

/* Who asks chooses among many values: the list that was fetched the longest ago goes. Returns how many there were. */
static size_t
drop_oldest(const char *dir, const char *prefix)
{
	struct dirent *entry;
	struct stat st, oldest = {0};
	char *name = NULL;
	size_t n = 0;
	DIR *d = opendir(dir);

	while (d && (entry = readdir(d))) {
		if (!str_starts(entry->d_name, prefix) || fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (n++ &&
		    (st.st_mtim.tv_sec > oldest.st_mtim.tv_sec ||
			(st.st_mtim.tv_sec == oldest.st_mtim.tv_sec && st.st_mtim.tv_nsec >= oldest.st_mtim.tv_nsec)))
			continue;
		oldest = st;
		free(name);
		name = xstrdup(entry->d_name);
	}
	if (n > CATALOG_MAX_ASKED)
		unlinkat(dirfd(d), name, 0);
	free(name);
	if (d)
		closedir(d);
	return n;
}

void
catalog_prune(const struct provider *p)
{
	struct buf dir = BUF_INIT, prefix = BUF_INIT;

	buf_addf(&prefix, "%s.%s", p->name, LISTING_ASKED);
	if (conf_cache_dir(&dir) == 0)
		for (int i = 0; i < MAX_DROPPED && drop_oldest(dir.p, prefix.p) > CATALOG_MAX_ASKED; i++)
			;
	buf_release(&dir);
	buf_release(&prefix);
}
