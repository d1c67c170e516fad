// SPDX-License-Identifier: LGPL-2.1-or-later
/* Tokens by what is written on them. Slot numbers change, labels and serial numbers do not. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "pkcs11/consumer/keys.h"
#include "pkcs11/consumer/token.h"

#define SLOTS_MOST 256

int rv_error(CK_RV rv)
{
	switch (rv) {
	case CKR_OK:
		return 0;
	case CKR_HOST_MEMORY:
	case CKR_DEVICE_MEMORY:
		return -ENOMEM;
	case CKR_SESSION_COUNT:
		return -EBUSY;
	case CKR_PIN_INCORRECT:
	case CKR_PIN_INVALID:
	case CKR_PIN_LEN_RANGE:
	case CKR_PIN_EXPIRED:
		return -EKEYREJECTED;
	case CKR_PIN_LOCKED:
		return -EUSERS;
	case CKR_USER_PIN_NOT_INITIALIZED:
		return -ENOKEY;
	case CKR_MECHANISM_INVALID:
	case CKR_MECHANISM_PARAM_INVALID:
	case CKR_KEY_TYPE_INCONSISTENT:
	case CKR_KEY_FUNCTION_NOT_PERMITTED:
	case CKR_FUNCTION_NOT_SUPPORTED:
	case CKR_KEY_SIZE_RANGE:
	case CKR_TEMPLATE_INCONSISTENT:
	case CKR_ATTRIBUTE_VALUE_INVALID:
	case CKR_CURVE_NOT_SUPPORTED:
		return -EOPNOTSUPP;
	case CKR_TOKEN_WRITE_PROTECTED:
	case CKR_SESSION_READ_ONLY:
	case CKR_ACTION_PROHIBITED:
		return -EROFS;
	case CKR_DATA_LEN_RANGE:
	case CKR_DATA_INVALID:
		return -EINVAL;
	default:
		return -ENODEV;
	}
}

/* ---- modules ---- */

static int64_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static bool module_up(struct module *m)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	CK_RV rv = m->f->C_Initialize(&args);

	m->up = rv == CKR_OK || rv == CKR_CRYPTOKI_ALREADY_INITIALIZED;
	return m->up;
}

unsigned int modules_resets(capcert_vault *v)
{
	unsigned int n;

	pthread_rwlock_rdlock(&v->gate);
	n = v->modules->resets;
	pthread_rwlock_unlock(&v->gate);
	return n;
}

/* Some modules look for tokens when they are initialised and never again. */
bool modules_reset(capcert_vault *v, unsigned int resets)
{
	bool again = true;

	pthread_rwlock_wrlock(&v->gate);
	if (v->modules->resets == resets) {
		again = v->modules->reset_at + 1 < seconds();
		if (again) {
			for (struct token *t = v->tokens; t; t = t->next)
				token_reset(t, t->epoch);
			keys_forget(v, NULL);
			for (size_t i = 0; i < v->module_count; i++) {
				if (v->modules[i].up)
					v->modules[i].f->C_Finalize(NULL);
				module_up(&v->modules[i]);
			}
			v->modules->reset_at = seconds();
			v->modules->resets++;
		}
	}
	pthread_rwlock_unlock(&v->gate);
	return again;
}

int vault_run(capcert_vault *v, int (*once)(capcert_vault *v, void *ctx), void *ctx)
{
	unsigned int resets = modules_resets(v);
	int r = -ENODEV;

	for (int attempt = 0; attempt < 3; attempt++) {
		if (attempt == 2 && !modules_reset(v, resets))
			break;
		pthread_rwlock_rdlock(&v->gate);
		r = once(v, ctx);
		pthread_rwlock_unlock(&v->gate);
		if (r != -ENODEV)
			break;
	}
	return r;
}

/* ---- a new vault ---- */

static void free_list(const char *const *list, size_t n)
{
	for (size_t i = 0; list && i < n; i++)
		free((char *)(uintptr_t)list[i]);
	free((void *)(uintptr_t)list);
}

static const char *const *copy_list(const char *const *list, size_t n)
{
	char **copy = calloc(n + 1, sizeof(*copy));

	for (size_t i = 0; copy && i < n; i++) {
		copy[i] = strdup(list[i]);
		if (!copy[i]) {
			free_list((const char *const *)copy, i);
			return NULL;
		}
	}
	return (const char *const *)copy;
}

static int copy_options(capcert_vault *v, const struct capcert_vault_options *o)
{
	v->options = *o;
	v->options.modules = NULL;
	v->options.hardware = copy_list(o->hardware, o->hardware_count);
	v->options.tokens = copy_list(o->tokens, o->token_count);
	return v->options.hardware && v->options.tokens ? 0 : -ENOMEM;
}

static void init_locks(capcert_vault *v)
{
	pthread_rwlockattr_t attr;

	/* Who waits to start the modules anew must not wait for all who fail without. */
	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&v->gate, &attr);
	pthread_rwlockattr_destroy(&attr);
	pthread_mutex_init(&v->lock, NULL);
}

int vault_new_of(const struct capcert_vault_options *options, CK_FUNCTION_LIST *const *modules,
		 size_t count, capcert_vault **ret)
{
	capcert_vault *v = calloc(1, sizeof(*v));
	size_t up = 0;

	if (!v)
		return -ENOMEM;
	init_locks(v);
	v->modules = calloc(count + 1, sizeof(*v->modules));
	if (!v->modules || copy_options(v, options) < 0) {
		capcert_vault_free(v);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		v->modules[i].f = modules[i];
		v->modules[i].reset_at = seconds();
		up += module_up(&v->modules[i]);
	}
	v->module_count = count;
	if (!up) {
		capcert_vault_free(v);
		return -ENODEV;
	}
	*ret = v;
	return 0;
}

static CK_FUNCTION_LIST **load(const struct capcert_vault_options *o)
{
	CK_FUNCTION_LIST **list;
	size_t n = 0;

	if (!o->modules)
		return p11_kit_modules_load(NULL, 0);
	list = calloc(o->module_count + 1, sizeof(*list));
	for (size_t i = 0; list && i < o->module_count; i++) {
		list[n] = p11_kit_module_load(o->modules[i], 0);
		if (list[n])
			n++;
	}
	return list;
}

static void unload(CK_FUNCTION_LIST **list, bool together)
{
	if (together) {
		p11_kit_modules_release(list);
		return;
	}
	for (size_t i = 0; list[i]; i++)
		p11_kit_module_release(list[i]);
	free(list);
}

int capcert_vault_new(const struct capcert_vault_options *options, capcert_vault **ret)
{
	CK_FUNCTION_LIST **list = load(options);
	capcert_vault *v = NULL;
	size_t n = 0;
	int r;

	if (!list)
		return options->modules ? -ENOMEM : -ENODEV;
	while (list[n])
		n++;
	r = n ? vault_new_of(options, list, n, &v) : -ENODEV;
	if (r < 0) {
		unload(list, !options->modules);
		return r;
	}
	v->loaded = list;
	v->options.module_count = options->modules ? n : 0;
	*ret = v;
	return 0;
}

void capcert_vault_free(capcert_vault *v)
{
	struct token *t;

	if (!v)
		return;
	keys_forget(v, NULL);
	while ((t = v->tokens)) {
		v->tokens = t->next;
		token_reset(t, t->epoch);
		pthread_mutex_destroy(&t->lock);
		pthread_cond_destroy(&t->freed);
		explicit_bzero(t, sizeof(*t));
		free(t);
	}
	for (size_t i = 0; i < v->module_count; i++)
		if (v->modules[i].up)
			v->modules[i].f->C_Finalize(NULL);
	if (v->loaded)
		unload(v->loaded, !v->options.module_count);
	free_list(v->options.hardware, v->options.hardware_count);
	free_list(v->options.tokens, v->options.token_count);
	free(v->modules);
	pthread_rwlock_destroy(&v->gate);
	pthread_mutex_destroy(&v->lock);
	free(v);
}

/* ---- finding ---- */

/* Fields are padded with blanks and have no end; what goes into a log is printable. */
static void text_of(const unsigned char *field, size_t n, char *ret)
{
	while (n && (field[n - 1] == ' ' || !field[n - 1]))
		n--;
	for (size_t i = 0; i < n; i++)
		ret[i] = field[i] >= ' ' && field[i] < 0x7f ? (char)field[i] : '?';
	ret[n] = '\0';
}

static bool listed(const char *const *list, size_t n, const char *label)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], label))
			return true;
	return false;
}

static bool allowed(capcert_vault *v, const CK_TOKEN_INFO *info)
{
	char label[33];

	text_of(info->label, sizeof(info->label), label);
	return !v->options.token_count || listed(v->options.tokens, v->options.token_count, label);
}

/* SoftHSM keeps keys in files, whatever anybody says of it. */
static uint32_t source_of(capcert_vault *v, struct module *m, CK_SLOT_ID slot, const char *label)
{
	CK_SLOT_INFO slot_info;
	CK_INFO info;

	memset(&info, 0, sizeof(info));
	if (m->f->C_GetInfo(&info) != CKR_OK ||
	    !strncmp((const char *)info.manufacturerID, "SoftHSM", 7) ||
	    !strncmp((const char *)info.libraryDescription, "Implementation of PKCS11", 24))
		return CAPCERT_KEY_SOFTHSM_DEV;
	if (m->f->C_GetSlotInfo(slot, &slot_info) == CKR_OK && (slot_info.flags & CKF_HW_SLOT))
		return CAPCERT_KEY_PKCS11_HARDWARE;
	return listed(v->options.hardware, v->options.hardware_count, label)
		       ? CAPCERT_KEY_PKCS11_HARDWARE
		       : CAPCERT_KEY_SOFTHSM_DEV;
}

static unsigned int limit_of(capcert_vault *v, const CK_TOKEN_INFO *info)
{
	unsigned int most = v->options.max_sessions;

	if (!most || most > SESSIONS_MOST)
		most = SESSIONS_MOST;
	/* 0 is "no limit", and so is all ones where it is not known. */
	if (info->ulMaxSessionCount && info->ulMaxSessionCount < most)
		most = (unsigned int)info->ulMaxSessionCount;
	return most;
}

/* With the vault's lock. */
static struct token *remember(capcert_vault *v, struct module *m, CK_SLOT_ID slot,
			      const CK_TOKEN_INFO *info)
{
	char label[33], serial[17];
	struct token *t;

	text_of(info->label, sizeof(info->label), label);
	text_of(info->serialNumber, sizeof(info->serialNumber), serial);
	for (t = v->tokens; t; t = t->next)
		if (t->module == m && !strcmp(t->label, label) && !strcmp(t->serial, serial))
			break;
	if (!t) {
		t = calloc(1, sizeof(*t));
		if (!t)
			return NULL;
		pthread_mutex_init(&t->lock, NULL);
		pthread_cond_init(&t->freed, NULL);
		strcpy(t->label, label);
		strcpy(t->serial, serial);
		t->module = m;
		t->slot = slot;
		t->limit = limit_of(v, info);
		t->source = source_of(v, m, slot, label);
		t->next = v->tokens;
		v->tokens = t;
	}
	if (t->slot != slot) {
		token_reset(t, t->epoch);
		t->slot = slot;
	}
	t->info = *info;
	return t;
}

static int find_in(capcert_vault *v, struct module *m, P11KitUri *uri, struct token **ret)
{
	CK_SLOT_ID slots[SLOTS_MOST];
	CK_TOKEN_INFO info;
	CK_ULONG n = 0;
	CK_INFO lib;
	int r = 0;

	/* Without a buffer first: only that makes a module look for new slots (section 5.5). */
	if (!m->up || m->f->C_GetInfo(&lib) != CKR_OK ||
	    !p11_kit_uri_match_module_info(uri, &lib) ||
	    m->f->C_GetSlotList(CK_TRUE, NULL, &n) != CKR_OK)
		return 0;
	n = SLOTS_MOST;
	if (m->f->C_GetSlotList(CK_TRUE, slots, &n) != CKR_OK)
		return 0;
	for (CK_ULONG i = 0; r == 0 && i < n; i++) {
		if (m->f->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
		    !(info.flags & CKF_TOKEN_INITIALIZED) || !allowed(v, &info) ||
		    !p11_kit_uri_match_token_info(uri, &info))
			continue;
		if (*ret)
			return -ENOTUNIQ;
		*ret = remember(v, m, slots[i], &info);
		r = *ret ? 0 : -ENOMEM;
	}
	return r;
}

int token_find(capcert_vault *v, P11KitUri *uri, struct token **ret)
{
	struct token *t = NULL;
	int r = 0;

	pthread_mutex_lock(&v->lock);
	for (size_t i = 0; r == 0 && i < v->module_count; i++)
		r = find_in(v, &v->modules[i], uri, &t);
	pthread_mutex_unlock(&v->lock);
	if (r == 0 && !t)
		r = -ENODEV;
	if (r == 0)
		*ret = t;
	return r;
}
