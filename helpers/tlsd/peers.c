// SPDX-License-Identifier: GPL-2.0-only
/* A hash table of fixed size with chains in an array: there are never more peers than connections. */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "helpers/tlsd/peers.h"

#define NOBODY UINT32_MAX

struct peer {
	uint64_t key[2]; /* family, and the octets that count */
	uint32_t count;
	uint32_t next; /* in its chain, or of the free ones */
};

struct peers {
	pthread_mutex_t lock;
	unsigned int most, each, total;
	uint64_t secret; /* peers choose their addresses */
	uint32_t buckets, mask, free;
	uint32_t *heads;
	struct peer *entries;
};

int peers_new(unsigned int most, unsigned int each, struct peers **ret)
{
	struct peers *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	for (p->buckets = 16; p->buckets < most; p->buckets *= 2)
		;
	p->mask = p->buckets - 1;
	p->most = most;
	p->each = each;
	p->heads = malloc(p->buckets * sizeof(*p->heads));
	p->entries = calloc(most, sizeof(*p->entries));
	if (!p->heads || !p->entries || getrandom(&p->secret, sizeof(p->secret), 0) < 0) {
		peers_free(p);
		return -ENOMEM;
	}
	pthread_mutex_init(&p->lock, NULL);
	memset(p->heads, 0xff, p->buckets * sizeof(*p->heads));
	for (uint32_t i = 0; i < most; i++)
		p->entries[i].next = i + 1 < most ? i + 1 : NOBODY;
	*ret = p;
	return 0;
}

void peers_free(struct peers *p)
{
	if (!p)
		return;
	free(p->heads);
	free(p->entries);
	free(p);
}

static int key_of(const struct address *who, uint64_t key[2])
{
	key[0] = who->len ? who->any.sa_family : AF_UNSPEC;
	key[1] = 0;
	if (key[0] == AF_INET)
		memcpy(&key[1], &who->in.sin_addr, 4);
	else if (key[0] == AF_INET6)
		memcpy(&key[1], &who->in6.sin6_addr, 8);
	else
		return -1;
	return 0;
}

static uint32_t *chain_of(struct peers *p, const uint64_t key[2])
{
	uint64_t h = (key[1] ^ p->secret) * 0x9e3779b97f4a7c15ull + key[0];

	h = (h ^ (h >> 29)) * (p->secret | 1);
	return &p->heads[(h >> 32) & p->mask];
}

static uint32_t *find(struct peers *p, const uint64_t key[2])
{
	uint32_t *at = chain_of(p, key);

	while (*at != NOBODY && memcmp(p->entries[*at].key, key, 16) != 0)
		at = &p->entries[*at].next;
	return at;
}

static int enter(struct peers *p, const struct address *who)
{
	uint64_t key[2];
	uint32_t *at, i;

	if (p->total >= p->most)
		return -ENFILE;
	if (p->each && key_of(who, key) == 0) {
		at = find(p, key);
		if (*at == NOBODY) {
			i = p->free;
			p->free = p->entries[i].next;
			memcpy(p->entries[i].key, key, 16);
			p->entries[i].count = 0;
			p->entries[i].next = NOBODY;
			*at = i;
		}
		if (p->entries[*at].count >= p->each)
			return -EUSERS;
		p->entries[*at].count++;
	}
	p->total++;
	return 0;
}

int peers_enter(struct peers *p, const struct address *who)
{
	int r;

	pthread_mutex_lock(&p->lock);
	r = enter(p, who);
	pthread_mutex_unlock(&p->lock);
	return r;
}

void peers_leave(struct peers *p, const struct address *who)
{
	uint64_t key[2];
	uint32_t *at, i;

	pthread_mutex_lock(&p->lock);
	if (p->each && key_of(who, key) == 0) {
		at = find(p, key);
		i = *at;
		if (i != NOBODY && --p->entries[i].count == 0) {
			*at = p->entries[i].next;
			p->entries[i].next = p->free;
			p->free = i;
		}
	}
	p->total--;
	pthread_mutex_unlock(&p->lock);
}
