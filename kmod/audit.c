// SPDX-License-Identifier: GPL-2.0-only
/* The audit trail: builds the record and hands it to the ring, tracepoints and kernel audit. */
#include <linux/audit.h>
#include <linux/cred.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "kmod/audit.h"
#include "kmod/clock.h"
#include "kmod/ring.h"

#define CREATE_TRACE_POINTS
#include "kmod/trace.h"

static const char *const audit_op_names[] = {
	[CAPCERT_AUDIT_OPEN] = "open",
	[CAPCERT_AUDIT_RESTRICT] = "restrict",
	[CAPCERT_AUDIT_ADD] = "add",
	[CAPCERT_AUDIT_REMOVE] = "remove",
	[CAPCERT_AUDIT_VERIFY] = "verify",
	[CAPCERT_AUDIT_VERIFY_SIG] = "verify_sig",
	[CAPCERT_AUDIT_DENY] = "deny",
	[CAPCERT_AUDIT_DISTRUST] = "distrust",
	[CAPCERT_AUDIT_AGENT] = "agent",
	[CAPCERT_AUDIT_CREATE] = "create",
	[CAPCERT_AUDIT_DESTROY] = "destroy",
	[CAPCERT_AUDIT_UPDATE] = "update",
	[CAPCERT_AUDIT_PIN_MISMATCH] = "pin_mismatch",
	[CAPCERT_AUDIT_ADMIT] = "admit",
	[CAPCERT_AUDIT_FLOOR] = "floor",
	[CAPCERT_AUDIT_FETCH] = "fetch",
	[CAPCERT_AUDIT_SIGN] = "sign",
	[CAPCERT_AUDIT_SLOT_PUT] = "slot_put",
	[CAPCERT_AUDIT_SLOT_GET] = "slot_get",
	[CAPCERT_AUDIT_SLOT_DELETE] = "slot_delete",
	[CAPCERT_AUDIT_TLS_CONFIG] = "tls_config",
	[CAPCERT_AUDIT_TLS_USE] = "tls_use",
};

static_assert(ARRAY_SIZE(audit_op_names) == CAPCERT_AUDIT_COUNT);

static const struct trace_print_flags audit_trace_names[] __maybe_unused = { CC_TRACE_OPS };
static_assert(ARRAY_SIZE(audit_trace_names) == CAPCERT_AUDIT_COUNT - 1);
/* Printable ASCII as it is, anything else (and the backslash) as \xHH; never half an escape. */
static void audit_escape(char *out, size_t cap, const u8 *in, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0, i;

	for (i = 0; i < len; i++) {
		bool plain = in[i] >= 0x20 && in[i] < 0x7f && in[i] != '\\';

		if (n + (plain ? 1 : 4) >= cap)
			break;
		if (plain) {
			out[n++] = in[i];
			continue;
		}
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = hex[in[i] >> 4];
		out[n++] = hex[in[i] & 15];
	}
	memset(out + n, 0, cap - n);
}

static void audit_subject(struct capcert_audit_record *record)
{
	struct task_struct *leader;
	char comm[TASK_COMM_LEN];

	if (!in_task())
		return;
	record->pid = task_tgid_nr(current);
	record->uid = from_kuid(&init_user_ns, current_uid());
	rcu_read_lock();
	leader = READ_ONCE(current->group_leader);
	record->start_ns = leader->start_boottime;
	rcu_read_unlock();
	/* Our own comm: a concurrent prctl() may tear it, it stays NUL-terminated. */
	memcpy(comm, current->comm, sizeof(comm));
	audit_escape(record->comm, sizeof(record->comm), comm, strnlen(comm, sizeof(comm)));
}

/* Denials, misses and changes go to the kernel's audit subsystem too; the rest would flood it. */
static bool audit_is_loud(const struct capcert_audit_record *record)
{
	if (record->error)
		return true;
	switch (record->op) {
	case CAPCERT_AUDIT_VERIFY:
	case CAPCERT_AUDIT_FETCH:
	case CAPCERT_AUDIT_PIN_MISMATCH:
		return !(record->flags & CAPCERT_OUTCOME_CACHED);
	case CAPCERT_AUDIT_UPDATE:
	case CAPCERT_AUDIT_ADD:
	case CAPCERT_AUDIT_REMOVE:
	case CAPCERT_AUDIT_VERIFY_SIG:
	case CAPCERT_AUDIT_DENY:
	case CAPCERT_AUDIT_DISTRUST:
	case CAPCERT_AUDIT_AGENT:
	case CAPCERT_AUDIT_ADMIT:
	case CAPCERT_AUDIT_FLOOR:
	case CAPCERT_AUDIT_SIGN:
	case CAPCERT_AUDIT_SLOT_PUT:
	case CAPCERT_AUDIT_SLOT_DELETE:
	case CAPCERT_AUDIT_TLS_CONFIG:
		return true;
	case CAPCERT_AUDIT_CREATE:
		return record->origin != CAPCERT_ORIGIN_USER || record->kind == CAPCERT_KIND_KEY;
	default:
		return false;
	}
}

/* Strings that users chose are hex-encoded: no reader may take them for fields. */
static void audit_log_hex(struct audit_buffer *ab, const char *field, const void *p, size_t len)
{
	const u8 *in = p;
	size_t i;

	audit_log_format(ab, " %s=", field);
	for (i = 0; i < len; i += 64)	/* %*ph prints at most 64 bytes */
		audit_log_format(ab, "%*phN", (int)min_t(size_t, len - i, 64), in + i);
	if (!len)
		audit_log_format(ab, "(null)");
}

static void audit_emit(const struct capcert_audit_record *record)
{
	struct audit_buffer *ab;

	if (!audit_enabled)
		return;
	/* GFP_ATOMIC: a full backlog drops the line, nobody waits for auditd. */
	ab = audit_log_start(in_task() ? audit_context() : NULL, GFP_ATOMIC | __GFP_NOWARN,
			     AUDIT_KERNEL_OTHER);
	if (!ab)
		return;
	audit_log_format(ab, "op=capcert_%s seq=%llu pid=%d uid=%u auid=%u ses=%u",
			 audit_op_names[record->op], record->sequence, record->pid, record->uid,
			 in_task() ? from_kuid(&init_user_ns, audit_get_loginuid(current)) : -1U,
			 in_task() ? audit_get_sessionid(current) : -1U);
	audit_log_format(ab, " handle=%llu rights=0x%llx kind=%u origin=%u obj=%llu ver=%llu",
			 record->handle_id, record->rights, record->kind, record->origin,
			 record->object_id, record->object_version);
	audit_log_format(ab, " other=%llu other_ver=%llu error=%d reason=%d res=%d",
			 record->other_id, record->other_version, record->error, record->reason,
			 !record->error && record->reason == CAPCERT_REASON_NONE);
	audit_log_hex(ab, "digest", record->digest, sizeof(record->digest));
	audit_log_hex(ab, "comm", record->comm, strlen(record->comm));
	audit_log_hex(ab, "name", record->text, strlen(record->text));
	audit_log_end(ab);
}

u64 cc_audit(const struct cc_audit_event *event)
{
	struct capcert_audit_record record;

	if (WARN_ON_ONCE(event->op >= ARRAY_SIZE(audit_op_names) || !audit_op_names[event->op]))
		return 0;
	memset(&record, 0, sizeof(record));
	record.wall = cc_clock_wall();
	record.clock = cc_clock_provenance();
	record.op = event->op;
	record.handle_id = event->handle_id;
	record.rights = event->rights;
	record.object_id = event->object_id;
	record.object_version = event->object_version;
	record.other_id = event->other_id;
	record.other_version = event->other_version;
	record.kind = event->kind;
	record.origin = event->origin;
	record.error = event->error;
	record.reason = event->reason;
	record.flags = event->flags;
	record.command = event->command;
	if (event->digest)
		memcpy(record.digest, event->digest, sizeof(record.digest));
	audit_subject(&record);
	if (event->text_len)
		audit_escape(record.text, sizeof(record.text), event->text, event->text_len);

	cc_ring_put(&record);
	trace_capcert_record(&record);
	if (audit_is_loud(&record))
		audit_emit(&record);
	return record.sequence;
}

void cc_audit_refused(u32 command, int error, const char *name)
{
	cc_audit(&CC_AUDIT_EVENT(CAPCERT_AUDIT_DENY, .command = command, .error = error,
				 .text = name, .text_len = strlen(name)));
}

u64 cc_audit_sequence(void)
{
	return cc_ring_sequence();
}

int cc_audit_init(void)
{
	return cc_ring_init();
}

void cc_audit_exit(void)
{
	cc_ring_exit();
}
