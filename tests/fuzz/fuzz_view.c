// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Typed views: whatever parses as a certificate is taken apart without a crash, lists and all. */
#include <capcert/x509_ext.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct capcert_cert_view *view;
	capcert_cert *cert;

	if (capcert_cert_new(data, size, &cert, NULL) < 0)
		return 0;
	if (capcert_cert_view_new(cert, &view) == 0)
		capcert_cert_view_free(view);
	capcert_cert_free(cert);
	return 0;
}
