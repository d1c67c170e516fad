/* SPDX-License-Identifier: GPL-2.0-only */
/* One verification in flight: what was asked, what it is judged against, what came out. */
#ifndef KMOD_VERIFY_H
#define KMOD_VERIFY_H

#include <linux/capcert.h>
#include <linux/types.h>

#include "kmod/cache.h"
#include "kmod/cert.h"
#include "kmod/chain.h"
#include "kmod/dispatch.h"
#include "kmod/evidence.h"
#include "kmod/pins.h"
#include "kmod/policy.h"
#include "kmod/store.h"

struct cc_request;
struct kernel_pkey_params;

struct cc_verify {
	struct cc_call *call;
	struct capcert_verify *arg;
	const struct cc_verifier *verifier;	/* of call->handle */
	struct cc_handle *store;		/* counted */
	struct cc_handle *pins;			/* counted, or NULL */
	struct cc_request *request;		/* counted: holds the chain, from the start on */
	struct cc_state *state;			/* counted: judged against */
	struct cc_evidence_set *evidence;	/* counted, or NULL */
	struct cc_pin_state *pin_state;		/* counted: judged against, or NULL */
	struct cc_store *log_store;		/* the system's: list of CT logs, or NULL */
	struct cc_state *log_state;		/* counted: judged against, or NULL */
	u64 generation;				/* of the distrust list judged against */
	s64 time;
	u32 clock;
	bool digested;				/* @chain_digest stands: audited from here on */
	/* Everything below is written before it is read: not cleared for each call. */
	u8 chain_digest[32];
	struct cc_cache_key key;		/* its name is where the caller's is kept */
	struct capcert_outcome outcome;
	struct capcert_path_entry path[CAPCERT_MAX_PATH];
	struct cc_chain chain;			/* its counts are cleared */
};

/**
 * cc_verify_input() - check the caller's arguments and take everything in: handles, name, chain.
 * Return: 0, or -errno; what was taken until then is in @verify for cc_verify_release().
 */
int cc_verify_input(struct cc_verify *verify);
void cc_verify_release(struct cc_verify *verify);

/** cc_verify_verdict() - the part of the outcome, and the path, that a verdict decides. */
void cc_verify_verdict(struct cc_verify *verify, const struct cc_verdict *verdict);

/**
 * cc_verify_digest() - the pkey_verify operation of a certificate's key: asks an agent.
 * @params: as the key service made them; @params->in2_len may exceed the signature.
 * Return: 0 good, -EKEYREJECTED bad, -EOPNOTSUPP for an encoding or hash that does not go with
 * the key, -EINVAL for a digest of the wrong length, or as cc_broker_call().
 */
int cc_verify_digest(const struct cc_certificate *cert, const struct kernel_pkey_params *params,
		     const void *digest, const void *signature);

#endif
