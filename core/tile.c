// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tiles: which one holds a node, and how its path is written. */
#include "core/text.h"
#include "core/tile.h"

/* Levels 0 to 7 hold the levels 0, 8 ... 56 of a tree; beyond them no tree reaches. */
#define LEVELS 8

bool cc_tile_at(uint8_t level, uint64_t index, uint64_t size, struct cc_tile *ret)
{
	uint64_t hashes, left;

	if (size > CC_MERKLE_SIZE_MAX || (level >= LEVELS && level != CC_TILE_LEVEL_DATA))
		return false;
	hashes = level == CC_TILE_LEVEL_DATA ? size : size >> (8 * level);
	if (index > hashes / CC_TILE_WIDTH || index * CC_TILE_WIDTH >= hashes)
		return false;
	left = hashes - index * CC_TILE_WIDTH;
	ret->level = level;
	ret->index = index;
	ret->width = left < CC_TILE_WIDTH ? (uint16_t)left : CC_TILE_WIDTH;
	return true;
}

bool cc_tile_of_node(unsigned int level, uint64_t index, uint64_t size, struct cc_tile_slice *ret)
{
	unsigned int inner = level % 8;

	if (level > 63 || size > CC_MERKLE_SIZE_MAX || index >= size >> level)
		return false;
	if (!cc_tile_at((uint8_t)(level / 8), index >> (8 - inner), size, &ret->tile))
		return false;
	ret->count = (uint16_t)(1U << inner);
	ret->first = (uint16_t)((index << inner) % CC_TILE_WIDTH);
	return true;
}

void cc_tile_fold(const struct cc_hasher *h, struct cc_tile_hash *hashes, uint16_t count,
		  uint8_t ret[32])
{
	uint16_t i;

	for (; count > 1; count /= 2)
		for (i = 0; i < count / 2; i++)
			cc_merkle_node(h, hashes[2 * i].octets, hashes[2 * i + 1].octets,
				       hashes[i].octets);
	memcpy(ret, hashes[0].octets, CC_MERKLE_HASH);
}

/* Three digits each, an x before all but the last. */
static void put_index(struct cc_text *t, uint64_t index)
{
	uint64_t scale = 1;

	while (index / scale >= 1000)
		scale *= 1000;
	for (; scale; scale /= 1000) {
		uint64_t group = index / scale % 1000;

		if (scale > 1)
			cc_text_char(t, 'x');
		if (group < 100)
			cc_text_char(t, '0');
		if (group < 10)
			cc_text_char(t, '0');
		cc_text_number(t, group);
		if (scale > 1)
			cc_text_char(t, '/');
	}
}

size_t cc_tile_path(const struct cc_tile *tile, char ret[CC_TILE_PATH_MAX])
{
	struct cc_text t = cc_text(ret, CC_TILE_PATH_MAX);

	cc_text_put(&t, "tile/");
	if (tile->level == CC_TILE_LEVEL_DATA)
		cc_text_put(&t, "data");
	else
		cc_text_number(&t, tile->level);
	cc_text_char(&t, '/');
	put_index(&t, tile->index);
	if (tile->width < CC_TILE_WIDTH) {
		cc_text_put(&t, ".p/");
		cc_text_number(&t, tile->width);
	}
	return cc_text_end(&t);
}

static bool take_text(struct cc_span *in, const char *text)
{
	size_t n = strlen(text);

	if (in->n < n || memcmp(in->p, text, n))
		return false;
	in->p += n;
	in->n -= n;
	return true;
}

/* Exactly @digits digits, or as many as come with 0, then without leading zeros. */
static bool take_number(struct cc_span *in, unsigned int digits, uint32_t *ret)
{
	unsigned int n = 0;
	uint32_t v = 0;

	while (in->n > n && n < (digits ? digits : 3) && in->p[n] >= '0' && in->p[n] <= '9')
		v = v * 10 + in->p[n++] - '0';
	if (!n || (digits && n != digits) || (!digits && n > 1 && in->p[0] == '0'))
		return false;
	in->p += n;
	in->n -= n;
	*ret = v;
	return true;
}

static bool take_index(struct cc_span *in, uint64_t *ret)
{
	uint64_t index = 0;
	uint32_t group;
	bool more, first = true;

	do {
		more = take_text(in, "x");
		if (!take_number(in, 3, &group) || (more && !take_text(in, "/")))
			return false;
		if (first && more && group == 0)
			return false;
		if (index > (CC_MERKLE_SIZE_MAX - group) / 1000)
			return false;
		index = index * 1000 + group;
		first = false;
	} while (more);
	*ret = index;
	return true;
}

bool cc_tile_path_parse(struct cc_span path, struct cc_tile *ret)
{
	uint32_t level = CC_TILE_LEVEL_DATA, width = CC_TILE_WIDTH;
	uint64_t index;

	if (!take_text(&path, "tile/"))
		return false;
	if (!take_text(&path, "data") && (!take_number(&path, 0, &level) || level >= LEVELS))
		return false;
	if (!take_text(&path, "/") || !take_index(&path, &index))
		return false;
	if (take_text(&path, ".p/") &&
	    (!take_number(&path, 0, &width) || width == 0 || width >= CC_TILE_WIDTH))
		return false;
	if (path.n)
		return false;
	*ret = (struct cc_tile){ .index = index,
				 .width = (uint16_t)width,
				 .level = (uint8_t)level };
	return true;
}
