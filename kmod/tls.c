// SPDX-License-Identifier: GPL-2.0-only
/* The TLS config object: what fields a role has, and what of its slots it stands for. */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "core/alpn.h"
#include "core/name.h"
#include "core/slot.h"
#include "kmod/handle.h"
#include "kmod/slots.h"
#include "kmod/tls.h"

#define PART(name) (1u << CAPCERT_TLS_PART_##name)

static void tls_destroy(struct cc_object *object)
{
	struct cc_tls *tls = cc_tls_of(object);
	u32 i;

	for (i = 0; i < CAPCERT_TLS_PARTS; i++)
		cc_handle_put(tls->parts[i]);
	kfree(tls);
}

static int tls_info(struct cc_object *object, struct capcert_info *info)
{
	info->count = hweight32(cc_tls_parts(cc_tls_of(object)));
	return 0;
}

static const struct cc_object_ops tls_ops = {
	.destroy = tls_destroy,
	.info = tls_info,
};

struct cc_tls *cc_tls_new(u32 slots_len, u32 alpn_len)
{
	const size_t size = struct_size((struct cc_tls *)NULL, bytes, slots_len + alpn_len);
	struct cc_tls *tls = kzalloc(size, GFP_KERNEL_ACCOUNT);
	int error = -ENOMEM;

	if (tls)
		error = cc_object_init(&tls->base, CAPCERT_KIND_TLS, &tls_ops);
	if (error) {
		kfree(tls);
		return ERR_PTR(error);
	}
	tls->slots_len = slots_len;
	tls->alpn_len = alpn_len;
	error = cc_object_charge(&tls->base, size);
	if (error) {
		cc_object_put(&tls->base);
		return ERR_PTR(error);
	}
	return tls;
}

u32 cc_tls_parts(const struct cc_tls *tls)
{
	u32 parts = 0, i;

	for (i = 0; i < CAPCERT_TLS_PARTS; i++)
		if (tls->parts[i])
			parts |= 1u << i;
	return parts;
}

/* The parts that must be there, of those that may. */
static bool tls_parts_are(const struct cc_tls *tls, u32 must, u32 may)
{
	const u32 parts = cc_tls_parts(tls);

	return (parts & must) == must && !(parts & ~(must | may));
}

static bool tls_server_ok(const struct cc_tls *tls)
{
	const u32 judges = PART(VERIFIER) | PART(STORE);

	if (tls->host[0] || (!tls->slots_len && !tls->default_slot[0]))
		return false;
	if (tls->options & CAPCERT_TLS_STAPLE_REQUIRED && !(tls->options & CAPCERT_TLS_STAPLE))
		return false;
	return tls_parts_are(tls, PART(SLOTS) | (tls->client_auth ? judges : 0), PART(KEY));
}

static bool tls_client_ok(const struct cc_tls *tls)
{
	const bool identity = tls->parts[CAPCERT_TLS_PART_SLOTS];
	const size_t n = strlen(tls->host);
	u8 ip[16];

	if (tls->client_auth || tls->slots_len || identity != !!tls->default_slot[0] ||
	    tls->options & (CAPCERT_TLS_STAPLE | CAPCERT_TLS_STAPLE_REQUIRED))
		return false;
	if (n && !cc_hostname_valid(cc_span(tls->host, n)) &&
	    !cc_ip_parse(cc_span(tls->host, n), ip))
		return false;
	return tls_parts_are(tls, PART(VERIFIER) | PART(STORE),
			     PART(PINS) | (identity ? PART(SLOTS) | PART(KEY) : 0));
}

int cc_tls_check(const struct cc_tls *tls)
{
	const size_t n = strlen(tls->default_slot);

	if (tls->client_auth > CAPCERT_TLS_AUTH_REQUIRED || tls->min_version > CAPCERT_TLS_13 ||
	    tls->cipher_policy > CAPCERT_TLS_LEGACY)
		return -EINVAL;
	if (tls->slots_len && !cc_slot_patterns_valid(cc_tls_slots(tls)))
		return -EINVAL;
	if (n && !cc_slot_name_valid(cc_span(tls->default_slot, n)))
		return -EINVAL;
	if (tls->alpn_len && !cc_alpn_valid(cc_tls_alpn(tls)))
		return -EINVAL;
	if (tls->role == CAPCERT_TLS_SERVER ? !tls_server_ok(tls) :
	    tls->role != CAPCERT_TLS_CLIENT || !tls_client_ok(tls))
		return -EINVAL;
	if (tls->cipher_policy == CAPCERT_TLS_LEGACY && !(tls->options & CAPCERT_TLS_LEGACY_OK))
		return -EPERM;
	return 0;
}

struct cc_slot_view *cc_tls_view(const struct cc_tls *tls, struct cc_slot_view *view)
{
	const size_t n = strlen(tls->default_slot);
	struct cc_slot_view *narrow;
	struct cc_span patterns;
	char *text;

	text = kmalloc(tls->slots_len + n + 2, GFP_KERNEL);
	if (!text)
		return ERR_PTR(-ENOMEM);
	memcpy(text, tls->bytes, tls->slots_len);
	patterns = cc_span(text, tls->slots_len);
	if (n && (!patterns.n ||
		  !cc_slot_patterns_match(patterns, cc_span(tls->default_slot, n)))) {
		if (patterns.n)
			text[patterns.n++] = ',';
		memcpy(text + patterns.n, tls->default_slot, n);
		patterns.n += n;
	}
	if (!cc_slot_patterns_valid(patterns))
		narrow = ERR_PTR(-EINVAL);
	else if (!cc_slot_patterns_within(patterns, cc_slot_view_patterns(view)))
		narrow = ERR_PTR(-EACCES);
	else
		narrow = cc_slot_view_new(view, patterns);
	kfree(text);
	return narrow;
}

int cc_tls_valid(const struct cc_tls *tls)
{
	int error = 0;
	u32 i;

	for (i = 0; i < CAPCERT_TLS_PARTS && !error; i++)
		if (tls->parts[i])
			error = cc_handle_keys_valid(tls->parts[i]);
	return error;
}

const char *cc_tls_part_name(u32 part)
{
	static const char *const names[] = {
		[CAPCERT_TLS_PART_SLOTS] = "slots", [CAPCERT_TLS_PART_KEY] = "key",
		[CAPCERT_TLS_PART_VERIFIER] = "verifier", [CAPCERT_TLS_PART_STORE] = "store",
		[CAPCERT_TLS_PART_PINS] = "pins",
	};

	static_assert(ARRAY_SIZE(names) == CAPCERT_TLS_PARTS);
	return part < ARRAY_SIZE(names) ? names[part] : NULL;
}

size_t cc_tls_format(const struct cc_tls *tls, char *buf, size_t cap)
{
	static const char *const policies[] = { "modern", "intermediate", "legacy" };
	size_t n;

	n = scnprintf(buf, cap, "%s %s %s",
		      tls->role == CAPCERT_TLS_SERVER ? "server" : "client",
		      policies[tls->cipher_policy],
		      tls->min_version == CAPCERT_TLS_13 ? "1.3" : "1.2");
	if (tls->slots_len)
		n += scnprintf(buf + n, cap - n, " slots=%.*s", (int)tls->slots_len, tls->bytes);
	if (tls->default_slot[0])
		n += scnprintf(buf + n, cap - n, " default=%s", tls->default_slot);
	if (tls->host[0])
		n += scnprintf(buf + n, cap - n, " host=%s", tls->host);
	return n;
}
