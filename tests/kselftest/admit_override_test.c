// SPDX-License-Identifier: GPL-2.0-only
/* Bundles that override a store of the system, in the module and in the library. */

#include <capcert/bundle.h>

#include "admit.h"

TEST_F(admit, overrides)
{
	char base[NAME_MAX_], over[NAME_MAX_ + 8];
	struct tbundle o = { .kind = 3 };
	struct t_state s = { 0 };
	uint64_t version;
	int fd, live;

	snprintf(base, sizeof(base), "%s", self->name);
	snprintf(over, sizeof(over), "%s-over", self->name);
	o.name = over;
	o.of = base;
	o.number = 1;
	tbytes_put(&o.remove, self->root[1].fingerprint, 32);
	tbundle_anchors(&o, &self->root[4], 1);
	tbundle_make(&o, TSIGN_BUILT_IN, &self->der);
	EXPECT_EQ(-ENOENT, add(over, &self->der));
	EXPECT_NE(NULL, strstr(reason(self), "store that is not there"));
	ASSERT_LT(0, admit(self));
	tbundle_make(&o, TSIGN_BUILT_IN, &self->der);
	EXPECT_LT(0, add(over, &self->der));
	ASSERT_EQ(0, system_state(over, &s));
	EXPECT_EQ(3, s.count);
	EXPECT_FALSE(t_state_has(&s, &self->root[1]));
	EXPECT_TRUE(t_state_has(&s, &self->root[4]));
	version = s.version;
	t_state_free(&s);

	/* The base moves: so does the override, and a live view of it. */
	fd = open_system(over, RIGHTS);
	ASSERT_LE(0, fd);
	live = t_restrict_arg(fd, &(struct capcert_restrict){
		.rights = RIGHT(INFO) | RIGHT(READ), .pidfd = -1, .purposes = 1,
		.flags = CAPCERT_RESTRICT_LIVE });
	ASSERT_LE(0, live);
	self->b.number++;
	self->b.anchors.n = 0;
	tbundle_anchors(&self->b, self->root, 4);
	ASSERT_LT(0, admit(self));
	ASSERT_EQ(0, t_state(live, &s));
	EXPECT_EQ(4, s.count);
	EXPECT_EQ(version + 1, s.version);
	EXPECT_FALSE(t_state_has(&s, &self->root[1]));
	EXPECT_TRUE(t_state_has(&s, &self->root[3]));
	t_state_free(&s);

	/* It moves itself: what was removed is back, what stood there is limited. */
	o.number = 2;
	o.remove.n = 0;
	o.anchors.n = 0;
	tanchor_limited(&o.anchors, &self->root[0],
			&(struct tlimits){ .distrust_after = "20250101000000Z" });
	tbundle_make(&o, TSIGN_BUILT_IN, &self->der);
	ASSERT_LT(0, add(over, &self->der));
	ASSERT_EQ(0, t_state(live, &s));
	EXPECT_EQ(4, s.count);
	EXPECT_EQ(version + 2, s.version);
	EXPECT_TRUE(t_state_has(&s, &self->root[1]));
	t_state_free(&s);
	close(live);
	close(fd);

	/* Of another store, and of an override: neither. */
	o.number = 3;
	o.of = over;
	tbundle_make(&o, TSIGN_BUILT_IN, &self->der);
	EXPECT_EQ(-EINVAL, add(over, &self->der));
	tbundle_free(&o);
}

static capcert_bundle *content_of(const struct tbundle *b)
{
	struct tbytes content = { 0 };
	capcert_bundle *ret = NULL;
	const char *why;

	tbundle_content(b, &content);
	if (capcert_bundle_open_unsigned(content.p, content.n, &ret, &why))
		ksft_print_msg("%s\n", why);
	tbytes_free(&content);
	return ret;
}

/* What the library makes of @base and @over, by the digest that an outcome names the store by. */
static int library_digest(const struct tbundle *base, const struct tbundle *over, uint8_t ret[32])
{
	capcert_bundle *below = content_of(base), *above = content_of(over);
	capcert_store *store = NULL, *both = NULL;
	int err = !below || !above ? -EBADMSG : capcert_bundle_apply(below, NULL, &store);

	if (!err)
		err = capcert_bundle_apply(above, store, &both);
	if (!err)
		err = capcert_store_digest(both, ret);
	capcert_store_free(store);
	capcert_store_free(both);
	capcert_bundle_free(below);
	capcert_bundle_free(above);
	return err;
}

static uint32_t purposes_of(const struct t_state *s, const struct tcert *cert)
{
	uint32_t i;

	for (i = 0; i < s->count; i++)
		if (!memcmp(s->anchors[i].fingerprint, cert->fingerprint, 32))
			return s->anchors[i].purposes;
	return 0;
}

TEST_F(admit, override_narrows_purposes)
{
	const struct tlimits client = { .purposes = 2 };
	char over[NAME_MAX_ + 8];
	struct tbundle o = { .kind = 3, .name = over, .of = self->name, .number = 1 };
	uint8_t digest[32];

	snprintf(over, sizeof(over), "%s-over", self->name);
	self->b.purposes = 3;
	self->b.anchors.n = 0;
	tbundle_anchors_but(&self->b, self->root, 4, 3, &client);
	ASSERT_LT(0, admit(self));
	/* Roots 0 and 2 are narrowed, 1 removed, 3 good for nothing that is left, 4 new. */
	tbytes_put(&o.remove, self->root[1].fingerprint, 32);
	tbundle_anchors(&o, &self->root[4], 1);
	tbundle_make(&o, TSIGN_BUILT_IN, &self->der);
	ASSERT_LT(0, add(over, &self->der));
	ASSERT_EQ(0, system_state(over, &self->after));
	EXPECT_EQ(3, self->after.count);
	EXPECT_EQ(1, purposes_of(&self->after, &self->root[0]));
	EXPECT_EQ(1, purposes_of(&self->after, &self->root[2]));
	EXPECT_EQ(0, purposes_of(&self->after, &self->root[3]));
	EXPECT_EQ(1, purposes_of(&self->after, &self->root[4]));
	ASSERT_EQ(0, library_digest(&self->b, &o, digest));
	EXPECT_EQ(0, memcmp(digest, self->after.digest, 32));

	/* The next one has more purposes: what the store below has is there again. */
	o.number = 2;
	o.purposes = 7;
	o.remove.n = 0;
	o.anchors.n = 0;
	tbundle_anchors_but(&o, self->root, 1, 0, &client);
	tbundle_make(&o, TSIGN_BUILT_IN, &self->der);
	ASSERT_LT(0, add(over, &self->der));
	t_state_free(&self->after);
	ASSERT_EQ(0, system_state(over, &self->after));
	EXPECT_EQ(4, self->after.count);
	EXPECT_EQ(2, purposes_of(&self->after, &self->root[0]));
	EXPECT_EQ(3, purposes_of(&self->after, &self->root[1]));
	EXPECT_EQ(2, purposes_of(&self->after, &self->root[3]));
	ASSERT_EQ(0, library_digest(&self->b, &o, digest));
	EXPECT_EQ(0, memcmp(digest, self->after.digest, 32));

	/* The store below moves. */
	self->b.number++;
	self->b.purposes = 2;
	self->b.anchors.n = 0;
	tbundle_anchors(&self->b, &self->root[2], 3);
	ASSERT_LT(0, admit(self));
	t_state_free(&self->after);
	ASSERT_EQ(0, system_state(over, &self->after));
	EXPECT_EQ(4, self->after.count);
	EXPECT_EQ(2, purposes_of(&self->after, &self->root[4]));
	EXPECT_EQ(0, purposes_of(&self->after, &self->root[1]));
	ASSERT_EQ(0, library_digest(&self->b, &o, digest));
	EXPECT_EQ(0, memcmp(digest, self->after.digest, 32));
	tbundle_free(&o);
}

TEST_HARNESS_MAIN
