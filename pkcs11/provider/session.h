/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sessions: numbers that a program holds, with a search and an operation each. By the module's lock. */
#ifndef PKCS11_PROVIDER_SESSION_H
#define PKCS11_PROVIDER_SESSION_H

#include "pkcs11/provider/mech.h"
#include "pkcs11/provider/object.h"

#define SESSION_MOST 4096

/** Signing or verifying: at most one per session, whoever works on it has taken it out. */
struct operation {
	struct object *key;
	struct mech_use use;
	bool verify;
	bool parts; /* Update was called */
	uint8_t *message;
	size_t len;
};

struct session {
	CK_SESSION_HANDLE handle;
	CK_FLAGS flags;
	bool searching, busy; /* busy: its operation is being worked on */
	CK_OBJECT_HANDLE *found;
	size_t found_count, given;
	struct operation *operation;
};

/** Return: NULL: there are SESSION_MOST, or out of memory. */
struct session *session_open(CK_FLAGS flags);
struct session *session_find(CK_SESSION_HANDLE handle);
void session_close(struct session *s);
void session_close_all(void);
size_t session_count(bool rw_only);

void session_end_search(struct session *s);
void operation_free(struct operation *op); /* NULL is fine */

#endif
