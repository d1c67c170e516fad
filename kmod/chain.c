// SPDX-License-Identifier: GPL-2.0-only
/* A caller's chain of certificates: bytes in his memory, or handles. */
#include <linux/err.h>
#include <linux/string.h>

#include "kmod/broker.h"
#include "kmod/cert.h"
#include "kmod/chain.h"
#include "kmod/dispatch.h"
#include "kmod/uaccess.h"

/* Length of one certificate; a handle is resolved on the way. */
static int chain_blob(struct cc_chain *chain, struct cc_call *call, struct capcert_blob *blob)
{
	struct cc_handle *handle;

	if (blob->fd == -1) {
		if (!blob->len)
			return -EINVAL;
		return blob->len > CAPCERT_MAX_CERT ? -EMSGSIZE : 0;
	}
	if (blob->fd < 0)
		return -EBADF;
	if (blob->ptr || blob->len)
		return -EINVAL;
	handle = cc_handle_from_fd(call, blob->fd, CAPCERT_KIND_CERT, CAPCERT_RIGHT_READ);
	if (IS_ERR(handle))
		return PTR_ERR(handle);
	/* From here on the place of the handle, whatever its number in the caller's table was. */
	blob->fd = chain->cert_count;
	chain->certs[chain->cert_count++] = handle;
	blob->len = cc_certificate_of(handle->object)->der_len;
	return 0;
}

int cc_chain_take(struct cc_chain *chain, struct cc_call *call, u64 ptr, u32 count,
		  size_t *ret_items)
{
	size_t bytes = 0;
	u32 i;
	int ret;

	if (!count)
		return -EINVAL;
	if (count > CAPCERT_MAX_CHAIN)
		return -EMSGSIZE;
	ret = cc_user_into(chain->blobs, ptr, count * sizeof(*chain->blobs));
	if (ret)
		return ret;
	*ret_items = 0;
	for (i = 0; i < count; i++) {
		ret = chain_blob(chain, call, &chain->blobs[i]);
		if (ret)
			return ret;
		bytes += chain->blobs[i].len;
		*ret_items += cc_request_item_size(chain->blobs[i].len);
	}
	if (bytes > CAPCERT_MAX_CHAIN_BYTES)
		return -EMSGSIZE;
	chain->count = count;
	return 0;
}

int cc_chain_copy(const struct cc_chain *chain, u32 i, void *to)
{
	const struct capcert_blob *blob = &chain->blobs[i];

	if (blob->fd == -1)
		return cc_user_into(to, blob->ptr, blob->len);
	memcpy(to, cc_certificate_of(chain->certs[blob->fd]->object)->der, blob->len);
	return 0;
}

int cc_chain_check(const struct cc_chain *chain)
{
	int ret = 0;
	u32 i;

	for (i = 0; i < chain->cert_count && !ret; i++)
		ret = cc_handle_check(chain->certs[i], CAPCERT_RIGHT_READ);
	return ret;
}

void cc_chain_release(struct cc_chain *chain)
{
	u32 i;

	for (i = 0; i < chain->cert_count; i++)
		cc_handle_put(chain->certs[i]);
}
