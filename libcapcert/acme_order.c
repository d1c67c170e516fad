// SPDX-License-Identifier: LGPL-2.1-or-later
/* Orders: asked for, looked at, finalized (RFC 8555 sections 7.1.3 and 7.4). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/time.h"
#include "libcapcert/acme.h"
#include "libcapcert/jwk.h"

/* ---- what comes back ---- */

/* The answer becomes what is known of the order. */
static int take(capcert_acme_order *o)
{
	const char *error;
	int r;

	acme_order_clear(&o->document);
	r = acme_order_parse(acme_body(o->acme), &o->document, &error);
	if (r == -EPROTO)
		return acme_fail(o->acme, r, "order: %s", error);
	if (r < 0)
		return r;
	o->retry_at = acme_retry_at(o->acme);
	for (size_t i = 0; i < o->document.name_count; i++)
		o->identifiers[i] = (struct capcert_acme_identifier){ o->document.names[i].type,
								      o->document.names[i].text };
	return 0;
}

/* Refreshing may not turn the order into one for other names. */
static int take_again(capcert_acme_order *o)
{
	struct acme_name *names;
	size_t count = o->document.name_count;
	int r;

	names = malloc(sizeof(o->document.names));
	if (!names)
		return -ENOMEM;
	memcpy(names, o->document.names, sizeof(o->document.names));
	r = take(o);
	if (r == 0 && count &&
	    !acme_names_same(o->document.names, o->document.name_count, names, count))
		r = acme_fail(o->acme, -EPROTO, "order: its names have changed");
	free(names);
	return r;
}

void capcert_acme_order_info(const capcert_acme_order *o, struct capcert_acme_order_info *ret)
{
	*ret = (struct capcert_acme_order_info){
		.url = o->url,
		.status = o->document.status,
		.expires = o->document.expires,
		.profile = o->document.profile,
		.replaces = o->document.replaces,
		.certificate = o->document.certificate,
		.identifiers = o->identifiers,
		.identifier_count = o->document.name_count,
	};
}

void capcert_acme_order_free(capcert_acme_order *o)
{
	if (!o)
		return;
	acme_order_clear(&o->document);
	free(o->url);
	free(o);
}

int acme_order_error(capcert_acme_order *o, const char *what)
{
	struct capcert_acme_failure *f = &o->acme->last;

	memset(f, 0, sizeof(*f));
	acme_problem_read(o->document.error, f);
	if (!o->document.error)
		snprintf(f->detail, sizeof(f->detail), "the order is invalid");
	acme_problem_text(f, what);
	return -EREMOTEIO;
}

/* ---- asking for one ---- */

static int read_names(capcert_acme *acme, const struct capcert_acme_request *q,
		      struct acme_name *ret)
{
	int r;

	if (!q->identifier_count)
		return acme_fail(acme, -EINVAL, "new order: no names");
	if (q->identifier_count > CAPCERT_ACME_MAX_IDENTIFIERS)
		return acme_fail(acme, -E2BIG, "new order: more than %d names: divide them",
				 CAPCERT_ACME_MAX_IDENTIFIERS);
	for (size_t i = 0; i < q->identifier_count; i++) {
		r = acme_name_set(&ret[i], q->identifiers[i].type, q->identifiers[i].value);
		if (r == -EINVAL)
			return acme_fail(
				acme, r, "new order: %.100s is no name to have a certificate for",
				q->identifiers[i].value ? q->identifiers[i].value : "nothing");
		if (r < 0)
			return r;
		if (acme_names_find(ret, i, &ret[i]) >= 0)
			return acme_fail(acme, -EINVAL, "new order: %s stands twice", ret[i].text);
	}
	return 0;
}

static int put_time(json_t *payload, const char *name, int64_t time)
{
	char text[CC_TIME_TEXT];

	if (!time)
		return 0;
	cc_time_format(time, text, sizeof(text));
	return json_object_set_new(payload, name, json_string(text));
}

/* NULL: no memory. */
static char *make_payload(const struct capcert_acme_request *q, const struct acme_name *names,
			  const char *replaces)
{
	json_t *payload = json_object(), *list = json_array();
	char *text = NULL;
	int r = 0;

	for (size_t i = 0; i < q->identifier_count; i++)
		r |= json_array_append_new(list, json_pack("{s:s,s:s}", "type",
							   names[i].ip_len ? "ip" : "dns", "value",
							   names[i].text));
	r |= json_object_set_new(payload, "identifiers", list);
	r |= put_time(payload, "notBefore", q->not_before);
	r |= put_time(payload, "notAfter", q->not_after);
	if (q->profile)
		r |= json_object_set_new(payload, "profile", json_string(q->profile));
	if (replaces)
		r |= json_object_set_new(payload, "replaces", json_string(replaces));
	if (!r)
		text = json_dumps(payload, JSON_COMPACT);
	json_decref(payload);
	return text;
}

static int ask(capcert_acme *acme, const struct capcert_acme_request *q,
	       const struct acme_name *names, const char *replaces)
{
	struct acme_call call = { .what = "new order", .url = acme->directory.new_order };
	char *payload = make_payload(q, names, replaces);
	int r;

	if (!payload)
		return -ENOMEM;
	call.payload = payload;
	r = acme_post(acme, &call);
	free(payload);
	return r;
}

static int new_order(capcert_acme *acme, const struct capcert_acme_request *q,
		     struct acme_name *names, capcert_acme_order *o)
{
	const char *replaces = acme->directory.renewal_info ? q->replaces : NULL;
	int r = read_names(acme, q, names);

	if (r == 0)
		r = ask(acme, q, names, replaces);
	/* RFC 9773 section 5: what was replaced is replaced; the names want their certificate all the same. */
	if (r == -EREMOTEIO && replaces && acme->last.type == CAPCERT_ACME_ALREADY_REPLACED)
		r = ask(acme, q, names, NULL);
	if (r == 0)
		r = acme_location(acme, "new order", &o->url);
	if (r == 0)
		r = take(o);
	if (r == 0 &&
	    !acme_names_same(o->document.names, o->document.name_count, names, q->identifier_count))
		r = acme_fail(acme, -EPROTO, "new order: the CA's order is for other names");
	return r;
}

int capcert_acme_order_new(capcert_acme *acme, const struct capcert_acme_request *q,
			   capcert_acme_order **ret)
{
	capcert_acme_order *o = calloc(1, sizeof(*o));
	struct acme_name *names = calloc(CAPCERT_ACME_MAX_IDENTIFIERS, sizeof(*names));
	int r = -ENOMEM;

	acme_begin(acme);
	if (o && names) {
		o->acme = acme;
		r = new_order(acme, q, names, o);
	}
	free(names);
	if (r < 0)
		capcert_acme_order_free(o);
	else
		*ret = o;
	return acme_end(acme, r);
}

/* ---- looking at it ---- */

static int refresh(capcert_acme_order *o)
{
	struct acme_call call = { .what = "order", .url = o->url };
	int r = acme_post(o->acme, &call);

	return r < 0 ? r : take_again(o);
}

int capcert_acme_order_refresh(capcert_acme_order *o)
{
	acme_begin(o->acme);
	return acme_end(o->acme, refresh(o));
}

int capcert_acme_order_open(capcert_acme *acme, const char *url, capcert_acme_order **ret)
{
	capcert_acme_order *o = calloc(1, sizeof(*o));
	int r = -ENOMEM;

	acme_begin(acme);
	if (o) {
		o->acme = acme;
		o->url = strdup(url);
		r = o->url ? refresh(o) : -ENOMEM;
	}
	if (r == -EREMOTEIO && acme->last.status == 404)
		r = -ENOENT;
	if (r < 0)
		capcert_acme_order_free(o);
	else
		*ret = o;
	return acme_end(acme, r);
}

/* ---- finalizing ---- */

static int send_csr(capcert_acme_order *o, const struct acme_key *key, uint32_t flags)
{
	struct acme_call call = { .what = "finalize", .url = o->document.finalize };
	char *text, *payload;
	uint8_t *csr;
	size_t n;
	int r = acme_csr(key, o->document.names, o->document.name_count, flags, &csr, &n);

	if (r < 0)
		return acme_fail(o->acme, r, "finalize: the key does not sign the request: %s",
				 capcert_strerror(r));
	text = malloc(BASE64URL_CAP(n));
	if (text)
		base64url(cc_span(csr, n), text);
	free(csr);
	r = text ? asprintf(&payload, "{\"csr\":\"%s\"}", text) : -1;
	free(text);
	if (r < 0)
		return -ENOMEM;
	call.payload = payload;
	r = acme_post(o->acme, &call);
	free(payload);
	return r < 0 ? r : take_again(o);
}

/* Until the CA is done with it, one way or the other. */
static int wait_valid(capcert_acme_order *o)
{
	uint32_t step = 0;
	int r = 0;

	while (r == 0 && o->document.status == CAPCERT_ACME_PROCESSING) {
		r = acme_pause(o->acme, o->retry_at, &step);
		if (r == 0)
			r = refresh(o);
	}
	if (r < 0)
		return r;
	if (o->document.status == CAPCERT_ACME_VALID)
		return 0;
	if (o->document.status == CAPCERT_ACME_INVALID)
		return acme_order_error(o, "finalize");
	return acme_fail(o->acme, -EPROTO, "finalize: the order went back to %s",
			 capcert_acme_status_name(o->document.status));
}

static int finalize(capcert_acme_order *o, const struct capcert_acme_key *key, uint32_t flags)
{
	struct acme_key ours;
	int r;

	if (flags & ~CAPCERT_ACME_MUST_STAPLE)
		return -EINVAL;
	if (o->document.status == CAPCERT_ACME_READY) {
		r = acme_key_open(key, &ours);
		if (r < 0)
			return acme_fail(o->acme, r, "finalize: no such key: %s",
					 capcert_strerror(r));
		r = send_csr(o, &ours, flags);
		acme_key_close(&ours);
		if (r < 0)
			return r;
	} else if (o->document.status == CAPCERT_ACME_PENDING) {
		return acme_fail(o->acme, -EINVAL,
				 "finalize: not all names of the order are proved yet");
	}
	return wait_valid(o);
}

int capcert_acme_finalize(capcert_acme_order *o, const struct capcert_acme_key *key, uint32_t flags)
{
	acme_begin(o->acme);
	return acme_end(o->acme, finalize(o, key, flags));
}
