// SPDX-License-Identifier: GPL-2.0-only
/* The race's private keys: they are made, opened, used, narrowed and lost while their keeper comes and goes. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_keyd.h"
#include "race.h"

#define SIGNATURE_P256 72 /* the longest: two numbers of 33 octets, as DER */

int *race_private;

static int *any_key(struct luck *l)
{
	return &race_private[rnd(l, RACE_KEYS)];
}

/* In the place of one that goes, by one of the four ways. The first is for two purposes. */
int op_make_private(struct luck *l)
{
	int *place = any_key(l), key = __atomic_load_n(place, __ATOMIC_RELAXED);
	const char name[] = { 'k', (char)('0' + (place - race_private)), '\0' };

	switch (key > 0 ? rnd(l, 5) : 4) {
	case 0:
		keyctl_revoke(key);
		break;
	case 1:
		keyctl_invalidate(key);
		break;
	case 2:
		keyctl_set_timeout(key, 1);
		break;
	case 3:
		keyctl_unlink(key, KEY_SPEC_SESSION_KEYRING);
		break;
	}
	key = t_key_private(name, place == race_private ? "tls-server,tls-client" : "tls-server");
	if (key > 0)
		__atomic_store_n(place, key, __ATOMIC_RELAXED);
	return key < 0 ? key : 0;
}

int op_open_private(struct luck *l)
{
	int key = __atomic_load_n(any_key(l), __ATOMIC_RELAXED);

	return key > 0 ? keep(l, t_open(key, T_RIGHTS_KEY)) : 0;
}

int op_sign(struct luck *l)
{
	struct t_sign s;
	int err;

	t_sign_init(&s, "m", 1);
	s.arg.timeout_ms = 200 + rnd(l, 400);
	if (!rnd(l, 4))
		s.arg.purpose = CAPCERT_KEY_TLS_CLIENT;
	err = t_sign(any_fd(l), &s);
	if (err)
		return err;
	if (!s.arg.ret_len || s.arg.ret_len > SIGNATURE_P256 || s.signature[0] != 0x30)
		wrong("SIGN gave what is no signature");
	return 0;
}

int op_key_restrict(struct luck *l)
{
	struct capcert_key_restrict r = {
		.size = sizeof(r),
		.rights = T_RIGHTS_KEY,
		.max_uses = rnd(l, 20),
		.per_minute = rnd(l, 100),
	};
	int err = t_ioctl(any_fd(l), CAPCERT_KEY_RESTRICT, &r);

	return err ?: keep(l, r.fd);
}

int op_pkey_sign(struct luck *l)
{
	static const uint8_t digest[32];
	uint8_t out[SIGNATURE_P256];
	int *place = any_key(l), key = __atomic_load_n(place, __ATOMIC_RELAXED);
	long n;

	if (key <= 0)
		return 0;
	n = keyctl_pkey_sign(key, "enc=x962 hash=sha256", digest, sizeof(digest), out, sizeof(out));
	if (place == race_private && (n >= 0 || errno == EOPNOTSUPP)) {
		if (n >= 0)
			wrong("pkey_sign chose a purpose");
		return 0;
	}
	if (n < 0)
		return -errno;
	if (!n || n > SIGNATURE_P256)
		wrong("pkey_sign gave what is no signature");
	return 0;
}

/* One answer. Return: 0, or -1 when it has to die. */
static int serve(struct luck *l, struct fake_keyd *keyd, int fd, struct capcert_agent_request *r)
{
	struct fake_reply reply;
	uint32_t mood = rnd(l, 32);

	keyd_reply(keyd, r, &reply);
	switch (mood) {
	case 0: /* no signature, or no public key */
		reply.data[0] ^= 0xff;
		break;
	case 1:
		reply.r.data_len--;
		break;
	case 2:
		return -1;
	case 3: /* who asked with SIGN has a deadline of his own */
		if (r->op == CAPCERT_AGENT_OP_SIGN)
			return 0;
		break;
	}
	agent_write(fd, &reply, r->id);
	if (mood == 4)
		agent_write(fd, &reply, r->id);
	return 0;
}

void *keeper_life(void *arg)
{
	struct luck l = { (uint32_t)(uintptr_t)arg };
	struct fake_keyd keyd = { .cert = race_leaf };
	uint8_t *buf = malloc(AGENT_BUF);

	while (buf && racing()) {
		int fd = agent_hello(CAPCERT_CLASS_SIGN, O_NONBLOCK), served = 0;

		while (fd >= 0 && served < 60 && racing()) {
			if (agent_read(fd, buf) < 0) {
				usleep(1000);
				continue;
			}
			served++;
			if (serve(&l, &keyd, fd, (void *)buf) < 0)
				break;
		}
		if (fd >= 0)
			close(fd);
	}
	free(buf);
	return NULL;
}
