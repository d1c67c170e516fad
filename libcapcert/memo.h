/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signatures that were found good, by (issuer key, scheme, digest, signature). */
#ifndef LIBCAPCERT_MEMO_H
#define LIBCAPCERT_MEMO_H

#include <stdbool.h>
#include <stdint.h>

#define MEMO_KEY_SIZE 32

/** memo_find() - is @key remembered? */
bool memo_find(const uint8_t key[MEMO_KEY_SIZE]);

/** memo_put() - remember; may push out another entry. Never fails. */
void memo_put(const uint8_t key[MEMO_KEY_SIZE]);

/** memo_misses() - how many questions were not answered from memory since the start: signatures that had
 *  to be checked (without those of a memo that is disabled). */
uint64_t memo_misses(void);

/* For tests and measurements: forget everything; remember and find nothing from now on. */
void memo_clear(void);
void memo_disable(bool disabled);

#endif
