// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The engine on hostile OCSP responses and staples: the same answer twice, no certificate good but by
 * a response that is honest to the last octet, none that such a response revokes good by any other. */
#include <gnutls/crypto.h>
#include <stdint.h>
#include "libcapcert/engine.h"
#include "libcapcert/memo.h"
#include "tests/pki.h"

#define PARTS 8

enum { CA_GOOD, CA_REVOKES, CA_OLD, SIGNER_GOOD, SIGNER_REVOKES, OTHER_GOOD, RESPONSES };

static struct pki *root, *ca, *leaf, *signer, *other;
static capcert_store *store;
static struct {
	uint8_t p[4096];
	size_t n;
} responses[RESPONSES];

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* DER from the inside out: what is there gets a header in front. */
struct out {
	uint8_t p[4096];
	size_t n;
};

static void add(struct out *o, const void *p, size_t n)
{
	if (n > sizeof(o->p) - o->n)
		abort();
	memcpy(o->p + o->n, p, n);
	o->n += n;
}

static void wrap(struct out *o, size_t from, uint8_t tag)
{
	size_t n = o->n - from;
	uint8_t head[4] = { tag, 0x82, (uint8_t)(n >> 8), (uint8_t)n };
	size_t k = 4;

	if (n < 0x80) {
		head[1] = (uint8_t)n;
		k = 2;
	} else if (n < 0x100) {
		head[1] = 0x81;
		head[2] = (uint8_t)n;
		k = 3;
	}
	add(o, head, k);
	memmove(o->p + from + k, o->p + from, n);
	memcpy(o->p + from, head, k);
}

static void add_time(struct out *o, int64_t at)
{
	time_t t = (time_t)(PKI_NOW + at);
	char text[32];
	struct tm tm;
	size_t from = o->n;

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm);
	add(o, text, 15);
	wrap(o, from, 0x18);
}

static void add_hash(struct out *o, const void *p, size_t n)
{
	uint8_t hash[20];
	size_t from = o->n;

	PKI(gnutls_hash_fast(GNUTLS_DIG_SHA1, p, n, hash));
	add(o, hash, sizeof(hash));
	wrap(o, from, 0x04);
}

static void add_answer(struct out *o, bool revoked, int64_t from, int64_t until)
{
	static const uint8_t alg[] = { 0x30, 0x07, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a };
	struct cc_cert issuer;
	uint8_t serial[32];
	size_t n = sizeof(serial), start = o->n, mark;

	if (cc_cert_parse(cc_span(ca->der.data, ca->der.size), &issuer))
		abort();
	add(o, alg, sizeof(alg));
	add_hash(o, issuer.subject.p, issuer.subject.n);
	add_hash(o, issuer.key.p, issuer.key.n);
	PKI(gnutls_x509_crt_get_serial(leaf->crt, serial, &n));
	mark = o->n;
	add(o, serial, n);
	wrap(o, mark, 0x02);
	wrap(o, start, 0x30);
	mark = o->n;
	if (revoked)
		add_time(o, -3600);
	wrap(o, mark, revoked ? 0xa1 : 0x80);
	add_time(o, from);
	mark = o->n;
	add_time(o, until);
	wrap(o, mark, 0xa0);
	wrap(o, start, 0x30);
	wrap(o, start, 0x30);
}

static void make(int which, const struct pki *by, bool revoked, int64_t from, int64_t until)
{
	static const uint8_t head[] = { 0x0a, 1, 0 },
			     alg[] = { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
				       0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 };
	static const uint8_t type[] = { 0x06, 0x09, 0x2b, 0x06, 0x01, 0x05,
					0x05, 0x07, 0x30, 0x01, 0x01 };
	struct out o = { .n = 0 };
	gnutls_datum_t in, sig;
	struct cc_cert cert;
	size_t mark;

	if (cc_cert_parse(cc_span(by->der.data, by->der.size), &cert))
		abort();
	add_hash(&o, cert.key.p, cert.key.n);
	wrap(&o, 0, 0xa2);
	add_time(&o, from);
	add_answer(&o, revoked, from, until);
	wrap(&o, 0, 0x30);
	in = (gnutls_datum_t){ o.p, (unsigned int)o.n };
	PKI(gnutls_privkey_sign_data(by->signer, GNUTLS_DIG_SHA256, 0, &in, &sig));
	add(&o, alg, sizeof(alg));
	mark = o.n;
	add(&o, "\0", 1);
	add(&o, sig.data, sig.size);
	gnutls_free(sig.data);
	wrap(&o, mark, 0x03);
	mark = o.n;
	add(&o, by->der.data, by->der.size);
	wrap(&o, mark, 0x30);
	wrap(&o, mark, 0xa0);
	wrap(&o, 0, 0x30);
	wrap(&o, 0, 0x04);
	add(&o, type, sizeof(type));
	/* The type stands in front. */
	memmove(o.p + sizeof(type), o.p, o.n - sizeof(type));
	memcpy(o.p, type, sizeof(type));
	wrap(&o, 0, 0x30);
	wrap(&o, 0, 0xa0);
	memmove(o.p + sizeof(head), o.p, o.n);
	memcpy(o.p, head, sizeof(head));
	o.n += sizeof(head);
	wrap(&o, 0, 0x30);
	memcpy(responses[which].p, o.p, o.n);
	responses[which].n = o.n;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct pki_spec r = { .cn = "Root", .ca = true }, c = { .cn = "CA", .ca = true };
	struct pki_spec l = { .cn = "Leaf", .dns = { "www.example.com" } };
	struct pki_spec s = { .cn = "Signer", .eku = { "1.3.6.1.5.5.7.3.9" } };

	(void)argc;
	(void)argv;
	root = pki_make(&r, NULL);
	ca = pki_make(&c, root);
	leaf = pki_make(&l, ca);
	signer = pki_make(&s, ca);
	other = pki_make(&s, root);
	make(CA_GOOD, ca, false, -PKI_DAY, PKI_DAY);
	make(CA_REVOKES, ca, true, -3600, PKI_DAY);
	make(CA_OLD, ca, false, -3 * PKI_DAY, -2 * PKI_DAY);
	make(SIGNER_GOOD, signer, false, -PKI_DAY, PKI_DAY);
	make(SIGNER_REVOKES, signer, true, -3600, PKI_DAY);
	make(OTHER_GOOD, other, false, -PKI_DAY, PKI_DAY);
	if (capcert_store_new(&store) ||
	    capcert_store_put(store, root->der.data, root->der.size, 0))
		abort();
	return 0;
}

struct input {
	const uint8_t *p;
	size_t n;
};

static uint8_t take(struct input *in)
{
	if (!in->n)
		return 0;
	in->n--;
	return *in->p++;
}

/* A response with some octets changed, or bytes of the input; every fourth as the staple. Returns
 * which one, if it is whole and was taken. */
static int put(struct input *in, capcert_evidence *e, uint32_t accepted)
{
	static uint8_t buf[4096];
	uint8_t kind = take(in), edits = take(in);
	uint32_t which = kind % RESPONSES;
	size_t n = responses[which].n;
	bool whole = edits < 0x80, staple = (kind >> 5 & 3) == 3;
	int r;

	if (kind >= 0xf0) {
		n = (size_t)edits << 4 < in->n ? (size_t)edits << 4 : in->n;
		memcpy(buf, in->p, n);
		in->p += n;
		in->n -= n;
		whole = false;
	} else {
		memcpy(buf, responses[which].p, n);
		for (edits &= whole ? 0 : 7; edits; edits--) {
			size_t at = ((size_t)take(in) << 8 | take(in)) % n;

			buf[at] ^= take(in);
		}
	}
	r = staple ? capcert_evidence_put_staple(e, buf, n) : capcert_evidence_put_ocsp(e, buf, n);
	whole |= n == responses[which].n && !memcmp(buf, responses[which].p, n);
	if (r || !(accepted & (staple ? CC_EVIDENCE_STAPLE : CC_EVIDENCE_OCSP)))
		return -1;
	/* Changed only where nothing is signed (the certificates that it carries), it may still count. */
	return whole ? (int)which : RESPONSES;
}

static bool any(const bool there[RESPONSES + 1], int a, int b)
{
	return there[a] || there[b];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct cc_span chain[] = { cc_span(leaf->der.data, leaf->der.size),
				   cc_span(ca->der.data, ca->der.size),
				   cc_span(other->der.data, other->der.size) };
	struct engine_request request = {
		.chain = chain, .chain_count = 3, .time = PKI_NOW, .clock = CAPCERT_CLOCK_RTC
	};
	struct capcert_path_entry path[CAPCERT_MAX_PATH], path2[CAPCERT_MAX_PATH];
	struct capcert_agent_reply reply, reply2;
	struct cc_policy policy;
	capcert_evidence *e;
	bool there[RESPONSES + 1] = { false };
	uint8_t flags = take(&in), count = take(&in) % PARTS;

	cc_policy_preset(CC_PRESET_CUSTOM, &policy);
	policy.revocation = flags & 2 ? CC_EVIDENCE_OCSP : CC_EVIDENCE_OCSP | CC_EVIDENCE_STAPLE;
	policy.revocation_mode = flags & 1 ? CC_REVOCATION_SOFT : CC_REVOCATION_HARD;
	policy.stapling_required = flags & 4;
	if (capcert_evidence_new(&e))
		abort();
	while (count--) {
		int which = put(&in, e, policy.revocation);

		if (which >= 0)
			there[which] = true;
	}
	request.evidence = e;
	if (engine_verify(&policy, store, NULL, &request, &reply, path))
		abort();
	memo_clear();
	if (engine_verify(&policy, store, NULL, &request, &reply2, path2))
		abort();
	if (memcmp(&reply, &reply2, sizeof(reply)) || memcmp(path, path2, sizeof(path)))
		abort();
	if (reply.valid_from > request.time || reply.valid_until < request.time)
		abort();
	if (any(there, CA_REVOKES, SIGNER_REVOKES) && reply.reason != CAPCERT_REASON_REVOKED)
		abort();
	if (!there[RESPONSES] && !policy.stapling_required) {
		if (reply.reason == CAPCERT_REASON_REVOKED &&
		    !any(there, CA_REVOKES, SIGNER_REVOKES))
			abort();
		if (reply.valid && policy.revocation_mode == CC_REVOCATION_HARD &&
		    !any(there, CA_GOOD, SIGNER_GOOD))
			abort();
	}
	capcert_evidence_free(e);
	return 0;
}
