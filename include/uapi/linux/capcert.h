/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/* The wire between the capcert module and userspace: /dev/capcert, handle fds. */
#ifndef _UAPI_LINUX_CAPCERT_H
#define _UAPI_LINUX_CAPCERT_H

#include <linux/types.h>
#include <linux/ioctl.h>

/**
 * DOC: conventions
 *
 * Every argument struct begins with @size, the caller's sizeof(). A kernel that knows a
 * longer struct takes the missing tail as zero; a caller that knows a longer one gets
 * E2BIG unless the tail is zero. @flags and reserved fields must be zero unless named.
 * Numbers are explicit and never reused. Output fields are written only on success, except
 * @ret_len of a call that failed with EMSGSIZE.
 *
 * Errors common to all calls:
 *  EINVAL       size too small, unknown flag, reserved field set, wrong enum value
 *  E2BIG        non-zero tail that this kernel does not know
 *  EFAULT       bad pointer
 *  EBADF        an fd argument is not open
 *  ENOTTY       this call does not exist for this kind of handle
 *  EBADFD       an fd argument is a handle of the wrong kind, or no handle at all
 *  EACCES       the handle lacks the right, or the key its permission
 *  EXDEV        the handle is bound to another process (it has no TRANSFER right)
 *  EKEYREVOKED, EKEYEXPIRED, ENOKEY
 *               a key this handle derives from was revoked, ran out, was invalidated
 *  EMSGSIZE     an input is over its limit, or the output buffer too small
 *  ENOMEM, EDQUOT, ENFILE, EMFILE
 *               a resource or quota is used up; nothing has changed
 *  ENOSPC       the store or list holds all that it can; nothing has changed
 *  EINTR        a fatal signal arrived while waiting
 *
 * Errors of calls that ask an agent (VERIFY, VERIFY_SIG, FETCH, pkey_verify):
 *  ETIMEDOUT    no agent answered before the deadline
 *  EBUSY        the queue is full; EDQUOT: the user's share of it is
 *  EAGAIN       the store or the distrust list moved at every try: ask again
 *  EIO          the agent's answer was not sane, or agents died of the request
 *  EOPNOTSUPP   an unknown signature scheme, or one that does not fit the key
 */

#define CAPCERT_ABI_VERSION	1
#define CAPCERT_DEVICE		"/dev/capcert"
#define CAPCERT_AGENT_DEVICE	"/dev/capcert-agent"

/* Kinds of handle. */
#define CAPCERT_KIND_CERT	1
#define CAPCERT_KIND_STORE	2
#define CAPCERT_KIND_VERIFIER	3
#define CAPCERT_KIND_PINS	4
#define CAPCERT_KIND_KEY	5
#define CAPCERT_KIND_SLOT	6
#define CAPCERT_KIND_TLS	7
#define CAPCERT_KIND_AUDIT	8
#define CAPCERT_KIND_OUTCOME	9
#define CAPCERT_KIND_EVIDENCE	10
#define CAPCERT_KIND_WATCH	11

/* Rights: a handle's can only shrink. core/rights.h has the names and which kind may hold which. */
#define CAPCERT_RIGHT_INFO		(1ULL << 0)
#define CAPCERT_RIGHT_READ		(1ULL << 1)
#define CAPCERT_RIGHT_RESTRICT		(1ULL << 2)
#define CAPCERT_RIGHT_TRANSFER		(1ULL << 3)
#define CAPCERT_RIGHT_PUBLIC		(1ULL << 4)
#define CAPCERT_RIGHT_VERIFY_SIG	(1ULL << 5)
#define CAPCERT_RIGHT_VERIFY		(1ULL << 6)
#define CAPCERT_RIGHT_ADD		(1ULL << 7)
#define CAPCERT_RIGHT_REMOVE		(1ULL << 8)
#define CAPCERT_RIGHT_FETCH		(1ULL << 9)
#define CAPCERT_RIGHT_WATCH		(1ULL << 10)
#define CAPCERT_RIGHT_ENFORCE		(1ULL << 11)
#define CAPCERT_RIGHT_SIGN		(1ULL << 12)
#define CAPCERT_RIGHT_GET		(1ULL << 13)
#define CAPCERT_RIGHT_PUT		(1ULL << 14)
#define CAPCERT_RIGHT_LIST		(1ULL << 15)
#define CAPCERT_RIGHT_DELETE		(1ULL << 16)
#define CAPCERT_RIGHT_USE		(1ULL << 17)

/* Purposes (CertPurpose), as numbers and as a mask 1 << number. */
#define CAPCERT_PURPOSE_TLS_SERVER_AUTH	0
#define CAPCERT_PURPOSE_TLS_CLIENT_AUTH	1
#define CAPCERT_PURPOSE_CODE_SIGNING	2
#define CAPCERT_PURPOSE_EMAIL_SMIME	3
#define CAPCERT_PURPOSE_CLIENT_IDENTITY	4
#define CAPCERT_PURPOSE_CT_LOG		5
#define CAPCERT_PURPOSE_OCSP_SIGNING	6
#define CAPCERT_PURPOSE_WEBAUTHN_ROOT	7
#define CAPCERT_PURPOSE_COUNT		8

/* Where an object comes from. */
#define CAPCERT_ORIGIN_SYSTEM	1
#define CAPCERT_ORIGIN_DEV	2
#define CAPCERT_ORIGIN_USER	3

/* Where the time of a verification comes from, and what the clock is worth. */
#define CAPCERT_TIME_NOW	0
#define CAPCERT_TIME_CALLER	1
#define CAPCERT_CLOCK_UNTRUSTED	0
#define CAPCERT_CLOCK_RTC	1
#define CAPCERT_CLOCK_SYNCED	2
#define CAPCERT_CLOCK_ATTESTED	3

/* FailureReason. 0-14 are the requirements' numbers, from 15 on ours. */
#define CAPCERT_REASON_NONE			(-1)
#define CAPCERT_REASON_UNKNOWN_ANCHOR		0
#define CAPCERT_REASON_EXPIRED			1
#define CAPCERT_REASON_NOT_YET_VALID		2
#define CAPCERT_REASON_SIGNATURE_MISMATCH	3
#define CAPCERT_REASON_NAME_MISMATCH		4
#define CAPCERT_REASON_INSUFFICIENT_SCTS	5
#define CAPCERT_REASON_REVOKED			6
#define CAPCERT_REASON_OCSP_UNAVAILABLE		7
#define CAPCERT_REASON_WEAK_ALGORITHM		8
#define CAPCERT_REASON_POLICY_VIOLATION		9
#define CAPCERT_REASON_BAD_EKU			10
#define CAPCERT_REASON_CHAIN_TOO_LONG		11
#define CAPCERT_REASON_NAME_CONSTRAINT_VIOLATION 12
#define CAPCERT_REASON_MUST_STAPLE_MISSING	13
#define CAPCERT_REASON_PIN_MISMATCH		14
#define CAPCERT_REASON_BUDGET_EXHAUSTED		15
#define CAPCERT_REASON_LOG_LIST_STALE		16
#define CAPCERT_REASON_KEY_REVOKED		17
#define CAPCERT_REASON_CLOCK_UNTRUSTED		18
#define CAPCERT_REASON_DISTRUSTED		19
#define CAPCERT_REASON_INTERNAL			20
#define CAPCERT_REASON_MALFORMED		21

/* OcspStatus. */
#define CAPCERT_OCSP_GOOD			0
#define CAPCERT_OCSP_REVOKED			1
#define CAPCERT_OCSP_UNKNOWN			2
#define CAPCERT_OCSP_STAPLED_ABSENT		3
#define CAPCERT_OCSP_RESPONDER_UNREACHABLE	4

/* What a certificate must be valid for. */
#define CAPCERT_NAME_NONE	0
#define CAPCERT_NAME_DNS	1	/* A-labels, no NUL counted, at most 253 bytes */
#define CAPCERT_NAME_IP		2	/* 4 or 16 bytes, network order */
#define CAPCERT_NAME_EMAIL	3	/* local@domain */

/* Hashes. */
#define CAPCERT_HASH_SHA256	1
#define CAPCERT_HASH_SHA384	2
#define CAPCERT_HASH_SHA512	3

/* Limits of the ABI. A certificate, a chain, a name over them: EMSGSIZE. */
#define CAPCERT_MAX_CERT		65535
#define CAPCERT_MAX_CHAIN		64
#define CAPCERT_MAX_CHAIN_BYTES		(256 * 1024)
#define CAPCERT_MAX_PATH		32
#define CAPCERT_MAX_NAME		256
#define CAPCERT_MAX_MESSAGE		(1024 * 1024)
#define CAPCERT_MAX_SIGNATURE		2048
#define CAPCERT_MAX_POLICY_TEXT		2048
#define CAPCERT_MAX_FILTER		4096
#define CAPCERT_MAX_ANCHORS		16384	/* in one store, which takes a bundle */
#define CAPCERT_MAX_ADDED		4096	/* ADD refuses where there are so many */
#define CAPCERT_MAX_BUNDLE		(16 * 1024 * 1024)
#define CAPCERT_DIGEST_SIZE		32

/* Bytes in memory (@fd is -1), or a certificate handle (@ptr and @len are 0). */
struct capcert_blob {
	__u64 ptr;
	__u32 len;
	__s32 fd;
};

/* ---- /dev/capcert ---- */

/* STATUS: what this module is and how it fares. No right needed. */
#define CAPCERT_PROFILE_PRODUCTION	1
#define CAPCERT_PROFILE_DEV		2
struct capcert_status {
	__u32 size;
	__u32 flags;
	__u32 abi;		/* out: CAPCERT_ABI_VERSION */
	__u32 profile;		/* out: CAPCERT_PROFILE_* */
	__u32 verify_agents;	/* out: agents connected, by class */
	__u32 sign_agents;
	__u32 status_agents;
	__u32 clock;		/* out: CAPCERT_CLOCK_*, as last told by an agent */
	__u64 distrust_generation;
	__u64 audit_sequence;	/* out: number of the newest audit record */
	__u64 cache_entries;
	__u64 cache_hits;
	__u64 cache_misses;
	__u64 objects;		/* out: live objects */
	__u64 handles;		/* out: open handles */
	__u64 pending;		/* out: requests queued or dispatched */
	__u64 object_bytes;	/* out: kernel memory held by objects */
	char version[32];	/* out: module version, NUL-terminated */
	__u64 verify_requests;	/* out: that agents were asked, by class, since it was loaded */
	__u64 sign_requests;
	__u64 status_requests;
	__u64 fetch_entries;	/* out: questions of FETCH whose answers are kept */
	__u64 fetch_hits;	/* out: FETCHes answered without an agent */
};

/* OPEN: the handle of a key by serial number. */
struct capcert_open {
	__u32 size;
	__u32 flags;
	__u64 rights;		/* wanted, not 0; all must be grantable or EACCES */
	__s32 serial;		/* > 0 */
	__s32 fd;		/* out */
	__u32 kind;		/* out */
	__u32 reserved;
	__u64 id;		/* out */
};

/* OPEN_NAME: found in the caller's own keyrings. OPEN_SYSTEM: in the module's keyring only. */
struct capcert_open_name {
	__u32 size;
	__u32 flags;
	__u64 rights;
	__u64 name;		/* description; bytes, no NUL needed */
	__u32 name_len;		/* 1..255 */
	__u32 kind;
	__s32 fd;		/* out */
	__u32 reserved;
	__u64 id;		/* out */
};

/* OPEN_AUDIT: needs CAP_AUDIT_READ or CAP_SYS_ADMIN in the initial user namespace. */
struct capcert_open_audit {
	__u32 size;
	__u32 flags;
	__u64 rights;		/* of INFO READ WATCH TRANSFER RESTRICT */
	__s32 fd;		/* out */
	__u32 reserved;
};

/* DISTRUST: add to (or with CAPCERT_DISTRUST_REMOVE take from) the system's distrust list.
 * CAP_SYS_ADMIN in the initial user namespace; EPERM in the production profile. */
#define CAPCERT_DISTRUST_FINGERPRINT	1	/* SHA-256 of the certificate */
#define CAPCERT_DISTRUST_SPKI		2	/* SHA-256 of the SubjectPublicKeyInfo */
#define CAPCERT_DISTRUST_ISSUER_SERIAL	3	/* DER Name followed by the DER INTEGER */
#define CAPCERT_DISTRUST_REMOVE		(1u << 0)
struct capcert_distrust_entry {
	__u32 size;
	__u32 flags;
	__u32 what;		/* CAPCERT_DISTRUST_* */
	__u32 len;
	__u64 ptr;
	__u64 generation;	/* out */
};

/*
 * ADMIT: a signed bundle (docs/bundle-format.md) becomes, or changes, what the system's name of it
 * stands for. CAP_SYS_ADMIN in the initial user namespace (else EPERM) and the signature of a
 * certificate that is built into the module. @fd: a memfd sealed by F_SEAL_SEAL, SHRINK, GROW and
 * WRITE (else EINVAL) of at most CAPCERT_MAX_BUNDLE bytes. Nothing has changed after an error; the
 * audit record has the reason in words:
 *  EBADMSG      no bundle, or one that is malformed somewhere
 *  EKEYREJECTED the signature is nobody's whom the module knows, or does not fit
 *  EKEYEXPIRED  the signer's certificate, or the bundle, is not valid any more (or not yet)
 *  ENOKEY       the module was built without bundle certificates
 *  ESTALE       its number is not above the floor of its name, or a delta's is not the next one
 *  EINVAL       the name is another one's: another kind of bundle, or the key has another name
 *  ENOENT       what a delta removes or changes, or an override stands upon, is not there
 */
struct capcert_admit {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 kind;		/* out: 0 store, 1 delta, 2 distrust, 3 override */
	__u64 id;		/* out: of the store; OPEN_SYSTEM gives handles of it by name */
	__u64 version;		/* out: of the store */
	__u64 number;		/* out: of the bundle */
	__u32 count;		/* out: anchors, or entries of the distrust list, now */
	__u32 reserved;
	char  name[64];		/* out: NUL-terminated */
};

/*
 * FLOOR: raise the number up to which bundles of a name are refused (CAP_SYS_ADMIN in the initial
 * user namespace), or ask for it with @number 0 (anybody). A floor never falls: a lower @number
 * changes nothing and is no error. EINVAL: no name of a bundle. ENOSPC: too many names.
 */
struct capcert_floor {
	__u32 size;
	__u32 flags;
	__u64 name;		/* bytes, no NUL needed */
	__u32 name_len;		/* 1..63 */
	__u32 reserved;
	__u64 number;		/* in: raise to; out: the floor now, 0 = none */
};

/*
 * EVIDENCE: a copy of bytes that verifications may draw on, hashed once, never changed. Whoever
 * has many chains to verify with one large list makes one of these; it is charged to the user. Its
 * handle has READ INFO RESTRICT TRANSFER. EINVAL: unknown type, or no bytes.
 */
#define CAPCERT_EVIDENCE_CRL		1	/* CertificateList, DER (RFC 5280 section 5) */
#define CAPCERT_EVIDENCE_OCSP		2	/* OCSPResponse, DER (RFC 6960) */
#define CAPCERT_EVIDENCE_STAPLE		3	/* the same, sent by the peer in the handshake */
#define CAPCERT_EVIDENCE_SCTS		4	/* the handshake's list of SCTs, TLS bytes */
#define CAPCERT_EVIDENCE_OCSP_SCTS	5	/* the same, of an OCSP response */
#define CAPCERT_EVIDENCE_UNREACHABLE	6	/* SHA-256 of a certificate nobody answered for */
#define CAPCERT_EVIDENCE_LAST		6
#define CAPCERT_MAX_EVIDENCE		64	/* items of one verification */
#define CAPCERT_MAX_EVIDENCE_INLINE	(256 * 1024)	/* bytes of those without a handle */
#define CAPCERT_MAX_EVIDENCE_BYTES	(64 * 1024 * 1024)
struct capcert_make_evidence {
	__u32 size;
	__u32 flags;
	__u64 ptr;
	__u32 len;
	__u32 type;		/* CAPCERT_EVIDENCE_* */
	__s32 fd;		/* out */
	__u32 reserved;
	__u64 id;		/* out */
	__u8  digest[32];	/* out: SHA-256 of the bytes */
};

/* Evidence of a verification: bytes, or a handle of the same type with READ. */
struct capcert_evidence_item {
	__u32 type;
	__u32 flags;		/* 0 */
	struct capcert_blob blob;
};

/* ---- any handle ---- */

#define CAPCERT_VIEW_DIRECT	0	/* the object itself */
#define CAPCERT_VIEW_SNAPSHOT	1
#define CAPCERT_VIEW_LIVE	2
struct capcert_info {
	__u32 size;
	__u32 flags;
	__u32 kind;
	__u32 origin;
	__u64 rights;
	__u64 id;
	__u64 version;		/* store, pin set: its version; else 1 */
	__u64 parent_id;	/* object that a restricted view derives from, else 0 */
	__s64 expires;		/* key expiry, seconds since the epoch, 0 = none */
	__u32 owner_uid;	/* in the caller's user namespace */
	__s32 serial;		/* backing key, 0 = none */
	__u32 count;		/* store: anchors; pin set: pins; chain objects: certificates */
	__u32 view;		/* CAPCERT_VIEW_* */
	__u32 bound_pid;	/* thread group the handle is bound to, 0 = unbound */
	__u32 superseded;	/* outcome: 1 when store, policy or distrust moved since */
	__u64 bundle_version;	/* store from a bundle: its number */
	__u8  digest[32];	/* certificate: SHA-256; store, policy, pin set: state digest */
	char  bundle[64];	/* store from a bundle: its name */
	char  signer[64];	/* who signed it: RFC 4514, cut to fit */
	char  description[128];
	__s64 created;		/* store from a bundle: when its anchors were put together */
};

/* READ: bytes of the object. What exists for which kind stands behind each number. */
#define CAPCERT_READ_DER	1	/* certificate */
#define CAPCERT_READ_ANCHORS	2	/* store: struct capcert_anchor[] from @index on */
#define CAPCERT_READ_ANCHOR_DER	3	/* store: anchor number @index, a TrustAnchorChoice */
#define CAPCERT_READ_POLICY	4	/* verifier: canonical text, no NUL */
#define CAPCERT_READ_PINS	5	/* pin set: canonical text, no NUL */
#define CAPCERT_READ_EVIDENCE	6	/* evidence: its bytes */
struct capcert_read {
	__u32 size;
	__u32 flags;
	__u32 what;
	__u32 index;
	__u64 buf;
	__u32 len;
	__u32 ret_len;		/* out: bytes written; with EMSGSIZE bytes needed */
	__u64 version;		/* out: store version the answer belongs to */
};

/* Without flag LIMITED an anchor is a certificate and nothing else. */
#define CAPCERT_ANCHOR_LIMITED		(1u << 0)	/* no certificate: it has constraints */
#define CAPCERT_ANCHOR_DISTRUST_AFTER	(1u << 1)
#define CAPCERT_ANCHOR_SCT_DISTRUST_AFTER (1u << 2)
struct capcert_anchor {
	__u8  fingerprint[32];	/* SHA-256 of the certificate; of what there is without one */
	__u8  spki_hash[32];	/* SHA-256 of the SubjectPublicKeyInfo */
	__u32 purposes;		/* mask */
	__u32 der_len;
	__u32 flags;		/* CAPCERT_ANCHOR_* */
	__u32 reserved;
	__s64 distrust_after;	/* leaves issued later are distrusted; seconds since the epoch */
	__s64 sct_distrust_after; /* leaves without an SCT of at most this time are */
};

/* PUBLIC: the SubjectPublicKeyInfo (certificate handle, right PUBLIC). */
struct capcert_public {
	__u32 size;
	__u32 flags;
	__u64 buf;
	__u32 len;
	__u32 ret_len;		/* out, as in READ */
};

/*
 * RESTRICT: a new handle with fewer rights (none at all if one likes), and for a store fewer
 * anchors. Without LIVE the handle of a store is a store of its own, which begins as a copy.
 * Filters that are there must all let an anchor pass; @purposes also narrows the purposes it
 * keeps. EINVAL: an allow-list with a pointer and count 0, which must not come to mean
 * everything; a malformed Name; a filter or LIVE on anything but a store; ADD or REMOVE on a
 * filtered LIVE view; PIDFD together with TRANSFER. EACCES: PIDFD when this handle lacks
 * TRANSFER. EBADF: @pidfd is none. ESRCH: its process is over. EMLINK: views too deep.
 */
#define CAPCERT_RESTRICT_LIVE	(1u << 0)	/* follow the parent store's later versions */
#define CAPCERT_RESTRICT_PIDFD	(1u << 1)	/* bind to the process of @pidfd */
struct capcert_restrict {
	__u32 size;
	__u32 flags;
	__u64 rights;		/* subset of the handle's, else EACCES */
	__u32 purposes;		/* mask; 0 = no filter */
	__s32 pidfd;
	__u64 fingerprints;	/* allow-list, 32 bytes each */
	__u64 exclude;		/* deny-list, 32 bytes each */
	__u64 subjects;		/* allow-list, struct capcert_blob[] of DER Names */
	__u32 fingerprint_count;
	__u32 exclude_count;
	__u32 subject_count;
	__s32 fd;		/* out */
	__u64 id;		/* out: of the new view */
};

/* ---- trust store ---- */

/* ADD: EKEYREJECTED when the pin does not match; EEXIST when the anchor is there with
 * these purposes; EBADMSG when the certificate does not parse. Nothing is kept then. */
struct capcert_add {
	__u32 size;
	__u32 flags;
	struct capcert_blob cert;	/* DER or a certificate handle (right READ) */
	__u32 purposes;		/* mask; 0 = tlsServerAuth */
	__u32 pin_hash;		/* CAPCERT_HASH_* */
	__u64 pin;		/* hash of the SubjectPublicKeyInfo */
	__u32 pin_len;
	__u32 reserved;
	__u64 version;		/* out */
};

#define CAPCERT_SELECT_FINGERPRINT	1
#define CAPCERT_SELECT_SUBJECT		2	/* DER Name: every match goes */
struct capcert_remove {
	__u32 size;
	__u32 flags;
	__u32 select;
	__u32 len;
	__u64 ptr;
	__u32 count;		/* out: removed; ENOENT when none matches */
	__u32 reserved;
	__u64 version;		/* out */
};

struct capcert_version {
	__u32 size;
	__u32 flags;
	__u64 version;		/* out */
	__u32 count;		/* out */
	__u32 reserved;
	__u8  digest[32];	/* out */
};

/* ---- pin set ---- */

/* PinMode. */
#define CAPCERT_PINS_ENFORCE		0	/* a path without a pinned key fails */
#define CAPCERT_PINS_REPORT_ONLY	1	/* it passes; outcome and audit trail say so */
#define CAPCERT_PINS_NEVER		0x7fffffffffffffffLL
#define CAPCERT_MAX_PINS		64
struct capcert_pins_info {
	__u32 size;
	__u32 flags;
	__u32 mode;		/* out: CAPCERT_PINS_* */
	__u32 count;		/* out */
	__s64 expires;		/* out: last second it holds, since the epoch; or PINS_NEVER */
	__u64 version;		/* out */
	__u8  digest[32];	/* out */
};

/* PINS_ADD, PINS_REMOVE: one hash of a DER SubjectPublicKeyInfo. EEXIST: it is there; ENOENT: it is
 * not; EINVAL: no such hash, or @len is not its size. */
struct capcert_pin {
	__u32 size;
	__u32 flags;
	__u32 hash;		/* CAPCERT_HASH_* */
	__u32 len;
	__u64 ptr;
	__u64 version;		/* out */
};

/* ---- verifier ---- */

/* POLICY: the frozen policy, read-only. READ gives the whole in text form. */
struct capcert_policy_info {
	__u32 size;
	__u32 flags;
	__u8  digest[32];
	char  preset[32];
	__u32 min_scts;
	__u32 require_ocsp;	/* 1 when revocation is hard */
	__u32 staple_required;
	__u32 max_chain_length;
	__u32 permit_name_constraints;
	__u32 clock_skew;	/* seconds */
	__u32 time_any;		/* 1 when the caller may choose the time */
	__u32 key_algs;		/* mask, core/alg.h */
	__u64 schemes;		/* mask, core/alg.h */
	__u32 revocation;	/* mask of accepted evidence, core/policy.h */
	__u32 profile;
};

#define CAPCERT_OUTCOME_CACHED		(1u << 0)
#define CAPCERT_OUTCOME_PINNED		(1u << 1)	/* the path has a pinned key */
#define CAPCERT_OUTCOME_PIN_MISMATCH	(1u << 2)	/* it has none: refused or reported */
#define CAPCERT_OUTCOME_PINS_EXPIRED	(1u << 3)	/* the pin set had expired: nobody asked */
#define CAPCERT_OUTCOME_FETCHED		(1u << 4)	/* by status fetched for an earlier call */

/* Outcome of a verification. Fields that do not apply are zero. */
struct capcert_outcome {
	__u32 size;
	__u32 valid;		/* 1 = ValidChain, 0 = VerificationFailure */
	__s32 reason;		/* CAPCERT_REASON_*, NONE when valid */
	__u32 depth;		/* certificate of the path the reason is about; 0 = leaf */
	__u32 purpose;
	__u32 name_type;
	__u32 name_len;
	__u32 time_source;	/* CAPCERT_TIME_* */
	__u32 clock;		/* CAPCERT_CLOCK_* */
	__u32 path_len;		/* certificates in the path, anchor included */
	__u32 sct_count;
	__u32 ocsp_status;
	__u32 flags;		/* CAPCERT_OUTCOME_* */
	__u32 store_origin;
	__u32 policy_origin;
	__u32 reserved;
	__s64 time;		/* judged at, seconds since the epoch */
	__s64 valid_from;	/* this verdict holds for every time in ... */
	__s64 valid_until;	/* ... [valid_from, valid_until] */
	__s64 chain_not_after;	/* least notAfter of the path (valid only) */
	__u64 store_id;
	__u64 store_version;
	__u64 policy_id;
	__u64 distrust_generation;
	__u64 audit_sequence;
	__u8  leaf[32];		/* SHA-256 fingerprints */
	__u8  anchor[32];
	__u8  chain_digest[32];
	__u8  store_digest[32];
	__u8  policy_digest[32];
	char  preset[32];
	__u8  name[CAPCERT_MAX_NAME];
	char  detail[256];	/* for people; NUL-terminated ASCII */
	__u64 pins_id;		/* 0 = without a pin set */
	__u64 pins_version;
	__u8  pins_digest[32];
	__u8  evidence_digest[32];	/* of all of it, in its order; zero = none */
};

/* One certificate of the reported path, leaf first. An anchor that no certificate carries has no
 * validity: S64_MIN to S64_MAX, and no part in chain_not_after.
 */
#define CAPCERT_SOURCE_CHAIN	0	/* @index: position in the caller's chain */
#define CAPCERT_SOURCE_ANCHOR	1	/* @index: 0 */
/* @missing: the policy asks for this certificate's revocation status, it is not known, and any of
 * these would be accepted. Set in soft mode too, where the path is valid without.
 */
#define CAPCERT_MISSING_STAPLE	(1u << 0)	/* leaf only: what the peer staples */
#define CAPCERT_MISSING_OCSP	(1u << 1)	/* an OCSP response that was asked for */
#define CAPCERT_MISSING_CRL	(1u << 2)	/* revocation lists of its issuer */
#define CAPCERT_MISSING_ALL	0x7u
struct capcert_path_entry {
	__u8  fingerprint[32];
	__s32 reason;		/* this certificate's own, or NONE */
	__u16 source;
	__u16 index;
	__s64 not_before;
	__s64 not_after;
	__u32 missing;		/* mask of CAPCERT_MISSING_* */
	__u32 reserved;
};

#define CAPCERT_VERIFY_TIME	(1u << 0)	/* judge at @time; EPERM unless policy time=any */
#define CAPCERT_VERIFY_FD	(1u << 1)	/* give an outcome handle */
/* Without evidence: what FETCH has answered for this question already counts, while it would
 * answer the same again; OUTCOME_FETCHED tells. No effect without the right FETCH.
 */
#define CAPCERT_VERIFY_FETCHED	(1u << 2)
struct capcert_verify {
	__u32 size;
	__u32 flags;
	__s32 store_fd;		/* right VERIFY */
	__s32 pins_fd;		/* right ENFORCE; -1 = none */
	__u64 chain;		/* struct capcert_blob[], leaf first; handles need READ */
	__u32 chain_count;
	__u32 purpose;
	__u64 name;
	__u32 name_len;
	__u32 name_type;
	__s64 time;
	__u64 evidence;		/* struct capcert_evidence_item[] */
	__u32 evidence_count;
	__u32 timeout_ms;	/* 0 = the module's default; at most 60000 */
	__u64 outcome;		/* struct capcert_outcome * */
	__u32 outcome_size;
	__u32 path_max;		/* entries that fit at @path */
	__u64 path;		/* struct capcert_path_entry * */
	__u32 path_count;	/* out: entries in the whole path */
	__s32 fd;		/* out: with CAPCERT_VERIFY_FD */
	__u64 rights;		/* out: of the verifier's handle: may it FETCH what is missing? */
};

/*
 * FETCH: what a certificate's issuer says of it now. The status agent asks the addresses that the
 * certificate names, verifies what comes, and nothing else leaves the machine. Answers are shared
 * by all who ask the same: the same certificates in the same order, @want, and the policy's
 * maximum age. The answer is a handle with READ INFO RESTRICT TRANSFER of evidence for VERIFY: an
 * OCSP response, a revocation list, or, when nobody answered, UNREACHABLE, with the reason in
 * @detail. EINVAL: @want is empty or has more than OCSP and CRL, @subject or @issuer is no index
 * of the chain, or they are the same. ENOENT: no such anchor in the store. EOPNOTSUPP: the anchor
 * is no certificate. EHOSTUNREACH: there is no status agent. Else as VERIFY.
 */
#define CAPCERT_FETCH_ANCHOR	0xffffffffu	/* @issuer is the anchor with this fingerprint */
#define CAPCERT_FETCHED_SHARED	(1u << 0)	/* no agent was asked for this call */
#define CAPCERT_FETCHED_KEPT	(1u << 1)	/* the agent had it already */
struct capcert_fetch {
	__u32 size;
	__u32 flags;
	__s32 store_fd;		/* right VERIFY: where the anchor is; else -1 */
	__u32 chain_count;
	__u64 chain;		/* struct capcert_blob[]; handles need READ */
	__u32 subject;		/* index of the certificate asked about */
	__u32 issuer;		/* index of the one that issued it, or FETCH_ANCHOR */
	__u8  anchor[32];	/* SHA-256 fingerprint, with FETCH_ANCHOR; else zero */
	__u32 want;		/* CAPCERT_MISSING_OCSP, _CRL: any of these will do */
	__u32 timeout_ms;	/* 0 = the module's default; at most 60000 */
	__s32 fd;		/* out */
	__u32 type;		/* out: CAPCERT_EVIDENCE_OCSP, _CRL, _UNREACHABLE */
	__u32 len;		/* out: bytes of it */
	__u32 status;		/* out: CAPCERT_OCSP_GOOD, _REVOKED, _RESPONDER_UNREACHABLE */
	__u32 how;		/* out: CAPCERT_FETCHED_* */
	__u32 reserved;
	__s64 fetched;		/* out: when, seconds since the epoch */
	__s64 this_update;	/* out: as the answer has it; UNREACHABLE: @fetched */
	__s64 until;		/* out: last second at which it counts */
	__u64 id;		/* out: of the evidence */
	__u8  digest[32];	/* out: SHA-256 of its bytes */
	char  detail[192];	/* out: where it came from, or why not; printable ASCII */
};

/* VERIFY_SIG: one signature by a certificate's key, under the verifier's policy. */
struct capcert_verify_sig {
	__u32 size;
	__u32 flags;
	__s32 cert_fd;		/* right VERIFY_SIG */
	__u32 scheme;		/* TLS SignatureScheme (RFC 8446 section 4.2.3) */
	__u64 message;
	__u32 message_len;
	__u32 signature_len;
	__u64 signature;
	__u32 timeout_ms;
	__u32 ok;		/* out: 1 or 0 */
	__s32 reason;		/* out: CAPCERT_REASON_* */
	__u32 reserved;
};

/* ---- private key ---- */

/* What a private key may sign, as numbers and as a mask 1 << number. */
#define CAPCERT_KEY_TLS_SERVER		0
#define CAPCERT_KEY_TLS_CLIENT		1
#define CAPCERT_KEY_ACME_ACCOUNT	2
#define CAPCERT_KEY_CA_SIGN		3	/* a TBSCertificate */
#define CAPCERT_KEY_CODE_SIGN		4
#define CAPCERT_KEY_BUNDLE_SIGN		5
#define CAPCERT_KEY_OCSP_SIGN		6	/* a ResponseData */
#define CAPCERT_KEY_CRL_SIGN		7	/* a TBSCertList */
#define CAPCERT_KEY_CT_LOG		8
#define CAPCERT_KEY_PURPOSES		9

/* Where a key comes from. The first kind is refused in the production profile. */
#define CAPCERT_KEY_SOFTHSM_DEV		1
#define CAPCERT_KEY_PKCS11_HARDWARE	2
#define CAPCERT_KEY_CLOUD_KMS		3
#define CAPCERT_KEY_ATTESTATION		4

#define CAPCERT_MAX_KEY_URI		1024

/* KEY_INFO: what is public about a private key. The limits are this handle's. */
struct capcert_key_info {
	__u32 size;
	__u32 flags;
	__u32 algorithm;	/* out: core/alg.h */
	__u32 bits;		/* out: of modulus or field */
	__u32 purposes;		/* out: mask of CAPCERT_KEY_* */
	__u32 source;		/* out: CAPCERT_KEY_SOFTHSM_DEV ... */
	__s64 created;		/* out: as the token's keeper recorded it; 0 = not known */
	__u64 uses_left;	/* out: U64_MAX = without limit */
	__s64 not_after;	/* out: last second of use; S64_MAX = without limit */
	__u32 per_minute;	/* out: 0 = without limit */
	__u32 reserved;
	__u8  spki_hash[32];	/* out: SHA-256 of the SubjectPublicKeyInfo */
};

/*
 * SIGN: one signature, for one purpose. What is signed is the message, or with SIGN_DIGEST its
 * digest, of the scheme's hash; EINVAL with a digest for CA_SIGN, OCSP_SIGN, CRL_SIGN (what they
 * are about must be seen), for Ed25519, or of the wrong length. The signature has the form of TLS
 * and X.509: ECDSA as DER Ecdsa-Sig-Value (RFC 3279 section 2.2.3), RSA and Ed25519 as they are.
 * EACCES: not this key's purpose, or what is to be signed is not of that kind; EOPNOTSUPP: not
 * this key's scheme; EDQUOT: no use left of this handle, or too many in this minute;
 * EKEYEXPIRED: after its end; ENODEV: the token is not there; EIO: its keeper died of it, or
 * answered nonsense; whether a signature was made is not known then.
 */
#define CAPCERT_SIGN_DIGEST	(1u << 0)
struct capcert_sign {
	__u32 size;
	__u32 flags;
	__u32 purpose;		/* one number, CAPCERT_KEY_* */
	__u32 scheme;		/* TLS SignatureScheme (RFC 8446 section 4.2.3) */
	__u64 message;
	__u64 signature;	/* buffer of @signature_len bytes */
	__u32 message_len;	/* 1..CAPCERT_MAX_MESSAGE */
	__u32 signature_len;
	__u32 timeout_ms;	/* 0 = the module's default; at most 60000 */
	__u32 ret_len;		/* out: bytes written; with EMSGSIZE bytes needed */
};

/* KEY_RESTRICT: RESTRICT for keys, with limits of use; each only ever gets stricter, and all
 * handles derived from one with limits draw on the same count. */
struct capcert_key_restrict {
	__u32 size;
	__u32 flags;		/* CAPCERT_RESTRICT_PIDFD */
	__u64 rights;		/* subset of the handle's, else EACCES */
	__u32 purposes;		/* mask; 0 = those of the handle */
	__s32 pidfd;
	__u64 max_uses;		/* 0 = no further limit */
	__s64 not_after;	/* seconds since the epoch; 0 = no further limit */
	__u32 per_minute;	/* 0 = no further limit */
	__s32 fd;		/* out */
	__u64 id;		/* out */
};

/* ---- outcome ---- */

struct capcert_outcome_get {
	__u32 size;
	__u32 flags;
	__u64 outcome;		/* struct capcert_outcome * */
	__u32 outcome_size;
	__u32 path_max;
	__u64 path;
	__u32 path_count;	/* out */
	__u32 superseded;	/* out */
};

/* Every number below is used by exactly one kind of file; rights stand in kmod's table. */
#define CAPCERT_IOC	0xC7
#define CAPCERT_STATUS		_IO(CAPCERT_IOC, 0x00)
#define CAPCERT_OPEN		_IO(CAPCERT_IOC, 0x01)
#define CAPCERT_OPEN_NAME	_IO(CAPCERT_IOC, 0x02)
#define CAPCERT_OPEN_SYSTEM	_IO(CAPCERT_IOC, 0x03)
#define CAPCERT_OPEN_AUDIT	_IO(CAPCERT_IOC, 0x04)
#define CAPCERT_DISTRUST	_IO(CAPCERT_IOC, 0x05)
#define CAPCERT_ADMIT		_IO(CAPCERT_IOC, 0x06)
#define CAPCERT_FLOOR		_IO(CAPCERT_IOC, 0x07)
#define CAPCERT_EVIDENCE	_IO(CAPCERT_IOC, 0x08)
#define CAPCERT_INFO		_IO(CAPCERT_IOC, 0x10)
#define CAPCERT_READ		_IO(CAPCERT_IOC, 0x11)
#define CAPCERT_RESTRICT	_IO(CAPCERT_IOC, 0x12)
#define CAPCERT_PUBLIC		_IO(CAPCERT_IOC, 0x18)
#define CAPCERT_ADD		_IO(CAPCERT_IOC, 0x20)
#define CAPCERT_REMOVE		_IO(CAPCERT_IOC, 0x21)
#define CAPCERT_VERSION		_IO(CAPCERT_IOC, 0x22)
#define CAPCERT_PINS_ADD	_IO(CAPCERT_IOC, 0x28)
#define CAPCERT_PINS_REMOVE	_IO(CAPCERT_IOC, 0x29)
#define CAPCERT_PINS_INFO	_IO(CAPCERT_IOC, 0x2a)
#define CAPCERT_POLICY		_IO(CAPCERT_IOC, 0x30)
#define CAPCERT_VERIFY		_IO(CAPCERT_IOC, 0x31)
#define CAPCERT_VERIFY_SIG	_IO(CAPCERT_IOC, 0x32)
#define CAPCERT_FETCH		_IO(CAPCERT_IOC, 0x33)
#define CAPCERT_OUTCOME_GET	_IO(CAPCERT_IOC, 0x40)
#define CAPCERT_AUDIT_READ	_IO(CAPCERT_IOC, 0x48)
#define CAPCERT_KEY_INFO	_IO(CAPCERT_IOC, 0x50)
#define CAPCERT_SIGN		_IO(CAPCERT_IOC, 0x51)
#define CAPCERT_KEY_RESTRICT	_IO(CAPCERT_IOC, 0x52)

#include <linux/capcert_audit.h>
#include <linux/capcert_tls.h>

#endif /* _UAPI_LINUX_CAPCERT_H */
