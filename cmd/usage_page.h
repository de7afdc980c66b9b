/* SPDX-License-Identifier: ISC */
/* usage_page: what the page of -F html is made of, between the file that puts it together and the one that draws. */
#ifndef USAGE_PAGE_H
#define USAGE_PAGE_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct report;
struct report_group;
struct usage_range;

/* Time in steps of an hour or a day. */
struct axis {
	int64_t step_ms;
	size_t n;
	char (*key)[24]; /* as a report's values have it, in order */
	char **label;    /* owned, each: short */
	int cut;         /* the plot begins later than the range */
};

/* Is the range so short that it is shown in hours? */
int axis_hours(const struct usage_range *r, int64_t until_ms);
/* by_step: a sorted report whose first key is the day, or the hour. */
void axis_init(struct axis *a, const struct usage_range *r, int64_t until_ms, const struct report *by_step);
void axis_release(struct axis *a);
/* Which step the group's first key is; -1: it isn't on the axis. */
int64_t axis_step(const struct axis *a, const struct report_group *g);

/* Each appends a plot, or a sentence where there is nothing to be shown. by_model, by_step_model and so on: sorted reports. */
void plot_spend(struct buf *b, const struct axis *a, const struct report *by_step_model, const struct report *by_model);
void plot_tokens(struct buf *b, const struct axis *a, const struct report *by_step);
void plot_ttft(struct buf *b, struct report *by_endpoint);
void plot_speed(struct buf *b, struct report *by_endpoint);
void plot_statuses(struct buf *b, const struct report *by_status);
void plot_failures(struct buf *b, const struct report *by_endpoint);

#endif
