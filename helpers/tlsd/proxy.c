// SPDX-License-Identifier: GPL-2.0-only
/* Headers of the PROXY protocol, version 2. */
#include <string.h>
#include "helpers/tlsd/proxy.h"

#define VERSION_PROXY 0x21
#define OVER_TCP4 0x11
#define OVER_TCP6 0x21
#define OVER_UNIX 0x31
#define OVER_UNSPEC 0x00

#define TYPE_ALPN 0x01
#define TYPE_AUTHORITY 0x02
#define TYPE_SSL 0x20
#define SSL_VERSION 0x21
#define SSL_CN 0x22
#define SSL_CIPHER 0x23

#define CLIENT_SSL 0x01
#define CLIENT_CERT_CONN 0x02
#define CLIENT_CERT_SESS 0x04

#define AUTHORITY_MAX 255 /* UTF-8 of a host name, as the protocol has it */
#define UNIX_PATH 108

static const uint8_t signature[12] = { 0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
				       0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a };

struct writer {
	uint8_t *p;
	size_t at, cap;
	bool full;
};

static void put(struct writer *w, const void *from, size_t n)
{
	if (w->full || n > w->cap - w->at) {
		w->full = true;
		return;
	}
	memcpy(w->p + w->at, from, n);
	w->at += n;
}

static void put_u8(struct writer *w, unsigned int v)
{
	uint8_t b = (uint8_t)v;

	put(w, &b, 1);
}

static void put_u16(struct writer *w, size_t v)
{
	if (v > UINT16_MAX)
		w->full = true;
	put_u8(w, (unsigned int)(v >> 8) & 0xff);
	put_u8(w, v & 0xff);
}

static void put_tlv(struct writer *w, unsigned int type, const void *value, size_t n)
{
	put_u8(w, type);
	put_u16(w, n);
	put(w, value, n);
}

static void put_text(struct writer *w, unsigned int type, const char *text, size_t most)
{
	size_t n = text ? strlen(text) : 0;

	if (n > most)
		w->full = true;
	else if (n)
		put_tlv(w, type, text, n);
}

static void put_unix(struct writer *w, const struct address *a)
{
	size_t n = a->len - offsetof(struct sockaddr_un, sun_path);
	char path[UNIX_PATH] = { 0 };

	memcpy(path, a->un.sun_path, n < UNIX_PATH ? n : UNIX_PATH);
	put(w, path, sizeof(path));
}

/* The octet of family and protocol, the length's place, the addresses. */
static void put_addresses(struct writer *w, const struct address *s, const struct address *d)
{
	unsigned int family = s && d && s->len && d->len ? s->any.sa_family : AF_UNSPEC;

	if (family != AF_UNSPEC && d->any.sa_family != family)
		family = AF_UNSPEC;
	switch (family) {
	case AF_INET:
		put_u8(w, OVER_TCP4);
		put_u16(w, 0);
		put(w, &s->in.sin_addr, 4);
		put(w, &d->in.sin_addr, 4);
		put(w, &s->in.sin_port, 2);
		put(w, &d->in.sin_port, 2);
		break;
	case AF_INET6:
		put_u8(w, OVER_TCP6);
		put_u16(w, 0);
		put(w, &s->in6.sin6_addr, 16);
		put(w, &d->in6.sin6_addr, 16);
		put(w, &s->in6.sin6_port, 2);
		put(w, &d->in6.sin6_port, 2);
		break;
	case AF_UNIX:
		put_u8(w, OVER_UNIX);
		put_u16(w, 0);
		put_unix(w, s);
		put_unix(w, d);
		break;
	default:
		put_u8(w, OVER_UNSPEC);
		put_u16(w, 0);
	}
}

static void set_u16(struct writer *w, size_t at, size_t v)
{
	if (w->full)
		return;
	w->p[at] = (uint8_t)(v >> 8);
	w->p[at + 1] = (uint8_t)v;
}

/* verify is 0 when a certificate came and was found good; there is no third case: who is refused does not
 * get here. */
static void put_ssl(struct writer *w, const struct proxy_facts *f)
{
	unsigned int client = CLIENT_SSL;
	size_t at;

	if (f->verified)
		client |= CLIENT_CERT_SESS | (f->resumed ? 0u : CLIENT_CERT_CONN);
	put_u8(w, TYPE_SSL);
	at = w->at;
	put_u16(w, 0);
	put_u8(w, client);
	put(w, f->verified ? "\0\0\0\0" : "\0\0\0\1", 4);
	put_text(w, SSL_VERSION, f->version, 255);
	put_text(w, SSL_CIPHER, f->cipher, 255);
	if (f->verified)
		put_text(w, SSL_CN, f->cn, 255);
	set_u16(w, at, w->at - at - 2);
}

size_t proxy_encode(const struct proxy_facts *f, uint8_t *buf, size_t cap)
{
	struct writer w = { buf, 0, cap < PROXY_MAX ? cap : PROXY_MAX, false };

	put(&w, signature, sizeof(signature));
	put_u8(&w, VERSION_PROXY);
	put_addresses(&w, f->source, f->destination);
	put_text(&w, TYPE_ALPN, f->alpn, 255);
	put_text(&w, TYPE_AUTHORITY, f->authority, AUTHORITY_MAX);
	if (f->version)
		put_ssl(&w, f);
	if (f->verified && f->sha256)
		put_tlv(&w, PROXY_TYPE_CLIENT_SHA256, f->sha256, 32);
	set_u16(&w, 14, w.at - 16);
	return w.full ? 0 : w.at;
}
