// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any bytes as trust anchors: spans stay inside, lists end, what is taken can be walked, and a
 * store takes just what the parser takes. */
#include <errno.h>
#include <stdlib.h>

#include <capcert/verify.h>
#include "core/der.h"
#include "core/trust_anchor.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

static struct cc_span input;

static void inside(struct cc_span s)
{
	if (s.n)
		CHECK(s.p >= input.p && s.n <= input.n && (size_t)(s.p - input.p) <= input.n - s.n);
}

static void walk(const struct cc_trust_anchor *ta)
{
	struct cc_span rest, oid, quals;
	struct cc_general_name gn;
	int r;

	inside(ta->body);
	inside(ta->certificate);
	inside(ta->title);
	inside(ta->title_lang);
	inside(ta->cert.spki);
	inside(ta->cert.subject);
	inside(ta->cert.skid);
	CHECK(ta->cert.key_alg < CC_KEY_COUNT && ta->cert.spki.n);
	CHECK((ta->cert.ext_critical & ~ta->cert.ext_present) == 0);
	CHECK(ta->cert.path_len >= -1 && ta->cert.require_explicit >= -1);
	CHECK(cc_cert_bare(&ta->cert) == (ta->kind == CC_ANCHOR_INFO && !ta->certificate.n));
	CHECK(ta->named || !ta->cert.subject.n);
	if (cc_cert_bare(&ta->cert))
		CHECK(!ta->cert.signature.n && !ta->cert.serial.n && !ta->cert.issuer.n);
	for (rest = ta->cert.permitted; (r = cc_subtree_next(&rest, &gn)) > 0;)
		inside(gn.value);
	CHECK(r == 0);
	for (rest = ta->cert.excluded; (r = cc_subtree_next(&rest, &gn)) > 0;)
		inside(gn.value);
	CHECK(r == 0);
	for (rest = ta->cert.policies; (r = cc_policy_info_next(&rest, &oid, &quals)) > 0;)
		inside(oid);
	CHECK(r == 0);
}

/* What a store does with one of these. */
static int fate(int parsed, const struct cc_trust_anchor *ta)
{
	if (parsed != CC_CERT_OK)
		return -EBADMSG;
	walk(ta);
	return ta->named ? 0 : -EINVAL;
}

static int list(void)
{
	struct cc_span rest, one;
	struct cc_trust_anchor ta;
	int r, result = 0;

	if (cc_trust_anchor_list(input, &rest))
		return -EBADMSG;
	while ((r = cc_trust_anchor_next(&rest, &one)) > 0) {
		int f;

		inside(one);
		f = fate(cc_trust_anchor_parse(one, &ta), &ta);
		if (result == 0)
			result = f;
	}
	return r < 0 ? -EBADMSG : result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cc_trust_anchor ta;
	capcert_store *store;
	int expected, r;

	input = cc_span(data, size);
	switch (cc_trust_anchor_form(input)) {
	case CC_ANCHOR_FORM_LIST:
		expected = list();
		break;
	case CC_ANCHOR_FORM_INFO:
		expected = fate(cc_trust_anchor_info_parse(input, &ta), &ta);
		break;
	default:
		expected = fate(cc_trust_anchor_parse(input, &ta), &ta);
		break;
	}
	if (capcert_store_new(&store))
		abort();
	r = capcert_store_put_anchor(store, data, size, 0);
	/* A list may also contradict itself. */
	CHECK(r == expected || (expected == 0 && r == -EEXIST));
	CHECK((capcert_store_count(store) > 0) == (r == 0));
	if (r == 0) {
		size_t count = capcert_store_count(store);

		CHECK(capcert_store_put_anchor(store, data, size, 0) == 0);
		CHECK(capcert_store_count(store) == count);
	}
	capcert_store_free(store);
	return 0;
}
