// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a session says about itself and its peer. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include "libcapcert/tls.h"

static void text(char *to, size_t cap, const char *from)
{
	snprintf(to, cap, "%s", from ? from : "");
}

static void agreed(const capcert_tls *tls, struct capcert_tls_session *s)
{
	gnutls_session_t g = tls->session;
	gnutls_sign_algorithm_t sign = (gnutls_sign_algorithm_t)gnutls_sign_algorithm_get(g);
	gnutls_datum_t alpn;

	s->version = gnutls_protocol_get_version(g) == GNUTLS_TLS1_3 ? 0x0304 : 0x0303;
	text(s->cipher, sizeof(s->cipher), gnutls_ciphersuite_get(g));
	text(s->group, sizeof(s->group), gnutls_group_get_name(gnutls_group_get(g)));
	text(s->signature, sizeof(s->signature), sign ? gnutls_sign_get_name(sign) : NULL);
	if (gnutls_alpn_get_selected_protocol(g, &alpn) >= 0)
		snprintf(s->alpn, sizeof(s->alpn), "%.*s", (int)alpn.size, (char *)alpn.data);
	s->kernel = tls->records ? 1 : 0;
	s->resumed = gnutls_session_is_resumed(g) ? 1 : 0;
	if (tls->context->role == CAPCERT_TLS_CLIENT) {
		s->stapled = tls->peer.sent->staple ? 1 : 0;
		s->client_auth = tls->value && gnutls_certificate_client_get_request_status(g);
	} else {
		s->stapled = !s->resumed && tls->staple.response.size &&
			     (gnutls_session_get_flags(g) & GNUTLS_SFLAGS_CLI_REQUESTED_OCSP);
		s->client_auth = tls->peer.known && !tls->peer.refused;
	}
}

int capcert_tls_info(const capcert_tls *tls, struct capcert_tls_session *ret)
{
	struct capcert_tls_session s = { .size = ret->size };

	if (ret->size < sizeof(s.size) || ret->size > sizeof(s))
		return -EINVAL;
	if (tls->phase == TLS_OPEN)
		agreed(tls, &s);
	text(s.server_name, sizeof(s.server_name), tls->name);
	s.alert_sent = tls->alert_sent;
	s.alert_received = tls->alert_received;
	s.guest = tls->guest;
	if (tls->value) {
		text(s.slot, sizeof(s.slot), tls->value->slot);
		s.slot_version = tls->value->version;
	}
	memcpy(ret, &s, ret->size);
	return 0;
}

int capcert_tls_outcome(const capcert_tls *tls, struct capcert_result *ret, int *ret_outcome_fd)
{
	int fd;

	if (!tls->peer.known)
		return -ENODATA;
	if (ret_outcome_fd) {
		if (tls->peer.outcome_fd < 0)
			return -EOPNOTSUPP;
		fd = fcntl(tls->peer.outcome_fd, F_DUPFD_CLOEXEC, 3);
		if (fd < 0)
			return -errno;
		*ret_outcome_fd = fd;
	}
	if (ret)
		*ret = tls->peer.result;
	return 0;
}

int capcert_tls_params(const capcert_tls *tls, struct capcert_params *ret)
{
	if (!tls->peer.asked || !tls->peer.known)
		return -ENODATA;
	*ret = tls->peer.params;
	return 0;
}

const capcert_chain *capcert_tls_peer_chain(const capcert_tls *tls)
{
	const capcert_chain *chain = tls->peer.sent->chain;

	return chain && capcert_chain_count(chain) ? chain : NULL;
}

const uint8_t *capcert_tls_peer_staple(const capcert_tls *tls, size_t *ret_len)
{
	*ret_len = tls->peer.sent->staple_len;
	return tls->peer.sent->staple;
}

const uint8_t *capcert_tls_peer_scts(const capcert_tls *tls, size_t *ret_len)
{
	*ret_len = tls->peer.sent->scts_len;
	return tls->peer.sent->scts;
}

gnutls_session_t capcert_tls_gnutls(const capcert_tls *tls)
{
	return tls->session;
}
