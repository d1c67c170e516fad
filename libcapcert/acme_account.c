// SPDX-License-Identifier: LGPL-2.1-or-later
/* The account at the CA: RFC 8555 sections 7.3 and 7.1.2. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "libcapcert/acme.h"

#define LIST_MAX 10000 /* orders of one account */

/* ---- what is known ---- */

const struct capcert_acme_account *capcert_acme_account(const capcert_acme *acme)
{
	return acme->kid ? &acme->account : NULL;
}

static void show(capcert_acme *acme)
{
	struct capcert_acme_account *a = &acme->account;

	a->url = acme->kid;
	a->status = acme->document.status;
	a->terms_agreed = acme->document.terms_agreed;
	a->contacts = acme->document.contacts;
	a->contact_count = acme->document.contact_count;
}

int capcert_acme_use(capcert_acme *acme, const char *url)
{
	struct acme_url parsed;
	char *copy;
	int r;

	acme_begin(acme);
	r = acme_check_url(acme, "account", url, &parsed);
	copy = r == 0 ? strdup(url) : NULL;
	if (r == 0 && !copy)
		r = -ENOMEM;
	if (r == 0) {
		free(acme->kid);
		acme->kid = copy;
		acme_account_clear(&acme->document);
		acme->account.created = false;
		show(acme);
	}
	return acme_end(acme, r);
}

/* The account in the answer. */
static int take(capcert_acme *acme, const char *what)
{
	struct acme_account document;
	const char *error;
	int r = acme_account_parse(acme_body(acme), &document, &error);

	if (r == -EPROTO)
		return acme_fail(acme, r, "%s: %s", what, error);
	if (r < 0)
		return r;
	acme_account_clear(&acme->document);
	acme->document = document;
	show(acme);
	if (document.status != CAPCERT_ACME_VALID)
		return acme_fail(
			acme, -EACCES, "%s: the account %s is %s: make one with another key", what,
			acme->kid ? acme->kid : "", capcert_acme_status_name(document.status));
	return 0;
}

/* ---- payloads ---- */

static int put_contacts(json_t *payload, const struct capcert_acme_registration *reg)
{
	json_t *contacts = json_array();
	int r = 0;

	for (size_t i = 0; i < reg->contact_count; i++)
		r |= json_array_append_new(contacts, json_string(reg->contacts[i]));
	return r | json_object_set_new(payload, "contact", contacts);
}

static int put_binding(capcert_acme *acme, json_t *payload,
		       const struct capcert_acme_binding *binding)
{
	const char *url = acme->directory.new_account;
	char *jws;
	int r = acme_binding_jws(binding, &acme->key, url, &jws);

	if (r == -EINVAL)
		return acme_fail(
			acme, r,
			"external account: needs a key id, an HMAC key, and SHA-256, 384 or 512");
	if (r < 0)
		return acme_fail(acme, r, "external account: no HMAC: %s", capcert_strerror(r));
	r = json_object_set_new(payload, "externalAccountBinding", json_loads(jws, 0, NULL))
		    ? -ENOMEM
		    : 0;
	free(jws);
	return r;
}

/* @payload is given up. */
static int post(capcert_acme *acme, struct acme_call *call, json_t *payload)
{
	char *text = json_dumps(payload, JSON_COMPACT);
	int r = -ENOMEM;

	json_decref(payload);
	call->payload = text;
	if (text)
		r = acme_post(acme, call);
	free(text);
	return r;
}

/* ---- calls ---- */

/* newAccount, whose answer has the account's URL. */
static int ask_account(capcert_acme *acme, const char *what, json_t *payload)
{
	struct acme_call call = { .what = what, .url = acme->directory.new_account, .jwk = true };
	char *kid = NULL;
	int r = post(acme, &call, payload);

	if (r == 0)
		r = acme_location(acme, what, &kid);
	if (r < 0)
		return r;
	free(acme->kid);
	acme->kid = kid;
	acme->account.created = acme->answer.status == 201;
	return take(acme, what);
}

static int registration(capcert_acme *acme, const struct capcert_acme_registration *reg)
{
	json_t *payload;
	int r = 0;

	if (!acme_key_there(&acme->key))
		return acme_fail(acme, -EINVAL, "account: there is no account key");
	payload = json_object();
	if (reg->contact_count && put_contacts(payload, reg))
		r = -ENOMEM;
	if (r == 0 && reg->terms_agreed &&
	    json_object_set_new(payload, "termsOfServiceAgreed", json_true()))
		r = -ENOMEM;
	if (r == 0 && reg->binding)
		r = put_binding(acme, payload, reg->binding);
	if (r < 0) {
		json_decref(payload);
		return r;
	}
	return ask_account(acme, "new account", payload);
}

int capcert_acme_register(capcert_acme *acme, const struct capcert_acme_registration *reg)
{
	acme_begin(acme);
	return acme_end(acme, registration(acme, reg));
}

int capcert_acme_find(capcert_acme *acme)
{
	int r;

	acme_begin(acme);
	if (!acme_key_there(&acme->key))
		return acme_end(acme, acme_fail(acme, -EINVAL, "account: there is no account key"));
	r = ask_account(acme, "account", json_pack("{s:b}", "onlyReturnExisting", 1));
	if (r == -EREMOTEIO && acme->last.type == CAPCERT_ACME_ACCOUNT_DOES_NOT_EXIST)
		r = -ENOENT;
	return acme_end(acme, r);
}

int capcert_acme_update(capcert_acme *acme, const struct capcert_acme_registration *reg)
{
	struct acme_call call = { .what = "account", .url = acme->kid };
	json_t *payload = json_object();
	int r = put_contacts(payload, reg);

	acme_begin(acme);
	if (reg->terms_agreed)
		r |= json_object_set_new(payload, "termsOfServiceAgreed", json_true());
	if (r) {
		json_decref(payload);
		return acme_end(acme, -ENOMEM);
	}
	r = post(acme, &call, payload);
	return acme_end(acme, r < 0 ? r : take(acme, "account"));
}

int capcert_acme_deactivate(capcert_acme *acme)
{
	struct acme_call call = { .what = "account", .url = acme->kid };
	int r;

	acme_begin(acme);
	r = post(acme, &call, json_pack("{s:s}", "status", "deactivated"));
	if (r == 0)
		r = take(acme, "account");
	if (r == 0)
		r = acme_fail(acme, -EPROTO, "account: the CA says that it is still valid");
	else if (r == -EACCES && acme->account.status == CAPCERT_ACME_DEACTIVATED)
		r = 0;
	return acme_end(acme, r);
}

/* ---- rollover ---- */

/* The new key signs that it takes the account from the old one, which sends it. */
static int roll(capcert_acme *acme, const struct acme_key *key)
{
	const char *url = acme->directory.key_change;
	struct acme_signer signer = { key, CAPCERT_KEY_ACME_ACCOUNT };
	struct acme_call call = { .what = "key change", .url = url };
	struct acme_url parsed;
	char *text, *inner;
	int r = acme_check_url(acme, "key change", url, &parsed);

	if (r < 0)
		return r;
	if (!acme->kid)
		return acme_fail(acme, -EINVAL,
				 "key change: there is no account yet: register it first");
	if (asprintf(&text, "{\"account\":\"%s\",\"oldKey\":%s}", acme->kid, acme->key.jwk) < 0)
		return -ENOMEM;
	r = acme_jws(&signer, NULL, NULL, url, text, &inner);
	free(text);
	if (r < 0)
		return acme_fail(acme, r, "key change: the new key does not sign: %s",
				 capcert_strerror(r));
	call.payload = inner;
	r = acme_post(acme, &call);
	free(inner);
	/* RFC 8555 section 7.3.5: 409 and the URL of the account that has the key. */
	return r == -EREMOTEIO && acme->last.status == 409 ? -EEXIST : r;
}

int capcert_acme_rollover(capcert_acme *acme, const struct capcert_acme_key *key)
{
	struct acme_key fresh;
	int r;

	acme_begin(acme);
	if (!acme_key_there(&acme->key))
		return acme_end(acme,
				acme_fail(acme, -EINVAL, "key change: there is no account key"));
	r = acme_key_open(key, &fresh);
	if (r < 0)
		return acme_end(acme, r);
	r = roll(acme, &fresh);
	if (r < 0) {
		acme_key_close(&fresh);
	} else {
		acme_key_close(&acme->key);
		acme->key = fresh;
	}
	return acme_end(acme, r);
}

/* ---- orders of the account ---- */

/* One page; *@url becomes that of the next, "" = it was the last. */
static int read_page(capcert_acme *acme, char url[ACME_URL_MAX + 1], json_t **ret)
{
	struct acme_call call = { .what = "orders", .url = url };
	const char *error;
	int r = acme_post(acme, &call);

	if (r < 0)
		return r;
	*url = '\0';
	if (http_response_link(&acme->answer, "next", 0, url, ACME_URL_MAX + 1) < 0)
		return acme_fail(acme, -EPROTO, "orders: the URL of the next page is too long");
	r = acme_page_parse(acme_body(acme), ret, &error);
	return r == -EPROTO ? acme_fail(acme, r, "orders: %s", error) : r;
}

static int list(capcert_acme *acme, int (*each)(void *ctx, const char *url), void *ctx)
{
	char url[ACME_URL_MAX + 1];
	size_t count = 0;
	int r = 0;

	/* What is known of the account may be its URL alone. */
	if (!acme->document.json) {
		struct acme_call call = { .what = "account", .url = acme->kid };

		r = acme_post(acme, &call);
		if (r == 0)
			r = take(acme, "account");
	}
	if (r == 0 && !acme->document.orders)
		r = acme_fail(acme, -EOPNOTSUPP, "orders: the CA keeps no list of them");
	if (r == 0)
		snprintf(url, sizeof(url), "%s", acme->document.orders);
	/* An empty page ends it as well: nobody is led on for ever by these. */
	for (size_t before = 1; r == 0 && *url && before && count < LIST_MAX;) {
		json_t *page;

		r = read_page(acme, url, &page);
		if (r < 0)
			break;
		before = json_array_size(page);
		for (size_t i = 0; r == 0 && i < before && count < LIST_MAX; i++, count++)
			r = each(ctx, json_string_value(json_array_get(page, i)));
		json_decref(page);
	}
	return r;
}

int capcert_acme_orders(capcert_acme *acme, int (*each)(void *ctx, const char *url), void *ctx)
{
	acme_begin(acme);
	return acme_end(acme, list(acme, each, ctx));
}
