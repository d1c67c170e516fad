// SPDX-License-Identifier: GPL-2.0-only
/* The audit log: nothing that matters is missing, nothing in it is forged, gaps are told. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <nettle/sha2.h>

#include "calls.h"
#include "kselftest_harness.h"

/* Under the debug kernel; a few seconds otherwise. */
#define SLOW 300
#define RIGHT(name) CAPCERT_RIGHT_##name

FIXTURE(audit) {
	struct t_world w;
	union t_arg arg;
	int fd;
	uint64_t from;		/* first record of what the test does */
	struct capcert_audit_record record;
};

static uint64_t newest(void)
{
	struct capcert_status s;

	return t_status(&s) ? 0 : s.audit_sequence;
}

FIXTURE_SETUP(audit)
{
	ASSERT_EQ(0, t_world_make(&self->w));
	self->fd = self->w.file[CAPCERT_KIND_AUDIT];
	self->from = newest() + 1;
}

FIXTURE_TEARDOWN(audit)
{
	t_world_free(&self->w);
}

static int read_log(int fd, uint64_t from, struct capcert_audit_record *buf, uint32_t *count,
		    uint64_t *next, uint64_t *lost)
{
	struct capcert_audit_read a = {
		.size = sizeof(a), .from = from, .buf = (uintptr_t)buf, .count = *count,
		.record_size = sizeof(*buf),
	};
	int err = t_ioctl(fd, CAPCERT_AUDIT_READ, &a);

	if (!err) {
		*count = a.count;
		*next = a.next;
		*lost = a.lost;
	}
	return err;
}

/* How many records with @op, about @object (0 = any), since self->from; @ret gets the last. */
static int count(const FIXTURE_DATA(audit) *self, uint32_t op, uint64_t object,
		 struct capcert_audit_record *ret)
{
	struct capcert_audit_record r[64];
	uint64_t from = self->from, lost;
	uint32_t got, i;
	int n = 0, err;

	do {
		got = 64;
		err = read_log(self->fd, from, r, &got, &from, &lost);
		if (err)
			return err;
		if (lost)
			return -EOVERFLOW;
		for (i = 0; i < got; i++)
			if (r[i].op == op && (!object || r[i].object_id == object)) {
				*ret = r[i];
				n++;
			}
	} while (got);
	return n;
}

static int only(const FIXTURE_DATA(audit) *self, uint32_t op, struct capcert_audit_record *ret)
{
	return count(self, op, 0, ret);
}

/* ---- the chain: also under a flood, which may not drown what it was to hide ---- */

static void link_of(const uint8_t previous[32], const struct capcert_audit_record *r,
		    uint8_t ret[32])
{
	struct capcert_audit_record copy = *r;
	struct sha256_ctx ctx;

	memset(copy.link, 0, 32);
	sha256_init(&ctx);
	sha256_update(&ctx, 32, previous);
	sha256_update(&ctx, sizeof(copy), (const uint8_t *)&copy);
	sha256_digest(&ctx, 32, ret);
}

TEST_F(audit, gapless_and_linked)
{
	struct capcert_audit_record *r = calloc(256, sizeof(*r));
	uint8_t link[32], want[32];
	uint64_t from = 1, seq = 0, lost, mono = 0, n = 0, end;
	uint32_t count, i;

	ASSERT_NE(NULL, r);
	for (i = 0; i < 3000; i++)
		close(t_restrict(self->w.file[CAPCERT_KIND_STORE], RIGHT(INFO)));
	end = newest();
	do {
		count = 256;
		ASSERT_EQ(0, read_log(self->fd, from, r, &count, &from, &lost));
		if (seq)
			EXPECT_EQ(0, lost);
		for (i = 0; i < count; i++, n++) {
			if (seq) {
				ASSERT_EQ(seq + 1, r[i].sequence);
				link_of(link, &r[i], want);
				ASSERT_EQ(0, memcmp(want, r[i].link, 32))
					TH_LOG("record %llu", (unsigned long long)r[i].sequence);
				EXPECT_LE(mono, r[i].mono_ns);
			} else if (r[i].sequence == 1) {
				/* The first of all stands on zeros. */
				memset(link, 0, 32);
				link_of(link, &r[i], want);
				EXPECT_EQ(0, memcmp(want, r[i].link, 32));
			}
			seq = r[i].sequence;
			mono = r[i].mono_ns;
			memcpy(link, r[i].link, 32);
			EXPECT_LE(CAPCERT_AUDIT_OPEN, r[i].op);
			EXPECT_GT(CAPCERT_AUDIT_COUNT, r[i].op);
		}
	} while (count);
	EXPECT_LE(3000, n);
	EXPECT_LE(end, seq);
	EXPECT_EQ(seq + 1, from);
	free(r);
}

/* Read again the log is the same: nobody changes a record. */
TEST_F(audit, immutable)
{
	struct capcert_audit_record a[32], b[32];
	uint64_t next, lost;
	uint32_t n = 32, m = 32;
	int i;

	for (i = 0; i < 40; i++)
		close(t_restrict(self->w.file[CAPCERT_KIND_STORE], RIGHT(INFO)));
	ASSERT_EQ(0, read_log(self->fd, self->from, a, &n, &next, &lost));
	ASSERT_EQ(32, n);
	EXPECT_EQ(self->from + 32, next);
	for (i = 0; i < 40; i++)
		close(t_restrict(self->w.file[CAPCERT_KIND_STORE], RIGHT(INFO)));
	ASSERT_EQ(0, read_log(self->fd, self->from, b, &m, &next, &lost));
	ASSERT_EQ(32, m);
	EXPECT_EQ(0, memcmp(a, b, sizeof(a)));
	/* From the middle on. */
	m = 8;
	ASSERT_EQ(0, read_log(self->fd, self->from + 5, b, &m, &next, &lost));
	ASSERT_EQ(8, m);
	EXPECT_EQ(0, memcmp(a + 5, b, sizeof(b[0]) * 8));
	/* The future is empty. */
	m = 8;
	ASSERT_EQ(0, read_log(self->fd, UINT64_MAX, b, &m, &next, &lost));
	EXPECT_EQ(0, m);
	EXPECT_EQ(UINT64_MAX, next);
	EXPECT_EQ(0, lost);
}

/* ---- what each operation leaves behind ---- */

static void whole(struct __test_metadata *_metadata, const struct capcert_audit_record *r)
{
	char comm[16] = { 0 };

	prctl(PR_GET_NAME, comm);
	EXPECT_EQ(getpid(), r->pid);
	EXPECT_EQ(0, r->uid);
	EXPECT_EQ(0, strncmp(comm, r->comm, sizeof(r->comm)));
	EXPECT_LT(0, r->start_ns);
	EXPECT_LE(t_now() - 5, r->wall);
	EXPECT_GE(t_now() + 5, r->wall);
	EXPECT_LT(0, r->mono_ns);
}

TEST_F(audit, open)
{
	struct capcert_info info;
	int fd = t_open(self->w.key[CAPCERT_KIND_STORE], RIGHT(INFO) | RIGHT(VERIFY));

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_info(fd, &info));
	ASSERT_EQ(1, only(self, CAPCERT_AUDIT_OPEN, &self->record));
	whole(_metadata, &self->record);
	EXPECT_EQ(0, self->record.error);
	EXPECT_EQ(CAPCERT_OPEN, self->record.command);
	EXPECT_EQ(CAPCERT_KIND_STORE, self->record.kind);
	EXPECT_EQ(CAPCERT_ORIGIN_USER, self->record.origin);
	EXPECT_EQ(info.id, self->record.object_id);
	EXPECT_EQ(RIGHT(INFO) | RIGHT(VERIFY), self->record.rights);
	EXPECT_NE(0, self->record.handle_id);
	EXPECT_STREQ("world store", self->record.text);
}

TEST_F(audit, restrict_)
{
	struct capcert_info info;
	int fd = t_restrict(self->w.file[CAPCERT_KIND_STORE], RIGHT(INFO) | RIGHT(VERIFY));

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_info(self->w.file[CAPCERT_KIND_STORE], &info));
	ASSERT_EQ(1, only(self, CAPCERT_AUDIT_RESTRICT, &self->record));
	whole(_metadata, &self->record);
	EXPECT_EQ(0, self->record.error);
	EXPECT_EQ(CAPCERT_RESTRICT, self->record.command);
	EXPECT_EQ(CAPCERT_KIND_STORE, self->record.kind);
}

TEST_F(audit, add_and_remove)
{
	struct capcert_info info;
	struct capcert_add bad = { .size = sizeof(bad) };

	ASSERT_EQ(0, t_add(self->w.file[CAPCERT_KIND_STORE], &self->w.spare, 0));
	ASSERT_EQ(0, t_info(self->w.file[CAPCERT_KIND_STORE], &info));
	ASSERT_EQ(1, only(self, CAPCERT_AUDIT_ADD, &self->record));
	whole(_metadata, &self->record);
	EXPECT_EQ(0, self->record.error);
	EXPECT_EQ(CAPCERT_ADD, self->record.command);
	EXPECT_EQ(info.id, self->record.object_id);
	EXPECT_EQ(info.version, self->record.object_version);
	EXPECT_EQ(T_RIGHTS_STORE, self->record.rights);
	EXPECT_EQ(0, memcmp(self->record.digest, self->w.spare.fingerprint, 32));
	EXPECT_NE(NULL, strstr(self->record.text, "root 2"));

	self->from = newest() + 1;
	ASSERT_EQ(0, t_remove(self->w.file[CAPCERT_KIND_STORE], &self->w.spare));
	ASSERT_EQ(1, only(self, CAPCERT_AUDIT_REMOVE, &self->record));
	EXPECT_EQ(0, self->record.error);
	EXPECT_EQ(info.version + 1, self->record.object_version);
	EXPECT_EQ(0, memcmp(self->record.digest, self->w.spare.fingerprint, 32));

	/* Attempts that fail are recorded with why. */
	self->from = newest() + 1;
	ASSERT_EQ(-EEXIST, t_add(self->w.file[CAPCERT_KIND_STORE], &self->w.root, 0));
	ASSERT_EQ(1, only(self, CAPCERT_AUDIT_ADD, &self->record));
	EXPECT_EQ(-EEXIST, self->record.error);
	self->from = newest() + 1;
	bad.cert = (struct capcert_blob){ (uintptr_t)self->w.spare.der,
					  (uint32_t)self->w.spare.len, -1 };
	bad.pin_hash = CAPCERT_HASH_SHA256;
	bad.pin = (uintptr_t)self->w.root.spki_hash;
	bad.pin_len = 32;
	ASSERT_EQ(-EKEYREJECTED, t_ioctl(self->w.file[CAPCERT_KIND_STORE], CAPCERT_ADD, &bad));
	ASSERT_EQ(1, only(self, CAPCERT_AUDIT_ADD, &self->record));
	EXPECT_EQ(-EKEYREJECTED, self->record.error);
	EXPECT_EQ(0, memcmp(self->record.digest, self->w.spare.fingerprint, 32));
	self->from = newest() + 1;
	ASSERT_EQ(-ENOENT, t_remove(self->w.file[CAPCERT_KIND_STORE], &self->w.spare));
	ASSERT_EQ(1, only(self, CAPCERT_AUDIT_REMOVE, &self->record));
	EXPECT_EQ(-ENOENT, self->record.error);
	EXPECT_EQ(0, memcmp(self->record.digest, self->w.spare.fingerprint, 32));
	self->from = newest() + 1;
	ASSERT_EQ(-ENOENT, t_remove_subject(self->w.file[CAPCERT_KIND_STORE], &self->w.spare,
					    NULL));
	ASSERT_EQ(1, only(self, CAPCERT_AUDIT_REMOVE, &self->record));
	EXPECT_NE(NULL, strstr(self->record.text, "root 2"));
}

TEST_F(audit, verify)
{
	struct capcert_info store, verifier;
	struct t_verify v;
	int i;

	ASSERT_EQ(0, t_info(self->w.file[CAPCERT_KIND_STORE], &store));
	ASSERT_EQ(0, t_info(self->w.file[CAPCERT_KIND_VERIFIER], &verifier));
	t_verify_init(&v, self->w.file[CAPCERT_KIND_STORE], &self->w.leaf);
	t_unique_name(&v);
	for (i = 0; i < 2; i++) {
		self->from = newest() + 1;
		ASSERT_EQ(0, t_verify_run(&v, self->w.file[CAPCERT_KIND_VERIFIER]));
		ASSERT_EQ(1, only(self, CAPCERT_AUDIT_VERIFY, &self->record));
		whole(_metadata, &self->record);
		EXPECT_EQ(v.outcome.audit_sequence, self->record.sequence);
		EXPECT_EQ(0, self->record.error);
		EXPECT_EQ(CAPCERT_REASON_NONE, self->record.reason);
		EXPECT_EQ(i ? CAPCERT_OUTCOME_CACHED : 0, self->record.flags);
		EXPECT_EQ(CAPCERT_VERIFY, self->record.command);
		EXPECT_EQ(CAPCERT_KIND_VERIFIER, self->record.kind);
		EXPECT_EQ(verifier.id, self->record.object_id);
		EXPECT_EQ(store.id, self->record.other_id);
		EXPECT_EQ(store.version, self->record.other_version);
		EXPECT_EQ(0, memcmp(self->record.digest, v.outcome.chain_digest, 32));
		EXPECT_EQ(0, strncmp(self->record.text, (char *)(uintptr_t)v.arg.name,
				     v.arg.name_len));
	}
}

TEST_F(audit, verify_sig)
{
	const struct t_call *c = t_calls;

	while (c->cmd != CAPCERT_VERIFY_SIG)
		c++;
	t_call_prepare(&self->w, c, CAPCERT_KIND_VERIFIER, &self->arg);
	ASSERT_EQ(0, t_call_run(c, self->w.file[CAPCERT_KIND_VERIFIER], &self->arg));
	ASSERT_EQ(1, only(self, CAPCERT_AUDIT_VERIFY_SIG, &self->record));
	whole(_metadata, &self->record);
	EXPECT_EQ(0, self->record.error);
	EXPECT_EQ(CAPCERT_REASON_NONE, self->record.reason);
	EXPECT_EQ(0, memcmp(self->record.digest, self->w.leaf.fingerprint, 32));
}

/* Every call refused for want of a right is a DENY with the call's number. */
TEST_F(audit, denials)
{
	const struct t_call *c;

	for (c = t_calls; c < t_calls + t_call_count; c++) {
		uint32_t kind = (uint32_t)__builtin_ctz(c->kinds);
		uint64_t rights = t_rights_of_kind(kind) & ~c->right;
		struct capcert_info info;
		int fd;

		if (!c->right || kind == FILE_DEVICE)
			continue;
		ASSERT_EQ(0, t_info(self->w.file[kind], &info));
		fd = t_restrict(self->w.file[kind], rights);
		ASSERT_LE(0, fd);
		t_call_prepare(&self->w, c, kind, &self->arg);
		self->from = newest() + 1;
		ASSERT_EQ(-EACCES, t_call_run(c, fd, &self->arg));
		ASSERT_EQ(1, only(self, CAPCERT_AUDIT_DENY, &self->record))
			TH_LOG("%s", c->name);
		whole(_metadata, &self->record);
		EXPECT_EQ(-EACCES, self->record.error);
		EXPECT_EQ(c->cmd, self->record.command)
			TH_LOG("%s", c->name);
		EXPECT_EQ(kind, self->record.kind);
		EXPECT_EQ(rights, self->record.rights);
		close(fd);
	}
}

TEST_F(audit, denied_to_a_foreign_process)
{
	int fd = t_restrict(self->w.file[CAPCERT_KIND_STORE], RIGHT(INFO));
	struct capcert_info info;
	pid_t pid = fork();

	if (!pid)
		_exit(t_info(fd, &info) == -EXDEV ? 0 : 1);
	waitpid(pid, NULL, 0);
	self->from = 0;
	self->from = newest() > 8 ? newest() - 8 : 1;
	ASSERT_LE(1, only(self, CAPCERT_AUDIT_DENY, &self->record));
	EXPECT_EQ(-EXDEV, self->record.error);
	EXPECT_EQ(pid, self->record.pid);
	EXPECT_EQ(CAPCERT_INFO, self->record.command);
}

TEST_F(audit, denied_open)
{
	int key = t_key_store("closed");

	ASSERT_EQ(0, keyctl_setperm(key, T_PERM | KEY_OTH_SEARCH));
	self->from = newest() + 1;
	ASSERT_EQ(-EACCES, t_open(key, RIGHT(INFO)));
	ASSERT_EQ(1, only(self, CAPCERT_AUDIT_OPEN, &self->record));
	EXPECT_EQ(-EACCES, self->record.error);
	EXPECT_EQ(CAPCERT_OPEN, self->record.command);
	EXPECT_EQ(0, self->record.handle_id);
	EXPECT_STREQ("closed", self->record.text);
}

TEST_F(audit, distrust)
{
	struct capcert_distrust_entry d = {
		.size = sizeof(d), .what = CAPCERT_DISTRUST_FINGERPRINT, .len = 32,
		.ptr = (uintptr_t)self->w.spare.fingerprint,
	};
	int err = t_ioctl(t_dev(), CAPCERT_DISTRUST, &d);

	EXPECT_EQ(self->w.production ? -EPERM : 0, err);
	ASSERT_EQ(1, only(self, CAPCERT_AUDIT_DISTRUST, &self->record));
	whole(_metadata, &self->record);
	EXPECT_EQ(err, self->record.error);
	EXPECT_EQ(0, memcmp(self->record.digest, self->w.spare.fingerprint, 32));
	if (err)
		return;
	self->from = newest() + 1;
	d.flags = CAPCERT_DISTRUST_REMOVE;
	ASSERT_EQ(0, t_ioctl(t_dev(), CAPCERT_DISTRUST, &d));
	ASSERT_EQ(1, only(self, CAPCERT_AUDIT_DISTRUST, &self->record));
}

TEST_F(audit, agents)
{
	int fd = agent_hello(CAPCERT_CLASS_SIGN, 0);

	ASSERT_LE(0, fd);
	ASSERT_EQ(1, only(self, CAPCERT_AUDIT_AGENT, &self->record));
	whole(_metadata, &self->record);
	EXPECT_NE(NULL, strstr(self->record.text, "sign"));
	close(fd);
	ASSERT_EQ(2, only(self, CAPCERT_AUDIT_AGENT, &self->record));
}

TEST_F(audit, create_and_destroy)
{
	int key = t_key_store("short life"), i, n = 0;
	struct capcert_info info;
	int fd = t_open(key, RIGHT(INFO));

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_info(fd, &info));
	ASSERT_EQ(1, only(self, CAPCERT_AUDIT_CREATE, &self->record));
	whole(_metadata, &self->record);
	EXPECT_EQ(CAPCERT_KIND_STORE, self->record.kind);
	EXPECT_EQ(info.id, self->record.object_id);
	EXPECT_STREQ("short life", self->record.text);
	self->from = newest() + 1;
	close(fd);
	ASSERT_EQ(0, keyctl_unlink(key, KEY_SPEC_SESSION_KEYRING));
	/* Keys of earlier tests die at any time as well. */
	for (i = 0; i < 250 && !n; i++) {
		usleep(20000);
		n = count(self, CAPCERT_AUDIT_DESTROY, info.id, &self->record);
	}
	ASSERT_EQ(1, n);
	EXPECT_EQ(CAPCERT_KIND_STORE, self->record.kind);
	EXPECT_STREQ("short life", self->record.text);
}

/* ---- hostile text ---- */

TEST_F(audit, text_is_escaped)
{
	static const char nasty[] = "a seq=1 res=1\xc2\x9b[2J\xc3\xa9\\x41";
	size_t i;
	int fd;

	fd = t_store(nasty);
	ASSERT_LE(0, fd);
	ASSERT_EQ(1, only(self, CAPCERT_AUDIT_OPEN, &self->record));
	EXPECT_STREQ("a seq=1 res=1\\xc2\\x9b[2J\\xc3\\xa9\\x5cx41", self->record.text);
	for (i = 0; i < sizeof(self->record.text); i++)
		EXPECT_TRUE(!self->record.text[i] ||
			    (self->record.text[i] >= 0x20 && self->record.text[i] < 0x7f));
}

/* Cut between two escapes, never inside one, and always with an end. */
TEST_F(audit, long_text_is_cut)
{
	char name[200];
	size_t len, i;
	int fd;

	memset(name, '\xfe', 150);
	name[150] = 0;
	fd = t_store(name);
	ASSERT_LE(0, fd);
	ASSERT_EQ(1, only(self, CAPCERT_AUDIT_OPEN, &self->record));
	len = strnlen(self->record.text, sizeof(self->record.text));
	ASSERT_GT(sizeof(self->record.text), len);
	EXPECT_EQ(0, len % 4);
	EXPECT_LE(88, len);
	for (i = 0; i < len; i += 4)
		EXPECT_EQ(0, strncmp(self->record.text + i, "\\xfe", 4));
}

TEST_F(audit, process_name_is_escaped)
{
	size_t i;

	ASSERT_EQ(0, prctl(PR_SET_NAME, "x\n\x1b[1my"));
	close(t_open(self->w.key[CAPCERT_KIND_STORE], RIGHT(INFO)));
	ASSERT_EQ(1, only(self, CAPCERT_AUDIT_OPEN, &self->record));
	EXPECT_EQ(0, strncmp(self->record.comm, "x\\x0a\\x1b[1", 10));
	for (i = 0; i < sizeof(self->record.comm); i++)
		EXPECT_TRUE(!self->record.comm[i] ||
			    (self->record.comm[i] >= 0x20 && self->record.comm[i] < 0x7f));
}

/* ---- who may read, waiting, overflow ---- */

static int as_user(void *arg)
{
	int fd = *(int *)arg;
	struct capcert_audit_record r[1];
	uint64_t next, lost;
	uint32_t n = 1;

	if (t_drop())
		return 1;
	if (t_open_audit(RIGHT(READ)) != -EPERM)
		return 2;
	/* A handle that he was given works: that is what it is for. */
	return read_log(fd, 1, r, &n, &next, &lost) ? 3 : 0;
}

TEST_F(audit, who_may_open)
{
	EXPECT_EQ(0, t_child(as_user, &self->fd));
}

TEST_F(audit, poll_with_watch)
{
	struct pollfd p = { .fd = t_open_audit(RIGHT(READ) | RIGHT(WATCH)), .events = POLLIN };
	struct pollfd q = { .fd = t_open_audit(RIGHT(READ)), .events = POLLIN };
	struct capcert_audit_record *r = calloc(256, sizeof(*r));
	uint64_t next = newest() > 200 ? newest() - 200 : 1, lost;
	uint32_t n;
	int i;

	ASSERT_NE(NULL, r);
	ASSERT_LE(0, p.fd);
	ASSERT_LE(0, q.fd);
	EXPECT_EQ(1, poll(&q, 1, 0));
	EXPECT_EQ(POLLERR, q.revents);
	/* Keys of earlier tests still die and leave records: quiet comes soon, not at once. */
	for (i = 0; i < 100; i++) {
		do {
			n = 256;
			ASSERT_EQ(0, read_log(p.fd, next, r, &n, &next, &lost));
		} while (n);
		if (!poll(&p, 1, 30))
			break;
	}
	EXPECT_GT(100, i);
	close(t_restrict(self->w.file[CAPCERT_KIND_STORE], RIGHT(INFO)));
	EXPECT_EQ(1, poll(&p, 1, 5000));
	EXPECT_EQ(POLLIN, p.revents);
	free(r);
}

/* More records than the ring holds: the oldest go, and the reader is told how many. */
TEST_F_TIMEOUT(audit, overflow, SLOW)
{
	struct capcert_audit_record r[4];
	struct capcert_info info;
	unsigned int size = 0, i;
	uint64_t next, lost, end;
	uint32_t n = 4;
	int fd;
	FILE *f = fopen("/sys/module/capcert/parameters/audit_records", "re");

	ASSERT_NE(NULL, f);
	ASSERT_EQ(1, fscanf(f, "%u", &size));
	fclose(f);
	/* Refusals are the cheapest records. */
	fd = t_restrict(self->w.file[CAPCERT_KIND_CERT], RIGHT(READ));
	ASSERT_LE(0, fd);
	for (i = 0; i < size + 200; i++)
		ASSERT_EQ(-EACCES, t_info(fd, &info));
	end = newest();
	ASSERT_EQ(0, read_log(self->fd, self->from, r, &n, &next, &lost));
	ASSERT_EQ(4, n);
	EXPECT_LE(200, lost);
	EXPECT_EQ(self->from + lost, r[0].sequence);
	EXPECT_EQ(r[0].sequence + 4, next);
	EXPECT_GE(end - size + 1, r[0].sequence);
	n = 4;
	ASSERT_EQ(0, read_log(self->fd, next, r, &n, &next, &lost));
	EXPECT_EQ(0, lost);
}

TEST_HARNESS_MAIN
