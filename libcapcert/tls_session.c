// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sessions: a handshake in which each end takes one value of one slot, then records both ways. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include "libcapcert/names.h"
#include "libcapcert/tls.h"

#define RENEGOTIATIONS_MAX 3
#define SCT_EXTENSION 18 /* signed_certificate_timestamp, RFC 6962 section 3.3.1 */

/* ---- making one ---- */

static int set_policy(capcert_tls *tls)
{
	const capcert_tls_context *c = tls->context;
	gnutls_session_t s = tls->session;
	/* A server without any of the client's protocols says so (RFC 7301 section 3.2). */
	unsigned int mandatory = c->role == CAPCERT_TLS_SERVER
					 ? GNUTLS_ALPN_MANDATORY | GNUTLS_ALPN_SERVER_PRECEDENCE
					 : 0;

	if (gnutls_priority_set(s, c->priority) < 0 ||
	    gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, c->cred) < 0)
		return -ENOMEM;
	if (c->protocol_count &&
	    gnutls_alpn_set_protocols(s, c->protocols, c->protocol_count, mandatory) < 0)
		return -ENOMEM;
	gnutls_handshake_set_max_packet_length(s, c->handshake_bytes);
	gnutls_handshake_set_timeout(s, 0);
	return 0;
}

static int make(capcert_tls_context *context, uint32_t role, uint32_t flags, capcert_tls **ret)
{
	bool server = role == CAPCERT_TLS_SERVER;
	unsigned int init =
		(server ? GNUTLS_SERVER : GNUTLS_CLIENT) | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL;
	capcert_tls *tls;

	if (context->role != role || (flags & ~CAPCERT_TLS_NONBLOCK))
		return -EINVAL;
	tls = calloc(1, sizeof(*tls));
	if (!tls)
		return -ENOMEM;
	tls->context = capcert_tls_context_ref(context);
	tls->block = !(flags & CAPCERT_TLS_NONBLOCK);
	tls->fd = -1;
	tls->wants = POLLIN;
	tls->alert = tls->alert_sent = tls->alert_received = -1;
	tls->peer.outcome_fd = -1;
	tls->peer.sent = calloc(1, sizeof(*tls->peer.sent));
	/* One, not two, and late, since a client may be known late; see send_tickets(). */
	if (server)
		init |= GNUTLS_NO_AUTO_SEND_TICKET;
	if (!server && (context->flags & CAPCERT_TLS_NO_TICKETS))
		init |= GNUTLS_NO_TICKETS;
	if (!tls->peer.sent || gnutls_init(&tls->session, init) < 0) {
		capcert_tls_free(tls);
		return -ENOMEM;
	}
	atomic_init(&tls->peer.sent->refs, 1);
	gnutls_session_set_ptr(tls->session, tls);
	if (set_policy(tls) < 0) {
		capcert_tls_free(tls);
		return -ENOMEM;
	}
	*ret = tls;
	return 0;
}

void capcert_tls_free(capcert_tls *tls)
{
	if (!tls)
		return;
	if (tls->phase == TLS_OPEN)
		tls_keep_client(tls);
	if (tls->session)
		gnutls_deinit(tls->session);
	tls_peer_free(&tls->peer);
	tls_saved_free(tls->saved);
	tls_value_put(tls->value);
	tls_records_free(tls->records);
	free(tls->staple_owned);
	capcert_tls_context_free(tls->context);
	free(tls);
}

/* ---- one's own identity ---- */

/* What may be stapled now: never one whose time is over. */
static void current_staple(capcert_tls *tls, gnutls_datum_t *to)
{
	const struct tls_value *value = tls->value;
	size_t len = 0;

	if (value->stapler) {
		if (capcert_stapler_current_response(value->stapler, &tls->staple_owned, &len) < 0)
			return;
		to->data = tls->staple_owned;
		to->size = (unsigned int)len;
	} else if (value->staple && (int64_t)time(NULL) <= value->staple_until) {
		to->data = value->staple;
		to->size = (unsigned int)value->staple_len;
	}
}

int tls_staple(capcert_tls *tls)
{
	const capcert_tls_context *c = tls->context;
	gnutls_datum_t *to = &tls->staple.response;

	/* exptime stays 0: GnuTLS need not look at the clock. */
	if (c->flags & (CAPCERT_TLS_STAPLE | CAPCERT_TLS_STAPLE_REQUIRED))
		current_staple(tls, to);
	if (!to->size && (c->flags & CAPCERT_TLS_STAPLE_REQUIRED))
		return tls_fault(tls, -ENODATA, GNUTLS_A_INTERNAL_ERROR,
				 "there is no staple to send, and one is required");
	return 0;
}

int tls_take_value(capcert_tls *tls)
{
	capcert_tls_context *c = tls->context;
	bool server = c->role == CAPCERT_TLS_SERVER;
	const char *host = server && tls->hello.host[0] ? tls->hello.host : NULL;
	int r = c->source->get(c->source, host, c->default_slot, &tls->value);

	if (r == -ENOENT)
		return tls_fault(tls, r,
				 server ? GNUTLS_A_UNRECOGNIZED_NAME : GNUTLS_A_INTERNAL_ERROR,
				 host ? "no slot serves the name that the client asks for"
				      : "no slot serves here by default");
	if (r < 0)
		return tls_fault(tls, r, GNUTLS_A_INTERNAL_ERROR,
				 "the slot's value is not to be had");
	return tls_staple(tls);
}

static const gnutls_certificate_request_t requests[] = { GNUTLS_CERT_IGNORE, GNUTLS_CERT_REQUEST,
							 GNUTLS_CERT_REQUIRE };

/* A client that wants the guest's protocol alone gets the guest: everything that this session is made of, before
 * GnuTLS has looked at what the client says. */
static int go_to_guest(capcert_tls *tls)
{
	capcert_tls_context *own = tls->context, *guest = own->guest;
	int r;

	if (!guest || strcmp(tls->hello.alpn, (const char *)guest->protocols[0].data) != 0)
		return 0;
	tls->context = capcert_tls_context_ref(guest);
	tls->guest = true;
	r = set_policy(tls);
	gnutls_certificate_server_set_request(tls->session, requests[guest->client_auth]);
	capcert_tls_context_free(own);
	return r;
}

/* The client has spoken, and nothing is done about it yet. With a HelloRetryRequest it speaks twice. */
static int on_hello(gnutls_session_t session, unsigned int type, unsigned int when,
		    unsigned int incoming, const gnutls_datum_t *msg)
{
	capcert_tls *tls = gnutls_session_get_ptr(session);
	enum tls_hello_fault fault;
	struct tls_hello hello;

	(void)type;
	(void)when;
	if (!incoming || tls->phase == TLS_OPEN)
		return 0;
	fault = tls_hello_read(cc_span(msg->data, msg->size), &hello);
	if (fault == TLS_HELLO_MALFORMED)
		return GNUTLS_E_UNEXPECTED_PACKET_LENGTH;
	if (fault == TLS_HELLO_ILLEGAL ||
	    (tls->hello.seen && (strcmp(hello.host, tls->hello.host) != 0 ||
				 strcmp(hello.alpn, tls->hello.alpn) != 0)))
		return GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER;
	if (tls->hello.seen)
		return 0;
	tls->hello = hello;
	memcpy(tls->name, hello.host, sizeof(tls->name));
	if (go_to_guest(tls) < 0)
		return GNUTLS_E_MEMORY_ERROR;
	if (tls_take_value(tls) < 0)
		return GNUTLS_E_CERTIFICATE_ERROR;
	if (!tls->guest)
		tls_tickets_server(tls);
	return 0;
}

/* ---- SCTs, TLS 1.2 alone: a message of TLS 1.3 that carries them is none that GnuTLS takes ---- */

static int scts_come(gnutls_session_t session, const unsigned char *data, size_t len)
{
	capcert_tls *tls = gnutls_session_get_ptr(session);
	struct tls_sent *sent = tls->peer.sent;

	if (tls->context->role == CAPCERT_TLS_SERVER)
		return len ? GNUTLS_E_UNEXPECTED_PACKET_LENGTH : 0;
	if (sent->scts)
		return 0;
	sent->scts = malloc(len ? len : 1);
	if (!sent->scts)
		return GNUTLS_E_MEMORY_ERROR;
	memcpy(sent->scts, data, len);
	sent->scts_len = len;
	return 0;
}

static int scts_go(gnutls_session_t session, gnutls_buffer_t to)
{
	capcert_tls *tls = gnutls_session_get_ptr(session);
	const struct tls_value *value = tls->value;

	if (tls->context->role == CAPCERT_TLS_CLIENT)
		return GNUTLS_E_INT_RET_0; /* empty, but there */
	if (!value || !value->scts || gnutls_protocol_get_version(session) != GNUTLS_TLS1_2)
		return 0;
	if (gnutls_buffer_append_data(to, value->scts, value->scts_len) < 0)
		return GNUTLS_E_MEMORY_ERROR;
	return (int)value->scts_len;
}

static int with_scts(capcert_tls *tls)
{
	return gnutls_session_ext_register(tls->session, "signed_certificate_timestamp",
					   SCT_EXTENSION, GNUTLS_EXT_TLS, scts_come, scts_go, NULL,
					   NULL, NULL,
					   GNUTLS_EXT_FLAG_TLS | GNUTLS_EXT_FLAG_CLIENT_HELLO |
						   GNUTLS_EXT_FLAG_TLS12_SERVER_HELLO);
}

/* ---- the two ends ---- */

static int on_socket(capcert_tls *tls, int fd)
{
	int type = 0;
	socklen_t len = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
		return -errno;
	if (type != SOCK_STREAM)
		return -EINVAL;
	tls->fd = fd;
	tls_io_socket(tls);
	return 0;
}

static int be_server(capcert_tls *tls)
{
	gnutls_handshake_set_hook_function(tls->session, GNUTLS_HANDSHAKE_CLIENT_HELLO,
					   GNUTLS_HOOK_PRE, on_hello);
	gnutls_certificate_server_set_request(tls->session, requests[tls->context->client_auth]);
	return with_scts(tls) < 0 ? -ENOMEM : 0;
}

/* Host names are sent (RFC 6066 section 3), addresses are not. */
static int set_name(capcert_tls *tls, const char *name)
{
	uint8_t host[CAPCERT_MAX_NAME];
	uint32_t type, len;
	int r;

	if (tls->context->host)
		name = tls->context->host;
	if (!name || strlen(name) >= sizeof(tls->name))
		return -EINVAL;
	r = names_parse(name, &type, host, &len);
	if (r < 0)
		return r;
	if (type == CAPCERT_NAME_EMAIL)
		return -EINVAL;
	if (type == CAPCERT_NAME_IP) {
		strcpy(tls->name, name);
		return 0;
	}
	memcpy(tls->name, host, len);
	return gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, host, len) < 0 ? -ENOMEM : 0;
}

static int be_client(capcert_tls *tls, const char *name)
{
	int r = set_name(tls, name);

	if (r == 0 && (tls->context->flags & CAPCERT_TLS_NO_13) && with_scts(tls) < 0)
		r = -ENOMEM;
	return r;
}

int tls_new(capcert_tls_context *context, uint32_t role, const char *name, uint32_t flags,
	    capcert_tls **ret)
{
	capcert_tls *tls;
	int r = make(context, role, flags, &tls);

	if (r < 0)
		return r;
	r = role == CAPCERT_TLS_SERVER ? be_server(tls) : be_client(tls, name);
	if (r < 0) {
		capcert_tls_free(tls);
		return r;
	}
	tls_io_start(tls);
	*ret = tls;
	return 0;
}

static int with_socket(capcert_tls_context *context, uint32_t role, int fd, const char *name,
		       uint32_t flags, capcert_tls **ret)
{
	capcert_tls *tls;
	int r = tls_new(context, role, name, flags, &tls);

	if (r < 0)
		return r;
	r = on_socket(tls, fd);
	if (r < 0)
		capcert_tls_free(tls);
	else
		*ret = tls;
	return r;
}

int capcert_tls_server(capcert_tls_context *context, int fd, uint32_t flags, capcert_tls **ret)
{
	return with_socket(context, CAPCERT_TLS_SERVER, fd, NULL, flags, ret);
}

int capcert_tls_client(capcert_tls_context *context, int fd, const char *name, uint32_t flags,
		       capcert_tls **ret)
{
	return with_socket(context, CAPCERT_TLS_CLIENT, fd, name, flags, ret);
}

/* ---- the handshake ---- */

static void begin(capcert_tls *tls)
{
	tls->deadline = tls_now_ms() + tls->context->handshake_ms;
	tls->phase = TLS_SHAKING;
	if (tls->context->role == CAPCERT_TLS_CLIENT)
		tls_resume_client(tls);
}

/* Is there something to wait for? GnuTLS wants to be called again also after records that are its own
 * affair, such as tickets. */
static bool again(capcert_tls *tls, long r)
{
	if ((r != GNUTLS_E_AGAIN && r != GNUTLS_E_INTERRUPTED) ||
	    !(tls->starved || tls->peer.pending))
		return false;
	if (!tls->peer.pending)
		tls->wants = gnutls_record_get_direction(tls->session) ? POLLOUT : POLLIN;
	return true;
}

/* The session beneath, for a call that may want to wait. */
static gnutls_session_t under(capcert_tls *tls)
{
	tls->starved = false;
	return tls->session;
}

static int finish_handshake(capcert_tls *tls)
{
	int r;

	tls->fault = 0;
	if (tls->context->role == CAPCERT_TLS_CLIENT) {
		if (tls->saved && gnutls_session_is_resumed(tls->session))
			tls_resumed_client(tls);
		else if (!tls->peer.known) /* cannot be: fail closed */
			return tls_fail(tls, GNUTLS_E_NO_CERTIFICATE_FOUND);
		tls->phase = TLS_OPEN;
		return 0;
	}
	r = tls_verify_resumed(tls);
	if (r == -EINPROGRESS)
		return -EAGAIN;
	if (r < 0)
		return tls_fail(tls, GNUTLS_E_CERTIFICATE_ERROR);
	tls->phase = TLS_TICKETS;
	return 0;
}

/* The tickets of a client that is known now; without them it is as well. */
static int send_tickets(capcert_tls *tls)
{
	size_t size = 0, i,
	       n = tls->peer.sent->chain ? capcert_chain_count(tls->peer.sent->chain) : 0;
	size_t len;
	int r = 0;

	for (i = 0; i < n; i++) {
		capcert_cert_der(capcert_chain_at(tls->peer.sent->chain, i), &len);
		size += len;
	}
	/* A ticket holds the chain, and has 64 KiB at most. */
	if (size < 16384 && gnutls_protocol_get_version(tls->session) == GNUTLS_TLS1_3)
		r = gnutls_session_ticket_send(under(tls), 1, 0);
	if (again(tls, r))
		return -EAGAIN;
	if (r < 0 && gnutls_error_is_fatal(r) && r != GNUTLS_E_INVALID_REQUEST)
		return tls_fail(tls, r);
	tls->phase = TLS_OPEN;
	return 0;
}

/* A step of the handshake; a signature in it has what time is left. */
static int shake(capcert_tls *tls)
{
	int64_t left = tls->deadline - tls_now_ms();
	int r;

	key_gnutls_patience(left < 1 ? 1 : left > UINT32_MAX ? UINT32_MAX : (uint32_t)left);
	/* Warnings, and what is not fatal, are no end. */
	do {
		r = gnutls_handshake(under(tls));
	} while (r < 0 && !again(tls, r) && !gnutls_error_is_fatal(r));
	key_gnutls_patience(0);
	return r;
}

int capcert_tls_handshake(capcert_tls *tls)
{
	int r = 0;

	if (tls->phase == TLS_OPEN)
		return 0;
	if (tls->phase == TLS_BROKEN)
		return tls->failed;
	if (tls->phase == TLS_FRESH)
		begin(tls);
	if (tls->phase == TLS_SHAKING) {
		r = shake(tls);
		if (r < 0)
			return again(tls, r) ? -EAGAIN : tls_fail(tls, r);
		r = finish_handshake(tls);
	}
	if (r == 0 && tls->phase == TLS_TICKETS)
		r = send_tickets(tls);
	return r == 0 ? tls_records_start(tls) : r;
}

short capcert_tls_wants(const capcert_tls *tls, int *ret_fd)
{
	if (ret_fd)
		*ret_fd = tls->peer.pending ? capcert_verify_fd(tls->peer.pending) : tls->fd;
	return tls->peer.pending ? POLLIN : tls->wants;
}

/* ---- records ---- */

/* A server that asks for a new handshake is told no, a few times. A client that begins one is past that:
 * its message is one that GnuTLS would have to take. */
static int no_renegotiation(capcert_tls *tls)
{
	if (tls->context->role == CAPCERT_TLS_SERVER ||
	    ++tls->renegotiations > RENEGOTIATIONS_MAX) {
		tls_fault(tls, -EPROTO, GNUTLS_A_HANDSHAKE_FAILURE, "the peer renegotiates");
		return tls_fail(tls, GNUTLS_E_UNSAFE_RENEGOTIATION_DENIED);
	}
	gnutls_alert_send(tls->session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
	tls->alert_sent = GNUTLS_A_NO_RENEGOTIATION;
	return 0;
}

/* What is not fatal, and not for the caller. Return: 0 go on. */
static int bear(capcert_tls *tls, long r)
{
	if (r == GNUTLS_E_REHANDSHAKE)
		return no_renegotiation(tls);
	if (again(tls, r))
		return -EAGAIN;
	if (r == GNUTLS_E_WARNING_ALERT_RECEIVED)
		tls->alert_received = (int)gnutls_alert_get(tls->session);
	return gnutls_error_is_fatal((int)r) ? tls_fail(tls, (int)r) : 0;
}

ssize_t capcert_tls_read(capcert_tls *tls, void *buf, size_t len)
{
	ssize_t n;
	int r = capcert_tls_handshake(tls);

	if (r == 0 && tls->records) {
		n = tls_records_read(tls, buf, len);
		tls_keep_client(tls);
		return n;
	}
	while (r == 0) {
		n = gnutls_record_recv(under(tls), buf, len);
		tls_keep_client(tls);
		if (n >= 0) {
			tls->fault = 0;
			return n;
		}
		r = bear(tls, n);
	}
	return r;
}

size_t capcert_tls_pending(const capcert_tls *tls)
{
	return tls->phase == TLS_OPEN ? gnutls_record_check_pending(tls->session) : 0;
}

ssize_t capcert_tls_write(capcert_tls *tls, const void *buf, size_t len)
{
	ssize_t n;
	int r = capcert_tls_handshake(tls);

	if (r == 0 && tls->closed)
		return -EPIPE;
	if (r == 0 && tls->records)
		return tls_records_write(tls, buf, len);
	while (r == 0) {
		n = gnutls_record_send(under(tls), buf, len);
		if (n >= 0)
			return n;
		r = bear(tls, n);
	}
	return r;
}

int capcert_tls_key_update(capcert_tls *tls)
{
	int r;

	if (tls->phase == TLS_BROKEN)
		return tls->failed;
	if (tls->phase != TLS_OPEN || tls->records ||
	    gnutls_protocol_get_version(tls->session) != GNUTLS_TLS1_3)
		return -EOPNOTSUPP;
	do {
		r = gnutls_session_key_update(under(tls), GNUTLS_KU_PEER);
		if (r >= 0)
			return 0;
		r = bear(tls, r);
	} while (r == 0);
	return r;
}

int capcert_tls_close(capcert_tls *tls)
{
	int r;

	if (tls->phase == TLS_BROKEN)
		return tls->failed;
	if (tls->phase != TLS_OPEN)
		return -ENOTCONN;
	if (tls->closed)
		return 0;
	if (tls->records) {
		r = tls_records_close(tls);
		tls->closed = r == 0;
		return r;
	}
	do {
		r = gnutls_bye(under(tls), GNUTLS_SHUT_WR);
		if (r < 0)
			r = bear(tls, r);
		else
			tls->closed = true;
	} while (r == 0 && !tls->closed);
	return r;
}
