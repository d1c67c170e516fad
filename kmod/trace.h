/* SPDX-License-Identifier: GPL-2.0-only */
/* Trace events: capcert:capcert_record for every audited operation, capcert:capcert_request. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM capcert

#if !defined(KMOD_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KMOD_TRACE_H

#include <linux/capcert.h>
#include <linux/tracepoint.h>

#include "kmod/broker.h"

#define CC_TRACE_OPS \
	{ CAPCERT_AUDIT_OPEN, "open" }, \
	{ CAPCERT_AUDIT_RESTRICT, "restrict" }, \
	{ CAPCERT_AUDIT_ADD, "add" }, \
	{ CAPCERT_AUDIT_REMOVE, "remove" }, \
	{ CAPCERT_AUDIT_VERIFY, "verify" }, \
	{ CAPCERT_AUDIT_VERIFY_SIG, "verify_sig" }, \
	{ CAPCERT_AUDIT_DENY, "deny" }, \
	{ CAPCERT_AUDIT_DISTRUST, "distrust" }, \
	{ CAPCERT_AUDIT_AGENT, "agent" }, \
	{ CAPCERT_AUDIT_CREATE, "create" }, \
	{ CAPCERT_AUDIT_DESTROY, "destroy" }, \
	{ CAPCERT_AUDIT_UPDATE, "update" }, \
	{ CAPCERT_AUDIT_PIN_MISMATCH, "pin_mismatch" }, \
	{ CAPCERT_AUDIT_ADMIT, "admit" }, \
	{ CAPCERT_AUDIT_FLOOR, "floor" }, \
	{ CAPCERT_AUDIT_FETCH, "fetch" }, \
	{ CAPCERT_AUDIT_SIGN, "sign" }, \
	{ CAPCERT_AUDIT_SLOT_PUT, "slot_put" }, \
	{ CAPCERT_AUDIT_SLOT_GET, "slot_get" }, \
	{ CAPCERT_AUDIT_SLOT_DELETE, "slot_delete" }, \
	{ CAPCERT_AUDIT_TLS_CONFIG, "tls_config" }, \
	{ CAPCERT_AUDIT_TLS_USE, "tls_use" }

TRACE_EVENT(capcert_record,
	    TP_PROTO(const struct capcert_audit_record *record),
	    TP_ARGS(record),
	    TP_STRUCT__entry(__field(u64, sequence)
			     __field(u64, handle_id)
			     __field(u64, rights)
			     __field(u64, object_id)
			     __field(u64, object_version)
			     __field(u64, other_id)
			     __field(u32, op)
			     __field(u32, uid)
			     __field(s32, pid)
			     __field(s32, error)
			     __field(s32, reason)
			     __field(u32, flags)
			     __array(char, text, sizeof_field(struct capcert_audit_record, text))
	    ),
	    TP_fast_assign(__entry->sequence = record->sequence;
			   __entry->handle_id = record->handle_id;
			   __entry->rights = record->rights;
			   __entry->object_id = record->object_id;
			   __entry->object_version = record->object_version;
			   __entry->other_id = record->other_id;
			   __entry->op = record->op;
			   __entry->uid = record->uid;
			   __entry->pid = record->pid;
			   __entry->error = record->error;
			   __entry->reason = record->reason;
			   __entry->flags = record->flags;
			   memcpy(__entry->text, record->text, sizeof(record->text));
	    ),
	    TP_printk("seq=%llu op=%s pid=%d uid=%u handle=%llu rights=0x%llx object=%llu version=%llu other=%llu error=%d reason=%d cached=%u text=%s",
		      __entry->sequence, __print_symbolic(__entry->op, CC_TRACE_OPS),
		      __entry->pid, __entry->uid, __entry->handle_id, __entry->rights,
		      __entry->object_id, __entry->object_version, __entry->other_id,
		      __entry->error, __entry->reason, __entry->flags & CAPCERT_OUTCOME_CACHED,
		      __entry->text)
);

#define CC_TRACE_STEPS \
	{ CC_TRACE_QUEUE, "queue" }, \
	{ CC_TRACE_DISPATCH, "dispatch" }, \
	{ CC_TRACE_REQUEUE, "requeue" }, \
	{ CC_TRACE_DONE, "done" }, \
	{ CC_TRACE_GIVE_UP, "give_up" }

TRACE_EVENT(capcert_request,
	    TP_PROTO(u64 id, u32 op, u32 uid, u32 step, int error),
	    TP_ARGS(id, op, uid, step, error),
	    TP_STRUCT__entry(__field(u64, id)
			     __field(u32, op)
			     __field(u32, uid)
			     __field(u32, step)
			     __field(int, error)
	    ),
	    TP_fast_assign(__entry->id = id;
			   __entry->op = op;
			   __entry->uid = uid;
			   __entry->step = step;
			   __entry->error = error;
	    ),
	    TP_printk("id=%llu op=%u uid=%u step=%s error=%d",
		      __entry->id, __entry->op, __entry->uid,
		      __print_symbolic(__entry->step, CC_TRACE_STEPS), __entry->error)
);

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH kmod
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
