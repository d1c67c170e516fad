/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A policy object of this process. */
#ifndef LIBCAPCERT_POLICY_H
#define LIBCAPCERT_POLICY_H

#include "capcert/verify.h"
#include "core/policy.h"

struct capcert_policy {
	struct cc_policy policy;
	char text[CC_POLICY_TEXT_MAX]; /* canonical */
	uint8_t digest[32];	       /* of the text, core/digest.h */
};

#endif
