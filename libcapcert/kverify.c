// SPDX-License-Identifier: LGPL-2.1-or-later
/* Verification through the kernel. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <capcert/verify.h>
#include "libcapcert/device.h"
#include "libcapcert/kevidence.h"
#include "libcapcert/kfetch.h"
#include "libcapcert/names.h"
#include "libcapcert/x509.h"

#define ROUNDS 4 /* a revoked path may lead to another one, which wants to know other things */

static uint64_t address(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

/* One verification, from the caller's parameters to the last of its calls. */
struct kverify {
	int verifier_fd;
	struct capcert_verify arg;
	struct capcert_result result;
	struct kevidence evidence;
	struct kfetch fetch;
	struct capcert_blob blobs[CAPCERT_MAX_CHAIN];
	uint8_t name[CAPCERT_MAX_NAME];
};

static int prepare(struct kverify *k, int store_fd, const struct capcert_params *params,
		   bool want_fd)
{
	if (!params->chain || params->chain->count == 0)
		return -EINVAL;
	if (params->logs)
		return -EOPNOTSUPP;
	/* A pin set of the process is not what the kernel would vouch for. */
	if (params->pins)
		return -EINVAL;
	memset(&k->result, 0, sizeof(k->result));
	k->arg = (struct capcert_verify){
		.size = sizeof(k->arg),
		.flags = (params->have_time ? CAPCERT_VERIFY_TIME : 0) |
			 (want_fd ? CAPCERT_VERIFY_FD : 0) |
			 (params->no_fetch ? 0 : CAPCERT_VERIFY_FETCHED),
		.store_fd = store_fd,
		.pins_fd = params->have_pins_fd ? params->pins_fd : -1,
		.chain = address(k->blobs),
		.chain_count = (uint32_t)params->chain->count,
		.purpose = params->purpose,
		.time = params->have_time ? params->time : 0,
		.timeout_ms = params->timeout_ms,
		.outcome = address(&k->result.outcome),
		.outcome_size = sizeof(k->result.outcome),
		.path_max = CAPCERT_MAX_PATH,
		.path = address(k->result.path),
		.fd = -1,
	};
	for (size_t i = 0; i < params->chain->count; i++) {
		struct cc_span der = params->chain->certs[i]->parsed.der;

		k->blobs[i] = (struct capcert_blob){ address(der.p), (uint32_t)der.n, -1 };
	}
	if (!params->name)
		return 0;
	k->arg.name = address(k->name);
	return names_parse(params->name, &k->arg.name_type, k->name, &k->arg.name_len);
}

static int call(struct kverify *k)
{
	int r;

	k->arg.evidence = k->evidence.count ? address(k->evidence.items) : 0;
	k->arg.evidence_count = k->evidence.count;
	r = handle_call(k->verifier_fd, CAPCERT_VERIFY, &k->arg);
	if (r < 0)
		return r;
	k->result.path_count =
		k->arg.path_count < CAPCERT_MAX_PATH ? k->arg.path_count : CAPCERT_MAX_PATH;
	return 0;
}

/* Ask, fetch what is missing, ask again: until nothing more can be had. */
static int run(struct kverify *k, const struct capcert_params *params)
{
	int r = call(k);

	for (int round = 1; r == 0 && round < ROUNDS; round++) {
		if (params->no_fetch || !(k->arg.rights & CAPCERT_RIGHT_FETCH))
			break;
		r = kfetch_missing(&k->fetch, &k->result, &k->evidence);
		if (r <= 0)
			break;
		if (k->arg.flags & CAPCERT_VERIFY_FD)
			close(k->arg.fd);
		k->arg.fd = -1;
		r = call(k);
	}
	if (r < 0 && k->arg.fd >= 0)
		close(k->arg.fd);
	return r;
}

int capcert_verify(int verifier_fd, int store_fd, const struct capcert_params *params,
		   struct capcert_result *ret, int *ret_outcome_fd)
{
	struct kverify k = { .verifier_fd = verifier_fd };
	int r;

	if (params->fetches)
		params->fetches->count = 0;
	r = prepare(&k, store_fd, params, ret_outcome_fd);
	if (r < 0)
		return r;
	kfetch_begin(&k.fetch, verifier_fd, store_fd, params);
	r = kevidence_open(params->evidence, &k.evidence);
	if (r < 0)
		return r;
	r = run(&k, params);
	kevidence_close(&k.evidence);
	if (r < 0)
		return r;
	*ret = k.result;
	if (ret_outcome_fd)
		*ret_outcome_fd = k.arg.fd;
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
