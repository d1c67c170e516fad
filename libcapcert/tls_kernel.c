// SPDX-License-Identifier: LGPL-2.1-or-later
/* The kernel's part of TLS: peers are verified through handles. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include "libcapcert/sha.h"
#include "libcapcert/tls.h"

struct kernel {
	struct tls_judge judge;		    /* first */
	int verifier_fd, store_fd, pins_fd; /* own ones; -1 = none */
};

static void kernel_params(const struct kernel *k, const struct capcert_params *from,
			  struct capcert_params *to)
{
	*to = *from;
	to->have_pins_fd = k->pins_fd >= 0;
	to->pins_fd = k->pins_fd;
}

static int kernel_now(struct tls_judge *judge, const struct capcert_params *params,
		      struct capcert_result *ret, int *ret_outcome_fd)
{
	const struct kernel *k = (const struct kernel *)judge;
	struct capcert_params p;

	kernel_params(k, params, &p);
	return capcert_verify(k->verifier_fd, k->store_fd, &p, ret, ret_outcome_fd);
}

static int kernel_start(struct tls_judge *judge, const struct capcert_params *params,
			capcert_verification **ret)
{
	const struct kernel *k = (const struct kernel *)judge;
	struct capcert_params p;

	kernel_params(k, params, &p);
	return capcert_verify_start(k->verifier_fd, k->store_fd, &p, 1, ret);
}

/* Versions of all that a verdict stands on. Without INFO they are not to be had: no tickets then. */
static int kernel_state(struct tls_judge *judge, uint8_t ret[32])
{
	const struct kernel *k = (const struct kernel *)judge;
	struct capcert_policy_info policy;
	struct capcert_pins_info pins;
	struct capcert_status status;
	uint8_t digest[32];
	struct sha256_ctx ctx;
	uint64_t version;
	uint32_t count;
	int r;

	sha256_init(&ctx);
	r = capcert_store_version(k->store_fd, &version, &count, digest);
	if (r < 0)
		return r;
	sha256_update(&ctx, sizeof(version), (const uint8_t *)&version);
	sha256_update(&ctx, sizeof(digest), digest);
	r = capcert_verifier_policy(k->verifier_fd, &policy);
	if (r < 0)
		return r;
	sha256_update(&ctx, sizeof(policy.digest), policy.digest);
	r = capcert_get_status(&status);
	if (r < 0)
		return r;
	sha256_update(&ctx, sizeof(status.distrust_generation),
		      (const uint8_t *)&status.distrust_generation);
	if (k->pins_fd >= 0) {
		r = capcert_get_pins_info(k->pins_fd, &pins);
		if (r < 0)
			return r;
		sha256_update(&ctx, sizeof(pins.version), (const uint8_t *)&pins.version);
		sha256_update(&ctx, sizeof(pins.digest), pins.digest);
	}
	sha256_digest(&ctx, 32, ret);
	return 0;
}

static void kernel_free(struct tls_judge *judge)
{
	struct kernel *k = (struct kernel *)judge;

	if (k->verifier_fd >= 0)
		close(k->verifier_fd);
	if (k->store_fd >= 0)
		close(k->store_fd);
	if (k->pins_fd >= 0)
		close(k->pins_fd);
	free(k);
}

static int own(int fd, int *ret)
{
	*ret = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return fd >= 0 && *ret < 0 ? -errno : 0;
}

int tls_judge_kernel(const struct capcert_tls_parts *parts, struct tls_judge **ret)
{
	struct kernel *k = calloc(1, sizeof(*k));
	int r;

	if (!k)
		return -ENOMEM;
	k->judge = (struct tls_judge){ kernel_now, kernel_start, kernel_state, kernel_free, true };
	k->store_fd = k->pins_fd = -1;
	r = own(parts->verifier_fd, &k->verifier_fd);
	if (r == 0)
		r = own(parts->store_fd, &k->store_fd);
	if (r == 0)
		r = own(parts->pins_fd, &k->pins_fd);
	if (r < 0) {
		kernel_free(&k->judge);
		return r;
	}
	*ret = &k->judge;
	return 0;
}
