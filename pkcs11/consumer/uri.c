// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a URI may say is less than RFC 7512 allows: PINs, modules and slots are the keeper's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <p11-kit/pkcs11.h>
#include <capcert/vault.h>
#include "pkcs11/consumer/uri.h"

/* Fields of PKCS #11 are padded with blanks, those that a URI does not have are zero. */
static bool given(const unsigned char *field, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (field[i] && field[i] != ' ')
			return true;
	return false;
}

static bool forbidden(P11KitUri *uri)
{
	const CK_SLOT_INFO *slot = p11_kit_uri_get_slot_info(uri);

	return p11_kit_uri_any_unrecognized(uri) || p11_kit_uri_get_pin_value(uri) ||
	       p11_kit_uri_get_pin_source(uri) || p11_kit_uri_get_module_name(uri) ||
	       p11_kit_uri_get_module_path(uri) || p11_kit_uri_get_slot_id(uri) != (CK_SLOT_ID)-1 ||
	       slot->slotDescription[0] || slot->manufacturerID[0];
}

static bool names_token(P11KitUri *uri)
{
	const CK_TOKEN_INFO *token = p11_kit_uri_get_token_info(uri);

	return given(token->label, sizeof(token->label)) ||
	       given(token->serialNumber, sizeof(token->serialNumber));
}

static bool names_object(P11KitUri *uri)
{
	const CK_ATTRIBUTE *id = p11_kit_uri_get_attribute(uri, CKA_ID);
	const CK_ATTRIBUTE *label = p11_kit_uri_get_attribute(uri, CKA_LABEL);

	return (id && id->ulValueLen) || (label && label->ulValueLen);
}

static bool of_private(P11KitUri *uri)
{
	const CK_ATTRIBUTE *class = p11_kit_uri_get_attribute(uri, CKA_CLASS);

	return !class || (class->ulValueLen == sizeof(CK_OBJECT_CLASS) &&
			  *(const CK_OBJECT_CLASS *)class->pValue == CKO_PRIVATE_KEY);
}

int uri_parse(const char *text, bool object, P11KitUri **ret)
{
	CK_OBJECT_CLASS private = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE class = { CKA_CLASS, &private, sizeof(private) };
	P11KitUri *uri;

	if (!text || strlen(text) > CAPCERT_MAX_KEY_URI)
		return -EINVAL;
	uri = p11_kit_uri_new();
	if (!uri)
		return -ENOMEM;
	if (p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri) != P11_KIT_URI_OK || forbidden(uri) ||
	    !names_token(uri) || !of_private(uri) || (object && !names_object(uri)) ||
	    p11_kit_uri_set_attribute(uri, &class) != P11_KIT_URI_OK) {
		p11_kit_uri_free(uri);
		return -EINVAL;
	}
	*ret = uri;
	return 0;
}

int uri_of_key(const CK_TOKEN_INFO *token, const CK_ATTRIBUTE *id, const CK_ATTRIBUTE *label,
	       char *ret, size_t cap)
{
	CK_OBJECT_CLASS private = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE class = { CKA_CLASS, &private, sizeof(private) };
	P11KitUri *uri = p11_kit_uri_new();
	CK_ATTRIBUTE by = *(id->ulValueLen ? id : label);
	CK_TOKEN_INFO *info;
	char *text = NULL;
	int r = 0;

	if (!uri)
		return -ENOMEM;
	by.type = id->ulValueLen ? CKA_ID : CKA_LABEL;
	info = p11_kit_uri_get_token_info(uri);
	memcpy(info->label, token->label, sizeof(info->label));
	memcpy(info->serialNumber, token->serialNumber, sizeof(info->serialNumber));
	if (p11_kit_uri_set_attribute(uri, &class) != P11_KIT_URI_OK ||
	    p11_kit_uri_set_attribute(uri, &by) != P11_KIT_URI_OK ||
	    p11_kit_uri_format(uri, P11_KIT_URI_FOR_OBJECT_ON_TOKEN, &text) != P11_KIT_URI_OK)
		r = -ENOMEM;
	else if (strlen(text) >= cap)
		r = -EMSGSIZE;
	else
		strcpy(ret, text);
	free(text);
	p11_kit_uri_free(uri);
	return r;
}
