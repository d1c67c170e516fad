/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inside the library: what the verification engine takes and gives. The agent uses it too. */
#ifndef LIBCAPCERT_ENGINE_H
#define LIBCAPCERT_ENGINE_H

#include <capcert/loglist.h>
#include <capcert/verify.h>
#include <linux/capcert_agent.h>
#include "core/cert.h"
#include "core/pins.h"
#include "core/policy.h"

/** engine_store_from_state() - index of a store state as the kernel serialises it
 *  (struct capcert_state_store ...). Return: 0, -EBADMSG, -ENOMEM. */
int engine_store_from_state(const uint8_t *state, size_t len, capcert_store **ret);

/** engine_distrust_from_state() - the same for struct capcert_state_distrust. */
int engine_distrust_from_state(const uint8_t *state, size_t len,
					   capcert_distrust_list **ret);

/** engine_pins_from_state() - the same for CAPCERT_STATE_PINS, a pin set's canonical text. @digest:
 *  what its digest must be. Return: 0, -EBADMSG, -ENOMEM. */
int engine_pins_from_state(const uint8_t *state, size_t len, const uint8_t digest[32],
			   capcert_pins **ret);

/** engine_pins() - what a request takes of a pin set. */
const struct cc_pins *engine_pins(const capcert_pins *pins);

/** engine_evidence_digest() - of a request's table of evidence (core/digest.h). */
void engine_evidence_digest(const struct capcert_agent_evidence *table, uint32_t count,
			    uint8_t ret[32]);

/** engine_evidence_put() - one piece of a request's evidence (CAPCERT_EVIDENCE_*) into @e. @digest:
 *  what the SHA-256 of its bytes must be, else -EPROTO. Return: 0, also when the same bytes are there
 *  already; -EBADMSG it cannot be read; -EOPNOTSUPP unknown type; -EMSGSIZE; -ENOMEM. */
int engine_evidence_put(capcert_evidence *e, uint32_t type, const uint8_t *bytes, size_t len,
			const uint8_t digest[32]);

/** One certificate of a request: DER bytes that outlive the call. */
struct engine_request {
	const struct cc_span *chain; /* leaf first, DER */
	size_t chain_count;
	uint32_t purpose;
	uint32_t name_type; /* CAPCERT_NAME_* */
	struct cc_span name;
	int64_t time;
	uint32_t clock;
	const capcert_evidence *evidence; /* NULL: none */
	struct report *report; /* NULL, or filled after the verdict (report.h) */
	const capcert_loglist *logs; /* CT logs whose SCTs count; NULL: none does */
	const struct cc_pins *pins;	  /* NULL: none */
};

/** engine_verify() - the pure function behind capcert_verify_local() and the agent: same inputs,
 *  same verdict. Fills @ret (error 0) and @path. Return: 0 or -ENOMEM. */
int engine_verify(const struct cc_policy *policy, const capcert_store *store,
			      const capcert_distrust_list *distrust,
			      const struct engine_request *request, struct capcert_agent_reply *ret,
			      struct capcert_path_entry path[CAPCERT_MAX_PATH]);

/** engine_verify_sig() - the pure function behind capcert_verify_sig_local() and the agent:
 *  @scheme is a TLS SignatureScheme, key and scheme must be allowed by @policy. Return: 0 with
 *  *@ret_ok 0 or 1 and *@ret_reason, or -ENOMEM. */
int engine_verify_sig(const struct cc_policy *policy, const struct cc_cert *cert, uint32_t scheme,
		      struct cc_span message, struct cc_span signature, int *ret_ok,
		      int32_t *ret_reason);

/** engine_verify_message() / _digest() - one signature by @cert's key, no policy. @scheme: enum
 *  cc_scheme. @signature may be longer than the signature when @padded; @digest is the message
 *  for EdDSA. Return: 1 good, 0 bad, -EOPNOTSUPP scheme or key not known, -ENOMEM. */
int engine_verify_message(const struct cc_cert *cert, uint32_t scheme,
				      struct cc_span message, struct cc_span signature);
int engine_verify_digest(const struct cc_cert *cert, uint32_t scheme,
				     struct cc_span digest, struct cc_span signature, bool padded);

/** engine_clock() - what the system clock is worth: CAPCERT_CLOCK_SYNCED while the kernel says so
 *  (adjtimex(2)), RTC when it was set from a hardware clock at boot, else UNTRUSTED. Opens files
 *  in its first call only. */
uint32_t engine_clock(void);

#endif
