/* SPDX-License-Identifier: GPL-2.0-only */
/* What a certificate was ordered with, as one digest: when it differs, another certificate is wanted. */
#ifndef HELPERS_ACMED_RECIPE_H
#define HELPERS_ACMED_RECIPE_H

#include <stdint.h>
#include "helpers/acmed/conf.h"

/** recipe_of() - of names, key, CA, profile and must-staple of certificate @index. @key: SHA-256 of its SPKI. */
void recipe_of(const struct conf *c, size_t index, const uint8_t key[32], uint8_t ret[32]);

#endif
