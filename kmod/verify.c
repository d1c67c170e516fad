// SPDX-License-Identifier: GPL-2.0-only
/* VERIFY: from the cache if a verdict stands there, else from an agent, checked; audited. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "core/outcome.h"
#include "kmod/admitted.h"
#include "kmod/audit.h"
#include "kmod/broker.h"
#include "kmod/cache.h"
#include "kmod/clock.h"
#include "kmod/digest.h"
#include "kmod/distrust.h"
#include "kmod/outcome.h"
#include "kmod/reply.h"
#include "kmod/settled.h"
#include "kmod/uaccess.h"
#include "kmod/verify.h"

#define VERIFY_TRIES	4	/* while the store or the distrust list keeps moving */

/* May the verdict depend on SCTs? Else a new list of logs need not disturb what is cached. */
static bool verify_wants_logs(const struct cc_verify *verify)
{
	const struct cc_policy *policy = &verify->verifier->policy;

	if (!policy->ct_logs[0])
		return false;
	return policy->min_scts || policy->ct_rule >= CC_CT_ALL || verify->state->sct_dates;
}

/* The list of CT logs that the policy names. None is no error: no SCT counts then. */
static int verify_pin_logs(struct cc_verify *verify)
{
	struct cc_state *state = NULL;

	verify->log_store = NULL;
	if (verify_wants_logs(verify))
		verify->log_store = cc_admitted_store(verify->verifier->policy.ct_logs);
	if (verify->log_store)
		state = cc_store_state_get(verify->log_store);
	if (IS_ERR(state))
		return PTR_ERR(state);
	cc_state_put(verify->log_state);
	verify->log_state = state;
	return 0;
}

/* What is judged against, as it stands now. */
static int verify_pin(struct cc_verify *verify)
{
	struct cc_state *state = cc_store_state_get(cc_store_of(verify->store->object));

	if (IS_ERR(state))
		return PTR_ERR(state);
	cc_state_put(verify->state);
	verify->state = state;
	if (verify->pins) {
		cc_pin_state_put(verify->pin_state);
		verify->pin_state = cc_pin_set_state_get(cc_pin_set_of(verify->pins->object));
	}
	verify->generation = cc_distrust_generation();
	return verify_pin_logs(verify);
}

/* The name is there since cc_verify_input(). */
static void verify_key(struct cc_verify *verify)
{
	const struct cc_verifier *verifier = verify->verifier;
	struct cc_cache_key *key = &verify->key;

	memcpy(key->chain, verify->chain_digest, sizeof(key->chain));
	memcpy(key->policy, verifier->digest, sizeof(key->policy));
	memcpy(key->store, verify->state->digest, sizeof(key->store));
	if (verify->pin_state)
		memcpy(key->pins, verify->pin_state->digest, sizeof(key->pins));
	else
		memset(key->pins, 0, sizeof(key->pins));
	if (verify->evidence)
		memcpy(key->evidence, verify->evidence->digest, sizeof(key->evidence));
	else
		memset(key->evidence, 0, sizeof(key->evidence));
	if (verify->log_state)
		memcpy(key->logs, verify->log_state->digest, sizeof(key->logs));
	else
		memset(key->logs, 0, sizeof(key->logs));
	key->logs_created = verify->log_state ? verify->log_state->from.created : 0;
	key->generation = verify->generation;
	key->purpose = verify->arg->purpose;
	key->settled = 0;
	key->clock = verifier->policy.clock ? verify->clock : 0;
	key->name_type = verify->arg->name_type;
	key->name_len = verify->arg->name_len;
}

void cc_verify_verdict(struct cc_verify *verify, const struct cc_verdict *verdict)
{
	struct capcert_outcome *outcome = &verify->outcome;
	u32 count = verdict->path_count;

	outcome->valid = verdict->valid;
	outcome->reason = verdict->reason;
	outcome->depth = verdict->depth;
	outcome->path_len = count;
	outcome->sct_count = verdict->sct_count;
	outcome->ocsp_status = verdict->ocsp_status;
	outcome->flags |= verdict->flags;
	outcome->valid_from = verdict->valid_from;
	outcome->valid_until = verdict->valid_until;
	outcome->chain_not_after = verdict->valid ? verdict->chain_not_after : 0;
	memcpy(outcome->leaf, verdict->leaf, sizeof(outcome->leaf));
	memcpy(outcome->detail, verdict->detail, sizeof(outcome->detail));
	memcpy(verify->path, verdict->path, count * sizeof(verify->path[0]));
	if (count && verify->path[count - 1].source == CAPCERT_SOURCE_ANCHOR)
		memcpy(outcome->anchor, verify->path[count - 1].fingerprint,
		       sizeof(outcome->anchor));
}

/* The part that was asked, and what it was judged against. */
static void verify_subject(struct cc_verify *verify)
{
	const struct capcert_verify *arg = verify->arg;
	const struct cc_verifier *verifier = verify->verifier;
	struct capcert_outcome *outcome = &verify->outcome;

	outcome->size = sizeof(*outcome);
	outcome->purpose = arg->purpose;
	outcome->name_type = arg->name_type;
	outcome->name_len = arg->name_len;
	outcome->time_source = arg->flags & CAPCERT_VERIFY_TIME ? CAPCERT_TIME_CALLER :
								 CAPCERT_TIME_NOW;
	outcome->clock = verify->clock;
	outcome->store_origin = verify->store->object->origin;
	outcome->policy_origin = verifier->base.origin;
	outcome->time = verify->time;
	outcome->store_id = verify->state->store_id;
	outcome->store_version = verify->state->version;
	outcome->policy_id = verifier->base.id;
	outcome->distrust_generation = verify->generation;
	memcpy(outcome->chain_digest, verify->chain_digest, sizeof(outcome->chain_digest));
	memcpy(outcome->store_digest, verify->state->digest, sizeof(outcome->store_digest));
	memcpy(outcome->policy_digest, verifier->digest, sizeof(outcome->policy_digest));
	if (verify->pin_state) {
		outcome->pins_id = verify->pins->object->id;
		outcome->pins_version = verify->pin_state->version;
		memcpy(outcome->pins_digest, verify->pin_state->digest,
		       sizeof(outcome->pins_digest));
	}
	if (verify->evidence)
		memcpy(outcome->evidence_digest, verify->evidence->digest,
		       sizeof(outcome->evidence_digest));
	strscpy(outcome->preset, cc_preset_name(verifier->policy.preset),
		sizeof(outcome->preset));
	memcpy(outcome->name, verify->key.name, arg->name_len);
}

static bool verify_cached(struct cc_verify *verify)
{
	const struct cc_verdict *verdict;

	rcu_read_lock();
	verdict = cc_cache_find(&verify->key, verify->time);
	if (verdict)
		cc_verify_verdict(verify, verdict);
	rcu_read_unlock();
	if (verdict)
		verify->outcome.flags |= CAPCERT_OUTCOME_CACHED;
	return verdict;
}

/* The checked answer as a verdict: into the cache, if it may be kept, and into the outcome. */
static int verify_publish(struct cc_verify *verify)
{
	const struct cc_request *request = verify->request;
	const struct capcert_agent_reply *reply = &request->reply;
	struct cc_span leaf = cc_request_items(request);
	struct cc_verdict *verdict;
	int ret;

	verdict = kzalloc(struct_size(verdict, path, reply->path_count), GFP_KERNEL_ACCOUNT);
	if (!verdict)
		return -ENOMEM;
	verdict->valid = reply->valid;
	verdict->reason = reply->reason;
	verdict->depth = reply->depth;
	verdict->sct_count = reply->sct_count;
	verdict->ocsp_status = reply->ocsp_status;
	verdict->flags = reply->flags;
	verdict->path_count = reply->path_count;
	verdict->valid_from = reply->valid_from;
	verdict->valid_until = reply->valid_until;
	verdict->chain_not_after = reply->chain_not_after;
	memcpy(verdict->detail, reply->detail, sizeof(verdict->detail));
	memcpy(verdict->path, request->path, reply->path_count * sizeof(verdict->path[0]));
	ret = cc_sha256(leaf.p, leaf.n, verdict->leaf);
	if (!ret) {
		cc_verify_verdict(verify, verdict);
		if (cc_reason_cacheable(verdict->reason))
			cc_cache_add(&verify->key, verdict, NULL, current_uid());
	}
	kfree(verdict);
	return ret;
}

static int verify_refuse(const struct cc_verify *verify, const char *wrong)
{
	struct cc_audit_event event =
		CC_AUDIT_EVENT(CAPCERT_AUDIT_AGENT, .error = -EIO,
			       .object_id = verify->verifier->base.id,
			       .other_id = verify->request->wire->id,
			       .digest = verify->chain_digest, .text = wrong,
			       .text_len = strlen(wrong));

	cc_audit(&event);
	return -EIO;
}

/* Did something move since the question was asked that the verdict would not hold under? */
static bool verify_moved(struct cc_verify *verify)
{
	struct cc_store *store = cc_store_of(verify->store->object);
	struct cc_state *state;
	bool moved;

	if (cc_distrust_generation() != verify->generation ||
	    (verify->pins && cc_pin_set_version(cc_pin_set_of(verify->pins->object)) !=
	     verify->pin_state->version))
		return true;
	if (verify_wants_logs(verify) &&
	    (verify->log_store != cc_admitted_store(verify->verifier->policy.ct_logs) ||
	     (verify->log_store &&
	      cc_store_version(verify->log_store) != verify->log_state->version)))
		return true;
	if (cc_store_version(store) == verify->state->version)
		return false;
	state = cc_store_state_get(store);
	if (IS_ERR(state))
		return true;
	moved = memcmp(state->digest, verify->state->digest, sizeof(state->digest));
	cc_state_put(state);
	return moved;
}

/* @wire may be that of an earlier try. */
static void verify_wire_logs(struct capcert_agent_request *wire, const struct cc_state *logs)
{
	wire->logs_len = logs ? cc_state_wire_size(logs) : 0;
	wire->logs_created = logs ? logs->from.created : 0;
	if (logs)
		memcpy(wire->logs_digest, logs->digest, sizeof(wire->logs_digest));
	else
		memset(wire->logs_digest, 0, sizeof(wire->logs_digest));
}

/* One question to an agent. -EAGAIN: the ground moved, ask again. */
static int verify_ask(struct cc_verify *verify, unsigned long deadline)
{
	struct cc_request *request = verify->request;
	struct capcert_agent_request *wire = request->wire;
	long left = (long)(deadline - jiffies);
	struct cc_span distrust;
	const char *wrong;
	int ret;

	if (left <= 0)
		return -ETIMEDOUT;
	request->store = cc_state_get(verify->state);
	request->distrust = cc_distrust_get();
	if (verify->evidence)
		request->evidence = cc_evidence_set_get(verify->evidence);
	if (verify->pin_state)
		request->pins = cc_pin_state_get(verify->pin_state);
	if (verify->log_state)
		request->logs = cc_state_get(verify->log_state);
	if (cc_distrust_generation_of(request->distrust) != verify->generation)
		return -EAGAIN;
	distrust = cc_distrust_wire(request->distrust);
	wire->purpose = verify->arg->purpose;
	wire->name_type = verify->arg->name_type;
	wire->time_source = verify->outcome.time_source;
	wire->clock = verify->clock;
	wire->time = verify->time;
	wire->store_id = verify->state->store_id;
	wire->store_version = verify->state->version;
	wire->distrust_generation = verify->generation;
	wire->store_len = cc_state_wire_size(verify->state);
	wire->distrust_len = distrust.n;
	if (request->pins) {
		wire->pins_len = request->pins->text_len;
		memcpy(wire->pins_digest, request->pins->digest, sizeof(wire->pins_digest));
	}
	verify_wire_logs(wire, request->logs);
	memcpy(wire->store_digest, verify->state->digest, sizeof(wire->store_digest));
	memcpy(wire->policy_digest, verify->verifier->digest, sizeof(wire->policy_digest));

	left = jiffies_to_msecs(left);
	ret = cc_broker_call(request, min_t(long, left, CC_BROKER_MAX_TIMEOUT_MS));
	if (ret)
		return ret;
	wrong = cc_reply_sane(request, &verify->verifier->policy);
	if (wrong)
		return verify_refuse(verify, wrong);
	return verify_moved(verify) ? -EAGAIN : verify_publish(verify);
}

/* Keys may have been revoked, or run out, while an agent worked: no answer for the holder then. */
static int verify_handles(const struct cc_verify *verify)
{
	int ret = cc_handle_check(verify->call->handle, CAPCERT_RIGHT_VERIFY);

	if (!ret)
		ret = cc_handle_check(verify->store, CAPCERT_RIGHT_VERIFY);
	if (!ret && verify->pins)
		ret = cc_handle_check(verify->pins, CAPCERT_RIGHT_ENFORCE);
	return ret ?: cc_chain_check(&verify->chain);
}

static int verify_judge(struct cc_verify *verify)
{
	u32 timeout = verify->arg->timeout_ms ?: CC_BROKER_TIMEOUT_MS;
	unsigned long deadline = 0;
	struct cc_request *again;
	int ret, i;

	verify->time = verify->arg->flags & CAPCERT_VERIFY_TIME ? verify->arg->time :
								 cc_clock_wall();
	verify->clock = cc_clock_provenance();
	for (i = 0; i < VERIFY_TRIES; i++) {
		ret = verify_pin(verify);
		if (ret)
			return ret;
		verify_key(verify);
		memset(&verify->outcome, 0, sizeof(verify->outcome));
		verify_subject(verify);
		if (cc_settled_find(verify))
			return 0;
		if (verify_cached(verify)) {
			cc_settled_note(verify);
			return 0;
		}
		if (!i) {
			deadline = jiffies + msecs_to_jiffies(timeout) + 1;
		} else {
			again = cc_request_again(verify->request);
			if (IS_ERR(again))
				return PTR_ERR(again);
			cc_request_put(verify->request);
			verify->request = again;
		}
		ret = verify_ask(verify, deadline);
		if (!ret)
			cc_settled_note(verify);
		if (ret != -EAGAIN)
			return ret ?: verify_handles(verify);
	}
	return -EAGAIN;
}

/* The pin set's own record, whether it refused or only reports. */
static void verify_audit_pins(const struct cc_verify *verify, struct cc_audit_event event)
{
	event.op = CAPCERT_AUDIT_PIN_MISMATCH;
	event.kind = CAPCERT_KIND_PINS;
	event.origin = verify->pins->object->origin;
	event.reason = CAPCERT_REASON_PIN_MISMATCH;
	event.handle_id = verify->pins->id;
	event.rights = verify->pins->rights;
	event.object_id = verify->pins->object->id;
	event.object_version = verify->pin_state->version;
	event.other_id = verify->verifier->base.id;
	event.other_version = 1;
	cc_audit(&event);
}

static u64 verify_audit(const struct cc_verify *verify, int error)
{
	const struct cc_object *verifier = &verify->verifier->base;
	struct cc_audit_event event =
		CC_AUDIT_EVENT(CAPCERT_AUDIT_VERIFY, .command = CAPCERT_VERIFY, .error = error,
			       .kind = verifier->kind, .origin = verifier->origin,
			       .handle_id = verify->call->handle->id,
			       .rights = verify->call->handle->rights,
			       .object_id = verifier->id, .object_version = 1,
			       .other_id = verify->store->object->id,
			       .digest = verify->chain_digest, .text = verify->key.name,
			       .text_len = verify->arg->name_len);
	char ip[48];

	if (verify->state)
		event.other_version = verify->state->version;
	if (!error) {
		event.flags = verify->outcome.flags;
		event.reason = verify->outcome.reason;
	}
	if (verify->arg->name_type == CAPCERT_NAME_IP) {
		event.text_len = scnprintf(ip, sizeof(ip),
					   verify->arg->name_len == 4 ? "%pI4" : "%pI6c",
					   verify->key.name);
		event.text = ip;
	}
	if (event.flags & CAPCERT_OUTCOME_PIN_MISMATCH)
		verify_audit_pins(verify, event);
	return cc_audit(&event);
}

static int verify_handle(struct cc_verify *verify)
{
	struct cc_outcome *outcome;
	struct cc_handle *handle;

	outcome = cc_outcome_new(&verify->outcome, verify->path, verify->call->handle,
				 verify->store, verify->pins);
	if (IS_ERR(outcome))
		return PTR_ERR(outcome);
	handle = cc_handle_new(&outcome->base, CC_OUTCOME_RIGHTS, NULL, 0, NULL);
	cc_object_put(&outcome->base);
	if (IS_ERR(handle))
		return PTR_ERR(handle);
	return cc_call_publish(verify->call, handle);
}

/* The handle first: the caller's memory is written only when nothing else can fail. */
static int verify_answer(struct cc_verify *verify)
{
	struct capcert_verify *arg = verify->arg;
	u32 count = verify->outcome.path_len;
	int fd = -1, ret;

	if (arg->flags & CAPCERT_VERIFY_FD) {
		fd = verify_handle(verify);
		if (fd < 0)
			return fd;
	}
	ret = cc_user_out_struct(arg->outcome, arg->outcome_size, &verify->outcome,
				 sizeof(verify->outcome));
	if (!ret && min(arg->path_max, count))
		ret = cc_user_out(arg->path, verify->path,
				  min(arg->path_max, count) * sizeof(verify->path[0]));
	if (ret)
		return ret;
	arg->path_count = count;
	arg->fd = fd;
	arg->rights = verify->call->handle->rights;
	return 0;
}

int cc_verify_ioctl(struct cc_call *call, void *arg)
{
	struct cc_verify *verify;
	int ret;

	verify = kmalloc(sizeof(*verify), GFP_KERNEL);
	if (!verify)
		return -ENOMEM;
	memset(verify, 0, offsetof(struct cc_verify, chain_digest));
	verify->chain.count = 0;
	verify->chain.cert_count = 0;
	verify->call = call;
	verify->arg = arg;
	verify->verifier = cc_verifier_of(call->handle->object);
	ret = cc_verify_input(verify);
	if (!ret)
		ret = verify_judge(verify);
	if (verify->digested)
		verify->outcome.audit_sequence = verify_audit(verify, ret);
	if (!ret)
		ret = verify_answer(verify);
	cc_verify_release(verify);
	kfree(verify);
	return ret;
}
