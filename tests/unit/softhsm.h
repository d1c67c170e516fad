/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A SoftHSM token of its own for a unit test, and its function list to put faults into. */
#ifndef TESTS_UNIT_SOFTHSM_H
#define TESTS_UNIT_SOFTHSM_H

#include <dlfcn.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <p11-kit/pkcs11.h>

/* SoftHSM leaves DER of points behind, in OpenSSL's names. Nothing of ours calls OpenSSL here. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libcrypto.so\n";
}

#define SOFTHSM_PIN "1234"
#define SOFTHSM_SO  "87654321"

struct softhsm {
	char dir[64];
	char path[300]; /* of the module */
	void *library;
	CK_FUNCTION_LIST *f;
};

static inline void softhsm_path(char *ret, size_t cap)
{
	glob_t found;

	*ret = '\0';
	if (glob("/usr/lib/*/softhsm/libsofthsm2.so", 0, NULL, &found) == 0)
		snprintf(ret, cap, "%s", found.gl_pathv[0]);
	globfree(&found);
}

/* A token, initialised, with a user's PIN. */
static inline int softhsm_token(const struct softhsm *s, const char *label)
{
	CK_SESSION_HANDLE session;
	CK_SLOT_ID slots[16];
	CK_TOKEN_INFO info;
	CK_ULONG n = 16;
	unsigned char padded[32];
	CK_RV rv;

	memset(padded, ' ', sizeof(padded));
	memcpy(padded, label, strlen(label));
	s->f->C_GetSlotList(CK_FALSE, NULL, &n);
	n = 16;
	if (s->f->C_GetSlotList(CK_FALSE, slots, &n) != CKR_OK)
		return -1;
	for (CK_ULONG i = 0; i < n; i++) {
		if (s->f->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
		    (info.flags & CKF_TOKEN_INITIALIZED))
			continue;
		rv = s->f->C_InitToken(slots[i], (unsigned char *)SOFTHSM_SO, 8, padded);
		if (rv == CKR_OK)
			rv = s->f->C_OpenSession(slots[i], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
						 NULL, &session);
		if (rv == CKR_OK)
			rv = s->f->C_Login(session, CKU_SO, (unsigned char *)SOFTHSM_SO, 8);
		if (rv == CKR_OK)
			rv = s->f->C_InitPIN(session, (unsigned char *)SOFTHSM_PIN, 4);
		s->f->C_CloseAllSessions(slots[i]);
		return rv == CKR_OK ? 0 : -1;
	}
	return -1;
}

/* Return: 0, or -1 when there is no SoftHSM. Afterwards the module is not initialised. */
static inline int softhsm_new(struct softhsm *s)
{
	CK_RV (*list)(CK_FUNCTION_LIST **ret);
	char path[128];
	FILE *f;

	memset(s, 0, sizeof(*s));
	softhsm_path(s->path, sizeof(s->path));
	strcpy(s->dir, "/tmp/capcert-softhsm-XXXXXX");
	if (!*s->path || !mkdtemp(s->dir))
		return -1;
	snprintf(path, sizeof(path), "%s/tokens", s->dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/conf", s->dir);
	f = fopen(path, "w");
	fprintf(f, "directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n",
		s->dir);
	fclose(f);
	setenv("SOFTHSM2_CONF", path, 1);
	s->library = dlopen(s->path, RTLD_NOW | RTLD_LOCAL);
	if (!s->library)
		return -1;
	*(void **)&list = dlsym(s->library, "C_GetFunctionList");
	return list(&s->f) == CKR_OK ? 0 : -1;
}

static inline void softhsm_free(struct softhsm *s)
{
	char command[128];

	/* The library stays: unloading it is where it crashes. */
	snprintf(command, sizeof(command), "rm -rf '%s'", s->dir);
	if (*s->dir && system(command))
		return;
}

#endif
