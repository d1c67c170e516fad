/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of TLS share: values of slots, contexts, sessions. */
#ifndef LIBCAPCERT_TLS_H
#define LIBCAPCERT_TLS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <capcert/gnutls.h>
#include <capcert/key.h>
#include <capcert/tls.h>
#include "core/span.h"
#include "libcapcert/tls_hello.h"

#define TLS_SLOT_NAME 256
#define TLS_CHAIN_MAX 16
#define TLS_KEY_OCTETS 64 /* of what GnuTLS makes ticket keys from */

/* ---- values and where they come from ---- */

/* One value of one slot: immutable, but for the count. */
struct tls_value {
	atomic_uint refs;
	uint64_t version;
	char slot[TLS_SLOT_NAME];
	gnutls_pcert_st certs[TLS_CHAIN_MAX];
	unsigned int cert_count;
	gnutls_privkey_t key;
	uint8_t *staple, *scts;
	size_t staple_len, scts_len;
	int64_t staple_until; /* last second, since 1970; INT64_MAX: it says not */
	capcert_stapler *stapler;
};

/** tls_value_new() - take apart what a slot is given. @key: becomes the value's on success. @fits:
 *  it is known to be the leaf's. Return: as capcert_tls_slots_put(). */
int tls_value_new(const struct capcert_tls_value *from, gnutls_privkey_t key, bool fits,
		  struct tls_value **ret);
struct tls_value *tls_value_ref(struct tls_value *value);
void tls_value_put(struct tls_value *value); /* NULL is fine */

/* Where values come from. */
struct tls_source {
	/** The value that serves @host (lower case; NULL: none was named) now, else that of the
	 *  slot @fallback (may be NULL). @ret is the caller's to put. Return: 0, -ENOENT, -errno. */
	int (*get)(struct tls_source *source, const char *host, const char *fallback,
		   struct tls_value **ret);
	void (*free)(struct tls_source *source);
};

/** tls_source_of() - of slots of this process, a reference to them. */
struct tls_source *tls_source_of(capcert_tls_slots *slots);

/* ---- whom to believe ---- */

/* How a peer is judged: in this process, or by the kernel. */
struct tls_judge {
	/** As capcert_verify(). */
	int (*now)(struct tls_judge *judge, const struct capcert_params *params,
		   struct capcert_result *ret, int *ret_outcome_fd);
	/** As capcert_verify_start(); NULL: there is nothing to wait for. */
	int (*start)(struct tls_judge *judge, const struct capcert_params *params,
		     capcert_verification **ret);
	/** What verdicts depend on, into 32 octets: another state, another number. */
	int (*state)(struct tls_judge *judge, uint8_t ret[32]);
	void (*free)(struct tls_judge *judge);
	bool has_handles;
};

/** tls_judge_local() - policy, store and so on of @parts. 0; -ENOMEM. */
int tls_judge_local(const struct capcert_tls_parts *parts, struct tls_judge **ret);

/** tls_judge_kernel(), tls_source_kernel() - of handles in @parts, which are copied. 0, -errno. */
int tls_judge_kernel(const struct capcert_tls_parts *parts, struct tls_judge **ret);
int tls_source_kernel(const struct capcert_tls_parts *parts, struct tls_source **ret);

/* ---- resumption ---- */

/* What a peer has sent to identify itself; written until it is judged, then shared. */
struct tls_sent {
	atomic_uint refs;
	capcert_chain *chain;
	capcert_evidence *evidence;
	uint8_t *staple, *scts;
	size_t staple_len, scts_len;
};

struct tls_sent *tls_sent_ref(struct tls_sent *sent);
void tls_sent_put(struct tls_sent *sent); /* NULL is fine */

/* The secret that a server's ticket keys are derived from, for as long as @until. */
struct tls_epoch {
	pthread_mutex_t lock;
	uint8_t secret[32];
	int64_t until; /* CLOCK_MONOTONIC, seconds */
};

/* A session that a client may resume, once: with what its server was verified by. */
struct tls_saved {
	struct tls_saved *next;
	char key[TLS_SLOT_NAME + 8];
	gnutls_datum_t data;
	int64_t until; /* CLOCK_MONOTONIC, seconds */
	uint8_t state[32];
	struct tls_sent *sent;
	/* What it was found to be worth when it was offered again. */
	struct capcert_params params;
	struct capcert_result result;
	int outcome_fd;
};

struct tls_cache {
	pthread_mutex_t lock;
	struct tls_saved *first; /* newest first */
	unsigned int count;
};

/* ---- contexts ---- */

struct capcert_tls_context {
	atomic_uint refs;
	uint32_t role, flags, client_auth, min_version, cipher_policy;
	uint32_t handshake_ms, idle_ms, handshake_bytes, ticket_seconds;
	char *default_slot;		/* NULL = none */
	char *host;			/* NULL = what is dialled */
	uint8_t alpn[CAPCERT_TLS_MAX_ALPN];
	gnutls_datum_t protocols[CAPCERT_TLS_MAX_ALPN / 2]; /* into @alpn */
	unsigned int protocol_count;
	capcert_tls_context *guest;	/* NULL = none */
	struct tls_source *source;	/* NULL = none */
	struct tls_judge *judge;	/* NULL = nobody is verified */
	const capcert_loglist *logs;
	const capcert_pins *pins;
	gnutls_priority_t priority;
	gnutls_certificate_credentials_t cred;
	struct tls_epoch epoch;
	struct tls_cache cache;
};

/* ---- sessions ---- */

/* How octets come and go; the socket, but for tests. Return: as recv() and sendmsg() without waiting,
 * -1 with errno. */
struct tls_transport {
	ssize_t (*receive)(void *ctx, void *buf, size_t len);
	ssize_t (*send)(void *ctx, const struct iovec *iov, int count);
	void *ctx;
};

/* Who the peer is. */
struct tls_peer {
	struct tls_sent *sent;
	struct capcert_params params;
	struct capcert_result result;
	bool asked, known, refused; /* params, result are filled; the result is bad */
	int outcome_fd;
	capcert_verification *pending;
};

enum tls_phase { TLS_FRESH, TLS_SHAKING, TLS_TICKETS, TLS_OPEN, TLS_BROKEN };

struct capcert_tls {
	capcert_tls_context *context;
	gnutls_session_t session;
	struct tls_transport transport;
	int fd;
	bool block;
	enum tls_phase phase;
	short wants;
	bool starved; /* the socket would have blocked */
	int64_t deadline;	/* of the handshake; CLOCK_MONOTONIC, ms */
	size_t received;	/* octets, until it is open */
	uint8_t first[8];	/* of what came */
	int fault;		/* -errno that a callback has found, for the failure that follows */
	const char *fault_text;
	int alert;		/* to send instead of GnuTLS's; -1 = that */
	int failed;		/* -errno of a BROKEN one */
	int alert_sent, alert_received;
	bool closed;		/* close_notify was sent */
	bool guest;		/* @context is the guest of the one that it was made with */
	unsigned int renegotiations;
	char name[256];		/* client: verified and sent; server: asked for */
	struct tls_hello hello;	/* server: what the client's first message said */
	struct tls_value *value;
	struct tls_saved *saved; /* client: what is being resumed */
	bool kept;		/* client: the session was put by */
	gnutls_ocsp_data_st staple;
	uint8_t *staple_owned;
	struct tls_peer peer;
	struct tls_records *records; /* the kernel does them; NULL: GnuTLS does */
	char error[320];
};

/** tls_new() - a session without transport yet. @name: client. */
int tls_new(capcert_tls_context *context, uint32_t role, const char *name, uint32_t flags,
	    capcert_tls **ret);

/** tls_io_start() - let GnuTLS read and write by tls->transport. */
void tls_io_start(capcert_tls *tls);
/** tls_io_socket() - the transport of tls->fd. */
void tls_io_socket(capcert_tls *tls);
/** tls_io_wait() - the socket would block. @since: tls_now_ms() when the call began. Return: 0 try
 *  again; -1 with tls->starved (not to be waited for) or tls->fault set. */
int tls_io_wait(capcert_tls *tls, short events, int64_t since);
/** tls_now_ms() - CLOCK_MONOTONIC. */
int64_t tls_now_ms(void);

/** tls_take_value() - the slot's value for this handshake. 0, or -errno with tls->fault set. */
int tls_take_value(capcert_tls *tls);
/** tls_staple() - the staple of tls->value into tls->staple. 0; -ENODATA there must be one. */
int tls_staple(capcert_tls *tls);

/** tls_verify_peer() - the verify callback of GnuTLS: a GNUTLS_E_*. */
int tls_verify_peer(gnutls_session_t session);
/** tls_verify_resumed() - judge the client whose certificate came by a ticket. Return: 0, or -errno with
 *  tls->fault and tls->alert set. */
int tls_verify_resumed(capcert_tls *tls);
void tls_peer_free(struct tls_peer *peer);

/** tls_tickets_server() - give GnuTLS the ticket key of this slot value and state of trust. */
int tls_tickets_server(capcert_tls *tls);
/** tls_resume_client() - offer a session that was put by and still holds, if there is one. */
void tls_resume_client(capcert_tls *tls);
/** tls_resumed_client() - it was accepted: what was found then is what is known now. */
void tls_resumed_client(capcert_tls *tls);
/** tls_keep_client() - put the session by once a ticket has come. */
void tls_keep_client(capcert_tls *tls);
void tls_saved_free(struct tls_saved *saved);
void tls_cache_clear(struct tls_cache *cache);

/* ---- records by the kernel ---- */

/** tls_records_start() - give the keys of an established session to the kernel, if its context wants that and
 *  the kernel can. Return: 0, with tls->records or without; -errno the session has failed. */
int tls_records_start(capcert_tls *tls);
void tls_records_free(struct tls_records *records); /* NULL is fine */
/** As capcert_tls_read(), _write(), _close(). */
ssize_t tls_records_read(capcert_tls *tls, void *buf, size_t len);
ssize_t tls_records_write(capcert_tls *tls, const void *buf, size_t len);
int tls_records_close(capcert_tls *tls);
/** tls_records_alert() - without waiting. Return: 0, -errno. */
int tls_records_alert(capcert_tls *tls, int level, int alert);

/** tls_fail_by_alert() - the peer has ended it by @alert. Return: -ECONNABORTED. */
int tls_fail_by_alert(capcert_tls *tls, int alert);
/* Why the last signature by a handle failed in this thread, asked once: 0 = by a handle none did. */
int key_gnutls_last_error(void);
/* How long signatures by handles may take in this thread from now on; 0 = the module's default. */
void key_gnutls_patience(uint32_t ms);
/** tls_fault() - remember why the call of GnuTLS that is under way will fail. Return: @error. */
int tls_fault(capcert_tls *tls, int error, int alert, const char *text);
/** tls_fail() - the failure of a call of GnuTLS: tell the peer, put it into words. Return: -errno. */
int tls_fail(capcert_tls *tls, int gnutls_error);
/** tls_alert_name() - "bad certificate"; "?" for numbers that are none. */
const char *tls_alert_name(int alert);

#endif
