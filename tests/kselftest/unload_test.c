// SPDX-License-Identifier: GPL-2.0-only
/* The module does not go while anything of it is in use, and goes when nothing is. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fake_keyd.h"
#include "kselftest_harness.h"

static int unload(void)
{
	return syscall(SYS_delete_module, "capcert", O_NONBLOCK) ? -errno : 0;
}

static int load(void)
{
	const char *ko = getenv("CAPCERT_KO");
	int fd = ko ? open(ko, O_RDONLY | O_CLOEXEC) : -1, ret;

	if (fd < 0)
		return -ENOENT;
	ret = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return ret;
}

static bool loaded(void)
{
	return !access(CAPCERT_DEVICE, F_OK);
}

static int dev_open(void)
{
	return open(CAPCERT_DEVICE, O_RDWR | O_CLOEXEC);
}

/* Keys die in the garbage collector, which takes its time; then the module may go. */
static int unload_soon(void)
{
	int err = -EAGAIN, i;

	for (i = 0; i < 200 && err; i++) {
		err = unload();
		if (err != -EWOULDBLOCK)
			break;
		usleep(50000);
	}
	return err;
}

FIXTURE(unload) {
	struct tcert root, leaf;
};

FIXTURE_SETUP(unload)
{
	if (geteuid() || !getenv("CAPCERT_KO"))
		SKIP(return, "needs root, and CAPCERT_KO to load the module again");
	t_session();
	tcert_root(1, &self->root);
	tcert_leaf(T_NAME, 1, 1, &self->leaf);
	if (!loaded())
		ASSERT_EQ(0, load());
}

FIXTURE_TEARDOWN(unload)
{
}

/* A child does one thing with the module, holds it, and lets go when told. */
struct holder {
	int (*hold)(const struct tcert *root);
	const struct tcert *root;
	pid_t pid;
	int go[2], ready[2];
};

static int hold_start(struct holder *h)
{
	char c;

	if (pipe(h->go) || pipe(h->ready))
		return -1;
	h->pid = fork();
	if (!h->pid) {
		close(h->go[1]);
		c = (char)h->hold(h->root);
		if (write(h->ready[1], &c, 1) != 1 || read(h->go[0], &c, 1) < 0)
			_exit(1);
		_exit(0);
	}
	close(h->go[0]);
	return read(h->ready[0], &c, 1) == 1 ? c : -1;
}

static void hold_end(struct holder *h)
{
	close(h->go[1]);
	waitpid(h->pid, NULL, 0);
	close(h->ready[0]);
	close(h->ready[1]);
}

static int hold_device(const struct tcert *root)
{
	return dev_open() < 0;
}

static int hold_handle(const struct tcert *root)
{
	int key, fd;

	t_session();
	key = t_key_store("held");
	fd = t_open(key, T_RIGHTS_STORE);
	if (fd < 0)
		return 1;
	/* Only the handle stays: no key in a keyring, no device. */
	close(t_dev());
	keyctl_unlink(key, KEY_SPEC_SESSION_KEYRING);
	return 0;
}

static int hold_key(const struct tcert *root)
{
	t_session();
	return t_key_cert("held", root) < 0;
}

static int hold_revoked_key(const struct tcert *root)
{
	int key;

	t_session();
	key = t_key_store("held");
	return key < 0 || keyctl_revoke(key);
}

/* Its keeper is gone, and nothing else holds on to it. */
static int hold_private_key(const struct tcert *root)
{
	struct fake_keyd keyd = { 0 };
	int key;

	t_session();
	if (keyd_start(&keyd))
		return 1;
	key = t_key_private("held", "tls-server");
	keyd_stop(&keyd);
	close(t_dev());
	return key < 0;
}

static int hold_private_handle(const struct tcert *root)
{
	struct fake_keyd keyd = { 0 };
	struct capcert_key_restrict r = {
		.size = sizeof(r), .rights = CAPCERT_RIGHT_SIGN, .max_uses = 3,
	};
	int key, fd, err;

	t_session();
	if (keyd_start(&keyd))
		return 1;
	key = t_key_private("held", "tls-server");
	fd = t_open(key, T_RIGHTS_KEY);
	err = t_ioctl(fd, CAPCERT_KEY_RESTRICT, &r) ?: t_sign_text(r.fd, CAPCERT_KEY_TLS_SERVER, "text");
	keyd_stop(&keyd);
	close(fd);
	close(t_dev());
	keyctl_unlink(key, KEY_SPEC_SESSION_KEYRING);
	return err != 0;
}

static int hold_outcome(const struct tcert *root)
{
	struct fake_agent agent = { 0 };
	struct tcert leaf;
	struct t_verify v;
	int store, verifier;

	t_session();
	tcert_leaf(T_NAME, 1, 1, &leaf);
	store = t_store("held");
	verifier = t_verifier("held", "preset=webpki-lenient");
	if (store < 0 || verifier < 0 || t_add(store, root, 0))
		return 1;
	fake_valid(&agent.reply, &leaf, root);
	if (agent_start(&agent))
		return 2;
	t_verify_init(&v, store, &leaf);
	v.arg.flags = CAPCERT_VERIFY_FD;
	if (t_verify_run(&v, verifier) || v.arg.fd < 0)
		return 3;
	agent_stop(&agent);
	close(store);
	close(verifier);
	close(t_dev());
	t_session();
	return 0;
}

static int hold_audit(const struct tcert *root)
{
	int fd = t_open_audit(CAPCERT_RIGHT_READ);

	close(t_dev());
	return fd < 0;
}

static int hold_agent(const struct tcert *root)
{
	return agent_hello(CAPCERT_CLASS_VERIFY, 0) < 0;
}

static const struct {
	const char *what;
	int (*hold)(const struct tcert *root);
} holds[] = {
	{ "open device", hold_device },
	{ "handle alone", hold_handle },
	{ "live key", hold_key },
	{ "revoked key", hold_revoked_key },
	{ "live private key", hold_private_key },
	{ "limited handle of a private key", hold_private_handle },
	{ "outcome handle", hold_outcome },
	{ "audit handle", hold_audit },
	{ "agent", hold_agent },
};

TEST_F_TIMEOUT(unload, refused_while_in_use, 58)
{
	size_t i;

	for (i = 0; i < sizeof(holds) / sizeof(holds[0]); i++) {
		struct holder h = { .hold = holds[i].hold, .root = &self->root };

		if (!loaded())
			ASSERT_EQ(0, load());
		ASSERT_EQ(0, hold_start(&h))
			TH_LOG("%s: cannot be set up", holds[i].what);
		EXPECT_EQ(-EWOULDBLOCK, unload())
			TH_LOG("%s", holds[i].what);
		EXPECT_TRUE(loaded());
		hold_end(&h);
		EXPECT_EQ(0, unload_soon())
			TH_LOG("%s: gone, and the module stays", holds[i].what);
	}
	ASSERT_EQ(0, loaded() ? 0 : load());
}


/* A request that nobody answers, then its deadline. */
TEST_F(unload, request_in_flight)
{
	struct t_async a = { 0 };
	int store = t_store("flight"), verifier = t_verifier("flight", "preset=webpki-lenient");
	struct capcert_status s;
	int i;

	ASSERT_LE(0, store);
	ASSERT_LE(0, verifier);
	ASSERT_EQ(0, t_add(store, &self->root, 0));
	t_verify_init(&a.v, store, &self->leaf);
	a.v.arg.timeout_ms = 1500;
	t_async_start(&a, verifier);
	for (i = 0; i < 100; i++) {
		ASSERT_EQ(0, t_status(&s));
		if (s.pending)
			break;
		usleep(10000);
	}
	EXPECT_EQ(1, s.pending);
	EXPECT_EQ(-EWOULDBLOCK, unload());
	EXPECT_EQ(-ETIMEDOUT, t_async_join(&a));
	EXPECT_EQ(-EWOULDBLOCK, unload());
	close(store);
	close(verifier);
	close(t_dev());
	t_session();
	EXPECT_EQ(0, unload_soon());
	EXPECT_EQ(0, load());
}

/* Loaded again it begins anew. */
TEST_F(unload, load_again)
{
	struct capcert_status s = { .size = sizeof(s) };
	int fd, i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, unload_soon());
		EXPECT_FALSE(loaded());
		/* Without the module its key types do not exist. */
		EXPECT_EQ(-ENODEV, t_key_store("none"));
		ASSERT_EQ(0, load());
		fd = dev_open();
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, t_ioctl(fd, CAPCERT_STATUS, &s));
		EXPECT_EQ(0, s.objects);
		EXPECT_EQ(0, s.handles);
		EXPECT_EQ(0, s.cache_entries);
		EXPECT_EQ(0, s.distrust_generation);
		close(fd);
	}
}

TEST_HARNESS_MAIN
