/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What signing and verifying share: an operation is begun, fed, taken out of its session, and run without
 * the lock. */
#ifndef PKCS11_PROVIDER_OPERATION_H
#define PKCS11_PROVIDER_OPERATION_H

#include "pkcs11/provider/module.h"

/* A message that comes in parts is kept: the kernel takes it as one. */
#define OPERATION_MESSAGE_MOST (16u << 20)

CK_RV operation_begin(CK_SESSION_HANDLE session, const CK_MECHANISM *mechanism,
		      CK_OBJECT_HANDLE key, bool verify);
CK_RV operation_update(CK_SESSION_HANDLE session, const uint8_t *part, CK_ULONG len, bool verify);

/** operation_enter() - the session's operation of this kind, with the lock. CKR_OPERATION_NOT_INITIALIZED,
 *  CKR_OPERATION_ACTIVE when it is being worked on, or is of parts and @parts says the other: without it.
 *  @bad: the arguments are no good: CKR_ARGUMENTS_BAD, which ends the operation. */
CK_RV operation_enter(CK_SESSION_HANDLE session, bool verify, bool parts, bool bad,
		      struct session **ret);
/** operation_end() - without the lock, done. Return: @rv. */
CK_RV operation_end(struct session *s, CK_RV rv);

/** operation_take() - it is the caller's now, and the lock is given back; nothing else begins in the session. */
struct operation *operation_take(struct session *s);
/** operation_done() - free it, and let the session, if it is still there, begin another. Return: @rv. */
CK_RV operation_done(CK_SESSION_HANDLE session, struct operation *op, CK_RV rv);

#endif
