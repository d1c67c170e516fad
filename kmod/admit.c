// SPDX-License-Identifier: GPL-2.0-only
/* Admission of signed bundles: first all that can be done without locks, then one short step. */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/admit.h"
#include "kmod/admitted.h"
#include "kmod/audit.h"
#include "kmod/bundle_keys.h"
#include "kmod/bundle_state.h"
#include "kmod/clock.h"
#include "kmod/digest.h"
#include "kmod/dispatch.h"
#include "kmod/distrust.h"
#include "kmod/memfd.h"
#include "kmod/override.h"
#include "kmod/state.h"
#include "kmod/system.h"

/* There is one distrust list: a second name for it would be a way round the floor. */
#define ADMIT_DISTRUST "distrust"

struct cc_admission {
	u32 command;
	u32 kind;	/* enum cc_bundle_kind */
	u32 origin;
	u64 number;
	u64 base_number;
	u8 digest[32];	/* SHA-256 of the bundle, once it was refused */
	const char *why;
	struct cc_store *store;	/* counted; the one there is, or a new one */
	struct cc_store *base;	/* counted; what an override lies upon */
	struct key *key;	/* counted; of a new store, not linked yet */
	struct cc_state *state;	/* counted, sealed; the commit takes it */
	struct cc_override *override;		/* the same */
	struct cc_distrust *distrust;		/* the same */
	char name[CC_BUNDLE_NAME_MAX + 1];	/* empty as long as it is not known */
	char signer[64];
};

const char *cc_admission_name(const struct cc_admission *admission)
{
	return admission->name;
}

void cc_admission_free(struct cc_admission *admission)
{
	if (!admission)
		return;
	key_put(admission->key);
	cc_state_put(admission->state);
	cc_override_free(admission->override);
	cc_distrust_put(admission->distrust);
	cc_store_put(admission->base);
	cc_store_put(admission->store);
	kfree(admission);
}

static int fail(struct cc_admission *admission, const char *why, int error)
{
	admission->why = why;
	return error;
}

static void admit_audit(const struct cc_admission *admission, int error)
{
	struct cc_audit_event event = CC_AUDIT_EVENT(CAPCERT_AUDIT_ADMIT,
		.kind = CAPCERT_KIND_STORE, .command = admission->command, .error = error,
		.origin = admission->origin, .object_version = admission->number,
		.digest = admission->digest);
	const char *name = admission->name[0] ? admission->name : "?";
	char text[192];

	if (admission->store)
		event.object_id = admission->store->base.id;
	if (error)
		event.text_len = scnprintf(text, sizeof(text), "%s %llu: %s", name,
					   admission->number, admission->why ?: "no memory");
	else
		event.text_len = scnprintf(text, sizeof(text), "%s %llu", name, admission->number);
	event.text = text;
	cc_audit(&event);
	if (error && error != -EPERM)
		pr_notice_ratelimited("bundle refused: %s\n", text);
	else if (!error)
		pr_info("bundle admitted: %s, signed by %s%s\n", text, admission->signer,
			admission->origin == CAPCERT_ORIGIN_DEV ? " (development)" : "");
}

/* ---- what is there ---- */

/* Under the lock: may a bundle of this number take effect now? */
static int admit_number(struct cc_admission *admission, const struct cc_admitted *admitted)
{
	if (admitted && admission->number <= admitted->floor)
		return fail(admission, "its number is not above the floor", -ESTALE);
	if (admission->kind != CC_BUNDLE_DELTA)
		return 0;
	if (!admitted || !admitted->store)
		return fail(admission, "a delta to a store that is not there", -ENOENT);
	if (admitted->number != admission->base_number)
		return fail(admission, "a delta to another number than is there", -ESTALE);
	return 0;
}

/* Under the lock: is the name's what the bundle says it is? */
static int admit_kind(struct cc_admission *admission, const struct cc_admitted *admitted)
{
	const u32 kind = admission->kind == CC_BUNDLE_DELTA ? CC_BUNDLE_STORE : admission->kind;

	const bool distrust = kind == CC_BUNDLE_DISTRUST;

	if (distrust != !strcmp(admission->name, ADMIT_DISTRUST))
		return fail(admission, "the distrust list, and it alone, is called distrust",
			    -EINVAL);
	if (admitted && admitted->store && admitted->kind != kind)
		return fail(admission, "another kind of bundle has this name", -EINVAL);
	return 0;
}

/* Under the lock: the store that the override lies upon. */
static int admit_base(struct cc_admission *admission, const struct cc_admitted *admitted,
		      struct cc_span of)
{
	char name[CC_BUNDLE_NAME_MAX + 1] = "";
	const struct cc_admitted *base;

	memcpy(name, of.p, min_t(size_t, of.n, CC_BUNDLE_NAME_MAX));
	base = cc_admitted_find(name);
	if (!base || !base->store)
		return fail(admission, "an override of a store that is not there", -ENOENT);
	if (base->kind != CC_BUNDLE_STORE)
		return fail(admission, "an override of what is no store of its own", -EINVAL);
	if (admitted && admitted->store && admitted->base != base->store)
		return fail(admission, "an override of another store than before", -EINVAL);
	admission->base = cc_store_get(base->store);
	/* What rests on a development key is a development key's. */
	if (base->store->base.origin == CAPCERT_ORIGIN_DEV)
		admission->origin = CAPCERT_ORIGIN_DEV;
	return 0;
}

/* Early, for a clear word and no work in vain; the commit looks again. */
static int admit_look(struct cc_admission *admission, const struct cc_bundle *bundle)
{
	const struct cc_admitted *admitted;
	int error;

	mutex_lock(&cc_admitted_lock);
	admitted = cc_admitted_find(admission->name);
	error = admit_kind(admission, admitted);
	if (!error)
		error = admit_number(admission, admitted);
	if (!error && admission->kind == CC_BUNDLE_OVERRIDE)
		error = admit_base(admission, admitted, bundle->of);
	if (!error && admitted && admitted->store) {
		admission->store = cc_store_get(admitted->store);
		if (admitted->store->base.origin != admission->origin)
			error = fail(admission, "another profile's key made what has this name",
				     -EKEYREJECTED);
	}
	mutex_unlock(&cc_admitted_lock);
	return error;
}

/* ---- what becomes of it ---- */

static int admit_distrust(struct cc_admission *admission, const struct cc_bundle *bundle)
{
	struct cc_distrust *list = cc_distrust_new(bundle);

	if (IS_ERR(list))
		return fail(admission, "an entry of the distrust list is malformed",
			    PTR_ERR(list));
	admission->distrust = list;
	return 0;
}

/* From the anchors of the bundle to the state of the store. */
static struct cc_state *admit_next(struct cc_admission *admission, const struct cc_bundle *bundle,
				   struct cc_state *anchors)
{
	struct cc_state *base, *next;

	base = cc_store_state_get(admission->kind == CC_BUNDLE_OVERRIDE ? admission->base :
									  admission->store);
	if (IS_ERR(base)) {
		cc_state_put(anchors);
		return base;
	}
	if (admission->kind == CC_BUNDLE_DELTA) {
		/* The commit sees whether the store still has the number that this was made for. */
		next = cc_bundle_delta(bundle, base, anchors, &admission->why);
		cc_state_put(anchors);
	} else {
		admission->override = cc_override_new(bundle, anchors);
		next = admission->override ? cc_override_apply(admission->override, base) :
					     ERR_PTR(-ENOMEM);
		if (IS_ERR(next))
			admission->why = "more than a store holds";
	}
	if (!IS_ERR(next) && admission->kind == CC_BUNDLE_OVERRIDE)
		next->source_version = base->version;
	cc_state_put(base);
	return next;
}

/* Its number is the version of a store; that of an override grows with the base's, too. */
static int admit_build(struct cc_admission *admission, const struct cc_bundle *bundle)
{
	struct cc_state *state = cc_bundle_anchors(bundle, admission->signer, &admission->why);
	int error = 0;

	if (admission->kind == CC_BUNDLE_DISTRUST && !IS_ERR(state))
		error = admit_distrust(admission, bundle);
	else if (admission->kind != CC_BUNDLE_STORE && !IS_ERR(state))
		state = admit_next(admission, bundle, state);
	if (IS_ERR(state))
		return PTR_ERR(state);
	admission->state = state;
	return error;
}

static int admit_store(struct cc_admission *admission)
{
	struct cc_store *store;
	struct key *key;

	if (admission->store)
		return 0;
	store = cc_store_new_admitted(admission->name, admission->origin, admission->base);
	if (IS_ERR(store))
		return PTR_ERR(store);
	admission->store = store;
	key = cc_system_key(store, admission->name);
	if (IS_ERR(key))
		return fail(admission, "no key for the system's keyring", PTR_ERR(key));
	admission->key = key;
	return cc_admitted_reserve(admission->name);
}

static int admit_content(struct cc_admission *admission, struct cc_span content, s64 now)
{
	struct cc_bundle bundle;
	int error = cc_bundle_parse(content, &bundle);

	if (error)
		return fail(admission, cc_bundle_error_text(error), -EBADMSG);
	memcpy(admission->name, bundle.name.p, min_t(size_t, bundle.name.n, CC_BUNDLE_NAME_MAX));
	admission->kind = bundle.kind;
	admission->number = bundle.number;
	admission->base_number = bundle.base;
	if (bundle.has_expires && now > bundle.expires)
		return fail(admission, "the bundle has expired", -EKEYEXPIRED);
	error = admit_look(admission, &bundle);
	if (!error)
		error = admit_build(admission, &bundle);
	if (!error)
		error = admit_store(admission);
	if (error)
		return error;
	return cc_state_seal(admission->state, admission->store->base.id,
			     admission->number + admission->state->source_version);
}

static int admit_open(struct cc_admission *admission, struct cc_span bundle)
{
	const s64 now = cc_clock_wall();
	struct cc_signed opened;
	int error;

	if (!capable(CAP_SYS_ADMIN))
		return fail(admission, "needs CAP_SYS_ADMIN in the initial user namespace", -EPERM);
	if (bundle.n > CC_BUNDLE_MAX)
		return fail(admission, cc_bundle_error_text(CC_BUNDLE_E_TOO_LARGE), -EMSGSIZE);
	error = cc_bundle_open(bundle, now, &opened, &admission->why);
	if (error)
		return error;
	admission->origin = opened.origin;
	memcpy(admission->signer, opened.signer, sizeof(admission->signer));
	return admit_content(admission, opened.content, now);
}

struct cc_admission *cc_admission_new(struct cc_span bundle, u32 command)
{
	struct cc_admission *admission = kzalloc(sizeof(*admission), GFP_KERNEL_ACCOUNT);
	int error;

	if (!admission)
		return ERR_PTR(-ENOMEM);
	admission->command = command;
	error = admit_open(admission, bundle);
	if (!error)
		return admission;
	if (error != -EPERM && cc_sha256(bundle.p, bundle.n, admission->digest))
		memset(admission->digest, 0, sizeof(admission->digest));
	admit_audit(admission, error);
	cc_admission_free(admission);
	return ERR_PTR(error);
}

/* ---- the step itself ---- */

static int commit_check(struct cc_admission *admission, const struct cc_admitted *admitted,
			const char *name, const struct cc_object *object)
{
	int error = admit_kind(admission, admitted);

	if (error)
		return error;
	if (name && strcmp(name, admission->name))
		return fail(admission, "the key has another name than the bundle", -EINVAL);
	if (object && object != &admission->store->base)
		return fail(admission, "the key is a store of somebody's own", -EEXIST);
	/* Two first bundles of a name at once: one of them is the first. */
	if (admitted->store && admitted->store != admission->store)
		return fail(admission, "another bundle of this name came first: again", -EAGAIN);
	return admit_number(admission, admitted);
}

static int commit_locked(struct cc_admission *admission, const char *name,
			 const struct cc_object *object)
{
	struct cc_admitted *admitted = cc_admitted_find(admission->name);
	int error;

	/* Names stay, and this one was there when the store was. */
	if (WARN_ON_ONCE(!admitted))
		return -EINVAL;
	error = commit_check(admission, admitted, name, object);
	if (error)
		return error;
	if (!admitted->store) {
		/* The last thing that can fail. */
		error = cc_system_link(admission->key);
		if (error)
			return fail(admission, "no link in the system's keyring", error);
		/* Pairs with the acquire in cc_admitted_store(). */
		smp_store_release(&admitted->store, cc_store_get(admission->store));
		admitted->base = admission->base;
		admitted->kind = admission->kind;
	}
	memcpy(admission->digest, admission->state->digest, sizeof(admission->digest));
	cc_store_admit(admission->store, admission->state, admission->override);
	admission->state = NULL;
	admission->override = NULL;
	if (admission->distrust) {
		cc_distrust_replace(admission->distrust);
		admission->distrust = NULL;
	}
	admitted->floor = admission->number;
	admitted->number = admission->number;
	return 0;
}

struct cc_store *cc_admission_commit(struct cc_admission *admission, const char *name,
				     const struct cc_object *object)
{
	int error;

	mutex_lock(&cc_admitted_lock);
	error = commit_locked(admission, name, object);
	mutex_unlock(&cc_admitted_lock);
	admit_audit(admission, error);
	return error ? ERR_PTR(error) : cc_store_get(admission->store);
}

/* ---- ADMIT ---- */

static int admit_answer(struct capcert_admit *args, const struct cc_admission *admission,
			struct cc_store *store)
{
	struct cc_state *state = cc_store_state_get(store);

	if (IS_ERR(state))
		return PTR_ERR(state);
	args->kind = admission->kind;
	args->id = store->base.id;
	args->version = state->version;
	args->number = admission->number;
	args->count = state->count + state->from.entries;
	strscpy(args->name, admission->name, sizeof(args->name));
	cc_state_put(state);
	return 0;
}

int cc_admit_ioctl(struct cc_call *call, void *arg)
{
	struct capcert_admit *args = arg;
	struct cc_admission *admission;
	struct cc_store *store;
	size_t len;
	void *bundle;

	/* Before anything is read for somebody who may not. */
	if (!capable(CAP_SYS_ADMIN)) {
		cc_audit_refused(CAPCERT_ADMIT, -EPERM, "ADMIT");
		return -EPERM;
	}
	bundle = cc_memfd_read(args->fd, CAPCERT_MAX_BUNDLE, &len);
	if (IS_ERR(bundle))
		return PTR_ERR(bundle);
	admission = cc_admission_new(cc_span(bundle, len), CAPCERT_ADMIT);
	kvfree(bundle);
	if (IS_ERR(admission))
		return PTR_ERR(admission);
	store = cc_admission_commit(admission, NULL, NULL);
	if (!IS_ERR(store)) {
		/* Done is done: an answer that cannot be made is an empty one. */
		admit_answer(args, admission, store);
		cc_store_put(store);
	}
	cc_admission_free(admission);
	return PTR_ERR_OR_ZERO(store);
}
