/* SPDX-License-Identifier: ISC */
/* provider_priv: what providers.c, provider_table.c and alias.c share. For these only. */
#ifndef PROVIDER_PRIV_H
#define PROVIDER_PRIV_H

struct alias;
struct err;
struct provider;
struct providers;

/* The well-known providers, in the table's own format. NULL-terminated. */
extern const char *const provider_rows[];

/* Fills p from one line, which it cuts up. ERR_CONFIG; nothing to release then. */
int provider_parse(struct provider *p, char *line, struct err *e);
void provider_release(struct provider *p);
/* Checks url and makes it the row's base. ERR_CONFIG. */
int provider_set_base(struct provider *p, const char *url, struct err *e);

/* Adds the alias that a line names, unless there is one of that name. */
int alias_parse(struct providers *ps, char *line, struct err *e);
void alias_release(struct alias *a);

#endif
