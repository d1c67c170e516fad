// SPDX-License-Identifier: GPL-2.0-only
/* What a caller of VERIFY brings: arguments checked, handles resolved, the chain copied once. */
#include <linux/err.h>
#include <linux/string.h>

#include "core/name.h"
#include "kmod/broker.h"
#include "kmod/digest.h"
#include "kmod/outcome.h"
#include "kmod/uaccess.h"
#include "kmod/verify.h"

static int input_args(const struct cc_verify *verify)
{
	const struct capcert_verify *arg = verify->arg;

	if (arg->purpose >= CAPCERT_PURPOSE_COUNT ||
	    arg->timeout_ms > CC_BROKER_MAX_TIMEOUT_MS || !arg->chain_count ||
	    arg->outcome_size < CC_OUTCOME_MIN_SIZE)
		return -EINVAL;
	if (arg->evidence && !arg->evidence_count)
		return -EINVAL;
	if (arg->chain_count > CAPCERT_MAX_CHAIN || arg->name_len > CAPCERT_MAX_NAME)
		return -EMSGSIZE;
	if (!(arg->flags & CAPCERT_VERIFY_TIME))
		return arg->time ? -EINVAL : 0;
	return verify->verifier->policy.time_any ? 0 : -EPERM;
}

static int input_pins(struct cc_verify *verify)
{
	struct cc_handle *pins;

	if (verify->arg->pins_fd == -1)
		return 0;
	pins = cc_handle_from_fd(verify->call, verify->arg->pins_fd, CAPCERT_KIND_PINS,
				 CAPCERT_RIGHT_ENFORCE);
	if (IS_ERR(pins))
		return PTR_ERR(pins);
	verify->pins = pins;
	return 0;
}

static int input_evidence(struct cc_verify *verify)
{
	struct cc_evidence_set *set;

	if (!verify->arg->evidence_count)
		return 0;
	set = cc_evidence_set_new(verify->call, verify->arg->evidence,
				  verify->arg->evidence_count);
	if (IS_ERR(set))
		return PTR_ERR(set);
	verify->evidence = set;
	return 0;
}

static bool input_mailbox_valid(struct cc_span name)
{
	size_t i, at = 0;

	for (i = 0; i < name.n; i++) {
		if (name.p[i] < 0x20 || name.p[i] == 0x7f)
			return false;
		if (name.p[i] == '@')
			at = i;
	}
	return at > 0 && at + 1 < name.n;
}

static int input_name(struct cc_verify *verify)
{
	const struct capcert_verify *arg = verify->arg;
	struct cc_span name = cc_span(verify->key.name, arg->name_len);
	bool valid;

	if (cc_user_into(verify->key.name, arg->name, arg->name_len))
		return -EFAULT;
	switch (arg->name_type) {
	case CAPCERT_NAME_NONE:
		valid = !name.n;
		break;
	case CAPCERT_NAME_DNS:
		valid = cc_hostname_valid(name);
		break;
	case CAPCERT_NAME_IP:
		valid = name.n == 4 || name.n == 16;
		break;
	case CAPCERT_NAME_EMAIL:
		valid = input_mailbox_valid(name);
		break;
	default:
		valid = false;
	}
	return valid ? 0 : -EINVAL;
}

/*
 * The chain goes straight to where an agent would read it, and is hashed there: what is judged
 * is what was hashed, whatever the caller does to his memory meanwhile.
 */
static int input_chain(struct cc_verify *verify)
{
	const struct cc_chain *chain = &verify->chain;
	struct cc_digest digest;
	u32 i;

	cc_digest_init(&digest);
	cc_absorb_chain_head(cc_digest_absorb, &digest, chain->count);
	for (i = 0; i < chain->count; i++) {
		const u32 len = chain->blobs[i].len;
		u8 *to = cc_request_item(verify->request, len);

		if (cc_chain_copy(chain, i, to))
			return -EFAULT;
		cc_absorb_chain_cert(cc_digest_absorb, &digest, cc_span(to, len));
	}
	return cc_digest_final(&digest, verify->chain_digest);
}

int cc_verify_input(struct cc_verify *verify)
{
	const struct cc_verifier *verifier = verify->verifier;
	struct cc_request *request;
	size_t items;
	int ret;

	ret = input_args(verify) ?: input_pins(verify);
	if (ret)
		return ret;
	verify->store = cc_handle_from_fd(verify->call, verify->arg->store_fd, CAPCERT_KIND_STORE,
					  CAPCERT_RIGHT_VERIFY);
	if (IS_ERR(verify->store))
		return PTR_ERR(verify->store);
	ret = input_name(verify) ?:
	      cc_chain_take(&verify->chain, verify->call, verify->arg->chain,
			    verify->arg->chain_count, &items) ?:
	      input_evidence(verify);
	if (ret)
		return ret;
	if (verify->evidence)
		items += verify->evidence->count * sizeof(struct capcert_agent_evidence);
	request = cc_request_new(CAPCERT_CLASS_VERIFY, CAPCERT_AGENT_OP_VERIFY,
				 cc_span(verify->key.name, verify->arg->name_len),
				 cc_span(verifier->text, verifier->text_len), items);
	if (IS_ERR(request))
		return PTR_ERR(request);
	verify->request = request;
	ret = input_chain(verify);
	if (!ret && verify->evidence)
		cc_request_evidence(request, verify->evidence);
	verify->digested = !ret;
	return ret;
}

void cc_verify_release(struct cc_verify *verify)
{
	cc_chain_release(&verify->chain);
	if (!IS_ERR(verify->store))
		cc_handle_put(verify->store);
	cc_handle_put(verify->pins);
	cc_state_put(verify->state);
	cc_pin_state_put(verify->pin_state);
	cc_evidence_set_put(verify->evidence);
	cc_state_put(verify->log_state);
	cc_request_put(verify->request);
}
