// SPDX-License-Identifier: GPL-2.0-only
/* The verifier object: a frozen policy, its canonical text and digest. Immutable. */
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/digest.h"
#include "kmod/dispatch.h"
#include "kmod/policy.h"

static void verifier_destroy(struct cc_object *object)
{
	kfree(cc_verifier_of(object));
}

static int verifier_info(struct cc_object *object, struct capcert_info *info)
{
	memcpy(info->digest, cc_verifier_of(object)->digest, sizeof(info->digest));
	return 0;
}

static const struct cc_object_ops verifier_ops = {
	.destroy = verifier_destroy,
	.info = verifier_info,
};

static struct cc_verifier *verifier_build(const struct cc_policy *policy, const char *text,
					  size_t len)
{
	struct cc_verifier *verifier;
	struct cc_digest digest;
	size_t size = struct_size(verifier, text, len);
	int error;

	verifier = kzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!verifier)
		return ERR_PTR(-ENOMEM);
	verifier->policy = *policy;
	verifier->text_len = (u32)len;
	memcpy(verifier->text, text, len);
	cc_digest_init(&digest);
	cc_absorb_policy(cc_digest_absorb, &digest, cc_span(text, len));
	error = cc_digest_final(&digest, verifier->digest);
	if (!error)
		error = cc_object_init(&verifier->base, CAPCERT_KIND_VERIFIER, &verifier_ops);
	if (error) {
		kfree(verifier);
		return ERR_PTR(error);
	}
	error = cc_object_charge(&verifier->base, (s64)size);
	if (error) {
		cc_verifier_put(verifier);
		return ERR_PTR(error);
	}
	return verifier;
}

struct cc_verifier *cc_verifier_new(const char *text, size_t len)
{
	struct cc_policy_error why;
	struct cc_verifier *verifier;
	struct cc_policy policy;
	char *canonical;

	if (len > CAPCERT_MAX_POLICY_TEXT)
		return ERR_PTR(-EMSGSIZE);
	if (cc_policy_parse(text, len, &policy, &why)) {
		pr_debug("policy, byte %zu: %s\n", why.offset, why.what);
		return ERR_PTR(-EINVAL);
	}
	canonical = kmalloc(CC_POLICY_TEXT_MAX, GFP_KERNEL_ACCOUNT);
	if (!canonical)
		return ERR_PTR(-ENOMEM);
	verifier = verifier_build(&policy, canonical,
				  cc_policy_format(&policy, canonical, CC_POLICY_TEXT_MAX));
	kfree(canonical);
	return verifier;
}

int cc_policy_ioctl(struct cc_call *call, void *arg)
{
	const struct cc_verifier *verifier = cc_verifier_of(call->handle->object);
	const struct cc_policy *policy = &verifier->policy;
	struct capcert_policy_info *info = arg;

	memcpy(info->digest, verifier->digest, sizeof(info->digest));
	memset(info->preset, 0, sizeof(info->preset));
	strscpy(info->preset, cc_preset_name(policy->preset), sizeof(info->preset));
	info->min_scts = policy->min_scts;
	info->require_ocsp = policy->revocation_mode == CC_REVOCATION_HARD;
	info->staple_required = policy->stapling_required;
	info->max_chain_length = policy->max_chain_length;
	info->permit_name_constraints = policy->permit_name_constraints;
	info->clock_skew = policy->clock_skew;
	info->time_any = policy->time_any;
	info->key_algs = policy->key_algs;
	info->schemes = policy->schemes;
	info->revocation = policy->revocation;
	info->profile = policy->profile;
	return 0;
}
