// SPDX-License-Identifier: GPL-2.0-only
/* Clock provenance by adjtimex() and sysfs. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/timex.h>
#include <unistd.h>
#include <linux/capcert.h>
#include "helpers/verifyd/clock.h"

#define CLOCKS_MOST 8

static bool from_rtc; /* written once, before threads */

void clock_init(void)
{
	for (int i = 0; i < CLOCKS_MOST && !from_rtc; i++) {
		char path[64], byte;
		int fd;

		snprintf(path, sizeof(path), "/sys/class/rtc/rtc%d/hctosys", i);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		from_rtc = read(fd, &byte, 1) == 1 && byte == '1';
		close(fd);
	}
}

uint32_t clock_provenance(void)
{
	struct timex now = {.modes = 0};

	if (adjtimex(&now) >= 0 && !(now.status & (STA_UNSYNC | STA_CLOCKERR)))
		return CAPCERT_CLOCK_SYNCED;
	return from_rtc ? CAPCERT_CLOCK_RTC : CAPCERT_CLOCK_UNTRUSTED;
}
