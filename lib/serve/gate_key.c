/* SPDX-License-Identifier: ISC */
/* New keys: in a file of its own, for who makes them and keeps no gate. */
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "buf.h"
#include "serve/gate.h"

#define N_RANDOM 32
#define N_TEXT 43 /* letters of base64url that they make */
#define SHOWN 3   /* of those, at either end, in a label */

void
gate_hash(unsigned char hash[LEDGER_KEY_HASH], const char *text)
{
	SHA2_CTX sha;

	SHA256Init(&sha);
	SHA256Update(&sha, (const unsigned char *)text, strlen(text));
	SHA256Final(hash, &sha);
	explicit_bzero(&sha, sizeof(sha));
}

void
gate_make_key(char text[GATE_KEY_BYTES], struct ledger_key *k)
{
	unsigned char random[N_RANDOM];
	char letters[(N_RANDOM + 2) / 3 * 4];
	struct buf label = BUF_INIT;

	arc4random_buf(random, sizeof(random));
	base64_write(letters, random, sizeof(random));
	for (size_t i = 0; i < N_TEXT; i++)
		letters[i] = letters[i] == '+' ? '-' : letters[i] == '/' ? '_' : letters[i];
	snprintf(text, GATE_KEY_BYTES, GATE_KEY_PREFIX "%.*s", N_TEXT, letters);
	gate_hash(k->hash, text);
	buf_addf(&label, GATE_KEY_PREFIX "%.*s...%.*s", SHOWN, letters, SHOWN, letters + N_TEXT - SHOWN);
	free(k->label);
	k->label = buf_take(&label);
	explicit_bzero(random, sizeof(random));
	explicit_bzero(letters, sizeof(letters));
}
