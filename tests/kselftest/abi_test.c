// SPDX-License-Identifier: GPL-2.0-only
/* The shape of every ioctl: sizes, tails, pointers, flags, reserved fields, kinds of file. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calls.h"
#include "kselftest_harness.h"

FIXTURE(abi) {
	struct t_world w;
	union t_arg arg;
};

FIXTURE_SETUP(abi)
{
	ASSERT_EQ(0, t_world_make(&self->w));
}

FIXTURE_TEARDOWN(abi)
{
	t_world_free(&self->w);
}

static int expected(const struct t_world *w, const struct t_call *c)
{
	return c->cmd == CAPCERT_DISTRUST && w->production ? -EPERM : c->expect;
}

/* Every row, on every kind of file that knows it: @kind is the loop's. */
#define FOR_EACH_CALL(c, kind) \
	for (c = t_calls; c < t_calls + t_call_count; c++) \
		for (kind = 0; kind < 32; kind++) \
			if (c->kinds & (1u << kind))

#define WHERE(c, kind) TH_LOG("%s on kind %u", (c)->name, kind)

/* READ has nothing to give for these kinds; the right alone decides elsewhere. */
TEST_F(abi, exact_size)
{
	const struct t_call *c;
	uint32_t kind;

	FOR_EACH_CALL(c, kind) {
		t_call_prepare(&self->w, c, kind, &self->arg);
		EXPECT_EQ(expected(&self->w, c), t_call_run(c, self->w.file[kind], &self->arg))
			WHERE(c, kind);
	}
}

TEST_F(abi, size_zero_and_too_small)
{
	static const __u32 sizes[] = { 0, 1, 3, 4, 7 };
	const struct t_call *c;
	uint32_t kind;
	size_t i;

	FOR_EACH_CALL(c, kind) {
		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			t_call_prepare(&self->w, c, kind, &self->arg);
			self->arg.size = sizes[i];
			EXPECT_EQ(-EINVAL, t_call_run(c, self->w.file[kind], &self->arg)) {
				WHERE(c, kind);
				TH_LOG("size %u", sizes[i]);
			}
		}
	}
}

/* No released kernel knew a shorter struct, so one byte less is too small as well. */
TEST_F(abi, size_one_less)
{
	const struct t_call *c;
	uint32_t kind;

	FOR_EACH_CALL(c, kind) {
		t_call_prepare(&self->w, c, kind, &self->arg);
		self->arg.size = (__u32)c->size - 1;
		EXPECT_EQ(-EINVAL, t_call_run(c, self->w.file[kind], &self->arg))
			WHERE(c, kind);
	}
}

TEST_F(abi, zero_tail)
{
	static const __u32 more[] = { 1, 8, 64, 1024 };
	const struct t_call *c;
	uint32_t kind;
	size_t i;

	FOR_EACH_CALL(c, kind) {
		for (i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
			t_call_prepare(&self->w, c, kind, &self->arg);
			self->arg.size = (__u32)c->size + more[i];
			EXPECT_EQ(expected(&self->w, c),
				  t_call_run(c, self->w.file[kind], &self->arg)) {
				WHERE(c, kind);
				TH_LOG("%u more", more[i]);
			}
		}
	}
}

TEST_F(abi, nonzero_tail)
{
	static const size_t at[] = { 0, 7, 63, 1023 };
	const struct t_call *c;
	uint32_t kind;
	size_t i;

	FOR_EACH_CALL(c, kind) {
		for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
			t_call_prepare(&self->w, c, kind, &self->arg);
			self->arg.size = (__u32)c->size + 1024;
			self->arg.room[c->size + at[i]] = 1;
			EXPECT_EQ(-E2BIG, t_call_run(c, self->w.file[kind], &self->arg)) {
				WHERE(c, kind);
				TH_LOG("byte %zu of the tail", at[i]);
			}
		}
	}
}

TEST_F(abi, huge_size)
{
	static const __u32 sizes[] = { 1u << 20, 0x7fffffff, 0x80000000, 0xffffffff };
	const struct t_call *c;
	uint32_t kind;
	size_t i;

	FOR_EACH_CALL(c, kind) {
		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			t_call_prepare(&self->w, c, kind, &self->arg);
			self->arg.size = sizes[i];
			EXPECT_EQ(-E2BIG, t_call_run(c, self->w.file[kind], &self->arg)) {
				WHERE(c, kind);
				TH_LOG("size %u", sizes[i]);
			}
		}
	}
}

static void *bad_pages(void)
{
	/* One readable and writable page, then nothing. */
	uint8_t *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || munmap(p + 4096, 4096))
		return NULL;
	return p;
}

TEST_F(abi, bad_argument_pointer)
{
	uint8_t *page = bad_pages();
	const struct t_call *c;
	uint32_t kind;
	size_t i;

	ASSERT_NE(NULL, page);
	FOR_EACH_CALL(c, kind) {
		void *bad[] = { NULL, (void *)1, (void *)-4096L, (void *)(1UL << 62),
				page + 4096, page + 4096 - 4, page + 4096 - c->size + 1 };

		for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			t_call_prepare(&self->w, c, kind, &self->arg);
			if (i == 5)
				memcpy(bad[i], &self->arg, 4);
			if (i == 6)
				memcpy(bad[i], &self->arg, c->size - 1);
			EXPECT_EQ(-EFAULT, t_ioctl(self->w.file[kind], c->cmd, bad[i])) {
				WHERE(c, kind);
				TH_LOG("address %zu", i);
			}
		}
	}
}

/* Outputs cannot be written: the call must fail, and keep neither fd nor handle. */
TEST_F(abi, read_only_argument)
{
	uint8_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const struct t_call *c;
	uint32_t kind;

	ASSERT_NE(MAP_FAILED, page);
	FOR_EACH_CALL(c, kind) {
		struct t_state before, after;
		uint64_t handles;
		int fds;

		if (expected(&self->w, c) || c->cmd == CAPCERT_DISTRUST)
			continue;
		t_call_prepare(&self->w, c, kind, &self->arg);
		ASSERT_EQ(0, mprotect(page, 4096, PROT_READ | PROT_WRITE));
		memcpy(page, &self->arg, 4096);
		ASSERT_EQ(0, mprotect(page, 4096, PROT_READ));
		ASSERT_EQ(0, t_state(self->w.file[CAPCERT_KIND_STORE], &before));
		handles = t_handles();
		fds = t_fds();
		EXPECT_EQ(-EFAULT, t_ioctl(self->w.file[kind], c->cmd, page))
			WHERE(c, kind);
		EXPECT_EQ(fds, t_fds())
			WHERE(c, kind);
		EXPECT_EQ(handles, t_handles())
			WHERE(c, kind);
		ASSERT_EQ(0, t_state(self->w.file[CAPCERT_KIND_STORE], &after));
		EXPECT_TRUE(t_state_equal(&before, &after))
			WHERE(c, kind);
		t_state_free(&before);
		t_state_free(&after);
	}
}

TEST_F(abi, bad_inner_pointer)
{
	uint8_t *page = bad_pages();
	const struct t_call *c;
	uint32_t kind;
	size_t i, k;

	ASSERT_NE(NULL, page);
	FOR_EACH_CALL(c, kind) {
		uint64_t bad[] = { 0, 1, (uint64_t)-4096L, 1ULL << 62,
				   (uint64_t)(uintptr_t)(page + 4096),
				   (uint64_t)(uintptr_t)(page + 4095) };

		if (expected(&self->w, c) == -EPERM)
			continue;
		for (k = 0; k < T_FIELDS && c->pointers[k]; k++) {
			for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
				struct t_state before, after;
				int fds;

				t_call_prepare(&self->w, c, kind, &self->arg);
				memcpy(self->arg.room + c->pointers[k], &bad[i], 8);
				ASSERT_EQ(0, t_state(self->w.file[CAPCERT_KIND_STORE], &before));
				fds = t_fds();
				EXPECT_EQ(-EFAULT, t_call_run(c, self->w.file[kind], &self->arg)) {
					WHERE(c, kind);
					TH_LOG("field at %zu, address %zu", c->pointers[k], i);
				}
				EXPECT_EQ(fds, t_fds())
					WHERE(c, kind);
				ASSERT_EQ(0, t_state(self->w.file[CAPCERT_KIND_STORE], &after));
				EXPECT_TRUE(t_state_equal(&before, &after))
					WHERE(c, kind);
				t_state_free(&before);
				t_state_free(&after);
			}
		}
	}
}

TEST_F(abi, unknown_flags)
{
	const struct t_call *c;
	uint32_t kind, bit;

	FOR_EACH_CALL(c, kind) {
		for (bit = 0; bit < 32; bit++) {
			if (c->known_flags & (1u << bit))
				continue;
			t_call_prepare(&self->w, c, kind, &self->arg);
			self->arg.status.flags |= 1u << bit;
			EXPECT_EQ(-EINVAL, t_call_run(c, self->w.file[kind], &self->arg)) {
				WHERE(c, kind);
				TH_LOG("flag bit %u", bit);
			}
		}
	}
}

TEST_F(abi, reserved_fields)
{
	const struct t_call *c;
	uint32_t kind;
	size_t k;

	FOR_EACH_CALL(c, kind) {
		for (k = 0; k < T_FIELDS && c->reserved[k]; k++) {
			t_call_prepare(&self->w, c, kind, &self->arg);
			self->arg.room[c->reserved[k]] = 1;
			EXPECT_EQ(-EINVAL, t_call_run(c, self->w.file[kind], &self->arg)) {
				WHERE(c, kind);
				TH_LOG("field at %zu", c->reserved[k]);
			}
		}
	}
}

/* Every call on every kind of file that does not know it. */
TEST_F(abi, wrong_kind_of_file)
{
	const struct t_call *c;
	uint32_t kind;

	for (c = t_calls; c < t_calls + t_call_count; c++) {
		for (kind = 0; kind < 32; kind++) {
			if (self->w.file[kind] < 0 || (c->kinds & (1u << kind)))
				continue;
			/* READ exists for every handle; what it reads is checked below. */
			if (c->cmd == CAPCERT_READ && kind > CAPCERT_KIND_PINS &&
			    kind != FILE_AGENT)
				continue;
			t_call_prepare(&self->w, c, __builtin_ctz(c->kinds), &self->arg);
			EXPECT_EQ(-ENOTTY, t_call_run(c, self->w.file[kind], &self->arg))
				WHERE(c, kind);
		}
	}
}

TEST_F(abi, unknown_commands)
{
	unsigned int nr;
	uint32_t kind;
	size_t i;

	for (kind = 0; kind < 32; kind++) {
		if (self->w.file[kind] < 0)
			continue;
		for (nr = 0; nr < 256; nr++) {
			bool known = (nr == 0x80 || nr == 0x81) && kind == FILE_AGENT;

			for (i = 0; i < t_call_count && !known; i++)
				known = t_calls[i].cmd == _IO(CAPCERT_IOC, nr);
			if (known)
				continue;
			memset(&self->arg, 0, sizeof(self->arg));
			self->arg.size = 64;
			EXPECT_EQ(-ENOTTY, t_ioctl(self->w.file[kind], _IO(CAPCERT_IOC, nr),
						   &self->arg))
				TH_LOG("number %#x on kind %u", nr, kind);
		}
		/* A right number with a size or direction coded in is another command. */
		EXPECT_EQ(-ENOTTY, t_ioctl(self->w.file[kind], _IOW(CAPCERT_IOC, 0x10, int),
					   &self->arg));
		EXPECT_EQ(-ENOTTY, t_ioctl(self->w.file[kind], _IO(0xC8, 0x10), &self->arg));
	}
}

TEST_F(abi, closed_file)
{
	const struct t_call *c;
	uint32_t kind;

	FOR_EACH_CALL(c, kind) {
		t_call_prepare(&self->w, c, kind, &self->arg);
		EXPECT_EQ(-EBADF, t_call_run(c, 9999, &self->arg))
			WHERE(c, kind);
	}
}

/* fd arguments: not open, no handle, a handle of another kind. */
struct fd_arg {
	const char *what;
	unsigned long cmd;
	size_t offset;
	uint32_t kind;		/* the kind it must be */
};

static const struct fd_arg fd_args[] = {
	{ "store_fd", CAPCERT_VERIFY, offsetof(struct capcert_verify, store_fd),
	  CAPCERT_KIND_STORE },
	{ "pins_fd", CAPCERT_VERIFY, offsetof(struct capcert_verify, pins_fd), CAPCERT_KIND_PINS },
	{ "cert_fd", CAPCERT_VERIFY_SIG, offsetof(struct capcert_verify_sig, cert_fd),
	  CAPCERT_KIND_CERT },
	{ "cert.fd", CAPCERT_ADD, offsetof(struct capcert_add, cert) +
	  offsetof(struct capcert_blob, fd), CAPCERT_KIND_CERT },
};

static const struct t_call *call_of(unsigned long cmd)
{
	const struct t_call *c = t_calls;

	while (c->cmd != cmd)
		c++;
	return c;
}

TEST_F(abi, wrong_fd_arguments)
{
	int pipefd[2], efd = eventfd(0, EFD_CLOEXEC), fd;
	const struct fd_arg *f;
	uint32_t kind;

	ASSERT_EQ(0, pipe2(pipefd, O_CLOEXEC));
	self->w.file[20] = pipefd[0];
	self->w.file[21] = efd;
	self->w.file[22] = open("/", O_PATH | O_CLOEXEC);
	for (f = fd_args; f < fd_args + sizeof(fd_args) / sizeof(fd_args[0]); f++) {
		const struct t_call *c = call_of(f->cmd);
		uint32_t on = (uint32_t)__builtin_ctz(c->kinds);

		for (kind = 0; kind < 34; kind++) {
			int want = kind < 32 && kind != 22 ? -EBADFD : -EBADF;

			if (kind == f->kind || (kind < 32 && self->w.file[kind] < 0))
				continue;
			fd = kind == 32 ? 9999 : kind == 33 ? -100 : self->w.file[kind];
			t_call_prepare(&self->w, c, on, &self->arg);
			if (f->cmd == CAPCERT_ADD)
				memset(&self->arg.add.cert, 0, sizeof(self->arg.add.cert));
			memcpy(self->arg.room + f->offset, &fd, sizeof(fd));
			EXPECT_EQ(want, t_call_run(c, self->w.file[on], &self->arg))
				TH_LOG("%s.%s = file of kind %u", c->name, f->what, kind);
		}
	}
	close(pipefd[1]);
}

TEST_F(abi, wrong_chain_handles)
{
	const struct t_call *c = call_of(CAPCERT_VERIFY);
	int verifier = self->w.file[CAPCERT_KIND_VERIFIER];
	uint32_t kind;

	for (kind = 0; kind < 32; kind++) {
		if (self->w.file[kind] < 0)
			continue;
		t_call_prepare(&self->w, c, CAPCERT_KIND_VERIFIER, &self->arg);
		self->w.chain[0] = (struct capcert_blob){ .fd = self->w.file[kind] };
		EXPECT_EQ(kind == CAPCERT_KIND_CERT ? 0 : -EBADFD,
			  t_call_run(c, verifier, &self->arg))
			TH_LOG("certificate handle of kind %u", kind);
	}
	t_call_prepare(&self->w, c, CAPCERT_KIND_VERIFIER, &self->arg);
	self->w.chain[0] = (struct capcert_blob){ .fd = 9999 };
	EXPECT_EQ(-EBADF, t_call_run(c, verifier, &self->arg));
	/* Bytes and a handle at once mean nothing. */
	t_call_prepare(&self->w, c, CAPCERT_KIND_VERIFIER, &self->arg);
	self->w.chain[0].fd = self->w.file[CAPCERT_KIND_CERT];
	EXPECT_EQ(-EINVAL, t_call_run(c, verifier, &self->arg));
}

TEST_F(abi, pidfd_arguments)
{
	struct capcert_restrict r = { .rights = CAPCERT_RIGHT_INFO,
				      .flags = CAPCERT_RESTRICT_PIDFD, .pidfd = 9999 };
	int store = self->w.file[CAPCERT_KIND_STORE];

	EXPECT_EQ(-EBADF, t_restrict_arg(store, &r));
	r.pidfd = store;
	EXPECT_EQ(-EBADF, t_restrict_arg(store, &r));
	r.pidfd = -1;
	EXPECT_EQ(-EBADF, t_restrict_arg(store, &r));
}

/* Enumerations and masks: one wrong value each. */
#define WRONG(cmd_, kind_, errno_, set) do { \
		const struct t_call *c_ = call_of(CAPCERT_##cmd_); \
		union t_arg *a = &self->arg; \
		t_call_prepare(&self->w, c_, kind_, a); \
		set; \
		EXPECT_EQ(-(errno_), t_call_run(c_, self->w.file[kind_], a)) \
			TH_LOG("%s with %s", #cmd_, #set); \
	} while (0)

TEST_F(abi, wrong_enums)
{
	const uint32_t dev = FILE_DEVICE, store = CAPCERT_KIND_STORE, ver = CAPCERT_KIND_VERIFIER;

	WRONG(OPEN, dev, EINVAL, a->open.serial = 0);
	WRONG(OPEN, dev, EINVAL, a->open.serial = -1);
	WRONG(OPEN, dev, EINVAL, a->open.serial = KEY_SPEC_SESSION_KEYRING);
	WRONG(OPEN, dev, EINVAL, a->open.rights = 0);
	WRONG(OPEN, dev, EINVAL, a->open.rights |= 1ULL << 63);
	WRONG(OPEN, dev, EINVAL, a->open.rights |= 1ULL << 18);
	WRONG(OPEN_NAME, dev, EINVAL, a->open_name.kind = 0);
	WRONG(OPEN_NAME, dev, EINVAL, a->open_name.kind = 99);
	WRONG(OPEN_NAME, dev, EINVAL, a->open_name.kind = CAPCERT_KIND_AUDIT);
	WRONG(OPEN_NAME, dev, EINVAL, a->open_name.name_len = 0);
	WRONG(OPEN_NAME, dev, EINVAL, a->open_name.name_len = 256);
	WRONG(OPEN_SYSTEM, dev, EINVAL, a->open_name.kind = 99);
	WRONG(OPEN_SYSTEM, dev, EINVAL, a->open_name.name_len = 0);
	WRONG(OPEN_AUDIT, dev, EINVAL, a->open_audit.rights |= 1ULL << 40);
	WRONG(READ, store, EINVAL, a->read.what = 0);
	WRONG(READ, store, EINVAL, a->read.what = 99);
	WRONG(READ, store, EINVAL, a->read.what = CAPCERT_READ_DER);
	WRONG(READ, store, EINVAL, a->read.what = CAPCERT_READ_POLICY);
	WRONG(READ, ver, EINVAL, a->read.what = CAPCERT_READ_ANCHORS);
	WRONG(READ, CAPCERT_KIND_CERT, EINVAL, a->read.what = CAPCERT_READ_ANCHOR_DER);
	WRONG(RESTRICT, store, EINVAL, a->restrict_.rights |= 1ULL << 50);
	WRONG(RESTRICT, store, EINVAL, a->restrict_.purposes = 1u << CAPCERT_PURPOSE_COUNT);
	WRONG(ADD, store, EINVAL, a->add.purposes = 1u << CAPCERT_PURPOSE_COUNT);
	WRONG(ADD, store, EINVAL, a->add.pin_hash = 0);
	WRONG(ADD, store, EINVAL, a->add.pin_hash = 4);
	WRONG(ADD, store, EINVAL, a->add.pin_len = 31);
	WRONG(ADD, store, EINVAL, a->add.pin_len = 48);
	WRONG(REMOVE, store, EINVAL, a->remove.select = 0);
	WRONG(REMOVE, store, EINVAL, a->remove.select = 3);
	WRONG(REMOVE, store, EINVAL, a->remove.len = 31);
	WRONG(VERIFY, ver, EINVAL, a->verify.purpose = CAPCERT_PURPOSE_COUNT);
	WRONG(VERIFY, ver, EINVAL, a->verify.name_type = 4);
	WRONG(VERIFY, ver, EINVAL, a->verify.name_type = CAPCERT_NAME_IP);
	WRONG(VERIFY, ver, EINVAL, a->verify.name_type = CAPCERT_NAME_NONE);
	WRONG(VERIFY, ver, EINVAL, a->verify.chain_count = 0);
	WRONG(VERIFY, ver, EINVAL, a->verify.timeout_ms = 60001);
	WRONG(VERIFY, ver, EINVAL, a->verify.outcome_size = 4);
	WRONG(VERIFY_SIG, ver, EINVAL, a->verify_sig.timeout_ms = 60001);
	WRONG(AUDIT_READ, CAPCERT_KIND_AUDIT, EINVAL, a->audit_read.record_size = 8);
}

TEST_F(abi, wrong_enums_distrust)
{
	const uint32_t dev = FILE_DEVICE;

	if (self->w.production)
		SKIP(return, "the production profile refuses DISTRUST");
	WRONG(DISTRUST, dev, EINVAL, a->distrust.what = 0);
	WRONG(DISTRUST, dev, EINVAL, a->distrust.what = 4);
	WRONG(DISTRUST, dev, EINVAL, a->distrust.len = 31);
	WRONG(DISTRUST, dev, EINVAL, (a->distrust.what = CAPCERT_DISTRUST_ISSUER_SERIAL));
}

/* Limits of the header: one over each is EMSGSIZE. */
TEST_F(abi, over_the_limits)
{
	const uint32_t store = CAPCERT_KIND_STORE, ver = CAPCERT_KIND_VERIFIER;

	WRONG(VERIFY, ver, EMSGSIZE, a->verify.chain_count = CAPCERT_MAX_CHAIN + 1);
	WRONG(VERIFY, ver, EMSGSIZE, a->verify.chain_count = 0xffffffff);
	WRONG(VERIFY, ver, EMSGSIZE, a->verify.name_len = CAPCERT_MAX_NAME + 1);
	WRONG(VERIFY, ver, EMSGSIZE, a->verify.name_len = 0xffffffff);
	WRONG(VERIFY, ver, EMSGSIZE, self->w.chain[0].len = CAPCERT_MAX_CERT + 1);
	WRONG(VERIFY, ver, EMSGSIZE, self->w.chain[0].len = 0xffffffff);
	WRONG(VERIFY_SIG, ver, EMSGSIZE, a->verify_sig.message_len = CAPCERT_MAX_MESSAGE + 1);
	WRONG(VERIFY_SIG, ver, EMSGSIZE, a->verify_sig.message_len = 0xffffffff);
	WRONG(VERIFY_SIG, ver, EMSGSIZE, a->verify_sig.signature_len = CAPCERT_MAX_SIGNATURE + 1);
	WRONG(ADD, store, EMSGSIZE, a->add.cert.len = CAPCERT_MAX_CERT + 1);
	WRONG(ADD, store, EMSGSIZE, a->add.cert.len = 0xffffffff);
	WRONG(RESTRICT, store, EMSGSIZE, a->restrict_.fingerprint_count = CAPCERT_MAX_FILTER + 1);
	WRONG(RESTRICT, store, EMSGSIZE, a->restrict_.exclude_count = CAPCERT_MAX_FILTER + 1);
	WRONG(RESTRICT, store, EMSGSIZE, a->restrict_.subject_count = CAPCERT_MAX_FILTER + 1);
	WRONG(RESTRICT, store, EMSGSIZE, a->restrict_.fingerprint_count = 0xffffffff);
	WRONG(REMOVE, store, EMSGSIZE, (a->remove.select = CAPCERT_SELECT_SUBJECT,
					a->remove.len = CAPCERT_MAX_CERT + 1));
}

TEST_F(abi, chain_bytes_limit)
{
	static struct capcert_blob chain[CAPCERT_MAX_CHAIN];
	struct tcert big;
	int i;

	tcert_make(&(struct tcert_spec){ .subject = "big", .seed = 9, .total = 65000 }, &big);
	for (i = 0; i < CAPCERT_MAX_CHAIN; i++)
		chain[i] = (struct capcert_blob){ (uintptr_t)big.der, (uint32_t)big.len, -1 };
	WRONG(VERIFY, CAPCERT_KIND_VERIFIER, EMSGSIZE,
	      (a->verify.chain = (uintptr_t)chain, a->verify.chain_count = 5));
	tcert_free(&big);
}

/* Outputs of variable length: EMSGSIZE says how much is needed, and writes nothing. */
TEST_F(abi, short_buffers)
{
	static const uint32_t kinds[] = { CAPCERT_KIND_CERT, CAPCERT_KIND_STORE,
					  CAPCERT_KIND_VERIFIER };
	const struct t_call *c = call_of(CAPCERT_READ);
	uint32_t need;
	size_t i, k;

	for (i = 0; i < 3; i++) {
		int fd = self->w.file[kinds[i]];

		t_call_prepare(&self->w, c, kinds[i], &self->arg);
		ASSERT_EQ(0, t_call_run(c, fd, &self->arg));
		need = self->arg.read.ret_len;
		EXPECT_LT(0, need);
		t_call_prepare(&self->w, c, kinds[i], &self->arg);
		memset(self->w.buf, 0x5a, sizeof(self->w.buf));
		self->arg.read.len = need - 1;
		EXPECT_EQ(-EMSGSIZE, t_call_run(c, fd, &self->arg));
		EXPECT_EQ(need, self->arg.read.ret_len);
		for (k = 0; k < sizeof(self->w.buf); k++)
			ASSERT_EQ(0x5a, self->w.buf[k]);
		t_call_prepare(&self->w, c, kinds[i], &self->arg);
		self->arg.read.len = 0;
		EXPECT_EQ(-EMSGSIZE, t_call_run(c, fd, &self->arg));
		EXPECT_EQ(need, self->arg.read.ret_len);
		t_call_prepare(&self->w, c, kinds[i], &self->arg);
		self->arg.read.len = need;
		EXPECT_EQ(0, t_call_run(c, fd, &self->arg));
		EXPECT_EQ(0x5a, self->w.buf[need]);
	}
	c = call_of(CAPCERT_PUBLIC);
	t_call_prepare(&self->w, c, CAPCERT_KIND_CERT, &self->arg);
	self->arg.public.len = 10;
	EXPECT_EQ(-EMSGSIZE, t_call_run(c, self->w.file[CAPCERT_KIND_CERT], &self->arg));
	EXPECT_EQ(self->w.leaf.spki_len, self->arg.public.ret_len);
}

TEST_F(abi, contents)
{
	const struct t_call *c = call_of(CAPCERT_READ);
	struct capcert_status s;
	struct capcert_info info;

	t_call_prepare(&self->w, c, CAPCERT_KIND_CERT, &self->arg);
	ASSERT_EQ(0, t_call_run(c, self->w.file[CAPCERT_KIND_CERT], &self->arg));
	ASSERT_EQ(self->w.leaf.len, self->arg.read.ret_len);
	EXPECT_EQ(0, memcmp(self->w.buf, self->w.leaf.der, self->w.leaf.len));
	c = call_of(CAPCERT_PUBLIC);
	t_call_prepare(&self->w, c, CAPCERT_KIND_CERT, &self->arg);
	ASSERT_EQ(0, t_call_run(c, self->w.file[CAPCERT_KIND_CERT], &self->arg));
	ASSERT_EQ(self->w.leaf.spki_len, self->arg.public.ret_len);
	EXPECT_EQ(0, memcmp(self->w.buf, tcert_spki(&self->w.leaf), self->w.leaf.spki_len));

	ASSERT_EQ(0, t_info(self->w.file[CAPCERT_KIND_CERT], &info));
	EXPECT_EQ(CAPCERT_KIND_CERT, info.kind);
	EXPECT_EQ(T_RIGHTS_CERT, info.rights);
	EXPECT_EQ(CAPCERT_ORIGIN_USER, info.origin);
	EXPECT_EQ(self->w.key[CAPCERT_KIND_CERT], info.serial);
	EXPECT_EQ(0, memcmp(info.digest, self->w.leaf.fingerprint, 32));
	EXPECT_STREQ("world cert", info.description);
	EXPECT_EQ(0, info.owner_uid);
	EXPECT_EQ(0, info.bound_pid);

	ASSERT_EQ(0, t_status(&s));
	EXPECT_EQ(CAPCERT_ABI_VERSION, s.abi);
	EXPECT_EQ(1, s.verify_agents);
	EXPECT_EQ(1, s.sign_agents);
	EXPECT_LE(4, s.objects);
	EXPECT_LE(5, s.handles);
	EXPECT_LT(0, s.object_bytes);
	EXPECT_EQ(0, s.pending);
	EXPECT_EQ(CAPCERT_CLOCK_RTC, s.clock);
	EXPECT_LT(0, strnlen(s.version, sizeof(s.version)));
}

/* read, write, mmap, lseek and friends do not exist on a handle. */
TEST_F(abi, no_other_file_operations)
{
	uint32_t kind;
	char c = 0;

	for (kind = CAPCERT_KIND_CERT; kind <= CAPCERT_KIND_OUTCOME; kind++) {
		int fd = self->w.file[kind];

		if (fd < 0)
			continue;
		EXPECT_EQ(-1, read(fd, &c, 1));
		EXPECT_EQ(EINVAL, errno);
		EXPECT_EQ(-1, write(fd, &c, 1));
		EXPECT_EQ(EINVAL, errno);
		EXPECT_EQ(-1, pread(fd, &c, 1, 0));
		EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
		EXPECT_EQ(-1, ftruncate(fd, 0));
		EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	}
}

#ifdef __x86_64__
/* The 32-bit entry of the kernel: same structs, same answers. */
static long ioctl32(int fd, unsigned long cmd, void *arg)
{
	long ret;

	asm volatile("int $0x80" : "=a"(ret)
		     : "a"(54), "b"(fd), "c"(cmd), "d"((uint32_t)(uintptr_t)arg)
		     : "memory", "r8", "r9", "r10", "r11");
	return ret;
}

TEST_F(abi, compat)
{
	union t_arg *low = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int status, child;
	const struct t_call *c;
	uint32_t kind;

	ASSERT_NE(MAP_FAILED, low);
	/* Without the emulation int 0x80 is a fatal signal: let a child find out. */
	child = fork();
	if (!child)
		_exit(ioctl32(9999, CAPCERT_STATUS, low) == -EBADF ? 0 : 1);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	if (status)
		SKIP(return, "this kernel has no 32-bit system calls");
	FOR_EACH_CALL(c, kind) {
		t_call_prepare(&self->w, c, kind, &self->arg);
		memcpy(low, &self->arg, sizeof(*low));
		if (c->cmd == CAPCERT_DISTRUST || c->fd_out)
			continue;
		EXPECT_EQ(expected(&self->w, c), ioctl32(self->w.file[kind], c->cmd, low))
			WHERE(c, kind);
		low->size = 0;
		EXPECT_EQ(-EINVAL, ioctl32(self->w.file[kind], c->cmd, low))
			WHERE(c, kind);
	}
}
#endif

TEST_HARNESS_MAIN
