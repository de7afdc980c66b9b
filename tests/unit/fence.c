/* SPDX-License-Identifier: ISC */
#include "fence.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "tap.h"

static const char *const none = "(none)", *const unterminated = "(unterminated)";

static void
extract(const char *text, const char *lang, const char *want)
{
	struct buf out = BUF_INIT;
	size_t n = strlen(text);
	/* a copy of its own size, so that a read past the end is caught */
	char *copy = malloc(n + !n);
	const char *got;
	char name[120];

	memcpy(copy, text, n);
	switch (fence_extract(copy, n, lang, &out)) {
	case FENCE_FOUND:
		got = buf_str(&out);
		break;
	case FENCE_NONE:
		got = out.len ? "(none, but written)" : none;
		break;
	default:
		got = out.len ? "(unterminated, but written)" : unterminated;
	}
	size_t i = 0;
	for (; text[i] && i < sizeof(name) - 1; i++)
		name[i] = strchr("\n\r\t", text[i]) ? '|' : text[i];
	name[i] = '\0';
	tap_is_str(got, want, *name ? name : "nothing");
	free(copy);
	buf_release(&out);
}

static void
test_plain(void)
{
	extract("", NULL, none);
	extract("no block", NULL, none);
	extract("a\n```\nb\n```\nc\n", NULL, "b\n");
	extract("```\nb\n```", NULL, "b\n");
	extract("```\n```", NULL, "");
	extract("```\n\n```", NULL, "\n");
	extract("~~~\nb\n~~~\n", NULL, "b\n");
	extract("```\na\n```\n```\nb\n```\n", NULL, "a\n");
	extract("``\nb\n``\n", NULL, none);
	extract("x ```\nb\n```\n", NULL, unterminated); /* only the second fence is one */
	extract("use ```code``` here\n", NULL, none);
	extract("``` a`b\n", NULL, none);
	extract("```code```\n", NULL, none);
	extract("~~~ a`b~c\nx\n~~~\n", NULL, "x\n");
	extract("```\r\na\r\nb\r\n```\r\n", NULL, "a\r\nb\r\n");
	extract("```sh \r\na\r\n``` \t\r\n", "sh", "a\r\n");
}

static void
test_ends(void)
{
	extract("```\nb\n", NULL, unterminated);
	extract("```", NULL, unterminated);
	extract("```\nb\n``\n", NULL, unterminated);
	extract("```\nb\n~~~\n", NULL, unterminated);
	extract("````\nb\n```\n", NULL, unterminated);
	extract("```\nb\n````\nc", NULL, "b\n");
	extract("```\nb\n``` x\nc\n```\n", NULL, "b\n``` x\nc\n");
	extract("````md\n```c\nx\n```\n````\n", NULL, "```c\nx\n```\n");
	extract("````md\n```c\nx\n```\n````\n", "c", none);
	extract("~~~md\n```c\nx\n```\n~~~\n", "md", "```c\nx\n```\n");
	extract("```\n~~~\n```\n", NULL, "~~~\n");
	extract("```py\nb\n", "c", none);
	extract("```py\nb\n```\n```c\nx\n", "c", unterminated);
	extract("```py\nb\n```\n```c\nx\n", "py", "b\n");
	extract("```py\n```c\nx\n```\n", "c", none);
}

static void
test_indent(void)
{
	extract("  ```\n  a\n    b\n c\n  ```\n", NULL, "a\n  b\nc\n");
	extract("1. do\n\n     ```sh\n     a\n\n       b\n     ```\n", "sh", "a\n\n  b\n");
	extract("- x\n\t```\n\ta\n\t```\n", NULL, "a\n");
	extract("- x\n\t```\n    a\n\t\tb\n\t```\n", NULL, "a\n\tb\n");
	extract("  ```\n\ta\n  ```\n", NULL, "  a\n");
	extract("```\nf:\n    ```\n    x\n    ```\n```\n", NULL, "f:\n    ```\n    x\n    ```\n");
	extract("```\na\n   ```\n", NULL, "a\n");
	extract("      ```\n      a\n```\n", NULL, "a\n");
	extract("```\n\t```\n```\n", NULL, "\t```\n");
	extract("> ```\n> a\n> ```\n", NULL, none);
}

static void
test_lang(void)
{
	extract("```python\na\n```\n```C\nx\n```\n", "c", "x\n");
	extract("```c++\na\n```\n", "c", none);
	extract("```c\na\n```\n", "c++", none);
	extract("```c++\na\n```\n", "C++", "a\n");
	extract("``` Objective-C \na\n```\n", "objective-c", "a\n");
	extract("```js title=\"x\"\na\n```\n", "js", "a\n");
	extract("```\tjs\tx\na\n```\n", "js", "a\n");
	extract("```{.python}\na\n```\n", "python", "a\n");
	extract("```{.python .numberLines}\na\n```\n", "python", "a\n");
	extract("```{r, echo=FALSE}\na\n```\n", "R", "a\n");
	extract("```{rust}\na\n```\n", "r", none);
	extract("```r,x\na\n```\n", "r", none);
	extract("```{python\na\n```\n", "{python", none);
	extract("```\na\n```\n", "sh", none);
	extract("```sh\na\n```\n```\nb\n```\n", "", "b\n");
	extract("~~~sh\na\n~~~\n", "sh", "a\n");
	extract("```diff\n```\n```sh\nb\n```\n", "sh", "b\n");
}

/* Bytes that aren't text pass; out is added to. */
static void
test_bytes(void)
{
	static const char text[] = "```\na\0b\xff\n```";
	struct buf out = BUF_INIT;

	buf_adds(&out, "kept ");
	tap_is_int(fence_extract(text, sizeof(text) - 1, NULL, &out), FENCE_FOUND, "a NUL and a bad byte are content");
	tap_is_mem(out.p, out.len, "kept a\0b\xff\n", 10, "and what was in the buffer stays");
	buf_release(&out);
}

int
main(void)
{
	test_plain();
	test_ends();
	test_indent();
	test_lang();
	test_bytes();
	return tap_done();
}
