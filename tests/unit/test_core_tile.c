// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tiles: paths in one spelling, and every node of every tree found where it is. */
#include "tests/unit/der_build.h"
#include "tests/unit/merkle_reference.h"
#include "core/tile.h"

static const struct {
	const char *path;
	struct cc_tile tile;
} paths[] = {
	{ "tile/0/000", { 0, 256, 0 } },
	{ "tile/0/000.p/1", { 0, 1, 0 } },
	{ "tile/7/999.p/255", { 999, 255, 7 } },
	{ "tile/1/x001/000", { 1000, 256, 1 } },
	{ "tile/data/x001/x234/067", { 1234067, 256, CC_TILE_LEVEL_DATA } },
	{ "tile/data/x001/x234/067.p/5", { 1234067, 5, CC_TILE_LEVEL_DATA } },
	/* the last tile of 2^63 entries */
	{ "tile/0/x036/x028/x797/x018/x963/967", { 36028797018963967, 256, 0 } },
};

static void written(void **state)
{
	char text[CC_TILE_PATH_MAX];
	struct cc_tile tile;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(paths); i++) {
		assert_int_equal(cc_tile_path(&paths[i].tile, text), strlen(paths[i].path));
		assert_string_equal(text, paths[i].path);
		assert_true(cc_tile_path_parse(der_str(text), &tile));
		assert_int_equal(tile.index, paths[i].tile.index);
		assert_int_equal(tile.width, paths[i].tile.width);
		assert_int_equal(tile.level, paths[i].tile.level);
	}
	tile = (struct cc_tile){ UINT64_MAX, 255, CC_TILE_LEVEL_DATA };
	assert_true(cc_tile_path(&tile, text) < CC_TILE_PATH_MAX - 1);
}

static void refused(void **state)
{
	static const char *const bad[] = {
		"",
		"tile",
		"tile/",
		"tile/0",
		"tile/0/",
		"tile/0/0",
		"tile/0/00",
		"tile/0/0000",
		"tile/0/00a",
		"tile/00/000",
		"tile/8/000",
		"tile/-1/000",
		"tile/64/000",
		"tile/DATA/000",
		"tile/data000",
		"tile/0/001/000",
		"tile/0/x001",
		"tile/0/x001/",
		"tile/0/x000/001",
		"tile/0/x001x/000",
		"tile/0/000/",
		"tile/0/000.p",
		"tile/0/000.p/",
		"tile/0/000.p/0",
		"tile/0/000.p/01",
		"tile/0/000.p/256",
		"tile/0/000.p/1000",
		"tile/0/000.p/1/",
		"tile/0/x999/x999/x999/x999/x999/x999/999",
		" tile/0/000",
		"tile/0/000 ",
	};
	struct cc_tile tile;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(bad); i++)
		if (cc_tile_path_parse(der_str(bad[i]), &tile))
			fail_msg("%s", bad[i]);
}

static void which(void **state)
{
	struct cc_tile tile;

	assert_false(cc_tile_at(0, 0, 0, &tile));
	assert_true(cc_tile_at(0, 0, 1, &tile));
	assert_int_equal(tile.width, 1);
	assert_true(cc_tile_at(CC_TILE_LEVEL_DATA, 0, 256, &tile));
	assert_int_equal(tile.width, 256);
	assert_false(cc_tile_at(0, 1, 256, &tile));
	assert_true(cc_tile_at(0, 1, 257, &tile));
	assert_int_equal(tile.width, 1);
	assert_false(cc_tile_at(1, 0, 255, &tile));
	assert_true(cc_tile_at(1, 0, 70000, &tile));
	assert_int_equal(tile.width, 256);
	assert_true(cc_tile_at(2, 0, 70000, &tile));
	assert_int_equal(tile.width, 1);
	assert_false(cc_tile_at(8, 0, CC_MERKLE_SIZE_MAX, &tile));
	assert_true(cc_tile_at(7, 0, CC_MERKLE_SIZE_MAX, &tile));
	assert_int_equal(tile.width, 128);
	assert_false(cc_tile_at(0, UINT64_MAX, CC_MERKLE_SIZE_MAX, &tile));
	assert_false(cc_tile_at(0, 0, CC_MERKLE_SIZE_MAX + 1, &tile));
}

/* The root of a node from the hashes of its tile, where those are known by definition. */
static void check_node(unsigned int level, uint64_t index, uint64_t size)
{
	struct cc_tile_slice s;
	struct cc_tile_hash hashes[CC_TILE_WIDTH];
	ref_hash got, want;
	uint16_t i;

	assert_true(cc_tile_of_node(level, index, size, &s));
	assert_true(s.first + s.count <= s.tile.width);
	for (i = 0; i < s.count; i++) {
		uint64_t at = s.tile.index * CC_TILE_WIDTH + s.first + i;
		unsigned int shift = 8 * s.tile.level;

		ref_root((size_t)(at << shift), (size_t)((at + 1) << shift), hashes[i].octets);
	}
	cc_tile_fold(&ref_hasher, hashes, s.count, got);
	ref_root((size_t)(index << level), (size_t)((index + 1) << level), want);
	assert_memory_equal(got, want, 32);
}

static void nodes(void **state)
{
	static const uint64_t sizes[] = { 1, 2, 255, 256, 257, 513, 1030 };
	struct cc_tile_slice s;
	unsigned int level;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(sizes); i++)
		for (level = 0; level <= 10; level++) {
			const uint64_t count = sizes[i] >> level;
			uint64_t index;

			for (index = 0; index < count; index += 1 + count / 40)
				check_node(level, index, sizes[i]);
			if (count)
				check_node(level, count - 1, sizes[i]);
			assert_false(cc_tile_of_node(level, count, sizes[i], &s));
		}
	assert_true(cc_tile_of_node(63, 0, CC_MERKLE_SIZE_MAX, &s));
	assert_int_equal(s.count, 128);
	assert_false(cc_tile_of_node(64, 0, CC_MERKLE_SIZE_MAX, &s));
	assert_false(cc_tile_of_node(0, 0, CC_MERKLE_SIZE_MAX + 1, &s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written),
		cmocka_unit_test(refused),
		cmocka_unit_test(which),
		cmocka_unit_test(nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
