/* SPDX-License-Identifier: ISC */
/* cohere_out: what whole answers and streams share. Pure. Private to lib/wire/cohere_*.c. */
#ifndef COHERE_OUT_H
#define COHERE_OUT_H

struct buf;
struct front_answer;
struct json;
struct jsonw;

void cohere_write_whole(struct front_answer *a, struct buf *out);
/* Writes a call's id, which there has to be: id, or one made of its index. */
void cohere_call_id(struct jsonw *w, const char *id, int index);
/* Writes a canonical annotation as the members of a citation. 0: it is none. */
int cohere_citation(struct jsonw *w, const struct json *j, int annotation);
/* Writes one of OpenAI's tokens as {text, token_ids, logprobs}. Cohere numbers its tokens; theirs have no numbers. */
void cohere_logprob(struct front_answer *a, struct jsonw *w, const struct json *j, int item);
/* Writes finish_reason and usage. */
void cohere_end_members(const struct front_answer *a, struct jsonw *w);

#endif
