/* SPDX-License-Identifier: GPL-2.0-only */
/* Shows what was fetched for a verification. */
#ifndef TOOLS_FETCH_VIEW_H
#define TOOLS_FETCH_VIEW_H

#include <jansson.h>
#include <capcert/verify.h>

/** fetches_print() - one line for each; nothing when there was none. */
void fetches_print(const struct capcert_fetches *fetches);

/** fetches_json() - an array. */
json_t *fetches_json(const struct capcert_fetches *fetches);

#endif
