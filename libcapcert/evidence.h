/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Evidence about revocation: lists, parsed and indexed once, found by issuer; OCSP responses. */
#ifndef LIBCAPCERT_EVIDENCE_H
#define LIBCAPCERT_EVIDENCE_H

#include <pthread.h>
#include <stdatomic.h>
#include <capcert/crl.h>
#include <capcert/ct.h>
#include <capcert/verify.h>
#include "core/cert.h"
#include "core/crl.h"
#include "core/ocsp.h"
#include "libcapcert/crl_index.h"
#include "libcapcert/dn_prep.h"
#include "libcapcert/sig.h"

#define EVIDENCE_MAX_LISTS 4096
#define EVIDENCE_MAX_RESPONSES 256
#define EVIDENCE_MAX_SCT_LISTS 16

/* Made when first asked for: of many megabytes, and lists are looked up in that nobody believes
 * because of a signature. */
struct crl_hashes {
	pthread_mutex_t lock; /* for what follows */
	bool have_signature, have_fingerprint;
	struct sig_prepared signature;
	uint8_t fingerprint[32];
};

/* Immutable after creation, but for the count and the hashes. */
struct crl {
	atomic_uint refs;
	struct cc_crl list;
	struct prepared_dn issuer;
	uint32_t issuer_hash;	 /* cc_dn_hash() of it */
	struct crl_index index;
	struct crl_hashes *hashes;
	uint8_t *owned; /* the DER */
};

/** crl_new() - parse and index; nothing is hashed. @der: malloc()ed; belongs to the list on success only.
 *  Return: 0, -EBADMSG, -EMSGSIZE, -ENOMEM. */
int crl_new(uint8_t *der, size_t len, struct crl **ret);
/** crl_ref() - one more owner; crl_free() - one less. */
struct crl *crl_ref(struct crl *crl);
void crl_free(struct crl *crl);

/* What a program holds of one. */
struct capcert_crl {
	struct crl *crl;
};

/** crl_tell_entry() - as the public header has it; bytes stay those of the list. */
void crl_tell_entry(const struct cc_crl_entry *entry, struct capcert_crl_entry *ret);

/** evidence_put_list() - the same list, not a copy: takes a reference. Return: as
 *  capcert_evidence_put_crl(). */
int evidence_put_list(capcert_evidence *e, struct crl *crl);

/** crl_signature() - for checks of it; crl_fingerprint() - SHA-256 of the DER, 32 bytes. Both stay as
 *  long as the list, and the first call takes as long as hashing all of it. */
const struct sig_prepared *crl_signature(const struct crl *crl);
const uint8_t *crl_fingerprint(const struct crl *crl);

/** crl_find() - the next entry with this serial number (content octets), in the list's order.
 *  @from: 0 at first, moved on. Return: is there one? */
bool crl_find(const struct crl *crl, struct cc_span serial, uint32_t *from,
	      struct cc_crl_entry *ret);

/** crl_next() - one entry after the other, in the list's order. @from: 0 at first, moved on. */
bool crl_next(const struct crl *crl, uint32_t *from, struct cc_crl_entry *ret);

/** evidence_first() - number of the newest list by an issuer (@hash = cc_dn_hash() of the prepared
 *  name). The others have the numbers behind it, newest first. */
uint32_t evidence_first(const capcert_evidence *e, uint32_t hash);

/** evidence_at() - list number @at, NULL when its issuer's hash is not @hash. The names are the
 *  caller's to compare. */
const struct crl *evidence_at(const capcert_evidence *e, uint32_t at, uint32_t hash);

/* A certificate that a response carries; names are prepared for comparison. */
struct ocsp_cert {
	struct cc_cert cert;
	struct prepared_dn subject, issuer;
	uint32_t issuer_hash;
};

struct ocsp_response {
	struct cc_ocsp ocsp;
	struct sig_prepared signature;
	struct prepared_dn responder; /* unless by key */
	struct ocsp_cert *certs;      /* those that can be read */
	uint32_t cert_count;
	bool staple;
	uint8_t *owned; /* the DER */
};

/** ocsp_response_new() - parse. @der: malloc()ed; belongs to the response on success only.
 *  Return: 0, -EBADMSG, -EMSGSIZE, -ENOMEM. */
int ocsp_response_new(uint8_t *der, size_t len, bool staple, struct ocsp_response **ret);
void ocsp_response_free(struct ocsp_response *response);

/** evidence_response() - OCSP response number @at, the staple among them; NULL behind the last. */
const struct ocsp_response *evidence_response(const capcert_evidence *e, uint32_t at);

/** evidence_unreachable() - was the responder of this certificate asked in vain? */
bool evidence_unreachable(const capcert_evidence *e, const uint8_t fingerprint[32]);

/** evidence_has() - is there any of these, CC_EVIDENCE_STAPLE, _OCSP, _CRL? */
bool evidence_has(const capcert_evidence *e, uint32_t kinds);
/** evidence_scts() - SCTs from a TLS handshake or OCSP responses, NULL: none. */
const capcert_scts *evidence_scts(const capcert_evidence *e);

/** evidence_items() - how many pieces there are, of any kind; evidence_item() - the bytes of one, in
 *  an order that depends on what was put alone for lists. *@ret_type: CAPCERT_EVIDENCE_*. */
uint32_t evidence_items(const capcert_evidence *e);
struct cc_span evidence_item(const capcert_evidence *e, uint32_t at, uint32_t *ret_type);

/** evidence_digest() - of all pieces (core/digest.h), zero when there are none. */
void evidence_digest(const capcert_evidence *e, uint8_t ret[32]);

#endif
