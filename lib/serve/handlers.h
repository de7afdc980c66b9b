/* SPDX-License-Identifier: ISC */
/* handlers: who answers which request, by file; paths.c has the table. Each is given a visit whose key may ask this. */
#ifndef SERVE_HANDLERS_H
#define SERVE_HANDLERS_H

struct lists;
struct visit;

/* serve/calls.c */
void calls_chat(
    struct visit *v); /* POST chat/completions, completions, responses, messages, ... : v->front says which */
void calls_embed(struct visit *v); /* POST embeddings and the other formats' */
/* serve/loading.c */
void loading_chat(struct visit *v); /* POST api/chat, api/generate: a call, or a model that is to be loaded */
void loading_list(struct visit *v); /* GET api/ps */
/* serve/lists.c */
void lists_models(struct visit *v);      /* GET models, in OpenRouter's, Anthropic's or Google's form */
void lists_count(struct visit *v);       /* GET models/count */
void lists_embedders(struct visit *v);   /* GET embeddings/models */
void lists_users(struct visit *v);       /* GET models/user */
void lists_model(struct visit *v);       /* GET model/{author}/{slug} */
void lists_model_alone(struct visit *v); /* GET models/{}, as OpenAI, Anthropic and Google have it */
void lists_endpoints(struct visit *v);   /* GET models/{author}/{slug}/endpoints */
void lists_zdr(struct visit *v);         /* GET endpoints/zdr */
void lists_providers(struct visit *v);   /* GET providers */
void lists_gemini(struct visit *v);      /* GET v1beta/models */
void lists_tags(struct visit *v);        /* GET api/tags */
void lists_show(struct visit *v);        /* POST api/show */
void lists_version(struct visit *v);     /* GET api/version */
void lists_free(struct lists *l);        /* NULL is ignored */
/* serve/tokens.c */
void tokens_count(struct visit *v); /* POST messages/count_tokens, models/{}:countTokens */
/* serve/account.c */
void account_key(struct visit *v);        /* GET key */
void account_credits(struct visit *v);    /* GET credits */
void account_activity(struct visit *v);   /* GET activity */
void account_generation(struct visit *v); /* GET generation */
/* serve/admin.c */
void admin_keys(struct visit *v);    /* GET keys */
void admin_key_new(struct visit *v); /* POST keys */
void admin_key(struct visit *v);     /* GET, PATCH, DELETE keys/{hash} */
/* serve/status.c */
void status_health(struct visit *v);  /* GET /health */
void status_metrics(struct visit *v); /* GET /metrics */
void status_page(struct visit *v);    /* GET / */
void status_live(struct visit *v);    /* GET /status.json: what the page reads again and again */

#endif
