// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the clock is worth on machines that this one is not: the kernel's words are given here, since
 * nobody may change them for a test. Each case is a process, for the library reads sysfs once. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "libcapcert/engine.h"

static const struct machine {
	const char *rtc[3]; /* hctosys of rtc0 to rtc2, NULL = no such clock */
	int status, result; /* of adjtimex() */
	uint32_t worth;
} machines[] = {
	{ { NULL }, STA_UNSYNC, TIME_ERROR, CAPCERT_CLOCK_UNTRUSTED },
	{ { "0\n" }, STA_UNSYNC, TIME_ERROR, CAPCERT_CLOCK_UNTRUSTED },
	{ { "" }, STA_UNSYNC, TIME_ERROR, CAPCERT_CLOCK_UNTRUSTED },
	{ { "1\n" }, STA_UNSYNC, TIME_ERROR, CAPCERT_CLOCK_RTC },
	{ { "0\n", NULL, "1\n" }, STA_UNSYNC, TIME_ERROR, CAPCERT_CLOCK_RTC },
	{ { NULL }, STA_PLL, TIME_OK, CAPCERT_CLOCK_SYNCED },
	{ { "1\n" }, STA_PLL, TIME_INS, CAPCERT_CLOCK_SYNCED },
	{ { "1\n" }, STA_PLL | STA_CLOCKERR, TIME_OK, CAPCERT_CLOCK_RTC },
	{ { NULL }, STA_PLL | STA_CLOCKERR, TIME_OK, CAPCERT_CLOCK_UNTRUSTED },
	{ { "1\n" }, 0, -1, CAPCERT_CLOCK_RTC },
};

static const struct machine *machine;

int __wrap_adjtimex(struct timex *buf);
int __wrap_adjtimex(struct timex *buf)
{
	buf->status = machine->status;
	return machine->result;
}

int __real_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, mode_t mode)
{
	static const char before[] = "/sys/class/rtc/rtc", after[] = "/hctosys";
	unsigned int nr;
	int ends[2];
	size_t n;

	if (strncmp(path, before, sizeof(before) - 1) != 0 ||
	    strcmp(path + sizeof(before), after) != 0)
		return __real_open(path, flags, mode); /* the compiler's own, when it counts */
	nr = (unsigned int)(path[sizeof(before) - 1] - '0');
	if (nr >= 3 || !machine->rtc[nr] || pipe(ends) < 0)
		return -1;
	n = strlen(machine->rtc[nr]);
	if (write(ends[1], machine->rtc[nr], n) != (ssize_t)n)
		abort();
	close(ends[1]);
	return ends[0];
}

static void test_machines(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		int status;
		pid_t pid;

		machine = &machines[i];
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			exit(engine_clock() == machine->worth && engine_clock() == machine->worth
				     ? 0
				     : 1);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status != 0)
			fail_msg("machine %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machines),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
