// SPDX-License-Identifier: LGPL-2.1-or-later
/* Contexts: the parts of a TLS end, checked once, then shared and never changed. */
#include <errno.h>
#include <stdlib.h>
#include "core/name.h"
#include "core/tls.h"
#include "libcapcert/names.h"
#include "libcapcert/tls.h"

#define HANDSHAKE_MS 30000
#define HANDSHAKE_BYTES 262144
#define TICKET_SECONDS 3600
#define TICKET_MAX 86400
#define KNOWN_FLAGS                                                                 \
	(CAPCERT_TLS_STAPLE | CAPCERT_TLS_STAPLE_REQUIRED | CAPCERT_TLS_LEGACY_OK | \
	 CAPCERT_TLS_NO_13 | CAPCERT_TLS_NO_TICKETS | CAPCERT_TLS_INSECURE_GO_ON |  \
	 CAPCERT_TLS_KERNEL)

static int wrong(const char **ret_error, const char *text)
{
	if (ret_error)
		*ret_error = text;
	return -EINVAL;
}

static bool has_local(const struct capcert_tls_parts *p)
{
	return p->policy || p->store || p->distrust || p->logs || p->pins;
}

static bool has_handles(const struct capcert_tls_parts *p)
{
	return p->verifier_fd >= 0 || p->store_fd >= 0 || p->pins_fd >= 0;
}

static int check_trust(const struct capcert_tls_parts *p, const char **ret_error)
{
	bool client = p->role == CAPCERT_TLS_CLIENT;

	if (!client && p->client_auth == CAPCERT_TLS_AUTH_NONE) {
		if (has_local(p) || has_handles(p))
			return wrong(ret_error,
				     "a server that asks for no certificates verifies none");
		return 0;
	}
	if (has_local(p) && has_handles(p))
		return wrong(ret_error, "verify in this process or by handles, not both");
	if (!(p->policy && p->store) && !(p->verifier_fd >= 0 && p->store_fd >= 0))
		return wrong(ret_error,
			     "nothing to verify with: policy and store, or their handles");
	if (!client && (p->pins || p->pins_fd >= 0))
		return wrong(ret_error, "pins are for clients");
	return 0;
}

static int check_identity(const struct capcert_tls_parts *p, const char **ret_error)
{
	if (p->slots && (p->slots_fd >= 0 || p->key_fd >= 0))
		return wrong(ret_error, "slots of this process or of the kernel, not both");
	if (p->key_fd >= 0 && p->slots_fd < 0)
		return wrong(ret_error, "a key without slots");
	if (p->role == CAPCERT_TLS_SERVER) {
		if (!p->slots && p->slots_fd < 0)
			return wrong(ret_error, "a server needs slots");
		if (p->slots_fd >= 0 && !p->patterns && !p->default_slot)
			return wrong(ret_error, "patterns or a default slot say which slots serve");
		return 0;
	}
	if (p->patterns)
		return wrong(ret_error, "patterns are for servers");
	if ((p->slots || p->slots_fd >= 0) != (p->default_slot != NULL))
		return wrong(ret_error, "a client's identity is slots and one slot's name");
	return 0;
}

static int check_role(const struct capcert_tls_parts *p, const char **ret_error)
{
	bool client = p->role == CAPCERT_TLS_CLIENT;

	if (!client && p->role != CAPCERT_TLS_SERVER)
		return wrong(ret_error, "neither server nor client");
	if (p->flags & ~KNOWN_FLAGS)
		return wrong(ret_error, "an unknown flag");
	if (p->client_auth > CAPCERT_TLS_AUTH_REQUIRED || (client && p->client_auth))
		return wrong(ret_error, "client_auth is a server's: none, optional, required");
	if (client && (p->flags & (CAPCERT_TLS_STAPLE | CAPCERT_TLS_STAPLE_REQUIRED)))
		return wrong(ret_error, "a client sends no staple");
	if (!client && (p->flags & CAPCERT_TLS_INSECURE_GO_ON))
		return wrong(ret_error, "only a client may go on with a peer that is refused");
	if (!client && p->host)
		return wrong(ret_error, "only a client calls its peer by a name");
	if (p->ticket_seconds > TICKET_MAX)
		return wrong(ret_error, "tickets last a day at most");
	return 0;
}

static int set_host(capcert_tls_context *c, const char *host, const char **ret_error)
{
	uint8_t name[CAPCERT_MAX_NAME];
	uint32_t type, len;
	int r;

	if (!host)
		return 0;
	r = names_parse(host, &type, name, &len);
	if (r == -ENOMEM)
		return r;
	if (r < 0 || type == CAPCERT_NAME_EMAIL)
		return wrong(ret_error, "the host is neither a host name nor an IP address");
	c->host = strdup(host);
	return c->host ? 0 : -ENOMEM;
}

static int set_alpn(capcert_tls_context *c, const struct capcert_tls_parts *p,
		    const char **ret_error)
{
	struct cc_span rest = cc_span(c->alpn, p->alpn_len), name;
	unsigned int i;

	if (p->alpn_len > sizeof(c->alpn) || (p->alpn_len && !p->alpn))
		return wrong(ret_error, "the list of application protocols is too long");
	if (p->alpn_len)
		memcpy(c->alpn, p->alpn, p->alpn_len);
	while (rest.n) {
		gnutls_datum_t *to = &c->protocols[c->protocol_count];

		if (!cc_tls_vector(&rest, 1, 1, &name))
			return wrong(ret_error, "the list of application protocols is malformed");
		to->data = (unsigned char *)(uintptr_t)name.p;
		to->size = (unsigned int)name.n;
		for (i = 0; i < c->protocol_count; i++)
			if (cc_span_equal(name,
					  cc_span(c->protocols[i].data, c->protocols[i].size)))
				return wrong(ret_error,
					     "an application protocol stands there twice");
		c->protocol_count++;
	}
	return 0;
}

/* The name is compared as a text, and what is after it in @alpn is its NUL. */
static int check_guest(const capcert_tls_context *c, const struct capcert_tls_parts *p,
		       const char **ret_error)
{
	const capcert_tls_context *guest = p->guest;
	const gnutls_datum_t *name = guest->protocols;

	if (p->role != CAPCERT_TLS_SERVER || guest->role != CAPCERT_TLS_SERVER)
		return wrong(ret_error, "a guest is a server's, and for a server");
	if (guest->protocol_count != 1 || guest->guest || guest->judge ||
	    name->size == CAPCERT_TLS_MAX_ALPN || memchr(name->data, 0, name->size))
		return wrong(ret_error, "a guest has one application protocol, verifies nobody "
					"and has no guest");
	for (unsigned int i = 0; i < c->protocol_count; i++)
		if (c->protocols[i].size == name->size &&
		    memcmp(c->protocols[i].data, name->data, name->size) == 0)
			return wrong(ret_error, "the guest's application protocol is the server's "
						"as well");
	return 0;
}

static int set_guest(capcert_tls_context *c, const struct capcert_tls_parts *p,
		     const char **ret_error)
{
	int r = p->guest ? check_guest(c, p, ret_error) : 0;

	if (r == 0 && p->guest)
		c->guest = capcert_tls_context_ref(p->guest);
	return r;
}

static int set_ciphers(capcert_tls_context *c, const char **ret_error)
{
	const char *text = capcert_tls_ciphers(c->cipher_policy, c->min_version, c->flags);
	int r;

	if (c->cipher_policy == CAPCERT_TLS_LEGACY && !(c->flags & CAPCERT_TLS_LEGACY_OK)) {
		wrong(ret_error, "the legacy ciphers are weak: CAPCERT_TLS_LEGACY_OK says that "
				 "they are meant");
		return -EPERM;
	}
	if (!text)
		return wrong(ret_error, "no version of TLS, or no cipher, is left");
	r = gnutls_priority_init2(&c->priority, text, NULL, 0);
	if (r < 0)
		return r == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EOPNOTSUPP;
	return 0;
}

/* ---- what GnuTLS asks for ---- */

static int give_identity(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
			 gnutls_pcert_st **certs, unsigned int *cert_count,
			 gnutls_ocsp_data_st **ocsp, unsigned int *ocsp_count,
			 gnutls_privkey_t *key, unsigned int *flags)
{
	capcert_tls *tls = gnutls_session_get_ptr(session);

	(void)info;
	*certs = NULL;
	*cert_count = 0;
	*ocsp = NULL;
	*ocsp_count = 0;
	*key = NULL;
	*flags = 0; /* all of it is the session's, which outlives GnuTLS's use of it */
	/* A client without an identity says so; a server took its value when the client spoke. */
	if (!tls->value && (!tls->context->source || tls_take_value(tls) < 0))
		return tls->context->source ? -1 : 0;
	*certs = tls->value->certs;
	*cert_count = tls->value->cert_count;
	*key = tls->value->key;
	if (tls->staple.response.size) {
		*ocsp = &tls->staple;
		*ocsp_count = 1;
	}
	return 0;
}

static int set_credentials(capcert_tls_context *c)
{
	if (gnutls_certificate_allocate_credentials(&c->cred) < 0)
		return -ENOMEM;
	gnutls_certificate_set_retrieve_function3(c->cred, give_identity);
	gnutls_certificate_set_verify_function(c->cred, tls_verify_peer);
	/* ffdhe2048 (RFC 7919), also for clients that name no group. */
	if (gnutls_certificate_set_known_dh_params(c->cred, GNUTLS_SEC_PARAM_MEDIUM) < 0)
		return -ENOMEM;
	return 0;
}

/* ---- making one ---- */

static int set_source(capcert_tls_context *c, const struct capcert_tls_parts *p)
{
	if (p->default_slot) {
		c->default_slot = strdup(p->default_slot);
		if (!c->default_slot)
			return -ENOMEM;
	}
	if (p->slots) {
		c->source = tls_source_of(p->slots);
		return 0;
	}
	return p->slots_fd >= 0 ? tls_source_kernel(p, &c->source) : 0;
}

static int set_judge(capcert_tls_context *c, const struct capcert_tls_parts *p)
{
	if (p->policy)
		return tls_judge_local(p, &c->judge);
	return p->verifier_fd >= 0 ? tls_judge_kernel(p, &c->judge) : 0;
}

static void set_numbers(capcert_tls_context *c, const struct capcert_tls_parts *p)
{
	c->role = p->role;
	c->flags = p->flags;
	c->client_auth = p->client_auth;
	c->cipher_policy = p->cipher_policy;
	c->min_version = p->min_version;
	c->handshake_ms = p->handshake_ms ? p->handshake_ms : HANDSHAKE_MS;
	c->idle_ms = p->idle_ms;
	c->handshake_bytes = p->handshake_bytes ? p->handshake_bytes : HANDSHAKE_BYTES;
	c->ticket_seconds = p->ticket_seconds ? p->ticket_seconds : TICKET_SECONDS;
	c->logs = p->logs;
	c->pins = p->pins;
}

static int fill(capcert_tls_context *c, const struct capcert_tls_parts *p, const char **ret_error)
{
	int r;

	set_numbers(c, p);
	r = set_host(c, p->host, ret_error);
	if (r == 0)
		r = set_alpn(c, p, ret_error);
	if (r == 0)
		r = set_guest(c, p, ret_error);
	if (r == 0)
		r = set_ciphers(c, ret_error);
	if (r == 0)
		r = set_credentials(c);
	if (r == 0)
		r = set_source(c, p);
	if (r == 0)
		r = set_judge(c, p);
	return r;
}

int capcert_tls_context_new(const struct capcert_tls_parts *parts, capcert_tls_context **ret,
			    const char **ret_error)
{
	capcert_tls_context *c;
	int r;

	if (parts->size != sizeof(*parts))
		return parts->size > sizeof(*parts) ? -E2BIG : -EINVAL;
	r = check_role(parts, ret_error);
	if (r == 0)
		r = check_identity(parts, ret_error);
	if (r == 0)
		r = check_trust(parts, ret_error);
	if (r < 0)
		return r;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	atomic_init(&c->refs, 1);
	pthread_mutex_init(&c->epoch.lock, NULL);
	pthread_mutex_init(&c->cache.lock, NULL);
	r = fill(c, parts, ret_error);
	if (r < 0)
		capcert_tls_context_free(c);
	else
		*ret = c;
	return r;
}

capcert_tls_context *capcert_tls_context_ref(capcert_tls_context *context)
{
	atomic_fetch_add(&context->refs, 1);
	return context;
}

void capcert_tls_context_free(capcert_tls_context *c)
{
	if (!c || atomic_fetch_sub(&c->refs, 1) != 1)
		return;
	tls_cache_clear(&c->cache);
	capcert_tls_context_free(c->guest);
	if (c->source)
		c->source->free(c->source);
	if (c->judge)
		c->judge->free(c->judge);
	if (c->priority)
		gnutls_priority_deinit(c->priority);
	if (c->cred)
		gnutls_certificate_free_credentials(c->cred);
	pthread_mutex_destroy(&c->epoch.lock);
	pthread_mutex_destroy(&c->cache.lock);
	gnutls_memset(c->epoch.secret, 0, sizeof(c->epoch.secret));
	free(c->default_slot);
	free(c->host);
	free(c);
}
