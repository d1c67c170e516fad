// SPDX-License-Identifier: LGPL-2.1-or-later
/* One OCSP response, parsed once, with the certificates that it carries. */
#include <errno.h>
#include <stdlib.h>
#include "libcapcert/evidence.h"

static int read_cert(struct cc_span der, struct ocsp_cert *ret)
{
	int r;

	if (cc_cert_parse(der, &ret->cert) != CC_CERT_OK)
		return -EBADMSG;
	r = dn_prepare(ret->cert.subject, &ret->subject);
	if (r == 0)
		r = dn_prepare(ret->cert.issuer, &ret->issuer);
	if (r < 0)
		return r;
	ret->issuer_hash = cc_dn_hash(ret->issuer.name);
	return 0;
}

/* A certificate that cannot be read signed nothing; the others may have. */
static int read_certs(struct ocsp_response *response)
{
	struct cc_span rest = response->ocsp.certs, der;

	if (!response->ocsp.cert_count)
		return 0;
	response->certs = calloc(response->ocsp.cert_count, sizeof(*response->certs));
	if (!response->certs)
		return -ENOMEM;
	while (cc_ocsp_cert_next(&rest, &der) == 1) {
		struct ocsp_cert *cert = &response->certs[response->cert_count];
		int r = read_cert(der, cert);

		if (r == -EBADMSG) {
			memset(cert, 0, sizeof(*cert));
			continue;
		}
		response->cert_count++; /* what is half prepared is released too */
		if (r < 0)
			return r;
	}
	return 0;
}

int ocsp_response_new(uint8_t *der, size_t len, bool staple, struct ocsp_response **ret)
{
	struct ocsp_response *response = calloc(1, sizeof(*response));
	struct cc_ocsp *ocsp;
	int r;

	if (!response)
		return -ENOMEM;
	ocsp = &response->ocsp;
	r = cc_ocsp_parse(cc_span(der, len), ocsp);
	if (r != CC_OCSP_OK) {
		free(response);
		return r == CC_OCSP_E_TOO_LARGE ? -EMSGSIZE : -EBADMSG;
	}
	response->staple = staple;
	r = 0;
	if (ocsp->status == CC_OCSP_STATUS_SUCCESSFUL) {
		sig_prepare(ocsp->scheme, ocsp->tbs, ocsp->signature, &response->signature);
		if (!ocsp->by_key)
			r = dn_prepare(ocsp->responder, &response->responder);
		if (r == 0)
			r = read_certs(response);
	}
	if (r < 0) {
		ocsp_response_free(response);
		return r;
	}
	response->owned = der;
	*ret = response;
	return 0;
}

void ocsp_response_free(struct ocsp_response *response)
{
	uint32_t i;

	if (!response)
		return;
	for (i = 0; i < response->cert_count; i++) {
		dn_release(&response->certs[i].subject);
		dn_release(&response->certs[i].issuer);
	}
	dn_release(&response->responder);
	free(response->certs);
	free(response->owned);
	free(response);
}
