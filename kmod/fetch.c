// SPDX-License-Identifier: GPL-2.0-only
/* FETCH: has a certificate been revoked? The status agent is asked once for all who ask. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/audit.h"
#include "kmod/broker.h"
#include "kmod/chain.h"
#include "kmod/clock.h"
#include "kmod/digest.h"
#include "kmod/dispatch.h"
#include "kmod/fetched.h"
#include "kmod/policy.h"
#include "kmod/question.h"
#include "kmod/store.h"

struct fetch {
	struct cc_call *call;
	struct capcert_fetch *arg;
	const struct cc_verifier *verifier;	/* of call->handle */
	struct cc_handle *store;		/* counted, or NULL */
	u8 *anchor;				/* DER of the issuer, kfree(); or NULL */
	u32 anchor_len;
	struct cc_request *request;		/* counted */
	bool known;				/* @subject stands: audited from here on */
	u8 subject[32];				/* SHA-256 of the certificate asked about */
	u8 key[32];				/* of the question */
	struct cc_fetch_answer answer;
	struct cc_chain chain;
	struct cc_span certs[CAPCERT_MAX_CHAIN]; /* of it, in the request */
};

static int fetch_args(const struct capcert_fetch *arg)
{
	static const u8 zero[32];
	const bool anchor = arg->issuer == CAPCERT_FETCH_ANCHOR;

	if (!arg->want || arg->want & ~CC_QUESTION_WANT || !arg->chain_count ||
	    arg->timeout_ms > CC_BROKER_MAX_TIMEOUT_MS)
		return -EINVAL;
	if (arg->chain_count > CAPCERT_MAX_CHAIN)
		return -EMSGSIZE;
	if (arg->subject >= arg->chain_count || arg->issuer == arg->subject)
		return -EINVAL;
	if (anchor)
		return 0;
	if (arg->issuer >= arg->chain_count || arg->store_fd != -1 ||
	    memcmp(arg->anchor, zero, sizeof(zero)))
		return -EINVAL;
	return 0;
}

static int fetch_anchor(struct fetch *fetch)
{
	const struct cc_entry *entry;
	struct cc_handle *store;
	struct cc_state *state;
	int error;

	if (fetch->arg->issuer != CAPCERT_FETCH_ANCHOR)
		return 0;
	store = cc_handle_from_fd(fetch->call, fetch->arg->store_fd, CAPCERT_KIND_STORE,
				  CAPCERT_RIGHT_VERIFY);
	if (IS_ERR(store))
		return PTR_ERR(store);
	fetch->store = store;
	state = cc_store_state_get(cc_store_of(store->object));
	if (IS_ERR(state))
		return PTR_ERR(state);
	entry = cc_state_find(state, fetch->arg->anchor);
	error = entry ? cc_question_anchor(entry->anchor, &fetch->anchor, &fetch->anchor_len) :
			-ENOENT;
	cc_state_put(state);
	return error;
}

/* Into the request; @ret: where it stands there. */
static int fetch_item(struct fetch *fetch, u32 i, struct cc_span *ret)
{
	const u32 len = fetch->chain.blobs[i].len;
	u8 *to = cc_request_item(fetch->request, len);

	*ret = cc_span(to, len);
	return cc_chain_copy(&fetch->chain, i, to);
}

/* Certificate, issuer, the others in their order. */
static int fetch_question(struct fetch *fetch)
{
	struct cc_question question = {
		.certs = fetch->certs,
		.count = fetch->chain.count,
		.subject = fetch->arg->subject,
		.issuer = fetch->arg->issuer,
		.want = fetch->arg->want,
		.policy = &fetch->verifier->policy,
	};
	int error = fetch_item(fetch, question.subject, &fetch->certs[question.subject]);
	u32 i;

	if (!error && fetch->anchor) {
		question.anchor = cc_span(fetch->anchor, fetch->anchor_len);
		memcpy(cc_request_item(fetch->request, fetch->anchor_len), fetch->anchor,
		       fetch->anchor_len);
	} else if (!error) {
		error = fetch_item(fetch, question.issuer, &fetch->certs[question.issuer]);
	}
	for (i = 0; i < fetch->chain.count && !error; i++)
		if (i != question.subject && i != question.issuer)
			error = fetch_item(fetch, i, &fetch->certs[i]);
	return error ?: cc_question_key(&question, fetch->key);
}

static int fetch_input(struct fetch *fetch)
{
	struct cc_request *request;
	struct cc_span subject;
	size_t items;
	int error;

	error = fetch_args(fetch->arg) ?:
		cc_chain_take(&fetch->chain, fetch->call, fetch->arg->chain,
			      fetch->arg->chain_count, &items) ?:
		fetch_anchor(fetch);
	if (error)
		return error;
	if (fetch->anchor)
		items += cc_request_item_size(fetch->anchor_len);
	request = cc_request_new(CAPCERT_CLASS_STATUS, CAPCERT_AGENT_OP_STATUS, cc_span(NULL, 0),
				 cc_span(NULL, 0), items);
	if (IS_ERR(request))
		return PTR_ERR(request);
	fetch->request = request;
	request->wire->purpose = fetch->arg->want;
	request->wire->time = cc_clock_wall();
	request->wire->clock = cc_clock_provenance();
	request->wire->max_age = fetch->verifier->policy.max_age;
	request->wire->scheme = fetch->verifier->policy.ocsp_nonce;
	error = fetch_question(fetch);
	if (error)
		return error;
	subject = cc_request_items(request);
	error = cc_sha256(subject.p, subject.n, fetch->subject);
	fetch->known = !error;
	return error;
}

/* The bytes of the answer as evidence, charged to who asked. */
static struct cc_evidence *fetch_evidence_once(const struct fetch *fetch)
{
	const struct cc_request *request = fetch->request;
	const struct capcert_agent_status *status = request->data;

	if (request->file)
		return cc_evidence_of_file(status->type, request->file,
					   i_size_read(file_inode(request->file)));
	if (status->type == CAPCERT_EVIDENCE_UNREACHABLE)
		return cc_evidence_copy(status->type, fetch->subject, sizeof(fetch->subject));
	return cc_evidence_copy(status->type, status + 1,
				request->reply.data_len - sizeof(*status));
}

/* Answers that are kept for others count in the share of who asked for them first: they go. */
static struct cc_evidence *fetch_evidence(const struct fetch *fetch)
{
	struct cc_evidence *evidence = fetch_evidence_once(fetch);

	if (evidence != ERR_PTR(-EDQUOT))
		return evidence;
	cc_fetched_drop(current_fsuid());
	return fetch_evidence_once(fetch);
}

static int fetch_refuse(const struct fetch *fetch)
{
	static const char text[] = "status answer of a kind nobody asked for";
	struct cc_audit_event event =
		CC_AUDIT_EVENT(CAPCERT_AUDIT_AGENT, .error = -EIO,
			       .object_id = fetch->verifier->base.id,
			       .other_id = fetch->request->wire->id, .digest = fetch->subject,
			       .text = text, .text_len = sizeof(text) - 1);

	cc_audit(&event);
	return -EIO;
}

/* A well-formed reply becomes an answer, if it is one to this question. */
static int fetch_answer(struct fetch *fetch)
{
	const struct capcert_agent_status *status = fetch->request->data;
	struct cc_fetch_answer *answer = &fetch->answer;
	struct cc_evidence *evidence;

	if ((status->type == CAPCERT_EVIDENCE_OCSP && !(fetch->arg->want & CAPCERT_MISSING_OCSP)) ||
	    (status->type == CAPCERT_EVIDENCE_CRL && !(fetch->arg->want & CAPCERT_MISSING_CRL)))
		return fetch_refuse(fetch);
	evidence = fetch_evidence(fetch);
	if (IS_ERR(evidence))
		return PTR_ERR(evidence);
	*answer = (struct cc_fetch_answer){
		.evidence = evidence,
		.status = status->status,
		.how = status->flags & CAPCERT_AGENT_STATUS_KEPT ? CAPCERT_FETCHED_KEPT : 0,
		.fetched = status->fetched,
		.this_update = status->this_update,
		.until = status->until,
	};
	strscpy(answer->detail, fetch->request->reply.detail, sizeof(answer->detail));
	return 0;
}

static int fetch_ask(struct fetch *fetch, struct cc_fetched *entry, unsigned long deadline)
{
	const long left = (long)(deadline - jiffies);
	int error = -ETIMEDOUT;

	if (!cc_broker_served(CAPCERT_CLASS_STATUS))
		error = -EHOSTUNREACH;
	else if (left > 0)
		error = cc_broker_call(fetch->request, clamp_t(long, jiffies_to_msecs(left), 1,
							       CC_BROKER_MAX_TIMEOUT_MS));
	if (!error)
		error = fetch_answer(fetch);
	cc_fetched_done(entry, error, &fetch->answer);
	return error;
}

/* Keys may have been revoked, or run out, while an agent worked. */
static int fetch_handles(const struct fetch *fetch)
{
	int error = cc_handle_check(fetch->call->handle, CAPCERT_RIGHT_FETCH);

	if (!error && fetch->store)
		error = cc_handle_check(fetch->store, CAPCERT_RIGHT_VERIFY);
	return error ?: cc_chain_check(&fetch->chain);
}

static int fetch_obtain(struct fetch *fetch)
{
	const u32 timeout = fetch->arg->timeout_ms ?: CC_BROKER_TIMEOUT_MS;
	const unsigned long deadline = jiffies + msecs_to_jiffies(timeout) + 1;
	struct cc_fetched *entry = cc_fetched_enter(fetch->key);
	int error;

	if (IS_ERR(entry))
		return PTR_ERR(entry);
	error = cc_fetched_turn(entry, deadline, &fetch->answer);
	if (error == 1)
		error = fetch_ask(fetch, entry, deadline);
	cc_fetched_leave(entry);
	return error ?: fetch_handles(fetch);
}

static int fetch_give(struct fetch *fetch)
{
	const struct cc_fetch_answer *answer = &fetch->answer;
	struct cc_evidence *evidence = answer->evidence;
	struct capcert_fetch *arg = fetch->arg;
	struct cc_handle *handle;
	int fd;

	handle = cc_handle_new(&evidence->base, cc_rights_of_kind(CAPCERT_KIND_EVIDENCE), NULL, 0,
			       NULL);
	if (IS_ERR(handle))
		return PTR_ERR(handle);
	fd = cc_call_publish(fetch->call, handle);
	if (fd < 0)
		return fd;
	arg->fd = fd;
	arg->type = evidence->type;
	arg->len = evidence->len;
	arg->status = answer->status;
	arg->how = answer->how;
	arg->fetched = answer->fetched;
	arg->this_update = answer->this_update;
	arg->until = answer->until;
	arg->id = evidence->base.id;
	memcpy(arg->digest, evidence->digest, sizeof(arg->digest));
	memcpy(arg->detail, answer->detail, sizeof(arg->detail));
	return 0;
}

static const char *fetch_word(const struct cc_fetch_answer *answer)
{
	if (answer->evidence->type == CAPCERT_EVIDENCE_UNREACHABLE)
		return "unreachable";
	return answer->status == CAPCERT_OCSP_REVOKED ? "revoked" : "good";
}

static void fetch_audit(const struct fetch *fetch, int error)
{
	const struct cc_object *verifier = &fetch->verifier->base;
	const struct cc_fetch_answer *answer = &fetch->answer;
	const s64 age = cc_clock_wall() - answer->this_update;
	struct cc_audit_event event =
		CC_AUDIT_EVENT(CAPCERT_AUDIT_FETCH, .command = CAPCERT_FETCH, .error = error,
			       .kind = verifier->kind, .origin = verifier->origin,
			       .handle_id = fetch->call->handle->id,
			       .rights = fetch->call->handle->rights, .object_id = verifier->id,
			       .object_version = 1, .digest = fetch->subject);
	char text[sizeof_field(struct capcert_audit_record, text)];

	if (!error) {
		event.other_id = answer->evidence->base.id;
		event.other_version = max_t(s64, age, 0);
		event.text_len = scnprintf(text, sizeof(text), "%s %s %llus %s",
					   answer->evidence->type == CAPCERT_EVIDENCE_CRL ?
					   "crl" : "ocsp", fetch_word(answer),
					   event.other_version, answer->detail);
		event.text = text;
		if (answer->how & CAPCERT_FETCHED_SHARED)
			event.flags = CAPCERT_OUTCOME_CACHED;
		if (answer->evidence->type == CAPCERT_EVIDENCE_UNREACHABLE)
			event.reason = CAPCERT_REASON_OCSP_UNAVAILABLE;
		else if (answer->status == CAPCERT_OCSP_REVOKED)
			event.reason = CAPCERT_REASON_REVOKED;
	}
	cc_audit(&event);
}

int cc_fetch_ioctl(struct cc_call *call, void *arg)
{
	struct fetch *fetch;
	int error;

	fetch = kmalloc(sizeof(*fetch), GFP_KERNEL);
	if (!fetch)
		return -ENOMEM;
	memset(fetch, 0, offsetof(struct fetch, chain));
	fetch->chain.count = 0;
	fetch->chain.cert_count = 0;
	fetch->call = call;
	fetch->arg = arg;
	fetch->verifier = cc_verifier_of(call->handle->object);
	error = fetch_input(fetch);
	if (!error)
		error = fetch_obtain(fetch);
	if (fetch->known)
		fetch_audit(fetch, error);
	if (!error)
		error = fetch_give(fetch);
	if (fetch->answer.evidence)
		cc_object_put(&fetch->answer.evidence->base);
	cc_request_put(fetch->request);
	cc_chain_release(&fetch->chain);
	cc_handle_put(fetch->store);
	kfree(fetch->anchor);
	kfree(fetch);
	return error;
}
