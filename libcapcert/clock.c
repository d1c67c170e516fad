// SPDX-License-Identifier: LGPL-2.1-or-later
/* Clock provenance by adjtimex() and sysfs. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/timex.h>
#include <unistd.h>
#include "libcapcert/engine.h"

#define CLOCKS_MOST 8

static bool from_rtc; /* written once */

static void look_for_rtc(void)
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

uint32_t engine_clock(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct timex now = { .modes = 0 };

	pthread_once(&once, look_for_rtc);
	if (adjtimex(&now) >= 0 && !(now.status & (STA_UNSYNC | STA_CLOCKERR)))
		return CAPCERT_CLOCK_SYNCED;
	return from_rtc ? CAPCERT_CLOCK_RTC : CAPCERT_CLOCK_UNTRUSTED;
}
