// SPDX-License-Identifier: LGPL-2.1-or-later
/* A search goes through all objects of a token: 11 ms with 500 keys in it. So it happens once per
 * key, not once per signature. */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include "pkcs11/consumer/keys.h"
#include "pkcs11/consumer/object.h"
#include "pkcs11/consumer/uri.h"

#define KEYS_MOST 4096

struct known {
	char *uri;
	struct key_ref ref;
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct known *)a)->uri, ((const struct known *)b)->uri);
}

static void known_free(void *node)
{
	struct known *known = node;

	free(known->uri);
	free(known);
}

/* With the vault's lock. */
static void forget_one(capcert_vault *v, const char *uri)
{
	const struct known key = { .uri = (char *)(uintptr_t)uri };
	struct known **node = tfind(&key, &v->keys, compare), *known;

	if (!node)
		return;
	known = *node;
	tdelete(known, &v->keys, compare);
	v->key_count--;
	known_free(known);
}

void keys_forget(capcert_vault *v, const char *uri)
{
	pthread_mutex_lock(&v->lock);
	if (uri) {
		forget_one(v, uri);
	} else {
		tdestroy(v->keys, known_free);
		v->keys = NULL;
		v->key_count = 0;
	}
	pthread_mutex_unlock(&v->lock);
}

/* Without memory a key is looked up again the next time. */
static void remember(capcert_vault *v, const char *uri, const struct key_ref *ref)
{
	struct known *known = malloc(sizeof(*known));
	void *node = NULL;

	if (!known)
		return;
	known->ref = *ref;
	known->uri = strdup(uri);
	if (v->key_count >= KEYS_MOST)
		keys_forget(v, NULL);
	pthread_mutex_lock(&v->lock);
	if (known->uri) {
		forget_one(v, uri);
		node = tsearch(known, &v->keys, compare);
		v->key_count += node != NULL;
	}
	pthread_mutex_unlock(&v->lock);
	if (!node)
		known_free(known);
}

static bool recall(capcert_vault *v, const char *uri, struct key_ref *ret)
{
	const struct known key = { .uri = (char *)(uintptr_t)uri };
	struct known **node;
	bool fresh = false;

	pthread_mutex_lock(&v->lock);
	node = tfind(&key, &v->keys, compare);
	if (node) {
		*ret = (*node)->ref;
		pthread_mutex_lock(&ret->token->lock);
		fresh = ret->token->epoch == ret->epoch;
		pthread_mutex_unlock(&ret->token->lock);
	}
	pthread_mutex_unlock(&v->lock);
	return fresh;
}

static int search(capcert_vault *v, P11KitUri *uri, struct token *t, struct session *s,
		  CK_OBJECT_HANDLE *ret_object, struct capcert_vault_key *ret)
{
	CK_OBJECT_HANDLE found[2];
	CK_ULONG count;
	CK_ATTRIBUTE *attrs = p11_kit_uri_get_attributes(uri, &count);
	int n = object_find(t->module->f, s->handle, attrs, count, found, 2);

	if (n < 0)
		return n;
	if (n != 1)
		return n ? -ENOTUNIQ : -ENOENT;
	*ret_object = found[0];
	return object_describe(t, s->handle, found[0], ret);
}

int keys_find(capcert_vault *v, const char *text, struct token **ret_token, uint64_t *ret_epoch,
	      CK_OBJECT_HANDLE *ret_object, struct capcert_vault_key *ret)
{
	P11KitUri *uri;
	struct session s;
	int r = uri_parse(text, true, &uri);

	if (r < 0)
		return r;
	r = token_find(v, uri, ret_token);
	if (r == 0)
		r = session_get(v, *ret_token, false, &s);
	if (r == 0) {
		*ret_epoch = s.epoch;
		r = search(v, uri, *ret_token, &s, ret_object, ret);
		session_put(*ret_token, &s, r == 0 || r == -ENOENT || r == -ENOTUNIQ);
		if (r == -ENODEV)
			token_reset(*ret_token, s.epoch);
	}
	p11_kit_uri_free(uri);
	return r;
}

int keys_get(capcert_vault *v, const char *uri, struct key_ref *ret)
{
	struct capcert_vault_key *key;
	int r;

	if (recall(v, uri, ret))
		return 0;
	key = malloc(sizeof(*key));
	if (!key)
		return -ENOMEM;
	r = keys_find(v, uri, &ret->token, &ret->epoch, &ret->object, key);
	if (r == 0 && !key->spki_len)
		r = -EBADMSG;
	if (r == 0) {
		ret->algorithm = key->algorithm;
		ret->bits = key->bits;
		ret->spki_len = key->spki_len;
		memcpy(ret->spki, key->spki, key->spki_len);
		remember(v, uri, ret);
	}
	free(key);
	return r;
}
