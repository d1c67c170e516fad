// SPDX-License-Identifier: LGPL-2.1-or-later
/* A certificate and its constraints as TrustAnchorChoice: RFC 5914 sections 2 and 3, with the
 * extensions of docs/bundle-format.md. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <nettle/sha1.h>
#include "core/der.h"
#include "core/outcome.h"
#include "libcapcert/bundle.h"
#include "libcapcert/sha.h"

#define PATH_LEN_MAX 0x7fffffffu

bool bundle_fingerprint(const struct cc_trust_anchor *ta, uint8_t ret[32])
{
	static const uint8_t sequence = CC_DER_SEQUENCE;
	struct sha256_ctx ctx;
	uint8_t id[32];

	if (ta->certificate.n) {
		/* In a TrustAnchorInfo its first octet is a tag of its own. */
		sha256_init(&ctx);
		sha256_update(&ctx, 1, &sequence);
		sha256_update(&ctx, ta->certificate.n - 1, ta->certificate.p + 1);
		sha256_digest(&ctx, 32, ret);
	} else {
		sha256_of(ta->body, ret);
	}
	if (!ta->ct_log.n)
		return true;
	sha256_of(ta->cert.spki, id);
	return cc_span_equal(ta->cert.skid, cc_span(id, sizeof(id)));
}

/* ---- subtrees ---- */

static bool ip_base(const char *text, uint8_t ret[32], size_t *ret_len)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	unsigned long bits;
	size_t n, i;
	char *end;

	if (!slash || (size_t)(slash - text) >= sizeof(address) || slash[1] < '0' || slash[1] > '9')
		return false;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	bits = strtoul(slash + 1, &end, 10);
	if (inet_pton(AF_INET, address, ret) == 1)
		n = 4;
	else if (inet_pton(AF_INET6, address, ret) == 1)
		n = 16;
	else
		return false;
	if (*end || bits > 8 * n)
		return false;
	for (i = 0; i < n; i++) {
		unsigned long left = bits > 8 * i ? bits - 8 * i : 0;
		uint8_t mask = (uint8_t)(left >= 8 ? 0xff : 0xff00 >> left);

		if (ret[i] & ~mask)
			return false; /* bits behind the mask: a slip of the pen */
		ret[n + i] = mask;
	}
	*ret_len = 2 * n;
	return true;
}

static bool host_octet(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_';
}

/*
 * A host name, or what it begins with a dot: nothing that was meant to be a prefix, an address or a
 * URL. One that ends in digits is an address, not a name.
 */
static bool host_base(struct cc_span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!host_octet(s.p[i]))
			return false;
	return s.n > 0 && (s.p[s.n - 1] < '0' || s.p[s.n - 1] > '9');
}

/* A host, or one mailbox (RFC 5280 section 4.2.1.10). */
static bool email_base(struct cc_span s)
{
	size_t i;

	for (i = 0; i < s.n && s.p[i] != '@'; i++)
		if (s.p[i] <= 0x20 || s.p[i] >= 0x7f || s.p[i] == '*' || s.p[i] == ':')
			return false;
	if (i == s.n)
		return host_base(s);
	return i > 0 && host_base(cc_span(s.p + i + 1, s.n - i - 1));
}

/* GeneralSubtree, minimum 0 by default. */
static void put_subtree(struct der_out *out, const char *text)
{
	static const struct {
		const char *prefix;
		uint8_t tag;
	} kinds[] = { { "email:", 1 }, { "dns:", 2 }, { "uri:", 6 }, { "ip:", 7 } };
	size_t mark = der_mark(out), i, ip_len;
	uint8_t tag = 2, ip[32];
	struct cc_span base;

	for (i = 0; i < CC_ARRAY_SIZE(kinds); i++) {
		if (strncmp(text, kinds[i].prefix, strlen(kinds[i].prefix)))
			continue;
		tag = kinds[i].tag;
		text += strlen(kinds[i].prefix);
		break;
	}
	base = cc_span(text, strlen(text));
	if (tag == 7 && ip_base(text, ip, &ip_len))
		base = cc_span(ip, ip_len);
	else if (tag == 7 || (tag == 1 ? !email_base(base) : !host_base(base)))
		out->error = out->error ? out->error : -EINVAL;
	der_put_bytes(out, CC_DER_CONTEXT(tag), base);
	der_put_head(out, CC_DER_SEQUENCE, mark);
}

static void put_subtrees(struct der_out *out, uint8_t tag, const char *const *list, size_t count)
{
	size_t mark = der_mark(out);

	if (!count)
		return;
	while (count--)
		put_subtree(out, list[count]);
	der_put_head(out, tag, mark);
}

/* ---- the anchor ---- */

static void put_extension(struct der_out *out, uint8_t number, size_t value_mark, size_t mark)
{
	static const uint8_t arc[] = { CC_BUNDLE_ARC };
	size_t oid;

	der_put_head(out, CC_DER_OCTET_STRING, value_mark);
	der_put_true(out);
	oid = der_mark(out);
	der_put_raw(out, cc_span(&number, 1));
	der_put_raw(out, cc_span(arc, sizeof(arc)));
	der_put_head(out, CC_DER_OID, oid);
	der_put_head(out, CC_DER_SEQUENCE, mark);
}

static void put_date(struct der_out *out, uint8_t number, int64_t date)
{
	size_t mark = der_mark(out);

	der_put_time(out, CC_DER_GENERALIZED_TIME, date);
	put_extension(out, number, mark, mark);
}

static void put_extensions(struct der_out *out, const struct capcert_bundle_constraints *c)
{
	size_t mark = der_mark(out), one;

	if (!c->purposes && !c->have_distrust_after && !c->have_sct_distrust_after)
		return;
	if (c->have_sct_distrust_after)
		put_date(out, CC_BUNDLE_EXT_SCT_DISTRUST_AFTER, c->sct_distrust_after);
	if (c->have_distrust_after)
		put_date(out, CC_BUNDLE_EXT_DISTRUST_AFTER, c->distrust_after);
	if (c->purposes) {
		one = der_mark(out);
		der_put_flags(out, CC_DER_BIT_STRING, c->purposes);
		put_extension(out, CC_BUNDLE_EXT_PURPOSES, one, one);
	}
	der_put_head(out, CC_DER_SEQUENCE, mark);
	der_put_head(out, CC_DER_CONTEXT_CONS(1), mark);
}

/* CertPathControls */
static void put_controls(struct der_out *out, const struct cc_cert *cert,
			 const struct capcert_bundle_constraints *c)
{
	size_t mark = der_mark(out), inner;

	if (c->have_path_len)
		der_put_number(out, CC_DER_CONTEXT(4), c->path_len);
	if (c->permitted_count || c->excluded_count) {
		inner = der_mark(out);
		put_subtrees(out, CC_DER_CONTEXT_CONS(1), c->excluded, c->excluded_count);
		put_subtrees(out, CC_DER_CONTEXT_CONS(0), c->permitted, c->permitted_count);
		der_put_head(out, CC_DER_CONTEXT_CONS(3), inner);
	}
	der_put_raw(out, cc_span(cert->der.p + 1, cert->der.n - 1));
	der_put_raw(out, cc_span("\xa0", 1));
	der_put_raw(out, cert->subject);
	der_put_head(out, CC_DER_SEQUENCE, mark);
}

/* The certificate's own, else the first method of RFC 5280 section 4.2.1.2. */
static void put_key_id(struct der_out *out, const struct cc_cert *cert)
{
	uint8_t digest[SHA1_DIGEST_SIZE];
	struct sha1_ctx ctx;

	if (cert->ext_present & CC_EXT_BIT(SUBJECT_KEY_ID)) {
		der_put_bytes(out, CC_DER_OCTET_STRING, cert->skid);
		return;
	}
	sha1_init(&ctx);
	sha1_update(&ctx, cert->key.n, cert->key.p);
	sha1_digest(&ctx, sizeof(digest), digest);
	der_put_bytes(out, CC_DER_OCTET_STRING, cc_span(digest, sizeof(digest)));
}

static bool none(const struct capcert_bundle_constraints *c)
{
	return !c || (!c->purposes && !c->have_distrust_after && !c->have_sct_distrust_after &&
		      !c->have_path_len && !c->permitted_count && !c->excluded_count);
}

static bool acceptable(const struct cc_cert *cert, const struct capcert_bundle_constraints *c)
{
	if (c->size != sizeof(*c) || c->purposes >> CC_PURPOSE_COUNT)
		return false;
	if (c->have_path_len && c->path_len > PATH_LEN_MAX)
		return false;
	/* What stands in the anchor replaces what the certificate says. */
	return !(c->permitted_count || c->excluded_count) ||
	       !(cert->ext_present & CC_EXT_BIT(NAME_CONSTRAINTS));
}

int bundle_write_anchor(struct cc_span der, const struct capcert_bundle_constraints *c,
			uint8_t **ret, size_t *ret_len)
{
	struct der_out out = { 0 };
	struct cc_trust_anchor ta;
	struct cc_cert cert;
	uint8_t *made;
	size_t n;
	int r;

	if (cc_cert_parse(der, &cert) != CC_CERT_OK)
		return -EBADMSG;
	if (none(c)) {
		der_put_raw(&out, der);
		return der_finish(&out, ret, ret_len);
	}
	if (!acceptable(&cert, c))
		return -EINVAL;
	put_extensions(&out, c);
	put_controls(&out, &cert, c);
	put_key_id(&out, &cert);
	der_put_raw(&out, cert.spki);
	der_put_head(&out, CC_DER_SEQUENCE, 0);
	der_put_head(&out, CC_DER_CONTEXT_CONS(2), 0);
	r = der_finish(&out, &made, &n);
	if (r < 0)
		return r;
	/* A certificate without a subject, say, cannot be held to constraints. */
	if (cc_trust_anchor_parse(cc_span(made, n), &ta) != CC_CERT_OK) {
		free(made);
		return -EINVAL;
	}
	*ret = made;
	*ret_len = n;
	return 0;
}
