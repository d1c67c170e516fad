/* SPDX-License-Identifier: GPL-2.0-only */
/* Wall time and what it is worth: provenance is what the verify agent last reported. */
#ifndef KMOD_CLOCK_H
#define KMOD_CLOCK_H

#include <linux/types.h>

/** cc_clock_wall() - seconds since the epoch. */
s64 cc_clock_wall(void);

/** cc_clock_provenance() - CAPCERT_CLOCK_*, UNTRUSTED until an agent said otherwise. */
u32 cc_clock_provenance(void);

/** cc_clock_report() - what a verify agent says of the clock; unknown values are UNTRUSTED. */
void cc_clock_report(u32 clock);

#endif
