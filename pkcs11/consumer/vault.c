// SPDX-License-Identifier: LGPL-2.1-or-later
/* What there is in a token: one key, all of them, and the token itself. */
#include <errno.h>
#include <stdlib.h>
#include "pkcs11/consumer/keys.h"
#include "pkcs11/consumer/object.h"
#include "pkcs11/consumer/uri.h"

#define KEYS_MOST 16384

struct get {
	const char *uri;
	struct capcert_vault_key *ret;
};

static int get_once(capcert_vault *v, void *ctx)
{
	const struct get *get = ctx;
	CK_OBJECT_HANDLE object;
	struct token *token;
	uint64_t epoch;

	return keys_find(v, get->uri, &token, &epoch, &object, get->ret);
}

int capcert_vault_get(capcert_vault *vault, const char *uri, struct capcert_vault_key *ret)
{
	struct capcert_vault_key *key = malloc(sizeof(*key));
	struct get get = { uri, key };
	int r = key ? vault_run(vault, get_once, &get) : -ENOMEM;

	if (r == 0 && !key->spki_len)
		r = key->algorithm == UINT32_MAX ? -EOPNOTSUPP : -EBADMSG;
	if (r == 0)
		*ret = *key;
	free(key);
	return r;
}

struct login {
	const char *uri;
	uint32_t source;
};

static int login_once(capcert_vault *v, void *ctx)
{
	struct login *login = ctx;
	struct token *t;
	struct session s;
	P11KitUri *uri;
	int r = uri_parse(login->uri, false, &uri);

	if (r < 0)
		return r;
	r = token_find(v, uri, &t);
	p11_kit_uri_free(uri);
	if (r == 0)
		r = session_get(v, t, false, &s);
	if (r < 0)
		return r;
	login->source = t->source;
	session_put(t, &s, true);
	return 0;
}

int capcert_vault_login(capcert_vault *vault, const char *uri, uint32_t *ret_source)
{
	struct login login = { uri, 0 };
	int r = vault_run(vault, login_once, &login);

	if (r == 0 && ret_source)
		*ret_source = login.source;
	return r;
}

/* ---- list ---- */

struct list {
	const char *uri;
	struct capcert_vault_key *keys;
	size_t count;
};

static int describe_all(struct token *t, const struct session *s, P11KitUri *uri,
			CK_OBJECT_HANDLE *found, struct list *list)
{
	CK_ULONG count;
	CK_ATTRIBUTE *attrs = p11_kit_uri_get_attributes(uri, &count);
	int r, n = object_find(t->module->f, s->handle, attrs, count, found, KEYS_MOST);

	if (n < 0)
		return n;
	list->count = 0;
	list->keys = calloc((size_t)n + 1, sizeof(*list->keys));
	if (!list->keys)
		return -ENOMEM;
	for (int i = 0; i < n; i++) {
		r = object_describe(t, s->handle, found[i], &list->keys[list->count]);
		if (r == -ENODEV || r == -ENOMEM)
			return r;
		/* One malformed object hides no other. */
		list->count += r == 0;
	}
	return 0;
}

static int list_once(capcert_vault *v, void *ctx)
{
	struct list *list = ctx;
	CK_OBJECT_HANDLE *found = calloc(KEYS_MOST, sizeof(*found));
	P11KitUri *uri = NULL;
	struct token *t;
	struct session s;
	int r = found ? uri_parse(list->uri, false, &uri) : -ENOMEM;

	if (r == 0)
		r = token_find(v, uri, &t);
	if (r == 0)
		r = session_get(v, t, false, &s);
	if (r == 0) {
		free(list->keys);
		list->keys = NULL;
		r = describe_all(t, &s, uri, found, list);
		session_put(t, &s, r == 0);
		if (r == -ENODEV)
			token_reset(t, s.epoch);
	}
	if (uri)
		p11_kit_uri_free(uri);
	free(found);
	return r;
}

int capcert_vault_list(capcert_vault *vault, const char *uri,
		       int (*each)(void *ctx, const struct capcert_vault_key *key), void *ctx)
{
	struct list list = { uri, NULL, 0 };
	int r = vault_run(vault, list_once, &list);

	for (size_t i = 0; r == 0 && i < list.count; i++)
		r = each(ctx, &list.keys[i]);
	free(list.keys);
	return r;
}
