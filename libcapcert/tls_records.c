// SPDX-License-Identifier: LGPL-2.1-or-later
/* Records by the kernel's TLS (Linux, Documentation/networking/tls.rst), once the handshake is over: what is read
 * and written then is plain on this side of the socket. GnuTLS gives its keys and numbers away, and after that
 * does nothing but take a client's tickets.
 *
 * The kernel knows one key for each direction: a peer that wants others (KeyUpdate, a new handshake) is told no, and
 * so much is never written by one key that others would be due (RFC 8446 section 5.5). Where the kernel has
 * no TLS, or not this cipher, records stay GnuTLS's. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include "libcapcert/tls.h"

#ifndef SOL_TLS
#define SOL_TLS 282
#endif

#define ALERT 21 /* ContentType, RFC 8446 section 5.1 */
#define HANDSHAKE 22
#define DATA 23
#define HELLO_REQUEST 0 /* HandshakeType, RFC 5246 section 7.4, RFC 8446 section 4 */
#define NEW_SESSION_TICKET 4
#define KEY_UPDATE 24

#define RECORD 16384
#define CONTROL_MAX 66560	 /* a ticket of 64 KiB, and what goes with it */
#define RECORDS_MAX (1ULL << 24) /* by one key: below 2^24.5 */
#define WARNINGS_MAX 16		 /* without a word between them */
#define RENEGOTIATIONS_MAX 3

/* What is neither data nor complete yet. */
struct tls_records {
	uint64_t written; /* records, at most */
	unsigned int warnings;
	bool peer_closed;
	uint8_t type; /* of @control */
	size_t len;
	uint8_t control[CONTROL_MAX];
};

/* ---- handing over ---- */

union crypto {
	struct tls_crypto_info info;
	struct tls12_crypto_info_aes_gcm_128 aes128;
	struct tls12_crypto_info_aes_gcm_256 aes256;
	struct tls12_crypto_info_chacha20_poly1305 chacha;
};

/* The nonce: in TLS 1.2 its second part is sent with each record, and counts; in 1.3 all of it is fixed. */
#define FILL_GCM(to, number)                                                                  \
	do {                                                                                  \
		(to)->info.cipher_type = number;                                              \
		if (key.size != sizeof((to)->key) ||                                          \
		    iv.size < sizeof((to)->salt) + (v13 ? sizeof((to)->iv) : 0))              \
			return 0;                                                             \
		memcpy((to)->key, key.data, sizeof((to)->key));                               \
		memcpy((to)->salt, iv.data, sizeof((to)->salt));                              \
		memcpy((to)->iv, v13 ? iv.data + sizeof((to)->salt) : seq, sizeof((to)->iv)); \
		memcpy((to)->rec_seq, seq, sizeof((to)->rec_seq));                            \
		return sizeof(*(to));                                                         \
	} while (0)

/* Return: octets of @c, 0: the kernel has no such cipher. */
static size_t crypto_of(gnutls_session_t session, unsigned int read, union crypto *c)
{
	bool v13 = gnutls_protocol_get_version(session) == GNUTLS_TLS1_3;
	gnutls_datum_t iv, key;
	unsigned char seq[8];

	if (gnutls_record_get_state(session, read, NULL, &iv, &key, seq) < 0)
		return 0;
	memset(c, 0, sizeof(*c));
	c->info.version = v13 ? TLS_1_3_VERSION : TLS_1_2_VERSION;
	switch (gnutls_cipher_get(session)) {
	case GNUTLS_CIPHER_AES_128_GCM:
		FILL_GCM(&c->aes128, TLS_CIPHER_AES_GCM_128);
	case GNUTLS_CIPHER_AES_256_GCM:
		FILL_GCM(&c->aes256, TLS_CIPHER_AES_GCM_256);
	case GNUTLS_CIPHER_CHACHA20_POLY1305:
		c->info.cipher_type = TLS_CIPHER_CHACHA20_POLY1305;
		if (key.size != sizeof(c->chacha.key) || iv.size != sizeof(c->chacha.iv))
			return 0;
		memcpy(c->chacha.key, key.data, key.size);
		memcpy(c->chacha.iv, iv.data, iv.size);
		memcpy(c->chacha.rec_seq, seq, sizeof(seq));
		return sizeof(c->chacha);
	default:
		return 0;
	}
}

static int give(capcert_tls *tls, unsigned int read)
{
	union crypto c;
	size_t n = crypto_of(tls->session, read, &c);
	int r = -EOPNOTSUPP;

	if (n)
		r = setsockopt(tls->fd, SOL_TLS, read ? TLS_RX : TLS_TX, &c, (socklen_t)n) < 0
			    ? -errno
			    : 0;
	gnutls_memset(&c, 0, sizeof(c));
	return r;
}

/* Nobody asks for what GnuTLS would say to a ticket: that is nothing. */
static int say_nothing(gnutls_session_t session, gnutls_record_encryption_level_t level,
		       gnutls_handshake_description_t type, const void *data, size_t len)
{
	(void)session;
	(void)level;
	(void)type;
	(void)data;
	(void)len;
	return 0;
}

int tls_records_start(capcert_tls *tls)
{
	struct tls_records *records;
	union crypto c;
	bool fits;

	if (!(tls->context->flags & CAPCERT_TLS_KERNEL) || tls->fd < 0 ||
	    gnutls_record_check_pending(tls->session))
		return 0;
	fits = crypto_of(tls->session, 1, &c);
	gnutls_memset(&c, 0, sizeof(c));
	if (!fits)
		return 0;
	records = calloc(1, sizeof(*records));
	if (!records)
		return 0;
	if (setsockopt(tls->fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")) < 0 ||
	    give(tls, 1) < 0) {
		free(records);
		return 0;
	}
	tls->records = records;
	/* What comes is the kernel's from here on: there is no way back. */
	if (give(tls, 0) < 0) {
		tls_fault(tls, -EIO, -1, "the kernel's TLS took one key and not the other");
		return tls_fail(tls, GNUTLS_E_INTERNAL_ERROR);
	}
	gnutls_handshake_set_read_function(tls->session, say_nothing);
	return 0;
}

void tls_records_free(struct tls_records *records)
{
	if (records)
		gnutls_memset(records, 0, sizeof(*records));
	free(records);
}

/* ---- writing ---- */

static int broken(capcert_tls *tls, int error, int alert, const char *text)
{
	tls->fault = 0;
	tls_fault(tls, error, alert, text);
	return tls_fail(tls, GNUTLS_E_INTERNAL_ERROR);
}

static int socket_error(capcert_tls *tls, int error)
{
	switch (error) {
	case ECONNRESET:
	case EPIPE:
		return broken(tls, -ECONNRESET, -1, "the peer has closed the connection");
	case EBADMSG:
		return broken(tls, -EBADMSG, GNUTLS_A_BAD_RECORD_MAC,
			      "a record of the peer was altered");
	case EMSGSIZE:
		return broken(tls, -EPROTO, GNUTLS_A_RECORD_OVERFLOW,
			      "the peer sent a record that is too large");
	case EINVAL:
		return broken(tls, -EPROTO, GNUTLS_A_DECODE_ERROR,
			      "the peer sent a record that cannot be");
	default:
		return broken(tls, -error, -1, "the socket has failed");
	}
}

/* Return: 0 try again; -EAGAIN; -errno. */
static int would_block(capcert_tls *tls, short events, int64_t since)
{
	tls->starved = false;
	if (tls_io_wait(tls, events, since) == 0)
		return 0;
	return tls->starved ? -EAGAIN : tls_fail(tls, GNUTLS_E_INTERNAL_ERROR);
}

ssize_t tls_records_write(capcert_tls *tls, const void *buf, size_t len)
{
	int64_t since = tls_now_ms();
	ssize_t n;
	int r;

	if (tls->records->written >= RECORDS_MAX)
		return broken(tls, -EKEYEXPIRED, GNUTLS_A_INTERNAL_ERROR,
			      "as much was written by one key as may be");
	if (len > RECORD * 64)
		len = RECORD * 64;
	for (;;) {
		n = send(tls->fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n >= 0) {
			tls->records->written += 1 + (uint64_t)n / RECORD;
			return n;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return socket_error(tls, errno);
		r = would_block(tls, POLLOUT, since);
		if (r < 0)
			return r;
	}
}

/* One alert, without waiting. Return: 0 or -errno. */
static int send_alert(capcert_tls *tls, int level, int alert)
{
	uint8_t octets[2] = { (uint8_t)level, (uint8_t)alert };
	struct iovec iov = { octets, sizeof(octets) };
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(1)];
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.buf,
			      .msg_controllen = sizeof(control.buf) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_TLS;
	c->cmsg_type = TLS_SET_RECORD_TYPE;
	c->cmsg_len = CMSG_LEN(1);
	*CMSG_DATA(c) = ALERT;
	return sendmsg(tls->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int tls_records_alert(capcert_tls *tls, int level, int alert)
{
	int error = 0;
	socklen_t len = sizeof(error);

	/* The error of a record that was read is the socket's, and nothing goes out before it is told. */
	getsockopt(tls->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return send_alert(tls, level, alert);
}

int tls_records_close(capcert_tls *tls)
{
	int64_t since = tls_now_ms();
	int r;

	while ((r = send_alert(tls, GNUTLS_AL_WARNING, GNUTLS_A_CLOSE_NOTIFY)) < 0) {
		if (r == -EINTR)
			continue;
		if (r != -EAGAIN)
			return socket_error(tls, -r);
		r = would_block(tls, POLLOUT, since);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- what is not data ---- */

static int on_alert(capcert_tls *tls, uint8_t level, uint8_t alert)
{
	bool v13 = gnutls_protocol_get_version(tls->session) == GNUTLS_TLS1_3;

	if (alert == GNUTLS_A_CLOSE_NOTIFY) {
		tls->records->peer_closed = true;
		return 0;
	}
	/* RFC 8446 section 6.2: all but these end it, whatever the level says. */
	if (level == GNUTLS_AL_FATAL || (v13 && alert != GNUTLS_A_USER_CANCELED))
		return tls_fail_by_alert(tls, alert);
	tls->alert_received = alert;
	if (++tls->records->warnings > WARNINGS_MAX)
		return broken(tls, -EPROTO, GNUTLS_A_UNEXPECTED_MESSAGE,
			      "the peer warns without end");
	return 0;
}

/* A server's request: no, a few times. */
static int on_hello_request(capcert_tls *tls)
{
	if (++tls->renegotiations > RENEGOTIATIONS_MAX)
		return broken(tls, -EPROTO, GNUTLS_A_HANDSHAKE_FAILURE, "the peer renegotiates");
	tls->alert_sent = GNUTLS_A_NO_RENEGOTIATION;
	send_alert(tls, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
	return 0;
}

static int on_handshake(capcert_tls *tls, const uint8_t *message, size_t len)
{
	bool v13 = gnutls_protocol_get_version(tls->session) == GNUTLS_TLS1_3;
	bool client = tls->context->role == CAPCERT_TLS_CLIENT;

	if (v13 && client && message[0] == NEW_SESSION_TICKET) {
		/* One that GnuTLS does not like is as if it had not come. */
		gnutls_handshake_write(tls->session, GNUTLS_ENCRYPTION_LEVEL_APPLICATION, message,
				       len);
		return 0;
	}
	if (v13 && message[0] == KEY_UPDATE)
		return broken(tls, -EOPNOTSUPP, GNUTLS_A_INTERNAL_ERROR,
			      "the peer changes its keys, which the kernel's TLS does not take");
	if (!v13 && client && message[0] == HELLO_REQUEST)
		return on_hello_request(tls);
	return broken(tls, -EPROTO, v13 ? GNUTLS_A_UNEXPECTED_MESSAGE : GNUTLS_A_HANDSHAKE_FAILURE,
		      v13 ? "the peer sent a message that has no place here"
			  : "the peer renegotiates");
}

/* Octets of the message that @r begins with; 0: more must come. */
static size_t message_length(const struct tls_records *r)
{
	size_t n = 2;

	if (r->type == HANDSHAKE) {
		if (r->len < 4)
			return 0;
		n = 4 + ((size_t)r->control[1] << 16 | (size_t)r->control[2] << 8 | r->control[3]);
	}
	return n <= r->len ? n : 0;
}

/* @n more octets stand behind those that were there. */
static int take_control(capcert_tls *tls, uint8_t type, size_t n)
{
	struct tls_records *r = tls->records;
	int error = 0;
	size_t len;

	if ((type != ALERT && type != HANDSHAKE) || (r->len && r->type != type))
		return broken(tls, -EPROTO, GNUTLS_A_UNEXPECTED_MESSAGE,
			      "the peer sent a record that has no place here");
	r->type = type;
	r->len += n;
	while (!error && (len = message_length(r))) {
		error = type == ALERT ? on_alert(tls, r->control[0], r->control[1])
				      : on_handshake(tls, r->control, len);
		r->len -= len;
		memmove(r->control, r->control + len, r->len);
	}
	if (!error && r->len == sizeof(r->control))
		return broken(tls, -EMSGSIZE, GNUTLS_A_DECODE_ERROR,
			      "the peer sent a message that is too long");
	return error;
}

/* ---- reading ---- */

/* What kind of record the octets are of. */
static uint8_t record_type(struct msghdr *msg)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);

	if (c && c->cmsg_level == SOL_TLS && c->cmsg_type == TLS_GET_RECORD_TYPE)
		return *CMSG_DATA(c);
	return DATA;
}

/* One turn. Return: octets of @buf; 0 none of them: again, or the peer has closed its side; -errno. */
static ssize_t receive(capcert_tls *tls, void *buf, size_t len, int64_t since)
{
	struct tls_records *r = tls->records;
	struct iovec iov = { buf, len };
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(1)];
	} control;
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.buf,
			      .msg_controllen = sizeof(control.buf) };
	ssize_t n = recvmsg(tls->fd, &msg, MSG_DONTWAIT);
	uint8_t type;

	if (n < 0 && errno == EAGAIN)
		return would_block(tls, POLLIN, since);
	if (n < 0)
		return errno == EINTR ? 0 : socket_error(tls, errno);
	type = record_type(&msg);
	if (type != DATA) {
		if ((size_t)n > sizeof(r->control) - r->len)
			return broken(tls, -EMSGSIZE, GNUTLS_A_DECODE_ERROR,
				      "the peer sent a message that is too long");
		memcpy(r->control + r->len, buf, (size_t)n);
		return take_control(tls, type, (size_t)n);
	}
	if (!n)
		return broken(tls, -ECONNRESET, -1, "the peer went away without close_notify");
	if (r->len)
		return broken(tls, -EPROTO, GNUTLS_A_UNEXPECTED_MESSAGE,
			      "the peer sent data in the middle of a message");
	r->warnings = 0;
	return n;
}

ssize_t tls_records_read(capcert_tls *tls, void *buf, size_t len)
{
	int64_t since = tls_now_ms();
	ssize_t n = 0;

	if (!len)
		return -EINVAL;
	while (!n && !tls->records->peer_closed)
		n = receive(tls, buf, len, since);
	return n;
}
