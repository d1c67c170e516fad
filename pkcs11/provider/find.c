// SPDX-License-Identifier: LGPL-2.1-or-later
/* Searching objects and reading them. */
#include <string.h>
#include "pkcs11/provider/module.h"

#define TEMPLATE_MOST 1024

static bool template_valid(const CK_ATTRIBUTE *t, CK_ULONG n, bool values)
{
	if (n > TEMPLATE_MOST || (n && !t))
		return false;
	for (CK_ULONG i = 0; values && i < n; i++)
		if (t[i].ulValueLen && !t[i].pValue)
			return false;
	return true;
}

CK_RV C_FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE *t, CK_ULONG n)
{
	struct session *s;
	CK_RV rv = module_enter_session(session, &s);

	if (rv != CKR_OK)
		return rv;
	if (!template_valid(t, n, true))
		return module_leave(CKR_ARGUMENTS_BAD);
	if (s->searching)
		return module_leave(CKR_OPERATION_ACTIVE);
	rv = module_refresh();
	if (rv != CKR_OK)
		return module_leave(rv);
	if (catalog_find(module_catalog(), t, n, &s->found, &s->found_count) < 0)
		return module_leave(CKR_HOST_MEMORY);
	s->given = 0;
	s->searching = true;
	return module_leave(CKR_OK);
}

CK_RV C_FindObjects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG most,
		    CK_ULONG *count)
{
	struct session *s;
	size_t n;
	CK_RV rv = module_enter_session(session, &s);

	if (rv != CKR_OK)
		return rv;
	if (!count || (most && !objects))
		return module_leave(CKR_ARGUMENTS_BAD);
	if (!s->searching)
		return module_leave(CKR_OPERATION_NOT_INITIALIZED);
	n = s->found_count - s->given;
	if (n > most)
		n = most;
	if (n)
		memcpy(objects, s->found + s->given, n * sizeof(*objects));
	s->given += n;
	*count = n;
	return module_leave(CKR_OK);
}

CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE session)
{
	struct session *s;
	CK_RV rv = module_enter_session(session, &s);

	if (rv != CKR_OK)
		return rv;
	if (!s->searching)
		return module_leave(CKR_OPERATION_NOT_INITIALIZED);
	session_end_search(s);
	return module_leave(CKR_OK);
}

CK_RV C_GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *t,
			  CK_ULONG n)
{
	struct session *s;
	struct object *o;
	CK_RV rv = module_enter_session(session, &s);

	if (rv != CKR_OK)
		return rv;
	if (!n || !template_valid(t, n, false))
		return module_leave(CKR_ARGUMENTS_BAD);
	o = catalog_at(module_catalog(), object);
	return module_leave(o ? object_get(o, t, n) : CKR_OBJECT_HANDLE_INVALID);
}

CK_RV C_GetObjectSize(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ULONG *size)
{
	struct session *s;
	struct object *o;
	CK_RV rv = module_enter_session(session, &s);

	if (rv != CKR_OK)
		return rv;
	if (!size)
		return module_leave(CKR_ARGUMENTS_BAD);
	o = catalog_at(module_catalog(), object);
	if (!o)
		return module_leave(CKR_OBJECT_HANDLE_INVALID);
	*size = o->used;
	return module_leave(CKR_OK);
}
