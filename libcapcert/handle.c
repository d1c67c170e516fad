// SPDX-License-Identifier: LGPL-2.1-or-later
/* Handles: open, look, read, narrow; trust stores: add, remove, version. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "libcapcert/device.h"

/* A store that grows between two calls makes the second buffer too small again. */
#define READ_TRIES 16

static uint64_t address(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

int capcert_open(int32_t serial, uint64_t rights, int *ret_fd)
{
	struct capcert_open arg = { .size = sizeof(arg), .rights = rights, .serial = serial };
	int r = device_call(CAPCERT_OPEN, &arg);

	if (r == 0)
		*ret_fd = arg.fd;
	return r;
}

static int open_named(unsigned long command, uint32_t kind, const char *name, uint64_t rights,
		      int *ret_fd)
{
	struct capcert_open_name arg = { .size = sizeof(arg), .rights = rights, .kind = kind };
	size_t n = strlen(name);
	int r;

	if (n == 0 || n > 255)
		return n ? -EMSGSIZE : -EINVAL;
	arg.name = address(name);
	arg.name_len = (uint32_t)n;
	r = device_call(command, &arg);
	if (r == 0)
		*ret_fd = arg.fd;
	return r;
}

int capcert_open_name(uint32_t kind, const char *name, uint64_t rights, int *ret_fd)
{
	return open_named(CAPCERT_OPEN_NAME, kind, name, rights, ret_fd);
}

int capcert_open_system(uint32_t kind, const char *name, uint64_t rights, int *ret_fd)
{
	return open_named(CAPCERT_OPEN_SYSTEM, kind, name, rights, ret_fd);
}

int capcert_get_status(struct capcert_status *ret)
{
	struct capcert_status arg = { .size = sizeof(arg) };
	int r = device_call(CAPCERT_STATUS, &arg);

	if (r == 0)
		*ret = arg;
	return r;
}

int capcert_get_info(int fd, struct capcert_info *ret)
{
	struct capcert_info arg = { .size = sizeof(arg) };
	int r = handle_call(fd, CAPCERT_INFO, &arg);

	if (r == 0)
		*ret = arg;
	return r;
}

int handle_read(int fd, uint32_t what, uint32_t index, uint8_t **ret_data, size_t *ret_len,
		uint64_t *ret_version)
{
	uint32_t cap = 4096;

	/* The kernel gives as many anchors as fit: room for all, so that none is left behind. */
	if (what == CAPCERT_READ_ANCHORS)
		cap = CAPCERT_MAX_ANCHORS * sizeof(struct capcert_anchor);
	for (int tries = 0; tries < READ_TRIES; tries++) {
		struct capcert_read arg = { .size = sizeof(arg), .what = what, .index = index };
		uint8_t *data = malloc(cap);
		int r;

		if (!data)
			return -ENOMEM;
		arg.buf = address(data);
		arg.len = cap;
		r = handle_call(fd, CAPCERT_READ, &arg);
		if (r == 0 && arg.ret_len <= cap) {
			*ret_data = data;
			*ret_len = arg.ret_len;
			if (ret_version)
				*ret_version = arg.version;
			return 0;
		}
		free(data);
		if (r != -EMSGSIZE || arg.ret_len <= cap)
			return r ? r : -EPROTO;
		cap = arg.ret_len;
	}
	return -EAGAIN;
}

int capcert_read(int fd, uint32_t what, uint32_t index, uint8_t **ret_data, size_t *ret_len)
{
	return handle_read(fd, what, index, ret_data, ret_len, NULL);
}

int capcert_get_public(int fd, uint8_t **ret_spki, size_t *ret_len)
{
	uint32_t cap = 1024;

	/* A certificate does not change: the second size is right. */
	for (int tries = 0; tries < 2; tries++) {
		struct capcert_public arg = { .size = sizeof(arg), .len = cap };
		uint8_t *data = malloc(cap);
		int r;

		if (!data)
			return -ENOMEM;
		arg.buf = address(data);
		r = handle_call(fd, CAPCERT_PUBLIC, &arg);
		if (r == 0 && arg.ret_len <= cap) {
			*ret_spki = data;
			*ret_len = arg.ret_len;
			return 0;
		}
		free(data);
		if (r != -EMSGSIZE || arg.ret_len <= cap)
			return r ? r : -EPROTO;
		cap = arg.ret_len;
	}
	return -EPROTO;
}

static int derive(int fd, uint64_t rights, const struct capcert_filter *filter, uint32_t flags,
		  int pidfd, int *ret_fd)
{
	struct capcert_restrict arg = {
		.size = sizeof(arg), .flags = flags, .rights = rights, .pidfd = pidfd
	};
	int r;

	if (filter) {
		if (filter->fingerprint_count > CAPCERT_MAX_FILTER ||
		    filter->exclude_count > CAPCERT_MAX_FILTER ||
		    filter->subject_count > CAPCERT_MAX_FILTER)
			return -EMSGSIZE;
		arg.purposes = filter->purposes;
		arg.fingerprints = address(filter->fingerprints);
		arg.fingerprint_count = (uint32_t)filter->fingerprint_count;
		arg.exclude = address(filter->exclude);
		arg.exclude_count = (uint32_t)filter->exclude_count;
		arg.subjects = address(filter->subjects);
		arg.subject_count = (uint32_t)filter->subject_count;
	}
	r = handle_call(fd, CAPCERT_RESTRICT, &arg);
	if (r == 0)
		*ret_fd = arg.fd;
	return r;
}

int capcert_derive(int fd, uint64_t rights, const struct capcert_filter *filter, uint32_t flags,
		   int *ret_fd)
{
	if (flags & ~CAPCERT_RESTRICT_LIVE)
		return -EINVAL;
	return derive(fd, rights, filter, flags, 0, ret_fd);
}

int capcert_derive_for(int fd, uint64_t rights, const struct capcert_filter *filter, uint32_t flags,
		       int pidfd, int *ret_fd)
{
	if (flags & ~CAPCERT_RESTRICT_LIVE)
		return -EINVAL;
	return derive(fd, rights, filter, flags | CAPCERT_RESTRICT_PIDFD, pidfd, ret_fd);
}

int capcert_store_add(int store_fd, const uint8_t *der, size_t der_len, uint32_t purposes,
		      const uint8_t spki_sha256[32], uint64_t *ret_version)
{
	struct capcert_add arg = {
		.size = sizeof(arg),
		.cert = { .ptr = address(der), .len = (uint32_t)der_len, .fd = -1 },
		.purposes = purposes,
		.pin_hash = CAPCERT_HASH_SHA256,
		.pin = address(spki_sha256),
		.pin_len = 32,
	};
	int r;

	if (der_len > CAPCERT_MAX_CERT)
		return -EMSGSIZE;
	r = handle_call(store_fd, CAPCERT_ADD, &arg);
	if (r == 0 && ret_version)
		*ret_version = arg.version;
	return r;
}

static int store_remove(int fd, uint32_t select, const void *what, size_t len, uint32_t *ret_count,
			uint64_t *ret_version)
{
	struct capcert_remove arg = {
		.size = sizeof(arg), .select = select, .len = (uint32_t)len, .ptr = address(what)
	};
	int r;

	if (len > CAPCERT_MAX_CERT)
		return -EMSGSIZE;
	r = handle_call(fd, CAPCERT_REMOVE, &arg);
	if (r < 0)
		return r;
	if (ret_count)
		*ret_count = arg.count;
	if (ret_version)
		*ret_version = arg.version;
	return 0;
}

int capcert_store_remove_fingerprint(int store_fd, const uint8_t fingerprint[32],
				     uint64_t *ret_version)
{
	return store_remove(store_fd, CAPCERT_SELECT_FINGERPRINT, fingerprint, 32, NULL,
			    ret_version);
}

int capcert_store_remove_subject(int store_fd, const uint8_t *dn, size_t dn_len,
				 uint32_t *ret_count, uint64_t *ret_version)
{
	return store_remove(store_fd, CAPCERT_SELECT_SUBJECT, dn, dn_len, ret_count, ret_version);
}

int capcert_store_version(int store_fd, uint64_t *ret_version, uint32_t *ret_count,
			  uint8_t ret_digest[32])
{
	struct capcert_version arg = { .size = sizeof(arg) };
	int r = handle_call(store_fd, CAPCERT_VERSION, &arg);

	if (r < 0)
		return r;
	if (ret_version)
		*ret_version = arg.version;
	if (ret_count)
		*ret_count = arg.count;
	if (ret_digest)
		memcpy(ret_digest, arg.digest, sizeof(arg.digest));
	return 0;
}

int capcert_verifier_policy(int verifier_fd, struct capcert_policy_info *ret)
{
	struct capcert_policy_info arg = { .size = sizeof(arg) };
	int r = handle_call(verifier_fd, CAPCERT_POLICY, &arg);

	if (r == 0)
		*ret = arg;
	return r;
}

int capcert_distrust(uint32_t what, uint32_t flags, const void *value, size_t len,
		     uint64_t *ret_generation)
{
	struct capcert_distrust_entry arg = {
		.size = sizeof(arg),
		.flags = flags,
		.what = what,
		.len = (uint32_t)len,
		.ptr = address(value),
	};
	int r;

	if (len > CAPCERT_MAX_CERT)
		return -EMSGSIZE;
	r = device_call(CAPCERT_DISTRUST, &arg);
	if (r == 0 && ret_generation)
		*ret_generation = arg.generation;
	return r;
}
