/* SPDX-License-Identifier: GPL-2.0-only */
/* The audit trail: one call records, tracepoints, the ring and kernel audit are its back ends. */
#ifndef KMOD_AUDIT_H
#define KMOD_AUDIT_H

#include <linux/capcert.h>
#include <linux/types.h>

/**
 * struct cc_audit_event - what one audited operation was about.
 *
 * The subject (pid, uid, start time, comm) is the calling task. Zero what does not apply, but
 * set @reason to CAPCERT_REASON_NONE then: 0 is UNKNOWN_ANCHOR. CC_AUDIT_EVENT() does that.
 */
struct cc_audit_event {
	u32 op;			/* CAPCERT_AUDIT_* */
	u32 kind;		/* CAPCERT_KIND_* of the object */
	u32 origin;		/* CAPCERT_ORIGIN_* of the object */
	u32 command;		/* ioctl number, 0 = none */
	u32 flags;		/* CAPCERT_OUTCOME_* */
	int error;		/* 0 or -errno */
	s32 reason;		/* CAPCERT_REASON_* */
	u64 handle_id;
	u64 rights;		/* of the handle used */
	u64 object_id;
	u64 object_version;
	u64 other_id;		/* second object: the store of a verification */
	u64 other_version;
	const u8 *digest;	/* CAPCERT_DIGEST_SIZE bytes or NULL */
	const void *text;	/* untrusted bytes, escaped here */
	u32 text_len;
};

#define CC_AUDIT_EVENT(_op, ...) \
	((struct cc_audit_event){ .op = (_op), .reason = CAPCERT_REASON_NONE, ##__VA_ARGS__ })

/**
 * cc_audit() - record an event.
 *
 * Waits for nobody: a record that finds its buffer full is lost, and the gap in the sequence
 * shows it. Any context but NMI.
 *
 * Return: the record's sequence number, from 1 on.
 */
u64 cc_audit(const struct cc_audit_event *event);

/** cc_audit_refused() - a call on /dev/capcert that the caller has no capability for. */
void cc_audit_refused(u32 command, int error, const char *name);

/** cc_audit_sequence() - the newest sequence number given out, 0 before the first. */
u64 cc_audit_sequence(void);

int cc_audit_init(void);
void cc_audit_exit(void);

#endif
