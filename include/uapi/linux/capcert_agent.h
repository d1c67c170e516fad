/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/* The wire between the module and its agents: /dev/capcert-agent. */
#ifndef _UAPI_LINUX_CAPCERT_AGENT_H
#define _UAPI_LINUX_CAPCERT_AGENT_H

#include <linux/types.h>
#include <linux/ioctl.h>
#include <linux/capcert.h>

/**
 * DOC: agents
 *
 * An agent opens /dev/capcert-agent (CAP_SYS_ADMIN in the initial user namespace), says
 * HELLO with its class once, then read()s requests and write()s replies; poll() tells when
 * a request waits. Several threads may share one fd. Contract:
 *  - read() returns exactly one whole request, or EMSGSIZE and leaves it queued; EAGAIN with
 *    O_NONBLOCK and nothing queued; ENOTCONN before HELLO.
 *  - A request is dispatched to one fd at a time. Exactly one completion counts: the first
 *    well-formed reply from the fd that the request is dispatched to. Any other reply fails
 *    with ENOENT (unknown, already answered, given up, or another agent's) and changes nothing.
 *  - A reply that is not well-formed fails with EINVAL (and is audited); the request then
 *    fails with EIO for its caller.
 *  - When the fd goes away, its dispatched VERIFY and STATUS requests go back to the head of
 *    the queue for the next agent, a dispatched SIGN request fails with EIO.
 *  - A request that is past its deadline fails with ETIMEDOUT, dispatched or not. With no
 *    agent connected a request waits for one until its deadline.
 *  - STATE gives the frozen states that a request dispatched to this fd pins, nothing else.
 */

#define CAPCERT_CLASS_VERIFY	1
#define CAPCERT_CLASS_SIGN	2
#define CAPCERT_CLASS_STATUS	3

struct capcert_agent_hello {
	__u32 size;
	__u32 flags;
	__u32 class;
	__u32 abi;		/* CAPCERT_ABI_VERSION, else EPROTO */
	__u32 clock;		/* CAPCERT_CLOCK_* as the agent sees it */
	__u32 max_request;	/* out: largest request in bytes: the buffer for read() */
};

#define CAPCERT_AGENT_OP_VERIFY		1
#define CAPCERT_AGENT_OP_VERIFY_SIG	2	/* by certificate: scheme + message */
#define CAPCERT_AGENT_OP_VERIFY_DIGEST	3	/* pkey_verify: scheme + digest, signature padded */
#define CAPCERT_AGENT_OP_KEY_OPEN	16	/* sign class: what is this key? */
#define CAPCERT_AGENT_OP_SIGN		17	/* sign class: @scheme, @purpose, message */
#define CAPCERT_AGENT_OP_SIGN_DIGEST	18	/* the same of a digest */
#define CAPCERT_AGENT_OP_STATUS		32	/* status class: is this certificate revoked? */

/*
 * A request: this header, then @name_len bytes of name, @policy_len bytes of canonical policy
 * text, then @item_count items. An item is a __u32 length, that many bytes, zero padding to
 * the next multiple of 4. The name and the policy are padded to a multiple of 4 as well. Last,
 * @evidence_count struct capcert_agent_evidence (VERIFY only).
 *  VERIFY: items are the certificates, leaf first.
 *  VERIFY_SIG: items are certificate DER, message, signature.
 *  VERIFY_DIGEST: items are certificate DER, digest, signature area: the signature may be
 *    followed by bytes that do not belong to it and must be parsed self-delimiting.
 *  KEY_OPEN: the one item is the key's URI (RFC 7512); @purpose is the mask that is wanted.
 *  SIGN, SIGN_DIGEST: items are URI, SubjectPublicKeyInfo, message or digest; @purpose is one
 *    number, CAPCERT_KEY_*.
 *  STATUS: items are the certificate, its issuer, and others that may have signed evidence;
 *    @purpose is the mask of CAPCERT_MISSING_OCSP and _CRL: what would do; @scheme is
 *    CAPCERT_NONCE_*. There is no policy: equal questions of different policies have one answer.
 */
struct capcert_agent_request {
	__u32 size;		/* whole message */
	__u32 op;
	__u64 id;
	__u32 purpose;
	__u32 name_type;
	__u32 name_len;
	__u32 policy_len;
	__u32 item_count;
	__u32 scheme;
	__u32 time_source;
	__u32 clock;
	__s64 time;
	__u64 store_id;
	__u64 store_version;
	__u64 distrust_generation;
	__u32 store_len;	/* bytes STATE gives for CAPCERT_STATE_STORE */
	__u32 distrust_len;	/* bytes STATE gives for CAPCERT_STATE_DISTRUST */
	__u8  store_digest[32];
	__u8  policy_digest[32];
	__u32 pins_len;		/* bytes STATE gives for CAPCERT_STATE_PINS; 0 = no pin set */
	__u32 evidence_count;	/* entries of the table behind the items */
	__u8  pins_digest[32];
	__u8  evidence_digest[32];	/* of the whole table */
	__s64 logs_created;	/* when the list of CT logs was made, seconds since the epoch */
	__u32 logs_len;		/* bytes STATE gives for CAPCERT_STATE_CT_LOGS; 0 = no list */
	__u32 max_age;		/* STATUS: seconds that evidence without an end counts */
	__u8  logs_digest[32];	/* of the list's anchors, which does not cover @logs_created */
};

/* Nonces in OCSP requests. */
#define CAPCERT_NONCE_OFF	0
#define CAPCERT_NONCE_ASK	1	/* sent; a response without one is taken */
#define CAPCERT_NONCE_REQUIRE	2	/* only a response with the same is taken */

/* One piece of evidence: STATE gives its bytes, by CAPCERT_STATE_EVIDENCE and its index. */
struct capcert_agent_evidence {
	__u32 type;		/* CAPCERT_EVIDENCE_* */
	__u32 len;
	__u8  digest[32];	/* SHA-256 */
};

#define CAPCERT_STATE_STORE	1
#define CAPCERT_STATE_DISTRUST	2
#define CAPCERT_STATE_PINS	3	/* canonical text of the pin set, no NUL */
#define CAPCERT_STATE_EVIDENCE	4	/* bytes of the piece of evidence at @index */
#define CAPCERT_STATE_CT_LOGS	5	/* the system store that the policy names, as STATE_STORE */
struct capcert_agent_state {
	__u32 size;
	__u32 flags;
	__u64 id;		/* request that pins the state */
	__u32 what;
	__u32 len;
	__u64 buf;
	__u32 ret_len;		/* out; needed bytes with EMSGSIZE */
	__u32 index;		/* CAPCERT_STATE_EVIDENCE; else 0 */
};

/*
 * STATE_STORE: this, then @count times: struct capcert_anchor, DER, zero padding to 8. The DER is a
 * TrustAnchorChoice (RFC 5914): a certificate, where flag LIMITED is not set.
 */
struct capcert_state_store {
	__u64 id;
	__u64 version;
	__u8  digest[32];
	__u32 count;
	__u32 reserved;
	__u64 number;		/* of the bundle it comes from, 0 = none */
	__s64 created;		/* when that was made, seconds since the epoch */
};

/* STATE_DISTRUST: this, then @count times: __u32 what, __u32 len, bytes, zero padding to 8. */
struct capcert_state_distrust {
	__u64 generation;
	__u32 count;
	__u32 reserved;
};

/*
 * A reply: this, then @path_count struct capcert_path_entry (VERIFY only), then @data_len bytes
 * (SIGN and STATUS only). What is no verdict has @valid 1 and @reason NONE.
 */
#define CAPCERT_AGENT_MAX_DATA	(256 * 1024)
struct capcert_agent_reply {
	__u32 size;		/* whole message */
	__u32 path_count;	/* 0..CAPCERT_MAX_PATH */
	__u64 id;
	__s32 error;		/* 0, or -errno: no verdict could be made (never cached) */
	__u32 valid;
	__s32 reason;
	__u32 depth;
	__u32 sct_count;
	__u32 ocsp_status;
	__u32 clock;		/* CAPCERT_CLOCK_* as the agent sees it */
	__u32 flags;		/* of CAPCERT_OUTCOME_PIN* */
	__s64 valid_from;
	__s64 valid_until;
	__s64 chain_not_after;
	char  detail[256];	/* printable ASCII, NUL-terminated */
	__u32 data_len;
	__u32 reserved;
};

/*
 * Data of a reply to KEY_OPEN: this, then @spki_len bytes of SubjectPublicKeyInfo. To SIGN and
 * SIGN_DIGEST: the signature, as CAPCERT_SIGN gives it.
 */
struct capcert_agent_key {
	__u32 size;		/* sizeof(struct capcert_agent_key) */
	__u32 purposes;		/* of those wanted, what the key is for; not 0 */
	__u32 source;		/* CAPCERT_KEY_SOFTHSM_DEV ... */
	__u32 spki_len;
	__s64 created;
};

/*
 * Data of a reply to STATUS: this, then the bytes of an OCSP response or list, unless @fd has them:
 * a memfd of the agent's, sealed by F_SEAL_SEAL, SHRINK, GROW and WRITE. The module keeps that
 * file, no copy: an agent that gives the same file again costs nobody anything. UNREACHABLE has
 * neither. What the answer came from, or why there is none, stands in the reply's @detail. EBADF,
 * EINVAL, ENODATA or EMSGSIZE of write() are about the file; the request fails with EIO then.
 */
#define CAPCERT_AGENT_STATUS_KEPT	(1u << 0)	/* nothing was fetched for this */
struct capcert_agent_status {
	__u32 size;		/* sizeof(struct capcert_agent_status) */
	__u32 flags;		/* CAPCERT_AGENT_STATUS_* */
	__u32 type;		/* CAPCERT_EVIDENCE_OCSP, _CRL, _UNREACHABLE */
	__u32 status;		/* CAPCERT_OCSP_GOOD, _REVOKED; _RESPONDER_UNREACHABLE */
	__s32 fd;		/* -1 = the bytes follow */
	__u32 reserved;
	__s64 fetched;		/* seconds since the epoch */
	__s64 this_update;
	__s64 until;		/* last second at which it, or a failure, counts */
};

#define CAPCERT_AGENT_HELLO	_IO(CAPCERT_IOC, 0x80)
#define CAPCERT_AGENT_STATE	_IO(CAPCERT_IOC, 0x81)

#endif /* _UAPI_LINUX_CAPCERT_AGENT_H */
