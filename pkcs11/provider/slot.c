// SPDX-License-Identifier: LGPL-2.1-or-later
/* One slot with one token that needs no PIN: who holds a handle may use it. */
#include <string.h>
#include <capcert/capcert.h>
#include "pkcs11/provider/module.h"

#define MANUFACTURER "capcert"
#define SERIAL "capcert-handles"

/* Blank-padded, without NUL. */
static void pad(unsigned char *field, size_t size, const char *text)
{
	size_t n = strlen(text);

	memset(field, ' ', size);
	memcpy(field, text, n < size ? n : size);
}

static CK_VERSION version(void)
{
	const char *v = capcert_version();
	CK_VERSION ret = { 0 };

	for (; *v >= '0' && *v <= '9'; v++)
		ret.major = (unsigned char)(ret.major * 10 + (*v - '0'));
	if (*v == '.')
		for (v++; *v >= '0' && *v <= '9'; v++)
			ret.minor = (unsigned char)(ret.minor * 10 + (*v - '0'));
	return ret;
}

CK_RV C_GetInfo(CK_INFO *info)
{
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	if (!info)
		return module_leave(CKR_ARGUMENTS_BAD);
	memset(info, 0, sizeof(*info));
	info->cryptokiVersion.major = 2;
	info->cryptokiVersion.minor = 40;
	info->libraryVersion = version();
	pad(info->manufacturerID, sizeof(info->manufacturerID), MANUFACTURER);
	pad(info->libraryDescription, sizeof(info->libraryDescription),
	    "Handles as PKCS#11 objects");
	return module_leave(CKR_OK);
}

CK_RV C_GetSlotList(unsigned char present, CK_SLOT_ID *list, CK_ULONG *count)
{
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	if (!count)
		return module_leave(CKR_ARGUMENTS_BAD);
	if (list && *count < 1)
		rv = CKR_BUFFER_TOO_SMALL;
	else if (list)
		list[0] = MODULE_SLOT;
	*count = 1;
	return module_leave(rv);
}

/* The lock is held on CKR_OK. */
static CK_RV enter_slot(CK_SLOT_ID slot, const void *out)
{
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	if (slot != MODULE_SLOT)
		return module_leave(CKR_SLOT_ID_INVALID);
	return out ? CKR_OK : module_leave(CKR_ARGUMENTS_BAD);
}

CK_RV C_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
	CK_RV rv = enter_slot(slot, info);

	if (rv != CKR_OK)
		return rv;
	memset(info, 0, sizeof(*info));
	pad(info->slotDescription, sizeof(info->slotDescription), "Handles of this process");
	pad(info->manufacturerID, sizeof(info->manufacturerID), MANUFACTURER);
	info->flags = CKF_TOKEN_PRESENT;
	info->firmwareVersion = version();
	return module_leave(CKR_OK);
}

CK_RV C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV rv = enter_slot(slot, info);

	if (rv != CKR_OK)
		return rv;
	memset(info, 0, sizeof(*info));
	pad(info->label, sizeof(info->label), "capcert");
	pad(info->manufacturerID, sizeof(info->manufacturerID), MANUFACTURER);
	pad(info->model, sizeof(info->model), "handles");
	pad(info->serialNumber, sizeof(info->serialNumber), SERIAL);
	pad(info->utcTime, sizeof(info->utcTime), "");
	info->flags = CKF_TOKEN_INITIALIZED | CKF_WRITE_PROTECTED;
	info->ulMaxSessionCount = SESSION_MOST;
	info->ulMaxRwSessionCount = SESSION_MOST;
	info->ulSessionCount = session_count(false);
	info->ulRwSessionCount = session_count(true);
	info->ulTotalPublicMemory = CK_UNAVAILABLE_INFORMATION;
	info->ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
	info->ulTotalPrivateMemory = CK_UNAVAILABLE_INFORMATION;
	info->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
	info->firmwareVersion = version();
	return module_leave(CKR_OK);
}

CK_RV C_GetMechanismList(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count)
{
	CK_MECHANISM_TYPE all[MECH_MOST];
	size_t n = mech_all(all);
	CK_RV rv = enter_slot(slot, count);

	if (rv != CKR_OK)
		return rv;
	if (list && *count < n)
		rv = CKR_BUFFER_TOO_SMALL;
	else if (list)
		memcpy(list, all, n * sizeof(*all));
	*count = n;
	return module_leave(rv);
}

CK_RV C_GetMechanismInfo(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
	CK_RV rv = enter_slot(slot, info);

	return rv == CKR_OK ? module_leave(mech_info(type, info)) : rv;
}

/* ---- sessions ---- */

/* Sessions that may write are given, since programs ask for them that never do: there is nothing to write. */
CK_RV C_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
		    CK_SESSION_HANDLE *session)
{
	struct session *s;
	CK_RV rv = enter_slot(slot, session);

	if (rv != CKR_OK)
		return rv;
	if (!(flags & CKF_SERIAL_SESSION))
		return module_leave(CKR_SESSION_PARALLEL_NOT_SUPPORTED);
	rv = module_refresh();
	if (rv != CKR_OK)
		return module_leave(rv);
	s = session_open(flags & (CKF_SERIAL_SESSION | CKF_RW_SESSION));
	if (!s)
		return module_leave(session_count(false) == SESSION_MOST ? CKR_SESSION_COUNT
									 : CKR_HOST_MEMORY);
	*session = s->handle;
	return module_leave(CKR_OK);
}

/* The last session that is closed logs out. */
static void forget_login(void)
{
	if (!session_count(false))
		module_set_logged_in(false);
}

CK_RV C_CloseSession(CK_SESSION_HANDLE session)
{
	struct session *s;
	CK_RV rv = module_enter_session(session, &s);

	if (rv != CKR_OK)
		return rv;
	session_close(s);
	forget_login();
	return module_leave(CKR_OK);
}

CK_RV C_CloseAllSessions(CK_SLOT_ID slot)
{
	CK_RV rv = enter_slot(slot, &slot);

	if (rv != CKR_OK)
		return rv;
	session_close_all();
	forget_login();
	return module_leave(CKR_OK);
}

CK_RV C_GetSessionInfo(CK_SESSION_HANDLE session, CK_SESSION_INFO *info)
{
	struct session *s;
	CK_RV rv = module_enter_session(session, &s);

	if (rv != CKR_OK)
		return rv;
	if (!info)
		return module_leave(CKR_ARGUMENTS_BAD);
	memset(info, 0, sizeof(*info));
	info->slotID = MODULE_SLOT;
	info->flags = s->flags;
	if (s->flags & CKF_RW_SESSION)
		info->state = module_logged_in() ? CKS_RW_USER_FUNCTIONS : CKS_RW_PUBLIC_SESSION;
	else
		info->state = module_logged_in() ? CKS_RO_USER_FUNCTIONS : CKS_RO_PUBLIC_SESSION;
	return module_leave(CKR_OK);
}

/* Nothing depends on it, and any PIN will do: programs that insist are let in. */
CK_RV C_Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *pin, CK_ULONG pin_len)
{
	struct session *s;
	CK_RV rv = module_enter_session(session, &s);

	if (rv != CKR_OK)
		return rv;
	if (user != CKU_USER)
		return module_leave(CKR_USER_TYPE_INVALID);
	if (module_logged_in())
		return module_leave(CKR_USER_ALREADY_LOGGED_IN);
	module_set_logged_in(true);
	return module_leave(CKR_OK);
}

CK_RV C_Logout(CK_SESSION_HANDLE session)
{
	struct session *s;
	CK_RV rv = module_enter_session(session, &s);

	if (rv != CKR_OK)
		return rv;
	rv = module_logged_in() ? CKR_OK : CKR_USER_NOT_LOGGED_IN;
	module_set_logged_in(false);
	return module_leave(rv);
}
