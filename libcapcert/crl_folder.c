// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reading the folder of a store: HASH.crl for lists, HASH.cer for the certificates that signed them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "libcapcert/crl_store.h"
#include "libcapcert/folder.h"
#include "libcapcert/sha.h"
#include "libcapcert/x509.h"

void crl_folder_free(struct kept *kept)
{
	size_t i;

	for (i = 0; i < kept->list_count; i++) {
		crl_free(kept->lists[i].list.crl);
		capcert_cert_free(kept->lists[i].issuer);
	}
	for (i = 0; i < kept->cert_count; i++) {
		dn_release(&kept->certs[i].subject);
		capcert_cert_free(kept->certs[i].cert);
	}
	free(kept->lists);
	free(kept->certs);
	free(kept->problems);
	memset(kept, 0, sizeof(*kept));
}

const char *crl_unusable(const struct cc_crl *list)
{
	if (list->ext_critical & CC_CRL_EXT_BIT(UNKNOWN))
		return "the list has an unknown critical extension and must not be used";
	if (list->entry_critical & CC_CRL_ENTRY_EXT_BIT(UNKNOWN))
		return "an entry of the list has an unknown critical extension: it must not be "
		       "used";
	if ((list->entry_present & CC_CRL_ENTRY_EXT_BIT(ISSUER)) && !list->indirect)
		return "the list has entries of other issuers, and is not an indirect one";
	if (list->only_attribute)
		return "the list is about attribute certificates";
	return NULL;
}

int crl_signer_fits(const struct crl *crl, const capcert_cert *cert)
{
	const struct cc_cert *c = &cert->parsed;
	struct capcert_crl list = { (struct crl *)crl };
	int r;

	if ((c->ext_present & CC_EXT_BIT(KEY_USAGE)) && !(c->key_usage & CC_KU_CRL_SIGN))
		return 0;
	r = capcert_crl_is_by(&list, cert);
	return r == -ENOMEM ? r : r == 1;
}

bool crl_same_place(const struct crl *a, const capcert_cert *signer_a, const struct crl *b,
		    const capcert_cert *signer_b)
{
	return a->issuer_hash == b->issuer_hash && cc_dn_equal(a->issuer.name, b->issuer.name) &&
	       cc_span_equal(signer_a->parsed.spki, signer_b->parsed.spki) &&
	       cc_span_equal(a->list.idp, b->list.idp) &&
	       !((a->list.ext_present ^ b->list.ext_present) & CC_CRL_EXT_BIT(DELTA));
}

bool crl_newer(const struct crl *a, const struct crl *b)
{
	if (a->list.this_update != b->list.this_update)
		return a->list.this_update > b->list.this_update;
	return cc_crl_number_compare(a->list.number, b->list.number) > 0;
}

/* ---- growing arrays ---- */

/* Room for one more of @size octets: doubled at powers of two. */
static int grow(void *array, size_t count, size_t size)
{
	void **at = array, *more;

	if (count & (count - 1))
		return 0;
	more = realloc(*at, (count ? 2 * count : 1) * size);
	if (!more)
		return -ENOMEM;
	*at = more;
	return 0;
}

static int problem(struct kept *k, const char *name, const char *why)
{
	if (grow(&k->problems, k->problem_count, sizeof(*k->problems)) < 0)
		return -ENOMEM;
	snprintf(k->problems[k->problem_count].name, STORE_NAME, "%s", name);
	k->problems[k->problem_count++].why = why;
	return 0;
}

static int push_cert(struct kept *k, const char *name, capcert_cert *cert)
{
	struct kept_cert *c;
	int r = grow(&k->certs, k->cert_count, sizeof(*k->certs));

	if (r < 0)
		return r;
	c = &k->certs[k->cert_count];
	r = dn_prepare(cert->parsed.subject, &c->subject);
	if (r < 0)
		return r;
	c->subject_hash = cc_dn_hash(c->subject.name);
	snprintf(c->name, STORE_NAME, "%s", name);
	c->cert = capcert_cert_ref(cert);
	k->cert_count++;
	return 0;
}

static int push_list(struct kept *k, const char *name, struct crl *crl, capcert_cert *issuer)
{
	struct kept_list *l;

	if (grow(&k->lists, k->list_count, sizeof(*k->lists)) < 0)
		return -ENOMEM;
	l = &k->lists[k->list_count++];
	snprintf(l->name, STORE_NAME, "%s", name);
	l->list.crl = crl_ref(crl);
	l->issuer = capcert_cert_ref(issuer);
	k->bytes += crl->list.der.n;
	return 0;
}

/* ---- files ---- */

static int name_order(const void *a, const void *b)
{
	return strcmp((const char *)a, (const char *)b);
}

static const void *known(const void *array, size_t count, size_t size, const char *name)
{
	return count ? bsearch(name, array, count, size, name_order) : NULL;
}

/* 64 lower-case digits and @suffix. */
static bool well_named(const char *name, const char *suffix)
{
	return strspn(name, "0123456789abcdef") == 64 && strcmp(name + 64, suffix) == 0;
}

static bool is_named(const char *name, struct cc_span data)
{
	char right[65];
	uint8_t hash[32];
	int i;

	sha256_of(data, hash);
	for (i = 0; i < 32; i++)
		snprintf(right + 2 * i, 3, "%02x", hash[i]);
	return memcmp(name, right, 64) == 0;
}

/* What only this file has wrong is a problem of this file; the rest ends the reading. */
static const char *trouble(int r)
{
	switch (r) {
	case -EBADMSG:
		return "not a file, empty, or too large";
	case -EACCES:
		return "may not be read";
	case -EIO:
		return "could not be read";
	default:
		return NULL;
	}
}

static int load_cert(int dir, const struct kept *old, const char *name, struct kept *k)
{
	const struct kept_cert *had = known(old->certs, old->cert_count, sizeof(*had), name);
	capcert_cert *cert = NULL;
	const char *why = NULL;
	uint8_t *der;
	size_t n;
	int r;

	if (had)
		return push_cert(k, name, had->cert);
	if (k->cert_count == CAPCERT_CRL_STORE_LISTS)
		return problem(k, name, "too many certificates");
	r = folder_read(dir, name, CC_CERT_MAX, &der, &n);
	if (r < 0)
		return r == -ENOENT ? 0 : trouble(r) ? problem(k, name, trouble(r)) : r;
	if (!is_named(name, cc_span(der, n)))
		why = "damaged: its contents are not those it is named after";
	r = why ? 0 : cert_from_der(cc_span(der, n), &cert, &why);
	free(der);
	if (why)
		return problem(k, name, why);
	if (r == 0)
		r = push_cert(k, name, cert);
	capcert_cert_free(cert);
	return r;
}

/* The certificate of the folder that signed it. Return: 1, 0, -ENOMEM. */
static int find_signer(const struct kept *k, const struct crl *crl, capcert_cert **ret)
{
	size_t i;
	int r;

	for (i = 0; i < k->cert_count; i++) {
		if (k->certs[i].subject_hash != crl->issuer_hash)
			continue;
		r = crl_signer_fits(crl, k->certs[i].cert);
		if (r)
			*ret = k->certs[i].cert;
		if (r)
			return r;
	}
	return 0;
}

/* A list that has been read, from the folder or before. */
static int take_list(struct kept *k, const char *name, struct crl *crl)
{
	const char *why = crl_unusable(&crl->list);
	capcert_cert *issuer = NULL;
	int r = why ? 0 : find_signer(k, crl, &issuer);

	if (r < 0)
		return r;
	if (!why && !issuer)
		why = "no certificate in the folder signed it";
	return why ? problem(k, name, why) : push_list(k, name, crl, issuer);
}

static int load_list(int dir, const struct kept *old, const char *name, struct kept *k)
{
	const struct kept_list *had = known(old->lists, old->list_count, sizeof(*had), name);
	const char *why = NULL;
	struct crl *crl = NULL;
	uint8_t *der;
	size_t n;
	int r;

	if (had)
		return take_list(k, name, had->list.crl);
	if (k->list_count == CAPCERT_CRL_STORE_LISTS)
		return problem(k, name, "too many lists");
	r = folder_read(dir, name, CC_CRL_MAX, &der, &n);
	if (r < 0)
		return r == -ENOENT ? 0 : trouble(r) ? problem(k, name, trouble(r)) : r;
	if (n > CAPCERT_CRL_STORE_BYTES - k->bytes)
		why = "the lists are larger than the store may be";
	else if (!is_named(name, cc_span(der, n)))
		why = "damaged: its contents are not those it is named after";
	else if ((r = crl_new(der, n, &crl)) == -EBADMSG)
		why = "not a revocation list";
	if (!crl)
		free(der);
	if (why)
		return problem(k, name, why);
	if (r == 0)
		r = take_list(k, name, crl);
	crl_free(crl);
	return r;
}

/* ---- the folder ---- */

struct names {
	char (*name)[STORE_NAME];
	size_t count;
};

static int push_name(struct names *names, const char *name)
{
	if (grow(&names->name, names->count, sizeof(*names->name)) < 0)
		return -ENOMEM;
	memcpy(names->name[names->count++], name, STORE_NAME);
	return 0;
}

static int read_names(int dir, struct names *certs, struct names *lists)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (!list) {
		r = -errno;
		if (copy >= 0)
			close(copy);
		return r;
	}
	while (r == 0 && (errno = 0, entry = readdir(list))) {
		if (well_named(entry->d_name, ".cer"))
			r = push_name(certs, entry->d_name);
		else if (well_named(entry->d_name, ".crl"))
			r = push_name(lists, entry->d_name);
	}
	if (r == 0)
		r = -errno;
	closedir(list);
	if (certs->count)
		qsort(certs->name, certs->count, STORE_NAME, name_order);
	if (lists->count)
		qsort(lists->name, lists->count, STORE_NAME, name_order);
	return r;
}

/* After a crash between two steps of an import both are there. */
static int drop_superseded(struct kept *k)
{
	size_t i, j, to = 0;
	int r = 0;

	for (i = 0; i < k->list_count; i++) {
		struct kept_list *l = &k->lists[i];
		bool old = false;

		for (j = 0; !old && j < k->list_count; j++) {
			const struct kept_list *other = &k->lists[j];

			old = j != i && other->list.crl &&
			      crl_same_place(other->list.crl, other->issuer, l->list.crl,
					     l->issuer) &&
			      crl_newer(other->list.crl, l->list.crl);
		}
		if (!old)
			continue;
		if (r == 0)
			r = problem(k, l->name, "superseded by a newer list");
		k->bytes -= l->list.crl->list.der.n;
		crl_free(l->list.crl);
		capcert_cert_free(l->issuer);
		l->list.crl = NULL;
	}
	for (i = 0; i < k->list_count; i++)
		if (k->lists[i].list.crl)
			k->lists[to++] = k->lists[i];
	k->list_count = to;
	return r;
}

int crl_folder_read(int dir, const struct kept *old, struct kept *ret)
{
	struct names certs = { 0 }, lists = { 0 };
	struct kept k = { 0 };
	size_t i;
	int r = read_names(dir, &certs, &lists);

	for (i = 0; r == 0 && i < certs.count; i++)
		r = load_cert(dir, old, certs.name[i], &k);
	for (i = 0; r == 0 && i < lists.count; i++)
		r = load_list(dir, old, lists.name[i], &k);
	if (r == 0)
		r = drop_superseded(&k);
	free(certs.name);
	free(lists.name);
	if (r < 0)
		crl_folder_free(&k);
	else
		*ret = k;
	return r;
}
