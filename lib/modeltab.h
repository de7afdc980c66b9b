/* SPDX-License-Identifier: ISC */
/* modeltab: rows of a catalog as a table, or as the JSON they came as. Pure. The columns are part of the interface: new ones go to the end. */
#ifndef MODELTAB_H
#define MODELTAB_H

struct buf;
struct models;
struct table;

/* Ids alone, or (whole) all columns: of models id, prompt and completion price per million, context, most output tokens, day of
 * creation, input modalities, name; of endpoints tag, provider, context, most output tokens, prices, quantization, status, uptime,
 * latency, throughput. clean: for a terminal. The caller releases the table. */
void modeltab_fill(struct table *t, struct models *ms, int whole, int clean);
/* Appends {"data":[...]}, the objects byte for byte as they came. */
void modeltab_json(const struct models *ms, struct buf *out);
/* Appends one object a line: white space between its tokens is taken out. */
void modeltab_ndjson(const struct models *ms, struct buf *out);

#endif
