// SPDX-License-Identifier: GPL-2.0-only
/* Addresses as text, and sockets at them. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "helpers/tlsd/address.h"

#define HOST_SIZE 256
#define BACKLOG 4096

static int parse_unix(const char *path, struct address *ret)
{
	size_t n = strlen(path);

	if (n < 2 || n >= sizeof(ret->un.sun_path) || (path[0] != '/' && path[0] != '@'))
		return -EINVAL;
	ret->un.sun_family = AF_UNIX;
	memcpy(ret->un.sun_path, path, n);
	if (path[0] == '@')
		ret->un.sun_path[0] = '\0';
	/* An abstract name has no NUL at its end, a path has. */
	ret->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (path[0] == '/'));
	return 0;
}

/* "HOST:PORT" or "[HOST]:PORT" taken apart. */
static int split(const char *text, char host[HOST_SIZE], unsigned int *ret_port)
{
	const char *colon = strrchr(text, ':'), *from = text, *to = colon;
	unsigned long port;
	char *end;

	if (!colon || colon[1] < '0' || colon[1] > '9')
		return -EINVAL;
	port = strtoul(colon + 1, &end, 10);
	if (*end || port < 1 || port > 65535 || end - colon > 6)
		return -EINVAL;
	if (*from == '[') {
		from++;
		to--;
		if (to <= from || *to != ']')
			return -EINVAL;
	} else if (memchr(from, ':', (size_t)(to - from))) {
		return -EINVAL;
	}
	if (to <= from || to - from >= HOST_SIZE)
		return -EINVAL;
	memcpy(host, from, (size_t)(to - from));
	host[to - from] = '\0';
	*ret_port = (unsigned int)port;
	return 0;
}

static int of_numbers(const char *text, const char *host, unsigned int port, struct address *ret)
{
	const char *number = strcmp(host, "*") ? host : "::";

	if ((text[0] == '[' || number != host) &&
	    inet_pton(AF_INET6, number, &ret->in6.sin6_addr) == 1) {
		ret->in6.sin6_family = AF_INET6;
		ret->in6.sin6_port = htons((uint16_t)port);
		ret->len = sizeof(ret->in6);
		return 0;
	}
	if (text[0] != '[' && inet_pton(AF_INET, host, &ret->in.sin_addr) == 1) {
		ret->in.sin_family = AF_INET;
		ret->in.sin_port = htons((uint16_t)port);
		ret->len = sizeof(ret->in);
		return 0;
	}
	return -EINVAL;
}

int address_parse(const char *text, struct address *ret)
{
	char host[HOST_SIZE];
	unsigned int port;
	int r;

	memset(ret, 0, sizeof(*ret));
	if (strncmp(text, "unix:", 5) == 0)
		return parse_unix(text + 5, ret);
	r = split(text, host, &port);
	return r < 0 ? r : of_numbers(text, host, port, ret);
}

int address_resolve(const char *text, struct address *ret)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	char host[HOST_SIZE], service[8];
	struct addrinfo *found;
	unsigned int port;
	int r = address_parse(text, ret);

	if (r == 0 || strncmp(text, "unix:", 5) == 0)
		return r;
	r = split(text, host, &port);
	if (r < 0 || text[0] == '[')
		return -EINVAL;
	snprintf(service, sizeof(service), "%u", port);
	if (getaddrinfo(host, service, &hints, &found) != 0)
		return -ENOENT;
	r = found->ai_addrlen > sizeof(ret->un) ? -EINVAL : 0;
	if (r == 0) {
		memcpy(&ret->any, found->ai_addr, found->ai_addrlen);
		ret->len = found->ai_addrlen;
	}
	freeaddrinfo(found);
	return r;
}

/* A socket's file that outlived its server is in the way of the next one. */
static void remove_stale(const struct address *address)
{
	struct stat st;
	int s;

	if (!address->un.sun_path[0] || lstat(address->un.sun_path, &st) < 0 ||
	    !S_ISSOCK(st.st_mode))
		return;
	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return;
	if (connect(s, &address->any, address->len) < 0 && errno == ECONNREFUSED)
		unlink(address->un.sun_path);
	close(s);
}

int address_listen(const struct address *address)
{
	int one = 1, none = 0, r;
	int s = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (s < 0)
		return -errno;
	if (address->any.sa_family == AF_UNIX)
		remove_stale(address);
	else
		setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (address->any.sa_family == AF_INET6)
		setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &none, sizeof(none));
	if (bind(s, &address->any, address->len) < 0 || listen(s, BACKLOG) < 0) {
		r = -errno;
		close(s);
		return r;
	}
	return s;
}

int address_dial(const struct address *address)
{
	int one = 1, r;
	int s = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (s < 0)
		return -errno;
	if (address->any.sa_family != AF_UNIX)
		setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(s, &address->any, address->len) < 0 && errno != EINPROGRESS) {
		r = -errno;
		close(s);
		return r;
	}
	return s;
}

void address_unmap(struct address *address)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	if (address->len != sizeof(address->in6) || address->any.sa_family != AF_INET6 ||
	    !IN6_IS_ADDR_V4MAPPED(&address->in6.sin6_addr))
		return;
	in.sin_port = address->in6.sin6_port;
	memcpy(&in.sin_addr, address->in6.sin6_addr.s6_addr + 12, 4);
	memset(address, 0, sizeof(*address));
	address->in = in;
	address->len = sizeof(in);
}

const char *address_text(const struct address *address, char buf[ADDRESS_TEXT])
{
	char host[INET6_ADDRSTRLEN] = "";
	size_t n;

	switch (address->len ? address->any.sa_family : AF_UNSPEC) {
	case AF_INET:
		inet_ntop(AF_INET, &address->in.sin_addr, host, sizeof(host));
		snprintf(buf, ADDRESS_TEXT, "%s:%u", host, ntohs(address->in.sin_port));
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &address->in6.sin6_addr, host, sizeof(host));
		snprintf(buf, ADDRESS_TEXT, "[%s]:%u", host, ntohs(address->in6.sin6_port));
		break;
	case AF_UNIX:
		n = address->len - offsetof(struct sockaddr_un, sun_path);
		if (n && !address->un.sun_path[0])
			snprintf(buf, ADDRESS_TEXT, "unix:@%.*s", (int)n - 1,
				 address->un.sun_path + 1);
		else
			snprintf(buf, ADDRESS_TEXT, "unix:%.*s", (int)n, address->un.sun_path);
		break;
	default:
		snprintf(buf, ADDRESS_TEXT, "-");
	}
	return buf;
}
