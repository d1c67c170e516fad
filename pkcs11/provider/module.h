/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The module's state in this process: initialised or not, one lock, the objects of now. */
#ifndef PKCS11_PROVIDER_MODULE_H
#define PKCS11_PROVIDER_MODULE_H

#include "pkcs11/provider/catalog.h"
#include "pkcs11/provider/session.h"

#define MODULE_SLOT 1UL

/** module_enter() - take the lock, when the module is initialised. CKR_CRYPTOKI_NOT_INITIALIZED, without it. */
CK_RV module_enter(void);
/** module_enter_session() - and find the session; CKR_SESSION_HANDLE_INVALID. */
CK_RV module_enter_session(CK_SESSION_HANDLE handle, struct session **ret);
/** module_reenter() - take the lock, whatever became of the module meanwhile. */
void module_reenter(void);
/** module_leave() - give it back. Return: @rv. */
CK_RV module_leave(CK_RV rv);

/* Under the lock: */

/** module_refresh() - see that the objects are those of now. CKR_OK, CKR_HOST_MEMORY. */
CK_RV module_refresh(void);
/** module_stale() - the next module_refresh() looks at everything anew. */
void module_stale(void);
const struct catalog *module_catalog(void);

bool module_logged_in(void);
void module_set_logged_in(bool yes);

/** module_take_event() - did objects come or go since the module was initialised, or this was last asked? */
bool module_take_event(void);
/** module_incarnation() - another number after each C_Finalize. */
uint64_t module_incarnation(void);

/** rv_of() - what a negative errno of libcapcert is called here; 0 is CKR_OK. docs/pkcs11.md has the table. */
CK_RV rv_of(int error);

#endif
