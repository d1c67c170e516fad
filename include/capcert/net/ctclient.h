/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A client of one Certificate Transparency log, of either kind: RFC 6962, or static-ct-api
 * (checkpoint and tiles). In the archive libcapcert-net.a: the only part of the library that has a
 * network, so that what links libcapcert alone never does.
 *
 * Whatever a log sends is checked before it is handed on: signatures of SCTs and heads, consistency
 * of each head with the one before, proofs, forms and sizes. One client for one thread at a time.
 * Calls return 0 or a negative errno; then capcert_ctclient_error() says more; ret_ outputs are
 * untouched on failure. */
#ifndef CAPCERT_NET_CTCLIENT_H
#define CAPCERT_NET_CTCLIENT_H

#include <capcert/ctlog.h>
#include <capcert/x509.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct capcert_ctclient capcert_ctclient;

/** How to speak to the log. Zero-initialise; 0 and NULL take the default. */
struct capcert_ctclient_options {
	uint32_t connect_timeout_ms; /* 10 000 */
	uint32_t timeout_ms;	     /* of one request, 30 000 */
	uint32_t attempts;	     /* of one request, 5 */
	uint32_t max_wait_ms;	     /* between attempts, in all; 60 000. Never longer, whatever
				      * Retry-After says */
	uint32_t stale_after;	     /* seconds; heads older than that are stale. The log's maximum
				      * merge delay, or a day where that is unknown */
	const char *ca_file;	     /* anchors for https, PEM; the system's */
	int insecure_http;	     /* allow http: for tests on loopback */
};

/* What is wrong with a log. The first six are those of a monitor (CtWatchError). */
enum capcert_ct_fault {
	CAPCERT_CT_NONE = 0,
	CAPCERT_CT_UNREACHABLE = 1,	/* no connection, no answer in time: -EHOSTUNREACH */
	CAPCERT_CT_BAD_SIGNATURE = 2,	/* of an SCT or a head: -EKEYREJECTED */
	CAPCERT_CT_INCONSISTENT = 3,	/* its trees contradict each other: -EBADE */
	CAPCERT_CT_BACKLOG = 4,		/* it cannot hand out now what it has: -EAGAIN */
	CAPCERT_CT_MALFORMED_ENTRY = 5, /* an answer or entry in another form: -EBADMSG */
	CAPCERT_CT_STALE = 6,		/* its head is too old: -ESTALE */
	CAPCERT_CT_REFUSED = 7,		/* it does not want this request: -EACCES */
};

struct capcert_ct_error {
	uint32_t kind;	  /* enum capcert_ct_fault */
	int32_t http;	  /* status of the last answer, 0 = there was none */
	char detail[256]; /* one line for people */
};

/** "unreachable", "bad-signature" ...; NULL for an unknown number. */
const char *capcert_ct_fault_name(uint32_t kind);

/** capcert_ctclient_new() - for @log, of which it takes a reference. Nothing is sent.
 *  Return: 0; -EINVAL the log has no URL, or one with http without insecure_http; -ENOMEM;
 *  -ELIBACC libcurl (libcurl-gnutls.so.4), which is opened here, is not installed. */
int capcert_ctclient_new(const capcert_log *log, const struct capcert_ctclient_options *options,
			 capcert_ctclient **ret);
void capcert_ctclient_free(capcert_ctclient *client);

/** capcert_ctclient_error() - of the last call that failed; the client's own. */
const struct capcert_ct_error *capcert_ctclient_error(const capcert_ctclient *client);

/** capcert_ctclient_info() - name, key, URLs of the log (CtLog.info). Pointers are the log's own. */
void capcert_ctclient_info(const capcert_ctclient *client, struct capcert_log_info *ret);

/**
 * capcert_ctclient_submit() - add-chain, or add-pre-chain when the leaf is a precertificate: hands
 * the chain in and gets an SCT, whose signature is checked.
 * @chain: leaf first, up to but perhaps without a root. A precertificate needs its issuer behind it.
 * @ret_sct: the SCT in its TLS encoding, malloc()ed. One of a static-ct log says where the entry is.
 * Return: 0; -EINVAL no issuer, or a certificate that is none of both; or a fault.
 */
int capcert_ctclient_submit(capcert_ctclient *client, const capcert_chain *chain,
			    uint8_t **ret_sct, size_t *ret_len);

/**
 * capcert_ctclient_head() - the signed head of the log's tree: verified, not stale, not of the
 * future, and consistent with the last one that this client saw, which it then replaces.
 */
int capcert_ctclient_head(capcert_ctclient *client, struct capcert_sth *ret);

/** capcert_ctclient_resume() - a head seen earlier (by another process, before a restart) as the
 *  last one. Return: 0; as capcert_sth_verify(). */
int capcert_ctclient_resume(capcert_ctclient *client, const struct capcert_sth *last);

/** One entry. Pointers are good as long as the entries they are of. */
struct capcert_ct_entry {
	uint64_t index;
	uint64_t timestamp;	    /* milliseconds since 1970, UTC */
	uint32_t type;		    /* 0 X.509, 1 precertificate */
	uint8_t leaf_hash[32];
	const uint8_t *leaf;	    /* TimestampedEntry: what the leaf hash covers */
	size_t leaf_len;
	const uint8_t *certificate; /* as it was submitted: of a precertificate with its poison */
	size_t certificate_len;
	const uint8_t (*chain)[32]; /* SHA-256 of each certificate submitted with it */
	size_t chain_count;
};

typedef struct capcert_ct_entries capcert_ct_entries;

#define CAPCERT_CT_ENTRIES_MAX 1024

/**
 * capcert_ctclient_entries() - the entries [start, start + count) in order, all of them, however few
 * the log gives at a time. That they are in a tree is not shown by this.
 * Return: 0; -EINVAL @count is 0 or above CAPCERT_CT_ENTRIES_MAX; -ERANGE they are not all below the
 * size of the last head (which is fetched where there is none yet); or a fault.
 */
int capcert_ctclient_entries(capcert_ctclient *client, uint64_t start, uint64_t count,
			     capcert_ct_entries **ret);
size_t capcert_ct_entries_count(const capcert_ct_entries *entries);
/** NULL past the end. */
const struct capcert_ct_entry *capcert_ct_entries_at(const capcert_ct_entries *entries,
						     size_t index);
void capcert_ct_entries_free(capcert_ct_entries *entries);

/** capcert_ctclient_consistency() - the proof between two sizes, at most that of the last head. Not
 *  verified: that needs the roots (capcert_ct_verify_consistency()). */
int capcert_ctclient_consistency(capcert_ctclient *client, uint64_t first, uint64_t second,
				 uint8_t ret[CAPCERT_CT_PROOF_MAX][32], size_t *ret_count);

/** What was proven. */
struct capcert_ct_inclusion {
	uint64_t index;
	uint8_t leaf_hash[32];
	uint64_t sct_timestamp; /* milliseconds since 1970, UTC */
	struct capcert_sth sth;
};

/**
 * capcert_ctclient_prove() - is the certificate that an SCT of this log is about in its tree? The
 * SCT's signature is checked, the head fetched, the proof verified.
 * @chain: leaf and, for embedded SCTs and precertificates, its issuer.
 * @sct: in its TLS encoding; NULL: the one of this log that is embedded in the leaf.
 * Return: 0; -ENOENT no SCT of this log is embedded; -EINVAL as capcert_ctclient_submit();
 * CAPCERT_CT_INCONSISTENT: the log promised what its tree does not have (merkleProofMismatch);
 * CAPCERT_CT_BACKLOG: not yet, and its maximum merge delay has not passed; or another fault.
 */
int capcert_ctclient_prove(capcert_ctclient *client, const capcert_chain *chain,
			   const uint8_t *sct, size_t len, struct capcert_ct_inclusion *ret);

#ifdef __cplusplus
}
#endif
#endif
