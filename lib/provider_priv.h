/* SPDX-License-Identifier: ISC */
/* provider_priv: what providers.c, provider_table.c and alias.c share. For these only. */
#ifndef PROVIDER_PRIV_H
#define PROVIDER_PRIV_H

#include <stddef.h>

struct alias;
struct err;
struct provider;
struct providers;

/* The well-known providers, in the table's own format. NULL-terminated. */
extern const char *const provider_rows[];

/* Fills p from one line, which it cuts up. ERR_CONFIG; nothing to release then. */
int provider_parse(struct provider *p, char *line, struct err *e);
void provider_release(struct provider *p);
/* Does a field of a row begin as a key does? */
int provider_is_key(const char *field);
/* Checks url and makes it the row's base. ERR_CONFIG. */
int provider_set_base(struct provider *p, const char *url, struct err *e);

/* A copy of s as a key, without the blanks and newlines at its end; NULL and ERR_NOKEY where it is none. where: what to call the place. */
char *provider_take_key(const struct provider *p, const char *s, size_t n, const char *where, struct err *e);
/* Can others read a file of ours, below our home? Files of the system's, or of a service manager's, have their own rules. */
int provider_is_exposed(int fd, const char *path);

/* Looks up what aws:PROFILE stands for. As provider_key. */
int provider_aws_key(struct provider *p, const char *profile, struct err *e);
/* Finds out the region of a row of the wire bedrock; none is no error. ERR_CONFIG, ERR_NOKEY. */
int provider_aws_region(struct provider *p, struct err *e);
/* Overwrites what is secret of p->aws. */
void provider_aws_release(struct provider *p);

/* Adds the alias that a line names, unless there is one of that name. */
int alias_parse(struct providers *ps, char *line, struct err *e);
void alias_release(struct alias *a);

#endif
