// SPDX-License-Identifier: LGPL-2.1-or-later
/* Where in a revocation list the entries of a serial number are. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include "core/crl_entry.h"
#include "core/der.h"
#include "libcapcert/crl_index.h"

/* A place: the entry's offset (4 bytes), some bits of the hash (2 bytes). */
#define PLACE 6
#define BLOCK 1024
#define BLOCK_PLACES (BLOCK / PLACE)
#define PART_PLACES 768		    /* so many are aimed at ... */
#define PART_MOST (4 * PART_PLACES) /* ... and with more on average it is done again */
#define SAMPLE 64		    /* entries by whose size the number of entries is guessed */
#define HUGE_PAGE ((size_t)2 << 20)

static uint64_t load(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t fold(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Nobody who makes serial numbers knows the key. Should many collide all the same, looking those up
 * takes longer, and nothing else comes of it. */
static inline uint32_t hash_of(const struct crl_index *x, struct cc_span serial)
{
	uint64_t a = x->key[0], b = x->key[1];
	size_t i;

	if (serial.n < 8) {
		for (i = 0; i < serial.n; i++)
			b += (uint64_t)serial.p[i] << 8 * i;
		return (uint32_t)fold(a, b);
	}
	a ^= load(serial.p);
	for (i = 8; i + 8 < serial.n; i += 8)
		a = fold(a, x->key[1]) ^ load(serial.p + i);
	return (uint32_t)fold(a, b ^ load(serial.p + serial.n - 8));
}

static uint32_t part_of(const struct crl_index *x, uint32_t hash)
{
	return (uint32_t)((uint64_t)hash * x->part_count >> 32);
}

/* An index that is being made. */
struct making {
	struct crl_index *x;
	struct cc_crl *list;
	uint8_t **next;	 /* of each part: where its next place will be */
	uint16_t *owner; /* of each block: its part */
};

/* The part's block is full, or it has none yet. There are enough: see most_blocks(). */
static __attribute__((noinline)) uint8_t *open_block(struct making *m, uint32_t part)
{
	m->owner[m->x->block_count] = (uint16_t)part;
	return m->x->places + (size_t)m->x->block_count++ * BLOCK;
}

static inline void put(struct making *m, struct cc_span serial, uint32_t at)
{
	uint32_t hash = hash_of(m->x, serial), part = part_of(m->x, hash);
	uint16_t tag = (uint16_t)hash;
	uint8_t *p = m->next[part];

	memcpy(p, &at, sizeof(at));
	memcpy(p + sizeof(at), &tag, sizeof(tag));
	p += PLACE;
	if (((uintptr_t)p & (BLOCK - 1)) == BLOCK_PLACES * PLACE)
		p = open_block(m, part);
	m->next[part] = p;
}

/* Only indirect lists have any, and most of their entries have none of their own. */
static int note_issuer(struct crl_index *x, uint32_t at)
{
	uint32_t n = x->issuer_count;

	if ((n & (n - 1)) == 0) {
		uint32_t *more = realloc(x->issuers, (n ? 2 * (size_t)n : 1) * sizeof(*more));

		if (!more)
			return -ENOMEM;
		x->issuers = more;
	}
	x->issuers[x->issuer_count++] = at;
	return 0;
}

static int read_entries(struct making *m)
{
	struct cc_span entries = m->list->entries;
	const uint8_t *start = m->list->der.p, *p = entries.p, *end = p + entries.n;

	while (p < end) {
		struct cc_crl_read read = cc_crl_entry_read(m->list, p, (size_t)(end - p));
		uint32_t at = (uint32_t)(p - start);

		if (read.size == 0)
			return -EBADMSG;
		put(m, read.serial, at);
		if ((read.present & CC_CRL_ENTRY_EXT_BIT(ISSUER)) && note_issuer(m->x, at) < 0)
			return -ENOMEM;
		p += read.size;
	}
	return cc_crl_entries_end(m->list) ? -EBADMSG : 0;
}

/* About how many there are, if the first ones are like the others. */
static uint32_t guess_count(struct cc_span entries)
{
	struct cc_span rest = entries, entry;
	size_t n = 0, most = entries.n / CC_CRL_PLAIN_MIN + 1;

	while (n < SAMPLE && rest.n && !cc_der_get(&rest, CC_DER_SEQUENCE, &entry))
		n++;
	if (n == 0)
		return 1;
	n = (size_t)((uint64_t)entries.n * n / (entries.n - rest.n));
	return (uint32_t)(n < most ? n : most);
}

/* One that is being filled for each part, and full ones. */
static size_t most_blocks(const struct crl_index *x, const struct cc_crl *list)
{
	return x->part_count + list->entries.n / CC_CRL_PLAIN_MIN / BLOCK_PLACES;
}

/* Where there is much, in huge pages: a fault for each small page costs more than what is written
 * to it. What is not touched is never there. */
static uint8_t *new_places(size_t size)
{
	void *p;

	if (posix_memalign(&p, size < HUGE_PAGE ? BLOCK : HUGE_PAGE, size))
		return NULL;
	if (size >= HUGE_PAGE)
		madvise(p, size & ~(HUGE_PAGE - 1), MADV_HUGEPAGE);
	return p;
}

static bool allocate(struct making *m)
{
	struct crl_index *x = m->x;
	size_t blocks = most_blocks(x, m->list);

	x->places = new_places(blocks * BLOCK);
	m->owner = malloc(blocks * sizeof(*m->owner));
	m->next = malloc(x->part_count * sizeof(*m->next));
	x->parts = calloc(x->part_count, sizeof(*x->parts));
	return x->places && m->owner && m->next && x->parts;
}

/* Which blocks are whose; and what is not needed goes back. */
static int finish(struct making *m)
{
	struct crl_index *x = m->x;
	uint32_t i, sum = 0;
	uint8_t *less;

	x->blocks = malloc(x->block_count * sizeof(*x->blocks));
	if (!x->blocks)
		return -ENOMEM;
	for (i = 0; i < x->block_count; i++)
		x->parts[m->owner[i]].count++;
	for (i = 0; i < x->part_count; i++) {
		x->parts[i].first = sum;
		sum += x->parts[i].count;
	}
	for (i = 0; i < x->block_count; i++)
		x->blocks[x->parts[m->owner[i]].first++] = i;
	for (i = 0; i < x->part_count; i++) {
		uint32_t blocks = x->parts[i].count;
		size_t last = ((uintptr_t)m->next[i] & (BLOCK - 1)) / PLACE;

		x->parts[i].first -= blocks;
		x->parts[i].count = (blocks - 1) * BLOCK_PLACES + (uint32_t)last;
	}
	x->size = (size_t)x->block_count * BLOCK;
	less = realloc(x->places, x->size);
	if (less)
		x->places = less;
	return 0;
}

static int make(struct making *m)
{
	uint32_t i;
	int r;

	if (!allocate(m))
		return -ENOMEM;
	for (i = 0; i < m->x->part_count; i++)
		m->next[i] = open_block(m, i);
	r = read_entries(m);
	return r ? r : finish(m);
}

static int make_parts(struct cc_crl *list, uint32_t count, struct crl_index *ret)
{
	struct making m = { .x = ret, .list = list };
	int r;

	ret->part_count = (count + PART_PLACES - 1) / PART_PLACES;
	r = make(&m);
	free(m.owner);
	free(m.next);
	if (r)
		crl_index_release(ret);
	return r;
}

int crl_index_make(struct cc_crl *list, struct crl_index *ret)
{
	const struct cc_crl unread = *list;
	struct crl_index x = { .size = 0 };
	int r;

	*ret = x;
	if (list->entries.n == 0)
		return cc_crl_entries_end(list) ? -EBADMSG : 0;
	if (getrandom(x.key, sizeof(x.key), GRND_NONBLOCK) != sizeof(x.key))
		x.key[0] = x.key[1] = 0x9e3779b97f4a7c15; /* while the machine starts */
	*ret = x;
	r = make_parts(list, guess_count(list->entries), ret);
	if (r || list->entry_count / ret->part_count <= PART_MOST)
		return r;
	crl_index_release(ret);
	*ret = x;
	r = (int)list->entry_count;
	*list = unread;
	return make_parts(list, (uint32_t)r, ret);
}

void crl_index_release(struct crl_index *x)
{
	free(x->places);
	free(x->blocks);
	free(x->parts);
	free(x->issuers);
	memset(x, 0, sizeof(*x));
}

static struct cc_span serial_at(const struct cc_crl *list, uint32_t at)
{
	struct cc_span in = cc_span(list->der.p + at, list->der.n - at), seq, serial;

	if (cc_der_get(&in, CC_DER_SEQUENCE, &seq) || cc_der_get(&seq, CC_DER_INTEGER, &serial))
		return cc_span(NULL, 0);
	return serial;
}

static const uint8_t *place(const struct crl_index *x, const struct crl_part *part, uint32_t i)
{
	uint32_t block = x->blocks[part->first + i / BLOCK_PLACES];

	return x->places + (size_t)block * BLOCK + i % BLOCK_PLACES * PLACE;
}

/* All blocks of a part at once, before the first of them is looked at. */
static void fetch(const struct crl_index *x, const struct crl_part *part)
{
	uint32_t i;

	for (i = 0; i < part->count; i += BLOCK_PLACES)
		__builtin_prefetch(place(x, part, i));
}

/* The first of @n places at @p that has @tag; @n: none. */
static uint32_t scan(const uint8_t *p, uint32_t n, uint16_t tag)
{
	uint16_t other;
	uint32_t i;

	for (i = 0; i < n; i++, p += PLACE) {
		memcpy(&other, p + sizeof(uint32_t), sizeof(other));
		if (other == tag)
			break;
	}
	return i;
}

bool crl_index_find(const struct crl_index *x, const struct cc_crl *list, struct cc_span serial,
		    uint32_t *from, uint32_t *ret_at)
{
	const struct crl_part *part;
	uint32_t hash, i, left, skip;

	if (x->part_count == 0)
		return false;
	hash = hash_of(x, serial);
	part = &x->parts[part_of(x, hash)];
	if (*from == 0)
		fetch(x, part);
	for (i = *from; i < part->count; i += skip) {
		const uint8_t *p = place(x, part, i);

		left = BLOCK_PLACES - i % BLOCK_PLACES;
		if (left > part->count - i)
			left = part->count - i;
		skip = scan(p, left, (uint16_t)hash);
		if (skip == left)
			continue;
		memcpy(ret_at, p + skip * PLACE, sizeof(*ret_at));
		skip++;
		*from = i + skip;
		if (cc_span_equal(serial_at(list, *ret_at), serial))
			return true;
	}
	return false;
}

size_t crl_index_memory(const struct crl_index *x)
{
	return x->size + x->block_count * sizeof(*x->blocks) + x->part_count * sizeof(*x->parts) +
	       x->issuer_count * sizeof(*x->issuers);
}
