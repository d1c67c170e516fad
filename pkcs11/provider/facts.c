// SPDX-License-Identifier: LGPL-2.1-or-later
/* Handles and certificates as plain facts. */
#include <string.h>
#include <capcert/key.h>
#include "pkcs11/provider/facts.h"

void facts_label_of(const capcert_cert *cert, char *ret)
{
	char text[1024];
	const char *from = text;
	size_t n;

	capcert_cert_subject_text(cert, text, sizeof(text));
	n = strlen(text);
	if (!strncmp(text, "CN=", 3)) {
		from += 3;
		n = strcspn(from, ",+\\");
		/* An escape: the whole text is clearer than half of a name. */
		if (from[n] == '\\') {
			from = text;
			n = strlen(text);
		}
	}
	if (n >= HELD_LABEL)
		n = HELD_LABEL - 1;
	/* Not in the middle of a character. */
	while (n && n == HELD_LABEL - 1 && ((unsigned char)from[n] & 0xc0) == 0x80)
		n--;
	memcpy(ret, from, n);
	ret[n] = '\0';
}

void facts_label(char *ret, const char *name)
{
	size_t n = strnlen(name, HELD_LABEL - 1);

	memcpy(ret, name, n);
	ret[n] = '\0';
}

int facts_key(struct holdings *h, int fd, bool signs, struct held_key *key)
{
	struct capcert_key_info info;

	if (capcert_key_info(fd, &info) < 0 ||
	    capcert_key_public(fd, &key->spki, &key->spki_len) < 0)
		return 0;
	memcpy(key->hash, info.spki_hash, sizeof(key->hash));
	key->algorithm = info.algorithm;
	key->bits = info.bits;
	key->purposes = info.purposes;
	key->limited = info.uses_left != UINT64_MAX || info.per_minute;
	key->signs = signs;
	key->own_fd = -1;
	return holdings_add_key(h, key);
}

int facts_cert(struct holdings *h, struct held_cert *held)
{
	capcert_cert_fingerprint(held->cert, CAPCERT_HASH_SHA256, held->hash);
	return holdings_add_cert(h, held);
}
