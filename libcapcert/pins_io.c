// SPDX-License-Identifier: LGPL-2.1-or-later
/* Pin sets of the kernel, by handle. */
#include <capcert/pins.h>
#include "libcapcert/device.h"

int capcert_get_pins_info(int pins_fd, struct capcert_pins_info *ret)
{
	struct capcert_pins_info arg = { .size = sizeof(arg) };
	int r = handle_call(pins_fd, CAPCERT_PINS_INFO, &arg);

	if (r == 0)
		*ret = arg;
	return r;
}

static int change(int fd, unsigned long command, uint32_t hash, const uint8_t *value, size_t len,
		  uint64_t *ret_version)
{
	struct capcert_pin arg = {
		.size = sizeof(arg),
		.hash = hash,
		.len = (uint32_t)len,
		.ptr = (uint64_t)(uintptr_t)value,
	};
	int r = handle_call(fd, command, &arg);

	if (r == 0 && ret_version)
		*ret_version = arg.version;
	return r;
}

int capcert_pins_handle_add(int pins_fd, uint32_t hash, const uint8_t *value, size_t len,
			    uint64_t *ret_version)
{
	return change(pins_fd, CAPCERT_PINS_ADD, hash, value, len, ret_version);
}

int capcert_pins_handle_remove(int pins_fd, uint32_t hash, const uint8_t *value, size_t len,
			       uint64_t *ret_version)
{
	return change(pins_fd, CAPCERT_PINS_REMOVE, hash, value, len, ret_version);
}
