/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Evidence about revocation: lists, parsed and indexed once, found by issuer; OCSP responses. */
#ifndef LIBCAPCERT_EVIDENCE_H
#define LIBCAPCERT_EVIDENCE_H

#include <stdatomic.h>
#include <capcert/crl.h>
#include <capcert/ct.h>
#include <capcert/verify.h>
#include "core/cert.h"
#include "core/crl.h"
#include "core/ocsp.h"
#include "libcapcert/dn_prep.h"
#include "libcapcert/sig.h"

#define EVIDENCE_MAX_LISTS 4096
#define EVIDENCE_MAX_RESPONSES 256
#define EVIDENCE_MAX_SCT_LISTS 16

/* Where an entry stands in its list: eight bytes, because lists have millions of them. */
struct crl_place {
	uint32_t key; /* first octets of the serial number */
	uint32_t at;  /* offset of the entry in the list's DER */
};

/* Immutable after creation, but for the count. */
struct crl {
	atomic_uint refs;
	struct cc_crl list;
	struct sig_prepared signature;
	struct prepared_dn issuer;
	uint32_t issuer_hash;	 /* cc_dn_hash() of it */
	struct crl_place *index; /* ascending by serial number, then by offset */
	uint32_t *issuers;	 /* offsets of entries with a certificateIssuer, ascending */
	uint32_t issuer_count;
	uint8_t fingerprint[32];
	uint8_t *owned; /* the DER */
};

/** crl_new() - parse and index. @der: malloc()ed; belongs to the list on success only.
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

/** crl_find() - position in the index where entries with this serial number (content octets)
 *  would stand, if there are any. */
uint32_t crl_find(const struct crl *crl, struct cc_span serial);

/** crl_at() - the entry at position @at of the index, if it has this serial number. */
bool crl_at(const struct crl *crl, uint32_t at, struct cc_span serial, struct cc_crl_entry *ret);

/** crl_nth() - the entry at position @at of the index; false behind the last. */
bool crl_nth(const struct crl *crl, uint32_t at, struct cc_crl_entry *ret);

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
