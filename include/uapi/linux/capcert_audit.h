/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/* The wire of the audit trail. Included by <linux/capcert.h>, whose conventions and common errors
 * hold here; docs/audit.md says what each record means. */
#ifndef _UAPI_LINUX_CAPCERT_AUDIT_H
#define _UAPI_LINUX_CAPCERT_AUDIT_H

#include <linux/types.h>

#define CAPCERT_AUDIT_OPEN		1
#define CAPCERT_AUDIT_RESTRICT		2
#define CAPCERT_AUDIT_ADD		3
#define CAPCERT_AUDIT_REMOVE		4
#define CAPCERT_AUDIT_VERIFY		5
#define CAPCERT_AUDIT_VERIFY_SIG	6
#define CAPCERT_AUDIT_DENY		7
#define CAPCERT_AUDIT_DISTRUST		8
#define CAPCERT_AUDIT_AGENT		9
#define CAPCERT_AUDIT_CREATE		10
#define CAPCERT_AUDIT_DESTROY		11
#define CAPCERT_AUDIT_UPDATE		12	/* a key got a new payload */
#define CAPCERT_AUDIT_PIN_MISMATCH	13	/* beside VERIFY's own record */
#define CAPCERT_AUDIT_ADMIT		14	/* @text: name, number, and why not */
#define CAPCERT_AUDIT_FLOOR		15
#define CAPCERT_AUDIT_FETCH		16	/* @text: answer, age, from where; @digest: of the
						 * certificate; @other_version: age, seconds */
#define CAPCERT_AUDIT_SIGN		17	/* @digest, @text: see docs/audit.md */
#define CAPCERT_AUDIT_SLOT_PUT		18	/* @digest: of the leaf; @text: why not, the slot */
#define CAPCERT_AUDIT_SLOT_GET		19	/* with the slot's key, which is the other object */
#define CAPCERT_AUDIT_SLOT_DELETE	20
#define CAPCERT_AUDIT_TLS_CONFIG	21
#define CAPCERT_AUDIT_TLS_USE		22	/* @text: the part, which is the other object */
#define CAPCERT_AUDIT_COUNT		23	/* above every number in use; grows */

struct capcert_audit_record {
	__u64 sequence;		/* gapless; a gap is a lost record */
	__u64 mono_ns;
	__s64 wall;
	__u32 op;		/* CAPCERT_AUDIT_* */
	__u32 clock;
	__s32 pid;
	__u32 uid;
	__u64 start_ns;		/* start time of the process, boot time base */
	__u64 handle_id;
	__u64 rights;		/* of the handle used */
	__u64 object_id;
	__u64 object_version;
	__u64 other_id;		/* second object: the store of a verification; of a PIN_MISMATCH, */
				/* whose object is the pin set, the verifier */
	__u64 other_version;
	__u32 kind;
	__u32 origin;
	__s32 error;		/* 0 or -errno */
	__s32 reason;		/* CAPCERT_REASON_* */
	__u32 flags;		/* CAPCERT_OUTCOME_* */
	__u32 command;		/* ioctl number, 0 = none */
	__u8  digest[32];	/* what it was about: chain, anchor, certificate */
	__u8  link[32];		/* hash chain: SHA-256(previous link, this record) */
	char  comm[16];
	char  text[96];		/* names; bytes outside printable ASCII as \xHH */
};

struct capcert_audit_read {
	__u32 size;
	__u32 flags;
	__u64 from;		/* first sequence number wanted */
	__u64 buf;		/* struct capcert_audit_record[] */
	__u32 count;		/* in: records that fit; out: records written */
	__u32 record_size;	/* sizeof(struct capcert_audit_record) */
	__u64 next;		/* out: ask from here next */
	__u64 lost;		/* out: records before the first one given that are gone */
};

#endif /* _UAPI_LINUX_CAPCERT_AUDIT_H */
