// SPDX-License-Identifier: GPL-2.0-only
/* Sockets, times and signatures of one question. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#include "helpers/acmed/dns_ask.h"

#define PORT 53
#define FIRST_MS 1000  /* for the first datagram's answer, */
#define SECOND_MS 2000 /* the second's, */
#define TCP_MS 4000    /* and all of TCP */
#define STRAY 64       /* datagrams that are passed over per try */
#define DNS_WHY 400    /* octets of what one server did wrong, of a line for people */

/* ---- addresses ---- */

static void set_text(struct dns_server *s)
{
	char address[INET6_ADDRSTRLEN];
	bool v6 = s->address.any.sa_family == AF_INET6;
	unsigned int port = ntohs(s->address.v4.sin_port);

	inet_ntop(s->address.any.sa_family,
		  v6 ? (void *)&s->address.v6.sin6_addr : (void *)&s->address.v4.sin_addr, address,
		  sizeof(address));
	if (port == PORT)
		snprintf(s->text, sizeof(s->text), "%s", address);
	else
		snprintf(s->text, sizeof(s->text), v6 ? "[%s]:%u" : "%s:%u", address, port);
}

static void finish(struct dns_server *s, unsigned int port)
{
	bool v6 = s->address.any.sa_family == AF_INET6;

	s->address.v4.sin_port = htons((uint16_t)port); /* at the same place in both */
	s->len = v6 ? sizeof(s->address.v6) : sizeof(s->address.v4);
	set_text(s);
}

void dns_server_set(const uint8_t *octets, size_t len, struct dns_server *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->address.any.sa_family = len == 4 ? AF_INET : AF_INET6;
	if (len == 4)
		memcpy(&ret->address.v4.sin_addr, octets, 4);
	else
		memcpy(&ret->address.v6.sin6_addr, octets, 16);
	finish(ret, PORT);
}

/* "", or ":" and a port. */
static bool take_port(const char *text, unsigned int *ret)
{
	size_t n = strlen(text);

	*ret = PORT;
	if (!n)
		return true;
	if (text[0] != ':' || n < 2 || n > 6 || strspn(text + 1, "0123456789") != n - 1)
		return false;
	*ret = (unsigned int)strtoul(text + 1, NULL, 10);
	return *ret >= 1 && *ret <= 65535;
}

bool dns_server_parse(const char *text, struct dns_server *ret)
{
	char host[INET6_ADDRSTRLEN];
	const char *end;
	unsigned int port;
	bool bracket = text[0] == '[', v6;

	memset(ret, 0, sizeof(*ret));
	text += bracket;
	end = bracket ? strchr(text, ']') : strchr(text, ':');
	/* More than one colon and no bracket: all of it is an address. */
	if (!end || (!bracket && strchr(end + 1, ':')))
		end = bracket ? NULL : text + strlen(text);
	if (!end || (size_t)(end - text) >= sizeof(host))
		return false;
	memcpy(host, text, (size_t)(end - text));
	host[end - text] = '\0';
	v6 = strchr(host, ':') != NULL;
	if ((bracket && !v6) || !take_port(end + bracket, &port))
		return false;
	ret->address.any.sa_family = v6 ? AF_INET6 : AF_INET;
	if (inet_pton(v6 ? AF_INET6 : AF_INET, host,
		      v6 ? (void *)&ret->address.v6.sin6_addr
			 : (void *)&ret->address.v4.sin_addr) != 1)
		return false;
	finish(ret, port);
	return true;
}

uint16_t dns_id(void)
{
	uint16_t id = 0;

	while (getrandom(&id, sizeof(id), 0) != sizeof(id))
		;
	return id;
}

/* ---- waiting ---- */

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Return: 0 ready; -ETIMEDOUT. */
static int await(int fd, short events, int64_t until)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left;
	int n;

	do {
		left = until - now_ms();
		n = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (n < 0 && errno == EINTR);
	return n > 0 ? 0 : -ETIMEDOUT;
}

static int open_to(const struct dns_server *to, int type)
{
	int fd = socket(to->address.any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r;

	if (fd < 0)
		return -errno;
	if (connect(fd, &to->address.any, to->len) == 0 || errno == EINPROGRESS)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

/* ---- signatures ---- */

struct signing {
	const struct dns_key *key; /* NULL = none */
	struct dns_mac mac;
	int64_t at; /* by our clock */
};

static int mistrust(const struct signing *s, enum dns_tsig t, int64_t theirs, char *error)
{
	char name[DNS_NAME_TEXT];

	dns_name_text(&s->key->name, name);
	switch (t) {
	case DNS_TSIG_BADKEY:
		snprintf(
			error, DNS_WHY,
			"it does not take the TSIG key %.100s (BADKEY): give the key the same "
			"name and algorithm there and here; Knot says so as well when its acl does "
			"not let the key change this",
			name);
		return -EACCES;
	case DNS_TSIG_BADSIG:
		snprintf(error, DNS_WHY,
			 "the TSIG key %.100s has another secret there (BADSIG): compare "
			 "tsig-key-file with the server's",
			 name);
		return -EACCES;
	case DNS_TSIG_BADTIME:
	case DNS_TSIG_LATE:
		snprintf(error, DNS_WHY,
			 "its clock and ours are %lld s apart (BADTIME): synchronise both",
			 (long long)llabs(theirs - s->at));
		return -EACCES;
	case DNS_TSIG_NONE:
		snprintf(error, DNS_WHY,
			 "its answer is not signed: it does not take TSIG keys, or is another "
			 "server");
		return -EACCES;
	default:
		snprintf(
			error, DNS_WHY,
			"its answer is not signed by the TSIG key %.100s: it is another server, or "
			"something between changes messages",
			name);
		return -EACCES;
	}
}

/* Errors that a server reports before it looks at keys come without a signature: FORMERR, NOTIMP, REFUSED,
 * SERVFAIL. They are taken for what they say: nothing is done because of them. */
static int judge(struct dns_asker *a, size_t len, const struct signing *s, char *error)
{
	int64_t theirs = 0;
	enum dns_tsig t;

	if (!s->key)
		return 0;
	t = dns_tsig_check(a->answer, len, s->key, &s->mac, s->at, &theirs);
	if (t == DNS_TSIG_GOOD || (t == DNS_TSIG_NONE && a->reply.rcode != ns_r_noerror))
		return 0;
	return mistrust(s, t, theirs, error);
}

/* Only what has the key's signature is beyond doubt. */
static bool proved(struct dns_asker *a, size_t len, const struct signing *s)
{
	int64_t theirs;

	return !s->key ||
	       dns_tsig_check(a->answer, len, s->key, &s->mac, s->at, &theirs) == DNS_TSIG_GOOD;
}

/* ---- UDP ---- */

/* Return: 0 with the answer; -EAGAIN: TCP has to say; -ETIMEDOUT; -errno. */
static int by_udp(struct dns_asker *a, int fd, const struct signing *s, int64_t until)
{
	if (send(fd, a->query.data, a->query.len, MSG_NOSIGNAL) < 0)
		return -errno;
	for (int i = 0; i < STRAY; i++) {
		ssize_t n;
		int r = await(fd, POLLIN, until);

		if (r < 0)
			return r;
		n = recv(fd, a->answer, sizeof(a->answer), 0);
		if (n < 0 && errno != EAGAIN)
			return -errno;
		if (n < 0)
			continue;
		switch (dns_reply_read(a->answer, (size_t)n, &a->query, &a->reply)) {
		case DNS_CUT:
			return -EAGAIN;
		case DNS_READ:
			return proved(a, (size_t)n, s) ? 0 : -EAGAIN;
		default:
			break;
		}
	}
	return -ETIMEDOUT;
}

static int try_udp(struct dns_asker *a, const struct dns_server *to, const struct signing *s)
{
	int fd, r;

	/* What does not fit goes by TCP (RFC 1035 section 4.2.1). */
	if (a->query.len > NS_PACKETSZ)
		return -EAGAIN;
	fd = open_to(to, SOCK_DGRAM);
	if (fd < 0)
		return fd;
	r = by_udp(a, fd, s, now_ms() + FIRST_MS);
	if (r == -ETIMEDOUT)
		r = by_udp(a, fd, s, now_ms() + SECOND_MS);
	close(fd);
	return r;
}

/* ---- TCP: RFC 7766 ---- */

static int send_all(int fd, const uint8_t *p, size_t len, int64_t until)
{
	while (len) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n < 0) {
			int r = await(fd, POLLOUT, until);

			if (r < 0)
				return r;
			continue;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int receive_all(int fd, uint8_t *p, size_t len, int64_t until)
{
	while (len) {
		ssize_t n;
		int r = await(fd, POLLIN, until);

		if (r < 0)
			return r;
		n = recv(fd, p, len, 0);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n == 0)
			return -EPIPE;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int connected(int fd, int64_t until)
{
	int error = 0, r = await(fd, POLLOUT, until);
	socklen_t n = sizeof(error);

	if (r == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0)
		return -errno;
	return r < 0 ? r : -error;
}

static int by_tcp(struct dns_asker *a, int fd, size_t *ret_len)
{
	const int64_t until = now_ms() + TCP_MS;
	uint8_t length[2];
	size_t len = 0;
	int r = connected(fd, until);

	if (a->query.len > DNS_MESSAGE - 2)
		return -EMSGSIZE;
	/* At once (section 8). */
	a->answer[0] = (uint8_t)(a->query.len >> 8);
	a->answer[1] = (uint8_t)a->query.len;
	memcpy(a->answer + 2, a->query.data, a->query.len);
	if (r == 0)
		r = send_all(fd, a->answer, 2 + a->query.len, until);
	if (r == 0)
		r = receive_all(fd, length, 2, until);
	if (r == 0) {
		len = (size_t)length[0] << 8 | length[1];
		r = receive_all(fd, a->answer, len, until);
	}
	if (r == 0 && dns_reply_read(a->answer, len, &a->query, &a->reply) != DNS_READ)
		r = -EBADMSG;
	*ret_len = len;
	return r;
}

static int try_tcp(struct dns_asker *a, const struct dns_server *to, const struct signing *s,
		   char *error)
{
	int fd = open_to(to, SOCK_STREAM), r;
	size_t len;

	if (fd < 0)
		return fd;
	r = by_tcp(a, fd, &len);
	close(fd);
	return r == 0 ? judge(a, len, s, error) : r;
}

/* ---- both ---- */

bool dns_unreachable(int error)
{
	return error == -ENETUNREACH || error == -EHOSTUNREACH || error == -EADDRNOTAVAIL ||
	       error == -EAFNOSUPPORT || error == -ETIMEDOUT || error == -ECONNREFUSED ||
	       error == -EPIPE || error == -ECONNRESET;
}

static const char *word(int error)
{
	switch (error) {
	case -ETIMEDOUT:
		return "it does not answer: is it up, and do packets for port 53 get there?";
	case -ECONNREFUSED:
		return "no name server listens there";
	case -EBADMSG:
		return "its answer makes no sense";
	case -EPIPE:
	case -ECONNRESET:
		return "it ended the connection without an answer";
	default:
		return strerror(-error);
	}
}

int dns_ask(struct dns_asker *a, const struct dns_server *to, const struct dns_key *key,
	    char *error)
{
	struct signing s = { .key = key, .at = (int64_t)time(NULL) };
	char why[DNS_WHY] = "";
	int udp, r;

	if (key)
		dns_tsig_sign(&a->query, key, s.at, &s.mac);
	udp = try_udp(a, to, &s);
	r = udp < 0 ? try_tcp(a, to, &s, why) : 0;
	if (r < 0)
		snprintf(error, DNS_ERROR, "%s: %s%s", to->text,
			 udp == -EAGAIN && !why[0] ? "what it says needs TCP, and there " : "",
			 why[0] ? why : word(r));
	return r;
}
