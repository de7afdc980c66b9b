/* SPDX-License-Identifier: ISC */
/* What or-chat is given: files, operands, standard input, tables; and the request that they make. */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attach.h"
#include "chat.h"
#include "conf.h"
#include "err.h"
#include "request.h"
#include "schema.h"
#include "str.h"

void
chat_warn(struct chat *c, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	if (!c->a.quiet)
		warnx("%s", b.p);
	if (c->n_warning < CHAT_MAX_WARNINGS)
		c->warning[c->n_warning++] = buf_take(&b);
	buf_release(&b);
}

static void
slow_stdin(void)
{
	warnx("waiting for standard input (-N leaves it alone)");
}

/* Who reads standard input is known before anything is read. */
static void
plan_stdin(struct chat *c)
{
	struct chat_args *a = &c->a;

	c->prompt_spec = (struct prompt_spec){.operand = a->operand,
	    .n_operand = a->n_operand,
	    .file = a->file.v,
	    .n_file = a->file.n,
	    .no_stdin = a->no_stdin,
	    .stdin_taken = a->n_taken > 0,
	    .stdin_closed = c->closed & 1,
	    .strict_utf8 = a->strict_utf8,
	    .max = a->max_input,
	    .on_slow = a->quiet ? NULL : slow_stdin};
}

static int
read_attachment(struct chat *c, const char *arg, struct err *e)
{
	struct attach_spec s;
	struct buf bytes = BUF_INIT;
	int r = attach_parse(&s, arg, e);

	if (!r && !s.is_url && chat_args_is_stdin(&s))
		r = conf_slurp_fd(STDIN_FILENO, "standard input", c->a.max_input, &bytes, e);
	else if (!r && !s.is_url)
		r = conf_slurp(s.name, c->a.max_input, &bytes, e);
	if (!r && c->parts.len)
		buf_addc(&c->parts, ',');
	if (!r)
		r = attach_emit(&c->parts, &s, s.is_url ? NULL : buf_str(&bytes), bytes.len, e);
	buf_release(&bytes);
	return r;
}

static int
read_schema(struct chat *c, size_t *repaired, struct err *e)
{
	struct buf text = BUF_INIT;
	int r = 0;

	if (c->a.schema)
		buf_adds(&text, c->a.schema);
	else if (c->a.schema_file)
		r = prompt_file(&c->prompt_spec, c->a.schema_file, &text, repaired, e);
	if (!r && (c->a.schema || c->a.schema_file)) {
		r = schema_from_dsl(&c->schema_text, buf_str(&text), text.len, e);
		if (!r)
			r = json_parse(&c->schema, c->schema_text.p, c->schema_text.len, e);
		if (!r)
			r = schema_check(&c->schema, e);
		if (r && !str_starts(e->msg, "schema"))
			err_wrap(e, "schema");
	}
	buf_release(&text);
	return r;
}

/* What goes from the command line into the request as it is. */
static int
check_utf8(struct chat *c, size_t *repaired, struct err *e)
{
	struct buf ignored = BUF_INIT;
	int r =
	    c->a.model ? prompt_text(&c->prompt_spec, "-m", c->a.model, strlen(c->a.model), &ignored, repaired, e) : 0;

	for (size_t i = 0; i < c->a.option.n && !r; i++)
		r = prompt_text(
		    &c->prompt_spec, "-O", c->a.option.v[i], strlen(c->a.option.v[i]), &ignored, repaired, e);
	buf_release(&ignored);
	return r;
}

/* Everything that comes from files, operands and standard input. */
int
chat_read_input(struct chat *c, struct err *e)
{
	size_t repaired = 0;
	int r = 0;

	plan_stdin(c);
	if (check_utf8(c, &repaired, e))
		return -1;
	if (c->a.system)
		r = prompt_text(&c->prompt_spec, "-s", c->a.system, strlen(c->a.system), &c->system, &repaired, e);
	else if (c->a.system_file)
		r = prompt_file(&c->prompt_spec, c->a.system_file, &c->system, &repaired, e);
	if (!r)
		r = read_schema(c, &repaired, e);
	for (size_t i = 0; i < c->a.attach.n && !r; i++)
		r = read_attachment(c, c->a.attach.v[i], e);
	if (!r && c->a.request)
		r = prompt_file(&c->prompt_spec, "-", &c->base, &repaired, e);
	if (!r && !(c->parts.len && c->a.no_stdin && !c->a.n_operand && !c->a.file.n))
		r = prompt_read(&c->prompt_spec, &c->prompt, &repaired, e);
	if (!r && !c->a.request && !c->prompt.len && !c->parts.len)
		r = err_set(e, ERR_DATA, "the prompt is empty");
	if (!r && repaired)
		chat_warn(c, "%zu byte sequence%s in the input not UTF-8: replaced by U+FFFD", repaired,
		    repaired == 1 ? "" : "s");
	return r;
}

static int
check_system(const struct chat *c, const char *system, struct err *e)
{
	if (!c->conv.n || !system)
		return 0;
	if (!c->conv.system)
		return err_set(e, ERR_DATA, "%s begins without a system message", c->conv.path);
	if (strcmp(c->conv.system, system) != 0)
		return err_set(e, ERR_DATA, "%s begins with another system message", c->conv.path);
	return 0;
}

/* Text has room for one answer; others are paid for, too. */
static int
one_choice(const struct chat *c, struct err *e)
{
	struct json j = JSON_INIT;
	int64_t n = 1;

	if (json_parse(&j, c->request.p, c->request.len, e) == 0)
		json_int(&j, json_get(&j, 0, "n"), &n);
	json_release(&j);
	return n > 1
	    ? err_set(e, ERR_USAGE, "n=%lld: only -F json, ndjson and sse show more than one choice", (long long)n)
	    : 0;
}

/* Not on its own where a whole request was given: its own fields say what is cached. */
static void
cache_prompt(struct chat *c)
{
	struct json j = JSON_INIT;
	int again = c->a.conversation != NULL;

	if (c->a.caching == CACHING_AUTO && c->a.request)
		return;
	if (!again && c->a.caching == CACHING_AUTO)
		again = json_parse(&j, c->request.p, c->request.len, NULL) == 0 && caching_expects(&j);
	caching_choose(&c->names, &c->providers, c->a.caching, again);
	json_release(&j);
}

static int
lay_over_preset(struct chat *c, struct err *e)
{
	struct json j = JSON_INIT;
	struct buf whole = BUF_INIT;
	int r = json_parse(&j, c->request.p, c->request.len, e);

	if (!r)
		r = policy_apply(c->preset, &j, &whole, e);
	json_release(&j);
	buf_release(&c->request);
	c->request = whole;
	return r;
}

static struct request_spec
spec_of(const struct chat *c)
{
	const struct chat_args *a = &c->a;

	return (struct request_spec){
	    .base = a->request ? buf_str(&c->base) : NULL,
	    .base_len = c->base.len,
	    .chain = c->keep_model ? NULL : c->names.chain,
	    .system = a->system || a->system_file ? buf_str(&c->system) : NULL,
	    .history = c->conv.messages.p,
	    .history_len = c->conv.messages.len,
	    .prompt = c->prompt.len ? c->prompt.p : NULL,
	    .prompt_len = c->prompt.len,
	    .parts = c->parts.p,
	    .parts_len = c->parts.len,
	    .option = a->option.v,
	    .n_option = a->option.n,
	    .effort = a->effort,
	    .schema = c->schema_text.len ? c->schema_text.p : NULL,
	    .schema_len = c->schema_text.len,
	    .has_seed = a->has_seed,
	    .seed = a->seed,
	    .max_prompt = a->max_prompt,
	    .max_completion = a->max_completion,
	    .stream = 1,
	};
}

/* What a conversation's file gets before the answer. */
static void
write_first_lines(const struct request_spec *s, struct buf *to)
{
	if (s->system)
		request_system_message(s->system, to);
	if (!s->prompt && !s->parts_len)
		return;
	if (s->system)
		buf_addc(to, '\n');
	request_user_message(s, to);
	buf_addc(to, '\n');
}

int
chat_build_request(struct chat *c, struct err *e)
{
	struct request_spec s = spec_of(c);

	if (check_system(c, s.system, e))
		return -1;
	if (c->conv.n)
		s.system = NULL;
	write_first_lines(&s, &c->first_lines);
	int r = request_build(&s, &c->request, e);
	if (!r && c->preset)
		r = lay_over_preset(c, e);
	if (!r)
		r = chat_plan(c, e);
	if (!r)
		cache_prompt(c);
	if (!r && c->a.form != RENDER_JSON && c->a.form != RENDER_NDJSON && c->a.form != RENDER_SSE)
		r = one_choice(c, e);
	/* a prompt may be big: what is in the request now needn't be kept beside it */
	buf_release(&c->prompt);
	buf_release(&c->parts);
	buf_release(&c->base);
	return r;
}
