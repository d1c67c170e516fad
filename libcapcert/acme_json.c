// SPDX-License-Identifier: LGPL-2.1-or-later
/* Directory, account, order, authorization, renewal information: RFC 8555 section 7.1, RFC 9773 section 4.2. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "core/text.h"
#include "libcapcert/acme_json.h"
#include "libcapcert/acme_url.h"

#define TEXT_MAX 2048 /* octets of any text that is kept */

static int wrong(const char **ret_error, const char *why)
{
	*ret_error = why;
	return -EPROTO;
}

json_t *acme_document(struct cc_span body)
{
	json_t *j = json_loadb((const char *)body.p, body.n, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(j))
		return j;
	json_decref(j);
	return NULL;
}

void acme_printable(const char *text, size_t len, char *ret, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < cap; i++) {
		/* One '?' for one character: octets that go on with one are passed over. */
		if (((uint8_t)text[i] & 0xc0) == 0x80)
			continue;
		ret[n++] = text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?';
	}
	ret[n] = '\0';
}

/* A text of printable ASCII that is not too long; NULL: it is none, or not there. */
static const char *text_of(const json_t *value)
{
	const char *text = json_string_value(value);
	size_t n = json_string_length(value);

	if (!text || n > TEXT_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (text[i] < ' ' || text[i] >= 0x7f)
			return NULL;
	return text;
}

static const char *member(const json_t *object, const char *name)
{
	return text_of(json_object_get(object, name));
}

static const char *url_of(const json_t *value)
{
	const char *text = text_of(value), *error;
	struct acme_url url;

	return text && acme_url_parse(text, &url, &error) ? text : NULL;
}

static const char *url_member(const json_t *object, const char *name)
{
	return url_of(json_object_get(object, name));
}

/* A time, 0 = not there; false: it is none. */
static bool time_member(const json_t *object, const char *name, int64_t *ret)
{
	const json_t *value = json_object_get(object, name);

	*ret = 0;
	return !value || json_is_null(value) ||
	       (text_of(value) && acme_time_rfc3339(text_of(value), ret));
}

/* Texts of an array; what is none is passed over. */
static size_t texts_of(const json_t *array, const char **ret, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(array) && n < cap; i++) {
		const char *text = text_of(json_array_get(array, i));

		if (text && *text)
			ret[n++] = text;
	}
	return n;
}

uint32_t acme_status_parse(const char *text)
{
	for (uint32_t i = CAPCERT_ACME_PENDING; text && i <= CAPCERT_ACME_REVOKED; i++)
		if (!strcmp(text, capcert_acme_status_name(i)))
			return i;
	return CAPCERT_ACME_STATUS_UNKNOWN;
}

/* ---- the directory ---- */

/* What a profile is, in the words of the CA: only shown, so made printable in place. */
static void read_profiles(const json_t *profiles, struct acme_directory *d)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)profiles, name, value)
	{
		char text[256];
		size_t n = d->meta.profile_count;

		if (n == ACME_MAX_PROFILES || !*name || strlen(name) > 63 ||
		    strspn(name,
			   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") !=
			    strlen(name))
			continue;
		d->profiles[n] = name;
		d->profile_texts[n] = "";
		if (json_is_string(value)) {
			acme_printable(json_string_value(value), json_string_length(value), text,
				       sizeof(text));
			if (json_string_set(value, text) == 0)
				d->profile_texts[n] = json_string_value(value);
		}
		d->meta.profile_count++;
	}
}

static void read_meta(const json_t *meta, struct acme_directory *d)
{
	d->meta.terms_of_service = member(meta, "termsOfService");
	d->meta.website = member(meta, "website");
	d->meta.external_account_required =
		json_is_true(json_object_get(meta, "externalAccountRequired"));
	d->meta.renewal_info = d->renewal_info != NULL;
	d->meta.caa = d->caa;
	d->meta.caa_count = texts_of(json_object_get(meta, "caaIdentities"), d->caa, ACME_MAX_CAA);
	d->meta.profiles = d->profiles;
	d->meta.profile_texts = d->profile_texts;
	read_profiles(json_object_get(meta, "profiles"), d);
}

int acme_directory_parse(struct cc_span body, struct acme_directory *ret, const char **ret_error)
{
	json_t *j = acme_document(body);

	if (!j)
		return wrong(ret_error, "the directory is no JSON object");
	memset(ret, 0, sizeof(*ret));
	ret->new_nonce = url_member(j, "newNonce");
	ret->new_account = url_member(j, "newAccount");
	ret->new_order = url_member(j, "newOrder");
	ret->revoke_cert = url_member(j, "revokeCert");
	ret->key_change = url_member(j, "keyChange");
	ret->renewal_info = url_member(j, "renewalInfo");
	if (!ret->new_nonce || !ret->new_account || !ret->new_order) {
		json_decref(j);
		return wrong(ret_error,
			     "the directory has no https URLs newNonce, newAccount, newOrder");
	}
	ret->json = j;
	read_meta(json_object_get(j, "meta"), ret);
	return 0;
}

void acme_directory_clear(struct acme_directory *d)
{
	json_decref(d->json);
	memset(d, 0, sizeof(*d));
}

/* ---- the account ---- */

int acme_account_parse(struct cc_span body, struct acme_account *ret, const char **ret_error)
{
	json_t *j = acme_document(body);

	memset(ret, 0, sizeof(*ret));
	if (!j)
		return wrong(ret_error, "the account is no JSON object");
	ret->json = j;
	ret->status = acme_status_parse(member(j, "status"));
	ret->terms_agreed = json_is_true(json_object_get(j, "termsOfServiceAgreed"));
	ret->orders = url_member(j, "orders");
	ret->contact_count =
		texts_of(json_object_get(j, "contact"), ret->contacts, ACME_MAX_CONTACTS);
	if (ret->status == CAPCERT_ACME_VALID || ret->status == CAPCERT_ACME_DEACTIVATED ||
	    ret->status == CAPCERT_ACME_REVOKED)
		return 0;
	acme_account_clear(ret);
	return wrong(ret_error, "the account has no status that accounts have");
}

void acme_account_clear(struct acme_account *a)
{
	json_decref(a->json);
	memset(a, 0, sizeof(*a));
}

/* ---- orders ---- */

static int identifier_of(const json_t *j, struct acme_name *ret)
{
	const char *type = member(j, "type"), *value = member(j, "value");

	if (!type || !value)
		return -EINVAL;
	return acme_name_set(ret,
			     !strcmp(type, "dns")  ? CAPCERT_ACME_DNS
			     : !strcmp(type, "ip") ? CAPCERT_ACME_IP
						   : 0,
			     value);
}

static int read_identifiers(const json_t *array, struct acme_order *o, const char **ret_error)
{
	size_t n = json_array_size(array);

	if (!n || n > CAPCERT_ACME_MAX_IDENTIFIERS)
		return wrong(ret_error, "the order has no identifiers, or more than 100");
	for (; o->name_count < n; o->name_count++) {
		int r = identifier_of(json_array_get(array, o->name_count),
				      &o->names[o->name_count]);

		if (r < 0)
			return r == -ENOMEM ? r
					    : wrong(ret_error,
						    "the order has an identifier that is none");
	}
	return 0;
}

static int read_authorizations(const json_t *array, struct acme_order *o, const char **ret_error)
{
	size_t n = json_array_size(array);

	if (n > CAPCERT_ACME_MAX_IDENTIFIERS)
		return wrong(ret_error, "the order has more than 100 authorizations");
	for (; o->authorization_count < n; o->authorization_count++) {
		const char *url = url_of(json_array_get(array, o->authorization_count));

		if (!url)
			return wrong(ret_error,
				     "the order has an authorization that is no https URL");
		o->authorizations[o->authorization_count] = url;
	}
	return 0;
}

static int read_order(const json_t *j, struct acme_order *o, const char **ret_error)
{
	const json_t *error = json_object_get(j, "error");
	int r;

	o->status = acme_status_parse(member(j, "status"));
	if (o->status < CAPCERT_ACME_PENDING || o->status > CAPCERT_ACME_INVALID)
		return wrong(ret_error, "the order has no status that orders have");
	if (!time_member(j, "expires", &o->expires))
		return wrong(ret_error, "the order's expires is no time");
	o->finalize = url_member(j, "finalize");
	if (!o->finalize)
		return wrong(ret_error, "the order has no https URL finalize");
	o->certificate = url_member(j, "certificate");
	if (o->status == CAPCERT_ACME_VALID && !o->certificate)
		return wrong(ret_error, "the order is valid, but has no https URL certificate");
	o->profile = member(j, "profile");
	o->replaces = member(j, "replaces");
	o->error = json_is_object(error) ? error : NULL;
	r = read_identifiers(json_object_get(j, "identifiers"), o, ret_error);
	return r < 0 ? r : read_authorizations(json_object_get(j, "authorizations"), o, ret_error);
}

int acme_order_parse(struct cc_span body, struct acme_order *ret, const char **ret_error)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->json = acme_document(body);
	if (!ret->json)
		return wrong(ret_error, "the order is no JSON object");
	r = read_order(ret->json, ret, ret_error);
	if (r < 0)
		acme_order_clear(ret);
	return r;
}

void acme_order_clear(struct acme_order *o)
{
	json_decref(o->json);
	memset(o, 0, sizeof(*o));
}

int acme_page_parse(struct cc_span body, json_t **ret, const char **ret_error)
{
	json_t *j = acme_document(body), *orders = json_object_get(j, "orders");
	size_t i, n = json_array_size(orders);

	for (i = 0; i < n && url_of(json_array_get(orders, i)); i++)
		;
	if (json_is_array(orders) && i == n && n <= ACME_MAX_PAGE) {
		*ret = json_incref(orders);
		json_decref(j);
		return 0;
	}
	json_decref(j);
	return wrong(ret_error, "the list of orders is none");
}

/* ---- authorizations ---- */

/* base64url, RFC 8555 section 8.1: at least 128 bits in CAs that mean it, which they must know. */
static bool is_token(const char *text)
{
	size_t n = text ? strlen(text) : 0;

	return n && n <= CAPCERT_ACME_MAX_TOKEN &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
		       n;
}

static int read_challenge(const json_t *j, struct acme_challenge *c, const char **ret_error)
{
	const char *type = member(j, "type");
	const json_t *error = json_object_get(j, "error");

	if (!type)
		return wrong(ret_error, "a challenge has no type");
	c->type = capcert_acme_challenge_parse(type);
	if (c->type < 0)
		return 0; /* nothing that we could read */
	c->status = acme_status_parse(member(j, "status"));
	c->url = url_member(j, "url");
	c->error = json_is_object(error) ? error : NULL;
	if (!c->url)
		return wrong(ret_error, "a challenge has no https URL");
	if (c->type == CAPCERT_ACME_DNS_PERSIST_01) {
		c->account_url = member(j, "accounturi");
		c->issuer_count = texts_of(json_object_get(j, "issuer-domain-names"), c->issuers,
					   ACME_MAX_ISSUERS);
		return c->issuer_count ? 0 : wrong(ret_error, "a challenge names no issuer");
	}
	c->token = member(j, "token");
	return is_token(c->token) ? 0 : wrong(ret_error, "a challenge has no token of base64url");
}

static int read_authorization(const json_t *j, struct acme_authorization *a, const char **ret_error)
{
	const json_t *challenges = json_object_get(j, "challenges");
	int r = identifier_of(json_object_get(j, "identifier"), &a->name);

	if (r == -ENOMEM)
		return r;
	if (r < 0 || a->name.wildcard)
		return wrong(ret_error, "the authorization has an identifier that is none");
	a->status = acme_status_parse(member(j, "status"));
	if (!a->status)
		return wrong(ret_error, "the authorization has no status");
	a->wildcard = json_is_true(json_object_get(j, "wildcard"));
	if (json_array_size(challenges) > ACME_MAX_CHALLENGES)
		return wrong(ret_error, "the authorization has more than 16 challenges");
	for (size_t i = 0; i < json_array_size(challenges); i++) {
		r = read_challenge(json_array_get(challenges, i), &a->challenges[i], ret_error);
		if (r < 0)
			return r;
		a->challenge_count++;
	}
	return 0;
}

int acme_authorization_parse(struct cc_span body, struct acme_authorization *ret,
			     const char **ret_error)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->json = acme_document(body);
	if (!ret->json)
		return wrong(ret_error, "the authorization is no JSON object");
	r = read_authorization(ret->json, ret, ret_error);
	if (r < 0)
		acme_authorization_clear(ret);
	return r;
}

void acme_authorization_clear(struct acme_authorization *a)
{
	json_decref(a->json);
	memset(a, 0, sizeof(*a));
}

/* ---- renewal information ---- */

int acme_renewal_parse(struct cc_span body, struct capcert_acme_renewal *ret,
		       const char **ret_error)
{
	json_t *j = acme_document(body);
	const json_t *window = json_object_get(j, "suggestedWindow");
	const char *start = member(window, "start"), *end = member(window, "end");
	const char *url = member(j, "explanationURL");
	int r = 0;

	memset(ret, 0, sizeof(*ret));
	if (!start || !end || !acme_time_rfc3339(start, &ret->start) ||
	    !acme_time_rfc3339(end, &ret->end))
		r = wrong(ret_error, "the renewal information has no window");
	else if (ret->end <= ret->start)
		r = wrong(ret_error, "the window of the renewal information ends before it begins");
	if (r == 0 && url)
		acme_printable(url, strlen(url), ret->explanation, sizeof(ret->explanation));
	json_decref(j);
	return r;
}
