// SPDX-License-Identifier: GPL-2.0-only
/* capcert audit: the module's record of who did what with which handle. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tools/audit_summary.h"
#include "tools/text.h"
#include "tools/tool.h"
#include <capcert/capcert.h>

#define BATCH 64
#define DEFAULT_COUNT 20

static const char *op_name(uint32_t op)
{
	static const char *const names[] = {
		[0] = "?",
		[CAPCERT_AUDIT_OPEN] = "open",
		[CAPCERT_AUDIT_RESTRICT] = "restrict",
		[CAPCERT_AUDIT_ADD] = "add",
		[CAPCERT_AUDIT_REMOVE] = "remove",
		[CAPCERT_AUDIT_VERIFY] = "verify",
		[CAPCERT_AUDIT_VERIFY_SIG] = "verifySig",
		[CAPCERT_AUDIT_DENY] = "deny",
		[CAPCERT_AUDIT_DISTRUST] = "distrust",
		[CAPCERT_AUDIT_AGENT] = "agent",
		[CAPCERT_AUDIT_CREATE] = "create",
		[CAPCERT_AUDIT_DESTROY] = "destroy",
		[CAPCERT_AUDIT_UPDATE] = "update",
		[CAPCERT_AUDIT_PIN_MISMATCH] = "pinMismatch",
		[CAPCERT_AUDIT_ADMIT] = "admit",
		[CAPCERT_AUDIT_FLOOR] = "floor",
		[CAPCERT_AUDIT_FETCH] = "fetch",
		[CAPCERT_AUDIT_SIGN] = "sign",
		[CAPCERT_AUDIT_SLOT_PUT] = "slotPut",
		[CAPCERT_AUDIT_SLOT_GET] = "slotGet",
		[CAPCERT_AUDIT_SLOT_DELETE] = "slotDelete",
		[CAPCERT_AUDIT_TLS_CONFIG] = "tlsConfig",
		[CAPCERT_AUDIT_TLS_USE] = "tlsUse",
	};

	_Static_assert(sizeof(names) / sizeof(*names) == CAPCERT_AUDIT_COUNT, "a name for each");
	return op < CAPCERT_AUDIT_COUNT && names[op] ? names[op] : "?";
}

static bool is_verdict(const struct capcert_audit_record *r)
{
	return (r->op == CAPCERT_AUDIT_VERIFY || r->op == CAPCERT_AUDIT_VERIFY_SIG ||
		r->op == CAPCERT_AUDIT_PIN_MISMATCH) &&
	       !r->error;
}

static json_t *record_json(const struct capcert_audit_record *r)
{
	json_t *j = json_object();

	json_object_set_new(j, "sequence", json_integer((json_int_t)r->sequence));
	json_object_set_new(j, "time", json_time(r->wall));
	json_object_set_new(j, "monotonicNs", json_integer((json_int_t)r->mono_ns));
	json_object_set_new(j, "clock", json_text(capcert_clock_name(r->clock)));
	json_object_set_new(j, "operation", json_string(op_name(r->op)));
	json_object_set_new(j, "pid", json_integer(r->pid));
	json_object_set_new(j, "uid", json_integer(r->uid));
	json_object_set_new(j, "processStartNs", json_integer((json_int_t)r->start_ns));
	json_object_set_new(j, "command", json_text(r->comm));
	json_object_set_new(j, "handle", json_integer((json_int_t)r->handle_id));
	json_object_set_new(j, "rights", json_rights(r->rights));
	json_object_set_new(j, "kind", json_text(capcert_kind_name(r->kind)));
	json_object_set_new(j, "object", json_integer((json_int_t)r->object_id));
	json_object_set_new(j, "objectVersion", json_integer((json_int_t)r->object_version));
	json_object_set_new(j, "other", json_integer((json_int_t)r->other_id));
	json_object_set_new(j, "otherVersion", json_integer((json_int_t)r->other_version));
	json_object_set_new(j, "origin", json_text(capcert_origin_name(r->origin)));
	json_object_set_new(j, "error",
			    r->error ? json_text(strerrorname_np(-r->error)) : json_null());
	json_object_set_new(j, "reason",
			    is_verdict(r) ? json_text(capcert_reason_name(r->reason))
					  : json_null());
	json_object_set_new(j, "cached", json_boolean(r->flags & CAPCERT_OUTCOME_CACHED));
	json_object_set_new(j, "ioctl", json_integer(r->command));
	json_object_set_new(j, "digest", json_hex(r->digest, 32));
	json_object_set_new(j, "link", json_hex(r->link, 32));
	json_object_set_new(j, "text", json_text(r->text));
	return j;
}

static const char *result_text(const struct capcert_audit_record *r)
{
	const char *name;

	if (r->error) {
		name = strerrorname_np(-r->error);
		return name ? name : "error";
	}
	return is_verdict(r) ? capcert_reason_name(r->reason) : "ok";
}

static void print_record(const struct capcert_audit_record *r)
{
	bool bad = r->error || (is_verdict(r) && r->reason != CAPCERT_REASON_NONE);
	char when[32], comm[80], text[400], hex[65];

	printf("%6llu  %s  %-9s %s%-18s%s  pid %d (%s) uid %u  %s %llu",
	       (unsigned long long)r->sequence, text_of_time(r->wall, when), op_name(r->op),
	       bad ? out_bad() : out_good(), result_text(r), out_plain(), r->pid,
	       text_escape(r->comm, strnlen(r->comm, sizeof(r->comm)), comm, sizeof(comm)), r->uid,
	       capcert_kind_name(r->kind) ? capcert_kind_name(r->kind) : "object",
	       (unsigned long long)r->object_id);
	if (r->other_id)
		printf(" with %llu v%llu", (unsigned long long)r->other_id,
		       (unsigned long long)r->other_version);
	text_to_hex(r->digest, 32, hex);
	if (strspn(hex, "0") != 64)
		printf("  %.16s", hex);
	if (*r->text)
		printf("  %s",
		       text_escape(r->text, strnlen(r->text, sizeof(r->text)), text, sizeof(text)));
	if (r->flags & CAPCERT_OUTCOME_CACHED)
		printf("  cached");
	putchar('\n');
}

static int show_lost(uint64_t lost)
{
	if (!lost)
		return EXIT_DONE;
	if (out_json())
		return out_print_json_line(json_pack("{sI}", "lost", (json_int_t)lost));
	printf("------  %llu records are gone\n", (unsigned long long)lost);
	return EXIT_DONE;
}

/* Everything from *@from to the end. */
static int show_from(int fd, uint64_t *from, bool tell_lost)
{
	static struct capcert_audit_record batch[BATCH];
	uint32_t count, i;
	uint64_t lost;
	int e, r = EXIT_DONE;

	do {
		count = BATCH;
		lost = 0;
		e = capcert_audit_next(fd, from, batch, &count, &lost);
		if (e)
			return fail_errno(e, "cannot read the audit log");
		if (tell_lost)
			r = show_lost(lost);
		tell_lost = true;
		for (i = 0; !r && i < count; i++) {
			if (out_json())
				r = out_print_json_line(record_json(&batch[i]));
			else
				print_record(&batch[i]);
		}
	} while (!r && count);
	fflush(stdout);
	return r;
}

static int follow(int fd, uint64_t *from)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int r = EXIT_DONE;

	while (!r) {
		if (poll(&p, 1, -1) < 0) {
			if (errno == EINTR)
				continue;
			return fail(EXIT_TROUBLE, "poll: %s", strerror(errno));
		}
		if (p.revents & (POLLERR | POLLNVAL))
			return fail(EXIT_TROUBLE, "the audit log cannot be followed");
		r = show_from(fd, from, true);
	}
	return r;
}

static int open_log(uint64_t rights, int *ret_fd)
{
	int e = capcert_open_audit(rights, ret_fd);

	if (!e)
		return EXIT_DONE;
	fail_errno(e, "cannot open the audit log");
	if (e == -EPERM || e == -EACCES)
		advise("CAP_AUDIT_READ or CAP_SYS_ADMIN is needed: run as root");
	return EXIT_TROUBLE;
}

static int tail(const struct args *args)
{
	const char *text = opt_text(args, "lines");
	uint64_t rights = CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_READ | CAPCERT_RIGHT_WATCH;
	uint64_t lines = DEFAULT_COUNT, from;
	struct capcert_status status = { 0 };
	int fd, e, r;

	if (text && !text_number(text, INT32_MAX, &lines))
		return fail(EXIT_USAGE, "--lines takes a number, not '%s'", text);
	r = open_log(rights, &fd);
	if (r)
		return r;
	e = capcert_get_status(&status);
	if (e) {
		close(fd);
		return fail_errno(e, "cannot tell the newest record");
	}
	from = opt_has(args, "all") || lines >= status.audit_sequence
		       ? 1
		       : status.audit_sequence - lines + 1;
	r = show_from(fd, &from, opt_has(args, "all"));
	if (!r && opt_has(args, "follow"))
		r = follow(fd, &from);
	close(fd);
	return r;
}

/* ---- summary ---- */

static int summary(const struct args *args)
{
	static struct capcert_audit_record batch[BATCH];
	struct audit_summary *s = audit_summary_new();
	uint64_t from = 1, lost, lost_all = 0;
	uint32_t count = 1;
	int fd, e = 0, r;

	if (!s)
		return fail(EXIT_TROUBLE, "out of memory");
	r = open_log(CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_READ, &fd);
	if (r) {
		audit_summary_free(s);
		return r;
	}
	while (!e && count) {
		count = BATCH;
		e = capcert_audit_next(fd, &from, batch, &count, &lost);
		lost_all += e ? 0 : lost;
		for (uint32_t i = 0; !e && i < count; i++)
			e = audit_summary_add(s, &batch[i]);
	}
	close(fd);
	if (e)
		r = fail_errno(e, "cannot read the audit log");
	else
		r = audit_summary_show(s, lost_all);
	audit_summary_free(s);
	return r;
}

static const struct opt opts[] = {
	{ .name = "lines",
	  .letter = 'n',
	  .meta = "N",
	  .help = "begin N records before the end; 20" },
	{ .name = "all", .help = "begin with the oldest record there is" },
	{ .name = "follow", .letter = 'f', .help = "go on with new records as they come" },
	{ 0 },
};

static const struct verb verbs[] = {
	{ .name = "tail",
	  .usage = "[-n N|--all] [-f] [--json]",
	  .brief = "print the newest records",
	  .help = "Numbers have no gaps; where records are gone, a line says how many. With "
		  "--json, "
		  "one\n"
		  "object per line.\n"
		  "\n"
		  "  capcert audit tail -f\n"
		  "  capcert audit tail --all --json | jq 'select(.error)'\n",
	  .opts = opts,
	  .run = tail },
	{ .name = "summary",
	  .usage = "[--json]",
	  .brief = "what each service verified, fetched, and when it last asked",
	  .help = "A service is a program of a user. One that verifies without ever asking for "
		  "revocation\n"
		  "status, or has stopped to, is seen by its last fetch.\n"
		  "\n"
		  "  capcert audit summary\n",
	  .run = summary },
	{ 0 },
};

const struct noun noun_audit = { "audit", "the record of what was done with handles", verbs };
