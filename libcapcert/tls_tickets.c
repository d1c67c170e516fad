// SPDX-License-Identifier: LGPL-2.1-or-later
/* Resumption (RFC 8446 section 2.2, RFC 5077) that outlives nothing it stands on.
 *
 * A server's ticket key is derived from a secret of this context, which is replaced every half life of a
 * ticket, the slot and version of its value, and the state of what clients are verified by: when any
 * of them is another, the ticket is noise, and a full handshake follows. The certificate of a client
 * that resumes is verified again besides.
 * A client verifies again what the server had sent, before it offers to go on with a session. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <gnutls/crypto.h>
#include <nettle/hmac.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include "libcapcert/tls.h"

#define SAVED_MAX 128

/* ---- server ---- */

static int secret_of(struct tls_epoch *epoch, uint32_t seconds, uint8_t ret[32])
{
	int64_t now = tls_now_ms() / 1000;
	int r = 0;

	pthread_mutex_lock(&epoch->lock);
	if (now >= epoch->until) {
		if (gnutls_rnd(GNUTLS_RND_KEY, epoch->secret, sizeof(epoch->secret)) < 0)
			r = -EIO;
		else
			epoch->until = now + (seconds + 1) / 2;
	}
	memcpy(ret, epoch->secret, sizeof(epoch->secret));
	pthread_mutex_unlock(&epoch->lock);
	return r;
}

static int ticket_key(capcert_tls *tls, uint8_t ret[TLS_KEY_OCTETS])
{
	capcert_tls_context *c = tls->context;
	uint8_t secret[32], state[32] = { 0 };
	struct hmac_sha512_ctx ctx;
	int r = secret_of(&c->epoch, c->ticket_seconds, secret);

	if (r == 0 && c->judge)
		r = c->judge->state(c->judge, state);
	if (r == 0) {
		hmac_sha512_set_key(&ctx, sizeof(secret), secret);
		hmac_sha512_update(&ctx, sizeof(tls->value->slot), (uint8_t *)tls->value->slot);
		hmac_sha512_update(&ctx, sizeof(tls->value->version),
				   (uint8_t *)&tls->value->version);
		hmac_sha512_update(&ctx, sizeof(state), state);
		hmac_sha512_digest(&ctx, TLS_KEY_OCTETS, ret);
		gnutls_memset(&ctx, 0, sizeof(ctx));
	}
	gnutls_memset(secret, 0, sizeof(secret));
	return r;
}

int tls_tickets_server(capcert_tls *tls)
{
	const capcert_tls_context *c = tls->context;
	uint8_t octets[TLS_KEY_OCTETS];
	gnutls_datum_t key = { octets, sizeof(octets) };
	int r;

	if (c->flags & CAPCERT_TLS_NO_TICKETS)
		return 0;
	/* In TLS 1.2 the ticket is part of the handshake, and a client's chain may be too large for
	 * one; in 1.3 it is sent after the client is known, or not. */
	if (c->judge && !(tls->hello.offers_13 && !(c->flags & CAPCERT_TLS_NO_13)))
		return 0;
	r = ticket_key(tls, octets);
	if (r == 0 && gnutls_session_ticket_enable_server(tls->session, &key) < 0)
		r = -EIO;
	if (r == 0)
		gnutls_db_set_cache_expiration(tls->session, (int)c->ticket_seconds);
	gnutls_memset(octets, 0, sizeof(octets));
	/* Whoever may not see the versions does without tickets. */
	return 0;
}

/* ---- client ---- */

void tls_saved_free(struct tls_saved *saved)
{
	if (!saved)
		return;
	if (saved->data.data)
		gnutls_memset(saved->data.data, 0, saved->data.size);
	gnutls_free(saved->data.data);
	tls_sent_put(saved->sent);
	if (saved->outcome_fd >= 0)
		close(saved->outcome_fd);
	free(saved);
}

void tls_cache_clear(struct tls_cache *cache)
{
	while (cache->first) {
		struct tls_saved *saved = cache->first;

		cache->first = saved->next;
		tls_saved_free(saved);
	}
	cache->count = 0;
}

/* Name and port: another port is another server. */
static void cache_key(const capcert_tls *tls, char ret[TLS_SLOT_NAME + 8])
{
	struct sockaddr_storage peer = { 0 };
	socklen_t len = sizeof(peer);
	unsigned int port = 0;

	if (getpeername(tls->fd, (struct sockaddr *)&peer, &len) == 0) {
		if (peer.ss_family == AF_INET)
			port = ntohs(((struct sockaddr_in *)&peer)->sin_port);
		else if (peer.ss_family == AF_INET6)
			port = ntohs(((struct sockaddr_in6 *)&peer)->sin6_port);
	}
	snprintf(ret, TLS_SLOT_NAME + 8, "%s:%u", tls->name, port);
}

/* Out of the cache: a ticket is used once (RFC 8446 appendix C.4). */
static struct tls_saved *cache_take(struct tls_cache *cache, const char *key)
{
	struct tls_saved **at, *found = NULL;
	int64_t now = tls_now_ms() / 1000;

	pthread_mutex_lock(&cache->lock);
	for (at = &cache->first; *at && !found;) {
		struct tls_saved *saved = *at;

		if (saved->until <= now || strcmp(saved->key, key) == 0) {
			*at = saved->next;
			cache->count--;
			if (saved->until > now)
				found = saved;
			else
				tls_saved_free(saved);
		} else {
			at = &saved->next;
		}
	}
	pthread_mutex_unlock(&cache->lock);
	return found;
}

static void cache_put(struct tls_cache *cache, struct tls_saved *saved)
{
	struct tls_saved **at, *last = NULL;

	pthread_mutex_lock(&cache->lock);
	saved->next = cache->first;
	cache->first = saved;
	if (++cache->count > SAVED_MAX) {
		for (at = &cache->first; (*at)->next;)
			at = &(*at)->next;
		last = *at;
		*at = NULL;
		cache->count--;
	}
	pthread_mutex_unlock(&cache->lock);
	tls_saved_free(last);
}

/* Does all still hold that its server was believed by? */
static bool still_good(capcert_tls *tls, struct tls_saved *saved)
{
	struct tls_judge *judge = tls->context->judge;
	struct capcert_params *p = &saved->params;
	uint8_t state[32];

	if (judge->state(judge, state) < 0 || memcmp(state, saved->state, sizeof(state)) != 0)
		return false;
	memset(p, 0, sizeof(*p));
	p->chain = saved->sent->chain;
	p->evidence = saved->sent->evidence;
	p->purpose = CAPCERT_PURPOSE_TLS_SERVER_AUTH;
	p->name = tls->name;
	/* What would have to be fetched first is for a full handshake to wait for. */
	p->no_fetch = judge->has_handles;
	if (!judge->has_handles) {
		p->logs = tls->context->logs;
		p->pins = tls->context->pins;
	}
	if (judge->now(judge, p, &saved->result, &saved->outcome_fd) < 0)
		return false;
	return saved->result.outcome.valid;
}

void tls_resume_client(capcert_tls *tls)
{
	struct tls_saved *saved;
	char key[TLS_SLOT_NAME + 8];

	if (tls->context->flags & (CAPCERT_TLS_NO_TICKETS | CAPCERT_TLS_INSECURE_GO_ON))
		return;
	cache_key(tls, key);
	saved = cache_take(&tls->context->cache, key);
	if (!saved)
		return;
	if (!still_good(tls, saved) ||
	    gnutls_session_set_data(tls->session, saved->data.data, saved->data.size) < 0) {
		tls_saved_free(saved);
		return;
	}
	tls->saved = saved;
}

void tls_resumed_client(capcert_tls *tls)
{
	struct tls_peer *peer = &tls->peer;
	struct tls_saved *saved = tls->saved;

	tls_sent_put(peer->sent);
	peer->sent = tls_sent_ref(saved->sent);
	peer->params = saved->params;
	peer->result = saved->result;
	peer->outcome_fd = saved->outcome_fd;
	saved->outcome_fd = -1;
	peer->asked = peer->known = true;
}

static int save(capcert_tls *tls, struct tls_saved *saved, bool again)
{
	struct tls_judge *judge = tls->context->judge;

	cache_key(tls, saved->key);
	saved->until =
		again ? tls->saved->until : tls_now_ms() / 1000 + tls->context->ticket_seconds;
	if (judge->state(judge, saved->state) < 0 ||
	    gnutls_session_get_data2(tls->session, &saved->data) < 0)
		return -EIO;
	saved->sent = tls_sent_ref(tls->peer.sent);
	return 0;
}

void tls_keep_client(capcert_tls *tls)
{
	const capcert_tls_context *c = tls->context;
	bool fresh, again;
	struct tls_saved *saved;

	if (tls->kept || c->role != CAPCERT_TLS_CLIENT || !tls->peer.known || tls->peer.refused ||
	    (c->flags & (CAPCERT_TLS_NO_TICKETS | CAPCERT_TLS_INSECURE_GO_ON)))
		return;
	fresh = gnutls_session_get_flags(tls->session) & GNUTLS_SFLAGS_SESSION_TICKET;
	/* A server of TLS 1.2 need not send another: the old one is good until its end. */
	again = !fresh && tls->saved && gnutls_session_is_resumed(tls->session) &&
		gnutls_protocol_get_version(tls->session) == GNUTLS_TLS1_2;
	if (!fresh && !again)
		return;
	tls->kept = true;
	saved = calloc(1, sizeof(*saved));
	if (!saved)
		return;
	saved->outcome_fd = -1;
	if (save(tls, saved, again) < 0)
		tls_saved_free(saved);
	else
		cache_put(&tls->context->cache, saved);
}
