// SPDX-License-Identifier: GPL-2.0-only
/* One signature by a private key: SIGN by handle, pkey_sign for keyctl. */
#include <linux/err.h>
#include <linux/keyctl.h>
#include <linux/string.h>

#include "core/key_use.h"
#include "core/signature.h"
#include "core/text.h"
#include "kmod/audit.h"
#include "kmod/broker.h"
#include "kmod/clock.h"
#include "kmod/digest.h"
#include "kmod/pkey.h"
#include "kmod/private_key.h"
#include "kmod/dispatch.h"
#include "kmod/uaccess.h"

/* The largest request of the class: what cc_request_new() lets through. */
static_assert(CAPCERT_MAX_KEY_URI + 4096 + CAPCERT_MAX_MESSAGE + 3 * 8 <
	      CC_BROKER_MAX_WIRE - sizeof(struct capcert_agent_request));

struct sign_ask {
	const struct cc_private_key *key;
	u32 purpose;
	u32 tls;		/* SignatureScheme */
	u32 scheme;		/* enum cc_scheme of it */
	bool digest;
	u32 len;
	u32 timeout_ms;
	struct cc_request *request;	/* from sign_begin() on */
	u8 *message;			/* in it */
	const char *refused;		/* why the message is not for this purpose */
	u8 hash[32];			/* for the audit trail */
	bool hashed;
};

/* What is known before the message is. */
static int sign_check(const struct sign_ask *ask)
{
	const struct cc_private_key *key = ask->key;
	const size_t digest_len = cc_scheme_digest_size(ask->scheme);

	if (!(key->purposes & 1u << ask->purpose))
		return -EACCES;
	if (!cc_scheme_fits(ask->scheme, key->ref->algorithm))
		return -EOPNOTSUPP;
	/* By all purposes of the key, not of this view: no narrower handle is a way round. */
	if (ask->digest && (key->ref->purposes & CC_KEY_USES_SEEN || ask->len != digest_len))
		return -EINVAL;
	return 0;
}

/* The request without the message, for which there is room. */
static int sign_begin(struct sign_ask *ask)
{
	const struct cc_key_ref *ref = ask->key->ref;
	struct cc_request *request;

	request = cc_request_new(CAPCERT_CLASS_SIGN, ask->digest ? CAPCERT_AGENT_OP_SIGN_DIGEST :
								   CAPCERT_AGENT_OP_SIGN,
				 cc_span(NULL, 0), cc_span(NULL, 0),
				 cc_request_item_size(ref->uri_len) +
				 cc_request_item_size(ref->spki_len) +
				 cc_request_item_size(ask->len));
	if (IS_ERR(request))
		return PTR_ERR(request);
	request->wire->purpose = ask->purpose;
	request->wire->scheme = ask->tls;
	memcpy(cc_request_item(request, ref->uri_len), cc_key_ref_uri(ref).p, ref->uri_len);
	memcpy(cc_request_item(request, ref->spki_len), cc_key_ref_spki(ref).p, ref->spki_len);
	ask->message = cc_request_item(request, ask->len);
	ask->request = request;
	return 0;
}

/* SHA-256 of what is signed: of the message, or the digest itself where it is one. */
static int sign_hash(struct sign_ask *ask)
{
	int error = 0;

	if (ask->digest && ask->len == sizeof(ask->hash))
		memcpy(ask->hash, ask->message, sizeof(ask->hash));
	else
		error = cc_sha256(ask->message, ask->len, ask->hash);
	ask->hashed = !error;
	return error;
}

static int sign_in_time(const struct cc_private_key *key)
{
	return cc_clock_wall() > key->not_after ? -EKEYEXPIRED : 0;
}

/* Everything about a request that stands, up to the answer. */
static int sign_run(struct sign_ask *ask)
{
	const struct cc_private_key *key = ask->key;
	struct cc_request *request = ask->request;
	int error;

	error = sign_hash(ask);
	if (error)
		return error;
	if (!ask->digest)
		ask->refused = cc_key_use_refuses(ask->purpose, ask->scheme,
						  cc_span(ask->message, ask->len));
	if (ask->refused)
		return -EACCES;
	error = sign_in_time(key);
	if (!error)
		error = cc_key_limit_take(key->limit, &key->ref->lock);
	if (error)
		return error;
	error = cc_broker_call(request, ask->timeout_ms);
	/* What no agent has seen was not signed; all else counts, whatever came back. */
	if (error && !request->taken)
		cc_key_limit_give_back(key->limit, &key->ref->lock);
	if (!error)
		error = sign_in_time(key);
	if (!error && !cc_signature_form(key->ref->algorithm, key->ref->bits,
					 cc_span(request->data, request->reply.data_len)))
		error = -EIO;
	return error;
}

/* "tls-server ecdsa-sha256", with "digest" where it was one, or why the message was refused. */
static void sign_audit(const struct sign_ask *ask, const struct cc_handle *handle, int error)
{
	const struct cc_object *object = &ask->key->base;
	char text[128];
	struct cc_text t = cc_text(text, sizeof(text));

	cc_text_put(&t, cc_key_use_name(ask->purpose));
	cc_text_char(&t, ' ');
	cc_text_put(&t, cc_scheme_name(ask->scheme));
	cc_text_put(&t, ask->digest ? " digest" : "");
	if (ask->refused) {
		cc_text_put(&t, ": ");
		cc_text_put(&t, ask->refused);
	}
	cc_audit(&CC_AUDIT_EVENT(CAPCERT_AUDIT_SIGN, .error = error, .kind = object->kind,
				 .command = handle ? CAPCERT_SIGN : 0, .origin = object->origin,
				 .handle_id = handle ? handle->id : 0,
				 .rights = handle ? handle->rights : 0,
				 .object_id = object->id, .object_version = 1,
				 .other_id = object->parent_id,
				 .digest = ask->hashed ? ask->hash : NULL,
				 .text = text, .text_len = cc_text_end(&t)));
}

static int sign_by_handle(struct cc_call *call, struct capcert_sign *sign, struct sign_ask *ask)
{
	const struct cc_key_ref *ref = ask->key->ref;
	const size_t longest = cc_signature_max(ref->algorithm, ref->bits);
	int error;

	error = sign_check(ask);
	if (error)
		return error;
	/* Before anything is signed: no use may be spent on a signature that has no place. */
	if (sign->signature_len < longest) {
		sign->ret_len = longest;
		return -EMSGSIZE;
	}
	error = sign_begin(ask);
	if (!error)
		error = cc_user_into(ask->message, sign->message, ask->len);
	if (!error)
		error = sign_run(ask);
	/* Revoked while the agent worked: its signature is not handed out. */
	if (!error)
		error = cc_handle_check(call->handle, CAPCERT_RIGHT_SIGN);
	if (!error)
		error = cc_user_out_sized(sign->signature, sign->signature_len, ask->request->data,
					  ask->request->reply.data_len, &sign->ret_len);
	return error;
}

int cc_sign_ioctl(struct cc_call *call, void *arg)
{
	struct capcert_sign *sign = arg;
	struct sign_ask ask = {
		.key = cc_private_key_of(call->handle->object),
		.purpose = sign->purpose,
		.tls = sign->scheme,
		.scheme = cc_scheme_from_tls(sign->scheme),
		.digest = sign->flags & CAPCERT_SIGN_DIGEST,
		.len = sign->message_len,
		.timeout_ms = sign->timeout_ms,
	};
	int error;

	/* Not an output before there is one. */
	sign->ret_len = 0;
	if (sign->message_len > CAPCERT_MAX_MESSAGE)
		return -EMSGSIZE;
	if (!sign->message_len || sign->purpose >= CAPCERT_KEY_PURPOSES ||
	    sign->timeout_ms > CC_BROKER_MAX_TIMEOUT_MS)
		return -EINVAL;
	error = sign_by_handle(call, sign, &ask);
	sign_audit(&ask, call->handle, error);
	cc_request_put(ask.request);
	return error;
}

/* keyctl has no way to say for what: only where there is one purpose it is clear. */
static int pkey_purpose(const struct cc_private_key *key)
{
	return hweight32(key->purposes) == 1 ? __ffs(key->purposes) : -EOPNOTSUPP;
}

int cc_pkey_sign_size(const struct cc_private_key *key)
{
	const struct cc_key_ref *ref = key->ref;
	int purpose = pkey_purpose(key);

	if (purpose < 0)
		return purpose;
	/* All but Ed25519 come as digests, which hide what must be seen. */
	if (ref->purposes & CC_KEY_USES_SEEN && ref->algorithm != CC_KEY_ED25519)
		return -EOPNOTSUPP;
	return cc_signature_max(ref->algorithm, ref->bits);
}

/*
 * The key service has seen to SEARCH. With others' SEARCH refused as OPEN does, what gives it is
 * possession.
 */
static int pkey_may(const struct key *key)
{
	const key_perm_t foreign = KEY_USR_SEARCH | KEY_GRP_SEARCH | KEY_OTH_SEARCH;

	return READ_ONCE(key->perm) & foreign ? -EACCES : key_validate(key);
}

static int pkey_ask(struct sign_ask *ask, struct kernel_pkey_params *params, const void *in)
{
	int error, scheme;

	if (params->op != kernel_pkey_sign)
		return -EOPNOTSUPP;
	scheme = cc_pkey_scheme(ask->key->ref->algorithm, params, &ask->digest);
	if (scheme < 0)
		return scheme;
	if (!ask->len || ask->len > CAPCERT_MAX_MESSAGE)
		return ask->len ? -EMSGSIZE : -EINVAL;
	ask->tls = scheme;
	ask->scheme = cc_scheme_from_tls(scheme);
	error = pkey_may(params->key);
	if (!error)
		error = sign_check(ask);
	if (!error)
		error = sign_begin(ask);
	if (error)
		return error;
	memcpy(ask->message, in, ask->len);
	error = sign_run(ask);
	return error ?: pkey_may(params->key);
}

int cc_pkey_sign(struct kernel_pkey_params *params, const void *in, void *out)
{
	struct cc_object *object = params->key->payload.data[0];
	struct sign_ask ask = {
		.key = cc_private_key_of(object),
		.scheme = CC_SCHEME_OTHER,
		.len = params->in_len,
	};
	int purpose = pkey_purpose(ask.key);
	int ret;

	if (purpose < 0)
		return purpose;
	ask.purpose = purpose;
	ret = pkey_ask(&ask, params, in);
	if (!ret && ask.request->reply.data_len > params->out_len)
		ret = -EMSGSIZE;
	sign_audit(&ask, NULL, ret);
	if (!ret) {
		ret = ask.request->reply.data_len;
		memcpy(out, ask.request->data, ret);
	}
	cc_request_put(ask.request);
	return ret;
}
