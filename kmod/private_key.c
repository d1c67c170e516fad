// SPDX-License-Identifier: GPL-2.0-only
/* The private key object: made by asking the keeper of its token, narrowed by KEY_RESTRICT. */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "core/key_uri.h"
#include "core/signature.h"
#include "core/spki.h"
#include "core/text.h"
#include "kmod/broker.h"
#include "kmod/digest.h"
#include "kmod/private_key.h"
#include "kmod/version.h"

#define KEY_MAX_SPKI	4096	/* an RSA key of 16384 bits has 2086 */
#define KEY_MIN_RSA	2048

static_assert(CC_KEY_URI_MAX == CAPCERT_MAX_KEY_URI);
static_assert((int)CC_KEY_USE_COUNT == CAPCERT_KEY_PURPOSES);

static void private_ref_put(struct cc_key_ref *ref)
{
	if (ref && refcount_dec_and_test(&ref->refs))
		kfree(ref);
}

static void private_key_destroy(struct cc_object *object)
{
	struct cc_private_key *key = cc_private_key_of(object);

	cc_key_limit_put(key->limit);
	private_ref_put(key->ref);
	kfree(key);
}

static int private_key_info(struct cc_object *object, struct capcert_info *info)
{
	memcpy(info->digest, cc_private_key_of(object)->ref->spki_hash, sizeof(info->digest));
	info->count = 1;
	return 0;
}

static const struct cc_object_ops private_key_ops = {
	.destroy = private_key_destroy,
	.info = private_key_info,
};

/* The canonical URI of a payload in a buffer of its own, and what the key is wanted for. */
static char *key_uri(const char *text, size_t len, u32 *ret_purposes, const char **ret_why)
{
	struct cc_key_uri_error error;
	struct cc_key_uri uri;
	char *out;

	if (cc_key_uri_parse(text, len, &uri, &error)) {
		*ret_why = error.what;
		return ERR_PTR(-EINVAL);
	}
	if (!uri.uses) {
		*ret_why = "says not what it is for: add purpose=";
		return ERR_PTR(-EINVAL);
	}
	out = kmalloc(CC_KEY_URI_MAX + 2, GFP_KERNEL_ACCOUNT);
	if (!out)
		return ERR_PTR(-ENOMEM);
	if (!cc_key_uri_format(&uri, out, CC_KEY_URI_MAX + 2)) {
		*ret_why = "longer than 1024 octets when it is encoded";
		kfree(out);
		return ERR_PTR(-EMSGSIZE);
	}
	*ret_purposes = uri.uses;
	return out;
}

static struct cc_request *key_ask(const char *uri, u32 purposes)
{
	const size_t len = strlen(uri);
	struct cc_request *request;
	int error;

	request = cc_request_new(CAPCERT_CLASS_SIGN, CAPCERT_AGENT_OP_KEY_OPEN, cc_span(NULL, 0),
				 cc_span(NULL, 0), cc_request_item_size(len));
	if (IS_ERR(request))
		return request;
	request->wire->purpose = purposes;
	memcpy(cc_request_item(request, len), uri, len);
	error = cc_broker_call(request, 0);
	if (!error)
		return request;
	cc_request_put(request);
	return ERR_PTR(error);
}

/* Is the answer one, and the key one that can be used here? */
static int key_answer(const struct cc_request *request, u32 wanted, struct cc_spki *ret,
		      const char **ret_why)
{
	const struct capcert_agent_key *key = request->data;
	const u32 len = request->reply.data_len;
	struct cc_span in;

	*ret_why = "the keeper's answer makes no sense";
	if (len < sizeof(*key) || key->size != sizeof(*key) || key->spki_len > KEY_MAX_SPKI ||
	    key->spki_len != len - sizeof(*key) || !key->purposes || key->purposes & ~wanted ||
	    !cc_key_source_name(key->source) || key->created < 0)
		return -EIO;
	in = cc_span(key + 1, key->spki_len);
	if (cc_spki_get(&in, ret) || in.n)
		return -EIO;
	*ret_why = "a kind of key that nothing is signed by here";
	switch (ret->alg) {
	case CC_KEY_RSA:
	case CC_KEY_RSA_PSS:
		if (ret->bits < KEY_MIN_RSA || ret->bits > CAPCERT_MAX_SIGNATURE * 8)
			return -EOPNOTSUPP;
		break;
	case CC_KEY_P256:
	case CC_KEY_P384:
	case CC_KEY_P521:
	case CC_KEY_ED25519:
		break;
	default:
		return -EOPNOTSUPP;
	}
	if (CC_PROFILE != CAPCERT_PROFILE_DEV && key->source == CAPCERT_KEY_SOFTHSM_DEV) {
		*ret_why = "source softhsm-dev is for development only";
		return -EKEYREJECTED;
	}
	*ret_why = NULL;
	return 0;
}

static struct cc_key_ref *private_ref_new(const char *uri, const struct capcert_agent_key *key,
					  const struct cc_spki *spki)
{
	const size_t uri_len = strlen(uri);
	struct cc_key_ref *ref;
	int error;

	ref = kzalloc(struct_size(ref, bytes, uri_len + spki->whole.n), GFP_KERNEL_ACCOUNT);
	if (!ref)
		return ERR_PTR(-ENOMEM);
	refcount_set(&ref->refs, 1);
	spin_lock_init(&ref->lock);
	ref->algorithm = spki->alg;
	ref->bits = spki->bits;
	ref->purposes = key->purposes;
	ref->source = key->source;
	ref->created = key->created;
	ref->uri_len = uri_len;
	ref->spki_len = spki->whole.n;
	memcpy(ref->bytes, uri, uri_len);
	memcpy(ref->bytes + uri_len, spki->whole.p, spki->whole.n);
	error = cc_sha256(spki->whole.p, spki->whole.n, ref->spki_hash);
	if (error) {
		kfree(ref);
		return ERR_PTR(error);
	}
	return ref;
}

/* Takes over the reference of @ref, and one of its own of @limit. */
static struct cc_private_key *private_key_alloc(struct cc_key_ref *ref, struct cc_key_limit *limit)
{
	struct cc_private_key *key = kzalloc(sizeof(*key), GFP_KERNEL_ACCOUNT);
	int error = -ENOMEM;

	if (key)
		error = cc_object_init(&key->base, CAPCERT_KIND_KEY, &private_key_ops);
	if (error) {
		kfree(key);
		private_ref_put(ref);
		return ERR_PTR(error);
	}
	key->ref = ref;
	key->limit = cc_key_limit_get(limit);
	key->purposes = ref->purposes;
	key->not_after = S64_MAX;
	if (ref->source == CAPCERT_KEY_SOFTHSM_DEV)
		key->base.origin = CAPCERT_ORIGIN_DEV;
	error = cc_object_charge(&key->base, sizeof(*key) + sizeof(*limit) + sizeof(*ref) +
						     ref->uri_len + ref->spki_len);
	if (error) {
		cc_object_put(&key->base);
		return ERR_PTR(error);
	}
	return key;
}

static struct cc_private_key *key_made_of(const struct cc_request *request, const char *uri,
					  u32 wanted, const char **ret_why)
{
	struct cc_key_ref *ref;
	struct cc_spki spki;
	int error;

	error = key_answer(request, wanted, &spki, ret_why);
	if (error)
		return ERR_PTR(error);
	ref = private_ref_new(uri, request->data, &spki);
	return IS_ERR(ref) ? ERR_CAST(ref) : private_key_alloc(ref, NULL);
}

struct cc_private_key *cc_private_key_new(const char *text, size_t len, const char **ret_why)
{
	struct cc_private_key *key;
	struct cc_request *request;
	u32 wanted = 0;
	char *uri;

	*ret_why = NULL;
	uri = key_uri(text, len, &wanted, ret_why);
	if (IS_ERR(uri))
		return ERR_CAST(uri);
	request = key_ask(uri, wanted);
	if (IS_ERR(request)) {
		key = ERR_CAST(request);
	} else {
		key = key_made_of(request, uri, wanted, ret_why);
		cc_request_put(request);
	}
	kfree(uri);
	return key;
}

struct cc_private_key *cc_private_key_derive(struct cc_private_key *key, u32 purposes,
					     u64 max_uses, s64 not_after, u32 per_minute)
{
	struct cc_key_limit *limit = key->limit;
	struct cc_private_key *view;

	if (max_uses || per_minute)
		limit = cc_key_limit_new(limit, max_uses, per_minute);
	else
		limit = cc_key_limit_get(limit);
	if (IS_ERR(limit))
		return ERR_CAST(limit);
	refcount_inc(&key->ref->refs);
	view = private_key_alloc(key->ref, limit);
	cc_key_limit_put(limit);
	if (IS_ERR(view))
		return view;
	view->base.parent_id = key->base.id;
	view->purposes = purposes;
	view->not_after = not_after ? min(not_after, key->not_after) : key->not_after;
	return view;
}

size_t cc_private_key_format(const struct cc_private_key *key, char *buf, size_t cap)
{
	struct cc_text t = cc_text(buf, cap);

	cc_text_put(&t, cc_key_alg_name(key->ref->algorithm));
	cc_text_char(&t, ' ');
	if (!cc_text_full(&t))
		t.n += cc_key_uses_format(key->purposes, buf + t.n, cap - t.n);
	cc_text_char(&t, ' ');
	cc_text_put(&t, cc_key_source_name(key->ref->source));
	return cc_text_end(&t);
}

void cc_private_key_info(const struct cc_private_key *key, struct capcert_key_info *info)
{
	struct cc_key_ref *ref = key->ref;

	info->algorithm = ref->algorithm;
	info->bits = ref->bits;
	info->purposes = key->purposes;
	info->source = ref->source;
	info->created = ref->created;
	info->not_after = key->not_after;
	memcpy(info->spki_hash, ref->spki_hash, sizeof(info->spki_hash));
	cc_key_limit_show(key->limit, &ref->lock, &info->uses_left, &info->per_minute);
}
