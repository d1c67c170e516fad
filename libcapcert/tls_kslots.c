// SPDX-License-Identifier: LGPL-2.1-or-later
/* Values from the kernel's slot stores: what a handshake takes is asked for by version, and taken apart
 * only when that is new. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <capcert/slot.h>
#include <capcert/tls_config.h>
#include "libcapcert/tls.h"

struct kslots {
	struct tls_source source; /* first */
	int slots_fd, key_fd;	  /* own ones; -1 = none */
	uint32_t purpose;
	char *patterns; /* NULL = the default slot alone */
	pthread_mutex_t lock;
	/* Under it: */
	struct tls_value *values[CAPCERT_SLOT_MAX_SLOTS]; /* as they were last seen */
	unsigned int count;
};

static void kslots_free(struct tls_source *source)
{
	struct kslots *k = (struct kslots *)source;
	unsigned int i;

	for (i = 0; i < k->count; i++)
		tls_value_put(k->values[i]);
	if (k->slots_fd >= 0)
		close(k->slots_fd);
	if (k->key_fd >= 0)
		close(k->key_fd);
	pthread_mutex_destroy(&k->lock);
	free(k->patterns);
	free(k);
}

/* The value seen last, if it is still the one. */
static struct tls_value *seen(struct kslots *k, const char *name, uint64_t version)
{
	struct tls_value *value = NULL;
	unsigned int i;

	pthread_mutex_lock(&k->lock);
	for (i = 0; i < k->count && !value; i++)
		if (k->values[i]->version == version && strcmp(k->values[i]->slot, name) == 0)
			value = tls_value_ref(k->values[i]);
	pthread_mutex_unlock(&k->lock);
	return value;
}

/* For the next handshake. Another thread may have been here with a newer one. */
static void keep(struct kslots *k, struct tls_value *value)
{
	struct tls_value *old = NULL;
	unsigned int i;

	pthread_mutex_lock(&k->lock);
	for (i = 0; i < k->count; i++)
		if (strcmp(k->values[i]->slot, value->slot) == 0)
			break;
	if (i < CAPCERT_SLOT_MAX_SLOTS &&
	    (i == k->count || k->values[i]->version < value->version)) {
		if (i == k->count)
			k->count++;
		else
			old = k->values[i];
		k->values[i] = tls_value_ref(value);
	}
	pthread_mutex_unlock(&k->lock);
	tls_value_put(old);
}

static int chain_of(const struct capcert_slot_value *from, capcert_chain **ret)
{
	int r = capcert_chain_new(ret);
	size_t i;

	for (i = 0; r == 0 && i < from->chain_count; i++) {
		capcert_cert *cert;

		r = capcert_cert_new(from->chain[i].der, from->chain[i].len, &cert, NULL);
		if (r < 0)
			break;
		r = capcert_chain_push(*ret, cert);
		capcert_cert_free(cert);
	}
	return r;
}

/* That a slot's own key is the leaf's was settled when it was put; another's is compared here. */
static int convert(const struct kslots *k, const char *name, const struct capcert_slot_value *from,
		   struct tls_value **ret)
{
	bool own = from->key_fd >= 0;
	struct capcert_tls_value parts = { .key_fd = own ? from->key_fd : k->key_fd,
					   .staple = from->staple,
					   .staple_len = from->staple_len,
					   .scts = from->scts,
					   .scts_len = from->scts_len };
	gnutls_privkey_t key = NULL;
	capcert_chain *chain = NULL;
	int r = chain_of(from, &chain);

	if (r == 0 && parts.key_fd < 0)
		r = -ENOKEY;
	if (r == 0)
		r = capcert_key_gnutls(parts.key_fd, k->purpose, &key);
	parts.chain = chain;
	if (r == 0)
		r = tls_value_new(&parts, key, own, ret);
	if (r == 0) {
		(*ret)->version = from->version;
		snprintf((*ret)->slot, sizeof((*ret)->slot), "%s", name);
	} else if (key) {
		gnutls_privkey_deinit(key);
	}
	capcert_chain_free(chain);
	return r;
}

static int current(struct kslots *k, const char *name, struct tls_value **ret)
{
	struct capcert_slot_value *value;
	struct tls_value *found;
	uint64_t version;
	int r = capcert_slot_version(k->slots_fd, name, &version, NULL);

	if (r < 0)
		return r;
	found = seen(k, name, version);
	if (found) {
		*ret = found;
		return 0;
	}
	r = capcert_slot_get(k->slots_fd, name, k->key_fd < 0 ? CAPCERT_SLOT_KEY : 0, &value);
	if (r < 0)
		return r;
	r = convert(k, name, value, &found);
	capcert_slot_value_free(value);
	if (r < 0)
		return r;
	keep(k, found);
	*ret = found;
	return 0;
}

static int kslots_get(struct tls_source *source, const char *host, const char *fallback,
		      struct tls_value **ret)
{
	struct kslots *k = (struct kslots *)source;
	char name[CAPCERT_SLOT_NAME_SIZE];
	uint32_t at = 0;
	int r;

	while (host && k->patterns && capcert_slot_for_host(k->patterns, host, &at, name) == 0) {
		r = current(k, name, ret);
		if (r != -ENOENT && r != -EACCES)
			return r;
	}
	return fallback ? current(k, fallback, ret) : -ENOENT;
}

int tls_source_kernel(const struct capcert_tls_parts *parts, struct tls_source **ret)
{
	struct kslots *k = calloc(1, sizeof(*k));
	int r = 0;

	if (!k)
		return -ENOMEM;
	pthread_mutex_init(&k->lock, NULL);
	k->source.get = kslots_get;
	k->source.free = kslots_free;
	k->key_fd = -1;
	k->purpose =
		parts->role == CAPCERT_TLS_SERVER ? CAPCERT_KEY_TLS_SERVER : CAPCERT_KEY_TLS_CLIENT;
	k->slots_fd = fcntl(parts->slots_fd, F_DUPFD_CLOEXEC, 3);
	if (k->slots_fd < 0)
		r = -errno;
	if (r == 0 && parts->key_fd >= 0) {
		k->key_fd = fcntl(parts->key_fd, F_DUPFD_CLOEXEC, 3);
		if (k->key_fd < 0)
			r = -errno;
	}
	if (r == 0 && parts->patterns && !(k->patterns = strdup(parts->patterns)))
		r = -ENOMEM;
	if (r < 0)
		kslots_free(&k->source);
	else
		*ret = &k->source;
	return r;
}

/* ---- a whole config ---- */

static int use(int config_fd, uint32_t mask, uint32_t part, int *ret)
{
	return mask >> part & 1 ? capcert_tls_config_use(config_fd, part, ret, NULL) : 0;
}

static int use_all(int config_fd, uint32_t mask, struct capcert_tls_parts *p)
{
	int r = use(config_fd, mask, CAPCERT_TLS_PART_SLOTS, &p->slots_fd);

	if (r == 0)
		r = use(config_fd, mask, CAPCERT_TLS_PART_KEY, &p->key_fd);
	if (r == 0)
		r = use(config_fd, mask, CAPCERT_TLS_PART_VERIFIER, &p->verifier_fd);
	if (r == 0)
		r = use(config_fd, mask, CAPCERT_TLS_PART_STORE, &p->store_fd);
	if (r == 0)
		r = use(config_fd, mask, CAPCERT_TLS_PART_PINS, &p->pins_fd);
	return r;
}

static void fill_from(struct capcert_tls_parts *p, const struct capcert_tls_description *d)
{
	p->role = d->role;
	p->flags |= d->flags;
	p->client_auth = d->client_auth;
	p->min_version = d->min_version;
	p->cipher_policy = d->cipher_policy;
	p->alpn = d->alpn_len ? d->alpn : NULL;
	p->alpn_len = d->alpn_len;
	p->default_slot = d->default_slot[0] ? d->default_slot : NULL;
	p->patterns = d->slots[0] ? d->slots : NULL;
	p->host = d->host[0] ? d->host : NULL;
}

int capcert_tls_context_from_handle(int config_fd, const struct capcert_tls_parts *limits,
				    capcert_tls_context **ret, const char **ret_error)
{
	struct capcert_tls_parts p = CAPCERT_TLS_PARTS_INIT;
	struct capcert_tls_description *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return -ENOMEM;
	if (limits) {
		p.flags = limits->flags & (CAPCERT_TLS_NO_TICKETS | CAPCERT_TLS_KERNEL);
		p.handshake_ms = limits->handshake_ms;
		p.idle_ms = limits->idle_ms;
		p.handshake_bytes = limits->handshake_bytes;
		p.ticket_seconds = limits->ticket_seconds;
		p.guest = limits->guest;
	}
	r = capcert_tls_config_info(config_fd, d);
	if (r == 0) {
		fill_from(&p, d);
		r = use_all(config_fd, d->parts, &p);
	}
	if (r == 0)
		r = capcert_tls_context_new(&p, ret, ret_error);
	if (p.slots_fd >= 0)
		close(p.slots_fd);
	if (p.key_fd >= 0)
		close(p.key_fd);
	if (p.verifier_fd >= 0)
		close(p.verifier_fd);
	if (p.store_fd >= 0)
		close(p.store_fd);
	if (p.pins_fd >= 0)
		close(p.pins_fd);
	free(d);
	return r;
}
