/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/* The wire of certificate slots and TLS configs. Included by <linux/capcert.h>, whose conventions
 * and common errors hold here. */
#ifndef _UAPI_LINUX_CAPCERT_TLS_H
#define _UAPI_LINUX_CAPCERT_TLS_H

#include <linux/types.h>
#include <linux/ioctl.h>

/* ---- certificate slots ---- */

/*
 * A store of slots has named values: chain, staple, SCTs and key, which are put, and seen, as one.
 *
 * Names have 1 to 127 bytes of printable ASCII without space, comma, quotation mark and backslash:
 * parts with '/' between them, none of which is empty, "." or "..". "www.example.org",
 * "*.example.org" and "web/www.example.org" are names.
 * A pattern is a name, or a prefix of whole parts that ends in '/': "web/" stands for every name
 * that begins so. Patterns are given as text with ',' between them; no text stands for all slots.
 *
 * Every PUT and DELETE gives the store its next version, which the slot has from then on: equal
 * versions of a slot are equal values.
 */
#define CAPCERT_SLOT_NAME_SIZE		128	/* with NUL */
#define CAPCERT_SLOT_MAX_PATTERNS	32
#define CAPCERT_SLOT_MAX_PATTERN_TEXT	2048
#define CAPCERT_SLOT_MAX_SLOTS		1024	/* in one store: ENOSPC */
#define CAPCERT_SLOT_MAX_WATCHES	1024	/* of one store: ENOSPC */
#define CAPCERT_SLOT_MAX_CHAIN		16
#define CAPCERT_SLOT_MAX_CHAIN_BYTES	(64 * 1024)
#define CAPCERT_SLOT_MAX_STAPLE		65535
#define CAPCERT_SLOT_MAX_SCTS		65535
#define CAPCERT_SLOT_EVENTS		256	/* that a store remembers */

/*
 * SLOT_PUT: the slot has this value from now on, all of it; nothing has changed after an error, and
 * the audit record says in words what was wrong. What is checked: every certificate parses, and the
 * one after another is its issuer by name (the root may be left out); the key is the leaf's; the
 * staple is a successful response about the leaf alone, by names and keys of the chain (by name and
 * serial number where the issuer is not in it); the SCTs are a list. Signatures are not: who has
 * PUT vouches for the value, and clients verify it.
 *
 * @key_fd: rights SIGN and TRANSFER, since who may GET with SIGN gets the use of it, for
 * CAPCERT_KEY_TLS_SERVER and _CLIENT, as far as the key is for these (else EACCES).
 * With SLOT_STAPLE only the staple is replaced (by none, when there is none in the call), and all
 * else stays: chain, SCTs are 0 then and the key -1. ENOENT: the slot is not there.
 * With SLOT_EXPECT the slot has version @expect now, or is not there for 0; else ESTALE.
 * EACCES: a name that this handle does not stand for. EBADMSG: chain, staple or SCTs are not what
 * they must be. EKEYREJECTED: the key is not the leaf's. EINVAL: no slot name, no chain.
 */
#define CAPCERT_SLOT_EXPECT	(1u << 0)
#define CAPCERT_SLOT_STAPLE	(1u << 1)
struct capcert_slot_put {
	__u32 size;
	__u32 flags;
	__u64 name;		/* bytes, no NUL needed */
	__u32 name_len;
	__s32 key_fd;		/* -1 = none */
	__u64 chain;		/* struct capcert_blob[], leaf first; handles need READ */
	__u64 staple;		/* DER OCSPResponse (RFC 6960) */
	__u64 scts;		/* SignedCertificateTimestampList (RFC 6962 section 3.3) */
	__u32 chain_count;
	__u32 staple_len;	/* 0 = none */
	__u32 scts_len;		/* 0 = none */
	__u32 reserved;
	__u64 expect;
	__u64 version;		/* out */
	__s64 time;		/* out: seconds since the epoch */
};

/*
 * SLOT_GET: one value, as one PUT made it. With SLOT_VERSION only @version, @time and @leaf, and
 * no buffer is looked at: the cheap question whether something is new. With SLOT_KEY (right SIGN
 * beside GET) a key handle, bound to this process: SIGN PUBLIC INFO, as far as the one that was put
 * had them; @key_fd is -1 when the slot has no key. A staple is left out once its nextUpdate is
 * over. ENOENT: no such slot, or none that this handle stands for. EMSGSIZE: every @..._len says
 * what is needed. EKEYREVOKED ...: with SLOT_KEY also of the slot's key.
 */
#define CAPCERT_SLOT_KEY	(1u << 0)
#define CAPCERT_SLOT_VERSION	(1u << 1)
struct capcert_slot_get {
	__u32 size;
	__u32 flags;
	__u64 name;
	__u32 name_len;
	__s32 key_fd;		/* out */
	__u64 chain;		/* buffer: certificates, DER, one behind the other, leaf first */
	__u64 staple;
	__u64 scts;
	__u32 chain_len;	/* in: room, out: bytes */
	__u32 staple_len;
	__u32 scts_len;
	__u32 chain_count;	/* out: certificates */
	__u64 version;		/* out */
	__s64 time;		/* out: of the PUT, seconds since the epoch */
	__s64 not_after;	/* out: of the leaf */
	__s64 staple_until;	/* out: last second of the staple; 0 = none, S64_MAX = says not */
	__u64 key_id;		/* out: of the key object, 0 = the slot has none */
	__u8  leaf[32];		/* out: SHA-256 of the leaf */
};

/* SLOT_LIST: slots this handle stands for, in the order of their names, behind @after. Fewer than
 * fit, and not as many as CAPCERT_SLOT_LIST_MAX: there are no more. */
#define CAPCERT_SLOT_LIST_MAX	64	/* records of one call */
#define CAPCERT_SLOT_HAS_KEY	(1u << 0)
#define CAPCERT_SLOT_HAS_STAPLE	(1u << 1)
#define CAPCERT_SLOT_HAS_SCTS	(1u << 2)
struct capcert_slot_entry {
	__u64 version;
	__s64 time;
	__s64 not_after;
	__s64 staple_until;
	__u64 key_id;
	__u32 chain_count;
	__u32 flags;		/* CAPCERT_SLOT_HAS_* */
	__u8  leaf[32];
	char  name[CAPCERT_SLOT_NAME_SIZE];	/* NUL-terminated */
};

struct capcert_slot_list {
	__u32 size;
	__u32 flags;
	__u64 after;		/* a name; @after_len 0 = from the first on */
	__u32 after_len;
	__u32 entry_size;	/* sizeof(struct capcert_slot_entry) */
	__u64 buf;		/* struct capcert_slot_entry[] */
	__u32 count;		/* in: records that fit; out: records written */
	__u32 reserved;
	__u64 version;		/* out: of the store */
};

/* SLOT_DELETE: ENOENT, ESTALE as SLOT_PUT; EACCES: not a slot that this handle stands for. */
struct capcert_slot_delete {
	__u32 size;
	__u32 flags;		/* CAPCERT_SLOT_EXPECT */
	__u64 name;
	__u32 name_len;
	__u32 reserved;
	__u64 expect;
	__u64 version;		/* out */
};

/*
 * SLOT_WATCH: a handle (WATCH INFO, and RESTRICT TRANSFER as this one has them) that is readable
 * when SLOT_NEXT has something to say. It begins with what comes after @version; without
 * SLOT_FROM after now. EINVAL: @version is above the store's, or no patterns. EACCES: patterns of
 * more than this handle stands for. Closing it ends the watch; when a key behind it is revoked,
 * poll() says POLLERR and POLLHUP at once (that one ran out is seen at the next event).
 */
#define CAPCERT_SLOT_FROM	(1u << 0)
struct capcert_slot_watch {
	__u32 size;
	__u32 flags;
	__u64 patterns;
	__u32 patterns_len;	/* 0 = all that this handle stands for */
	__s32 fd;		/* out */
	__u64 version;		/* in: with SLOT_FROM; out: of the store when the watch began */
	__u64 id;		/* out */
};

/*
 * SLOT_NEXT: events in the order in which they happened, none twice, none left out: who reads so
 * late that the store has forgotten some gets one RESYNC in their place, whose @version is the
 * store's, and goes on from there: what is in the slots now is his to look at. @count 0: nothing
 * yet.
 */
#define CAPCERT_SLOT_EVENT_PUT		1
#define CAPCERT_SLOT_EVENT_STAPLE	2	/* a PUT that replaced the staple alone */
#define CAPCERT_SLOT_EVENT_DELETE	3
#define CAPCERT_SLOT_EVENT_RESYNC	4	/* @name is empty */
struct capcert_slot_event {
	__u64 version;		/* of slot and store after it */
	__s64 time;		/* seconds since the epoch */
	__u32 what;		/* CAPCERT_SLOT_EVENT_* */
	__u32 reserved;
	char  name[CAPCERT_SLOT_NAME_SIZE];	/* NUL-terminated */
};

struct capcert_slot_next {
	__u32 size;
	__u32 flags;
	__u64 buf;		/* struct capcert_slot_event[] */
	__u32 count;		/* in: records that fit; out: records written */
	__u32 event_size;	/* sizeof(struct capcert_slot_event) */
};

/* SLOT_RESTRICT: RESTRICT for slot stores, with fewer slots. EINVAL: no patterns. EACCES: patterns
 * of more than this handle stands for; else as RESTRICT. */
struct capcert_slot_restrict {
	__u32 size;
	__u32 flags;		/* CAPCERT_RESTRICT_PIDFD */
	__u64 rights;		/* subset of the handle's, else EACCES */
	__u64 patterns;
	__u32 patterns_len;	/* 0 = as the handle */
	__s32 pidfd;
	__s32 fd;		/* out */
	__u32 reserved;
	__u64 id;		/* out */
};

/* ---- TLS configs ---- */

#define CAPCERT_TLS_SERVER	1
#define CAPCERT_TLS_CLIENT	2

/* TlsVersion. */
#define CAPCERT_TLS_12		0
#define CAPCERT_TLS_13		1

/* CipherPolicy. */
#define CAPCERT_TLS_MODERN		0	/* TLS 1.3 alone: min_version is raised to it */
#define CAPCERT_TLS_INTERMEDIATE	1
#define CAPCERT_TLS_LEGACY		2	/* EPERM without CAPCERT_TLS_LEGACY_OK */

#define CAPCERT_TLS_AUTH_NONE		0	/* a server asks for no client certificate */
#define CAPCERT_TLS_AUTH_OPTIONAL	1
#define CAPCERT_TLS_AUTH_REQUIRED	2

/* Parts of a config, as numbers and as a mask 1 << number. */
#define CAPCERT_TLS_PART_SLOTS		0
#define CAPCERT_TLS_PART_KEY		1
#define CAPCERT_TLS_PART_VERIFIER	2
#define CAPCERT_TLS_PART_STORE		3
#define CAPCERT_TLS_PART_PINS		4
#define CAPCERT_TLS_PARTS		5

#define CAPCERT_TLS_MAX_ALPN		256
#define CAPCERT_TLS_MAX_HOST		253

/*
 * TLS_CONFIG: what a TLS end needs, as one handle that lets its holder use it without holding any
 * of the parts (TLS_USE). Each part needs the rights that stand behind it, and TRANSFER when the
 * config is to have it, or is to be found in a keyring: a config passes its parts on.
 *
 * A server has slots, and a key where the slots have none; verifier and store when it asks for
 * client certificates, and else not. Which slot serves a name that a client asks for: that in
 * @slots whose last part is the name, else "*." and the name without its first label, else
 * @default_slot; patterns are tried in their order, a prefix with the name behind it.
 * A client has verifier and store; pins or not; and to identify itself @default_slot of its slots,
 * with the slot's key or one of its own.
 *
 * With @ring (a serial number, WRITE) the config becomes a captls key @description there, whose
 * revocation ends it. EINVAL: a field that the role does not have, or one it needs is missing; a
 * name, pattern, ALPN list or host name that is none. EKEYREVOKED ...: of a part's keys.
 */
#define CAPCERT_TLS_STAPLE		(1u << 0)	/* server: send staples that are there */
#define CAPCERT_TLS_STAPLE_REQUIRED	(1u << 1)	/* and no handshake without one */
#define CAPCERT_TLS_LEGACY_OK		(1u << 2)	/* LEGACY is what is meant */
struct capcert_tls_config {
	__u32 size;
	__u32 flags;
	__u64 rights;		/* of the handle: of INFO RESTRICT TRANSFER USE */
	__u32 role;		/* CAPCERT_TLS_SERVER, _CLIENT */
	__u32 client_auth;	/* server: CAPCERT_TLS_AUTH_* */
	__u32 min_version;	/* CAPCERT_TLS_12, _13 */
	__u32 cipher_policy;	/* CAPCERT_TLS_MODERN ... */
	__s32 slots_fd;		/* GET WATCH, and SIGN without @key_fd; -1 = none, as below */
	__s32 key_fd;		/* SIGN; tls-server or tls-client, by the role */
	__s32 verifier_fd;	/* VERIFY; FETCH is passed on if it is there */
	__s32 store_fd;		/* VERIFY */
	__s32 pins_fd;		/* client: ENFORCE */
	__s32 ring;		/* 0 = none */
	__u64 slots;		/* server: patterns, 1..CAPCERT_SLOT_MAX_PATTERN_TEXT bytes */
	__u64 default_slot;
	__u64 alpn;		/* ProtocolNames in the order of preference (RFC 7301 section 3.1),
				 * without the length of the list */
	__u64 host;		/* client: verify as this name, and send it, whatever was dialled */
	__u64 description;
	__u32 slots_len;	/* 0 = the default slot alone */
	__u32 default_slot_len;	/* 0 = none: a name that no slot serves is refused */
	__u32 alpn_len;
	__u32 host_len;
	__u32 description_len;
	__s32 fd;		/* out */
	__u64 id;		/* out */
	__s32 serial;		/* out: of the key, 0 = none */
	__u32 reserved;
};

/* TLS_INFO: what a config says, without its parts. @alpn_len, @slots_len as in SLOT_GET. */
struct capcert_tls_info {
	__u32 size;
	__u32 flags;
	__u32 role;		/* all below: out */
	__u32 client_auth;
	__u32 min_version;
	__u32 cipher_policy;
	__u32 options;		/* CAPCERT_TLS_STAPLE ... */
	__u32 parts;		/* mask of 1 << CAPCERT_TLS_PART_* */
	__u64 slots;		/* buffer */
	__u64 alpn;		/* buffer */
	__u32 slots_len;	/* in: room, out: bytes */
	__u32 alpn_len;
	char  default_slot[CAPCERT_SLOT_NAME_SIZE];	/* NUL-terminated, as the next */
	char  host[256];
};

/*
 * TLS_USE: a handle of one part with what a TLS end needs of it, bound to this process. Slots: GET
 * WATCH and, without a key part, SIGN, of the config's slots; key: SIGN PUBLIC for the role;
 * verifier: VERIFY, and FETCH if it was given; store: VERIFY; pins: ENFORCE; INFO where it was
 * given. ENOENT: the config has no such part. EKEYREVOKED ...: a key of any part. EMLINK: it
 * derives from too many keys.
 */
struct capcert_tls_use {
	__u32 size;
	__u32 flags;
	__u32 part;		/* CAPCERT_TLS_PART_* */
	__s32 fd;		/* out */
	__u64 rights;		/* out */
	__u64 id;		/* out */
};

#define CAPCERT_TLS_CONFIG	_IO(CAPCERT_IOC, 0x09)
#define CAPCERT_SLOT_PUT	_IO(CAPCERT_IOC, 0x58)
#define CAPCERT_SLOT_GET	_IO(CAPCERT_IOC, 0x59)
#define CAPCERT_SLOT_LIST	_IO(CAPCERT_IOC, 0x5a)
#define CAPCERT_SLOT_DELETE	_IO(CAPCERT_IOC, 0x5b)
#define CAPCERT_SLOT_WATCH	_IO(CAPCERT_IOC, 0x5c)
#define CAPCERT_SLOT_NEXT	_IO(CAPCERT_IOC, 0x5d)
#define CAPCERT_SLOT_RESTRICT	_IO(CAPCERT_IOC, 0x5e)
#define CAPCERT_TLS_INFO	_IO(CAPCERT_IOC, 0x60)
#define CAPCERT_TLS_USE		_IO(CAPCERT_IOC, 0x61)

#endif /* _UAPI_LINUX_CAPCERT_TLS_H */
