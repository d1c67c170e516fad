// SPDX-License-Identifier: GPL-2.0-only
/* The pin set object: its states, and what a handle can do to it. */
#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/audit.h"
#include "kmod/digest.h"
#include "kmod/dispatch.h"
#include "kmod/pins.h"
#include "kmod/uaccess.h"

static struct cc_pin_state *pins_state_locked(struct cc_pin_set *set)
{
	return rcu_dereference_protected(set->state, lockdep_is_held(&set->lock));
}

void cc_pin_state_put(struct cc_pin_state *state)
{
	if (state && refcount_dec_and_test(&state->refs))
		kfree_rcu(state, rcu);
}

struct cc_pin_state *cc_pin_state_get(struct cc_pin_state *state)
{
	refcount_inc(&state->refs);
	return state;
}

struct cc_pin_state *cc_pin_set_state_get(struct cc_pin_set *set)
{
	struct cc_pin_state *state;

	rcu_read_lock();
	do {
		state = rcu_dereference(set->state);
	} while (!refcount_inc_not_zero(&state->refs));
	rcu_read_unlock();
	return state;
}

u64 cc_pin_set_version(struct cc_pin_set *set)
{
	u64 version;

	rcu_read_lock();
	version = rcu_dereference(set->state)->version;
	rcu_read_unlock();
	return version;
}

static void pins_destroy(struct cc_object *object)
{
	struct cc_pin_set *set = cc_pin_set_of(object);

	cc_pin_state_put(rcu_dereference_protected(set->state, true));
	mutex_destroy(&set->lock);
	kfree(set);
}

static int pins_info(struct cc_object *object, struct capcert_info *info)
{
	struct cc_pin_state *state = cc_pin_set_state_get(cc_pin_set_of(object));

	info->version = state->version;
	info->count = state->set.count;
	memcpy(info->digest, state->digest, sizeof(info->digest));
	cc_pin_state_put(state);
	return 0;
}

static const struct cc_object_ops pins_ops = {
	.destroy = pins_destroy,
	.info = pins_info,
};

/* The set's text and digest; nobody else knows of it yet. */
static struct cc_pin_state *pins_state_make(const struct cc_pins *pins)
{
	char *text = kmalloc(CC_PINS_TEXT_MAX, GFP_KERNEL_ACCOUNT);
	struct cc_pin_state *state;
	struct cc_digest digest;
	size_t len;
	int error;

	if (!text)
		return ERR_PTR(-ENOMEM);
	len = cc_pins_format(pins, text, CC_PINS_TEXT_MAX);
	state = kzalloc(struct_size(state, text, len), GFP_KERNEL_ACCOUNT);
	if (!state) {
		kfree(text);
		return ERR_PTR(-ENOMEM);
	}
	refcount_set(&state->refs, 1);
	state->version = 1;
	memcpy(&state->set, pins, sizeof(state->set));
	state->text_len = len;
	memcpy(state->text, text, len);
	kfree(text);
	cc_digest_init(&digest);
	cc_absorb_pins(cc_digest_absorb, &digest, cc_span(state->text, len));
	error = cc_digest_final(&digest, state->digest);
	if (error) {
		kfree(state);
		return ERR_PTR(error);
	}
	return state;
}

/* Takes over the reference to @state, on failure too. */
static struct cc_pin_set *pins_build(struct cc_pin_state *state)
{
	struct cc_pin_set *set = kzalloc(sizeof(*set), GFP_KERNEL_ACCOUNT);
	int error = -ENOMEM;

	if (set)
		error = cc_object_init(&set->base, CAPCERT_KIND_PINS, &pins_ops);
	if (error) {
		cc_pin_state_put(state);
		kfree(set);
		return ERR_PTR(error);
	}
	mutex_init(&set->lock);
	RCU_INIT_POINTER(set->state, state);
	error = cc_object_charge(&set->base, sizeof(*set) + sizeof(*state) + state->text_len);
	if (error) {
		cc_object_put(&set->base);
		return ERR_PTR(error);
	}
	return set;
}

struct cc_pin_set *cc_pin_set_new(const char *text, size_t len)
{
	struct cc_pins_error why;
	struct cc_pin_state *state;
	struct cc_pins *pins;

	if (len > CC_PINS_TEXT_MAX)
		return ERR_PTR(-EMSGSIZE);
	pins = kmalloc(sizeof(*pins), GFP_KERNEL_ACCOUNT);
	if (!pins)
		return ERR_PTR(-ENOMEM);
	if (cc_pins_parse(text, len, pins, &why)) {
		pr_debug("pins, byte %zu: %s\n", why.offset, why.what);
		state = ERR_PTR(-EINVAL);
	} else {
		state = pins_state_make(pins);
	}
	kfree(pins);
	return IS_ERR(state) ? ERR_CAST(state) : pins_build(state);
}

/* Under the lock: @next, of which nobody knows, becomes what is published. */
static int pins_publish(struct cc_pin_set *set, struct cc_pin_state *next)
{
	struct cc_pin_state *last = pins_state_locked(set);
	int error = cc_object_charge(&set->base, (s64)next->text_len - last->text_len);

	if (error)
		return error;
	next->version = last->version + 1;
	rcu_assign_pointer(set->state, next);
	cc_pin_state_put(last);
	return 0;
}

int cc_pin_set_adopt(struct cc_pin_set *set, struct cc_pin_set *from)
{
	int error;

	mutex_lock(&set->lock);
	error = pins_publish(set, rcu_dereference_protected(from->state, true));
	if (!error)
		RCU_INIT_POINTER(from->state, NULL);
	mutex_unlock(&set->lock);
	return error;
}

/* Under the lock. */
static int pins_change_locked(struct cc_pin_set *set, bool add, const struct cc_pin *pin,
			      struct cc_pins *pins, u64 *ret_version)
{
	struct cc_pin_state *next;
	int error;

	memcpy(pins, &pins_state_locked(set)->set, sizeof(*pins));
	switch (add ? cc_pins_add(pins, pin) : cc_pins_remove(pins, pin)) {
	case CC_PINS_OK:
		break;
	case CC_PINS_E_THERE:
		return -EEXIST;
	case CC_PINS_E_FULL:
		return -ENOSPC;
	default:
		return -ENOENT;
	}
	next = pins_state_make(pins);
	if (IS_ERR(next))
		return PTR_ERR(next);
	error = pins_publish(set, next);
	if (error)
		cc_pin_state_put(next);
	else
		*ret_version = next->version;
	return error;
}

static int pins_change(struct cc_call *call, bool add, struct capcert_pin *args)
{
	struct cc_pin_set *set = cc_pin_set_of(call->handle->object);
	struct cc_pins *pins;
	u8 value[CC_PIN_VALUE_MAX];
	struct cc_pin pin;
	int error;

	if (!args->len || args->len != cc_pin_size(args->hash))
		return -EINVAL;
	if (cc_user_into(value, args->ptr, args->len))
		return -EFAULT;
	if (!cc_pin_make(args->hash, cc_span(value, args->len), &pin))
		return -EINVAL;
	pins = kmalloc(sizeof(*pins), GFP_KERNEL_ACCOUNT);
	if (!pins)
		return -ENOMEM;
	mutex_lock(&set->lock);
	error = pins_change_locked(set, add, &pin, pins, &args->version);
	mutex_unlock(&set->lock);
	kfree(pins);
	cc_audit(&CC_AUDIT_EVENT(add ? CAPCERT_AUDIT_ADD : CAPCERT_AUDIT_REMOVE,
				 .kind = set->base.kind, .origin = set->base.origin,
				 .command = call->row->command, .error = error,
				 .handle_id = call->handle->id, .rights = call->handle->rights,
				 .object_id = set->base.id, .object_version = args->version,
				 .digest = value));
	return error;
}

int cc_pins_add_ioctl(struct cc_call *call, void *arg)
{
	return pins_change(call, true, arg);
}

int cc_pins_remove_ioctl(struct cc_call *call, void *arg)
{
	return pins_change(call, false, arg);
}

int cc_pins_info_ioctl(struct cc_call *call, void *arg)
{
	struct cc_pin_state *state = cc_pin_set_state_get(cc_pin_set_of(call->handle->object));
	struct capcert_pins_info *info = arg;

	info->mode = state->set.mode;
	info->count = state->set.count;
	info->expires = state->set.expires;
	info->version = state->version;
	memcpy(info->digest, state->digest, sizeof(info->digest));
	cc_pin_state_put(state);
	return 0;
}

int cc_pin_match(const struct cc_pins *set, struct cc_span spki)
{
	u32 hashes = cc_pins_hashes(set), hash, at;

	for (hash = CC_PIN_SHA256; hash <= CC_PIN_SHA512; hash++) {
		struct cc_pin pin = { .hash = hash };
		int n;

		if (!(hashes & 1u << hash))
			continue;
		n = cc_hash(hash, spki.p, spki.n, pin.value);
		if (n < 0)
			return n;
		if (cc_pins_find(set, &pin, &at))
			return 1;
	}
	return 0;
}
