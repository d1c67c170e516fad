// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any bytes as a bundle for the library: what opens has sound lists, makes a store if it is one, and
 * goes through a builder to the same bytes. */
#include <stdlib.h>
#include <string.h>
#include <capcert/bundle.h>

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

static void lists(const capcert_bundle *b, const struct capcert_bundle_info *info,
		  capcert_bundle_builder *copy)
{
	const uint8_t *p;
	uint32_t i, what;
	size_t n;

	for (i = 0; (p = capcert_bundle_removed_at(b, i)); i++)
		CHECK(capcert_bundle_remove(copy, p) == 0);
	CHECK(i == info->removed);
	for (i = 0; !capcert_bundle_anchor_at(b, i, &p, &n); i++)
		CHECK(capcert_bundle_add_anchor(copy, p, n) == 0);
	CHECK(i == info->anchors);
	for (i = 0; !capcert_bundle_entry_at(b, i, &what, &p, &n); i++)
		CHECK(capcert_bundle_add_distrust(copy, what, p, n) == 0);
	CHECK(i == info->entries);
}

/* The same parts make the same bytes: there is one encoding. */
static void rebuild(const capcert_bundle *b, const struct capcert_bundle_info *info)
{
	capcert_bundle_builder *copy;
	uint8_t *der;
	size_t n;

	CHECK(capcert_bundle_new(info->kind, info->name, info->number, &copy) == 0);
	CHECK(capcert_bundle_set_created(copy, info->created) == 0);
	if (info->have_expires)
		CHECK(capcert_bundle_set_expires(copy, info->expires) == 0);
	if (info->purposes)
		CHECK(capcert_bundle_set_purposes(copy, info->purposes) == 0);
	if (*info->of)
		CHECK(capcert_bundle_set_of(copy, info->of) == 0);
	lists(b, info, copy);
	CHECK(capcert_bundle_content(copy, &der, &n, NULL) == 0);
	CHECK(n == info->content_len && !memcmp(der, info->content, n));
	free(der);
	capcert_bundle_builder_free(copy);
}

static void apply(const capcert_bundle *b, const struct capcert_bundle_info *info)
{
	struct capcert_store_anchor a;
	capcert_store *store;
	uint8_t digest[32];

	if (info->kind != CAPCERT_BUNDLE_STORE) {
		CHECK(capcert_bundle_apply(b, NULL, &store) < 0);
		return;
	}
	CHECK(capcert_bundle_apply(b, NULL, &store) == 0);
	CHECK(capcert_store_count(store) == info->anchors);
	CHECK(info->anchors == 0 || capcert_store_at(store, 0, &a) == 0);
	CHECK(capcert_store_digest(store, digest) == 0);
	capcert_store_free(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct capcert_bundle_info info;
	const char *why = NULL;
	capcert_bundle *b;

	if (capcert_bundle_open_unsigned(data, size, &b, &why)) {
		CHECK(why);
		return 0;
	}
	capcert_bundle_get(b, &info);
	rebuild(b, &info);
	apply(b, &info);
	capcert_bundle_free(b);
	return 0;
}
