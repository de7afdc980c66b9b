/* SPDX-License-Identifier: ISC */
#include "serve/http1_priv.h"

#include <stdlib.h>
#include <string.h>
#include <llhttp.h>

#include "mem.h"

#define LINE_SLACK 48   /* bytes of a request line beside its target */
#define CHUNK_LINE 1024 /* bytes of a chunk's size and extensions */
#define EMPTY_LINES 1   /* in front of a request line */
#define USUAL_HEAD 500  /* bytes */

enum piece { PIECE_SIZE, PIECE_DATA, PIECE_DATA_END, PIECE_TRAILER };

/*
 * llhttp takes bare line feeds, folded fields and more. So it gets the head in one piece, when each of its lines was found to be one, and a
 * chunked body line by line.
 */
struct parser {
	llhttp_t ll;
	int complete;            /* llhttp says that the message is */
	uint32_t line_at, empty; /* where the last line of the head begins; lines in front of the request */
	struct http1_spans at;
	enum piece piece;
	uint64_t data_left;       /* of this chunk, or of the body */
	size_t column, trailer_n; /* bytes of this line of a chunked body; of all trailers */
	int seen_cr, in_extension;
};

static int
is_hex(unsigned char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

/* Bytes that may stand anywhere in a line. */
static int
is_plain(unsigned char c)
{
	return c >= ' ' ? c != 127 : c == '\t';
}

/* How many bytes at the begin of s may stand in a line: eight at a time as long as all do, but for tabs. */
static size_t
plain_run(const char *s, size_t n)
{
	const uint64_t ones = 0x0101010101010101, high = 0x8080808080808080;
	size_t i = 0;

	for (uint64_t x, del; n - i >= sizeof(x); i += sizeof(x)) {
		memcpy(&x, s + i, sizeof(x));
		del = x ^ ones * 127;
		if ((((x - ones * ' ') & ~x) | ((del - ones) & ~del)) & high)
			break;
	}
	while (i < n && is_plain((unsigned char)s[i]))
		i++;
	return i;
}

/* ── what llhttp says ── */

static int
on_name(llhttp_t *ll, const char *at, size_t n)
{
	struct http1 *h = ll->data;
	struct parser *p = h->own;

	if (h->head_done)
		return 0;
	if (h->n_field == HTTP1_MAX_FIELDS)
		return http1_fail(h, 431, "too many fields");
	h->field[h->n_field].name = (uint32_t)(at - h->head.p);
	h->field[h->n_field].value = h->field[h->n_field].name + (uint32_t)n;
	p->at.name_n[h->n_field] = (uint32_t)n;
	p->at.value_n[h->n_field++] = 0;
	return 0;
}

static int
on_value(llhttp_t *ll, const char *at, size_t n)
{
	struct http1 *h = ll->data;
	struct parser *p = h->own;

	if (h->head_done || h->n_field == 0)
		return 0;
	if (p->at.value_n[h->n_field - 1] == 0)
		h->field[h->n_field - 1].value = (uint32_t)(at - h->head.p);
	p->at.value_n[h->n_field - 1] = (uint32_t)(at - h->head.p + n) - h->field[h->n_field - 1].value;
	return 0;
}

static int
on_head(llhttp_t *ll)
{
	struct http1 *h = ll->data;

	ll->upgrade = 0;
	h->minor = ll->http_minor;
	h->keep_alive = llhttp_should_keep_alive(ll) && (h->minor > 0 || !(ll->flags & F_CONNECTION_CLOSE));
	return 0;
}

static int
on_chunk(llhttp_t *ll)
{
	struct http1 *h = ll->data;
	struct parser *p = h->own;

	if (ll->content_length > h->limits.body_bytes - h->body.len)
		return http1_fail(h, 413, "the body is too long");
	p->data_left = ll->content_length;
	p->piece = p->data_left > 0 ? PIECE_DATA : PIECE_TRAILER;
	return 0;
}

static int
on_body(llhttp_t *ll, const char *at, size_t n)
{
	struct http1 *h = ll->data;

	buf_add(&h->body, at, n);
	return 0;
}

static int
on_complete(llhttp_t *ll)
{
	struct http1 *h = ll->data;
	struct parser *p = h->own;

	p->complete = 1;
	return 0;
}

static const llhttp_settings_t settings = {
    .on_header_field = on_name,
    .on_header_value = on_value,
    .on_headers_complete = on_head,
    .on_chunk_header = on_chunk,
    .on_body = on_body,
    .on_message_complete = on_complete,
};

static int
execute(struct http1 *h, const char *s, size_t n)
{
	struct parser *p = h->own;

	if (llhttp_execute(&p->ll, s, n) == HPE_OK)
		return 0;
	if (h->head_done)
		return http1_fail(h, 400, "chunks that are none");
	return http1_fail(h, 400, p->ll.reason && *p->ll.reason ? p->ll.reason : "no request of HTTP/1.1");
}

/* ── lines of the head ── */

static void
end_head(struct http1 *h)
{
	struct parser *p = h->own;

	llhttp_init(&p->ll, HTTP_REQUEST, &settings);
	p->ll.data = h;
	if (execute(h, h->head.p, h->head.len) || http1_check_head(h, &p->at))
		return;
	if (p->complete != (h->length == 0)) {
		http1_fail(h, 400, "the body's length is in doubt");
		return;
	}
	h->head_done = 1;
	h->done = p->complete;
	p->data_left = h->length;
}

static void
end_line(struct http1 *h)
{
	struct parser *p = h->own;
	size_t n = h->head.len - p->line_at;

	p->seen_cr = 0;
	if (n == 2 && p->at.lines == 0) {
		if (p->empty++ >= EMPTY_LINES)
			http1_fail(h, 400, "empty lines in place of a request");
		buf_clear(&h->head);
		return;
	}
	if (p->at.lines++ == 0 && http1_check_line(h, &p->at))
		return;
	p->line_at = (uint32_t)h->head.len;
	if (n == 2)
		end_head(h);
	else if (p->at.lines > HTTP1_MAX_FIELDS + 1)
		http1_fail(h, 431, "too many fields");
}

/* Adds bytes to the head as far as there is room. */
static size_t
add_head(struct http1 *h, const char *s, size_t n)
{
	struct parser *p = h->own;
	size_t room = h->limits.head_bytes - h->head.len, line = h->limits.target_bytes + LINE_SLACK - h->head.len;

	if (p->at.lines == 0 && line <= room && n > line)
		http1_fail(h, 414, "the target is too long");
	else if (n > room)
		http1_fail(h, 431, "the head is too long");
	else
		buf_add(&h->head, s, n);
	return n;
}

static size_t
feed_head(struct http1 *h, const char *s, size_t n)
{
	struct parser *p = h->own;

	if (p->seen_cr && *s != '\n')
		http1_fail(h, 400, "a carriage return inside a line");
	else if (*s == '\n' && !p->seen_cr)
		http1_fail(h, 400, "a line that ends without a carriage return");
	else if (p->at.lines > 0 && h->head.len == p->line_at && (*s == ' ' || *s == '\t'))
		http1_fail(h, 400, "a folded field");
	if (h->status)
		return 0;
	size_t run = plain_run(s, n);
	if (run > 0 && n - run >= 2 && s[run] == '\r' && s[run + 1] == '\n') {
		add_head(h, s, run += 2); /* a line to its end, as nearly all come */
		if (!h->status)
			end_line(h);
		return run;
	}
	if (run > 0)
		return add_head(h, s, run);
	if (*s != '\r' && *s != '\n') {
		http1_fail(h, 400, "a control character");
		return 0;
	}
	p->seen_cr = *s == '\r';
	add_head(h, s, 1);
	if (*s == '\n' && !h->status)
		end_line(h);
	return 1;
}

/* ── the body ── */

static int
check_chunk_byte(struct http1 *h, unsigned char c)
{
	struct parser *p = h->own;

	if (p->seen_cr != (c == '\n') || (c != '\r' && c != '\n' && !is_plain(c)))
		return -1;
	p->seen_cr = c == '\r';
	if (p->piece == PIECE_DATA_END)
		return c == '\r' || c == '\n' ? 0 : -1;
	if (p->piece == PIECE_TRAILER)
		return (p->column == 0 && (c == ' ' || c == '\t')) || p->trailer_n++ >= h->limits.head_bytes ? -1 : 0;
	p->in_extension |= c == ';' && p->column > 0;
	if (p->column >= CHUNK_LINE || (p->column == 0 && !is_hex(c)))
		return -1;
	return p->in_extension || is_hex(c) || c == '\r' || c == '\n' ? 0 : -1;
}

/* llhttp, which doesn't understand all extensions, sees none. */
static int
execute_line(struct http1 *h, const char *s, size_t n, int was_in_extension)
{
	struct parser *p = h->own;
	size_t digits = was_in_extension ? 0 : p->in_extension ? (size_t)((char *)memchr(s, ';', n) - s) : n;

	if (digits > 0 && execute(h, s, digits))
		return -1;
	return p->in_extension && s[n - 1] == '\n' ? execute(h, "\r\n", 2) : 0;
}

/* Up to the end of a line: a chunk's size, what stands behind its data, or a trailer. */
static size_t
feed_chunk_line(struct http1 *h, const char *s, size_t n)
{
	struct parser *p = h->own;
	const char *lf = memchr(s, '\n', n);
	size_t len = lf ? (size_t)(lf - s) + 1 : n;
	enum piece piece = p->piece;
	int in_extension = p->in_extension;

	for (size_t i = 0; i < len; i++, p->column++)
		if (check_chunk_byte(h, (unsigned char)s[i])) {
			http1_fail(h, 400, "chunks that are none");
			return i;
		}
	if (execute_line(h, s, len, in_extension) || !lf)
		return len;
	p->column = 0;
	p->seen_cr = p->in_extension = 0;
	if (piece == PIECE_DATA_END)
		p->piece = PIECE_SIZE;
	else if (piece == PIECE_SIZE && p->piece == PIECE_SIZE)
		http1_fail(h, 400, "chunks that are none");
	h->done = p->complete;
	return len;
}

static size_t
feed_data(struct http1 *h, const char *s, size_t n)
{
	struct parser *p = h->own;
	size_t len = n < p->data_left ? n : (size_t)p->data_left;

	if (execute(h, s, len))
		return len;
	p->data_left -= len;
	if (p->data_left == 0 && h->length == UINT64_MAX)
		p->piece = PIECE_DATA_END;
	else if (p->data_left == 0 && !(h->done = p->complete))
		http1_fail(h, 400, "the body's length is in doubt");
	return len;
}

size_t
http1_feed(struct http1 *h, const char *p, size_t n)
{
	struct parser *own = h->own;
	size_t used = 0;

	if (!own) {
		own = h->own = xcalloc(1, sizeof(*own));
		buf_reserve(&h->head, USUAL_HEAD);
	}

	while (used < n && !h->done && !h->status) {
		if (!h->head_done)
			used += feed_head(h, p + used, n - used);
		else if (h->length == UINT64_MAX && own->piece != PIECE_DATA)
			used += feed_chunk_line(h, p + used, n - used);
		else
			used += feed_data(h, p + used, n - used);
	}
	if (h->done || h->status) {
		free(own);
		h->own = NULL;
	}
	return used;
}

/* ── */

void
http1_init(struct http1 *h, const struct http1_limits *limits)
{
	memset(h, 0, sizeof(*h));
	h->limits = *limits;
}

void
http1_next(struct http1 *h)
{
	struct http1_limits limits = h->limits;

	http1_release(h);
	http1_init(h, &limits);
}

void
http1_release(struct http1 *h)
{
	buf_release(&h->head);
	buf_release(&h->body);
	free(h->own);
	h->own = NULL;
}
