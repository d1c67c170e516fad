// SPDX-License-Identifier: LGPL-2.1-or-later
/* Certificates and NSS trust objects of a PKCS#11 module that is given by its path. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <p11-kit/pkcs11.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11x.h>
#include <capcert/nss_roots.h>

#define SLOTS_MAX 16
#define ATTRIBUTE_MAX 65535
#define BATCH 64

enum {
	LABEL,
	VALUE,
	ISSUER,
	SERIAL,
	SHA1,
	SERVER_AFTER,
	EMAIL_AFTER,
	POLICY,
	SERVER_AUTH,
	EMAIL,
	CODE,
	COUNT
};

static const CK_ATTRIBUTE_TYPE types[COUNT] = {
	[LABEL] = CKA_LABEL,
	[VALUE] = CKA_VALUE,
	[ISSUER] = CKA_ISSUER,
	[SERIAL] = CKA_SERIAL_NUMBER,
	[SHA1] = CKA_CERT_SHA1_HASH,
	[SERVER_AFTER] = CKA_NSS_SERVER_DISTRUST_AFTER,
	[EMAIL_AFTER] = CKA_NSS_EMAIL_DISTRUST_AFTER,
	[POLICY] = CKA_NSS_MOZILLA_CA_POLICY,
	[SERVER_AUTH] = CKA_TRUST_SERVER_AUTH,
	[EMAIL] = CKA_TRUST_EMAIL_PROTECTION,
	[CODE] = CKA_TRUST_CODE_SIGNING,
};

struct source {
	CK_FUNCTION_LIST *module;
	CK_SESSION_HANDLE session;
	capcert_nss_roots *list;
	const char *error; /* static */
};

static int refuse(struct source *s, int r, const char *error)
{
	s->error = error;
	return r;
}

static void clear(CK_ATTRIBUTE *a)
{
	size_t i;

	for (i = 0; i < COUNT; i++)
		free(a[i].pValue);
}

/* Attributes that the object does not have, or will not give, are empty afterwards. */
static bool answered(CK_RV rv)
{
	return rv == CKR_OK || rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_SENSITIVE;
}

/* First the lengths, then the values, each with a NUL behind it. */
static int read_attributes(struct source *s, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *a)
{
	CK_ULONG asked[COUNT];
	size_t i;

	for (i = 0; i < COUNT; i++)
		a[i] = (CK_ATTRIBUTE){ types[i], NULL, 0 };
	if (!answered(s->module->C_GetAttributeValue(s->session, object, a, COUNT)))
		return refuse(s, -EIO, "the module does not give an object's attributes");
	for (i = 0; i < COUNT; i++) {
		if (a[i].ulValueLen == CK_UNAVAILABLE_INFORMATION)
			a[i].ulValueLen = 0;
		if (a[i].ulValueLen > ATTRIBUTE_MAX)
			return refuse(s, -EBADMSG, "an attribute is longer than 65535 octets");
		asked[i] = a[i].ulValueLen;
		a[i].pValue = calloc(1, a[i].ulValueLen + 1);
		if (!a[i].pValue)
			return -ENOMEM;
	}
	if (!answered(s->module->C_GetAttributeValue(s->session, object, a, COUNT)))
		return refuse(s, -EIO, "the module does not give an object's attributes");
	for (i = 0; i < COUNT; i++) {
		if (a[i].ulValueLen == CK_UNAVAILABLE_INFORMATION)
			a[i].ulValueLen = 0;
		if (a[i].ulValueLen > asked[i])
			return refuse(s, -EIO, "the module wrote more than it was given room for");
	}
	return 0;
}

static int trust_of(struct source *s, const CK_ATTRIBUTE *a, uint8_t *ret)
{
	static const struct {
		CK_ULONG value;
		uint8_t trust;
	} known[] = {
		{ CKT_NSS_TRUSTED_DELEGATOR, CAPCERT_NSS_TRUSTED_DELEGATOR },
		{ CKT_NSS_MUST_VERIFY_TRUST, CAPCERT_NSS_MUST_VERIFY_TRUST },
		{ CKT_NSS_NOT_TRUSTED, CAPCERT_NSS_NOT_TRUSTED },
		{ CKT_NSS_TRUSTED, CAPCERT_NSS_TRUSTED },
		{ CKT_NSS_TRUST_UNKNOWN, CAPCERT_NSS_TRUST_UNKNOWN },
		{ CKT_NSS_VALID_DELEGATOR, CAPCERT_NSS_VALID_DELEGATOR },
	};
	CK_ULONG value;
	size_t i;

	*ret = CAPCERT_NSS_NONE;
	if (!a->ulValueLen)
		return 0;
	if (a->ulValueLen != sizeof(value))
		return refuse(s, -EBADMSG, "a trust attribute is no CK_ULONG");
	memcpy(&value, a->pValue, sizeof(value));
	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].value == value) {
			*ret = known[i].trust;
			return 0;
		}
	return refuse(s, -EBADMSG, "a trust attribute has an unknown value");
}

static struct capcert_bytes bytes_of(const CK_ATTRIBUTE *a)
{
	return (struct capcert_bytes){ a->pValue, a->ulValueLen };
}

/* A date that is not there is CK_FALSE: one octet. */
static struct capcert_bytes date_of(const CK_ATTRIBUTE *a)
{
	if (a->ulValueLen == 1 && *(const CK_BBOOL *)a->pValue == CK_FALSE)
		return (struct capcert_bytes){ NULL, 0 };
	return bytes_of(a);
}

static int put(struct source *s, const CK_ATTRIBUTE *a, bool trust)
{
	struct capcert_nss_object object = {
		.trust = trust,
		.label = a[LABEL].pValue,
		.value = bytes_of(&a[VALUE]),
		.issuer = bytes_of(&a[ISSUER]),
		.serial = bytes_of(&a[SERIAL]),
		.sha1 = bytes_of(&a[SHA1]),
		.server_distrust_after = date_of(&a[SERVER_AFTER]),
		.email_distrust_after = date_of(&a[EMAIL_AFTER]),
		.mozilla_policy =
			a[POLICY].ulValueLen == 1 && *(const CK_BBOOL *)a[POLICY].pValue == CK_TRUE,
	};
	int r = trust_of(s, &a[SERVER_AUTH], &object.server_auth);

	if (!r)
		r = trust_of(s, &a[EMAIL], &object.email_protection);
	if (!r)
		r = trust_of(s, &a[CODE], &object.code_signing);
	if (!r)
		r = capcert_nss_roots_put(s->list, &object, &s->error);
	return r == -EMSGSIZE ? -EBADMSG : r;
}

static int read_batch(struct source *s, const CK_OBJECT_HANDLE *objects, CK_ULONG n, bool trust)
{
	CK_ATTRIBUTE attributes[COUNT];
	CK_ULONG i;
	int r = 0;

	for (i = 0; !r && i < n; i++) {
		memset(attributes, 0, sizeof(attributes));
		r = read_attributes(s, objects[i], attributes);
		if (!r)
			r = put(s, attributes, trust);
		clear(attributes);
	}
	return r;
}

static int read_class(struct source *s, CK_OBJECT_CLASS class, bool trust)
{
	CK_ATTRIBUTE template[] = { { CKA_CLASS, &class, sizeof(class) } };
	CK_OBJECT_HANDLE objects[BATCH];
	CK_ULONG n;
	int r = 0;

	if (s->module->C_FindObjectsInit(s->session, template, 1) != CKR_OK)
		return refuse(s, -EIO, "the module cannot be searched");
	do {
		n = 0;
		if (s->module->C_FindObjects(s->session, objects, BATCH, &n) != CKR_OK || n > BATCH)
			r = refuse(s, -EIO, "the module does not list its objects");
		else
			r = read_batch(s, objects, n, trust);
	} while (!r && n);
	s->module->C_FindObjectsFinal(s->session);
	return r;
}

static int read_slot(struct source *s, CK_SLOT_ID slot)
{
	int r;

	if (s->module->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &s->session) != CKR_OK)
		return refuse(s, -EIO, "the module opens no session");
	r = read_class(s, CKO_CERTIFICATE, false);
	if (!r)
		r = read_class(s, CKO_NSS_TRUST, true);
	s->module->C_CloseSession(s->session);
	return r;
}

static int read_module(struct source *s)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG count = SLOTS_MAX, i;
	size_t line = 0;
	int r = 0;

	if (s->module->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK)
		return refuse(s, -EIO, "the module does not list its tokens, or has over 16");
	for (i = 0; !r && i < count; i++)
		r = read_slot(s, slots[i]);
	if (!r)
		r = capcert_nss_roots_finish(s->list, &line, &s->error);
	if (!r && !capcert_nss_roots_count(s->list))
		r = refuse(s, -EBADMSG, "the module holds no certificate");
	return r;
}

/* p11-kit looks for relative paths in its own folder only. */
static CK_FUNCTION_LIST *load(const char *path)
{
	char *real = realpath(path, NULL);
	CK_FUNCTION_LIST *module =
		p11_kit_module_load(real ? real : path, P11_KIT_MODULE_UNMANAGED);

	free(real);
	return module;
}

int capcert_nss_roots_from_module(const char *path, capcert_nss_roots **ret, const char **ret_error)
{
	struct source s = { 0 };
	int r = capcert_nss_roots_new(&s.list);

	if (r)
		return r;
	s.module = load(path);
	if (!s.module) {
		r = refuse(&s, -ENOENT, "it is no PKCS#11 module that can be loaded");
	} else if (p11_kit_module_initialize(s.module) != CKR_OK) {
		r = refuse(&s, -EIO, "the module does not initialize");
		p11_kit_module_release(s.module);
	} else {
		r = read_module(&s);
		p11_kit_module_finalize(s.module);
		p11_kit_module_release(s.module);
	}
	if (r) {
		capcert_nss_roots_free(s.list);
		if (s.error)
			*ret_error = s.error;
		return r;
	}
	*ret = s.list;
	return 0;
}
