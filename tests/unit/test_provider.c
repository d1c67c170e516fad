// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The PKCS#11 provider over keys in memory: life, objects, and what it is without any. */
#include "tests/unit/provider_memory.h"

/* ---- life ---- */

static CK_RV fake_mutex(void *mutex)
{
	return CKR_OK;
}

static CK_RV fake_create(void **mutex)
{
	return CKR_OK;
}

static void test_life(void **state)
{
	CK_C_INITIALIZE_ARGS args = { 0 };
	CK_ULONG n = 0;
	CK_INFO info;

	assert_int_equal(C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_int_equal(C_GetSlotList(1, NULL, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_int_equal(C_Finalize(NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_int_equal(C_SignInit(1, NULL, 1), CKR_CRYPTOKI_NOT_INITIALIZED);
	args.pReserved = &n;
	assert_int_equal(C_Initialize(&args), CKR_ARGUMENTS_BAD);
	args = (CK_C_INITIALIZE_ARGS){ .CreateMutex = fake_create };
	assert_int_equal(C_Initialize(&args), CKR_ARGUMENTS_BAD);
	args = (CK_C_INITIALIZE_ARGS){ fake_create, fake_mutex, fake_mutex, fake_mutex, 0, NULL };
	assert_int_equal(C_Initialize(&args), CKR_CANT_LOCK);
	args.flags = CKF_OS_LOCKING_OK;
	assert_int_equal(C_Initialize(&args), CKR_OK);
	assert_int_equal(C_Initialize(NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
	assert_int_equal(C_Finalize(&n), CKR_ARGUMENTS_BAD);
	assert_int_equal(C_GetInfo(NULL), CKR_ARGUMENTS_BAD);
	assert_int_equal(C_GetInfo(&info), CKR_OK);
	assert_int_equal(info.cryptokiVersion.major * 100 + info.cryptokiVersion.minor, 240);
	assert_int_equal(C_Finalize(NULL), CKR_OK);
}

static void test_slot(void **state)
{
	CK_MECHANISM_TYPE list[32];
	CK_MECHANISM_INFO mechanism;
	CK_SLOT_ID slots[2];
	CK_TOKEN_INFO token;
	CK_SLOT_INFO slot;
	CK_ULONG n = 0, m;

	assert_int_equal(C_GetSlotList(1, NULL, NULL), CKR_ARGUMENTS_BAD);
	assert_int_equal(C_GetSlotList(1, NULL, &n), CKR_OK);
	assert_int_equal(n, 1);
	n = 0;
	assert_int_equal(C_GetSlotList(1, slots, &n), CKR_BUFFER_TOO_SMALL);
	assert_int_equal(n, 1);
	assert_int_equal(C_GetSlotList(1, slots, &n), CKR_OK);
	assert_int_equal(C_GetSlotInfo(slots[0] + 1, &slot), CKR_SLOT_ID_INVALID);
	assert_int_equal(C_GetSlotInfo(slots[0], NULL), CKR_ARGUMENTS_BAD);
	assert_int_equal(C_GetSlotInfo(slots[0], &slot), CKR_OK);
	assert_int_equal(slot.flags, CKF_TOKEN_PRESENT);
	assert_int_equal(C_GetTokenInfo(slots[0], &token), CKR_OK);
	assert_memory_equal(token.label, "capcert                         ", 32);
	assert_int_equal(token.flags & CKF_LOGIN_REQUIRED, 0);
	assert_int_equal(token.ulSessionCount, 1);
	assert_int_equal(C_GetMechanismList(slots[0], NULL, &n), CKR_OK);
	m = n - 1;
	assert_int_equal(C_GetMechanismList(slots[0], list, &m), CKR_BUFFER_TOO_SMALL);
	assert_int_equal(m, n);
	assert_int_equal(C_GetMechanismList(slots[0], list, &m), CKR_OK);
	for (CK_ULONG i = 0; i < n; i++) {
		assert_int_equal(C_GetMechanismInfo(slots[0], list[i], &mechanism), CKR_OK);
		assert_int_equal(mechanism.flags & (CKF_SIGN | CKF_VERIFY), CKF_SIGN | CKF_VERIFY);
	}
	assert_int_equal(C_GetMechanismInfo(slots[0], CKM_SHA1_RSA_PKCS, &mechanism),
			 CKR_MECHANISM_INVALID);
}

static void test_sessions(void **state)
{
	static CK_SESSION_HANDLE many[SESSION_MOST];
	CK_SESSION_HANDLE one, two;
	CK_SESSION_INFO info;

	assert_int_equal(C_OpenSession(1, 0, NULL, NULL, &one), CKR_SESSION_PARALLEL_NOT_SUPPORTED);
	assert_int_equal(C_OpenSession(2, CKF_SERIAL_SESSION, NULL, NULL, &one),
			 CKR_SLOT_ID_INVALID);
	assert_int_equal(C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, NULL), CKR_ARGUMENTS_BAD);
	assert_int_equal(C_OpenSession(1, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &one),
			 CKR_OK);
	assert_int_equal(C_GetSessionInfo(one, &info), CKR_OK);
	assert_int_equal(info.state, CKS_RW_PUBLIC_SESSION);
	assert_int_equal(C_Login(one, CKU_SO, NULL, 0), CKR_USER_TYPE_INVALID);
	assert_int_equal(C_Login(one, CKU_USER, NULL, 0), CKR_OK);
	assert_int_equal(C_Login(session, CKU_USER, NULL, 0), CKR_USER_ALREADY_LOGGED_IN);
	assert_int_equal(C_GetSessionInfo(session, &info), CKR_OK);
	assert_int_equal(info.state, CKS_RO_USER_FUNCTIONS);
	assert_int_equal(C_Logout(one), CKR_OK);
	assert_int_equal(C_Logout(one), CKR_USER_NOT_LOGGED_IN);
	assert_int_equal(C_CloseSession(one), CKR_OK);
	assert_int_equal(C_CloseSession(one), CKR_SESSION_HANDLE_INVALID);
	assert_int_equal(C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &two), CKR_OK);
	assert_int_not_equal(one, two);
	assert_int_equal(C_GetSessionInfo(one, &info), CKR_SESSION_HANDLE_INVALID);
	for (size_t i = 0; i < SESSION_MOST - 2; i++)
		assert_int_equal(C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &many[i]),
				 CKR_OK);
	assert_int_equal(C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &one), CKR_SESSION_COUNT);
	assert_int_equal(C_CloseAllSessions(1), CKR_OK);
	assert_int_equal(C_GetSessionInfo(session, &info), CKR_SESSION_HANDLE_INVALID);
}

/* ---- objects ---- */

static void test_find(void **state)
{
	CK_OBJECT_HANDLE found[32], key = find(CKO_PRIVATE_KEY, "p256");
	CK_ULONG n, class = CKO_CERTIFICATE, nss = CKO_NSS_TRUST;
	CK_ATTRIBUTE t = { CKA_CLASS, &class, sizeof(class) };
	uint8_t id[32];
	CK_ATTRIBUTE by_id[] = { { CKA_ID, id, sizeof(id) } };

	/* Two per key, two certificates, trust and usages of the anchor. */
	assert_int_equal(find_all(NULL, 0, found, 32), 2 * KEYS + 2 + 2);
	assert_int_equal(find_all(&t, 1, found, 32), 2);
	t.pValue = &nss;
	assert_int_equal(find_all(&t, 1, found, 32), 1);
	assert_true(key);
	assert_int_equal(find(CKO_PRIVATE_KEY, "p25"), 0);
	assert_int_equal(C_GetAttributeValue(session, key, by_id, 1), CKR_OK);
	/* Both keys and the certificate. */
	assert_int_equal(find_all(by_id, 1, found, 32), 3);
	/* A certificate has its key's label. */
	assert_true(find(CKO_CERTIFICATE, "p256"));
	by_id[0].ulValueLen = 31;
	assert_int_equal(find_all(by_id, 1, found, 32), 0);
	by_id[0].pValue = NULL;
	assert_int_equal(C_FindObjectsInit(session, by_id, 1), CKR_ARGUMENTS_BAD);
	assert_int_equal(C_FindObjects(session, found, 1, &n), CKR_OPERATION_NOT_INITIALIZED);
	assert_int_equal(C_FindObjectsFinal(session), CKR_OPERATION_NOT_INITIALIZED);
	assert_int_equal(C_FindObjectsInit(session, NULL, 0), CKR_OK);
	assert_int_equal(C_FindObjectsInit(session, NULL, 0), CKR_OPERATION_ACTIVE);
	assert_int_equal(C_FindObjects(session, NULL, 1, &n), CKR_ARGUMENTS_BAD);
	/* One look at the world has served all of that. */
	assert_int_equal(world.scans, 1);
}

static void test_many_keys(void **state)
{
	static CK_OBJECT_HANDLE found[2048];

	world.more = 500;
	world.moved = true;
	assert_int_equal(find_all(NULL, 0, found, 2048), 2 * (KEYS + 500) + 4);
	assert_true(find(CKO_PRIVATE_KEY, "p256-300"));
	assert_int_equal(world.scans, 2);
}

static void test_attributes(void **state)
{
	CK_OBJECT_HANDLE key = find(CKO_PRIVATE_KEY, "rsa");
	CK_BBOOL yes = 7;
	CK_ULONG type = 0;
	uint8_t modulus[256], small[255];
	CK_ATTRIBUTE t[] = { { CKA_SIGN, &yes, sizeof(yes) },
			     { CKA_KEY_TYPE, &type, sizeof(type) },
			     { CKA_MODULUS, modulus, sizeof(modulus) },
			     { CKA_SUBJECT, NULL, 5 } };
	CK_ATTRIBUTE bad[] = { { CKA_MODULUS, small, sizeof(small) },
			       { CKA_PRIVATE_EXPONENT, small, sizeof(small) },
			       { CKA_CERTIFICATE_TYPE, small, sizeof(small) },
			       { CKA_SIGN, &yes, sizeof(yes) } };
	CK_ULONG size = 0;

	assert_int_equal(C_GetAttributeValue(session, key, t, 4), CKR_OK);
	assert_int_equal(yes, CK_TRUE);
	assert_int_equal(type, CKK_RSA);
	assert_int_equal(t[3].ulValueLen, 0);
	yes = 7;
	assert_int_equal(C_GetAttributeValue(session, key, bad, 1), CKR_BUFFER_TOO_SMALL);
	assert_true(bad[0].ulValueLen == CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(C_GetAttributeValue(session, key, bad + 1, 1), CKR_ATTRIBUTE_SENSITIVE);
	assert_true(bad[1].ulValueLen == CK_UNAVAILABLE_INFORMATION);
	/* All are tried. */
	assert_int_equal(C_GetAttributeValue(session, key, bad + 2, 2), CKR_ATTRIBUTE_TYPE_INVALID);
	assert_true(bad[2].ulValueLen == CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(yes, CK_TRUE);
	assert_int_equal(C_GetAttributeValue(session, 0, t, 1), CKR_OBJECT_HANDLE_INVALID);
	assert_int_equal(C_GetAttributeValue(session, key, NULL, 1), CKR_ARGUMENTS_BAD);
	assert_int_equal(C_GetObjectSize(session, key, &size), CKR_OK);
	assert_true(size > 256);
}

static void test_trust(void **state)
{
	CK_OBJECT_HANDLE cert = find(CKO_CERTIFICATE, "ca"), other = find(CKO_CERTIFICATE, "p256");
	CK_OBJECT_HANDLE trust = find(CKO_NSS_TRUST, "certificate of ca");
	CK_OBJECT_HANDLE usages = find(CKO_X_CERTIFICATE_EXTENSION, "certificate of ca");
	static const uint8_t server_auth[] = { 0x30, 0x13, 0x06, 0x03, 0x55, 0x1d, 0x25,
					       0x04, 0x0c, 0x30, 0x0a, 0x06, 0x08, 0x2b,
					       0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01 };
	CK_BBOOL trusted = 7;
	CK_ULONG server, email;
	char date[8];
	uint8_t serial[8], value[64];
	CK_ATTRIBUTE t[] = { { CKA_TRUSTED, &trusted, sizeof(trusted) },
			     { CKA_END_DATE, date, sizeof(date) },
			     { CKA_SERIAL_NUMBER, serial, sizeof(serial) } };
	CK_ATTRIBUTE nss[] = { { CKA_TRUST_SERVER_AUTH, &server, sizeof(server) },
			       { CKA_TRUST_EMAIL_PROTECTION, &email, sizeof(email) } };
	CK_ATTRIBUTE usage = { CKA_VALUE, value, sizeof(value) };

	assert_int_equal(C_GetAttributeValue(session, cert, t, 3), CKR_OK);
	assert_int_equal(trusted, CK_TRUE);
	assert_memory_equal(date, "20330518", 8);
	assert_int_equal(t[2].ulValueLen, 4);
	assert_memory_equal(serial, "\x02\x02\x01\x02", 4);
	assert_int_equal(C_GetAttributeValue(session, other, t, 1), CKR_OK);
	assert_int_equal(trusted, CK_FALSE);
	assert_int_equal(C_GetAttributeValue(session, trust, nss, 2), CKR_OK);
	assert_true(server == CKT_NSS_TRUSTED_DELEGATOR && email == CKT_NSS_MUST_VERIFY_TRUST);
	assert_int_equal(C_GetAttributeValue(session, usages, &usage, 1), CKR_OK);
	assert_int_equal(usage.ulValueLen, sizeof(server_auth));
	assert_memory_equal(value, server_auth, sizeof(server_auth));
}

static void *finalize_later(void *unused)
{
	usleep(50000);
	C_Finalize(NULL);
	return NULL;
}

static void test_events(void **state)
{
	CK_OBJECT_HANDLE rsa = find(CKO_PRIVATE_KEY, "rsa"), p256 = find(CKO_PRIVATE_KEY, "p256");
	CK_SLOT_ID slot = 0;
	pthread_t thread;

	assert_int_equal(C_WaitForSlotEvent(CKF_DONT_BLOCK, NULL, NULL), CKR_ARGUMENTS_BAD);
	assert_int_equal(C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
	world.shown[P256] = false;
	world.moved = true;
	assert_int_equal(C_WaitForSlotEvent(0, &slot, NULL), CKR_OK);
	assert_int_equal(slot, 1);
	assert_int_equal(C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
	/* What is there keeps its handle, what is gone has none, what comes back gets another. */
	assert_int_equal(find(CKO_PRIVATE_KEY, "rsa"), rsa);
	assert_int_equal(find(CKO_PRIVATE_KEY, "p256"), 0);
	world.shown[P256] = true;
	world.moved = true;
	assert_int_not_equal(find(CKO_PRIVATE_KEY, "p256"), p256);
	assert_int_equal(C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_OK);
	assert_int_equal(pthread_create(&thread, NULL, finalize_later, NULL), 0);
	assert_int_equal(C_WaitForSlotEvent(0, &slot, NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	pthread_join(thread, NULL);
	assert_int_equal(C_Initialize(NULL), CKR_OK);
}

static void *move_when_heard(void *unused)
{
	while (__atomic_load_n(&world.hearings, __ATOMIC_ACQUIRE) < 2)
		usleep(1000);
	__atomic_store_n(&world.moved, true, __ATOMIC_RELEASE);
	return NULL;
}

/* Waits; something moves once the watch was found to be over. */
static CK_RV later_moved(CK_SLOT_ID *slot)
{
	pthread_t thread;
	CK_RV rv;

	assert_int_equal(pthread_create(&thread, NULL, move_when_heard, NULL), 0);
	rv = C_WaitForSlotEvent(0, slot, NULL);
	pthread_join(thread, NULL);
	return rv;
}

/* What a watch says is heard, once; one that is over is given up, and the rest is looked at all the same. */
static void test_watch(void **state)
{
	CK_SLOT_ID slot = 0;
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	world.watch = pipes[0];
	world.watched = true;
	assert_true(find(CKO_PRIVATE_KEY, "p256"));
	world.shown[P256] = false;
	/* Nothing but the watch tells of it. */
	assert_int_equal(C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
	assert_int_equal(write(pipes[1], "x", 1), 1);
	assert_int_equal(C_WaitForSlotEvent(0, &slot, NULL), CKR_OK);
	assert_int_equal(world.hearings, 1);
	assert_int_equal(find(CKO_PRIVATE_KEY, "p256"), 0);
	/* Readable for ever, and over. */
	world.shown[P256] = true;
	close(pipes[1]);
	world.heard = -EKEYREVOKED;
	assert_int_equal(later_moved(&slot), CKR_OK);
	assert_int_equal(world.hearings, 2);
	close(pipes[0]);
}

/* ---- the module itself ---- */

static void test_module(void **state)
{
	CK_RV (*get)(CK_FUNCTION_LIST **);
	CK_SESSION_HANDLE s;
	CK_FUNCTION_LIST *f;
	CK_ULONG n = 1;
	CK_OBJECT_HANDLE o;
	char path[512];
	void *library;
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 64);

	assert_true(len > 0);
	path[len] = '\0';
	strcpy(strrchr(path, '/'), "/../../lib/libcapcert-pkcs11.so");
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		fail_msg("%s", dlerror());
	*(void **)&get = dlsym(library, "C_GetFunctionList");
	assert_non_null(get);
	assert_null(dlsym(library, "C_Sign"));
	assert_int_equal(get(NULL), CKR_ARGUMENTS_BAD);
	assert_int_equal(get(&f), CKR_OK);
	/* Every entry is there. */
	for (void **p = (void **)&f->C_Initialize; p <= (void **)&f->C_WaitForSlotEvent; p++)
		assert_non_null(*p);
	setenv("CAPCERT_FDS", "closed=1000,none=0", 1);
	assert_int_equal(f->C_Initialize(NULL), CKR_OK);
	assert_int_equal(f->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &s), CKR_OK);
	assert_int_equal(f->C_FindObjectsInit(s, NULL, 0), CKR_OK);
	assert_int_equal(f->C_FindObjects(s, &o, 1, &n), CKR_OK);
	assert_int_equal(n, 0);
	assert_int_equal(f->C_CreateObject(s, NULL, 0, &o), CKR_TOKEN_WRITE_PROTECTED);
	assert_int_equal(f->C_DecryptInit(s, NULL, 1), CKR_FUNCTION_NOT_SUPPORTED);
	assert_int_equal(f->C_GenerateRandom(s, (void *)path, 1), CKR_RANDOM_NO_RNG);
	assert_int_equal(f->C_Finalize(NULL), CKR_OK);
	dlclose(library);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		TEST(test_slot),
		TEST(test_sessions),
		TEST(test_find),
		TEST(test_many_keys),
		TEST(test_attributes),
		TEST(test_trust),
		TEST(test_events),
		TEST(test_watch),
		cmocka_unit_test(test_module),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
