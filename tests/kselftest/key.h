/* SPDX-License-Identifier: GPL-2.0-only */
/* What each program about private keys begins with: a keeper of its own, a key for tls-server, its handle. */
#ifndef KSFT_KEY_H
#define KSFT_KEY_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_keyd.h"
#include "kselftest_harness.h"

#define KEY(name) CAPCERT_KEY_##name
#define MASK(name) (1u << CAPCERT_KEY_##name)

FIXTURE(key) {
	struct fake_keyd keyd;
	int key;		/* for tls-server */
	int fd;
	struct tcert cert;
};

FIXTURE_SETUP(key)
{
	t_session();
	tcert_leaf(T_NAME, 1, 1, &self->cert);
	ASSERT_EQ(0, keyd_start(&self->keyd));
	self->key = t_key_private("key", "tls-server");
	ASSERT_LT(0, self->key);
	self->fd = t_open(self->key, T_RIGHTS_KEY);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(key)
{
	close(self->fd);
	keyd_stop(&self->keyd);
	tcert_free(&self->cert);
}

/* A handle of a new key for @purposes. */
static inline int key_for(struct __test_metadata *_metadata, const char *purposes)
{
	int key = t_key_private("another", purposes), fd = -1;

	EXPECT_LT(0, key);
	fd = t_open(key, T_RIGHTS_KEY);
	EXPECT_LE(0, fd);
	return fd;
}

static inline int narrow(int fd, uint64_t rights, struct capcert_key_restrict *arg)
{
	int err;

	arg->size = sizeof(*arg);
	arg->rights = rights;
	err = t_ioctl(fd, CAPCERT_KEY_RESTRICT, arg);
	return err ?: arg->fd;
}

#define NARROW(fd, ...) narrow(fd, T_RIGHTS_KEY, &(struct capcert_key_restrict){ __VA_ARGS__ })

static inline int key_info(int fd, struct capcert_key_info *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->size = sizeof(*ret);
	return t_ioctl(fd, CAPCERT_KEY_INFO, ret);
}

/* The caller may go on before the keeper has seen how its reply was taken. */
static inline int write_error(struct fake_keyd *keyd)
{
	int err;

	pthread_mutex_lock(&keyd->agent.lock);
	err = keyd->agent.write_error;
	pthread_mutex_unlock(&keyd->agent.lock);
	return err;
}

/* What @pause of a keeper revokes while a signature is under way. */
static int pausing_key __attribute__((unused));

static inline void revoke_meanwhile(struct fake_keyd *keyd)
{
	keyctl_revoke(pausing_key);
}

#endif
