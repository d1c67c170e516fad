// SPDX-License-Identifier: LGPL-2.1-or-later
/* Keyrings by the bare system call: the provider is loaded into programs of all kinds, and should bring
 * little along. What a keyring held at the last walk is kept, to see cheaply that it still does. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include "pkcs11/provider/keyring.h"

struct ring {
	int32_t serial;
	int32_t *links;
	size_t count;
};

/* Not a thread's own: objects are the process's, whichever thread asks. */
static const int32_t roots[] = { KEY_SPEC_PROCESS_KEYRING, KEY_SPEC_SESSION_KEYRING };
#define ROOTS (sizeof(roots) / sizeof(*roots))

/* By the module's lock. */
static struct {
	struct ring rings[KEYRING_MOST];
	size_t count, links;
	int32_t *keys; /* those that were visited */
	size_t key_count, key_room;
	time_t looked; /* at each of them; CLOCK_MONOTONIC */
	int32_t roots[ROOTS];
	bool walked;
} seen;

static long call(int operation, long a, void *b, size_t c)
{
	long r = syscall(SYS_keyctl, operation, a, b, c, 0);

	return r < 0 ? -errno : r;
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec;
}

/* 0: there is none. Nothing is made. */
static int32_t root_serial(int32_t special)
{
	long r = call(KEYCTL_GET_KEYRING_ID, special, NULL, 0);

	return r > 0 ? (int32_t)r : 0;
}

/* Return: 0 with *@ret as it is now, empty when nobody may look; -ENOMEM. */
static int read_ring(int32_t serial, struct ring *ret)
{
	size_t cap = 64 * sizeof(int32_t);

	*ret = (struct ring){ .serial = serial };
	for (int tries = 0; tries < 8; tries++) {
		int32_t *links = malloc(cap);
		long n;

		if (!links)
			return -ENOMEM;
		n = call(KEYCTL_READ, serial, links, cap);
		if (n >= 0 && (size_t)n <= cap) {
			ret->links = links;
			ret->count = (size_t)n / sizeof(*links);
			return 0;
		}
		free(links);
		if (n < 0 || (size_t)n > KEYRING_LINKS * sizeof(*links))
			return 0;
		cap = (size_t)n + 64 * sizeof(*links);
	}
	return 0;
}

void keyring_forget(void)
{
	while (seen.count)
		free(seen.rings[--seen.count].links);
	seen.links = 0;
	free(seen.keys);
	seen.keys = NULL;
	seen.key_count = 0;
	seen.key_room = 0;
	seen.walked = false;
}

static int remember(int32_t serial)
{
	int32_t *grown;

	if (seen.key_count == seen.key_room) {
		grown = reallocarray(seen.keys, seen.key_room + 256, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		seen.keys = grown;
		seen.key_room += 256;
	}
	seen.keys[seen.key_count++] = serial;
	return 0;
}

struct walk {
	int (*visit)(void *ctx, int32_t serial, const char *type, const char *description);
	void *ctx;
};

static int walk_ring(const struct walk *w, int32_t serial, int depth);

/* "type;uid;gid;perm;description" */
static int walk_link(const struct walk *w, int32_t serial, int depth)
{
	char text[512], *type = text, *p = text;
	long n = call(KEYCTL_DESCRIBE, serial, text, sizeof(text) - 1);
	int r;

	if (n < 0 || (size_t)n >= sizeof(text))
		return 0;
	text[n] = '\0';
	for (int field = 0; field < 4; field++) {
		p = strchr(p, ';');
		if (!p)
			return 0;
		*p++ = '\0';
	}
	if (!strcmp(type, "keyring"))
		return walk_ring(w, serial, depth + 1);
	if (strcmp(type, "capkey") != 0 && strcmp(type, "capcert") != 0)
		return 0;
	r = remember(serial);
	return r < 0 ? r : w->visit(w->ctx, serial, type, p);
}

static int walk_ring(const struct walk *w, int32_t serial, int depth)
{
	struct ring *ring;
	int r;

	if (depth >= KEYRING_DEPTH || seen.count == KEYRING_MOST)
		return 0;
	for (size_t i = 0; i < seen.count; i++)
		if (seen.rings[i].serial == serial)
			return 0;
	ring = &seen.rings[seen.count];
	r = read_ring(serial, ring);
	if (r < 0)
		return r;
	seen.count++;
	for (size_t i = 0; r == 0 && i < ring->count && seen.links < KEYRING_LINKS; i++) {
		seen.links++;
		r = walk_link(w, ring->links[i], depth);
	}
	return r;
}

int keyring_walk(int (*visit)(void *ctx, int32_t serial, const char *type, const char *description),
		 void *ctx)
{
	const struct walk w = { visit, ctx };
	int r = 0;

	keyring_forget();
	seen.looked = seconds();
	for (size_t i = 0; r == 0 && i < ROOTS; i++) {
		seen.roots[i] = root_serial(roots[i]);
		if (seen.roots[i])
			r = walk_ring(&w, seen.roots[i], 0);
	}
	seen.walked = r == 0;
	return r;
}

static bool ring_moved(const struct ring *before)
{
	struct ring now;
	bool moved;

	if (read_ring(before->serial, &now) < 0)
		return true;
	moved = now.count != before->count ||
		(now.count &&
		 memcmp(now.links, before->links, now.count * sizeof(*now.links)) != 0);
	free(now.links);
	return moved;
}

/* Keys that were revoked, or whose time is over, stay linked for minutes, and only each of them says so:
 * ask once a second, not at every search. */
static bool key_gone(void)
{
	const time_t now = seconds();

	if (now == seen.looked)
		return false;
	seen.looked = now;
	for (size_t i = 0; i < seen.key_count; i++)
		if (call(KEYCTL_DESCRIBE, seen.keys[i], NULL, 0) < 0)
			return true;
	return false;
}

bool keyring_moved(void)
{
	if (!seen.walked)
		return true;
	for (size_t i = 0; i < ROOTS; i++)
		if (root_serial(roots[i]) != seen.roots[i])
			return true;
	for (size_t i = 0; i < seen.count; i++)
		if (ring_moved(&seen.rings[i]))
			return true;
	return key_gone();
}
