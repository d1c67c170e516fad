// SPDX-License-Identifier: LGPL-2.1-or-later
/* Trust stores of this process, filled from a handle or from a PEM file. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <capcert/verify.h>
#include "libcapcert/device.h"
#include "libcapcert/pem.h"
#include "libcapcert/store.h"

/* How often a store may change while it is read before the reader gives up. */
#define VERSION_TRIES 16

/* A bundle of CAPCERT_MAX_ANCHORS certificates with all their comments is far below this. */
#define FILE_MAX (64u << 20)

static int put_anchor(int fd, uint32_t index, const struct capcert_anchor *anchor, uint64_t version,
		      capcert_store *store)
{
	uint64_t now;
	uint8_t *der;
	size_t n;
	int r = handle_read(fd, CAPCERT_READ_ANCHOR_DER, index, &der, &n, &now);

	/* EINVAL or ENOENT: the store has become shorter. */
	if (r == -EINVAL || r == -ENOENT)
		return -ESTALE;
	if (r < 0)
		return r;
	if (now != version)
		r = -ESTALE;
	else if (anchor->flags & CAPCERT_ANCHOR_LIMITED)
		r = store_put_choice(store, cc_span(der, n), anchor->purposes);
	else
		r = capcert_store_put(store, der, n, anchor->purposes);
	free(der);
	return r;
}

/* One pass; -ESTALE when the store moved meanwhile. */
static int read_store(int fd, capcert_store *store)
{
	const struct capcert_anchor *anchors;
	uint64_t version;
	uint8_t *list;
	size_t n;
	int r = handle_read(fd, CAPCERT_READ_ANCHORS, 0, &list, &n, &version);

	if (r < 0)
		return r;
	if (n % sizeof(*anchors) != 0)
		r = -EPROTO;
	anchors = (const struct capcert_anchor *)list;
	for (size_t i = 0; r == 0 && i < n / sizeof(*anchors); i++)
		r = put_anchor(fd, (uint32_t)i, &anchors[i], version, store);
	free(list);
	return r;
}

int capcert_store_from_handle(int store_fd, capcert_store **ret)
{
	int r = -ESTALE;

	for (int tries = 0; r == -ESTALE && tries < VERSION_TRIES; tries++) {
		capcert_store *store;

		r = capcert_store_new(&store);
		if (r < 0)
			return r;
		r = read_store(store_fd, store);
		if (r == 0)
			*ret = store;
		else
			capcert_store_free(store);
	}
	return r == -ESTALE ? -EAGAIN : r;
}

static int read_file(const char *path, uint8_t **ret, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	uint8_t *data = NULL;
	size_t n = 0, cap = 0;
	ssize_t got = 1;
	int r = 0;

	if (fd < 0)
		return -errno;
	while (r == 0 && got) {
		if (n == cap) {
			uint8_t *more =
				cap < FILE_MAX ? realloc(data, cap ? 2 * cap : 65536) : NULL;

			if (!more) {
				r = cap < FILE_MAX ? -ENOMEM : -EMSGSIZE;
				break;
			}
			data = more;
			cap = cap ? 2 * cap : 65536;
		}
		got = read(fd, data + n, cap - n);
		if (got >= 0)
			n += (size_t)got;
		else if (errno != EINTR)
			r = -errno;
	}
	close(fd);
	if (r < 0) {
		free(data);
		return r;
	}
	*ret = data;
	*ret_len = n;
	return 0;
}

int capcert_store_load_pem(capcert_store *store, const char *path, uint32_t purposes,
			   uint32_t *ret_added, uint32_t *ret_bad)
{
	uint32_t added = 0, bad = 0;
	const char *error;
	struct cc_span rest;
	uint8_t *data = NULL, *der;
	size_t n;
	int r = read_file(path, &data, &n);

	if (r < 0)
		return r;
	rest = cc_span(data, n);
	while ((r = pem_next(&rest, PEM_CERTIFICATE, &der, &n, &error)) != 0) {
		if (r == 1) {
			r = capcert_store_put(store, der, n, purposes);
			free(der);
			added += r == 0;
		}
		if (r == -EBADMSG)
			bad++;
		else if (r < 0 && r != -EEXIST)
			break;
	}
	free(data);
	if (r < 0)
		return r;
	if (ret_added)
		*ret_added = added;
	if (ret_bad)
		*ret_bad = bad;
	return 0;
}
