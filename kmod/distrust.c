// SPDX-License-Identifier: GPL-2.0-only
/* The system's distrust list: immutable snapshots with a generation; it wins over everything. */
#include <linux/bsearch.h>
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/capcert_agent.h>
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "core/cert.h"
#include "core/name.h"
#include "kmod/audit.h"
#include "kmod/digest.h"
#include "kmod/dispatch.h"
#include "kmod/distrust.h"
#include "kmod/uaccess.h"

struct distrust_entry {
	u32 what;
	u32 len;
	u8 bytes[];
};

/* An entry of issuer and serial number, whose issuer may be written in more than one way. */
struct distrust_issued {
	u32 hash;	/* issued_hash() */
	u32 entry;
};

struct cc_distrust {
	refcount_t refs;
	struct rcu_head rcu;
	u64 generation;
	u32 count;
	u32 issued_count;
	size_t wire_len;
	struct distrust_entry **entries;	/* sorted; they point into @wire */
	struct distrust_issued *issued;		/* sorted by hash */
	u8 *wire;
};

static struct cc_distrust __rcu *distrust_current;
static DEFINE_MUTEX(distrust_mutex);	/* serialises changes */

static size_t entry_size(u32 len)
{
	return ALIGN(sizeof(struct distrust_entry) + len, 8);
}

static void distrust_free(struct cc_distrust *list)
{
	if (!list)
		return;
	kvfree(list->entries);
	kvfree(list->issued);
	kvfree(list->wire);
	kfree_rcu(list, rcu);
}

static struct cc_distrust *distrust_alloc(u64 generation, u32 count, size_t wire_len)
{
	struct cc_distrust *list = kzalloc(sizeof(*list), GFP_KERNEL_ACCOUNT);
	struct capcert_state_distrust *head;

	if (!list)
		return NULL;
	list->entries = kvcalloc(max(count, 1u), sizeof(*list->entries), GFP_KERNEL_ACCOUNT);
	list->issued = kvcalloc(max(count, 1u), sizeof(*list->issued), GFP_KERNEL_ACCOUNT);
	list->wire = kvzalloc(wire_len, GFP_KERNEL_ACCOUNT);
	if (!list->entries || !list->issued || !list->wire) {
		distrust_free(list);
		return NULL;
	}
	refcount_set(&list->refs, 1);
	list->generation = generation;
	list->count = count;
	list->wire_len = wire_len;
	head = (struct capcert_state_distrust *)list->wire;
	head->generation = generation;
	head->count = count;
	return list;
}

const struct cc_distrust *cc_distrust_get(void)
{
	struct cc_distrust *list;

	rcu_read_lock();
	do {
		list = rcu_dereference(distrust_current);
	} while (!refcount_inc_not_zero(&list->refs));
	rcu_read_unlock();
	return list;
}

void cc_distrust_put(const struct cc_distrust *list)
{
	struct cc_distrust *mine = (struct cc_distrust *)list;

	if (mine && refcount_dec_and_test(&mine->refs))
		distrust_free(mine);
}

u64 cc_distrust_generation(void)
{
	u64 generation;

	rcu_read_lock();
	generation = rcu_dereference(distrust_current)->generation;
	rcu_read_unlock();
	return generation;
}

u64 cc_distrust_generation_of(const struct cc_distrust *list)
{
	return list->generation;
}

struct cc_span cc_distrust_wire(const struct cc_distrust *list)
{
	return cc_span(list->wire, list->wire_len);
}

struct distrust_key {
	u32 what;
	struct cc_span bytes;
};

static int distrust_order(u32 what, struct cc_span bytes, const struct distrust_entry *entry)
{
	if (what != entry->what)
		return what < entry->what ? -1 : 1;
	if (bytes.n != entry->len)
		return bytes.n < entry->len ? -1 : 1;
	return memcmp(bytes.p, entry->bytes, entry->len);
}

static int distrust_cmp(const void *key, const void *elt)
{
	const struct distrust_key *k = key;

	return distrust_order(k->what, k->bytes, *(struct distrust_entry *const *)elt);
}

static bool distrust_has(const struct cc_distrust *list, u32 what, struct cc_span bytes)
{
	struct distrust_key key = { what, bytes };

	return bsearch(&key, list->entries, list->count, sizeof(*list->entries), distrust_cmp);
}

/* A DER Name and a DER INTEGER, and nothing behind. */
static bool distrust_split(struct cc_span bytes, struct cc_span *ret_issuer,
			   struct cc_span *ret_serial)
{
	size_t n = cc_cert_size(bytes), m, head;
	struct cc_span rest;

	if (!n || n > bytes.n || bytes.p[0] != 0x30)
		return false;
	rest = cc_span(bytes.p + n, bytes.n - n);
	if (rest.n < 3 || rest.p[0] != 0x02)
		return false;
	/* Serial numbers are at most 20 octets (RFC 5280 section 4.1.2.2); odd ones a few more. */
	m = rest.p[1];
	head = 2;
	if (m == 0 || m > 127 || head + m != rest.n)
		return false;
	*ret_issuer = cc_span(bytes.p, n);
	*ret_serial = cc_span(rest.p + head, m);
	return true;
}

static u32 issued_hash(struct cc_span issuer, struct cc_span serial)
{
	return jhash(serial.p, (u32)serial.n, cc_dn_hash(issuer));
}

static int issued_cmp(const void *a, const void *b)
{
	const struct distrust_issued *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* Once the list is whole. */
static void distrust_index(struct cc_distrust *list)
{
	struct cc_span issuer, serial;
	u32 i;

	/* Sorted: this kind stands last. */
	for (i = list->count; i > 0; i--) {
		const struct distrust_entry *entry = list->entries[i - 1];

		if (entry->what != CAPCERT_DISTRUST_ISSUER_SERIAL)
			break;
		if (!distrust_split(cc_span(entry->bytes, entry->len), &issuer, &serial))
			continue;
		list->issued[list->issued_count].hash = issued_hash(issuer, serial);
		list->issued[list->issued_count++].entry = i - 1;
	}
	sort(list->issued, list->issued_count, sizeof(*list->issued), issued_cmp, NULL);
}

static bool issued_has(const struct cc_distrust *list, struct cc_span issuer, struct cc_span serial)
{
	const u32 hash = issued_hash(issuer, serial);
	u32 low = 0, high = list->issued_count;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (list->issued[mid].hash < hash)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < list->issued_count && list->issued[low].hash == hash; low++) {
		const struct distrust_entry *entry = list->entries[list->issued[low].entry];
		struct cc_span name, number;

		if (distrust_split(cc_span(entry->bytes, entry->len), &name, &number) &&
		    cc_span_equal(number, serial) && cc_dn_equal(name, issuer))
			return true;
	}
	return false;
}

bool cc_distrust_hits(const struct cc_distrust *list, const u8 fingerprint[32],
		      const u8 spki_hash[32], struct cc_span issuer, struct cc_span serial)
{
	return distrust_has(list, CAPCERT_DISTRUST_FINGERPRINT, cc_span(fingerprint, 32)) ||
	       distrust_has(list, CAPCERT_DISTRUST_SPKI, cc_span(spki_hash, 32)) ||
	       issued_has(list, issuer, serial);
}

static bool distrust_wellformed(u32 what, struct cc_span bytes)
{
	struct cc_span issuer, serial;

	switch (what) {
	case CAPCERT_DISTRUST_FINGERPRINT:
	case CAPCERT_DISTRUST_SPKI:
		return bytes.n == CAPCERT_DIGEST_SIZE;
	case CAPCERT_DISTRUST_ISSUER_SERIAL:
		return bytes.n <= CC_DISTRUST_MAX_ENTRY && distrust_split(bytes, &issuer, &serial);
	default:
		return false;
	}
}

/* @old with @bytes put in at its place, or taken out. */
static struct cc_distrust *distrust_edit(const struct cc_distrust *old, u32 what,
					 struct cc_span bytes, bool remove)
{
	size_t size = entry_size(bytes.n);
	bool insert = !remove;
	struct cc_distrust *list;
	u32 i, n = 0;
	u8 *at;

	list = distrust_alloc(old->generation + 1, remove ? old->count - 1 : old->count + 1,
			      remove ? old->wire_len - size : old->wire_len + size);
	if (!list)
		return NULL;
	at = list->wire + sizeof(struct capcert_state_distrust);
	for (i = 0; i <= old->count; i++) {
		const struct distrust_entry *entry = i < old->count ? old->entries[i] : NULL;
		int order = entry ? distrust_order(what, bytes, entry) : -1;

		if (order < 0 && insert) {
			struct distrust_entry *mine = (struct distrust_entry *)at;

			mine->what = what;
			mine->len = bytes.n;
			memcpy(mine->bytes, bytes.p, bytes.n);
			list->entries[n++] = mine;
			at += size;
			insert = false;
		}
		if (!entry || order == 0)
			continue;
		memcpy(at, entry, sizeof(*entry) + entry->len);
		list->entries[n++] = (struct distrust_entry *)at;
		at += entry_size(entry->len);
	}
	WARN_ON_ONCE(n != list->count || at != list->wire + list->wire_len);
	distrust_index(list);
	return list;
}

int cc_distrust_change(u32 what, struct cc_span bytes, bool remove, u64 *ret_generation)
{
	struct cc_distrust *old, *new;
	int ret = 0;

	if (!distrust_wellformed(what, bytes))
		return -EINVAL;
	mutex_lock(&distrust_mutex);
	old = rcu_dereference_protected(distrust_current, lockdep_is_held(&distrust_mutex));
	if (distrust_has(old, what, bytes) != remove)
		ret = remove ? -ENOENT : -EEXIST;
	else if (!remove && old->count >= CC_DISTRUST_MAX_ENTRIES)
		ret = -ENOSPC;
	if (ret)
		goto out;
	new = distrust_edit(old, what, bytes, remove);
	if (!new) {
		ret = -ENOMEM;
		goto out;
	}
	rcu_assign_pointer(distrust_current, new);
	*ret_generation = new->generation;
out:
	mutex_unlock(&distrust_mutex);
	if (!ret)
		cc_distrust_put(old);
	return ret;
}

static int distrust_fill(struct cc_distrust *list, struct cc_span entries)
{
	u8 *at = list->wire + sizeof(struct capcert_state_distrust);
	struct cc_bundle_entry entry;
	u32 n = 0;

	while (cc_bundle_entry_next(&entries, &entry) == 1) {
		struct distrust_entry *mine = (struct distrust_entry *)at;

		/* Both orders are the same, or look-ups would miss what is there. */
		if (!distrust_wellformed(entry.what, entry.bytes) ||
		    (n && distrust_order(entry.what, entry.bytes, list->entries[n - 1]) <= 0))
			return -EBADMSG;
		mine->what = entry.what;
		mine->len = entry.bytes.n;
		memcpy(mine->bytes, entry.bytes.p, entry.bytes.n);
		list->entries[n++] = mine;
		at += entry_size(entry.bytes.n);
	}
	distrust_index(list);
	return 0;
}

struct cc_distrust *cc_distrust_new(const struct cc_bundle *bundle)
{
	size_t len = sizeof(struct capcert_state_distrust);
	struct cc_span rest = bundle->entries;
	struct cc_bundle_entry entry;
	struct cc_distrust *list;
	u32 count = 0;
	int error;

	while (cc_bundle_entry_next(&rest, &entry) == 1) {
		len += entry_size(entry.bytes.n);
		count++;
	}
	list = distrust_alloc(0, count, len);
	if (!list)
		return ERR_PTR(-ENOMEM);
	error = distrust_fill(list, bundle->entries);
	if (error) {
		cc_distrust_put(list);
		return ERR_PTR(error);
	}
	return list;
}

void cc_distrust_replace(struct cc_distrust *list)
{
	struct capcert_state_distrust *head = (struct capcert_state_distrust *)list->wire;
	struct cc_distrust *old;

	mutex_lock(&distrust_mutex);
	old = rcu_dereference_protected(distrust_current, lockdep_is_held(&distrust_mutex));
	list->generation = old->generation + 1;
	head->generation = list->generation;
	rcu_assign_pointer(distrust_current, list);
	mutex_unlock(&distrust_mutex);
	cc_distrust_put(old);
}

int cc_distrust_init(void)
{
	struct cc_distrust *list = distrust_alloc(0, 0, sizeof(struct capcert_state_distrust));

	if (!list)
		return -ENOMEM;
	rcu_assign_pointer(distrust_current, list);
	return 0;
}

void cc_distrust_exit(void)
{
	struct cc_distrust *list = rcu_dereference_protected(distrust_current, 1);

	RCU_INIT_POINTER(distrust_current, NULL);
	cc_distrust_put(list);
}

/* The list comes as a signed bundle; development alone has another way to change it. */
static bool distrust_changeable(void)
{
#ifdef CAPCERT_DEV
	return capable(CAP_SYS_ADMIN);
#else
	return false;
#endif
}

static void distrust_audit(const struct capcert_distrust_entry *entry, const u8 *bytes, int error)
{
	struct cc_audit_event event =
		CC_AUDIT_EVENT(CAPCERT_AUDIT_DISTRUST, .command = CAPCERT_DISTRUST, .error = error,
			       .object_version = cc_distrust_generation(),
			       .text = entry->flags & CAPCERT_DISTRUST_REMOVE ? "remove" : "add");
	u8 hash[CAPCERT_DIGEST_SIZE];

	event.text_len = strlen(event.text);
	if (entry->what != CAPCERT_DISTRUST_ISSUER_SERIAL && entry->len == sizeof(hash))
		event.digest = bytes;
	else if (!cc_sha256(bytes, entry->len, hash))
		event.digest = hash;
	cc_audit(&event);
}

/* Who is refused is recorded with what he wanted distrusted, or trusted again. */
int cc_distrust_ioctl(struct cc_call *call, void *arg)
{
	struct capcert_distrust_entry *entry = arg;
	u8 *bytes;
	int ret;

	if (entry->what < CAPCERT_DISTRUST_FINGERPRINT ||
	    entry->what > CAPCERT_DISTRUST_ISSUER_SERIAL || !entry->len)
		return -EINVAL;
	bytes = cc_user_in(entry->ptr, entry->len, CC_DISTRUST_MAX_ENTRY);
	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	ret = -EPERM;
	if (distrust_changeable())
		ret = cc_distrust_change(entry->what, cc_span(bytes, entry->len),
					 entry->flags & CAPCERT_DISTRUST_REMOVE,
					 &entry->generation);
	distrust_audit(entry, bytes, ret);
	kvfree(bytes);
	return ret;
}
