// SPDX-License-Identifier: LGPL-2.1-or-later
/* Name constraints: permitted and excluded subtrees of every form of name. */
#include "core/der.h"
#include "core/text.h"
#include "libcapcert/constraints.h"
#include "libcapcert/names.h"

#define FORM(type) (1u << (type))
/* Forms that can be compared. A name of any other form below a constraint of that form makes the
 * path invalid (RFC 5280 section 4.2.1.10). */
#define COMPARABLE                                                                       \
	(FORM(CC_GN_EMAIL) | FORM(CC_GN_DNS) | FORM(CC_GN_DIRECTORY) | FORM(CC_GN_URI) | \
	 FORM(CC_GN_IP))

static const char malformed_name[] = "a name is malformed and cannot be held against constraints";
static const char malformed_base[] = "a name constraint is malformed (RFC 5280 section 4.2.1.10)";
static const char unknown_form[] = "a name of a form that is constrained but cannot be compared";
static const char excluded[] = "a name is excluded by the name constraints of an issuer";
static const char not_permitted[] = "a name is not permitted by the name constraints of an issuer";

/* The constraints of one certificate. */
struct holder {
	const struct cc_cert *cert;
	uint32_t permitted; /* FORM()s that occur */
	uint32_t excluded;
	struct clash *clash; /* for the report, else NULL */
};

/* Names in another encoding of the same text are within as well; what cannot be brought into a
 * form that compares counts as malformed, lest an excluded name pass. */
static int directory_within(struct evaluation *ev, struct cc_span name, struct cc_span base)
{
	struct prepared_dn n, b;
	int r;

	if (evaluation_prepare(ev, name, &n) < 0) {
		ev->no_memory = true;
		return -1;
	}
	if (evaluation_prepare(ev, base, &b) < 0) {
		ev->no_memory = true;
		dn_release(&n);
		return -1;
	}
	if (!budget_names(&ev->budget, b.name.n, PRICE_NAME_EQUAL))
		r = -1; /* no verdict about the names any more, but about the chain */
	else
		r = n.odd || b.odd ? -1 : cc_dn_within(n.name, b.name);
	dn_release(&n);
	dn_release(&b);
	return r;
}

/* Remember for the report what the answer was about; gives the answer. */
static const char *clash(const struct holder *h, struct cc_general_name name,
			 const struct cc_general_name *base, const char *text)
{
	if (h->clash) {
		*h->clash = (struct clash){ .holder = h->cert, .name = name, .unknown = !base };
		if (base)
			h->clash->base = *base;
		h->clash->excluded = text == excluded;
	}
	return text;
}

/* 1 within, 0 not, -1 malformed or nobody knows, because the budget is spent. */
static int within(struct evaluation *ev, struct cc_general_name name, struct cc_span base)
{
	if (!budget_names(&ev->budget, name.value.n + base.n, PRICE_TEXT))
		return -1;
	switch (name.type) {
	case CC_GN_DNS:
		return cc_dns_within(name.value, base);
	case CC_GN_EMAIL:
		return cc_email_within(name.value, base);
	case CC_GN_URI:
		return cc_uri_within(name.value, base);
	case CC_GN_IP:
		return cc_ip_within(name.value, base);
	default:
		return directory_within(ev, name.value, base);
	}
}

/* A base is well-formed when a plain name can be held against it. */
static bool base_valid(struct evaluation *ev, struct cc_general_name base)
{
	static const uint8_t zeros[16];
	struct cc_general_name probe = { base.type, cc_span("a", 1) };

	switch (base.type) {
	case CC_GN_EMAIL:
		if (base.value.n && memchr(base.value.p, '@', base.value.n))
			return names_mailbox_valid(base.value);
		probe.value = cc_span("a@a", 3);
		break;
	case CC_GN_URI:
		probe.value = cc_span("a://a", 5);
		break;
	case CC_GN_IP:
		if (base.value.n != 8 && base.value.n != 32)
			return false;
		probe.value = cc_span(zeros, base.value.n / 2);
		break;
	case CC_GN_DNS:
		break;
	default:
		return true; /* a directory name is parsed already, other forms are never compared */
	}
	return within(ev, probe, base.value) >= 0;
}

/* The forms of one list of subtrees; false when one of them is malformed. */
static bool forms_of(struct evaluation *ev, struct cc_span list, uint32_t *ret)
{
	struct cc_general_name base;
	int r;

	while ((r = cc_subtree_next(&list, &base)) == 1) {
		if (!budget_compare(&ev->budget))
			return true;
		if (!budget_names(&ev->budget, base.value.n, PRICE_TEXT) || !base_valid(ev, base))
			return false;
		*ret |= FORM(base.type);
	}
	return r == 0;
}

/* May a host that a wildcard stands for be in @base, even if the wildcard itself is not? It
 * stands for one label: *.example.com is touched by host.example.com. */
static bool wildcard_touches(struct cc_span name, struct cc_span base)
{
	struct cc_span rest;
	const uint8_t *dot;

	if (name.n < 3 || name.p[0] != '*' || name.p[1] != '.')
		return false;
	dot = base.n ? memchr(base.p, '.', base.n) : NULL;
	if (!dot)
		return false;
	rest = cc_span(dot + 1, base.n - (size_t)(dot + 1 - base.p));
	name = cc_span(name.p + 2, name.n - 2);
	return name.n == rest.n && cc_dns_within(name, rest) == 1;
}

/* The next character that a local part says, without its quotes; -1 at the end. */
static int said(struct cc_span *s, bool *quoted)
{
	while (s->n) {
		uint8_t c = *s->p;

		*s = cc_span(s->p + 1, s->n - 1);
		if (c == '"') {
			*quoted = !*quoted;
			continue;
		}
		if (c == '\\' && *quoted && s->n) {
			c = *s->p;
			*s = cc_span(s->p + 1, s->n - 1);
		}
		return c;
	}
	return -1;
}

/* Is the mailbox the excluded one in other quotes? "a"@host, "\a"@host and a@host are one mailbox
 * (RFC 5321 section 4.1.2). To be permitted it must be written the same (RFC 5280 section 7.5). */
static bool quotes_touch(struct cc_span name, struct cc_span base)
{
	bool name_quoted = false, base_quoted = false;
	struct cc_span name_host, base_host;
	int c;

	if (!names_split_mailbox(name, &name, &name_host) ||
	    !names_split_mailbox(base, &base, &base_host) || !cc_ascii_equal(name_host, base_host))
		return false;
	do {
		c = said(&name, &name_quoted);
		if (c != said(&base, &base_quoted))
			return false;
	} while (c >= 0);
	return true;
}

static bool touches(struct cc_general_name name, struct cc_span base)
{
	switch (name.type) {
	case CC_GN_DNS:
		return wildcard_touches(name.value, base);
	case CC_GN_EMAIL:
		return quotes_touch(name.value, base);
	default:
		return false;
	}
}

static const char *check_excluded(struct evaluation *ev, const struct holder *h,
				  struct cc_general_name name)
{
	struct cc_span list = h->cert->excluded;
	struct cc_general_name base;

	while (cc_subtree_next(&list, &base) == 1) {
		int r;

		if (!budget_compare(&ev->budget))
			return NULL;
		if (base.type != name.type)
			continue;
		r = within(ev, name, base.value);
		if (r < 0)
			return clash(h, name, NULL, malformed_name);
		if (r || touches(name, base.value))
			return clash(h, name, &base, excluded);
	}
	return NULL;
}

static const char *check_permitted(struct evaluation *ev, const struct holder *h,
				   struct cc_general_name name)
{
	struct cc_span list = h->cert->permitted;
	struct cc_general_name base, last = { 0 };

	while (cc_subtree_next(&list, &base) == 1) {
		int r;

		if (!budget_compare(&ev->budget))
			return NULL;
		if (base.type != name.type)
			continue;
		r = within(ev, name, base.value);
		if (r < 0)
			return clash(h, name, NULL, malformed_name);
		if (r)
			return NULL;
		last = base;
	}
	return clash(h, name, &last, not_permitted);
}

static const char *check_name(struct evaluation *ev, const struct holder *h,
			      struct cc_general_name name)
{
	const char *text = NULL;

	if (!((h->permitted | h->excluded) & FORM(name.type)))
		return NULL;
	if (!(COMPARABLE & FORM(name.type)))
		return clash(h, name, NULL, unknown_form);
	if (h->excluded & FORM(name.type))
		text = check_excluded(ev, h, name);
	if (!text && (h->permitted & FORM(name.type)))
		text = check_permitted(ev, h, name);
	return text;
}

/* emailAddress attributes of the subject: the old home of mailboxes, looked at only where there
 * is no subjectAltName (RFC 5280 section 4.2.1.10). */
static const char *check_subject_email(struct evaluation *ev, const struct holder *h,
				       struct cc_span subject)
{
	static const uint8_t email[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01 };
	struct cc_span rdns, rdn, ava, oid;
	const char *text = NULL;

	if (cc_der_only(subject, CC_DER_SEQUENCE, &rdns))
		return malformed_name;
	while (!text && rdns.n && !cc_der_get(&rdns, CC_DER_SET, &rdn)) {
		while (!text && rdn.n && !cc_der_get(&rdn, CC_DER_SEQUENCE, &ava)) {
			struct cc_general_name name = { CC_GN_EMAIL, { NULL, 0 } };
			uint8_t tag;

			if (cc_der_oid_get(&ava, &oid) || cc_der_any(&ava, &tag, &name.value))
				return malformed_name;
			if (cc_span_equal(oid, cc_span(email, sizeof(email))))
				text = check_name(ev, h, name);
		}
	}
	return text;
}

/* An SmtpUTF8Mailbox is a mailbox to constraints as an rfc822Name is (RFC 9598 section 6); its
 * host is in A-labels (section 3). Without this a new form of name would leave every constraint
 * of before behind. One that is not a UTF8String counts as an empty, malformed mailbox. */
static bool is_utf8_mailbox(struct cc_general_name name, struct cc_general_name *ret)
{
	static const uint8_t id[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x08, 0x09 };
	struct cc_span body = name.value, oid, value;

	if (name.type != CC_GN_OTHER || cc_der_oid_get(&body, &oid) ||
	    !cc_span_equal(oid, cc_span(id, sizeof(id))))
		return false;
	ret->type = CC_GN_EMAIL;
	if (cc_der_only(body, CC_DER_CONTEXT_CONS(0), &value) ||
	    cc_der_only(value, CC_DER_UTF8_STRING, &ret->value))
		ret->value = cc_span(NULL, 0);
	return true;
}

static const char *check_cert(struct evaluation *ev, const struct holder *h,
			      const struct cc_cert *cert)
{
	struct cc_general_name name = { CC_GN_DIRECTORY, cert->subject }, mailbox;
	struct cc_span san = cert->san;
	const char *text = NULL;
	int r = 0;

	if (!budget_names(&ev->budget, cert->san.n + cert->subject.n, PRICE_TEXT))
		return NULL;
	if (!cc_dn_empty(cert->subject))
		text = check_name(ev, h, name);
	while (!text && !ev->budget.spent && (r = cc_gn_next(&san, &name)) == 1) {
		text = check_name(ev, h, name);
		if (!text && is_utf8_mailbox(name, &mailbox))
			text = check_name(ev, h, mailbox);
	}
	if (!text && r < 0)
		text = malformed_name;
	if (!text && !(cert->ext_present & CC_EXT_BIT(SUBJECT_ALT_NAME)) &&
	    ((h->permitted | h->excluded) & FORM(CC_GN_EMAIL)))
		text = check_subject_email(ev, h, cert->subject);
	return text;
}

void constraints_check(struct evaluation *ev, const struct path *path,
		       void (*note)(void *ctx, uint32_t at, struct finding f), void *ctx)
{
	uint32_t i, below;

	for (i = path->count; i-- > 1;) {
		struct holder h = { .cert = path->node[i]->cert };

		if (!(h.cert->ext_present & CC_EXT_BIT(NAME_CONSTRAINTS)))
			continue;
		if (!forms_of(ev, h.cert->permitted, &h.permitted) ||
		    !forms_of(ev, h.cert->excluded, &h.excluded)) {
			note(ctx, i, finding(CC_REASON_NAME_CONSTRAINT_VIOLATION, malformed_base));
			continue;
		}
		for (below = 0; below < i; below++) {
			const char *text;

			/* Self-issued certificates are exempt, but for the leaf. */
			if (below > 0 && path->node[below]->self_issued)
				continue;
			text = check_cert(ev, &h, path->node[below]->cert);
			if (ev->budget.spent)
				return;
			if (text)
				note(ctx, below,
				     finding(CC_REASON_NAME_CONSTRAINT_VIOLATION, text));
		}
	}
}

bool constraints_find(struct evaluation *ev, const struct path *path, uint32_t at,
		      struct clash *ret)
{
	uint32_t i;

	memset(ret, 0, sizeof(*ret));
	for (i = path->count; i-- > at + 1;) {
		struct holder h = { .cert = path->node[i]->cert, .clash = ret };

		if ((h.cert->ext_present & CC_EXT_BIT(NAME_CONSTRAINTS)) &&
		    forms_of(ev, h.cert->permitted, &h.permitted) &&
		    forms_of(ev, h.cert->excluded, &h.excluded) &&
		    check_cert(ev, &h, path->node[at]->cert) && ret->holder)
			return true;
	}
	return false;
}
