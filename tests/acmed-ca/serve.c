// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the CA answers (RFC 8555 section 7, RFC 9773). */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "tests/acmed-ca/ca.h"

#define URN "urn:ietf:params:acme:error:"

static void problem(struct answer *a, unsigned int status, const char *type, const char *detail)
{
	a->status = status;
	a->type = "application/problem+json";
	a->body = json_dumps(json_pack("{s:s+,s:s,s:i}", "type", URN, type, "detail", detail,
				       "status", (int)status),
			     0);
}

static void answer_json(struct answer *a, unsigned int status, json_t *j)
{
	a->status = status;
	a->type = "application/json";
	a->body = json_dumps(j, 0);
	json_decref(j);
}

/* A member of a JWS, base64url of JSON. */
static json_t *part(const json_t *jws, const char *name)
{
	const char *text = json_string_value(json_object_get(jws, name));
	const size_t n = text ? strlen(text) : 0;
	char *padded = calloc(1, n + 4);
	gnutls_datum_t in = { (uint8_t *)padded, (unsigned int)((n + 3) / 4 * 4) }, out = { 0 };
	json_t *j = NULL;

	memset(padded, '=', n + 3);
	for (size_t i = 0; i < n; i++)
		padded[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
	if (n && gnutls_base64_decode2(&in, &out) == 0)
		j = json_loadb((char *)out.data, out.size, 0, NULL);
	gnutls_free(out.data);
	free(padded);
	return j;
}

static json_t *url(const struct ca *ca, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static json_t *url(const struct ca *ca, const char *format, ...)
{
	const char *base = ca->fault == FAULT_HOST ? "https://elsewhere.example" : ca->base;
	char path[128], text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	snprintf(text, sizeof(text), "%s%s", base, path);
	return json_string(text);
}

static void directory(struct ca *ca, struct answer *a)
{
	const enum fault fault = ca->fault;

	ca->fault = FAULT_NONE; /* its own URLs are good */
	answer_json(a, 200,
		    json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:{s:{s:s,s:s}}}", "newNonce",
			      url(ca, "/nonce"), "newAccount", url(ca, "/account"), "newOrder",
			      url(ca, "/order"), "revokeCert", url(ca, "/revoke"), "keyChange",
			      url(ca, "/key"), "renewalInfo", url(ca, "/ari"), "meta", "profiles",
			      "classic", "as it always was", "shortlived", "seven days"));
	ca->fault = fault;
}

/* ---- proofs ---- */

static void token_of(unsigned int n, unsigned int i, const char *type, char ret[40])
{
	snprintf(ret, 40, "token-%06u-%06u-%s", n, i, type);
}

static void judge(struct ca *ca, unsigned int n, unsigned int i, bool good)
{
	struct order *o = &ca->orders[n];
	bool all = true;

	o->proved[i] = good && ca->fault != FAULT_INVALID;
	for (size_t k = 0; k < json_array_size(o->identifiers); k++)
		all &= o->proved[k];
	if (!o->proved[i])
		o->status = "invalid";
	else if (all && !strcmp(o->status, "pending"))
		o->status = "ready";
}

/* What has been answered since the last look. */
static void hear(struct ca *ca, unsigned int n)
{
	struct order *o = &ca->orders[n];
	char token[40];
	bool good;

	for (unsigned int i = 0; i < json_array_size(o->identifiers); i++) {
		token_of(n, i, "http-01", token);
		if (!o->asked[i] || !ca_answered(o->asked[i], token, &good))
			continue;
		o->asked[i] = 0;
		judge(ca, n, i, good);
	}
}

/* ---- orders ---- */

static void show_order(struct ca *ca, unsigned int n, unsigned int status, struct answer *a)
{
	struct order *o = &ca->orders[n];
	json_t *j, *list = json_array();

	hear(ca, n);
	if (!strcmp(o->status, "processing")) {
		if (!o->looks--)
			o->status = "valid";
		else
			snprintf(a->retry, sizeof(a->retry), "0");
	}
	for (size_t i = 0; i < json_array_size(o->identifiers); i++)
		json_array_append_new(list, url(ca, "/z/%u/%zu", n, i));
	j = json_pack("{s:s,s:O,s:o,s:o}", "status", o->status, "identifiers", o->identifiers,
		      "authorizations", list, "finalize", url(ca, "/f/%u", n));
	if (*o->profile)
		json_object_set_new(j, "profile", json_string(o->profile));
	if (*o->replaces)
		json_object_set_new(j, "replaces", json_string(o->replaces));
	if (!strcmp(o->status, "valid"))
		json_object_set_new(j, "certificate", url(ca, "/cert/%u", n));
	answer_json(a, status, j);
	snprintf(a->location, sizeof(a->location), "%s/o/%u", ca->base, n);
}

static void compound(const json_t *identifiers, struct answer *a)
{
	json_t *list = json_array(), *j;

	for (size_t i = 0; i < json_array_size(identifiers); i++)
		json_array_append_new(list,
				      json_pack("{s:s,s:s,s:O}", "type", URN "rejectedIdentifier",
						"detail", "not \x1b[2Jthis one", "identifier",
						json_array_get(identifiers, i)));
	j = json_pack("{s:s,s:s,s:o}", "type", URN "compound", "detail", "several", "subproblems",
		      list);
	answer_json(a, 403, j);
	a->type = "application/problem+json";
}

static bool order_refused(struct ca *ca, const json_t *payload, struct answer *a)
{
	const char *profile = json_string_value(json_object_get(payload, "profile"));

	if (profile && strcmp(profile, "classic") && strcmp(profile, "shortlived"))
		problem(a, 400, "invalidProfile", "no such profile");
	else if (ca->fault == FAULT_PROBLEM)
		problem(a, 400, ca->value, "as asked for");
	else if (ca->fault == FAULT_COMPOUND)
		compound(json_object_get(payload, "identifiers"), a);
	else if (ca->fault == FAULT_REPLACED && json_object_get(payload, "replaces"))
		problem(a, 409, "alreadyReplaced", "by another one");
	else if (ca->fault == FAULT_RATE)
		problem(a, 429, "rateLimited", "too many");
	else
		return false;
	if (ca->fault == FAULT_RATE)
		snprintf(a->retry, sizeof(a->retry), "%s", ca->value);
	return true;
}

static void new_order(struct ca *ca, const json_t *payload, struct answer *a)
{
	const char *profile = json_string_value(json_object_get(payload, "profile"));
	const char *replaces = json_string_value(json_object_get(payload, "replaces"));
	struct order *o = &ca->orders[ca->count];

	if (order_refused(ca, payload, a))
		return;
	if (ca->count == ORDERS_MAX ||
	    json_array_size(json_object_get(payload, "identifiers")) > NAMES_MAX)
		abort();
	o->identifiers = json_deep_copy(json_object_get(payload, "identifiers"));
	o->status = "pending";
	snprintf(o->profile, sizeof(o->profile), "%s", profile ? profile : "");
	snprintf(o->replaces, sizeof(o->replaces), "%s", replaces ? replaces : "");
	if (ca->fault == FAULT_NAMES)
		json_object_set_new(json_array_get(o->identifiers, 0), "value",
				    json_string("other.example"));
	show_order(ca, ca->count++, 201, a);
}

static void finalize(struct ca *ca, unsigned int n, const json_t *payload, struct answer *a)
{
	struct order *o = &ca->orders[n];
	const char *csr = json_string_value(json_object_get(payload, "csr"));

	if (strcmp(o->status, "ready")) {
		problem(a, 403, "orderNotReady", "prove it first");
		return;
	}
	o->chain = csr ? ca_issue(ca, csr) : NULL;
	if (!o->chain) {
		problem(a, 400, "badCSR", "it cannot be read");
		return;
	}
	ca->issued++;
	o->status = "processing";
	o->looks = ca->fault == FAULT_SLOW ? (unsigned int)atoi(ca->value) : 0;
	show_order(ca, n, 200, a);
}

/* ---- authorizations ---- */

static json_t *challenge(struct ca *ca, unsigned int n, unsigned int i, const char *type)
{
	const struct order *o = &ca->orders[n];
	char token[40];
	json_t *j;

	token_of(n, i, type, token);
	j = json_pack("{s:s,s:o,s:s,s:s}", "type", type, "url", url(ca, "/c/%u/%u", n, i), "status",
		      o->proved[i] ? "valid" : "pending", "token", token);

	if (!strcmp(o->status, "invalid"))
		json_object_set_new(j, "error",
				    json_pack("{s:s,s:s}", "type", URN "incorrectResponse",
					      "detail", "that is not it"));
	return j;
}

/* draft-ietf-acme-dns-persist section 3. */
static json_t *persist(struct ca *ca, unsigned int n, unsigned int i)
{
	char uri[128];

	snprintf(uri, sizeof(uri), "%s/account/1", ca->base);
	return json_pack("{s:s,s:o,s:s,s:s,s:[s,s]}", "type", "dns-persist-01", "url",
			 url(ca, "/p/%u/%u", n, i), "status",
			 ca->orders[n].proved[i] ? "valid" : "pending", "accounturi", uri,
			 "issuer-domain-names", "ca.example", "other.example");
}

static void authorization(struct ca *ca, unsigned int n, unsigned int i, struct answer *a)
{
	const struct order *o = &ca->orders[n];
	json_t *name = json_deep_copy(json_array_get(o->identifiers, i)), *j;
	const char *value = json_string_value(json_object_get(name, "value"));
	const bool wildcard = !strncmp(value, "*.", 2);
	char base[256];

	snprintf(base, sizeof(base), "%s", value + (wildcard ? 2 : 0));
	json_object_set_new(name, "value", json_string(base));
	j = json_pack("{s:s,s:o,s:b,s:[o,o,o]}", "status",
		      !strcmp(o->status, "invalid") ? "invalid"
		      : o->proved[i]		    ? "valid"
						    : "pending",
		      "identifier", name, "wildcard", (int)wildcard, "challenges",
		      challenge(ca, n, i, "http-01"), challenge(ca, n, i, "dns-01"),
		      persist(ca, n, i));
	answer_json(a, 200, j);
}

/* This one challenge is looked up: a record in the DNS, by the C library's resolver. */
static bool persists(const struct ca *ca, unsigned int n, unsigned int i)
{
	const json_t *id = json_array_get(ca->orders[n].identifiers, i);
	const char *name = json_string_value(json_object_get(id, "value"));
	const bool wildcard = !strncmp(name, "*.", 2);
	char account[160];

	snprintf(account, sizeof(account), "ca.example; accounturi=%s/account/1%s", ca->base,
		 wildcard ? "; policy=wildcard" : "");
	return ca_record(name + (wildcard ? 2 : 0), account);
}

static void prove(struct ca *ca, unsigned int n, unsigned int i, bool good, struct answer *a)
{
	judge(ca, n, i, good);
	answer_json(a, 200, challenge(ca, n, i, "http-01"));
}

/* The answer to it is heard when somebody asks for the order. */
static void ask(struct ca *ca, unsigned int n, unsigned int i, struct answer *a)
{
	struct order *o = &ca->orders[n];
	const json_t *id = json_array_get(o->identifiers, i);
	char token[40];
	int fd;

	token_of(n, i, "http-01", token);
	if (o->asked[i]) {
		answer_json(a, 200, challenge(ca, n, i, "http-01"));
		return;
	}
	fd = ca_ask(json_string_value(json_object_get(id, "value")), token);
	if (fd < 0)
		judge(ca, n, i, false);
	else
		o->asked[i] = fd;
	answer_json(a, 200, challenge(ca, n, i, "http-01"));
}

/* ---- renewal information ---- */

static void window(struct ca *ca, struct answer *a)
{
	const time_t start = time(NULL) + (ca->fault == FAULT_WINDOW ? atoi(ca->value) : 5 * 86400);
	const time_t end = start + 86400;
	char from[32], to[32];
	struct tm tm;

	if (ca->fault == FAULT_NO_WINDOW) {
		problem(a, 404, "malformed", "no such certificate");
		return;
	}
	strftime(from, sizeof(from), "%FT%TZ", gmtime_r(&start, &tm));
	strftime(to, sizeof(to), "%FT%TZ", gmtime_r(&end, &tm));
	answer_json(a, 200,
		    json_pack("{s:{s:s,s:s},s:o}", "suggestedWindow", "start", from, "end", to,
			      "explanationURL", url(ca, "/why")));
	snprintf(a->retry, sizeof(a->retry), "21600");
}

/* ---- all of them ---- */

static void account(struct ca *ca, struct answer *a)
{
	answer_json(a, 201,
		    json_pack("{s:s,s:o}", "status", "valid", "orders", url(ca, "/orders")));
	if (ca->fault != FAULT_NO_LOCATION)
		snprintf(a->location, sizeof(a->location), "%s/account/1", ca->base);
}

static void certificate(struct ca *ca, unsigned int n, struct answer *a)
{
	a->status = 200;
	a->type = "application/pem-certificate-chain";
	a->body = strdup(ca->orders[n].chain ? ca->orders[n].chain : "");
}

static void route(struct ca *ca, const char *path, const json_t *payload, struct answer *a)
{
	unsigned int n = 0, i = 0;
	char kind[16] = "";

	if (sscanf(path, "/%15[a-z]/%u/%u", kind, &n, &i) >= 2 && n >= ca->count &&
	    strcmp(kind, "account")) {
		problem(a, 404, "malformed", "no such thing");
		return;
	}
	if (!strncmp(path, "/account", 8))
		account(ca, a);
	else if (!strcmp(path, "/order"))
		new_order(ca, payload, a);
	else if (!strcmp(kind, "o"))
		show_order(ca, n, 200, a);
	else if (!strcmp(kind, "f"))
		finalize(ca, n, payload, a);
	else if (!strcmp(kind, "z") && i < NAMES_MAX)
		authorization(ca, n, i, a);
	else if (!strcmp(kind, "c") && i < NAMES_MAX && getenv("ACMED_CA_HTTP"))
		ask(ca, n, i, a);
	else if (!strcmp(kind, "c") && i < NAMES_MAX)
		prove(ca, n, i, true, a);
	else if (!strcmp(kind, "p") && i < NAMES_MAX)
		prove(ca, n, i, persists(ca, n, i), a);
	else if (!strcmp(kind, "cert"))
		certificate(ca, n, a);
	else if (!strcmp(path, "/key") && ca->fault == FAULT_CONFLICT)
		problem(a, 409, "malformed", "another account has it");
	else if (!strcmp(path, "/key") || !strcmp(path, "/revoke"))
		answer_json(a, 200, json_object());
	else
		problem(a, 404, "malformed", "no such thing");
}

/* Each is good once. */
static bool take_nonce(struct ca *ca, const char *text)
{
	unsigned long n;

	if (!text || sscanf(text, "nonce-%lu", &n) != 1 || n > ca->nonce || n >= NONCES_MAX ||
	    ca->used[n])
		return false;
	ca->used[n] = true;
	return true;
}

void ca_serve(struct ca *ca, const char *path, const char *body, struct answer *ret)
{
	json_t *jws = body ? json_loads(body, 0, NULL) : NULL;
	json_t *head = part(jws, "protected"), *payload = part(jws, "payload");
	const char *nonce = json_string_value(json_object_get(head, "nonce"));

	if (!strcmp(path, "/dir"))
		directory(ca, ret);
	else if (!strncmp(path, "/ari/", 5))
		window(ca, ret);
	else if (!strcmp(path, "/nonce"))
		ret->status = 204;
	else if (ca->fault == FAULT_NONCE || !take_nonce(ca, nonce))
		problem(ret, 400, "badNonce", "not this one");
	else
		route(ca, path, payload, ret);
	json_decref(jws);
	json_decref(head);
	json_decref(payload);
}
