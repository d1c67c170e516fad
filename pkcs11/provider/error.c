// SPDX-License-Identifier: LGPL-2.1-or-later
/* errno to CK_RV; the table of docs/pkcs11.md. */
#include <errno.h>
#include "pkcs11/provider/module.h"

CK_RV rv_of(int error)
{
	switch (error) {
	case 0:
		return CKR_OK;
	case -ENOMEM:
		return CKR_HOST_MEMORY;
	case -EACCES:
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	case -EBADF:
	case -EBADFD:
	case -ENOTTY:
	case -EXDEV:
	case -ENOKEY:
	case -EKEYREVOKED:
	case -EKEYEXPIRED:
		return CKR_KEY_HANDLE_INVALID;
	case -EINVAL:
		return CKR_DATA_INVALID;
	case -EMSGSIZE:
		return CKR_DATA_LEN_RANGE;
	case -EDQUOT:
		return CKR_FUNCTION_REJECTED;
	case -EOPNOTSUPP:
		return CKR_MECHANISM_INVALID;
	case -EINTR:
		return CKR_FUNCTION_CANCELED;
	case -ENODEV:
	case -EIO:
	case -EBUSY:
	case -ETIMEDOUT:
		return CKR_DEVICE_ERROR;
	default:
		return CKR_FUNCTION_FAILED;
	}
}
