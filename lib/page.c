/* SPDX-License-Identifier: ISC */
#include "page.h"

#include <string.h>

#include "buf.h"
#include "str.h"
#include "table.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'";
static const char head_end[] = "\">\n"
			       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
			       "<meta name=\"color-scheme\" content=\"light dark\">\n<title>";

/* The colours of series keep 3:1 against their ground, and differ for those who see red and green alike. */
static const char style[] =
    "</title>\n<style>\n"
    ":root{--ground:#fbfaf8;--card:#fff;--ink:#1d2129;--soft:#5b6270;--line:#dcdad5;--grid:#ebe9e4;--focus:#2f6db5;"
    "--c0:#2f6db5;--c1:#c9741f;--c2:#2e8b77;--c3:#8a5aa8;--c4:#b8475b;--c5:#8a7a17;--c6:#3f8fb0;--c7:#8c919b}\n"
    "@media (prefers-color-scheme:dark){:root{--ground:#15171b;--card:#1d2025;--ink:#e7e8ea;--soft:#a2a8b3;--line:#363a42;"
    "--grid:#2a2e35;--focus:#7fb0ea;--c0:#6ea4e6;--c1:#e39a4e;--c2:#5cbba5;--c3:#b78bd4;--c4:#e17c8d;--c5:#c7b44c;"
    "--c6:#74bfdd;--c7:#7e8591}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,"
    "\"Helvetica Neue\",\"DejaVu Sans\",sans-serif}\n"
    "main{max-width:64rem;margin:0 auto;padding:2.5rem 1.25rem 3rem}\n"
    "h1{font-size:1.7rem;line-height:1.2;margin:0;letter-spacing:-.01em}\n"
    "h2{font-size:1.1rem;margin:0}\nh3{font-size:.95rem;margin:1.4rem 0 0}\n"
    "p{margin:.35rem 0 0;max-width:44rem}\n"
    ".lead,.note,footer,figcaption{color:var(--soft)}\n"
    ".note,figcaption,footer{font-size:.875rem}\n"
    "section{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:1.1rem 1.25rem;margin-top:1.25rem}\n"
    "footer{margin-top:1.5rem}\n"
    "dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));margin:1.5rem 0 0;background:var(--card);"
    "border:1px solid var(--line);border-radius:.5rem;overflow:hidden}\n"
    "dl div{padding:.8rem 1rem;border:solid var(--line);border-width:0 1px 1px 0;margin:0 -1px -1px 0}\n"
    "dl div:first-child{grid-column:span 2}\n"
    "dt{font-size:.8rem;color:var(--soft)}\n"
    "dd{margin:0;font-size:1.3rem;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}\n"
    "figure{margin:1rem 0 0}\n"
    "svg{display:block;width:100%;height:auto;overflow:visible}\n"
    "svg text{font-size:120px;fill:var(--soft);font-variant-numeric:tabular-nums}\n"
    "svg .row{fill:var(--ink)}\n"
    "svg line{vector-effect:non-scaling-stroke}\n"
    ".grid{stroke:var(--grid);stroke-width:1px}\n.base{stroke:var(--soft);stroke-width:1px}\n"
    ".tail{stroke:var(--c0);stroke-width:2px}\n.box{fill:var(--c0);fill-opacity:.35}\n.mark{fill:var(--c0)}\n"
    ".c0{fill:var(--c0);background:var(--c0)}.c1{fill:var(--c1);background:var(--c1)}.c2{fill:var(--c2);background:var(--c2)}"
    ".c3{fill:var(--c3);background:var(--c3)}.c4{fill:var(--c4);background:var(--c4)}.c5{fill:var(--c5);background:var(--c5)}"
    ".c6{fill:var(--c6);background:var(--c6)}.c7{fill:var(--c7);background:var(--c7)}\n"
    "rect:hover{fill-opacity:.75}\n"
    ".legend{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;padding:0;margin:.75rem 0 0;font-size:.875rem}\n"
    ".legend li{overflow-wrap:anywhere}\n"
    ".legend span{display:inline-block;width:.7rem;height:.7rem;border-radius:2px;margin-right:.45rem}\n"
    "details{margin-top:1rem}\nsummary{cursor:pointer;font-size:.875rem;color:var(--soft)}\n"
    "button{font:inherit;font-size:.875rem;color:inherit;background:none;border:1px solid var(--soft);border-radius:.35rem;"
    "padding:.2rem .75rem;margin:.75rem .5rem 0 0;cursor:pointer}\n"
    ".scroll{overflow-x:auto;margin-top:.75rem}\n"
    ":focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:2px}\n"
    "table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums}\n"
    "caption{text-align:left;color:var(--soft);padding-bottom:.35rem}\n"
    "th,td{padding:.35rem .6rem .35rem 0;text-align:left;white-space:nowrap;border-bottom:1px solid var(--grid)}\n"
    "th:last-child,td:last-child{padding-right:0}\n"
    "thead th{color:var(--soft);font-weight:500;border-bottom-color:var(--line)}\n"
    "tbody th{font-weight:500}\n.n{text-align:right}\n"
    "@media (max-width:40rem){main{padding:1.5rem .75rem 2rem}section{padding:1rem .9rem}svg text{font-size:260px}"
    "tbody th{white-space:normal;overflow-wrap:anywhere;min-width:8rem}"
    "h1{font-size:1.4rem}}\n"
    "@media print{body{background:none}section{break-inside:avoid}}\n"
    "</style>\n</head>\n<body>\n<main>\n<header>\n<h1>";

void
page_escape(struct buf *b, const char *s, size_t n)
{
	struct buf clean = BUF_INIT;

	str_clean(&clean, s, n);
	for (size_t i = 0; i < clean.len; i++) {
		const char *p = strchr("&<>\"'", clean.p[i]);
		if (p)
			buf_adds(b, (const char *const[]){"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"}[p - "&<>\"'"]);
		else
			buf_addc(b, clean.p[i]);
	}
	buf_release(&clean);
}

static void
element(struct buf *b, const char *open, const char *s, const char *close)
{
	buf_adds(b, open);
	page_escape(b, s, strlen(s));
	buf_adds(b, close);
}

void
page_open(struct buf *b, const char *title, const char *lead)
{
	page_open_live(b, title, lead, NULL);
}

void
page_open_live(struct buf *b, const char *title, const char *lead, const char *nonce)
{
	buf_adds(b, head);
	if (nonce)
		element(b, "; script-src 'nonce-", nonce, "'; connect-src 'self'; base-uri 'none'; form-action 'none'");
	element(b, head_end, title, style);
	element(b, "", title, "</h1>\n");
	element(b, "<p class=\"lead\">", lead, "</p>\n</header>\n");
}

void
page_script(struct buf *b, const char *nonce, const char *script)
{
	element(b, "<script nonce=\"", nonce, "\">\n");
	buf_adds(b, script);
	buf_adds(b, "</script>\n");
}

void
page_close(struct buf *b, const char *foot)
{
	element(b, "<footer>", foot, "</footer>\n</main>\n</body>\n</html>\n");
}

void
page_section(struct buf *b, const char *heading, const char *note)
{
	element(b, "<section>\n<h2>", heading, "</h2>\n");
	if (*note)
		element(b, "<p class=\"note\">", note, "</p>\n");
}

void
page_part(struct buf *b, const char *heading, const char *note)
{
	element(b, "<h3>", heading, "</h3>\n");
	if (*note)
		element(b, "<p class=\"note\">", note, "</p>\n");
}

void
page_end_section(struct buf *b)
{
	buf_adds(b, "</section>\n");
}

void
page_text(struct buf *b, const char *s)
{
	element(b, "<p>", s, "</p>\n");
}

void
page_open_figures(struct buf *b)
{
	buf_adds(b, "<dl>\n");
}

void
page_figure(struct buf *b, const char *label, const char *value)
{
	element(b, "<div><dt>", label, "</dt>");
	element(b, "<dd>", value, "</dd></div>\n");
}

void
page_close_figures(struct buf *b)
{
	buf_adds(b, "</dl>\n");
}

/* ── tables ── */

static void
table_head(struct buf *b, const struct table *t)
{
	buf_adds(b, "<thead><tr>");
	for (size_t c = 0; c < t->n_col; c++)
		element(b, t->col[c].right ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">", t->col[c].head,
		    "</th>");
	buf_adds(b, "</tr></thead>\n<tbody>\n");
}

static void
table_cell(struct buf *b, const struct table *t, size_t i, int is_head)
{
	size_t start = i ? t->end[i - 1] : 0;

	buf_adds(b, is_head ? "<th scope=\"row\"" : "<td");
	buf_adds(b, t->col[i % t->n_col].right ? " class=\"n\">" : ">");
	page_escape(b, t->text.p + start, t->end[i] - start);
	buf_adds(b, is_head ? "</th>" : "</td>");
}

void
page_table(struct buf *b, const struct table *t, size_t n_head, const char *caption, int folded)
{
	if (folded)
		element(b, "<details><summary>", caption, "</summary>\n");
	/* What scrolls sideways has to be reached with the keyboard, too. */
	element(b, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"", caption, "\"><table>\n");
	table_head(b, t);
	for (size_t i = 0; i < t->n; i++) {
		size_t c = i % t->n_col;
		buf_adds(b, c ? "" : "<tr>");
		table_cell(b, t, i, c < n_head);
		buf_adds(b, c + 1 == t->n_col ? "</tr>\n" : "");
	}
	buf_adds(b, "</tbody></table></div>\n");
	buf_adds(b, folded ? "</details>\n" : "");
}
