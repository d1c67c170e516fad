// SPDX-License-Identifier: LGPL-2.1-or-later
/* An OCSP response for those who want to look at it, or to know what it says of one certificate. */
#include <errno.h>
#include <stdlib.h>
#include <capcert/ocsp.h>
#include "libcapcert/anchors.h"
#include "libcapcert/ocsp.h"
#include "libcapcert/policy.h"
#include "libcapcert/x509.h"

struct capcert_ocsp {
	struct cc_ocsp ocsp; /* points into @der */
	uint8_t der[];
};

static struct capcert_bytes bytes(struct cc_span s)
{
	return (struct capcert_bytes){ s.p, s.n };
}

int capcert_ocsp_new(const uint8_t *der, size_t len, capcert_ocsp **ret, const char **ret_error)
{
	capcert_ocsp *o;
	int r;

	if (len > CC_OCSP_MAX) {
		if (ret_error)
			*ret_error = cc_ocsp_error_text(CC_OCSP_E_TOO_LARGE);
		return -EBADMSG;
	}
	o = malloc(sizeof(*o) + len);
	if (!o)
		return -ENOMEM;
	if (len)
		memcpy(o->der, der, len);
	r = cc_ocsp_parse(cc_span(o->der, len), &o->ocsp);
	if (r != CC_OCSP_OK) {
		free(o);
		if (ret_error)
			*ret_error = cc_ocsp_error_text(r);
		return -EBADMSG;
	}
	*ret = o;
	return 0;
}

void capcert_ocsp_free(capcert_ocsp *ocsp)
{
	free(ocsp);
}

void capcert_ocsp_get(const capcert_ocsp *ocsp, struct capcert_ocsp_info *ret)
{
	const struct cc_ocsp *o = &ocsp->ocsp;

	*ret = (struct capcert_ocsp_info){
		.status = o->status,
		.status_name = cc_ocsp_status_text(o->status),
		.by_key = o->by_key,
		.responder = bytes(o->responder),
		.produced_at = o->produced_at,
		.scheme = cc_scheme_name(o->scheme),
		.nonce = bytes(o->nonce),
		.answer_count = o->single_count,
		.cert_count = o->cert_count,
		.unknown_critical = o->unknown_critical.n != 0,
	};
}

int capcert_ocsp_answer_at(const capcert_ocsp *ocsp, uint32_t at, struct capcert_ocsp_answer *ret)
{
	static const char *const hashes[] = { "sha1", "sha256", "other" };
	static const uint32_t statuses[] = { CAPCERT_OCSP_GOOD, CAPCERT_OCSP_REVOKED,
					     CAPCERT_OCSP_UNKNOWN };
	struct cc_span rest = ocsp->ocsp.singles;
	struct cc_ocsp_single s;

	do {
		if (cc_ocsp_single_next(&rest, &s) != 1)
			return -ENOENT;
	} while (at--);
	*ret = (struct capcert_ocsp_answer){
		.hash = hashes[s.id.hash],
		.name_hash = bytes(s.id.name_hash),
		.key_hash = bytes(s.id.key_hash),
		.serial = bytes(s.id.serial),
		.status = statuses[s.status],
		.revoked_at = s.revoked_at,
		.reason = s.has_reason ? s.reason : -1,
		.this_update = s.this_update,
		.have_next_update = s.has_next_update,
		.next_update = s.next_update,
		.scts = bytes(s.scts),
		.unknown_critical = s.unknown_critical.n != 0,
	};
	return 0;
}

int capcert_ocsp_cert_at(const capcert_ocsp *ocsp, uint32_t at, capcert_cert **ret)
{
	struct cc_span rest = ocsp->ocsp.certs, der;

	do {
		if (cc_ocsp_cert_next(&rest, &der) != 1)
			return -ENOENT;
	} while (at--);
	return cert_from_der(der, ret, NULL);
}

/* ---- one certificate ---- */

static int prepare(struct node *node, const struct cc_cert *cert, uint16_t index)
{
	int r;

	node->cert = cert;
	node->index = index;
	r = dn_prepare(cert->subject, &node->subject);
	if (r == 0)
		r = dn_prepare(cert->issuer, &node->issuer);
	node->subject_hash = cc_dn_hash(node->subject.name);
	node->issuer_hash = cc_dn_hash(node->issuer.name);
	return r;
}

/* The certificate in question, the others, and its issuer behind them. */
static int prepare_all(struct evaluation *ev, const capcert_cert *cert, const capcert_cert *issuer,
		       const capcert_chain *others)
{
	size_t i;
	int r = prepare(&ev->nodes[0], &cert->parsed, 0);

	ev->count = 1;
	for (i = 0; r == 0 && others && i < others->count; i++)
		r = prepare(&ev->nodes[ev->count++], &others->certs[i]->parsed, UINT16_MAX);
	if (r == 0)
		r = prepare(&ev->nodes[ev->count], &issuer->parsed, UINT16_MAX);
	return r;
}

static void release_all(struct evaluation *ev, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		dn_release(&ev->nodes[i].subject);
		dn_release(&ev->nodes[i].issuer);
	}
	free(ev->nodes);
}

static void tell(const struct status *s, struct capcert_ocsp_verdict *ret)
{
	*ret = (struct capcert_ocsp_verdict){
		.counts = s->response != NULL,
		.status = s->told ? s->told - 1u : CAPCERT_OCSP_UNKNOWN,
		.why = s->response ? NULL : s->why,
	};
	if (!s->response)
		return;
	ret->this_update = s->issued;
	ret->until = s->until;
	ret->revoked_at = s->since;
	ret->reason = s->reason;
}

/* What is asked of the signer's own status is asked by verifications, which have lists. */
static int check(struct evaluation *ev, struct cc_policy *policy, capcert_evidence *evidence,
		 size_t count, struct capcert_ocsp_verdict *ret)
{
	struct path *path = calloc(1, sizeof(*path));
	struct engine_request request = { .evidence = evidence, .time = ev->window.time };
	struct status s;

	if (!path)
		return -ENOMEM;
	policy->revocation_mode = CC_REVOCATION_OFF;
	ev->policy = policy;
	ev->request = &request;
	path->node[0] = &ev->nodes[0];
	path->node[1] = &ev->nodes[count - 1];
	path->count = 2;
	s = ocsp_status(ev, path, 0, CC_EVIDENCE_OCSP, false);
	free(path);
	if (ev->no_memory)
		return -ENOMEM;
	if (ev->budget.spent)
		s = (struct status){ .why = "too many signatures to check" };
	tell(&s, ret);
	return 0;
}

int capcert_ocsp_check(const capcert_policy *policy, const capcert_cert *cert,
		       const capcert_cert *issuer, const capcert_chain *others, const uint8_t *der,
		       size_t len, int64_t time, struct capcert_ocsp_verdict *ret)
{
	size_t count = 2 + (others ? others->count : 0);
	struct cc_policy used = policy->policy;
	capcert_evidence *evidence = NULL;
	struct evaluation *ev = calloc(1, sizeof(*ev));
	capcert_store *store = NULL;
	int r = -ENOMEM;

	if (!ev)
		return r;
	ev->nodes = calloc(count, sizeof(*ev->nodes));
	ev->budget = budget_whole();
	ev->window = window_at(time);
	if (ev->nodes)
		r = capcert_store_new(&store);
	if (r == 0)
		r = anchors_ready(store);
	ev->store = store;
	if (r == 0)
		r = capcert_evidence_new(&evidence);
	if (r == 0)
		r = capcert_evidence_put_ocsp(evidence, der, len);
	if (r == 0)
		r = prepare_all(ev, cert, issuer, others);
	if (r == 0)
		r = check(ev, &used, evidence, count, ret);
	if (ev->nodes)
		release_all(ev, count);
	capcert_evidence_free(evidence);
	capcert_store_free(store);
	free(ev);
	return r;
}

const char *capcert_revocation_reason_name(uint32_t reason)
{
	return cc_crl_reason_name(reason);
}
