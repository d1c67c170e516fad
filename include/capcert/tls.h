/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TLS 1.2 and 1.3 (RFC 5246, RFC 8446) over a connected socket: who one is, whom one believes and
 * what is spoken come from a context, which any number of sessions and threads share.
 *
 * The protocol is GnuTLS's; who the peer is, is decided by capcert's own verification, in this process
 * or through handles of the kernel. A server's chain, staple and key come from slots: each handshake
 * takes one value of one slot, the one that is there when it begins, and nothing of another. */
#ifndef CAPCERT_TLS_H
#define CAPCERT_TLS_H

#include <sys/types.h>
#include <capcert/stapler.h>
#include <capcert/verify.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- slots of this process ---- */

/* Named values of chain, staple, SCTs and key that change as one, like the kernel's slot stores, for
 * programs that keep their key themselves. Counted by reference; for any number of threads. */
typedef struct capcert_tls_slots capcert_tls_slots;

/** What a slot is given; zero-initialise but for @key_fd. */
struct capcert_tls_value {
	const capcert_chain *chain; /* leaf first; at most 16 certificates */
	int key_fd;		    /* key handle with SIGN, PUBLIC and INFO; copied. -1: see
				     * capcert_tls_slots_put_gnutls() */
	const uint8_t *staple;	    /* DER OCSPResponse about the leaf; NULL = none */
	size_t staple_len;
	const uint8_t *scts;	    /* SignedCertificateTimestampList (RFC 6962 section 3.3), sent in
				     * TLS 1.2 to who asks; NULL = none */
	size_t scts_len;
	capcert_stapler *stapler;   /* NULL, or asked for the staple in each handshake, in place of
				     * @staple. Outlives the slots */
};

/** capcert_tls_slots_new() - no slot yet. Return: 0; -ENOMEM. */
CAPCERT_API int capcert_tls_slots_new(capcert_tls_slots **ret);
CAPCERT_API void capcert_tls_slots_free(capcert_tls_slots *slots); /* one reference; NULL is fine */

/**
 * capcert_tls_slots_put() - the slot has this value from the return on: handshakes that begin then
 * use it. Nothing changes on failure.
 * @name: a host name, or "*." and one; it serves that name, and "*." one label more. Case does not
 *	count.
 * @purpose: CAPCERT_KEY_TLS_SERVER or _CLIENT: what the key is for.
 * @ret_version: NULL, or gets the slot's version: higher with each put.
 * Return: 0; -EINVAL no such name, no chain, no key; -EBADMSG a certificate, the staple or the SCTs
 * cannot be read; -EKEYREJECTED the key is not the leaf's, or the staple is about another
 * certificate; -EACCES not the key's purpose; -EMSGSIZE too many slots (1024) or certificates; -ENOMEM.
 */
CAPCERT_API int capcert_tls_slots_put(capcert_tls_slots *slots, const char *name, uint32_t purpose,
				      const struct capcert_tls_value *value, uint64_t *ret_version);

/** capcert_tls_slots_delete() - handshakes under way go on with what they have. 0; -ENOENT. */
CAPCERT_API int capcert_tls_slots_delete(capcert_tls_slots *slots, const char *name);

/* ---- contexts ---- */

typedef struct capcert_tls_context capcert_tls_context;

/* Flags beside CAPCERT_TLS_STAPLE, _STAPLE_REQUIRED and _LEGACY_OK. */
#define CAPCERT_TLS_NO_13		(1u << 16) /* TLS 1.2 alone; with it a client asks for SCTs */
#define CAPCERT_TLS_NO_TICKETS		(1u << 17) /* resume nothing */
#define CAPCERT_TLS_INSECURE_GO_ON	(1u << 18) /* client: go on with a server that is refused: the
						    * outcome says so. For looking at it only */
#define CAPCERT_TLS_KERNEL		(1u << 19) /* once it is established, records are the kernel's
						    * TLS's, where it has that and the cipher; what is
						    * had for it stands in docs/tls.md */

/**
 * What a TLS end is made of; begin with CAPCERT_TLS_PARTS_INIT. Handles are copied; what is pointed
 * to, but for text, outlives the context and does not change. A client needs something to verify
 * with: @policy and @store, or the two handles; so does a server whose @client_auth is not NONE; for
 * any other they are refused.
 */
struct capcert_tls_parts {
	uint32_t size;
	uint32_t role;		/* CAPCERT_TLS_SERVER, CAPCERT_TLS_CLIENT */
	uint32_t flags;		/* CAPCERT_TLS_STAPLE: a server sends the staples that are there */
	uint32_t client_auth;	/* server: CAPCERT_TLS_AUTH_NONE, _OPTIONAL: who sends a certificate
				 * must send a good one, _REQUIRED */
	uint32_t min_version;	/* CAPCERT_TLS_12, CAPCERT_TLS_13 */
	uint32_t cipher_policy; /* CAPCERT_TLS_MODERN: TLS 1.3 alone, _INTERMEDIATE, _LEGACY; see
				 * docs/tls.md */
	/* Who this end is: one of these; a client may do without. */
	capcert_tls_slots *slots; /* takes a reference; NULL = none */
	int slots_fd;		  /* slot store handle with GET and SIGN; -1 = none */
	int key_fd;		  /* the key where the slots of @slots_fd have none; -1 = none */
	const char *patterns;	  /* server, @slots_fd: which slots serve; NULL = the default slot */
	const char *default_slot; /* server: for names that no slot serves, and clients that name
				   * none; NULL = these are refused. Client: its own. */
	/* Whom it believes: in this process, */
	const capcert_policy *policy;
	const capcert_store *store;
	const capcert_distrust_list *distrust;
	const capcert_loglist *logs;
	const capcert_pins *pins; /* client */
	/* or by handles; -1 = none. */
	int verifier_fd;
	int store_fd;
	int pins_fd;		/* client */
	const uint8_t *alpn;	/* ProtocolNames (RFC 7301 section 3.1), each an octet of length and the
				 * name, best first; NULL = none */
	size_t alpn_len;
	const char *host;	/* client: the name to send and to verify, whatever was dialled */
	/* Limits; 0 = what stands in brackets. */
	uint32_t handshake_ms;	/* from the first call to the end of the handshake [30000] */
	uint32_t idle_ms;	/* that a blocking read or write waits for the peer [for ever] */
	uint32_t handshake_bytes; /* that a peer may send until it is established [262144] */
	uint32_t ticket_seconds;  /* that a session may be resumed, 1..86400 [3600] */
	/* server: NULL, or another server's context, with one application protocol, no client_auth and
	 * no guest. Who offers just that protocol is served by it instead, with its slots, versions
	 * and ciphers, and resumes nothing; nobody else sees it. So acme-tls/1 (RFC 8737) shares a
	 * port. Takes a reference. */
	capcert_tls_context *guest;
};
#define CAPCERT_TLS_PARTS_INIT                                                          \
	{ .size = sizeof(struct capcert_tls_parts), .slots_fd = -1, .key_fd = -1,       \
	  .verifier_fd = -1, .store_fd = -1, .pins_fd = -1, .cipher_policy = 1 }

/**
 * capcert_tls_context_new() - a context of these parts, with one reference.
 * @ret_error: NULL, or gets a static line on -EINVAL, -EPERM.
 * Return: 0; -EINVAL a part that the role does not have, or needs and has not, or a name or list that
 * is none; -EPERM CAPCERT_TLS_LEGACY without CAPCERT_TLS_LEGACY_OK; -E2BIG parts of a later version;
 * -EBADF; -ENOMEM.
 */
CAPCERT_API int capcert_tls_context_new(const struct capcert_tls_parts *parts,
					capcert_tls_context **ret, const char **ret_error);
/**
 * capcert_tls_context_from_handle() - a context of a config of the kernel (captls; rights INFO and USE),
 * whose parts this process need not hold.
 * @limits: NULL, or only the limits, the guest, CAPCERT_TLS_NO_TICKETS and CAPCERT_TLS_KERNEL of it
 * count.
 * Return: as capcert_tls_context_new() and capcert_tls_config_use().
 */
CAPCERT_API int capcert_tls_context_from_handle(int config_fd,
						const struct capcert_tls_parts *limits,
						capcert_tls_context **ret, const char **ret_error);
CAPCERT_API capcert_tls_context *capcert_tls_context_ref(capcert_tls_context *context);
CAPCERT_API void capcert_tls_context_free(capcert_tls_context *context); /* NULL is fine */

/** capcert_tls_ciphers() - what a cipher policy speaks, as a priority string of GnuTLS; NULL for a
 *  number that is none. @min_version: CAPCERT_TLS_12, _13. @flags: CAPCERT_TLS_NO_13 or 0. */
CAPCERT_API const char *capcert_tls_ciphers(uint32_t policy, uint32_t min_version, uint32_t flags);

/* ---- sessions ---- */

/* One end of one connection; for one thread at a time. */
typedef struct capcert_tls capcert_tls;

#define CAPCERT_TLS_NONBLOCK (1u << 0) /* never wait: -EAGAIN, and capcert_tls_wants() says for what */

/**
 * capcert_tls_server() / capcert_tls_client() - a session on a connected stream socket; nothing is
 * sent yet: capcert_tls_handshake(), or the first read or write, does.
 * @context: takes a reference. @fd: stays the caller's, and open as long as the session; whether it
 * is O_NONBLOCK does not matter.
 * @name: host name (U-labels allowed) or IP literal that the server must have a certificate for;
 *	NULL only when the context names a host.
 * @flags: CAPCERT_TLS_NONBLOCK or 0.
 * Return: 0; -EINVAL the context is for the other role, or the name is none; -ENOTSOCK; -ENOMEM.
 */
CAPCERT_API int capcert_tls_server(capcert_tls_context *context, int fd, uint32_t flags,
				   capcert_tls **ret);
CAPCERT_API int capcert_tls_client(capcert_tls_context *context, int fd, const char *name,
				   uint32_t flags, capcert_tls **ret);
/** capcert_tls_free() - without a word to the peer: capcert_tls_close() says goodbye. NULL is fine. */
CAPCERT_API void capcert_tls_free(capcert_tls *tls);

/**
 * capcert_tls_handshake() - until the peer is known and keys are agreed.
 * Return: 0, also when it is over already; -EAGAIN with CAPCERT_TLS_NONBLOCK; else it has failed, once
 * and for all, and the peer was told by an alert, as far as it still listens:
 * -EKEYREJECTED the peer's certificate is refused: capcert_tls_outcome() says why
 * -ENOKEY a client certificate is required, and none was sent
 * -ENOENT no slot serves the name asked for, or it has no value
 * -EPROTONOSUPPORT no version, cipher or application protocol in common
 * -ECONNABORTED the peer ended it by an alert
 * -ECONNRESET the peer went without one
 * -ETIMEDOUT, -EMSGSIZE beyond the context's limits
 * -EPROTO, -EBADMSG it does not speak TLS, or wrongly
 * -EKEYREVOKED, -EIO ... one's own key or staple is not to be had.
 */
CAPCERT_API int capcert_tls_handshake(capcert_tls *tls);

/** capcert_tls_wants() - after -EAGAIN: what to poll for. @ret_fd: NULL, or gets the fd, which is the
 *  socket, or that of a verification under way. Return: POLLIN or POLLOUT. */
CAPCERT_API short capcert_tls_wants(const capcert_tls *tls, int *ret_fd);

/**
 * capcert_tls_read() - up to @len octets of what the peer sent. Return: octets; 0 the peer has closed
 * its side properly (close_notify); -EAGAIN; -ECONNRESET it went without that: what was read may
 * not be all it had to say; or as capcert_tls_handshake().
 */
CAPCERT_API ssize_t capcert_tls_read(capcert_tls *tls, void *buf, size_t len);
/** capcert_tls_pending() - octets that a read gives without asking the socket. */
CAPCERT_API size_t capcert_tls_pending(const capcert_tls *tls);
/**
 * capcert_tls_write() - Return: octets taken, at least one of @len; after -EAGAIN call it again with the
 * same octets. -EPIPE after capcert_tls_close(); or as capcert_tls_read().
 */
CAPCERT_API ssize_t capcert_tls_write(capcert_tls *tls, const void *buf, size_t len);
/** capcert_tls_key_update() - TLS 1.3: new record keys in both directions (RFC 8446 section 4.6.3).
 *  Return: 0; -EAGAIN; -EOPNOTSUPP in TLS 1.2, before the handshake is over, or when the records are
 *  the kernel's. */
CAPCERT_API int capcert_tls_key_update(capcert_tls *tls);
/** capcert_tls_close() - say that there is nothing more to come (close_notify); reading goes on.
 *  Return: 0, also the second time; -EAGAIN; -ENOTCONN no handshake was finished. */
CAPCERT_API int capcert_tls_close(capcert_tls *tls);

/* What was agreed. Texts are NUL-terminated, empty = not there. */
struct capcert_tls_session {
	uint32_t size;		/* sizeof(struct capcert_tls_session), set by the caller */
	uint32_t version;	/* 0x0303, 0x0304; 0 = not agreed */
	char cipher[64];	/* "TLS_AES_128_GCM_SHA256" */
	char group[32];		/* "SECP256R1" */
	char signature[32];	/* by the server in this handshake */
	char alpn[256];
	char server_name[256];	/* that the client asked for; A-labels */
	uint32_t resumed;	/* 1: keys of an earlier session */
	uint32_t stapled;	/* 1: a staple was sent (server) or came (client) */
	uint32_t client_auth;	/* 1: the client has identified itself */
	int32_t alert_sent;	/* the last, fatal or not (RFC 8446 section 6); -1 = none */
	int32_t alert_received;
	char slot[256];		/* whose value this end used */
	uint64_t slot_version;
	uint32_t kernel;	/* 1: the kernel does the records */
	uint32_t guest;		/* 1: served by the context's guest */
};

/** capcert_tls_info() - fills as much as ret->size says. 0; -EINVAL. */
CAPCERT_API int capcert_tls_info(const capcert_tls *tls, struct capcert_tls_session *ret);

/**
 * capcert_tls_outcome() - what was found about the peer, good or bad.
 * @ret: may be NULL. @ret_outcome_fd: NULL, or gets an outcome handle, the caller's to close, for
 * whoever else has to be convinced; only of a context with handles.
 * Return: 0; -ENODATA nobody was verified (yet); -EOPNOTSUPP there is no handle.
 */
CAPCERT_API int capcert_tls_outcome(const capcert_tls *tls, struct capcert_result *ret,
				    int *ret_outcome_fd);
/** capcert_tls_params() - what was asked, for a report: points into the session. 0; -ENODATA. */
CAPCERT_API int capcert_tls_params(const capcert_tls *tls, struct capcert_params *ret);
/** capcert_tls_peer_chain() - as it was sent; the session's. NULL: none, or none that can be read. */
CAPCERT_API const capcert_chain *capcert_tls_peer_chain(const capcert_tls *tls);
/** capcert_tls_peer_staple() / capcert_tls_peer_scts() - OCSPResponse and
 *  SignedCertificateTimestampList of the handshake; the session's. NULL: none came. */
CAPCERT_API const uint8_t *capcert_tls_peer_staple(const capcert_tls *tls, size_t *ret_len);
CAPCERT_API const uint8_t *capcert_tls_peer_scts(const capcert_tls *tls, size_t *ret_len);

/** capcert_tls_error_text() - a line about the last failure, for people; the session's until its next
 *  call. "" when there was none. */
CAPCERT_API const char *capcert_tls_error_text(const capcert_tls *tls);

/** capcert_tls_alert_for() - the alert (RFC 8446 section 6.2) by which a peer is told of @reason
 *  (CAPCERT_REASON_*). */
CAPCERT_API uint32_t capcert_tls_alert_for(int32_t reason);

#ifdef __cplusplus
}
#endif
#endif
