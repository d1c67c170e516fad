// SPDX-License-Identifier: GPL-2.0-only
/* TLS configs: what makes one, what is got out of it, by whom, and when it ends. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_keyd.h"
#include "kselftest_harness.h"
#include "slots.h"

#define RIGHT(name) CAPCERT_RIGHT_##name
#define PTR(x) ((uint64_t)(uintptr_t)(x))
#define TEXT(field, text) \
	do { self->c.field = PTR(text); self->c.field##_len = sizeof(text) - 1; } while (0)
#define ALPN "\x02h2\x08http/1.1"
#define PATTERNS "web/,mail"
#define DEFAULT "web/" T_NAME

FIXTURE(tls) {
	struct tcert root;
	struct tcert leaf;
	struct fake_keyd keyd;
	int slots, key, verifier, store, pins;
	int slots_key;		/* capslot, by serial number */
	struct capcert_tls_config c;
};

static int make(struct capcert_tls_config *c)
{
	int err = t_ioctl(t_dev(), CAPCERT_TLS_CONFIG, c);

	return err ?: c->fd;
}

/* A server with everything. */
static void server(FIXTURE_DATA(tls) *self)
{
	memset(&self->c, 0, sizeof(self->c));
	self->c.size = sizeof(self->c);
	self->c.rights = T_RIGHTS_TLS;
	self->c.role = CAPCERT_TLS_SERVER;
	self->c.flags = CAPCERT_TLS_STAPLE;
	self->c.client_auth = CAPCERT_TLS_AUTH_REQUIRED;
	self->c.cipher_policy = CAPCERT_TLS_INTERMEDIATE;
	self->c.slots_fd = self->slots;
	self->c.key_fd = -1;
	self->c.verifier_fd = self->verifier;
	self->c.store_fd = self->store;
	self->c.pins_fd = -1;
	TEXT(slots, PATTERNS);
	TEXT(default_slot, DEFAULT);
	TEXT(alpn, ALPN);
}

static void client(FIXTURE_DATA(tls) *self)
{
	server(self);
	self->c.role = CAPCERT_TLS_CLIENT;
	self->c.flags = 0;
	self->c.client_auth = 0;
	self->c.slots_len = 0;
	self->c.pins_fd = self->pins;
	TEXT(host, T_NAME);
}

FIXTURE_SETUP(tls)
{
	t_session();
	tcert_root(1, &self->root);
	tcert_leaf(T_NAME, 1, 1, &self->leaf);
	self->keyd.cert = &self->leaf;
	ASSERT_EQ(0, keyd_start(&self->keyd));
	self->slots_key = t_key_slots("slots");
	self->slots = t_open(self->slots_key, T_RIGHTS_SLOT);
	self->key = t_open(t_key_private("key", "tls-server,tls-client,ca-sign"), T_RIGHTS_KEY);
	self->verifier = t_verifier("verifier", "preset=webpki-lenient");
	self->store = t_store("store");
	self->pins = t_pins("pins", "expires=never");
	ASSERT_LE(0, self->slots);
	ASSERT_LE(0, self->key);
	ASSERT_LE(0, self->verifier);
	ASSERT_LE(0, self->store);
	ASSERT_LE(0, self->pins);
	server(self);
}

FIXTURE_TEARDOWN(tls)
{
	close(self->slots);
	close(self->key);
	close(self->verifier);
	close(self->store);
	close(self->pins);
	keyd_stop(&self->keyd);
	tcert_free(&self->root);
	tcert_free(&self->leaf);
}

static int use(int fd, uint32_t part, uint64_t *ret_rights)
{
	struct capcert_tls_use arg = { .size = sizeof(arg), .part = part };
	int err = t_ioctl(fd, CAPCERT_TLS_USE, &arg);

	if (!err && ret_rights)
		*ret_rights = arg.rights;
	return err ?: arg.fd;
}

TEST_F(tls, info_says_what_it_is)
{
	char slots[64], alpn[64], text[64];
	struct capcert_tls_info i = {
		.size = sizeof(i), .slots = PTR(slots), .slots_len = sizeof(slots),
		.alpn = PTR(alpn), .alpn_len = sizeof(alpn),
	};
	int fd = make(&self->c);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, self->c.serial);
	ASSERT_EQ(0, t_ioctl(fd, CAPCERT_TLS_INFO, &i));
	EXPECT_EQ(CAPCERT_TLS_SERVER, i.role);
	EXPECT_EQ(CAPCERT_TLS_AUTH_REQUIRED, i.client_auth);
	EXPECT_EQ(CAPCERT_TLS_12, i.min_version);
	EXPECT_EQ(CAPCERT_TLS_INTERMEDIATE, i.cipher_policy);
	EXPECT_EQ(CAPCERT_TLS_STAPLE, i.options);
	EXPECT_EQ(1u << CAPCERT_TLS_PART_SLOTS | 1u << CAPCERT_TLS_PART_VERIFIER |
		  1u << CAPCERT_TLS_PART_STORE, i.parts);
	ASSERT_EQ(sizeof(PATTERNS) - 1, i.slots_len);
	EXPECT_EQ(0, memcmp(slots, PATTERNS, i.slots_len));
	ASSERT_EQ(sizeof(ALPN) - 1, i.alpn_len);
	EXPECT_EQ(0, memcmp(alpn, ALPN, i.alpn_len));
	EXPECT_STREQ(DEFAULT, i.default_slot);
	EXPECT_STREQ("", i.host);
	i.slots_len = 1;
	EXPECT_EQ(-EMSGSIZE, t_ioctl(fd, CAPCERT_TLS_INFO, &i));
	EXPECT_EQ(sizeof(PATTERNS) - 1, i.slots_len);
	EXPECT_LT(0, t_fdinfo(fd, "capcert-kind", text, sizeof(text)));
	EXPECT_STREQ("TLS config", text);
	close(fd);
	/* TLS 1.3 alone is what modern means. */
	self->c.cipher_policy = CAPCERT_TLS_MODERN;
	fd = make(&self->c);
	i.slots_len = sizeof(slots);
	ASSERT_EQ(0, t_ioctl(fd, CAPCERT_TLS_INFO, &i));
	EXPECT_EQ(CAPCERT_TLS_13, i.min_version);
	close(fd);
}

/* A client with every field, none of which is what it is by default. */
TEST_F(tls, info_of_a_client)
{
	char alpn[64];
	struct capcert_tls_info i = { .size = sizeof(i), .alpn = PTR(alpn), .alpn_len = 64 };
	int fd;

	client(self);
	self->c.key_fd = self->key;
	self->c.min_version = CAPCERT_TLS_13;
	self->c.cipher_policy = CAPCERT_TLS_LEGACY;
	self->c.flags = CAPCERT_TLS_LEGACY_OK;
	fd = make(&self->c);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_ioctl(fd, CAPCERT_TLS_INFO, &i));
	EXPECT_EQ(CAPCERT_TLS_CLIENT, i.role);
	EXPECT_EQ(CAPCERT_TLS_AUTH_NONE, i.client_auth);
	EXPECT_EQ(CAPCERT_TLS_13, i.min_version);
	EXPECT_EQ(CAPCERT_TLS_LEGACY, i.cipher_policy);
	EXPECT_EQ(CAPCERT_TLS_LEGACY_OK, i.options);
	EXPECT_EQ((1u << CAPCERT_TLS_PARTS) - 1, i.parts);
	EXPECT_EQ(0, i.slots_len);
	ASSERT_EQ(sizeof(ALPN) - 1, i.alpn_len);
	EXPECT_EQ(0, memcmp(alpn, ALPN, i.alpn_len));
	EXPECT_STREQ(DEFAULT, i.default_slot);
	EXPECT_STREQ(T_NAME, i.host);
	i.alpn_len = 1;
	EXPECT_EQ(-EMSGSIZE, t_ioctl(fd, CAPCERT_TLS_INFO, &i));
	EXPECT_EQ(sizeof(ALPN) - 1, i.alpn_len);
	close(fd);
}

/* A server's clients may be asked, and its staple required. */
TEST_F(tls, info_of_options)
{
	struct capcert_tls_info i = { .size = sizeof(i) };
	int fd;

	self->c.client_auth = CAPCERT_TLS_AUTH_OPTIONAL;
	self->c.flags |= CAPCERT_TLS_STAPLE_REQUIRED;
	self->c.slots_len = 0;
	self->c.alpn_len = 0;
	fd = make(&self->c);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_ioctl(fd, CAPCERT_TLS_INFO, &i));
	EXPECT_EQ(CAPCERT_TLS_AUTH_OPTIONAL, i.client_auth);
	EXPECT_EQ(CAPCERT_TLS_STAPLE | CAPCERT_TLS_STAPLE_REQUIRED, i.options);
	EXPECT_EQ(0, i.alpn_len);
	close(fd);
	/* With nobody to judge clients, none is asked. */
	self->c.client_auth = CAPCERT_TLS_AUTH_NONE;
	self->c.verifier_fd = -1;
	self->c.store_fd = -1;
	fd = make(&self->c);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_ioctl(fd, CAPCERT_TLS_INFO, &i));
	EXPECT_EQ(CAPCERT_TLS_AUTH_NONE, i.client_auth);
	EXPECT_EQ(1u << CAPCERT_TLS_PART_SLOTS, i.parts);
	close(fd);
}

/* Each part with what a TLS end needs of it, bound to this process, and no more. */
TEST_F(tls, parts_of_a_server)
{
	struct capcert_info info;
	struct t_get g;
	uint64_t rights;
	int fd, part;

	ASSERT_EQ(0, t_put_leaf(self->slots, DEFAULT, &self->leaf));
	ASSERT_EQ(0, t_put_leaf(self->slots, "db", &self->leaf));
	fd = make(&self->c);
	ASSERT_LE(0, fd);
	part = use(fd, CAPCERT_TLS_PART_SLOTS, &rights);
	ASSERT_LE(0, part);
	EXPECT_EQ(RIGHT(GET) | RIGHT(WATCH) | RIGHT(SIGN) | RIGHT(INFO), rights);
	ASSERT_EQ(0, t_info(part, &info));
	EXPECT_EQ(rights, info.rights);
	EXPECT_EQ((uint32_t)getpid(), info.bound_pid);
	EXPECT_EQ(0, t_get(part, DEFAULT, 0, &g));
	EXPECT_EQ(-ENOENT, t_get(part, "db", 0, &g));
	EXPECT_EQ(-EACCES, t_put_leaf(part, DEFAULT, &self->leaf));
	close(part);
	part = use(fd, CAPCERT_TLS_PART_VERIFIER, &rights);
	ASSERT_LE(0, part);
	EXPECT_EQ(RIGHT(VERIFY) | RIGHT(FETCH) | RIGHT(INFO), rights);
	close(part);
	part = use(fd, CAPCERT_TLS_PART_STORE, &rights);
	ASSERT_LE(0, part);
	EXPECT_EQ(RIGHT(VERIFY) | RIGHT(INFO), rights);
	close(part);
	EXPECT_EQ(-ENOENT, use(fd, CAPCERT_TLS_PART_KEY, NULL));
	EXPECT_EQ(-ENOENT, use(fd, CAPCERT_TLS_PART_PINS, NULL));
	EXPECT_EQ(-EINVAL, use(fd, CAPCERT_TLS_PARTS, NULL));
	close(fd);
	/* With a key of its own the slots' keys are not passed on; without FETCH, none is. */
	self->c.key_fd = self->key;
	self->c.verifier_fd = t_restrict(self->verifier, RIGHT(VERIFY) | RIGHT(TRANSFER));
	fd = make(&self->c);
	ASSERT_LE(0, fd);
	part = use(fd, CAPCERT_TLS_PART_SLOTS, &rights);
	EXPECT_EQ(RIGHT(GET) | RIGHT(WATCH) | RIGHT(INFO), rights);
	close(part);
	part = use(fd, CAPCERT_TLS_PART_VERIFIER, &rights);
	EXPECT_EQ(RIGHT(VERIFY), rights);
	close(part);
	part = use(fd, CAPCERT_TLS_PART_KEY, &rights);
	ASSERT_LE(0, part);
	EXPECT_EQ(RIGHT(SIGN) | RIGHT(PUBLIC) | RIGHT(INFO), rights);
	EXPECT_EQ(0, t_sign_text(part, CAPCERT_KEY_TLS_SERVER, "hello"));
	EXPECT_EQ(-EACCES, t_sign_text(part, CAPCERT_KEY_TLS_CLIENT, "hello"));
	EXPECT_EQ(-EACCES, t_sign_text(part, CAPCERT_KEY_CA_SIGN, "hello"));
	close(part);
	close(self->c.verifier_fd);
	close(fd);
}

TEST_F(tls, parts_of_a_client)
{
	struct t_get g;
	uint64_t rights;
	int fd, part;

	client(self);
	self->c.key_fd = self->key;
	ASSERT_EQ(0, t_put_leaf(self->slots, DEFAULT, &self->leaf));
	ASSERT_EQ(0, t_put_leaf(self->slots, "mail", &self->leaf));
	fd = make(&self->c);
	ASSERT_LE(0, fd);
	part = use(fd, CAPCERT_TLS_PART_PINS, &rights);
	ASSERT_LE(0, part);
	EXPECT_EQ(RIGHT(ENFORCE) | RIGHT(INFO), rights);
	close(part);
	part = use(fd, CAPCERT_TLS_PART_KEY, NULL);
	EXPECT_EQ(0, t_sign_text(part, CAPCERT_KEY_TLS_CLIENT, "hello"));
	EXPECT_EQ(-EACCES, t_sign_text(part, CAPCERT_KEY_TLS_SERVER, "hello"));
	close(part);
	part = use(fd, CAPCERT_TLS_PART_SLOTS, NULL);
	EXPECT_EQ(0, t_get(part, DEFAULT, 0, &g));
	EXPECT_EQ(-ENOENT, t_get(part, "mail", 0, &g));
	close(part);
	close(fd);
	/* One that shows nothing of itself needs no slots. */
	self->c.slots_fd = -1;
	self->c.key_fd = -1;
	self->c.default_slot_len = 0;
	self->c.pins_fd = -1;
	fd = make(&self->c);
	EXPECT_LE(0, fd);
	close(fd);
}

/* Every field that a role has not, lacks, or has wrong. */
TEST_F(tls, what_is_refused)
{
#define REFUSED(err, role, ...)                                         \
	do {                                                            \
		role(self);                                             \
		__VA_ARGS__;                                            \
		EXPECT_EQ(err, make(&self->c)) TH_LOG(#role ": " #__VA_ARGS__); \
	} while (0)
	REFUSED(-EINVAL, server, self->c.role = 0);
	REFUSED(-EINVAL, server, self->c.role = 3);
	REFUSED(-EINVAL, server, self->c.rights = 0);
	REFUSED(-EINVAL, server, self->c.rights = RIGHT(SIGN));
	REFUSED(-EINVAL, server, self->c.min_version = 2);
	REFUSED(-EINVAL, server, self->c.cipher_policy = 3);
	REFUSED(-EINVAL, server, self->c.client_auth = 3);
	REFUSED(-EPERM, server, self->c.cipher_policy = CAPCERT_TLS_LEGACY);
	REFUSED(-EINVAL, server, self->c.flags = CAPCERT_TLS_STAPLE_REQUIRED);
	REFUSED(-EINVAL, server, self->c.slots_fd = -1);
	REFUSED(-EINVAL, server, self->c.slots_len = 0; self->c.default_slot_len = 0);
	REFUSED(-EINVAL, server, self->c.verifier_fd = -1);
	REFUSED(-EINVAL, server, self->c.store_fd = -1);
	REFUSED(-EINVAL, server, self->c.client_auth = 0);
	REFUSED(-EINVAL, server, self->c.pins_fd = self->pins);
	REFUSED(-EINVAL, server, TEXT(host, "example.org"));
	REFUSED(-EINVAL, server, TEXT(slots, "web/,"));
	REFUSED(-EINVAL, server, TEXT(default_slot, "a b"));
	REFUSED(-EINVAL, server, TEXT(default_slot, "web/"));
	REFUSED(-EINVAL, server, TEXT(alpn, "h2"));
	REFUSED(-EINVAL, server, TEXT(alpn, "\x02h2\x02h2"));
	REFUSED(-EMSGSIZE, server, self->c.alpn_len = CAPCERT_TLS_MAX_ALPN + 1);
	REFUSED(-EMSGSIZE, server, self->c.slots_len = CAPCERT_SLOT_MAX_PATTERN_TEXT + 1);
	REFUSED(-EINVAL, server, TEXT(description, "without a ring"));
	REFUSED(-EINVAL, server, self->c.ring = -3);
	REFUSED(-EINVAL, server, self->c.ring = 1);
	REFUSED(-EBADF, server, self->c.store_fd = 9999);
	REFUSED(-EBADF, server, self->c.store_fd = -2);
	REFUSED(-EBADFD, server, self->c.store_fd = self->slots);
	REFUSED(-EBADFD, server, self->c.slots_fd = self->store);
	REFUSED(-EBADFD, server, self->c.key_fd = self->pins);
	REFUSED(-EBADFD, server, self->c.verifier_fd = self->key);
	REFUSED(-EBADFD, client, self->c.pins_fd = self->verifier);
	REFUSED(-EINVAL, client, self->c.verifier_fd = -1);
	REFUSED(-EINVAL, client, self->c.store_fd = -1);
	REFUSED(-EINVAL, client, self->c.client_auth = CAPCERT_TLS_AUTH_OPTIONAL);
	REFUSED(-EINVAL, client, self->c.flags = CAPCERT_TLS_STAPLE);
	REFUSED(-EINVAL, client, TEXT(slots, "web/"));
	REFUSED(-EINVAL, client, self->c.slots_fd = -1);
	REFUSED(-EINVAL, client, self->c.default_slot_len = 0);
	REFUSED(-EINVAL, client, TEXT(host, "exa mple.org"));
	REFUSED(-EINVAL, client, TEXT(host, "a\0b"));
	REFUSED(-EINVAL, client, self->c.host_len = CAPCERT_TLS_MAX_HOST + 1);
	client(self);
	TEXT(host, "192.0.2.1");
	self->c.cipher_policy = CAPCERT_TLS_LEGACY;
	self->c.flags = CAPCERT_TLS_LEGACY_OK;
	close(make(&self->c));
	EXPECT_LE(0, self->c.fd);
}

/* Without one right of one part there is none. */
TEST_F(tls, rights_of_parts)
{
	static const struct {
		size_t field;
		uint64_t right;
	} rows[] = {
#define ROW(field, right) { offsetof(struct capcert_tls_config, field), RIGHT(right) }
		ROW(slots_fd, GET),	  ROW(slots_fd, WATCH),	     ROW(slots_fd, SIGN),
		ROW(slots_fd, TRANSFER),  ROW(verifier_fd, VERIFY),  ROW(verifier_fd, TRANSFER),
		ROW(store_fd, VERIFY),	  ROW(store_fd, TRANSFER),   ROW(pins_fd, ENFORCE),
		ROW(pins_fd, TRANSFER),	  ROW(key_fd, SIGN),	     ROW(key_fd, TRANSFER),
	};
	size_t i;
	int fd;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct capcert_info info;
		int *field;

		client(self);
		/* With a key of its own it asks for none of the slots'. */
		if (rows[i].field == offsetof(struct capcert_tls_config, key_fd))
			self->c.key_fd = self->key;
		field = (int *)((uint8_t *)&self->c + rows[i].field);
		ASSERT_EQ(0, t_info(*field, &info));
		*field = t_restrict(*field, info.rights & ~rows[i].right);
		ASSERT_LE(0, *field);
		EXPECT_EQ(-EACCES, make(&self->c)) TH_LOG("row %zu", i);
		/* What stays with this process may be made of what is bound to it. */
		self->c.rights &= ~RIGHT(TRANSFER);
		fd = make(&self->c);
		EXPECT_EQ(rows[i].right == RIGHT(TRANSFER) ? 0 : -EACCES, fd < 0 ? fd : 0)
			TH_LOG("row %zu", i);
		if (fd >= 0)
			close(fd);
		close(*field);
	}
	/* Slots that the handle does not stand for; a key for something else. */
	server(self);
	self->c.slots_fd = t_slot_restrict(self->slots, T_RIGHTS_SLOT, "web/");
	EXPECT_EQ(-EACCES, make(&self->c));
	close(self->c.slots_fd);
	server(self);
	self->c.key_fd = t_open(t_key_private("ca", "ca-sign"), T_RIGHTS_KEY);
	EXPECT_EQ(-EACCES, make(&self->c));
	close(self->c.key_fd);
}

static int in_another(void *arg)
{
	int fd = t_recv_fd(*(int *)arg), part;
	struct t_get g;

	/* It holds none of the parts, and none of the keys. */
	t_session();
	if (t_drop() || fd < 0)
		return 1;
	part = use(fd, CAPCERT_TLS_PART_SLOTS, NULL);
	if (part < 0 || t_get(part, DEFAULT, CAPCERT_SLOT_KEY, &g) || g.arg.key_fd < 0)
		return 2;
	return t_sign_text(g.arg.key_fd, CAPCERT_KEY_TLS_SERVER, "hello") ? 3 : 0;
}

TEST_F(tls, another_process_serves_with_it_alone)
{
	struct t_put p;
	int sv[2], fd;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv));
	t_put_init(&p, DEFAULT, &self->leaf, &self->root);
	p.arg.key_fd = self->key;
	ASSERT_EQ(0, t_put(self->slots, &p));
	self->c.rights = RIGHT(USE) | RIGHT(TRANSFER);
	fd = make(&self->c);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_send_fd(sv[0], fd));
	EXPECT_EQ(0, t_child(in_another, &sv[1]));
	close(fd);
}

static int session(void)
{
	return keyctl_get_keyring_ID(KEY_SPEC_SESSION_KEYRING, 0);
}

/* In a keyring it is found by name and number, and ends when it is revoked. */
TEST_F(tls, key_of_a_config)
{
	struct capcert_slot_event e[1];
	int fd, opened, part, watch;
	struct pollfd p;

	EXPECT_EQ(-EINVAL, t_key("captls", "forged", "x", 1));
	EXPECT_EQ(-EINVAL, t_key("captls", "forged", NULL, 0));
	self->c.ring = session();
	EXPECT_EQ(-EINVAL, make(&self->c));
	TEXT(description, "front");
	fd = make(&self->c);
	ASSERT_LE(0, fd);
	ASSERT_LT(0, self->c.serial);
	EXPECT_EQ(self->c.serial,
		  keyctl_search(KEY_SPEC_SESSION_KEYRING, "captls", "front", 0));
	opened = t_open_name(CAPCERT_OPEN_NAME, CAPCERT_KIND_TLS, "front", T_RIGHTS_TLS);
	ASSERT_LE(0, opened);
	part = use(opened, CAPCERT_TLS_PART_SLOTS, NULL);
	ASSERT_LE(0, part);
	watch = t_watch(part, NULL, NULL);
	ASSERT_LE(0, watch);
	ASSERT_EQ(0, keyctl_revoke(self->c.serial));
	EXPECT_EQ(-EKEYREVOKED, use(opened, CAPCERT_TLS_PART_STORE, NULL));
	EXPECT_EQ(-EKEYREVOKED, use(fd, CAPCERT_TLS_PART_STORE, NULL));
	EXPECT_EQ(-EKEYREVOKED, t_next(watch, e, 1));
	p = (struct pollfd){ .fd = watch, .events = POLLIN };
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(POLLERR | POLLHUP, p.revents);
	EXPECT_EQ(0, t_put_leaf(self->slots, DEFAULT, &self->leaf));
	close(fd);
	close(opened);
	close(part);
	close(watch);
	/* A key is no keyring, and somebody else's is none to write to. */
	server(self);
	TEXT(description, "front");
	self->c.ring = self->slots_key;
	EXPECT_EQ(-ENOTDIR, make(&self->c));
	self->c.ring = session();
	ASSERT_EQ(0, keyctl_setperm(self->c.ring, KEY_POS_ALL & ~KEY_POS_WRITE));
	EXPECT_EQ(-EACCES, make(&self->c));
}

/* The end of any part is the end of all. */
TEST_F(tls, a_part_that_is_revoked)
{
	int fd = make(&self->c), part;

	ASSERT_LE(0, fd);
	part = use(fd, CAPCERT_TLS_PART_STORE, NULL);
	ASSERT_LE(0, part);
	close(part);
	ASSERT_EQ(0, keyctl_revoke(self->slots_key));
	EXPECT_EQ(-EKEYREVOKED, use(fd, CAPCERT_TLS_PART_STORE, NULL));
	EXPECT_EQ(-EKEYREVOKED, use(fd, CAPCERT_TLS_PART_SLOTS, NULL));
	EXPECT_EQ(-EKEYREVOKED, make(&self->c));
	close(fd);
}

/* Handles of the parts may go: the config has what it needs. */
TEST_F(tls, nothing_is_left)
{
	struct capcert_status before, after;
	int fd, i;

	ASSERT_EQ(0, t_settle(&before));
	self->c.key_fd = self->key;
	for (i = 0; i < 20; i++) {
		fd = make(&self->c);
		ASSERT_LE(0, fd);
		close(use(fd, CAPCERT_TLS_PART_SLOTS, NULL));
		close(use(fd, CAPCERT_TLS_PART_KEY, NULL));
		close(fd);
		self->c.pins_fd = self->pins;
		ASSERT_EQ(-EINVAL, make(&self->c));
		self->c.pins_fd = -1;
	}
	ASSERT_EQ(0, t_settle(&after));
	EXPECT_EQ(before.objects, after.objects);
	EXPECT_EQ(before.handles, after.handles);
	EXPECT_EQ(before.object_bytes, after.object_bytes);
}

TEST_HARNESS_MAIN
