// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lists of keys and certificates. Kept in order of their hashes while they grow, so that what is found
 * twice is noticed at once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "pkcs11/provider/holdings.h"

struct held_key *held_key_copy(const struct held_key *key)
{
	struct held_key *copy = malloc(sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *key;
	copy->own_fd = -1;
	copy->spki = malloc(key->spki_len);
	if (!copy->spki) {
		free(copy);
		return NULL;
	}
	memcpy(copy->spki, key->spki, key->spki_len);
	return copy;
}

void held_key_free(struct held_key *key)
{
	if (!key)
		return;
	free(key->spki);
	free(key);
}

/* Where @hash is or belongs among @count entries of @size octets whose hash is at @offset. */
static size_t place(const void *list, size_t count, size_t size, size_t offset,
		    const uint8_t hash[32], bool *ret_there)
{
	size_t low = 0, high = count;
	int order;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		order = memcmp((const uint8_t *)list + middle * size + offset, hash, 32);
		if (order == 0) {
			*ret_there = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_there = false;
	return low;
}

/* Room for one entry at @at. */
static int make_room(void **list, size_t *count, size_t size, size_t at)
{
	uint8_t *grown;

	if (*count >= HELD_MOST)
		return -ENOSPC;
	if (*count % 64 == 0) {
		grown = reallocarray(*list, *count + 64, size);
		if (!grown)
			return -ENOMEM;
		*list = grown;
	}
	grown = *list;
	memmove(grown + (at + 1) * size, grown + at * size, (*count - at) * size);
	++*count;
	return 0;
}

int holdings_add_key(struct holdings *h, struct held_key *key)
{
	bool there;
	size_t at = place(h->keys, h->key_count, sizeof(*key), offsetof(struct held_key, hash),
			  key->hash, &there);
	void *list = h->keys;
	int r;

	if (there) {
		/* The same key with SIGN from elsewhere is the more useful one. */
		if (!h->keys[at].signs && key->signs) {
			free(h->keys[at].spki);
			h->keys[at] = *key;
		} else {
			free(key->spki);
		}
		return 0;
	}
	r = make_room(&list, &h->key_count, sizeof(*key), at);
	h->keys = list;
	if (r < 0)
		free(key->spki);
	else
		h->keys[at] = *key;
	return r;
}

int holdings_add_cert(struct holdings *h, struct held_cert *cert)
{
	bool there;
	size_t at = place(h->certs, h->cert_count, sizeof(*cert), offsetof(struct held_cert, hash),
			  cert->hash, &there);
	void *list = h->certs;
	int r;

	if (there) {
		h->certs[at].anchor |= cert->anchor;
		h->certs[at].purposes |= cert->purposes;
		capcert_cert_free(cert->cert);
		return 0;
	}
	r = make_room(&list, &h->cert_count, sizeof(*cert), at);
	h->certs = list;
	if (r < 0)
		capcert_cert_free(cert->cert);
	else
		h->certs[at] = *cert;
	return r;
}

void holdings_clear(struct holdings *h)
{
	for (size_t i = 0; i < h->key_count; i++)
		free(h->keys[i].spki);
	for (size_t i = 0; i < h->cert_count; i++)
		capcert_cert_free(h->certs[i].cert);
	free(h->keys);
	free(h->certs);
	*h = (struct holdings){ 0 };
}

struct held_key *holdings_key(const struct holdings *h, const uint8_t hash[32])
{
	bool there;
	size_t at = place(h->keys, h->key_count, sizeof(*h->keys), offsetof(struct held_key, hash),
			  hash, &there);

	return there ? &h->keys[at] : NULL;
}
