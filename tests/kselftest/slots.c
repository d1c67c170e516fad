// SPDX-License-Identifier: GPL-2.0-only
/* Slot stores, what is put into them, and OCSP responses made on the spot. */

#include <errno.h>
#include <string.h>
#include <time.h>

#include "slots.h"

#define SEQ 0x30

/* Elements are put together from the inside out, in place. */
struct der {
	uint8_t p[T_STAPLE_MAX];
	size_t n;
};

static void der_put(struct der *d, const void *p, size_t n)
{
	memcpy(d->p + d->n, p, n);
	d->n += n;
}

static void der_tlv(struct der *d, uint8_t tag, const void *p, size_t n)
{
	uint8_t head[4] = { tag, (uint8_t)n };
	size_t h = 2;

	if (n > 255) {
		head[1] = 0x82;
		head[2] = (uint8_t)(n >> 8);
		head[3] = (uint8_t)n;
		h = 4;
	} else if (n > 127) {
		head[1] = 0x81;
		head[2] = (uint8_t)n;
		h = 3;
	}
	der_put(d, head, h);
	der_put(d, p, n);
}

static void der_wrap(struct der *d, uint8_t tag)
{
	struct der inner = *d;

	d->n = 0;
	der_tlv(d, tag, inner.p, inner.n);
}

static void der_time(struct der *d, int64_t when)
{
	time_t t = (time_t)when;
	struct tm tm;
	char text[32];

	gmtime_r(&t, &tm);
	der_tlv(d, 0x18, text, strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm));
}

static void cert_id(struct der *d, const struct tcert *leaf, const struct tcert *issuer,
		    unsigned int flags)
{
	static const uint8_t sha256[] = { 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
					  0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00 };
	uint8_t hash[32];

	der_put(d, sha256, sizeof(sha256));
	t_sha256(leaf->der + leaf->issuer_off, leaf->issuer_len, hash);
	der_tlv(d, 0x04, hash, 32);
	/* A P-256 key is the last 65 octets of its SubjectPublicKeyInfo. */
	t_sha256(tcert_spki(issuer) + issuer->spki_len - 65, 65, hash);
	if (flags & T_STAPLE_OTHER_KEY)
		hash[0] ^= 1;
	der_tlv(d, 0x04, hash, 32);
	der_put(d, leaf->der + leaf->serial_off, leaf->serial_len);
	if (flags & T_STAPLE_OTHER_SERIAL)
		d->p[d->n - 1] ^= 1;
	der_wrap(d, SEQ);
}

static void single(struct der *d, const struct tcert *leaf, const struct tcert *issuer,
		   int64_t until, unsigned int flags)
{
	static const uint8_t good[] = { 0x80, 0x00 };
	struct der end = { .n = 0 };

	cert_id(d, leaf, issuer, flags);
	der_put(d, good, sizeof(good));
	der_time(d, t_now() - 60);
	if (!(flags & T_STAPLE_NO_END)) {
		der_time(&end, until);
		der_tlv(d, 0xa0, end.p, end.n);
	}
	der_wrap(d, SEQ);
}

static void response_data(struct der *d, const struct tcert *leaf, const struct tcert *issuer,
			  int64_t until, unsigned int flags)
{
	struct der singles = { .n = 0 }, one = { .n = 0 }, by = { .n = 0 };
	uint8_t key[20] = { 1 };

	der_tlv(&by, 0x04, key, sizeof(key));
	der_tlv(d, 0xa2, by.p, by.n);
	der_time(d, t_now() - 60);
	single(&one, leaf, issuer, until, flags);
	der_put(&singles, one.p, one.n);
	if (flags & T_STAPLE_TWO)
		der_put(&singles, one.p, one.n);
	der_tlv(d, SEQ, singles.p, singles.n);
	der_wrap(d, SEQ);
}

size_t t_staple(const struct tcert *leaf, const struct tcert *issuer, int64_t until,
		unsigned int flags, uint8_t buf[T_STAPLE_MAX])
{
	static const uint8_t basic[] = { 0x06, 0x09, 0x2b, 0x06, 0x01, 0x05,
					 0x05, 0x07, 0x30, 0x01, 0x01 };
	static const uint8_t ecdsa[] = { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
					 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 };
	static const uint8_t noise[] = { 0x00, 0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01 };
	static const uint8_t later[] = { 0x30, 0x03, 0x0a, 0x01, 0x03 };
	static const uint8_t successful[] = { 0x0a, 0x01, 0x00 };
	struct der d = { .n = 0 }, whole = { .n = 0 };

	if (flags & T_STAPLE_TRY_LATER) {
		memcpy(buf, later, sizeof(later));
		return sizeof(later);
	}
	response_data(&d, leaf, issuer, until, flags);
	der_put(&d, ecdsa, sizeof(ecdsa));
	der_tlv(&d, 0x03, noise, sizeof(noise));
	der_wrap(&d, SEQ);
	der_put(&whole, basic, sizeof(basic));
	der_tlv(&whole, 0x04, d.p, d.n);
	der_wrap(&whole, SEQ);
	der_wrap(&whole, 0xa0);
	d.n = 0;
	der_put(&d, successful, sizeof(successful));
	der_put(&d, whole.p, whole.n);
	der_wrap(&d, SEQ);
	memcpy(buf, d.p, d.n);
	return d.n;
}

size_t t_scts(uint8_t buf[256])
{
	/* v1, log, time, no extensions, SHA-256 with ECDSA, a signature of 8 octets. */
	const size_t sct = 1 + 32 + 8 + 2 + 2 + 2 + 8;

	memset(buf, 0, 4 + sct);
	buf[1] = (uint8_t)(sct + 2);
	buf[3] = (uint8_t)sct;
	memset(buf + 5, 0xaa, 32);
	buf[4 + 1 + 32 + 7] = 1;
	buf[4 + 43] = 4;
	buf[4 + 44] = 3;
	buf[4 + 46] = 8;
	memcpy(buf + 4 + 47, "\x30\x06\x02\x01\x01\x02\x01\x01", 8);
	return 4 + sct;
}

int t_key_slots(const char *name)
{
	return t_key("capslot", name, NULL, 0);
}

int t_slots(const char *name)
{
	int key = t_key_slots(name);

	return key < 0 ? key : t_open(key, T_RIGHTS_SLOT);
}

void t_put_init(struct t_put *p, const char *name, const struct tcert *leaf,
		const struct tcert *issuer)
{
	memset(p, 0, sizeof(*p));
	p->arg.size = sizeof(p->arg);
	p->arg.name = (uintptr_t)name;
	p->arg.name_len = (uint32_t)strlen(name);
	p->arg.key_fd = -1;
	p->arg.chain = (uintptr_t)p->chain;
	p->arg.staple = (uintptr_t)p->staple;
	p->arg.scts = (uintptr_t)p->scts;
	p->arg.chain_count = issuer ? 2 : 1;
	p->chain[0] = (struct capcert_blob){ (uintptr_t)leaf->der, (uint32_t)leaf->len, -1 };
	if (issuer)
		p->chain[1] = (struct capcert_blob){ (uintptr_t)issuer->der,
						     (uint32_t)issuer->len, -1 };
}

int t_put(int slots, struct t_put *p)
{
	return t_ioctl(slots, CAPCERT_SLOT_PUT, &p->arg);
}

int t_put_leaf(int slots, const char *name, const struct tcert *leaf)
{
	struct t_put p;

	t_put_init(&p, name, leaf, NULL);
	return t_put(slots, &p);
}

int t_get(int slots, const char *name, uint32_t flags, struct t_get *ret)
{
	memset(&ret->arg, 0, sizeof(ret->arg));
	ret->arg.size = sizeof(ret->arg);
	ret->arg.flags = flags;
	ret->arg.name = (uintptr_t)name;
	ret->arg.name_len = (uint32_t)strlen(name);
	ret->arg.chain = (uintptr_t)ret->chain;
	ret->arg.chain_len = sizeof(ret->chain);
	ret->arg.staple = (uintptr_t)ret->staple;
	ret->arg.staple_len = sizeof(ret->staple);
	ret->arg.scts = (uintptr_t)ret->scts;
	ret->arg.scts_len = sizeof(ret->scts);
	return t_ioctl(slots, CAPCERT_SLOT_GET, &ret->arg);
}

uint64_t t_slot_version(int slots, const char *name)
{
	struct capcert_slot_get arg = {
		.size = sizeof(arg), .flags = CAPCERT_SLOT_VERSION,
		.name = (uintptr_t)name, .name_len = (uint32_t)strlen(name),
	};

	return t_ioctl(slots, CAPCERT_SLOT_GET, &arg) ? 0 : arg.version;
}

int t_slot_delete(int slots, const char *name)
{
	struct capcert_slot_delete arg = {
		.size = sizeof(arg), .name = (uintptr_t)name, .name_len = (uint32_t)strlen(name),
	};

	return t_ioctl(slots, CAPCERT_SLOT_DELETE, &arg);
}

int t_slot_restrict(int slots, uint64_t rights, const char *patterns)
{
	struct capcert_slot_restrict arg = {
		.size = sizeof(arg), .rights = rights, .pidfd = -1,
		.patterns = (uintptr_t)patterns,
		.patterns_len = patterns ? (uint32_t)strlen(patterns) : 0,
	};
	int err = t_ioctl(slots, CAPCERT_SLOT_RESTRICT, &arg);

	return err ?: arg.fd;
}

int t_watch(int slots, const char *patterns, const uint64_t *from)
{
	struct capcert_slot_watch arg = {
		.size = sizeof(arg), .flags = from ? CAPCERT_SLOT_FROM : 0,
		.patterns = (uintptr_t)patterns,
		.patterns_len = patterns ? (uint32_t)strlen(patterns) : 0,
		.version = from ? *from : 0,
	};
	int err = t_ioctl(slots, CAPCERT_SLOT_WATCH, &arg);

	return err ?: arg.fd;
}

int t_next(int watch, struct capcert_slot_event *events, uint32_t count)
{
	struct capcert_slot_next arg = {
		.size = sizeof(arg), .buf = (uintptr_t)events, .count = count,
		.event_size = sizeof(*events),
	};
	int err = t_ioctl(watch, CAPCERT_SLOT_NEXT, &arg);

	return err ?: (int)arg.count;
}
