// SPDX-License-Identifier: LGPL-2.1-or-later
/* Verification through the kernel. */
#include <errno.h>
#include <string.h>
#include <capcert/verify.h>
#include "libcapcert/device.h"
#include "libcapcert/kevidence.h"
#include "libcapcert/names.h"
#include "libcapcert/x509.h"

static uint64_t address(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

int capcert_verify(int verifier_fd, int store_fd, const struct capcert_params *params,
		   struct capcert_result *ret, int *ret_outcome_fd)
{
	struct capcert_blob blobs[CAPCERT_MAX_CHAIN];
	uint8_t name[CAPCERT_MAX_NAME];
	struct capcert_result result = { 0 };
	struct kevidence evidence;
	struct capcert_verify arg = {
		.size = sizeof(arg),
		.flags = (params->have_time ? CAPCERT_VERIFY_TIME : 0) |
			 (ret_outcome_fd ? CAPCERT_VERIFY_FD : 0),
		.store_fd = store_fd,
		.pins_fd = params->have_pins_fd ? params->pins_fd : -1,
		.chain = address(blobs),
		.purpose = params->purpose,
		.time = params->have_time ? params->time : 0,
		.timeout_ms = params->timeout_ms,
		.outcome = address(&result.outcome),
		.outcome_size = sizeof(result.outcome),
		.path_max = CAPCERT_MAX_PATH,
		.path = address(result.path),
	};
	int r;

	if (!params->chain || params->chain->count == 0)
		return -EINVAL;
	if (params->logs)
		return -EOPNOTSUPP;
	/* A pin set of the process is not what the kernel would vouch for. */
	if (params->pins)
		return -EINVAL;
	for (size_t i = 0; i < params->chain->count; i++) {
		struct cc_span der = params->chain->certs[i]->parsed.der;

		blobs[i] = (struct capcert_blob){ address(der.p), (uint32_t)der.n, -1 };
	}
	arg.chain_count = (uint32_t)params->chain->count;
	if (params->name) {
		r = names_parse(params->name, &arg.name_type, name, &arg.name_len);
		if (r < 0)
			return r;
		arg.name = address(name);
	}
	r = kevidence_open(params->evidence, &evidence);
	if (r < 0)
		return r;
	arg.evidence = evidence.count ? address(evidence.items) : 0;
	arg.evidence_count = evidence.count;
	r = handle_call(verifier_fd, CAPCERT_VERIFY, &arg);
	kevidence_close(&evidence);
	if (r < 0)
		return r;
	result.path_count = arg.path_count < CAPCERT_MAX_PATH ? arg.path_count : CAPCERT_MAX_PATH;
	*ret = result;
	if (ret_outcome_fd)
		*ret_outcome_fd = arg.fd;
	return 0;
}

int capcert_verify_sig(int verifier_fd, int cert_fd, uint32_t scheme, const uint8_t *message,
		       size_t message_len, const uint8_t *signature, size_t signature_len,
		       int *ret_ok, int32_t *ret_reason)
{
	struct capcert_verify_sig arg = {
		.size = sizeof(arg),
		.cert_fd = cert_fd,
		.scheme = scheme,
		.message = address(message),
		.message_len = (uint32_t)message_len,
		.signature_len = (uint32_t)signature_len,
		.signature = address(signature),
	};
	int r;

	if (message_len > CAPCERT_MAX_MESSAGE || signature_len > CAPCERT_MAX_SIGNATURE)
		return -EMSGSIZE;
	r = handle_call(verifier_fd, CAPCERT_VERIFY_SIG, &arg);
	if (r < 0)
		return r;
	*ret_ok = arg.ok == 1;
	if (ret_reason)
		*ret_reason = arg.reason;
	return 0;
}
