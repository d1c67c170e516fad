/* SPDX-License-Identifier: GPL-2.0-only */
/* The nouns of the capcert command: one file each. */
#ifndef TOOLS_TOOL_H
#define TOOLS_TOOL_H

#include "tools/opt.h"
#include "tools/out.h"

extern const struct noun noun_cert, noun_trust, noun_verifier, noun_verify, noun_exec, noun_handle,
	noun_outcome, noun_audit, noun_distrust, noun_system, noun_feature, noun_ctlogs, noun_ctlog, noun_roots,
	noun_bundle, noun_ocsp, noun_crl, noun_pins, noun_status, noun_key, noun_slot,
	noun_tls, noun_acme;

#endif
