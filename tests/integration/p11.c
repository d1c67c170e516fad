// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A program that keeps one PKCS#11 session while its script changes the world around it.
 *
 *	p11 MODULE		one command per line of stdin, one line of answer each:
 *
 *	find LABEL		how many objects have this label
 *	count			how many objects there are
 *	sign LABEL		CKM_ECDSA by the private key of this label, whose handle is kept; verified by its public key
 *	init LABEL, final	the same in two steps, without the verification
 *	each N LABEL		find LABEL-0 to LABEL-N by their labels, sign with each: ms, of which for searching
 *	event			C_WaitForSlotEvent with CKF_DONT_BLOCK
 *	wait			C_WaitForSlotEvent, which blocks
 *	later MS		C_WaitForSlotEvent in a thread, and C_Finalize after so long: what the thread got
 *	limit N NAME		the handle of this name in CAPCERT_FDS is one that signs N times more
 *	memory			private memory that was written to, kB
 *
 * An answer is "OK", a number, or the error's name. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <p11-kit/pkcs11.h>
#include <capcert/key.h>

#define KEPT 16
#define OBJECTS_MOST 4096

static CK_FUNCTION_LIST *f;
static CK_SESSION_HANDLE session;
static const unsigned char digest[32] = { 1, 2, 3 };

static struct kept {
	char label[64];
	CK_OBJECT_HANDLE private, public;
} kept[KEPT];

static const char *name_of(CK_RV rv)
{
	static char text[32];

	switch (rv) {
	case CKR_OK:
		return "OK";
	case CKR_KEY_HANDLE_INVALID:
		return "CKR_KEY_HANDLE_INVALID";
	case CKR_DEVICE_ERROR:
		return "CKR_DEVICE_ERROR";
	case CKR_FUNCTION_REJECTED:
		return "CKR_FUNCTION_REJECTED";
	case CKR_NO_EVENT:
		return "CKR_NO_EVENT";
	case CKR_CRYPTOKI_NOT_INITIALIZED:
		return "CKR_CRYPTOKI_NOT_INITIALIZED";
	default:
		snprintf(text, sizeof(text), "0x%lx", rv);
		return text;
	}
}

static void die(const char *what, CK_RV rv)
{
	fprintf(stderr, "p11: %s: %s\n", what, name_of(rv));
	exit(1);
}

static void check(CK_RV rv, const char *what)
{
	if (rv != CKR_OK)
		die(what, rv);
}

static CK_ULONG find(CK_ATTRIBUTE *t, CK_ULONG n, CK_OBJECT_HANDLE *ret, CK_ULONG most)
{
	CK_ULONG all = 0, got;

	check(f->C_FindObjectsInit(session, t, n), "C_FindObjectsInit");
	do {
		/* In steps, as programs do. */
		check(f->C_FindObjects(session, ret + all, most - all < 10 ? most - all : 10, &got),
		      "C_FindObjects");
		all += got;
	} while (got);
	check(f->C_FindObjectsFinal(session), "C_FindObjectsFinal");
	return all;
}

static CK_OBJECT_HANDLE find_key(const char *label, CK_OBJECT_CLASS class)
{
	CK_ATTRIBUTE t[] = { { CKA_CLASS, &class, sizeof(class) },
			     { CKA_LABEL, (void *)(uintptr_t)label, strlen(label) } };
	CK_OBJECT_HANDLE found[2];

	return find(t, 2, found, 2) == 1 ? found[0] : 0;
}

static struct kept *keep(const char *label)
{
	struct kept *k = kept;

	while (k->label[0] && strcmp(k->label, label) != 0)
		if (++k == kept + KEPT)
			die(label, CKR_HOST_MEMORY);
	if (!k->label[0]) {
		snprintf(k->label, sizeof(k->label), "%s", label);
		k->private = find_key(label, CKO_PRIVATE_KEY);
		k->public = find_key(label, CKO_PUBLIC_KEY);
	}
	return k;
}

static CK_RV start(CK_OBJECT_HANDLE key)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };

	return f->C_SignInit(session, &ecdsa, key);
}

static CK_RV finish(unsigned char *sig, CK_ULONG *n)
{
	return f->C_Sign(session, (unsigned char *)(uintptr_t)digest, sizeof(digest), sig, n);
}

static CK_RV sign(CK_OBJECT_HANDLE private, CK_OBJECT_HANDLE public)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	unsigned char sig[256];
	CK_ULONG n = sizeof(sig);
	CK_RV rv = start(private);

	if (rv == CKR_OK)
		rv = finish(sig, &n);
	if (rv == CKR_OK)
		rv = f->C_VerifyInit(session, &ecdsa, public);
	if (rv == CKR_OK)
		rv = f->C_Verify(session, (unsigned char *)(uintptr_t)digest, sizeof(digest), sig,
				 n);
	return rv;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void each(int count, const char *label)
{
	double began = now_ms(), searching = 0, t;
	CK_OBJECT_HANDLE private, public;
	char text[80];

	for (int i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "%s-%d", label, i);
		t = now_ms();
		private = find_key(text, CKO_PRIVATE_KEY);
		public = find_key(text, CKO_PUBLIC_KEY);
		searching += now_ms() - t;
		check(sign(private, public), text);
	}
	printf("OK %.0f ms, %.0f of them for searches\n", now_ms() - began, searching);
}

static void *waiting(void *arg)
{
	CK_SLOT_ID slot;

	*(CK_RV *)arg = f->C_WaitForSlotEvent(0, &slot, NULL);
	return NULL;
}

static void later(int ms)
{
	CK_RV rv = CKR_OK;
	pthread_t thread;

	if (pthread_create(&thread, NULL, waiting, &rv))
		die("a thread", CKR_HOST_MEMORY);
	usleep((useconds_t)ms * 1000);
	check(f->C_Finalize(NULL), "C_Finalize");
	pthread_join(thread, NULL);
	puts(name_of(rv));
}

/* In the place of the handle that was there, as a program might have been started with it. */
static void limit(int uses, const char *name)
{
	const struct capcert_key_limits limits = { .max_uses = (uint64_t)uses };
	int fd = capcert_fd(name), narrow;
	int r = capcert_key_restrict(fd,
				     CAPCERT_RIGHT_SIGN | CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_PUBLIC,
				     &limits, -1, &narrow);

	if (r < 0 || dup2(narrow, fd) < 0)
		die(name, CKR_GENERAL_ERROR);
	close(narrow);
	puts("OK");
}

static void memory(void)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "r");
	char line[256];
	long kb, sum = 0;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Private_Dirty: %ld kB", &kb) == 1)
			sum = kb;
	if (file)
		fclose(file);
	printf("%ld\n", sum);
}

static void run(const char *what, const char *label, int number)
{
	static CK_OBJECT_HANDLE found[OBJECTS_MOST];
	CK_ATTRIBUTE by_label = { CKA_LABEL, (void *)(uintptr_t)label, strlen(label) };
	unsigned char sig[256];
	CK_ULONG n = sizeof(sig);
	struct kept *k;
	CK_SLOT_ID slot;

	if (!strcmp(what, "find")) {
		printf("%lu\n", find(&by_label, 1, found, OBJECTS_MOST));
	} else if (!strcmp(what, "count")) {
		printf("%lu\n", find(NULL, 0, found, OBJECTS_MOST));
	} else if (!strcmp(what, "sign")) {
		k = keep(label);
		puts(name_of(sign(k->private, k->public)));
	} else if (!strcmp(what, "init")) {
		puts(name_of(start(keep(label)->private)));
	} else if (!strcmp(what, "final")) {
		puts(name_of(finish(sig, &n)));
	} else if (!strcmp(what, "each")) {
		each(number, label);
	} else if (!strcmp(what, "event") || !strcmp(what, "wait")) {
		puts(name_of(
			f->C_WaitForSlotEvent(*what == 'e' ? CKF_DONT_BLOCK : 0, &slot, NULL)));
	} else if (!strcmp(what, "later")) {
		later(number);
	} else if (!strcmp(what, "limit")) {
		limit(number, label);
	} else if (!strcmp(what, "memory")) {
		memory();
	} else {
		die(what, CKR_ARGUMENTS_BAD);
	}
	fflush(stdout);
}

int main(int argc, char **argv)
{
	CK_C_GetFunctionList get;
	char line[256], what[32], label[64];
	void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;

	if (!library)
		die(argc == 2 ? dlerror() : "p11 MODULE", CKR_ARGUMENTS_BAD);
	*(void **)&get = dlsym(library, "C_GetFunctionList");
	if (!get)
		die(argv[1], CKR_FUNCTION_NOT_SUPPORTED);
	check(get(&f), "C_GetFunctionList");
	check(f->C_Initialize(NULL), "C_Initialize");
	check(f->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &session), "C_OpenSession");
	while (fgets(line, sizeof(line), stdin)) {
		int number = 0;

		what[0] = label[0] = '\0';
		if (sscanf(line, "%31s %d %63s", what, &number, label) < 2)
			sscanf(line, "%31s %63s", what, label);
		run(what, label, number);
	}
	return 0;
}
