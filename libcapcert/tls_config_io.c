// SPDX-License-Identifier: LGPL-2.1-or-later
/* TLS configs: the calls of the kernel. */
#include <errno.h>
#include <string.h>
#include <capcert/tls_config.h>
#include "libcapcert/device.h"

static uint64_t address(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

/* -1 whatever negative number stands for "none". */
static int32_t fd_or_none(int fd)
{
	return fd < 0 ? -1 : fd;
}

static int text(const char *s, size_t most, __u64 *ret_ptr, uint32_t *ret_len)
{
	size_t n = s ? strlen(s) : 0;

	if (n > most)
		return -EINVAL;
	*ret_ptr = address(s);
	*ret_len = (uint32_t)n;
	return 0;
}

static int config_texts(const struct capcert_tls_options *o, struct capcert_tls_config *arg)
{
	int r = text(o->slots, CAPCERT_SLOT_MAX_PATTERN_TEXT, &arg->slots, &arg->slots_len);

	if (r == 0)
		r = text(o->default_slot, CAPCERT_SLOT_NAME_SIZE - 1, &arg->default_slot,
			 &arg->default_slot_len);
	if (r == 0)
		r = text(o->host, CAPCERT_TLS_MAX_HOST, &arg->host, &arg->host_len);
	if (r == 0)
		r = text(o->description, 255, &arg->description, &arg->description_len);
	if (r == 0 && o->alpn_len > CAPCERT_TLS_MAX_ALPN)
		r = -EMSGSIZE;
	arg->alpn = address(o->alpn);
	arg->alpn_len = (uint32_t)o->alpn_len;
	return r;
}

int capcert_tls_config_make(const struct capcert_tls_options *options, int *ret_fd,
			    int32_t *ret_serial)
{
	struct capcert_tls_config arg = {
		.size = sizeof(arg),
		.flags = options->flags,
		.rights = options->rights,
		.role = options->role,
		.client_auth = options->client_auth,
		.min_version = options->min_version,
		.cipher_policy = options->cipher_policy,
		.slots_fd = fd_or_none(options->slots_fd),
		.key_fd = fd_or_none(options->key_fd),
		.verifier_fd = fd_or_none(options->verifier_fd),
		.store_fd = fd_or_none(options->store_fd),
		.pins_fd = fd_or_none(options->pins_fd),
		.ring = options->ring,
	};
	int r = config_texts(options, &arg);

	if (r == 0)
		r = device_call(CAPCERT_TLS_CONFIG, &arg);
	if (r < 0)
		return r;
	*ret_fd = arg.fd;
	if (ret_serial)
		*ret_serial = arg.serial;
	return 0;
}

int capcert_tls_config_info(int tls_fd, struct capcert_tls_description *ret)
{
	struct capcert_tls_description out = { 0 };
	struct capcert_tls_info arg = {
		.size = sizeof(arg),
		.slots = address(out.slots),
		.slots_len = CAPCERT_SLOT_MAX_PATTERN_TEXT,
		.alpn = address(out.alpn),
		.alpn_len = sizeof(out.alpn),
	};
	int r = handle_call(tls_fd, CAPCERT_TLS_INFO, &arg);

	if (r < 0)
		return r;
	if (arg.slots_len > CAPCERT_SLOT_MAX_PATTERN_TEXT || arg.alpn_len > sizeof(out.alpn))
		return -EPROTO;
	out.slots[arg.slots_len] = 0;
	out.alpn_len = arg.alpn_len;
	out.role = arg.role;
	out.flags = arg.options;
	out.client_auth = arg.client_auth;
	out.min_version = arg.min_version;
	out.cipher_policy = arg.cipher_policy;
	out.parts = arg.parts;
	memcpy(out.default_slot, arg.default_slot, sizeof(out.default_slot) - 1);
	memcpy(out.host, arg.host, sizeof(out.host) - 1);
	*ret = out;
	return 0;
}

int capcert_tls_config_use(int tls_fd, uint32_t part, int *ret_fd, uint64_t *ret_rights)
{
	struct capcert_tls_use arg = { .size = sizeof(arg), .part = part };
	int r = handle_call(tls_fd, CAPCERT_TLS_USE, &arg);

	if (r < 0)
		return r;
	*ret_fd = arg.fd;
	if (ret_rights)
		*ret_rights = arg.rights;
	return 0;
}
