/* SPDX-License-Identifier: GPL-2.0-only */
/* What the system clock is worth. */
#ifndef VERIFYD_CLOCK_H
#define VERIFYD_CLOCK_H

#include <stdint.h>

/** clock_init() - look for a hardware clock. Call before the sandbox. */
void clock_init(void);

/** clock_provenance() - CAPCERT_CLOCK_*: SYNCED while the kernel says so (adjtimex(2)), RTC when
 *  it set its clock from a hardware clock at boot, else UNTRUSTED. */
uint32_t clock_provenance(void);

#endif
