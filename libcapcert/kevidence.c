// SPDX-License-Identifier: LGPL-2.1-or-later
/* Evidence on its way into the kernel. */
#include <errno.h>
#include <unistd.h>
#include "libcapcert/device.h"
#include "libcapcert/evidence.h"
#include "libcapcert/kevidence.h"

static int make_handle(uint32_t type, struct cc_span bytes, int *ret_fd)
{
	struct capcert_make_evidence arg = {
		.size = sizeof(arg),
		.ptr = (uint64_t)(uintptr_t)bytes.p,
		.len = (uint32_t)bytes.n,
		.type = type,
	};
	int r = device_call(CAPCERT_EVIDENCE, &arg);

	if (r == 0)
		*ret_fd = arg.fd;
	return r;
}

int kevidence_open(const capcert_evidence *e, struct kevidence *ret)
{
	uint32_t count = evidence_items(e), i;
	size_t room = CAPCERT_MAX_EVIDENCE_INLINE;
	int r;

	ret->count = 0;
	if (count > CAPCERT_MAX_EVIDENCE)
		return -EMSGSIZE;
	for (i = 0; i < count; i++) {
		struct capcert_evidence_item *item = &ret->items[i];
		struct cc_span bytes = evidence_item(e, i, &item->type);

		item->flags = 0;
		if (bytes.n <= room) {
			item->blob = (struct capcert_blob){ (uint64_t)(uintptr_t)bytes.p,
							    (uint32_t)bytes.n, -1 };
			room -= bytes.n;
		} else {
			item->blob = (struct capcert_blob){ .fd = -1 };
			r = make_handle(item->type, bytes, &item->blob.fd);
			if (r < 0) {
				kevidence_close(ret);
				return r;
			}
		}
		ret->count++;
	}
	return 0;
}

void kevidence_close(struct kevidence *k)
{
	for (; k->count > 0; k->count--)
		if (k->items[k->count - 1].blob.fd >= 0)
			close(k->items[k->count - 1].blob.fd);
}
