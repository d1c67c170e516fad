/* SPDX-License-Identifier: GPL-2.0-only */
/* What each program about admission begins with: its fixture, whose parts are static in each of them. */
#ifndef KSFT_ADMIT_H
#define KSFT_ADMIT_H

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bundles.h"
#include "common.h"
#include "kselftest_harness.h"

#define SLOW 300 /* seconds */
#define RIGHT(name) CAPCERT_RIGHT_##name
#define RIGHTS (T_RIGHTS_ANY | RIGHT(VERIFY))
#define ROOTS 6
#define NAME_MAX_ 64

FIXTURE(admit) {
	struct tcert root[ROOTS];
	struct tbundle b;
	struct tbytes der;
	struct t_state before;
	struct t_state after;
	char name[NAME_MAX_];	/* of this test: floors stay for as long as the module does */
	uint64_t first;		/* a number above every one of a run before */
	uint64_t audit_from;
	int audit;
	int key;
};

static uint64_t audit_sequence(void)
{
	struct capcert_status s = { 0 };

	t_status(&s);
	return s.audit_sequence;
}

FIXTURE_SETUP(admit)
{
	static unsigned int nth;
	uint32_t i;

	if (!tsigner_there(TSIGN_BUILT_IN))
		SKIP(return, "no key to sign by: make bundle-keys");
	t_session();
	for (i = 0; i < ROOTS; i++)
		tcert_root(i, &self->root[i]);
	self->first = (uint64_t)time(NULL) << 16;
	snprintf(self->name, sizeof(self->name), "t%d-%u", (int)getpid(), nth++);
	self->b.name = self->name;
	self->b.number = self->first;
	tbundle_anchors(&self->b, self->root, 3);
	self->audit = t_open_audit(T_RIGHTS_AUDIT);
	ASSERT_LE(0, self->audit);
	self->audit_from = audit_sequence();
}

FIXTURE_TEARDOWN(admit)
{
	uint32_t i;

	for (i = 0; i < ROOTS; i++)
		tcert_free(&self->root[i]);
	tbundle_free(&self->b);
	tbytes_free(&self->der);
	t_state_free(&self->before);
	t_state_free(&self->after);
	close(self->audit);
}

#define SELF FIXTURE_DATA(admit) *self

static int add(const char *name, const struct tbytes *der)
{
	int key = (int)add_key("captrust", name, der->p, der->n, KEY_SPEC_SESSION_KEYRING);

	return key < 0 ? -errno : key;
}

/* self->b, signed by @who, into the session keyring. */
static int admit_by(SELF, enum tsigner who)
{
	tbundle_make(&self->b, who, &self->der);
	return add(self->name, &self->der);
}

static int admit(SELF)
{
	return admit_by(self, TSIGN_BUILT_IN);
}

static int open_system(const char *name, uint64_t rights)
{
	return t_open_name(CAPCERT_OPEN_SYSTEM, CAPCERT_KIND_STORE, name, rights);
}

static int system_state(const char *name, struct t_state *ret)
{
	int fd = open_system(name, RIGHTS), err;

	if (fd < 0)
		return fd;
	err = t_state(fd, ret);
	close(fd);
	return err;
}

static int take(SELF, struct t_state *ret)
{
	t_state_free(ret);
	return system_state(self->name, ret);
}

/* The newest ADMIT record since the test began: its text. */
static const char *reason(SELF)
{
	static struct capcert_audit_record r[64];
	static char text[sizeof(r->text)];
	uint64_t from = self->audit_from + 1;
	uint32_t i;

	text[0] = 0;
	for (;;) {
		struct capcert_audit_read a = {
			.size = sizeof(a), .from = from, .buf = (uintptr_t)r, .count = 64,
			.record_size = sizeof(*r),
		};

		if (t_ioctl(self->audit, CAPCERT_AUDIT_READ, &a) || !a.count)
			return text;
		for (i = 0; i < a.count; i++)
			if (r[i].op == CAPCERT_AUDIT_ADMIT)
				memcpy(text, r[i].text, sizeof(text));
		from = a.next;
	}
}

/* A bundle is refused with @error_ and a reason that has @words; the store is as it was. */
#define REFUSED(error_, words, call) \
	do { \
		ASSERT_EQ(0, take(self, &self->before)); \
		EXPECT_EQ(error_, call); \
		EXPECT_NE(NULL, strstr(reason(self), words)) \
			TH_LOG("reason: %s, not: %s", reason(self), words); \
		ASSERT_EQ(0, take(self, &self->after)); \
		EXPECT_TRUE(t_state_equal(&self->before, &self->after)); \
	} while (0)

/* The floor of @name, raised to @raise if that is more. */
static int floor_of(const char *name, uint64_t raise, uint64_t *ret)
{
	struct capcert_floor f = { .size = sizeof(f), .name = (uintptr_t)name,
				   .name_len = (uint32_t)strlen(name), .number = raise };
	int err = t_ioctl(t_dev(), CAPCERT_FLOOR, &f);

	*ret = f.number;
	return err;
}

/* A list with the fingerprint of @cert alone, or an empty one. */
static int distrust(SELF, const struct tcert *cert)
{
	struct tbundle d = { .kind = 2, .name = "distrust" };
	uint64_t floor;
	int err = floor_of("distrust", 0, &floor);

	if (err)
		return err;
	d.number = floor + 1;
	if (cert) {
		tbytes_put(&d.entries, cert->fingerprint, 32);
		tder(&d.entries, 0x80, 0);
	}
	tbundle_make(&d, TSIGN_BUILT_IN, &self->der);
	tbundle_free(&d);
	err = add("distrust", &self->der);
	return err < 0 ? err : 0;
}

#endif
