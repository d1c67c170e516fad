// SPDX-License-Identifier: GPL-2.0-only
/* Sockets, times and signatures of one question. Each server that is asked is a small machine that never waits; one
 * poll() waits for all of them. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#include "helpers/acmed/dns_ask.h"

#define FIRST_MS 1000  /* for the first datagram's answer, */
#define SECOND_MS 2000 /* the second's, */
#define TCP_MS 4000    /* and all of TCP */
#define STRAY 64       /* datagrams that are passed over per try */
#define DNS_WHY 400    /* octets of what one server did wrong, of a line for people */

uint16_t dns_id(void)
{
	uint16_t id = 0;

	while (getrandom(&id, sizeof(id), 0) != sizeof(id))
		;
	return id;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
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

/* ---- one server ---- */

struct talk {
	const struct dns_server *to;
	bool briefly;
	enum { FIRST, SECOND, CONNECT, SEND, READ, OVER } step;
	int fd; /* -1 when it is over */
	int64_t until;
	unsigned int strays;
	size_t sent, got; /* of TCP's two octets of length and the message */
	uint8_t *in;	  /* ... of the answer */
	int udp;	  /* why it went on by TCP */
	int result;	  /* once it is over */
	char why[DNS_WHY];
};

/* What all of them have in common. */
struct question {
	struct dns_asker *a;
	struct signing s;
	size_t len; /* of the answer in a->answer */
};

static void end(struct talk *t, int result)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	free(t->in);
	t->in = NULL;
	t->step = OVER;
	t->result = result;
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

/* RFC 7766. @why: what became of UDP. */
static void by_tcp(struct question *q, struct talk *t, int why)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	t->udp = why;
	if (t->briefly && why != -EAGAIN) {
		end(t, why);
		return;
	}
	if (q->a->query.len > DNS_MESSAGE - 2) {
		end(t, -EMSGSIZE);
		return;
	}
	t->fd = open_to(t->to, SOCK_STREAM);
	t->in = malloc(2 + DNS_MESSAGE);
	if (t->fd < 0 || !t->in) {
		end(t, t->fd < 0 ? t->fd : -ENOMEM);
		return;
	}
	t->step = CONNECT;
	t->until = now_ms() + TCP_MS;
}

static void by_udp(struct question *q, struct talk *t)
{
	const bool again = t->fd >= 0;

	/* What does not fit goes by TCP (RFC 1035 section 4.2.1). */
	if (!again && q->a->query.len > NS_PACKETSZ) {
		by_tcp(q, t, -EAGAIN);
		return;
	}
	if (!again)
		t->fd = open_to(t->to, SOCK_DGRAM);
	if (t->fd < 0 || send(t->fd, q->a->query.data, q->a->query.len, MSG_NOSIGNAL) < 0) {
		by_tcp(q, t, t->fd < 0 ? t->fd : -errno);
		return;
	}
	t->step = again ? SECOND : FIRST;
	t->until = now_ms() + (again ? SECOND_MS : FIRST_MS);
	t->strays = 0;
}

/* Nothing came in time. */
static void late(struct question *q, struct talk *t)
{
	if (t->step == FIRST && !t->briefly)
		by_udp(q, t);
	else if (t->step == FIRST || t->step == SECOND)
		by_tcp(q, t, -ETIMEDOUT);
	else
		end(t, -ETIMEDOUT);
}

static void datagram(struct question *q, struct talk *t)
{
	struct dns_asker *a = q->a;
	ssize_t n = recv(t->fd, a->answer, sizeof(a->answer), 0);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			by_tcp(q, t, -errno);
		return;
	}
	q->len = (size_t)n;
	switch (dns_reply_read(a->answer, q->len, &a->query, &a->reply)) {
	case DNS_CUT:
		by_tcp(q, t, -EAGAIN);
		return;
	case DNS_READ:
		if (proved(a, q->len, &q->s))
			end(t, 0);
		else
			by_tcp(q, t, -EAGAIN);
		return;
	default:
		if (++t->strays >= STRAY)
			late(q, t);
	}
}

/* Length and message at once (RFC 7766 section 8). */
static void send_more(struct question *q, struct talk *t)
{
	const struct dns_message *m = &q->a->query;
	uint8_t length[2] = { (uint8_t)(m->len >> 8), (uint8_t)m->len };
	const size_t head = t->sent < 2 ? 2 - t->sent : 0, done = t->sent > 2 ? t->sent - 2 : 0;
	struct iovec parts[2] = {
		{ length + 2 - head, head },
		{ (void *)(m->data + done), m->len - done },
	};
	const struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t n;

	n = sendmsg(t->fd, &message, MSG_NOSIGNAL);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			end(t, -errno);
		return;
	}
	t->sent += (size_t)n;
	if (t->sent == m->len + 2)
		t->step = READ;
}

static void connected(struct question *q, struct talk *t)
{
	int error = 0;
	socklen_t n = sizeof(error);

	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0)
		error = errno;
	if (error) {
		end(t, -error);
		return;
	}
	t->step = SEND;
	send_more(q, t);
}

static void read_more(struct question *q, struct talk *t)
{
	struct dns_asker *a = q->a;
	size_t want = t->got < 2 ? 2 : 2 + ((size_t)t->in[0] << 8 | t->in[1]);
	ssize_t n = recv(t->fd, t->in + t->got, want - t->got, 0);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			end(t, -errno);
		return;
	}
	if (n == 0) {
		end(t, -EPIPE);
		return;
	}
	t->got += (size_t)n;
	want = t->got < 2 ? 2 : 2 + ((size_t)t->in[0] << 8 | t->in[1]);
	if (t->got < 2 || t->got < want)
		return;
	q->len = want - 2;
	memcpy(a->answer, t->in + 2, q->len);
	if (dns_reply_read(a->answer, q->len, &a->query, &a->reply) != DNS_READ)
		end(t, -EBADMSG);
	else
		end(t, judge(a, q->len, &q->s, t->why));
}

static short waits_for(const struct talk *t)
{
	return t->step == CONNECT || t->step == SEND ? POLLOUT : POLLIN;
}

static void go_on(struct question *q, struct talk *t)
{
	switch (t->step) {
	case CONNECT:
		connected(q, t);
		return;
	case SEND:
		send_more(q, t);
		return;
	case READ:
		read_more(q, t);
		return;
	default:
		datagram(q, t);
	}
}

/* ---- all of them ---- */

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

static void explain(const struct talk *t, char *error)
{
	if (t->result < 0)
		snprintf(error, DNS_ERROR, "%s: %s%s", t->to->text,
			 t->udp == -EAGAIN && !t->why[0] ? "what it says needs TCP, and there "
							 : "",
			 t->why[0] ? t->why : word(t->result));
}

/* Return: how many are under way; @ret_wait: ms until the first of them is late. */
static size_t watch(struct talk *talks, size_t count, struct pollfd *p, size_t *which,
		    int *ret_wait)
{
	int64_t now = now_ms(), soonest = INT64_MAX;
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		const struct talk *t = &talks[i];

		if (t->step == OVER)
			continue;
		p[n] = (struct pollfd){ .fd = t->fd, .events = waits_for(t) };
		which[n++] = i;
		if (t->until < soonest)
			soonest = t->until;
	}
	*ret_wait = soonest <= now ? 0 : (int)(soonest - now);
	return n;
}

/* @over: one came to its end; not 0 = enough. */
static void run(struct question *q, struct talk *talks, size_t count,
		int (*over)(void *ctx, size_t index, const struct talk *t), void *ctx)
{
	struct pollfd p[DNS_AT_ONCE];
	size_t which[DNS_AT_ONCE], n;
	int wait, enough = 0;

	for (size_t i = 0; i < count; i++)
		by_udp(q, &talks[i]);
	for (size_t i = 0; i < count && !enough; i++)
		if (talks[i].step == OVER)
			enough = over(ctx, i, &talks[i]);
	while (!enough && (n = watch(talks, count, p, which, &wait))) {
		if (poll(p, n, wait) < 0 && errno != EINTR)
			break;
		for (size_t i = 0; i < n && !enough; i++) {
			struct talk *t = &talks[which[i]];

			/* What is there counts, however late we look; what trickles does not go on for ever. */
			if (p[i].revents)
				go_on(q, t);
			if (t->step != OVER && now_ms() >= t->until)
				late(q, t);
			if (t->step == OVER)
				enough = over(ctx, which[i], t);
		}
	}
	for (size_t i = 0; i < count; i++)
		if (talks[i].step != OVER)
			end(&talks[i], -ECANCELED);
}

static int only_one(void *ctx, size_t index, const struct talk *t)
{
	(void)ctx;
	(void)index;
	(void)t;
	return 0;
}

int dns_ask(struct dns_asker *a, const struct dns_server *to, const struct dns_key *key,
	    char *error)
{
	struct question q = { .a = a, .s = { .key = key, .at = (int64_t)time(NULL) } };
	struct talk t = { .to = to, .fd = -1 };

	if (key)
		dns_tsig_sign(&a->query, key, q.s.at, &q.s.mac);
	run(&q, &t, 1, only_one, NULL);
	explain(&t, error);
	return t.result;
}

struct all {
	int (*each)(void *ctx, size_t index, int r, const char *error);
	void *ctx;
};

static int one_of_all(void *ctx, size_t index, const struct talk *t)
{
	const struct all *all = ctx;
	char error[DNS_ERROR] = "";

	explain(t, error);
	return all->each(all->ctx, index, t->result, error);
}

void dns_ask_all(struct dns_asker *a, const struct dns_asked *asked, size_t count,
		 int (*each)(void *ctx, size_t index, int r, const char *error), void *ctx)
{
	static struct talk talks[DNS_AT_ONCE];
	struct question q = { .a = a };
	struct all all = { each, ctx };

	if (count > DNS_AT_ONCE)
		count = DNS_AT_ONCE;
	for (size_t i = 0; i < count; i++)
		talks[i] =
			(struct talk){ .to = asked[i].to, .briefly = asked[i].briefly, .fd = -1 };
	run(&q, talks, count, one_of_all, &all);
}
