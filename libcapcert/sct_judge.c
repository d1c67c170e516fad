// SPDX-License-Identifier: LGPL-2.1-or-later
/* What one SCT is worth (RFC 6962 section 3): log, time, interval, signature, proof. Checks that
 * cost nothing come first. */
#include <errno.h>
#include <string.h>
#include "core/merkle.h"
#include "libcapcert/sct.h"
#include "libcapcert/sha.h"
#include "libcapcert/sig.h"

static void fail(struct sct_verdict *v, uint32_t status, const char *detail)
{
	v->status = status;
	v->detail = detail;
}

bool sct_list_fresh(struct sct_judge *j)
{
	int64_t made;

	if (!j->max_list_age)
		return true;
	made = j->logs ? loglist_time(j->logs) : INT64_MIN;
	return made != INT64_MIN && made <= INT64_MAX - j->max_list_age - 1 &&
	       window_until(j->window, made + j->max_list_age);
}

static int64_t seconds_up(uint64_t ms)
{
	return (int64_t)(ms / 1000 + (ms % 1000 != 0));
}

/* The log's state at the time of the check. */
static bool log_counts(struct sct_judge *j, const struct ct_log *log, int64_t issued,
		       struct sct_verdict *v)
{
	int64_t since;
	uint32_t i;

	v->state = log_state_at(log, j->window->time, &since);
	for (i = 0; i < log->state_count; i++)
		if (log->states[i].since != INT64_MIN)
			window_since(j->window, log->states[i].since);
	switch (v->state) {
	case LOG_PENDING:
		fail(v, CAPCERT_SCT_STATUS_PENDING_LOG, "the log is not yet accepted");
		return false;
	case LOG_REJECTED:
		fail(v, CAPCERT_SCT_STATUS_REJECTED_LOG, "the log was rejected");
		return false;
	case LOG_RETIRED:
		if (issued < since)
			return true;
		fail(v, CAPCERT_SCT_STATUS_RETIRED_LOG, "not older than the log's retirement");
		return false;
	default:
		return true;
	}
}

static bool in_interval(const struct ct_log *log, const struct cc_cert *cert)
{
	return !log->has_interval ||
	       (cert->not_after >= log->interval_start && cert->not_after < log->interval_end);
}

/* Everything but signature and proof. */
static bool worth_checking(struct sct_judge *j, const struct cc_sct *sct, struct sct_verdict *v)
{
	int64_t time = seconds_up(sct->timestamp);

	if (sct->version != CC_SCT_V1) {
		fail(v, CAPCERT_SCT_STATUS_UNSUPPORTED_VERSION, "not version 1");
		return false;
	}
	v->log = j->logs && !log_mimic(sct->log_id.p) ? loglist_find(j->logs, sct->log_id.p) : NULL;
	if (!v->log) {
		fail(v, CAPCERT_SCT_STATUS_UNKNOWN_LOG, "no log of the list has this id");
		return false;
	}
	v->operator_name = log_operator_at(v->log, time);
	v->state = log_state_at(v->log, j->window->time, NULL);
	if (!sct_list_fresh(j)) {
		fail(v, CAPCERT_SCT_STATUS_STALE_LIST, "the list of logs is too old");
		return false;
	}
	if (!window_since(j->window, time - j->skew)) {
		fail(v, CAPCERT_SCT_STATUS_IN_FUTURE, "timestamp is in the future");
		return false;
	}
	if (!log_counts(j, v->log, (int64_t)(sct->timestamp / 1000), v))
		return false;
	if (!in_interval(v->log, j->cert)) {
		fail(v, CAPCERT_SCT_STATUS_OUTSIDE_INTERVAL,
		     "the log does not take certificates that end when this one does");
		return false;
	}
	return true;
}

/* What OCSP and TLS bring signs the same: if it came from a source that counts it has come from there,
 * whichever copy was looked at first. */
static void also_from(const struct sct_judge *j, struct sct_seen *seen, uint32_t source)
{
	const uint32_t beside = 1u << CAPCERT_SCT_OCSP | 1u << CAPCERT_SCT_TLS;

	if ((beside >> seen->source & beside >> source & 1) && sct_counts(j, source))
		seen->source = source;
}

static bool seen_before(struct sct_judge *j, struct cc_span whole, uint32_t source)
{
	uint32_t i;

	for (i = 0; i < j->seen_count; i++) {
		if (!cc_span_equal(j->seen[i].whole, whole))
			continue;
		also_from(j, &j->seen[i], source);
		return true;
	}
	return false;
}

/* What embedded SCTs sign is the same for all of them. */
static bool prepare_precert(struct sct_judge *j, struct sct_verdict *v)
{
	if (!j->issuer) {
		fail(v, CAPCERT_SCT_STATUS_NO_ISSUER,
		     "an embedded SCT needs the issuer's certificate");
		return false;
	}
	if (!j->prepared) {
		j->prepared = true;
		j->precert_error = cc_precert_from_cert(j->cert, &j->precert);
		sha256_of(j->issuer->spki, j->issuer_key);
	}
	if (j->precert_error) {
		fail(v, CAPCERT_SCT_STATUS_INVALID_SIGNATURE,
		     cc_precert_error_text(j->precert_error));
		return false;
	}
	return true;
}

static uint32_t scheme_of(const struct cc_spki *key, const struct cc_sct *sct)
{
	uint32_t sig = key->alg == CC_KEY_RSA ? CC_SCT_SIG_RSA : CC_SCT_SIG_ECDSA;

	if (sct->hash_alg != CC_SCT_HASH_SHA256 || sct->sig_alg != sig)
		return CC_SCHEME_OTHER;
	return key->alg == CC_KEY_RSA ? CC_SCHEME_RSA_PKCS1_SHA256 : CC_SCHEME_ECDSA_SHA256;
}

static bool afford(struct sct_judge *j, uint32_t price)
{
	struct budget *b = j->budget;

	if (!b)
		return true;
	if (!b->signatures || b->work < price)
		return false;
	b->signatures--;
	b->work -= price;
	return true;
}

static void hash_spans(const struct cc_span *spans, size_t count, uint8_t first, bool leaf,
		       uint8_t ret[32])
{
	struct sha256_ctx ctx;
	size_t i;

	sha256_init(&ctx);
	if (leaf)
		sha256_update(&ctx, 1, &first);
	for (i = 0; i < count; i++)
		sha256_update(&ctx, spans[i].n, spans[i].p);
	sha256_digest(&ctx, SHA256_DIGEST_SIZE, ret);
}

static void hash_parts(void *ctx, const struct cc_span *parts, size_t count, uint8_t ret[32])
{
	(void)ctx;
	hash_spans(parts, count, 0, false, ret);
}

static bool proof_holds(const struct cc_sct_signed *leaf, const struct capcert_sct_proof *proof)
{
	const struct cc_hasher sha = { hash_parts, NULL };
	uint8_t hash[32];

	hash_spans(leaf->span, leaf->count, 0x00, true, hash);
	return cc_merkle_inclusion(&sha, hash, proof->leaf_index, proof->tree_size,
				   cc_span(proof->path, proof->path_len),
				   proof->root) == CC_MERKLE_OK;
}

struct check {
	const struct cc_sct *sct;
	const struct capcert_sct_proof *proof;
	struct cc_spki key;
	uint32_t scheme;
};

/* One signature over one kind of entry. False: try no other kind. */
static bool check_entry(struct sct_judge *j, const struct check *c, bool precert,
			struct sct_verdict *v)
{
	struct cc_sct_entry entry = { .precert = precert, .parts = &j->cert->der, .part_count = 1 };
	struct sig_prepared p = { .signature = c->sct->signature,
				  .digest_len = 32,
				  .scheme = (uint8_t)c->scheme };
	struct cc_sct_signed to_sign;
	int r;

	if (precert) {
		entry.parts = j->precert.span;
		entry.part_count = j->precert.count;
		memcpy(entry.issuer_key, j->issuer_key, sizeof(entry.issuer_key));
	}
	if (!cc_sct_signed(c->sct, &entry, &to_sign)) {
		fail(v, CAPCERT_SCT_STATUS_INTERNAL_ERROR, "the certificate has no octets");
		return false;
	}
	if (!afford(j, sig_price_spki(c->scheme, j->cert->der.n, &c->key))) {
		j->over_budget = true;
		fail(v, CAPCERT_SCT_STATUS_BUDGET, "no budget left to check its signature");
		return false;
	}
	hash_spans(to_sign.span, to_sign.count, 0, false, p.digest);
	r = sig_check_prepared_spki(&p, &c->key);
	if (r == 1) {
		fail(v, CAPCERT_SCT_STATUS_VALID, NULL);
		if (c->proof && !proof_holds(&to_sign, c->proof))
			fail(v, CAPCERT_SCT_STATUS_PROOF_MISMATCH,
			     "the inclusion proof does not lead from it to the root");
		return false;
	}
	if (r == 0) {
		fail(v, CAPCERT_SCT_STATUS_INVALID_SIGNATURE,
		     "not the log's signature over this certificate");
		return true;
	}
	j->no_memory |= r == -ENOMEM;
	fail(v, CAPCERT_SCT_STATUS_INTERNAL_ERROR,
	     r == -ENOMEM ? "out of memory" : "the log's key cannot be used");
	return false;
}

static void check_signature(struct sct_judge *j, const struct cc_sct *sct, uint32_t source,
			    const struct capcert_sct_proof *proof, struct sct_verdict *v)
{
	struct check c = { .sct = sct, .proof = proof };
	struct cc_span spki = v->log->spki;

	if (cc_spki_get(&spki, &c.key)) {
		fail(v, CAPCERT_SCT_STATUS_INTERNAL_ERROR, "the log's key cannot be read");
		return;
	}
	c.scheme = scheme_of(&c.key, sct);
	if (c.scheme == CC_SCHEME_OTHER) {
		fail(v, CAPCERT_SCT_STATUS_INVALID_SIGNATURE,
		     "signature algorithm is not that of the log's key");
		return;
	}
	if (source == CAPCERT_SCT_EMBEDDED) {
		if (prepare_precert(j, v))
			check_entry(j, &c, true, v);
		return;
	}
	if (!check_entry(j, &c, false, v) || source != CAPCERT_SCT_UNKNOWN)
		return;
	if (j->issuer && (j->cert->ext_present & CC_EXT_BIT(SCT_LIST)) && prepare_precert(j, v))
		check_entry(j, &c, true, v);
}

static void judge(struct sct_judge *j, const struct cc_sct *sct, uint32_t source,
		  const struct capcert_sct_proof *proof, struct sct_verdict *v)
{
	int64_t issued = (int64_t)(sct->timestamp / 1000);
	struct sct_seen *seen;

	if (!worth_checking(j, sct, v))
		return;
	if (seen_before(j, sct->whole, source)) {
		fail(v, CAPCERT_SCT_STATUS_DUPLICATE, "stands there already");
		return;
	}
	if (j->seen_count == SCT_CHECKS_MAX) {
		j->over_budget = true;
		fail(v, CAPCERT_SCT_STATUS_BUDGET, "behind too many others");
		return;
	}
	check_signature(j, sct, source, proof, v);
	v->outside_validity = issued < j->cert->not_before || issued > j->cert->not_after;
	if (v->status == CAPCERT_SCT_STATUS_VALID && v->outside_validity &&
	    (j->flags & CAPCERT_CT_STRICT_VALIDITY))
		fail(v, CAPCERT_SCT_STATUS_OUTSIDE_VALIDITY,
		     "timestamp is outside the certificate's validity");
	seen = &j->seen[j->seen_count++];
	*seen = (struct sct_seen){
		.whole = sct->whole,
		.log = v->log,
		.operator_name = v->operator_name,
		.time = seconds_up(sct->timestamp),
		.source = source,
		.valid = v->status == CAPCERT_SCT_STATUS_VALID,
		.accepted = v->state != LOG_RETIRED,
	};
}

void sct_judge_one(struct sct_judge *j, const struct cc_sct *sct, uint32_t source,
		   const struct capcert_sct_proof *proof, struct sct_verdict *ret)
{
	memset(ret, 0, sizeof(*ret));
	judge(j, sct, source, proof, ret);
	j->total++;
	if (ret->status != CAPCERT_SCT_STATUS_VALID && ret->status != CAPCERT_SCT_STATUS_DUPLICATE)
		j->failed++;
}
