// SPDX-License-Identifier: LGPL-2.1-or-later
/* The audit log through its handle. */
#include <errno.h>
#include "libcapcert/device.h"

int capcert_open_audit(uint64_t rights, int *ret_fd)
{
	struct capcert_open_audit arg = { .size = sizeof(arg), .rights = rights };
	int r = device_call(CAPCERT_OPEN_AUDIT, &arg);

	if (r == 0)
		*ret_fd = arg.fd;
	return r;
}

int capcert_audit_next(int audit_fd, uint64_t *from, struct capcert_audit_record *records,
		       uint32_t *count, uint64_t *ret_lost)
{
	struct capcert_audit_read arg = {
		.size = sizeof(arg),
		.from = *from,
		.buf = (uint64_t)(uintptr_t)records,
		.count = *count,
		.record_size = sizeof(*records),
	};
	int r = handle_call(audit_fd, CAPCERT_AUDIT_READ, &arg);

	if (r < 0)
		return r;
	if (arg.count > *count)
		return -EPROTO;
	*from = arg.next;
	*count = arg.count;
	if (ret_lost)
		*ret_lost = arg.lost;
	return 0;
}
