// SPDX-License-Identifier: GPL-2.0-only
/* One signature by a certificate's key: VERIFY_SIG under a policy, pkey_verify for keyctl. */
#include <linux/err.h>
#include <linux/keyctl.h>
#include <linux/string.h>

#include "core/alg.h"
#include "kmod/audit.h"
#include "kmod/broker.h"
#include "kmod/digest.h"
#include "kmod/distrust.h"
#include "kmod/pkey.h"
#include "kmod/uaccess.h"
#include "kmod/verify.h"

/* @verifier: whose policy the agent judges key and scheme by, NULL = by none. */
static struct cc_request *sig_request(u32 op, u32 scheme, const struct cc_verifier *verifier,
				      const struct cc_certificate *cert, size_t message_len,
				      size_t signature_len)
{
	struct cc_span policy = cc_span(NULL, 0);
	struct cc_request *request;

	if (verifier)
		policy = cc_span(verifier->text, verifier->text_len);
	request = cc_request_new(CAPCERT_CLASS_VERIFY, op, cc_span(NULL, 0), policy,
				 cc_request_item_size(cert->der_len) +
				 cc_request_item_size(message_len) +
				 cc_request_item_size(signature_len));
	if (IS_ERR(request))
		return request;
	request->wire->scheme = scheme;
	if (verifier)
		memcpy(request->wire->policy_digest, verifier->digest,
		       sizeof(request->wire->policy_digest));
	memcpy(cc_request_item(request, cert->der_len), cert->der, cert->der_len);
	return request;
}

static bool sig_distrusted(const struct cc_certificate *cert)
{
	const struct cc_distrust *list = cc_distrust_get();
	bool hit = cc_distrust_hits(list, cert->fingerprint, cert->spki_hash, cert->cert.issuer,
				    cert->cert.serial);

	cc_distrust_put(list);
	return hit;
}

/* What the policy and the distrust list say before any arithmetic. */
static s32 sig_reason(const struct cc_policy *policy, u32 scheme, const struct cc_certificate *cert)
{
	const struct cc_cert *c = &cert->cert;
	bool rsa = c->key_alg == CC_KEY_RSA || c->key_alg == CC_KEY_RSA_PSS;

	if (sig_distrusted(cert))
		return CAPCERT_REASON_DISTRUSTED;
	if (!(policy->schemes & (1u << scheme)) || !(policy->key_algs & (1u << c->key_alg)) ||
	    (rsa && c->key_bits < policy->rsa_min_bits))
		return CAPCERT_REASON_WEAK_ALGORITHM;
	return CAPCERT_REASON_NONE;
}

static int sig_ask(const struct capcert_verify_sig *arg, const struct cc_verifier *verifier,
		   const struct cc_certificate *cert, s32 *ret_reason)
{
	struct cc_request *request;
	int ret;

	request = sig_request(CAPCERT_AGENT_OP_VERIFY_SIG, arg->scheme, verifier, cert,
			      arg->message_len, arg->signature_len);
	if (IS_ERR(request))
		return PTR_ERR(request);
	ret = cc_user_into(cc_request_item(request, arg->message_len), arg->message,
			   arg->message_len);
	if (!ret)
		ret = cc_user_into(cc_request_item(request, arg->signature_len), arg->signature,
				   arg->signature_len);
	if (!ret)
		ret = cc_broker_call(request, arg->timeout_ms);
	if (!ret)
		*ret_reason = request->reply.reason;
	cc_request_put(request);
	return ret;
}

static int sig_judge(struct cc_call *call, struct capcert_verify_sig *arg,
		     const struct cc_handle *handle, u32 scheme)
{
	const struct cc_verifier *verifier = cc_verifier_of(call->handle->object);
	const struct cc_certificate *cert = cc_certificate_of(handle->object);
	s32 asked;
	int ret;

	arg->reason = sig_reason(&verifier->policy, scheme, cert);
	if (arg->reason == CAPCERT_REASON_NONE) {
		ret = sig_ask(arg, verifier, cert, &asked);
		/* Keys and the distrust list may have moved while the agent worked. */
		if (!ret)
			ret = cc_handle_check(call->handle, CAPCERT_RIGHT_VERIFY);
		if (!ret)
			ret = cc_handle_check(handle, CAPCERT_RIGHT_VERIFY_SIG);
		if (ret)
			return ret;
		arg->reason = sig_distrusted(cert) ? CAPCERT_REASON_DISTRUSTED : asked;
	}
	arg->ok = arg->reason == CAPCERT_REASON_NONE;
	return 0;
}

static void sig_audit(const struct cc_call *call, const struct capcert_verify_sig *arg,
		      const struct cc_handle *handle, u32 scheme, int error)
{
	const struct cc_object *verifier = call->handle->object;
	const char *name = cc_scheme_name(scheme);
	struct cc_audit_event event =
		CC_AUDIT_EVENT(CAPCERT_AUDIT_VERIFY_SIG, .command = CAPCERT_VERIFY_SIG,
			       .error = error, .kind = verifier->kind, .origin = verifier->origin,
			       .handle_id = call->handle->id, .rights = call->handle->rights,
			       .object_id = verifier->id, .object_version = 1,
			       .other_id = handle->object->id, .other_version = 1,
			       .digest = cc_certificate_of(handle->object)->fingerprint,
			       .text = name, .text_len = strlen(name));

	if (!error)
		event.reason = arg->reason;
	cc_audit(&event);
}

int cc_verify_sig_ioctl(struct cc_call *call, void *arg)
{
	struct capcert_verify_sig *sig = arg;
	struct cc_handle *handle;
	u32 scheme;
	int ret;

	if (sig->message_len > CAPCERT_MAX_MESSAGE || sig->signature_len > CAPCERT_MAX_SIGNATURE)
		return -EMSGSIZE;
	if (!sig->signature_len || sig->timeout_ms > CC_BROKER_MAX_TIMEOUT_MS)
		return -EINVAL;
	scheme = cc_scheme_from_tls(sig->scheme);
	if (scheme == CC_SCHEME_OTHER)
		return -EOPNOTSUPP;
	handle = cc_handle_from_fd(call, sig->cert_fd, CAPCERT_KIND_CERT, CAPCERT_RIGHT_VERIFY_SIG);
	if (IS_ERR(handle))
		return PTR_ERR(handle);
	ret = sig_judge(call, sig, handle, scheme);
	sig_audit(call, sig, handle, scheme, ret);
	cc_handle_put(handle);
	return ret;
}

int cc_verify_digest(const struct cc_certificate *cert, const struct kernel_pkey_params *params,
		     const void *digest, const void *signature)
{
	struct cc_request *request;
	bool is_digest = false;
	int scheme, ret;

	scheme = cc_pkey_scheme(cert->cert.key_alg, params, &is_digest);
	if (scheme < 0)
		return scheme;
	if (!params->in2_len || params->in2_len > CAPCERT_MAX_SIGNATURE)
		return -EMSGSIZE;
	if (sig_distrusted(cert))
		return -EKEYREJECTED;
	request = sig_request(is_digest ? CAPCERT_AGENT_OP_VERIFY_DIGEST :
					  CAPCERT_AGENT_OP_VERIFY_SIG,
			      scheme, NULL, cert, params->in_len, params->in2_len);
	if (IS_ERR(request))
		return PTR_ERR(request);
	memcpy(cc_request_item(request, params->in_len), digest, params->in_len);
	memcpy(cc_request_item(request, params->in2_len), signature, params->in2_len);
	ret = cc_broker_call(request, 0);
	if (!ret && (!request->reply.valid || sig_distrusted(cert)))
		ret = -EKEYREJECTED;
	cc_request_put(request);
	return ret;
}
