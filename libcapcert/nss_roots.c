// SPDX-License-Identifier: LGPL-2.1-or-later
/* Mozilla's list as PKCS#11 objects: certificates, and which trust object belongs to which. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <nettle/sha1.h>
#include <capcert/nss_roots.h>
#include "core/der.h"
#include "core/time.h"
#include "libcapcert/x509.h"

/* An object's own copy of an attribute. */
struct attribute {
	uint8_t *p;
	size_t n;
};

/* Of a certificate: what its trust object is found by. Of a trust object: all there is to it. */
struct entry {
	struct attribute issuer, serial; /* serial: content octets */
	uint8_t sha1[SHA1_DIGEST_SIZE];
	bool have_sha1;
	bool matched;
	uint8_t server_auth, email_protection, code_signing;
	size_t line;
	size_t root; /* index of the certificate */
};

struct capcert_nss_roots {
	struct capcert_nss_root *roots;
	struct entry *certs; /* beside @roots until finish */
	struct entry *trusts;
	size_t count, trust_count;
};

static int refuse(const char **ret_error, const char *error)
{
	*ret_error = error;
	return -EBADMSG;
}

static struct cc_span span_of(struct capcert_bytes b)
{
	return cc_span(b.data, b.len);
}

static int copy(struct cc_span in, struct attribute *ret)
{
	ret->p = malloc(in.n ? in.n : 1);
	if (!ret->p)
		return -ENOMEM;
	if (in.n)
		memcpy(ret->p, in.p, in.n);
	ret->n = in.n;
	return 0;
}

static bool same(const struct attribute *a, struct cc_span b)
{
	return cc_span_equal(cc_span(a->p, a->n), b);
}

static void entry_clear(struct entry *e)
{
	free(e->issuer.p);
	free(e->serial.p);
}

int capcert_nss_roots_new(capcert_nss_roots **ret)
{
	capcert_nss_roots *list = calloc(1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	*ret = list;
	return 0;
}

static void forget_entries(capcert_nss_roots *list)
{
	size_t i;

	for (i = 0; list->certs && i < list->count; i++)
		entry_clear(&list->certs[i]);
	for (i = 0; list->trusts && i < list->trust_count; i++)
		entry_clear(&list->trusts[i]);
	free(list->certs);
	free(list->trusts);
	list->certs = list->trusts = NULL;
}

void capcert_nss_roots_free(capcert_nss_roots *list)
{
	size_t i;

	if (!list)
		return;
	forget_entries(list);
	for (i = 0; i < list->count; i++) {
		capcert_cert_free(list->roots[i].cert);
		free((void *)list->roots[i].der);
		free((void *)list->roots[i].label);
	}
	free(list->roots);
	free(list);
}

size_t capcert_nss_roots_count(const capcert_nss_roots *list)
{
	return list->count;
}

const struct capcert_nss_root *capcert_nss_roots_all(const capcert_nss_roots *list)
{
	return list->roots;
}

const char *capcert_nss_trust_name(uint32_t trust)
{
	static const char *const names[] = {
#define X(nr, name, text) [nr] = text,
		CAPCERT_NSS_TRUSTS(X)
#undef X
	};

	return trust < CAPCERT_NSS_TRUST_COUNT ? names[trust] : "?";
}

/* ---- putting ---- */

static bool distrust_time(struct capcert_bytes b, int64_t *ret)
{
	*ret = CAPCERT_NSS_NEVER;
	if (b.len == 0)
		return true;
	return cc_time_utc(span_of(b), ret) || cc_time_generalized(span_of(b), ret);
}

static int check(const struct capcert_nss_object *o, struct cc_span *ret_serial,
		 const char **ret_error)
{
	struct cc_span issuer;

	if (!o->label || !*o->label)
		return refuse(ret_error, "an object has no CKA_LABEL");
	if (cc_der_only(span_of(o->issuer), CC_DER_SEQUENCE, &issuer))
		return refuse(ret_error, "an object has no CKA_ISSUER that is a Name");
	if (cc_der_only(span_of(o->serial), CC_DER_INTEGER, ret_serial) || !ret_serial->n)
		return refuse(ret_error, "an object has no CKA_SERIAL_NUMBER that is an INTEGER");
	if (o->sha1.len && o->sha1.len != SHA1_DIGEST_SIZE)
		return refuse(ret_error, "a CKA_CERT_SHA1_HASH is not of 20 octets");
	if (!o->trust && !o->value.len)
		return refuse(ret_error, "a certificate has no CKA_VALUE");
	if (o->server_auth >= CAPCERT_NSS_TRUST_COUNT ||
	    o->email_protection >= CAPCERT_NSS_TRUST_COUNT ||
	    o->code_signing >= CAPCERT_NSS_TRUST_COUNT)
		return refuse(ret_error, "a trust value is unknown");
	return 0;
}

static void sha1_of(struct cc_span in, uint8_t ret[SHA1_DIGEST_SIZE])
{
	struct sha1_ctx ctx;

	sha1_init(&ctx);
	sha1_update(&ctx, in.n, in.p);
	sha1_digest(&ctx, SHA1_DIGEST_SIZE, ret);
}

/* @root is all zeros, and part of the list whatever happens: free() takes what is there. */
static int fill(struct capcert_nss_root *root, const struct capcert_nss_object *o,
		struct cc_span serial, const char **ret_error)
{
	struct attribute der;
	int r;

	root->line = o->line;
	root->mozilla_policy = o->mozilla_policy;
	root->label = strdup(o->label);
	if (!root->label || copy(span_of(o->value), &der))
		return -ENOMEM;
	root->der = der.p;
	root->der_len = der.n;
	sha1_of(span_of(o->value), root->sha1);
	if (!distrust_time(o->server_distrust_after, &root->server_distrust_after) ||
	    !distrust_time(o->email_distrust_after, &root->email_distrust_after))
		return refuse(ret_error, "a distrust-after date is not YYMMDDHHMMSSZ");
	r = cert_from_der(cc_span(der.p, der.n), &root->cert, &root->error);
	if (r == -EBADMSG)
		return 0; /* a rule's business */
	if (r < 0)
		return r;
	if (!cc_span_equal(root->cert->parsed.issuer, span_of(o->issuer)) ||
	    !cc_span_equal(root->cert->parsed.serial, serial))
		return refuse(ret_error,
			      "CKA_ISSUER or CKA_SERIAL_NUMBER is not the certificate's");
	return 0;
}

/* One more of @size in an array that is doubled at powers of two. */
static void *grow(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	return reallocarray(array, count ? 2 * count : 1, size);
}

static int put_entry(struct entry **array, size_t count, const struct capcert_nss_object *o,
		     struct cc_span serial)
{
	struct entry *more = grow(*array, count, sizeof(*more)), *e;

	if (!more)
		return -ENOMEM;
	*array = more;
	e = &more[count];
	*e = (struct entry){ .server_auth = o->server_auth,
			     .email_protection = o->email_protection,
			     .code_signing = o->code_signing,
			     .line = o->line,
			     .root = count,
			     .have_sha1 = o->sha1.len != 0 };
	if (e->have_sha1)
		memcpy(e->sha1, o->sha1.data, SHA1_DIGEST_SIZE);
	if (copy(span_of(o->issuer), &e->issuer) || copy(serial, &e->serial)) {
		entry_clear(e);
		return -ENOMEM;
	}
	return 0;
}

static int put_cert(capcert_nss_roots *list, const struct capcert_nss_object *o,
		    struct cc_span serial, const char **ret_error)
{
	struct capcert_nss_root *more = grow(list->roots, list->count, sizeof(*more));
	int r;

	if (!more)
		return -ENOMEM;
	list->roots = more;
	r = put_entry(&list->certs, list->count, o, serial);
	if (r < 0)
		return r;
	more[list->count] = (struct capcert_nss_root){ 0 };
	r = fill(&more[list->count], o, serial, ret_error);
	memcpy(list->certs[list->count].sha1, more[list->count].sha1, SHA1_DIGEST_SIZE);
	list->count++;
	return r;
}

int capcert_nss_roots_put(capcert_nss_roots *list, const struct capcert_nss_object *object,
			  const char **ret_error)
{
	struct cc_span serial;
	int r = check(object, &serial, ret_error);

	if (r < 0)
		return r;
	if (list->count + list->trust_count >= CAPCERT_NSS_MAX) {
		*ret_error = "more than 4096 objects";
		return -EMSGSIZE;
	}
	if (!object->trust)
		return put_cert(list, object, serial, ret_error);
	r = put_entry(&list->trusts, list->trust_count, object, serial);
	list->trust_count += r == 0;
	return r;
}

/* ---- matching ---- */

static int by_sha1(const void *a, const void *b)
{
	const struct entry *const *x = a, *const *y = b;

	return memcmp((*x)->sha1, (*y)->sha1, SHA1_DIGEST_SIZE);
}

/* DigiNotar's trust object has no hash: whatever has its issuer and serial number is meant. */
static struct entry *by_name(const capcert_nss_roots *list, const struct entry *trust)
{
	struct cc_span issuer = cc_span(trust->issuer.p, trust->issuer.n);
	struct cc_span serial = cc_span(trust->serial.p, trust->serial.n);
	size_t i;

	for (i = 0; i < list->count; i++)
		if (same(&list->certs[i].issuer, issuer) && same(&list->certs[i].serial, serial))
			return &list->certs[i];
	return NULL;
}

static bool trusts_anything(const struct entry *trust)
{
	const uint8_t of[] = { trust->server_auth, trust->email_protection, trust->code_signing };
	size_t i;

	for (i = 0; i < sizeof(of); i++)
		if (of[i] == CAPCERT_NSS_TRUSTED_DELEGATOR || of[i] == CAPCERT_NSS_TRUSTED ||
		    of[i] == CAPCERT_NSS_VALID_DELEGATOR)
			return true;
	return false;
}

static int match(capcert_nss_roots *list, struct entry *const *sorted, const struct entry *trust,
		 const char **ret_error)
{
	struct entry *const *found = NULL, *cert;
	struct capcert_nss_root *root;

	if (trust->have_sha1)
		found = bsearch(&trust, sorted, list->count, sizeof(*sorted), by_sha1);
	cert = found ? *found : trust->have_sha1 ? NULL : by_name(list, trust);
	if (!cert) {
		if (trusts_anything(trust))
			return refuse(ret_error, "a trust object trusts what is not in the list");
		return 0; /* distrust of what nobody has */
	}
	if (!same(&cert->issuer, cc_span(trust->issuer.p, trust->issuer.n)) ||
	    !same(&cert->serial, cc_span(trust->serial.p, trust->serial.n)))
		return refuse(ret_error,
			      "a trust object's hash and issuer are of two certificates");
	if (cert->matched)
		return refuse(ret_error, "a second trust object for one certificate");
	cert->matched = true;
	root = &list->roots[cert->root];
	root->server_auth = trust->server_auth;
	root->email_protection = trust->email_protection;
	root->code_signing = trust->code_signing;
	return 0;
}

static int sort(capcert_nss_roots *list, struct entry **sorted, size_t *ret_line,
		const char **ret_error)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		sorted[i] = &list->certs[i];
	qsort(sorted, list->count, sizeof(*sorted), by_sha1);
	for (i = 1; i < list->count; i++)
		if (by_sha1(&sorted[i - 1], &sorted[i]) == 0) {
			*ret_line = sorted[i]->line;
			return refuse(ret_error, "a certificate stands in the list twice");
		}
	return 0;
}

int capcert_nss_roots_finish(capcert_nss_roots *list, size_t *ret_line, const char **ret_error)
{
	struct entry **sorted = calloc(list->count + 1, sizeof(*sorted));
	size_t i;
	int r;

	if (!sorted)
		return -ENOMEM;
	r = sort(list, sorted, ret_line, ret_error);
	for (i = 0; r == 0 && i < list->trust_count; i++) {
		*ret_line = list->trusts[i].line;
		r = match(list, sorted, &list->trusts[i], ret_error);
	}
	free(sorted);
	forget_entries(list);
	list->trust_count = 0;
	return r;
}
