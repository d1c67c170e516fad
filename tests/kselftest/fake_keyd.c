// SPDX-License-Identifier: GPL-2.0-only
/* A keeper of private keys that has every key it is asked for, and signs with noise. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fake_keyd.h"

static const uint8_t ecdsa[] = { 0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01 };

static const struct {
	const char *head;
	size_t head_len;
	size_t body;	/* octets behind it, each 0xa5 */
	const char *tail;
	size_t tail_len;
	uint32_t signature;	/* octets; 0: ECDSA */
} keys[] = {
#define HEX(s) s, sizeof(s) - 1
	[KEYD_P256] = { HEX("\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a"
			    "\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04"), 64 },
	[KEYD_P384] = { HEX("\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b"
			    "\x81\x04\x00\x22\x03\x62\x00\x04"), 96 },
	[KEYD_P521] = { HEX("\x30\x81\x9b\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05"
			    "\x2b\x81\x04\x00\x23\x03\x81\x86\x00\x04"), 132 },
	[KEYD_RSA2048] = { HEX("\x30\x82\x01\x22\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01"
			       "\x01\x05\x00\x03\x82\x01\x0f\x00\x30\x82\x01\x0a\x02\x82\x01\x01"
			       "\x00"), 256, HEX("\x02\x03\x01\x00\x01"), 256 },
	[KEYD_RSA1024] = { HEX("\x30\x81\x9f\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
			       "\x05\x00\x03\x81\x8d\x00\x30\x81\x89\x02\x81\x81\x00"), 128,
			   HEX("\x02\x03\x01\x00\x01"), 128 },
	[KEYD_ED25519] = { HEX("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"), 32,
			   .signature = 64 },
	[KEYD_ED448] = { HEX("\x30\x43\x30\x05\x06\x03\x2b\x65\x71\x03\x3a\x00"), 57,
			 .signature = 114 },
};

size_t keyd_spki(enum keyd_key key, uint8_t *buf)
{
	size_t n = keys[key].head_len;

	memcpy(buf, keys[key].head, n);
	memset(buf + n, 0xa5, keys[key].body);
	n += keys[key].body;
	if (keys[key].tail_len)
		memcpy(buf + n, keys[key].tail, keys[key].tail_len);
	return n + keys[key].tail_len;
}

static void reply_open(struct fake_keyd *k, const struct capcert_agent_request *request,
		       struct fake_reply *reply)
{
	struct capcert_agent_key key = {
		.size = sizeof(key), .purposes = k->purposes ?: request->purpose,
		.source = k->source ?: CAPCERT_KEY_PKCS11_HARDWARE, .created = 1700000000,
	};

	if (k->cert) {
		key.spki_len = (uint32_t)k->cert->spki_len;
		memcpy(reply->data + sizeof(key), tcert_spki(k->cert), key.spki_len);
	} else {
		key.spki_len = (uint32_t)keyd_spki(k->key, reply->data + sizeof(key));
	}
	memcpy(reply->data, &key, sizeof(key));
	reply->r.data_len = (uint32_t)sizeof(key) + key.spki_len;
}

static void reply_sign(struct fake_keyd *k, struct fake_reply *reply)
{
	if (k->signature || !keys[k->key].signature) {
		reply->r.data_len = k->signature ? k->signature_len : sizeof(ecdsa);
		memcpy(reply->data, k->signature ?: ecdsa, reply->r.data_len);
	} else {
		reply->r.data_len = keys[k->key].signature;
		memset(reply->data, 0x5a, reply->r.data_len);
	}
}

void keyd_reply(struct fake_keyd *k, const struct capcert_agent_request *request,
		struct fake_reply *reply)
{
	bool open = request->op == CAPCERT_AGENT_OP_KEY_OPEN;

	memset(reply, 0, sizeof(*reply));
	reply->r.reason = CAPCERT_REASON_NONE;
	reply->r.error = open ? k->open_error : k->sign_error;
	if (reply->r.error)
		return;
	reply->r.valid = 1;
	if (open)
		reply_open(k, request, reply);
	else
		reply_sign(k, reply);
}

static void keyd_answer(struct fake_agent *a, const struct capcert_agent_request *request)
{
	struct fake_keyd *k = a->user;
	bool open = request->op == CAPCERT_AGENT_OP_KEY_OPEN;
	struct fake_reply reply;

	if (!open && k->pause)
		k->pause(k);
	pthread_mutex_lock(&a->lock);
	k->opens += open;
	k->signs += !open;
	keyd_reply(k, request, &reply);
	if (k->spoil)
		k->spoil(&reply);
	a->write_error = agent_write(a->fd, &reply, request->id);
	pthread_mutex_unlock(&a->lock);
}

int keyd_start(struct fake_keyd *k)
{
	k->agent.answer = keyd_answer;
	k->agent.user = k;
	k->agent.class = CAPCERT_CLASS_SIGN;
	return agent_start(&k->agent);
}

void keyd_stop(struct fake_keyd *k)
{
	agent_stop(&k->agent);
}

unsigned int keyd_signs(struct fake_keyd *k)
{
	unsigned int n;

	pthread_mutex_lock(&k->agent.lock);
	n = k->signs;
	pthread_mutex_unlock(&k->agent.lock);
	return n;
}

int t_key_private(const char *name, const char *purposes)
{
	char text[256];

	snprintf(text, sizeof(text), T_URI ";purpose=%s", purposes);
	return t_key("capkey", name, text, strlen(text));
}

void t_sign_init(struct t_sign *s, const void *message, size_t len)
{
	memset(s, 0, sizeof(*s));
	s->arg.size = sizeof(s->arg);
	s->arg.purpose = CAPCERT_KEY_TLS_SERVER;
	s->arg.scheme = 0x0403;
	s->arg.message = (uintptr_t)message;
	s->arg.message_len = (uint32_t)len;
	s->arg.signature = (uintptr_t)s->signature;
	s->arg.signature_len = sizeof(s->signature);
	s->arg.timeout_ms = 20000;
}

int t_sign(int key, struct t_sign *s)
{
	return t_ioctl(key, CAPCERT_SIGN, &s->arg);
}

int t_sign_text(int key, uint32_t purpose, const char *text)
{
	struct t_sign s;

	t_sign_init(&s, text, strlen(text));
	s.arg.purpose = purpose;
	return t_sign(key, &s);
}
