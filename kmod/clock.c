// SPDX-License-Identifier: GPL-2.0-only
/* Wall time and what it is worth: provenance is what the verify agent last reported. */
#include <linux/capcert.h>
#include <linux/ktime.h>

#include "kmod/clock.h"

static u32 clock_provenance = CAPCERT_CLOCK_UNTRUSTED;

s64 cc_clock_wall(void)
{
	return ktime_get_real_seconds();
}

u32 cc_clock_provenance(void)
{
	return READ_ONCE(clock_provenance);
}

void cc_clock_report(u32 clock)
{
	if (clock > CAPCERT_CLOCK_ATTESTED)
		clock = CAPCERT_CLOCK_UNTRUSTED;
	/* Read by every verification: leave the line alone when nothing is new. */
	if (READ_ONCE(clock_provenance) != clock)
		WRITE_ONCE(clock_provenance, clock);
}
