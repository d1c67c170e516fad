/* SPDX-License-Identifier: GPL-2.0-only */
/* A keeper of private keys that has every key it is asked for, and signs with noise. */
#ifndef KSFT_FAKE_KEYD_H
#define KSFT_FAKE_KEYD_H

#include "fake_agent.h"

#define T_URI "pkcs11:token=T;object=O"
#define T_CANONICAL T_URI ";type=private"

enum keyd_key { KEYD_P256, KEYD_P384, KEYD_P521, KEYD_RSA2048, KEYD_RSA1024, KEYD_ED25519, KEYD_ED448 };

/*
 * What it says about keys and how it signs can be changed under agent.lock; zeros mean a P-256 key
 * of pkcs11-hardware for all purposes asked for, and good signatures.
 */
struct fake_keyd {
	struct fake_agent agent;
	enum keyd_key key;
	const struct tcert *cert;	/* not NULL: its key instead, a P-256 one */
	uint32_t source;
	uint32_t purposes;	/* 0 = those wanted */
	int open_error;		/* -errno */
	int sign_error;
	void (*spoil)(struct fake_reply *reply);	/* before a reply is written */
	void (*pause)(struct fake_keyd *keyd);		/* before a SIGN is answered */
	const uint8_t *signature;	/* NULL = a good one */
	uint32_t signature_len;
	unsigned int opens, signs;
};

int keyd_start(struct fake_keyd *keyd);
void keyd_stop(struct fake_keyd *keyd);
unsigned int keyd_signs(struct fake_keyd *keyd);

/** keyd_spki() - what it says the key is. Return: length. */
size_t keyd_spki(enum keyd_key key, uint8_t *buf);
/** keyd_reply() - an answer to KEY_OPEN or SIGN, as @keyd would give it. */
void keyd_reply(struct fake_keyd *keyd, const struct capcert_agent_request *request,
		struct fake_reply *reply);

/** t_key_private() - a capkey of T_URI for "tls-server,...". */
int t_key_private(const char *name, const char *purposes);

struct t_sign {
	struct capcert_sign arg;
	uint8_t signature[CAPCERT_MAX_SIGNATURE];
};

/** t_sign_init() - TLS_SERVER, ecdsa_secp256r1_sha256, of @message. */
void t_sign_init(struct t_sign *s, const void *message, size_t len);
int t_sign(int key, struct t_sign *s);
/** t_sign_text() - one such signature. Return: 0 or -errno. */
int t_sign_text(int key, uint32_t purpose, const char *text);

#endif
