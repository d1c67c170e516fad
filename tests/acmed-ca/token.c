// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* http-01, as a CA sees it that has all the time in the world. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/acmed-ca/ca.h"

int ca_ask(const char *name, const char *token)
{
	const char *port = getenv("ACMED_CA_HTTP");
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)atoi(port ? port : "0")),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    dprintf(fd,
		    "GET /.well-known/acme-challenge/%s HTTP/1.1\r\nHost: %s\r\n"
		    "Connection: close\r\n\r\n",
		    token, name) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

bool ca_answered(int fd, const char *token, bool *ret_good)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };
	char text[4096] = "", want[128];
	size_t n = 0;
	ssize_t r;

	if (poll(&p, 1, 0) <= 0)
		return false;
	while (n < sizeof(text) - 1 && (r = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)r;
	close(fd);
	/* The account's thumbprint is pebble's to check. */
	snprintf(want, sizeof(want), "\r\n\r\n%s.", token);
	*ret_good = !strncmp(text, "HTTP/1.1 200 ", 13) && strstr(text, want);
	return true;
}
