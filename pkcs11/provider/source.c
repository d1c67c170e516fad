// SPDX-License-Identifier: LGPL-2.1-or-later
/* Handles named by CAPCERT_FDS, and keys and certificates in the keyrings that this process possesses.
 * In a set-id program both are its caller's choice, and there is nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/auxv.h>
#include <capcert/bundle.h>
#include <capcert/key.h>
#include <capcert/verify.h>
#include "pkcs11/provider/facts.h"
#include "pkcs11/provider/keyring.h"
#include "pkcs11/provider/slots.h"
#include "pkcs11/provider/source.h"

#define FDS_MOST 256
#define PATIENCE_MS 5000
#define PAUSE_MS 5

#define KEY_RIGHTS (CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_PUBLIC | CAPCERT_RIGHT_SIGN)

/* ---- what an inherited handle was when it was last looked at ---- */

struct stamp {
	int fd, error;
	uint64_t id, version;
};

/* By the module's lock. */
static struct stamp stamps[FDS_MOST];
static size_t stamp_count;

static struct stamp stamp_of(int fd, struct capcert_info *ret_info)
{
	struct stamp s = { .fd = fd };

	s.error = capcert_get_info(fd, ret_info);
	if (s.error == 0) {
		s.id = ret_info->id;
		s.version = ret_info->version;
	}
	return s;
}

static bool stamp_same(const struct stamp *a, const struct stamp *b)
{
	return a->fd == b->fd && a->error == b->error && a->id == b->id && a->version == b->version;
}

/* ---- what a handle holds ---- */

static int add_cert_handle(struct holdings *h, int fd, const char *name)
{
	struct held_cert held = { 0 };

	if (capcert_cert_from_handle(fd, &held.cert) < 0)
		return 0;
	facts_label(held.label, name);
	return facts_cert(h, &held);
}

/* Anchors with constraints are left out: no attribute here says what they may not do. */
static int add_store(struct holdings *h, int fd)
{
	struct capcert_store_anchor anchor;
	capcert_store *store;
	int r = 0;

	if (capcert_store_from_handle(fd, &store) < 0)
		return 0;
	for (size_t i = 0; r == 0 && !capcert_store_at(store, i, &anchor); i++) {
		struct held_cert held = { .anchor = true, .purposes = anchor.purposes };

		if (!anchor.der || !anchor.plain ||
		    capcert_cert_new(anchor.der, anchor.der_len, &held.cert, NULL) < 0)
			continue;
		facts_label_of(held.cert, held.label);
		r = facts_cert(h, &held);
	}
	capcert_store_free(store);
	return r;
}

static int add_handle(struct holdings *h, int fd, const char *name, const struct capcert_info *info)
{
	struct held_key key = { .fd = fd, .slots_fd = -1 };

	switch (info->kind) {
	case CAPCERT_KIND_KEY:
		facts_label(key.label, name);
		return facts_key(h, fd, info->rights & CAPCERT_RIGHT_SIGN, &key);
	case CAPCERT_KIND_CERT:
		return add_cert_handle(h, fd, name);
	case CAPCERT_KIND_STORE:
		return add_store(h, fd);
	case CAPCERT_KIND_SLOT:
		return slots_add(h, fd, info->rights);
	default:
		return 0;
	}
}

static int add_inherited(struct holdings *h)
{
	struct capcert_info info;
	char name[HELD_LABEL];
	int r = 0, fd;

	stamp_count = 0;
	for (size_t i = 0; r == 0 && i < FDS_MOST; i++) {
		fd = capcert_fd_at(i, name, sizeof(name));
		if (fd < 0 && fd != -EBADF && fd != -EMSGSIZE)
			break;
		stamps[stamp_count] = stamp_of(fd, &info);
		if (stamps[stamp_count++].error == 0)
			r = add_handle(h, fd, name, &info);
	}
	return r;
}

/* ---- what the process possesses ---- */

static int add_possessed(void *ctx, int32_t serial, const char *type, const char *description)
{
	struct held_key key = { .fd = -1, .slots_fd = -1, .serial = serial };
	bool is_key = !strcmp(type, "capkey");
	uint64_t rights = is_key ? KEY_RIGHTS : CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_READ;
	int fd, r;

	if (capcert_open(serial, rights, &fd) < 0)
		return 0;
	if (is_key) {
		facts_label(key.label, description);
		r = facts_key(ctx, fd, true, &key);
	} else {
		r = add_cert_handle(ctx, fd, description);
	}
	close(fd);
	return r;
}

/* ---- the interface ---- */

int source_scan(struct holdings *ret)
{
	int r;

	if (getauxval(AT_SECURE))
		return 0;
	r = add_inherited(ret);
	if (r == 0)
		r = keyring_walk(add_possessed, ret);
	/* More than there is room for: what was found first is there. */
	return r == -ENOSPC ? 0 : r;
}

bool source_moved(void)
{
	struct capcert_info info;
	struct stamp now;
	char name[HELD_LABEL];
	size_t i;

	if (getauxval(AT_SECURE))
		return false;
	for (i = 0; i < FDS_MOST; i++) {
		int fd = capcert_fd_at(i, name, sizeof(name));

		if (fd < 0 && fd != -EBADF && fd != -EMSGSIZE)
			break;
		now = stamp_of(fd, &info);
		if (i >= stamp_count || !stamp_same(&now, &stamps[i]))
			return true;
	}
	return i != stamp_count || keyring_moved();
}

size_t source_watch(int *ret, size_t most)
{
	struct capcert_info info;
	char name[HELD_LABEL];
	size_t n = 0;

	for (size_t i = 0; n < most && i < FDS_MOST && !getauxval(AT_SECURE); i++) {
		int fd = capcert_fd_at(i, name, sizeof(name));

		if (fd < 0 && fd != -EBADF && fd != -EMSGSIZE)
			break;
		if (capcert_get_info(fd, &info) < 0 || info.kind != CAPCERT_KIND_SLOT)
			continue;
		ret[n] = slots_watch(fd);
		n += ret[n] >= 0;
	}
	return n;
}

int source_heard(int watch)
{
	return slots_heard(watch);
}

void source_forget(void)
{
	stamp_count = 0;
	keyring_forget();
}

/* Is the file behind this number a handle of this key? */
static int is_of(int fd, const struct held_key *key)
{
	struct capcert_key_info info;
	int r = capcert_key_info(fd, &info);

	if (r < 0)
		return r;
	return memcmp(info.spki_hash, key->hash, sizeof(key->hash)) ? -EBADF : 0;
}

static int reopen(const struct held_key *key)
{
	int fd, r;

	if (key->slots_fd >= 0)
		return slots_key(key->slots_fd, key->label);
	r = capcert_open(key->serial, KEY_RIGHTS, &fd);
	return r < 0 ? r : fd;
}

int source_key_fd(struct held_key *key)
{
	int fd = key->fd >= 0 ? key->fd : key->own_fd;
	int r = fd < 0 ? -EBADF : is_of(fd, key);

	if (r == 0)
		return fd;
	if (key->fd >= 0)
		return r;
	/* Ours, closed by somebody else, or bound to the process that this one was forked from: not ours to
	 * close, whatever it is now. */
	key->own_fd = -1;
	fd = reopen(key);
	if (fd < 0)
		return fd;
	r = is_of(fd, key);
	if (r < 0) {
		close(fd);
		return r;
	}
	key->own_fd = fd;
	return fd;
}

void source_release(struct held_key *key)
{
	int r;

	if (key->own_fd < 0)
		return;
	r = is_of(key->own_fd, key);
	if (r != -EBADF && r != -ENOTTY && r != -EBADFD)
		close(key->own_fd);
	key->own_fd = -1;
}

/* A user's share of the queue is bounded, and a program that finds it full is only early. A handle that has
 * limits says the same when they are used up. */
static bool worth_waiting(int r, bool limited)
{
	return r == -EBUSY || (r == -EDQUOT && !limited);
}

int source_sign(int fd, bool limited, uint32_t purpose, uint32_t scheme, uint32_t flags,
		const void *data, size_t len, uint8_t *signature, size_t *signature_len)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };
	size_t cap = *signature_len;
	int r;

	for (int waited = 0;; waited += PAUSE_MS) {
		*signature_len = cap;
		r = capcert_key_sign(fd, purpose, scheme, flags, data, len, 0, signature,
				     signature_len);
		if (!worth_waiting(r, limited))
			return r;
		/* No use was refused: the keeper has too much to do. */
		if (waited >= PATIENCE_MS)
			return -EBUSY;
		nanosleep(&pause, NULL);
	}
}
