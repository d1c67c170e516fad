// SPDX-License-Identifier: LGPL-2.1-or-later
/* Slots of this process: few names, each with the value that handshakes take from now on. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "core/name.h"
#include "libcapcert/tls.h"

#define SLOTS_MAX 1024

struct capcert_tls_slots {
	struct tls_source source; /* first: see slots_of() */
	atomic_uint refs;
	pthread_rwlock_t lock;
	/* Under it: */
	struct tls_value **values; /* ascending by name */
	size_t count, room;
	uint64_t version; /* of the last put */
};

static capcert_tls_slots *slots_of(struct tls_source *source)
{
	return (capcert_tls_slots *)source;
}

/* Where @name stands or would stand. */
static bool find(const capcert_tls_slots *slots, const char *name, size_t *ret_at)
{
	size_t from = 0, to = slots->count;

	while (from < to) {
		size_t at = from + (to - from) / 2;
		int c = strcmp(slots->values[at]->slot, name);

		if (!c) {
			*ret_at = at;
			return true;
		}
		if (c < 0)
			from = at + 1;
		else
			to = at;
	}
	*ret_at = from;
	return false;
}

/* A host name, or "*." and one, in lower case. */
static bool slot_name(const char *name, char ret[TLS_SLOT_NAME])
{
	size_t i, n = name ? strlen(name) : 0;
	const char *host = name;

	if (n > 2 && name[0] == '*' && name[1] == '.')
		host += 2;
	if (!n || n >= TLS_SLOT_NAME || !cc_hostname_valid(cc_span(host, strlen(host))))
		return false;
	for (i = 0; i <= n; i++)
		ret[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20 : name[i]);
	return true;
}

/* The name itself, then the one wildcard that covers it (RFC 9525 section 6.3), then the fallback. */
static int slots_get(struct tls_source *source, const char *host, const char *fallback,
		     struct tls_value **ret)
{
	capcert_tls_slots *slots = slots_of(source);
	char wild[TLS_SLOT_NAME];
	const char *dot = host ? strchr(host, '.') : NULL;
	bool found = false;
	size_t at = 0;

	pthread_rwlock_rdlock(&slots->lock);
	if (host)
		found = find(slots, host, &at);
	if (!found && dot && strlen(dot) + 2 < sizeof(wild)) {
		snprintf(wild, sizeof(wild), "*%s", dot);
		found = find(slots, wild, &at);
	}
	if (!found && fallback)
		found = find(slots, fallback, &at);
	if (found)
		*ret = tls_value_ref(slots->values[at]);
	pthread_rwlock_unlock(&slots->lock);
	return found ? 0 : -ENOENT;
}

static void slots_put_source(struct tls_source *source)
{
	capcert_tls_slots_free(slots_of(source));
}

struct tls_source *tls_source_of(capcert_tls_slots *slots)
{
	atomic_fetch_add(&slots->refs, 1);
	return &slots->source;
}

int capcert_tls_slots_new(capcert_tls_slots **ret)
{
	capcert_tls_slots *slots = calloc(1, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	atomic_init(&slots->refs, 1);
	pthread_rwlock_init(&slots->lock, NULL);
	slots->source.get = slots_get;
	slots->source.free = slots_put_source;
	*ret = slots;
	return 0;
}

void capcert_tls_slots_free(capcert_tls_slots *slots)
{
	size_t i;

	if (!slots || atomic_fetch_sub(&slots->refs, 1) != 1)
		return;
	for (i = 0; i < slots->count; i++)
		tls_value_put(slots->values[i]);
	pthread_rwlock_destroy(&slots->lock);
	free(slots->values);
	free(slots);
}

/* Room for one more, with the lock. */
static int make_room(capcert_tls_slots *slots, size_t at)
{
	if (slots->count == SLOTS_MAX)
		return -EMSGSIZE;
	if (slots->count == slots->room) {
		size_t room = slots->room ? 2 * slots->room : 8;
		struct tls_value **more = reallocarray(slots->values, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		slots->values = more;
		slots->room = room;
	}
	memmove(slots->values + at + 1, slots->values + at,
		(slots->count - at) * sizeof(*slots->values));
	slots->values[at] = NULL;
	slots->count++;
	return 0;
}

/* Takes over the caller's reference on success. */
static int publish(capcert_tls_slots *slots, struct tls_value *value, uint64_t *ret_version)
{
	struct tls_value *old = NULL;
	size_t at;
	int r = 0;

	pthread_rwlock_wrlock(&slots->lock);
	if (!find(slots, value->slot, &at))
		r = make_room(slots, at);
	if (r == 0) {
		old = slots->values[at];
		slots->values[at] = value;
		value->version = ++slots->version;
		if (ret_version)
			*ret_version = value->version;
	}
	pthread_rwlock_unlock(&slots->lock);
	tls_value_put(old);
	return r;
}

static int put(capcert_tls_slots *slots, const char *name, const struct capcert_tls_value *from,
	       gnutls_privkey_t key, uint64_t *ret_version)
{
	struct tls_value *value;
	char slot[TLS_SLOT_NAME];
	int r;

	if (!slot_name(name, slot))
		return -EINVAL;
	r = tls_value_new(from, key, false, &value);
	if (r < 0)
		return r;
	memcpy(value->slot, slot, strlen(slot) + 1);
	r = publish(slots, value, ret_version);
	if (r < 0) {
		value->key = NULL; /* stays the caller's */
		tls_value_put(value);
	}
	return r;
}

int capcert_tls_slots_put_gnutls(capcert_tls_slots *slots, const char *name,
				 const struct capcert_tls_value *from, gnutls_privkey_t key,
				 uint64_t *ret_version)
{
	if (from->key_fd >= 0 || !key)
		return -EINVAL;
	return put(slots, name, from, key, ret_version);
}

int capcert_tls_slots_put(capcert_tls_slots *slots, const char *name, uint32_t purpose,
			  const struct capcert_tls_value *from, uint64_t *ret_version)
{
	gnutls_privkey_t key;
	int r;

	if (from->key_fd < 0 ||
	    (purpose != CAPCERT_KEY_TLS_SERVER && purpose != CAPCERT_KEY_TLS_CLIENT))
		return -EINVAL;
	r = capcert_key_gnutls(from->key_fd, purpose, &key);
	if (r < 0)
		return r;
	r = put(slots, name, from, key, ret_version);
	if (r < 0)
		gnutls_privkey_deinit(key);
	return r;
}

int capcert_tls_slots_delete(capcert_tls_slots *slots, const char *name)
{
	struct tls_value *old = NULL;
	char slot[TLS_SLOT_NAME];
	size_t at;

	if (!slot_name(name, slot))
		return -ENOENT;
	pthread_rwlock_wrlock(&slots->lock);
	if (find(slots, slot, &at)) {
		old = slots->values[at];
		slots->count--;
		memmove(slots->values + at, slots->values + at + 1,
			(slots->count - at) * sizeof(*slots->values));
	}
	pthread_rwlock_unlock(&slots->lock);
	tls_value_put(old);
	return old ? 0 : -ENOENT;
}
