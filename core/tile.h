/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tiles of a log's tree (C2SP tlog-tiles, static-ct-api): 256 hashes of every eighth level, or 256
 * entries, as one static file each. */
#ifndef CORE_TILE_H
#define CORE_TILE_H

#include "core/merkle.h"

#define CC_TILE_WIDTH 256
#define CC_TILE_LEVEL_DATA 255 /* no level of hashes: the entries themselves */
/* "tile/63/" or "tile/data/", an index of up to 20 digits in threes, ".p/255", NUL. */
#define CC_TILE_PATH_MAX 56

/* The path of one tile below the log's monitoring prefix. */
struct cc_tile {
	uint64_t index;
	uint16_t width; /* 1..256; less than 256: a partial tile */
	uint8_t level;	/* hashes of level 8 * @level of the tree; or CC_TILE_LEVEL_DATA */
};

/* Hashes of a tile under which one node of the tree lies. */
struct cc_tile_slice {
	struct cc_tile tile;
	uint16_t first;
	uint16_t count; /* a power of two */
};

struct cc_tile_hash {
	uint8_t octets[CC_MERKLE_HASH];
};

/** cc_tile_at() - the tile with number @index of a level, in a tree of @size leaves.
 *  False: the tree has no such tile. */
bool cc_tile_at(uint8_t level, uint64_t index, uint64_t size, struct cc_tile *ret);

/** cc_tile_of_node() - where the complete subtree @index of @level is found in a tree of @size
 *  leaves. False: the tree has no such subtree. */
bool cc_tile_of_node(unsigned int level, uint64_t index, uint64_t size, struct cc_tile_slice *ret);

/** cc_tile_fold() - the hash over @count hashes, a power of two; @hashes are overwritten. */
void cc_tile_fold(const struct cc_hasher *h, struct cc_tile_hash *hashes, uint16_t count,
		  uint8_t ret[32]);

/** cc_tile_path() - "tile/0/x001/x234/067.p/5". Return: its length without the NUL. */
size_t cc_tile_path(const struct cc_tile *tile, char ret[CC_TILE_PATH_MAX]);

/** cc_tile_path_parse() - the reverse, for those who serve tiles; one spelling per tile. */
bool cc_tile_path_parse(struct cc_span path, struct cc_tile *ret);

#endif
