/* SPDX-License-Identifier: GPL-2.0-only */
/* --check-sandbox: try from inside what must be impossible. */
#ifndef HELPERS_TLSD_PROBE_H
#define HELPERS_TLSD_PROBE_H

#include "helpers/tlsd/run.h"

/** probe_sandbox() - enter the sandbox and try to leave it, from the main thread and from one that was there
 *  before, one line per attempt on stderr. Does not come back to a usable process.
 *  Return: number of attempts that were not refused, or -errno when the sandbox could not be set up. */
int probe_sandbox(struct run *run);

#endif
