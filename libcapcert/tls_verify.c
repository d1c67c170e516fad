// SPDX-License-Identifier: LGPL-2.1-or-later
/* Who the peer is: what it has sent becomes a question to capcert's verification, and a bad answer an
 * alert. GnuTLS checks that the peer has the key of its leaf, and nothing else about it. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <capcert/bundle.h>
#include <capcert/ct.h>
#include "core/digest.h"
#include "libcapcert/pins.h"
#include "libcapcert/policy.h"
#include "libcapcert/sha.h"
#include "libcapcert/tls.h"

/* ---- in this process ---- */

struct local {
	struct tls_judge judge; /* first */
	const capcert_policy *policy;
	const capcert_store *store;
	const capcert_distrust_list *distrust;
	const capcert_pins *pins;
};

static int local_now(struct tls_judge *judge, const struct capcert_params *params,
		     struct capcert_result *ret, int *ret_outcome_fd)
{
	const struct local *l = (const struct local *)judge;

	(void)ret_outcome_fd;
	return capcert_verify_local(l->policy, l->store, l->distrust, params, ret);
}

static int local_state(struct tls_judge *judge, uint8_t ret[32])
{
	const struct local *l = (const struct local *)judge;
	uint8_t digest[32];
	struct sha256_ctx ctx;
	int r = capcert_store_digest(l->store, digest);

	if (r < 0)
		return r;
	sha256_init(&ctx);
	sha256_update(&ctx, sizeof(digest), digest);
	sha256_update(&ctx, sizeof(l->policy->digest), l->policy->digest);
	if (l->pins)
		sha256_update(&ctx, sizeof(l->pins->digest), l->pins->digest);
	sha256_digest(&ctx, 32, ret);
	return 0;
}

static void local_free(struct tls_judge *judge)
{
	free(judge);
}

int tls_judge_local(const struct capcert_tls_parts *parts, struct tls_judge **ret)
{
	struct local *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->judge.now = local_now;
	l->judge.state = local_state;
	l->judge.free = local_free;
	l->policy = parts->policy;
	l->store = parts->store;
	l->distrust = parts->distrust;
	l->pins = parts->pins;
	*ret = &l->judge;
	return 0;
}

/* ---- the question ---- */

struct tls_sent *tls_sent_ref(struct tls_sent *sent)
{
	atomic_fetch_add(&sent->refs, 1);
	return sent;
}

void tls_sent_put(struct tls_sent *sent)
{
	if (!sent || atomic_fetch_sub(&sent->refs, 1) != 1)
		return;
	capcert_chain_free(sent->chain);
	capcert_evidence_free(sent->evidence);
	free(sent->staple);
	free(sent->scts);
	free(sent);
}

void tls_peer_free(struct tls_peer *peer)
{
	if (peer->pending)
		capcert_verify_finish(peer->pending, NULL, NULL);
	if (peer->outcome_fd >= 0)
		close(peer->outcome_fd);
	tls_sent_put(peer->sent);
}

/* A verdict on what no verification was asked about, since it cannot be read. */
static int unreadable(struct tls_peer *peer, int32_t reason, uint32_t depth, const char *detail)
{
	struct capcert_outcome *o = &peer->result.outcome;

	memset(&peer->result, 0, sizeof(peer->result));
	o->size = sizeof(*o);
	o->reason = reason;
	o->depth = depth;
	o->purpose = peer->params.purpose;
	snprintf(o->detail, sizeof(o->detail), "%s", detail);
	peer->known = true;
	return 0;
}

/* Return: 0, also with a verdict already; -ENOMEM. */
static int take_chain(capcert_tls *tls, const gnutls_datum_t *certs, unsigned int count)
{
	struct tls_peer *peer = &tls->peer;
	unsigned int i;
	int r = capcert_chain_new(&peer->sent->chain);

	for (i = 0; r == 0 && i < count; i++) {
		capcert_cert *cert;

		if (i == CAPCERT_MAX_CHAIN)
			return unreadable(peer, CAPCERT_REASON_CHAIN_TOO_LONG, i,
					  "more certificates than are looked at");
		r = capcert_cert_new(certs[i].data, certs[i].size, &cert, NULL);
		if (r == -EBADMSG)
			return unreadable(peer, CAPCERT_REASON_MALFORMED, i,
					  "a certificate of the handshake cannot be read");
		if (r < 0)
			break;
		r = capcert_chain_push(peer->sent->chain, cert);
		capcert_cert_free(cert);
	}
	return r;
}

static int copy(const gnutls_datum_t *from, uint8_t **ret, size_t *ret_len)
{
	*ret = malloc(from->size ? from->size : 1);
	if (!*ret)
		return -ENOMEM;
	memcpy(*ret, from->data, from->size);
	*ret_len = from->size;
	return 0;
}

/* What came with the chain. What cannot be read is as if it had not come. */
static int take_evidence(capcert_tls *tls)
{
	struct tls_sent *sent = tls->peer.sent;
	gnutls_datum_t staple = { NULL, 0 };
	int r = 0;

	if (tls->context->role == CAPCERT_TLS_CLIENT &&
	    gnutls_ocsp_status_request_get2(tls->session, 0, &staple) >= 0 && staple.size)
		r = copy(&staple, &sent->staple, &sent->staple_len);
	if (r < 0 || (!sent->staple && !sent->scts))
		return r;
	r = capcert_evidence_new(&sent->evidence);
	if (r == 0 && sent->staple)
		r = capcert_evidence_put_staple(sent->evidence, sent->staple, sent->staple_len);
	if (r != -ENOMEM && sent->scts)
		r = capcert_evidence_put_scts(sent->evidence, CAPCERT_SCT_TLS, sent->scts,
					      sent->scts_len);
	return r == -ENOMEM ? r : 0;
}

static void fill_params(capcert_tls *tls)
{
	const capcert_tls_context *c = tls->context;
	struct capcert_params *p = &tls->peer.params;

	memset(p, 0, sizeof(*p));
	p->chain = tls->peer.sent->chain;
	p->evidence = tls->peer.sent->evidence;
	p->purpose = CAPCERT_PURPOSE_TLS_CLIENT_AUTH;
	if (c->role == CAPCERT_TLS_CLIENT) {
		p->purpose = CAPCERT_PURPOSE_TLS_SERVER_AUTH;
		p->name = tls->name;
	}
	if (!c->judge->has_handles) {
		p->logs = c->logs;
		p->pins = c->pins;
	} else {
		int64_t left = tls->deadline - tls_now_ms();

		p->timeout_ms = left < 1 ? 1 : left > 60000 ? 60000 : (uint32_t)left;
	}
}

/* ---- the answer ---- */

uint32_t capcert_tls_alert_for(int32_t reason)
{
	switch (reason) {
	case CAPCERT_REASON_UNKNOWN_ANCHOR:
	case CAPCERT_REASON_CHAIN_TOO_LONG:
		return GNUTLS_A_UNKNOWN_CA;
	case CAPCERT_REASON_EXPIRED:
	case CAPCERT_REASON_NOT_YET_VALID:
		return GNUTLS_A_CERTIFICATE_EXPIRED;
	case CAPCERT_REASON_SIGNATURE_MISMATCH:
	case CAPCERT_REASON_NAME_CONSTRAINT_VIOLATION:
	case CAPCERT_REASON_MALFORMED:
		return GNUTLS_A_BAD_CERTIFICATE;
	case CAPCERT_REASON_REVOKED:
	case CAPCERT_REASON_KEY_REVOKED:
		return GNUTLS_A_CERTIFICATE_REVOKED;
	case CAPCERT_REASON_WEAK_ALGORITHM:
	case CAPCERT_REASON_BAD_EKU:
		return GNUTLS_A_UNSUPPORTED_CERTIFICATE;
	case CAPCERT_REASON_MUST_STAPLE_MISSING:
		return 113; /* bad_certificate_status_response; GnuTLS has no name for it */
	case CAPCERT_REASON_LOG_LIST_STALE:
	case CAPCERT_REASON_CLOCK_UNTRUSTED:
	case CAPCERT_REASON_INTERNAL:
		return GNUTLS_A_INTERNAL_ERROR;
	default:
		return GNUTLS_A_CERTIFICATE_UNKNOWN;
	}
}

/* Return: 0 to go on, -errno with tls->fault set. */
static int conclude(capcert_tls *tls, int error)
{
	struct tls_peer *peer = &tls->peer;

	if (error < 0)
		return tls_fault(tls, error, GNUTLS_A_INTERNAL_ERROR,
				 "the peer's certificate could not be verified");
	peer->known = true;
	peer->refused = !peer->result.outcome.valid;
	if (!peer->refused || (tls->context->flags & CAPCERT_TLS_INSECURE_GO_ON))
		return 0;
	return tls_fault(tls, -EKEYREJECTED,
			 (int)capcert_tls_alert_for(peer->result.outcome.reason), NULL);
}

/* Ask, if it has not been asked yet. Return: -EINPROGRESS it goes on elsewhere. */
static int question(capcert_tls *tls, const gnutls_datum_t *certs, unsigned int count)
{
	struct tls_judge *judge = tls->context->judge;
	struct tls_peer *peer = &tls->peer;
	int r;

	/* GnuTLS asks again whenever it is called before the answer is there. */
	if (peer->asked)
		return 0;
	peer->params.purpose = tls->context->role == CAPCERT_TLS_CLIENT
				       ? CAPCERT_PURPOSE_TLS_SERVER_AUTH
				       : CAPCERT_PURPOSE_TLS_CLIENT_AUTH;
	r = take_chain(tls, certs, count);
	if (r < 0 || peer->known)
		return r;
	r = take_evidence(tls);
	if (r < 0)
		return r;
	fill_params(tls);
	peer->asked = true;
	if (tls->block || !judge->start)
		return judge->now(judge, &peer->params, &peer->result, &peer->outcome_fd);
	r = judge->start(judge, &peer->params, &peer->pending);
	return r < 0 ? r : -EINPROGRESS;
}

/* Is the answer of a verification elsewhere there? */
static int answer(capcert_tls *tls)
{
	struct pollfd p = { .fd = capcert_verify_fd(tls->peer.pending), .events = POLLIN };
	capcert_verification *v = tls->peer.pending;

	if (poll(&p, 1, 0) == 0 && tls_now_ms() < tls->deadline)
		return -EINPROGRESS;
	tls->peer.pending = NULL;
	return capcert_verify_finish(v, &tls->peer.result, &tls->peer.outcome_fd);
}

static int judge_chain(capcert_tls *tls, const gnutls_datum_t *certs, unsigned int count)
{
	int r = tls->peer.pending ? answer(tls) : question(tls, certs, count);

	return r == -EINPROGRESS ? r : conclude(tls, r);
}

int tls_verify_peer(gnutls_session_t session)
{
	capcert_tls *tls = gnutls_session_get_ptr(session);
	const gnutls_datum_t *certs;
	unsigned int count = 0;
	int r;

	/* A session that goes on was judged before it was offered, by all that came with it then. */
	if (!tls->context->judge || (tls->saved && gnutls_session_is_resumed(session)))
		return 0;
	certs = gnutls_certificate_get_peers(session, &count);
	if (!certs || !count) /* whether one must be there has been settled by GnuTLS */
		return tls->context->role == CAPCERT_TLS_CLIENT ? GNUTLS_E_NO_CERTIFICATE_FOUND : 0;
	r = judge_chain(tls, certs, count);
	if (r == -EINPROGRESS) {
		tls->wants = POLLIN;
		return GNUTLS_E_AGAIN;
	}
	return r < 0 ? GNUTLS_E_CERTIFICATE_ERROR : 0;
}

int tls_verify_resumed(capcert_tls *tls)
{
	const gnutls_datum_t *certs;
	unsigned int count = 0;

	if (!tls->context->judge || tls->peer.known)
		return 0;
	certs = gnutls_certificate_get_peers(tls->session, &count);
	if (certs && count)
		return judge_chain(tls, certs, count);
	if (tls->context->client_auth != CAPCERT_TLS_AUTH_REQUIRED)
		return 0;
	return tls_fault(tls, -ENOKEY, GNUTLS_A_CERTIFICATE_REQUIRED,
			 "the session that was resumed has no client certificate");
}
