// SPDX-License-Identifier: GPL-2.0-only
/* Trust stores: what changes them, what must not, limits, and what they take. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nettle/sha2.h>

#include "common.h"
#include "kselftest_harness.h"

/* Under the debug kernel; a few seconds otherwise. */
#define SLOW 300
#define RIGHT(name) CAPCERT_RIGHT_##name
#define PURPOSE(name) (1u << CAPCERT_PURPOSE_##name)
#define ROOTS 6
#define VIEW_RIGHTS (RIGHT(INFO) | RIGHT(READ) | RIGHT(RESTRICT) | RIGHT(VERIFY))

FIXTURE(store) {
	int fd;
	struct tcert root[ROOTS];
	struct t_state before;
	struct t_state after;
};

FIXTURE_SETUP(store)
{
	uint32_t i;

	t_session();
	self->fd = t_store("store");
	ASSERT_LE(0, self->fd);
	for (i = 0; i < ROOTS; i++)
		tcert_root(i, &self->root[i]);
}

FIXTURE_TEARDOWN(store)
{
	uint32_t i;

	for (i = 0; i < ROOTS; i++)
		tcert_free(&self->root[i]);
	close(self->fd);
}

#define UNCHANGED(call) do { \
		ASSERT_EQ(0, t_state(self->fd, &self->before)); \
		call; \
		ASSERT_EQ(0, t_state(self->fd, &self->after)); \
		EXPECT_TRUE(t_state_equal(&self->before, &self->after)) \
			TH_LOG("changed by: " #call); \
		t_state_free(&self->before); \
		t_state_free(&self->after); \
	} while (0)

TEST_F(store, add_and_remove)
{
	struct capcert_add arg = { 0 };
	struct capcert_version v;
	struct capcert_info info;
	uint8_t digest[32], empty[32];
	uint64_t version;
	uint32_t i, k;

	ASSERT_EQ(0, t_version(self->fd, &v));
	EXPECT_EQ(0, v.count);
	version = v.version;
	memcpy(empty, v.digest, 32);
	for (i = 0; i < ROOTS; i++) {
		ASSERT_EQ(0, t_add_arg(self->fd, &self->root[i], &arg));
		EXPECT_LT(version, arg.version);
		version = arg.version;
		ASSERT_EQ(0, t_state(self->fd, &self->after));
		EXPECT_EQ(version, self->after.version);
		ASSERT_EQ(i + 1, self->after.count);
		for (k = 0; k < ROOTS; k++)
			EXPECT_EQ(k <= i, t_state_has(&self->after, &self->root[k]));
		for (k = 1; k < self->after.count; k++)
			EXPECT_GT(0, memcmp(self->after.anchors[k - 1].fingerprint,
					    self->after.anchors[k].fingerprint, 32));
		t_state_digest(&self->after, digest);
		EXPECT_EQ(0, memcmp(digest, self->after.digest, 32));
		ASSERT_EQ(0, t_info(self->fd, &info));
		EXPECT_EQ(version, info.version);
		EXPECT_EQ(i + 1, info.count);
		EXPECT_EQ(0, memcmp(digest, info.digest, 32));
		t_state_free(&self->after);
	}
	for (i = 0; i < ROOTS; i++) {
		ASSERT_EQ(0, t_remove(self->fd, &self->root[i]));
		ASSERT_EQ(0, t_version(self->fd, &v));
		EXPECT_LT(version, v.version);
		version = v.version;
		EXPECT_EQ(ROOTS - 1 - i, v.count);
	}
	/* Empty again: the same content, the same digest, a later version. */
	EXPECT_EQ(0, memcmp(empty, v.digest, 32));
}

TEST_F(store, anchors_as_added)
{
	struct capcert_read r = { .size = sizeof(r), .what = CAPCERT_READ_ANCHOR_DER };
	uint8_t der[1024];
	uint32_t i;

	ASSERT_EQ(0, t_add(self->fd, &self->root[0], 0));
	ASSERT_EQ(0, t_add(self->fd, &self->root[1], PURPOSE(CODE_SIGNING) | PURPOSE(EMAIL_SMIME)));
	ASSERT_EQ(0, t_state(self->fd, &self->after));
	for (i = 0; i < 2; i++) {
		bool first = !memcmp(self->after.anchors[i].fingerprint,
				     self->root[0].fingerprint, 32);
		const struct tcert *c = &self->root[first ? 0 : 1];

		EXPECT_EQ(first ? PURPOSE(TLS_SERVER_AUTH) :
			  PURPOSE(CODE_SIGNING) | PURPOSE(EMAIL_SMIME),
			  self->after.anchors[i].purposes);
		EXPECT_EQ(0, memcmp(self->after.anchors[i].spki_hash, c->spki_hash, 32));
		EXPECT_EQ(c->len, self->after.anchors[i].der_len);
		r.index = i;
		r.buf = (uintptr_t)der;
		r.len = sizeof(der);
		ASSERT_EQ(0, t_ioctl(self->fd, CAPCERT_READ, &r));
		ASSERT_EQ(c->len, r.ret_len);
		EXPECT_EQ(self->after.version, r.version);
		EXPECT_EQ(0, memcmp(der, c->der, c->len));
	}
	r.index = 2;
	EXPECT_EQ(-ENOENT, t_ioctl(self->fd, CAPCERT_READ, &r));
	t_state_free(&self->after);
}

/* READ_ANCHORS gives whole entries from an index on. */
TEST_F(store, read_from_an_index)
{
	struct capcert_anchor a[ROOTS];
	struct capcert_read r = { .size = sizeof(r), .what = CAPCERT_READ_ANCHORS,
				  .buf = (uintptr_t)a, .len = sizeof(a) };
	uint32_t i;

	for (i = 0; i < ROOTS; i++)
		ASSERT_EQ(0, t_add(self->fd, &self->root[i], 0));
	ASSERT_EQ(0, t_state(self->fd, &self->after));
	for (i = 0; i < ROOTS; i++) {
		r.index = i;
		ASSERT_EQ(0, t_ioctl(self->fd, CAPCERT_READ, &r));
		ASSERT_EQ((ROOTS - i) * sizeof(a[0]), r.ret_len);
		EXPECT_EQ(0, memcmp(a, self->after.anchors + i, r.ret_len));
	}
	t_state_free(&self->after);
}

TEST_F(store, pin_mismatch_keeps_nothing)
{
	struct capcert_add arg = { 0 };
	uint8_t pin[64] = { 0 };
	static const struct {
		uint32_t hash, len;
	} pins[] = { { CAPCERT_HASH_SHA256, 32 }, { CAPCERT_HASH_SHA384, 48 },
		     { CAPCERT_HASH_SHA512, 64 } };
	size_t i;

	ASSERT_EQ(0, t_add(self->fd, &self->root[0], 0));
	for (i = 0; i < 3; i++) {
		arg = (struct capcert_add){
			.size = sizeof(arg), .pin_hash = pins[i].hash, .pin_len = pins[i].len,
			.pin = (uintptr_t)pin,
			.cert = { (uintptr_t)self->root[1].der, (uint32_t)self->root[1].len, -1 },
		};
		UNCHANGED(EXPECT_EQ(-EKEYREJECTED, t_ioctl(self->fd, CAPCERT_ADD, &arg)));
	}
	/* Off by one bit, at either end. */
	for (i = 0; i < 2; i++) {
		memcpy(pin, self->root[1].spki_hash, 32);
		pin[i * 31] ^= i ? 1 : 0x80;
		arg.pin_hash = CAPCERT_HASH_SHA256;
		arg.pin_len = 32;
		UNCHANGED(EXPECT_EQ(-EKEYREJECTED, t_ioctl(self->fd, CAPCERT_ADD, &arg)));
	}
	/* The fingerprint of the certificate is no pin. */
	arg.pin = (uintptr_t)self->root[1].fingerprint;
	UNCHANGED(EXPECT_EQ(-EKEYREJECTED, t_ioctl(self->fd, CAPCERT_ADD, &arg)));
	/* No pin at all is no ADD. */
	arg.pin_len = 0;
	arg.pin = 0;
	UNCHANGED(EXPECT_EQ(-EINVAL, t_ioctl(self->fd, CAPCERT_ADD, &arg)));
}

TEST_F(store, pins_of_every_hash)
{
	struct capcert_add arg = { .size = sizeof(arg) };
	struct sha384_ctx c384;
	struct sha512_ctx c512;
	uint8_t pin[64];

	sha384_init(&c384);
	sha384_update(&c384, self->root[0].spki_len, tcert_spki(&self->root[0]));
	sha384_digest(&c384, 48, pin);
	arg.cert = (struct capcert_blob){ (uintptr_t)self->root[0].der,
					  (uint32_t)self->root[0].len, -1 };
	arg.pin = (uintptr_t)pin;
	arg.pin_hash = CAPCERT_HASH_SHA384;
	arg.pin_len = 48;
	EXPECT_EQ(0, t_ioctl(self->fd, CAPCERT_ADD, &arg));
	sha512_init(&c512);
	sha512_update(&c512, self->root[1].spki_len, tcert_spki(&self->root[1]));
	sha512_digest(&c512, 64, pin);
	arg.cert = (struct capcert_blob){ (uintptr_t)self->root[1].der,
					  (uint32_t)self->root[1].len, -1 };
	arg.pin_hash = CAPCERT_HASH_SHA512;
	arg.pin_len = 64;
	EXPECT_EQ(0, t_ioctl(self->fd, CAPCERT_ADD, &arg));
}

/* EEXIST when the anchor is there with these purposes. */
TEST_F(store, duplicates)
{
	ASSERT_EQ(0, t_add(self->fd, &self->root[0], PURPOSE(TLS_SERVER_AUTH)));
	UNCHANGED(EXPECT_EQ(-EEXIST, t_add(self->fd, &self->root[0], PURPOSE(TLS_SERVER_AUTH))));
	UNCHANGED(EXPECT_EQ(-EEXIST, t_add(self->fd, &self->root[0], 0)));
	/* Other purposes join those it has: still one anchor. */
	ASSERT_EQ(0, t_add(self->fd, &self->root[0], PURPOSE(CODE_SIGNING)));
	ASSERT_EQ(0, t_state(self->fd, &self->after));
	ASSERT_EQ(1, self->after.count);
	EXPECT_EQ(PURPOSE(TLS_SERVER_AUTH) | PURPOSE(CODE_SIGNING),
		  self->after.anchors[0].purposes);
	t_state_free(&self->after);
	UNCHANGED(EXPECT_EQ(-EEXIST, t_add(self->fd, &self->root[0],
					   PURPOSE(TLS_SERVER_AUTH) | PURPOSE(CODE_SIGNING))));
}

TEST_F(store, from_a_certificate_handle)
{
	int cert = t_cert("cert", &self->root[0]);
	struct capcert_add arg = {
		.size = sizeof(arg), .cert = { .fd = cert }, .pin_hash = CAPCERT_HASH_SHA256,
		.pin = (uintptr_t)self->root[0].spki_hash, .pin_len = 32,
	};

	ASSERT_LE(0, cert);
	ASSERT_EQ(0, t_ioctl(self->fd, CAPCERT_ADD, &arg));
	ASSERT_EQ(0, t_state(self->fd, &self->after));
	EXPECT_TRUE(t_state_has(&self->after, &self->root[0]));
	t_state_free(&self->after);
}

/* By subject: every match or nothing, and the count. */
TEST_F(store, remove_by_subject)
{
	struct tcert twin[3];
	uint32_t i, count = 77;

	for (i = 0; i < 3; i++) {
		tcert_make(&(struct tcert_spec){ .subject = "twin", .seed = 100 + i,
						 .flags = TCERT_CA }, &twin[i]);
		ASSERT_EQ(0, t_add(self->fd, &twin[i], 0));
		ASSERT_EQ(0, t_add(self->fd, &self->root[i], 0));
	}
	UNCHANGED(EXPECT_EQ(-ENOENT, t_remove_subject(self->fd, &self->root[4], &count)));
	EXPECT_EQ(77, count);
	ASSERT_EQ(0, t_version(self->fd, &(struct capcert_version){ 0 }));
	ASSERT_EQ(0, t_remove_subject(self->fd, &twin[1], &count));
	EXPECT_EQ(3, count);
	ASSERT_EQ(0, t_state(self->fd, &self->after));
	EXPECT_EQ(3, self->after.count);
	for (i = 0; i < 3; i++) {
		EXPECT_FALSE(t_state_has(&self->after, &twin[i]));
		EXPECT_TRUE(t_state_has(&self->after, &self->root[i]));
		tcert_free(&twin[i]);
	}
	t_state_free(&self->after);
}

TEST_F(store, remove_what_is_not_there)
{
	uint8_t junk[64];
	struct capcert_remove arg = { .size = sizeof(arg), .select = CAPCERT_SELECT_SUBJECT,
				      .ptr = (uintptr_t)junk };

	ASSERT_EQ(0, t_add(self->fd, &self->root[0], 0));
	UNCHANGED(EXPECT_EQ(-ENOENT, t_remove(self->fd, &self->root[1])));
	memset(junk, 0xff, sizeof(junk));
	/* A subject that is no DER Name: empty, garbage, cut off, with a byte too many. */
	arg.len = 0;
	UNCHANGED(EXPECT_EQ(-EINVAL, t_ioctl(self->fd, CAPCERT_REMOVE, &arg)));
	arg.len = sizeof(junk);
	UNCHANGED(EXPECT_EQ(-EINVAL, t_ioctl(self->fd, CAPCERT_REMOVE, &arg)));
	memcpy(junk, tcert_subject(&self->root[0]), self->root[0].subject_len);
	arg.len = (uint32_t)self->root[0].subject_len - 1;
	UNCHANGED(EXPECT_EQ(-EINVAL, t_ioctl(self->fd, CAPCERT_REMOVE, &arg)));
	arg.len = (uint32_t)self->root[0].subject_len + 1;
	UNCHANGED(EXPECT_EQ(-EINVAL, t_ioctl(self->fd, CAPCERT_REMOVE, &arg)));
	arg.len = (uint32_t)self->root[0].subject_len;
	EXPECT_EQ(0, t_ioctl(self->fd, CAPCERT_REMOVE, &arg));
	EXPECT_EQ(1, arg.count);
}

/* Certificates that are none: EBADMSG (over the limit: EMSGSIZE) and nothing is kept. */
TEST_F(store, malformed_certificates)
{
	const struct tcert *c = &self->root[0];
	struct capcert_add arg = {
		.size = sizeof(arg), .pin_hash = CAPCERT_HASH_SHA256, .pin_len = 32,
		.pin = (uintptr_t)c->spki_hash,
	};
	uint8_t buf[2048];
	size_t i;

	ASSERT_LE(c->len + 1, sizeof(buf));
	memcpy(buf, c->der, c->len);
	arg.cert.fd = -1;
	arg.cert.ptr = (uintptr_t)buf;
	/* Every truncation. */
	for (i = 0; i < c->len; i++) {
		arg.cert.len = (uint32_t)i;
		ASSERT_EQ(-EBADMSG, t_ioctl(self->fd, CAPCERT_ADD, &arg))
			TH_LOG("truncated to %zu", i);
	}
	/* A trailing byte. */
	buf[c->len] = 0;
	arg.cert.len = (uint32_t)c->len + 1;
	UNCHANGED(EXPECT_EQ(-EBADMSG, t_ioctl(self->fd, CAPCERT_ADD, &arg)));
	arg.cert.len = (uint32_t)c->len;
	/* BER: an indefinite length, a length not minimal. */
	buf[1] = 0x80;
	UNCHANGED(EXPECT_EQ(-EBADMSG, t_ioctl(self->fd, CAPCERT_ADD, &arg)));
	buf[1] = c->der[1];
	/* Every tag on the way down made wrong. */
	for (i = 0; i < 12; i++) {
		buf[i] ^= 0x40;
		ASSERT_NE(0, t_ioctl(self->fd, CAPCERT_ADD, &arg))
			TH_LOG("byte %zu flipped", i);
		buf[i] ^= 0x40;
	}
	memset(buf, 0, sizeof(buf));
	UNCHANGED(EXPECT_EQ(-EBADMSG, t_ioctl(self->fd, CAPCERT_ADD, &arg)));
	memset(buf, 0x30, sizeof(buf));
	UNCHANGED(EXPECT_EQ(-EBADMSG, t_ioctl(self->fd, CAPCERT_ADD, &arg)));
	/* PEM is for key payloads; here only DER. */
	arg.cert.len = (uint32_t)tcert_pem(c, (char *)buf);
	UNCHANGED(EXPECT_EQ(-EBADMSG, t_ioctl(self->fd, CAPCERT_ADD, &arg)));
	ASSERT_EQ(0, t_version(self->fd, &(struct capcert_version){ 0 }));
	ASSERT_EQ(0, t_state(self->fd, &self->after));
	EXPECT_EQ(0, self->after.count);
	t_state_free(&self->after);
}

TEST_F(store, duplicate_extension)
{
	/* Basic constraints twice: the padding extension of a larger certificate renamed. */
	static const uint8_t pad_oid[] = { 0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x86, 0x8d,
					   0x1f, 0x7f };
	struct tcert a, b;
	uint8_t *oid;

	tcert_make(&(struct tcert_spec){ .subject = "pad", .seed = 50, .flags = TCERT_CA,
					 .total = 700 }, &a);
	ASSERT_EQ(0, t_add(self->fd, &a, 0));
	/* Its own OID within the 9 bytes of another private arc: still a certificate. */
	tcert_make(&(struct tcert_spec){ .subject = "pad", .seed = 51, .flags = TCERT_CA,
					 .total = 700 }, &b);
	oid = memmem(b.der, b.len, pad_oid, sizeof(pad_oid));
	ASSERT_NE(NULL, oid);
	oid[10] = 0x7e;
	EXPECT_EQ(0, t_add(self->fd, &b, 0));
	tcert_free(&a);
	tcert_free(&b);
	tcert_make(&(struct tcert_spec){ .subject = "twice", .seed = 52,
					 .flags = TCERT_CA | TCERT_TWICE }, &a);
	UNCHANGED(EXPECT_EQ(-EBADMSG, t_add(self->fd, &a, 0)));
	tcert_free(&a);
}

TEST_F(store, largest_certificate)
{
	struct tcert big;

	tcert_make(&(struct tcert_spec){ .subject = "big", .seed = 60, .flags = TCERT_CA,
					 .total = CAPCERT_MAX_CERT }, &big);
	EXPECT_EQ(0, t_add(self->fd, &big, 0));
	tcert_free(&big);
	tcert_make(&(struct tcert_spec){ .subject = "big", .seed = 61, .flags = TCERT_CA,
					 .total = CAPCERT_MAX_CERT + 1 }, &big);
	UNCHANGED(EXPECT_EQ(-EMSGSIZE, t_add(self->fd, &big, 0)));
	tcert_free(&big);
}

/* ---- limits and figures ---- */

TEST_F_TIMEOUT(store, anchor_limit, SLOW)
{
	struct capcert_status empty, full;
	struct capcert_version v;
	struct tcert c;
	uint64_t der = 0;
	uint32_t i;

	ASSERT_EQ(0, t_settle(&empty));
	for (i = 0; i < CAPCERT_MAX_ADDED; i++) {
		tcert_root(1000 + i, &c);
		ASSERT_EQ(0, t_add(self->fd, &c, 0))
			TH_LOG("anchor %u", i);
		der += c.len;
		tcert_free(&c);
	}
	ASSERT_EQ(0, t_status(&full));
	ksft_print_msg("%u anchors: %llu bytes of DER, %llu bytes of kernel memory\n", i,
		       (unsigned long long)der,
		       (unsigned long long)(full.object_bytes - empty.object_bytes));
	tcert_root(9999, &c);
	EXPECT_EQ(-ENOSPC, t_add(self->fd, &c, 0));
	ASSERT_EQ(0, t_version(self->fd, &v));
	EXPECT_EQ(CAPCERT_MAX_ADDED, v.count);
	/* One goes, one comes. */
	tcert_free(&c);
	tcert_root(1000, &c);
	ASSERT_EQ(0, t_remove(self->fd, &c));
	EXPECT_EQ(0, t_add(self->fd, &c, 0));
	tcert_free(&c);
}

/* 150 anchors of the usual size: kernel memory at most twice the DER, views nearly free. */
TEST_F(store, memory)
{
	struct capcert_status empty, full, views;
	uint64_t der = 0, used;
	uint32_t i;
	struct tcert c;
	int view[16];

	ASSERT_EQ(0, t_settle(&empty));
	for (i = 0; i < 150; i++) {
		char cn[32];

		snprintf(cn, sizeof(cn), "memory %u", i);
		tcert_make(&(struct tcert_spec){ .subject = cn, .seed = 5000 + i,
						 .flags = TCERT_CA, .total = 1000 }, &c);
		ASSERT_EQ(0, t_add(self->fd, &c, 0));
		der += c.len;
		tcert_free(&c);
	}
	ASSERT_EQ(0, t_status(&full));
	used = full.object_bytes - empty.object_bytes;
	for (i = 0; i < 16; i++) {
		struct capcert_restrict r = { .rights = VIEW_RIGHTS,
					      .purposes = PURPOSE(TLS_SERVER_AUTH) };

		view[i] = t_restrict_arg(self->fd, &r);
		ASSERT_LE(0, view[i]);
	}
	ASSERT_EQ(0, t_status(&views));
	ksft_print_msg("150 anchors: %llu bytes of DER, %llu of memory, 16 snapshots %llu more\n",
		       (unsigned long long)der, (unsigned long long)used,
		       (unsigned long long)(views.object_bytes - full.object_bytes));
	EXPECT_LT(der, used);
	EXPECT_GE(2 * der, used);
	/* Snapshots share the anchors. */
	EXPECT_GT(der, views.object_bytes - full.object_bytes);
	for (i = 0; i < 16; i++)
		close(view[i]);
	ASSERT_EQ(0, t_settle(&views));
	EXPECT_EQ(full.object_bytes, views.object_bytes);
}

/* Two stores with one content have one digest; purposes are content. */
TEST_F(store, digest_is_content)
{
	struct capcert_version a, b;
	int other = t_store("other"), i;

	ASSERT_LE(0, other);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, t_add(self->fd, &self->root[i], 0));
		ASSERT_EQ(0, t_add(other, &self->root[2 - i], 0));
	}
	ASSERT_EQ(0, t_version(self->fd, &a));
	ASSERT_EQ(0, t_version(other, &b));
	EXPECT_EQ(0, memcmp(a.digest, b.digest, 32));
	ASSERT_EQ(0, t_add(other, &self->root[0], PURPOSE(CODE_SIGNING)));
	ASSERT_EQ(0, t_version(other, &b));
	EXPECT_NE(0, memcmp(a.digest, b.digest, 32));
}

TEST_HARNESS_MAIN
