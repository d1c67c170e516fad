// SPDX-License-Identifier: LGPL-2.1-or-later
/* C_Initialize and C_Finalize; the lock; forks. No lock is held while a signature is made or waited for. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include "pkcs11/provider/event.h"
#include "pkcs11/provider/module.h"
#include "pkcs11/provider/source.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* By lock. */
static struct {
	bool initialised, logged_in, stale, event;
	uint64_t incarnation; /* counts C_Finalize: who slept over it must notice */
	struct catalog *catalog;
	CK_OBJECT_HANDLE next;
} m = { .next = 1 };

static void drop_all(void)
{
	session_close_all();
	catalog_free(m.catalog);
	m.catalog = NULL;
	m.initialised = false;
	m.incarnation++;
	m.logged_in = false;
	source_forget();
}

/* ---- forks: the child begins anew, as PKCS #11 section 6.6.1 asks ---- */

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void in_parent(void)
{
	pthread_mutex_unlock(&lock);
}

/* The numbers of fds that were opened here may be other files before the child comes to initialise: they stay
 * open in it, which cannot use them, until it executes something. */
static void disown_fds(void)
{
	for (size_t i = 0; m.catalog && i < m.catalog->count; i++)
		if (m.catalog->objects[i]->key)
			m.catalog->objects[i]->key->own_fd = -1;
}

static void in_child(void)
{
	pthread_mutex_init(&lock, NULL);
	event_forget();
	if (m.initialised) {
		disown_fds();
		drop_all();
	}
}

static void first_time(void)
{
	pthread_atfork(before_fork, in_parent, in_child);
}

/* ---- life ---- */

/* Locking is the system's; a program that can only have its own cannot be served. */
static CK_RV check_args(const CK_C_INITIALIZE_ARGS *args)
{
	int given;

	if (!args)
		return CKR_OK;
	given = !!args->CreateMutex + !!args->DestroyMutex + !!args->LockMutex +
		!!args->UnlockMutex;
	if (args->pReserved || (given && given != 4))
		return CKR_ARGUMENTS_BAD;
	return given && !(args->flags & CKF_OS_LOCKING_OK) ? CKR_CANT_LOCK : CKR_OK;
}

CK_RV C_Initialize(void *init_args)
{
	CK_RV rv = check_args(init_args);

	if (rv != CKR_OK)
		return rv;
	pthread_once(&once, first_time);
	pthread_mutex_lock(&lock);
	if (m.initialised) {
		rv = CKR_CRYPTOKI_ALREADY_INITIALIZED;
	} else {
		m.initialised = true;
		m.stale = true;
		m.event = false;
	}
	pthread_mutex_unlock(&lock);
	return rv;
}

CK_RV C_Finalize(void *reserved)
{
	CK_RV rv;

	if (reserved)
		return CKR_ARGUMENTS_BAD;
	rv = module_enter();
	if (rv != CKR_OK)
		return rv;
	drop_all();
	event_wake();
	return module_leave(CKR_OK);
}

CK_RV module_enter(void)
{
	pthread_mutex_lock(&lock);
	if (m.initialised)
		return CKR_OK;
	pthread_mutex_unlock(&lock);
	return CKR_CRYPTOKI_NOT_INITIALIZED;
}

CK_RV module_enter_session(CK_SESSION_HANDLE handle, struct session **ret)
{
	CK_RV rv = module_enter();

	if (rv != CKR_OK)
		return rv;
	*ret = session_find(handle);
	return *ret ? CKR_OK : module_leave(CKR_SESSION_HANDLE_INVALID);
}

void module_reenter(void)
{
	pthread_mutex_lock(&lock);
}

CK_RV module_leave(CK_RV rv)
{
	pthread_mutex_unlock(&lock);
	return rv;
}

/* ---- objects ---- */

void module_stale(void)
{
	m.stale = true;
}

CK_RV module_refresh(void)
{
	struct holdings h = { 0 };
	struct catalog *catalog = NULL;
	int r;

	if (!m.stale && m.catalog && !source_moved())
		return CKR_OK;
	r = source_scan(&h);
	if (r == 0)
		r = catalog_build(&h, m.catalog, &m.next, &catalog);
	holdings_clear(&h);
	if (r < 0) {
		m.stale = true;
		return CKR_HOST_MEMORY;
	}
	if (m.catalog && !catalog_same(m.catalog, catalog)) {
		m.event = true;
		event_wake();
	}
	catalog_free(m.catalog);
	m.catalog = catalog;
	m.stale = false;
	return CKR_OK;
}

const struct catalog *module_catalog(void)
{
	static const struct catalog empty;

	return m.catalog ? m.catalog : &empty;
}

bool module_logged_in(void)
{
	return m.logged_in;
}

void module_set_logged_in(bool yes)
{
	m.logged_in = yes;
}

bool module_take_event(void)
{
	bool event = m.event;

	m.event = false;
	return event;
}

uint64_t module_incarnation(void)
{
	return m.incarnation;
}
