/* SPDX-License-Identifier: GPL-2.0-only */
/* capcert ocsp staple --slots: the staples of slots, kept fresh side by side. */
#ifndef TOOLS_SLOT_STAPLE_H
#define TOOLS_SLOT_STAPLE_H

#include "tools/statusd_ask.h"

/** slot_staple() - options: slots, slot (many), issuer (many), once, those of ASK_OPTS. Until SIGTERM or
 *  SIGINT, or the slots' key is revoked. Return: an exit status. */
int slot_staple(const struct args *args);

#endif
