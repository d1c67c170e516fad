// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The engine on hostile revocation lists: the same answer twice, no certificate good but by a list
 * that is honest to the last octet, none that such a list revokes good by any other. */
#include <stdint.h>
#include "libcapcert/engine.h"
#include "libcapcert/memo.h"
#include "tests/pki.h"

#define PARTS 8

enum { ROOT_GOOD, CA_GOOD, CA_REVOKES, CA_OLD, ROOT_REVOKES, OTHER_GOOD, LISTS };

static struct pki *root, *ca, *leaf, *other;
static capcert_store *store;
static gnutls_datum_t lists[LISTS];

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static gnutls_datum_t make_list(const struct pki *issuer, const struct pki *revoked, int64_t from,
				int64_t until, uint8_t number)
{
	unsigned char serial[32];
	size_t n = sizeof(serial);
	gnutls_x509_crl_t crl;
	gnutls_datum_t der;

	PKI(gnutls_x509_crl_init(&crl));
	PKI(gnutls_x509_crl_set_version(crl, 2));
	PKI(gnutls_x509_crl_set_this_update(crl, PKI_NOW + from));
	PKI(gnutls_x509_crl_set_next_update(crl, PKI_NOW + until));
	PKI(gnutls_x509_crl_set_number(crl, &number, 1));
	if (revoked) {
		PKI(gnutls_x509_crt_get_serial(revoked->crt, serial, &n));
		PKI(gnutls_x509_crl_set_crt_serial(crl, serial, n, PKI_NOW + from));
	}
	PKI(gnutls_x509_crl_sign2(crl, issuer->crt, issuer->key, GNUTLS_DIG_SHA256, 0));
	PKI(gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_DER, &der));
	gnutls_x509_crl_deinit(crl);
	return der;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct pki_spec r = { .cn = "Root", .ca = true }, c = { .cn = "CA", .ca = true };
	struct pki_spec l = { .cn = "Leaf", .dns = { "www.example.com" } };
	struct pki_spec o = { .cn = "Other", .ca = true };

	(void)argc;
	(void)argv;
	root = pki_make(&r, NULL);
	ca = pki_make(&c, root);
	leaf = pki_make(&l, ca);
	other = pki_make(&o, root);
	lists[ROOT_GOOD] = make_list(root, NULL, -PKI_DAY, PKI_DAY, 1);
	lists[CA_GOOD] = make_list(ca, NULL, -PKI_DAY, PKI_DAY, 1);
	lists[CA_REVOKES] = make_list(ca, leaf, -3600, PKI_DAY, 2);
	lists[CA_OLD] = make_list(ca, NULL, -3 * PKI_DAY, -2 * PKI_DAY, 1);
	lists[ROOT_REVOKES] = make_list(root, ca, -3600, PKI_DAY, 2);
	lists[OTHER_GOOD] = make_list(other, NULL, -PKI_DAY, PKI_DAY, 1);
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

/* A list with some octets changed, or bytes of the input. Returns which one, if it is whole. */
static int put_list(struct input *in, capcert_evidence *e)
{
	static uint8_t buf[4096];
	uint8_t kind = take(in), edits = take(in);
	const gnutls_datum_t *list = &lists[kind % LISTS];
	bool whole = edits < 0x80;
	size_t n = list->size;

	if (kind >= 0xf0) {
		n = (size_t)edits << 4 < in->n ? (size_t)edits << 4 : in->n;
		memcpy(buf, in->p, n);
		in->p += n;
		in->n -= n;
		whole = false;
	} else {
		if (n > sizeof(buf))
			abort();
		memcpy(buf, list->data, n);
		for (edits &= whole ? 0 : 7; edits; edits--) {
			size_t at = ((size_t)take(in) << 8 | take(in)) % n;

			buf[at] ^= take(in);
		}
	}
	capcert_evidence_put_crl(e, buf, n);
	return whole || (n == list->size && !memcmp(buf, list->data, n)) ? kind % LISTS : -1;
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
	bool there[LISTS] = { false };
	uint8_t flags = take(&in), count = take(&in) % PARTS;

	cc_policy_preset(CC_PRESET_CUSTOM, &policy);
	policy.revocation = CC_EVIDENCE_CRL;
	policy.revocation_mode = flags & 1 ? CC_REVOCATION_SOFT : CC_REVOCATION_HARD;
	policy.revocation_chain = flags & 2;
	if (capcert_evidence_new(&e))
		abort();
	while (count--) {
		int which = put_list(&in, e);

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
	if (there[CA_REVOKES] && reply.reason != CAPCERT_REASON_REVOKED)
		abort();
	if (there[ROOT_REVOKES] && policy.revocation_chain &&
	    reply.reason != CAPCERT_REASON_REVOKED)
		abort();
	if (reply.reason == CAPCERT_REASON_REVOKED && !there[CA_REVOKES] && !there[ROOT_REVOKES])
		abort();
	if (reply.valid && policy.revocation_mode == CC_REVOCATION_HARD &&
	    (!there[CA_GOOD] || (policy.revocation_chain && !there[ROOT_GOOD])))
		abort();
	capcert_evidence_free(e);
	return 0;
}
