// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* fds NAME: what capcert_fd() says of a name, for tests that change how this program runs. */
#include <stdio.h>
#include <capcert/capcert.h>

int main(int argc, char **argv)
{
	int fd = argc == 2 ? capcert_fd(argv[1]) : -22;

	printf(fd < 0 ? "error %d\n" : "fd %d\n", fd);
	return fd < 0;
}
