/* SPDX-License-Identifier: GPL-2.0-only */
/* The outcome of a verification for people and as JSON. */
#ifndef TOOLS_OUTCOME_VIEW_H
#define TOOLS_OUTCOME_VIEW_H

#include <stdbool.h>
#include <jansson.h>
#include <capcert/verify.h>

/** @chain: what was verified, for the names of certificates; may be NULL. */
struct outcome_view {
	const struct capcert_result *result;
	const capcert_chain *chain;
	bool local; /* no kernel was asked: store, policy and audit numbers mean nothing */
};

json_t *outcome_json(const struct outcome_view *view);
void outcome_print(const struct outcome_view *view);

#endif
