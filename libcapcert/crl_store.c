// SPDX-License-Identifier: LGPL-2.1-or-later
/* A store of revocation lists: keeping them, finding them, giving them to verifications. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/der.h"
#include "core/dn.h"
#include "libcapcert/crl_scope.h"
#include "libcapcert/crl_store.h"
#include "libcapcert/folder.h"
#include "libcapcert/x509.h"

#define SYSTEM_PARENT "/var/lib/capcert"

static int make_folder(const char *path)
{
	return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

int capcert_crl_store_open(const char *dir, int create, capcert_crl_store **ret)
{
	capcert_crl_store *store = calloc(1, sizeof(*store));
	const struct kept none = { 0 };
	int r = 0;

	if (!store)
		return -ENOMEM;
	if (create && !dir)
		r = make_folder(SYSTEM_PARENT);
	if (!dir)
		dir = CAPCERT_CRL_STORE_DIR;
	if (create && r == 0)
		r = make_folder(dir);
	store->dir = r < 0 ? -1 : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r == 0 && store->dir < 0)
		r = -errno;
	if (r == 0)
		r = crl_folder_read(store->dir, &none, &store->kept);
	if (r < 0) {
		capcert_crl_store_free(store);
		return r;
	}
	*ret = store;
	return 0;
}

void capcert_crl_store_free(capcert_crl_store *store)
{
	if (!store)
		return;
	crl_folder_free(&store->kept);
	if (store->dir >= 0)
		close(store->dir);
	free(store);
}

int capcert_crl_store_refresh(capcert_crl_store *store)
{
	struct kept kept;
	int r = crl_folder_read(store->dir, &store->kept, &kept);

	if (r < 0)
		return r;
	crl_folder_free(&store->kept);
	store->kept = kept;
	return 0;
}

/* ---- import ---- */

static void name_of(const uint8_t hash[32], const char *suffix, char ret[STORE_NAME])
{
	int i;

	for (i = 0; i < 32; i++)
		snprintf(ret + 2 * i, 3, "%02x", hash[i]);
	memcpy(ret + 64, suffix, 5);
}

/* Who of @issuers signed it. Return: 0, -EKEYREJECTED, -ENOMEM. */
static int find_signer(const struct crl *crl, const capcert_chain *issuers, capcert_cert **ret)
{
	size_t i;
	int r;

	for (i = 0; issuers && i < issuers->count; i++) {
		r = crl_signer_fits(crl, issuers->certs[i]);
		if (r < 0)
			return r;
		if (r) {
			*ret = issuers->certs[i];
			return 0;
		}
	}
	return -EKEYREJECTED;
}

/* What the folder has in its place. Return: 0 with *@ret_old perhaps NULL, -EEXIST, -ESTALE. */
static int find_old(const struct kept *k, const struct crl *crl, const capcert_cert *signer,
		    const struct kept_list **ret_old)
{
	const struct kept_list *l;
	size_t i;

	*ret_old = NULL;
	for (i = 0; i < k->list_count; i++) {
		l = &k->lists[i];
		if (memcmp(crl_fingerprint(l->list.crl), crl_fingerprint(crl), 32) == 0)
			return -EEXIST;
		if (!crl_same_place(l->list.crl, l->issuer, crl, signer))
			continue;
		if (!crl_newer(crl, l->list.crl))
			return -ESTALE;
		*ret_old = l;
	}
	return 0;
}

/* The certificate first: a list without it would not count. */
static int write_both(const capcert_crl_store *store, const struct crl *crl,
		      const capcert_cert *signer)
{
	char name[STORE_NAME];
	uint8_t hash[32];
	int r = 0;

	capcert_cert_fingerprint(signer, CAPCERT_HASH_SHA256, hash);
	name_of(hash, ".cer", name);
	if (faccessat(store->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		r = folder_write(store->dir, name, signer->parsed.der.p, signer->parsed.der.n);
	name_of(crl_fingerprint(crl), ".crl", name);
	if (r == 0)
		r = folder_write(store->dir, name, crl->list.der.p, crl->list.der.n);
	return r;
}

/* The lock is held: nobody else changes the folder. */
static int import_locked(capcert_crl_store *store, const struct crl *crl,
			 const capcert_cert *signer)
{
	const struct kept_list *old = NULL;
	uint64_t size = crl->list.der.n;
	char name[STORE_NAME];
	int r = capcert_crl_store_refresh(store);

	if (r == 0)
		r = find_old(&store->kept, crl, signer, &old);
	if (r < 0)
		return r;
	if (size > CAPCERT_CRL_STORE_BYTES - store->kept.bytes ||
	    (!old && store->kept.list_count == CAPCERT_CRL_STORE_LISTS))
		return -ENOSPC;
	if (old)
		memcpy(name, old->name, STORE_NAME);
	r = write_both(store, crl, signer);
	if (r < 0)
		return r;
	if (old)
		unlinkat(store->dir, name, 0);
	return capcert_crl_store_refresh(store);
}

static const char *refused(int r)
{
	switch (r) {
	case -EEXIST:
		return "it is there already";
	case -ESTALE:
		return "a newer list of the same issuer and scope is there";
	case -EKEYREJECTED:
		return "none of the certificates given signed it: the name, the key, or "
		       "keyUsage cRLSign does not fit";
	default:
		return NULL;
	}
}

static int import(capcert_crl_store *store, const struct crl *crl, const capcert_chain *issuers,
		  int64_t now, const char **ret_error)
{
	capcert_cert *signer;
	int lock, r;

	*ret_error = crl_unusable(&crl->list);
	if (*ret_error)
		return -EOPNOTSUPP;
	if (crl->list.this_update > now) {
		*ret_error = "its thisUpdate is in the future; is the clock right?";
		return -EINVAL;
	}
	r = find_signer(crl, issuers, &signer);
	if (r == 0) {
		lock = folder_lock(store->dir);
		if (lock < 0)
			return lock;
		r = import_locked(store, crl, signer);
		close(lock);
	}
	*ret_error = refused(r);
	return r;
}

int capcert_crl_store_import(capcert_crl_store *store, const uint8_t *data, size_t len,
			     const capcert_chain *issuers, int64_t now, const char **ret_error)
{
	const char *unused, **error = ret_error ? ret_error : &unused;
	capcert_crl *list;
	int r;

	*error = NULL;
	r = capcert_crl_new(data, len, &list, error);
	if (r < 0)
		return r;
	r = import(store, list->crl, issuers, now, error);
	capcert_crl_free(list);
	return r;
}

/* ---- looking ---- */

/* Section 5.2.5: a list without the extension is about everything of its issuer. */
static bool complete(const struct crl *crl)
{
	return !(crl->list.ext_present & (CC_CRL_EXT_BIT(ISSUING_POINT) | CC_CRL_EXT_BIT(DELTA)));
}

static void tell(const struct kept_list *l, struct capcert_crl_item *ret)
{
	const struct cc_crl *list = &l->list.crl->list;

	*ret = (struct capcert_crl_item){ .crl = &l->list,
					  .issuer = l->issuer,
					  .der = { list->der.p, list->der.n },
					  .complete = complete(l->list.crl) };
}

size_t capcert_crl_store_count(const capcert_crl_store *store)
{
	return store->kept.list_count;
}

int capcert_crl_store_at(const capcert_crl_store *store, size_t at, struct capcert_crl_item *ret)
{
	if (at >= store->kept.list_count)
		return -ENOENT;
	tell(&store->kept.lists[at], ret);
	return 0;
}

int capcert_crl_store_problem_at(const capcert_crl_store *store, size_t at,
				 struct capcert_crl_problem *ret)
{
	if (at >= store->kept.problem_count)
		return -ENOENT;
	*ret = (struct capcert_crl_problem){ store->kept.problems[at].name,
					     store->kept.problems[at].why };
	return 0;
}

/* A caller's Name, prepared. */
struct wanted {
	struct prepared_dn dn;
	uint32_t hash;
};

static int want(const uint8_t *issuer, size_t len, struct wanted *ret)
{
	struct cc_span in = cc_span(issuer, len), body;
	int r;

	if (cc_der_only(in, CC_DER_SEQUENCE, &body) || !cc_dn_valid(body))
		return -EBADMSG;
	r = dn_prepare(in, &ret->dn);
	if (r == 0)
		ret->hash = cc_dn_hash(ret->dn.name);
	return r;
}

static bool is_by(const struct crl *crl, const struct wanted *w)
{
	return crl->issuer_hash == w->hash && cc_dn_equal(crl->issuer.name, w->dn.name);
}

int capcert_crl_store_crl_for(const capcert_crl_store *store, const uint8_t *issuer, size_t len,
			      struct capcert_crl_item *ret)
{
	const struct kept_list *best = NULL;
	struct wanted w;
	size_t i;
	int r = want(issuer, len, &w);

	if (r < 0)
		return r;
	for (i = 0; i < store->kept.list_count; i++) {
		const struct kept_list *l = &store->kept.lists[i];

		if (complete(l->list.crl) && is_by(l->list.crl, &w) &&
		    (!best || crl_newer(l->list.crl, best->list.crl)))
			best = l;
	}
	dn_release(&w.dn);
	if (!best)
		return -ENOENT;
	tell(best, ret);
	return 0;
}

/* ---- is it revoked? ---- */

/* Is the entry about a certificate of @w? Return: 1, 0, -ENOMEM. */
static int entry_fits(const struct crl *crl, const struct cc_crl_entry *entry,
		      const struct wanted *w)
{
	struct cc_span names = entry->issuer;
	struct cc_general_name gn;
	struct prepared_dn dn;
	int same = 0;

	if (!names.n)
		return is_by(crl, w);
	while (!same && cc_gn_next(&names, &gn) == 1) {
		if (gn.type != CC_GN_DIRECTORY)
			continue;
		if (dn_prepare(gn.value, &dn) < 0)
			return -ENOMEM;
		same = cc_dn_equal(dn.name, w->dn.name);
		dn_release(&dn);
	}
	return same;
}

/* Return: 1 with @ret filled, 0 there is none, -ENOMEM. */
static int entry_of(const struct crl *crl, const struct wanted *w, struct cc_span serial,
		    struct cc_crl_entry *ret)
{
	uint32_t from = 0;
	int r = 0;

	while (r == 0 && crl_find(crl, serial, &from, ret))
		r = entry_fits(crl, ret, w);
	return r;
}

/* Does a newer delta to @base take the entry back? Return: 1, 0, -ENOMEM. */
static int taken_back(const struct kept *k, const struct crl *base, const struct wanted *w,
		      struct cc_span serial)
{
	struct cc_crl_entry entry;
	int r = 0;
	size_t i;

	for (i = 0; r == 0 && i < k->list_count; i++) {
		const struct crl *delta = k->lists[i].list.crl;

		if (!(delta->list.ext_present & CC_CRL_EXT_BIT(DELTA)) ||
		    !crl_delta_fits(base, delta))
			continue;
		r = entry_of(delta, w, serial, &entry);
		if (r == 1)
			r = entry.reason == CC_CRL_REASON_REMOVE_FROM_CRL;
	}
	return r;
}

/* Return: 1 revoked by this list, 0 not, -ENOMEM. */
static int revoked_by(const struct kept *k, const struct crl *crl, const struct wanted *w,
		      struct cc_span serial, struct cc_crl_entry *ret)
{
	int r = entry_of(crl, w, serial, ret);

	if (r != 1 || ret->reason == CC_CRL_REASON_REMOVE_FROM_CRL)
		return r < 0 ? r : 0;
	r = taken_back(k, crl, w, serial);
	return r < 0 ? r : !r;
}

static bool in_force(const struct cc_crl *list, int64_t time)
{
	return list->this_update <= time && list->has_next_update && list->next_update >= time;
}

static int contains(const struct kept *k, const struct wanted *w, struct cc_span serial,
		    int64_t time, struct cc_crl_entry *ret)
{
	int answer = -ENOENT, r;
	size_t i;

	for (i = 0; i < k->list_count; i++) {
		const struct crl *crl = k->lists[i].list.crl;

		r = revoked_by(k, crl, w, serial, ret);
		if (r)
			return r;
		if (!complete(crl) || !is_by(crl, w))
			continue;
		if (in_force(&crl->list, time))
			answer = 0;
		else if (answer == -ENOENT)
			answer = -ESTALE;
	}
	return answer;
}

int capcert_crl_store_contains(const capcert_crl_store *store, const uint8_t *issuer,
			       size_t issuer_len, const uint8_t *serial, size_t serial_len,
			       int64_t time, struct capcert_crl_entry *ret)
{
	struct cc_crl_entry entry;
	struct wanted w;
	int r = want(issuer, issuer_len, &w);

	if (r < 0)
		return r;
	r = contains(&store->kept, &w, cc_span(serial, serial_len), time, &entry);
	dn_release(&w.dn);
	if (r == 1 && ret)
		crl_tell_entry(&entry, ret);
	return r;
}

/* ---- evidence ---- */

/* Is @crl by the issuer of @cert, or by one that its distribution points name? Return: 1, 0, -ENOMEM. */
static int concerns(const struct crl *crl, const struct cc_cert *cert)
{
	struct cc_span points = cert->crldp, names;
	struct cc_dist_point point;
	struct cc_general_name gn;
	struct prepared_dn dn;
	bool same;

	if (dn_prepare(cert->issuer, &dn) < 0)
		return -ENOMEM;
	same = cc_dn_equal(dn.name, crl->issuer.name);
	dn_release(&dn);
	while (!same && cc_dist_point_next(&points, &point) == 1) {
		names = point.crl_issuer;
		while (!same && cc_gn_next(&names, &gn) == 1) {
			if (gn.type != CC_GN_DIRECTORY)
				continue;
			if (dn_prepare(gn.value, &dn) < 0)
				return -ENOMEM;
			same = cc_dn_equal(dn.name, crl->issuer.name);
			dn_release(&dn);
		}
	}
	return same;
}

static int concerns_any(const struct crl *crl, const capcert_chain *chain)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < chain->count; i++)
		r = concerns(crl, &chain->certs[i]->parsed);
	return r;
}

int capcert_crl_store_evidence(const capcert_crl_store *store, const capcert_chain *chain,
			       capcert_evidence *evidence, size_t *ret_count)
{
	size_t i, count = 0;
	int r;

	for (i = 0; i < store->kept.list_count; i++) {
		struct crl *crl = store->kept.lists[i].list.crl;

		r = chain ? concerns_any(crl, chain) : 1;
		if (r == 1)
			r = evidence_put_list(evidence, crl) ?: 1;
		if (r < 0 && r != -EEXIST)
			return r;
		count += r == 1;
	}
	if (ret_count)
		*ret_count = count;
	return 0;
}
