// SPDX-License-Identifier: LGPL-2.1-or-later
/* Private keys by handle: the calls of the kernel. */
#include <errno.h>
#include <capcert/key.h>
#include "libcapcert/device.h"

int capcert_key_info(int key_fd, struct capcert_key_info *ret)
{
	struct capcert_key_info arg = { .size = sizeof(arg) };
	int r = handle_call(key_fd, CAPCERT_KEY_INFO, &arg);

	if (r == 0)
		*ret = arg;
	return r;
}

int capcert_key_public(int key_fd, uint8_t **ret_spki, size_t *ret_len)
{
	return capcert_get_public(key_fd, ret_spki, ret_len);
}

int capcert_key_sign(int key_fd, uint32_t purpose, uint32_t scheme, uint32_t flags,
		     const void *data, size_t data_len, uint32_t timeout_ms, uint8_t *signature,
		     size_t *len)
{
	struct capcert_sign arg = {
		.size = sizeof(arg),
		.flags = flags,
		.purpose = purpose,
		.scheme = scheme,
		.message = (uint64_t)(uintptr_t)data,
		.signature = (uint64_t)(uintptr_t)signature,
		.timeout_ms = timeout_ms,
	};
	int r;

	if (data_len > CAPCERT_MAX_MESSAGE)
		return -EMSGSIZE;
	arg.message_len = (uint32_t)data_len;
	arg.signature_len = *len < CAPCERT_MAX_SIGNATURE ? (uint32_t)*len : CAPCERT_MAX_SIGNATURE;
	r = handle_call(key_fd, CAPCERT_SIGN, &arg);
	if (r == 0 && (arg.ret_len == 0 || arg.ret_len > arg.signature_len))
		return -EPROTO;
	if (r == 0 || (r == -EMSGSIZE && arg.ret_len))
		*len = arg.ret_len;
	return r;
}

int capcert_key_restrict(int key_fd, uint64_t rights, const struct capcert_key_limits *limits,
			 int pidfd, int *ret_fd)
{
	struct capcert_key_restrict arg = {
		.size = sizeof(arg),
		.flags = pidfd < 0 ? 0 : CAPCERT_RESTRICT_PIDFD,
		.rights = rights,
		.pidfd = pidfd,
	};
	int r;

	if (limits) {
		arg.purposes = limits->purposes;
		arg.per_minute = limits->per_minute;
		arg.max_uses = limits->max_uses;
		arg.not_after = limits->not_after;
	}
	r = handle_call(key_fd, CAPCERT_KEY_RESTRICT, &arg);
	if (r == 0)
		*ret_fd = arg.fd;
	return r;
}
