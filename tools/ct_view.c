// SPDX-License-Identifier: GPL-2.0-only
/* A table of SCTs: log, operator, state, age, result. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "tools/ct_view.h"
#include "tools/ctlogs.h"
#include "tools/file.h"
#include "tools/text.h"

#define DAY 86400
#define HOUR 3600

int ct_logs_load(const struct args *args, capcert_loglist **ret)
{
	const char *path = opt_text(args, "ctlogs");

	if (!path && !opt_has(args, "ct"))
		return EXIT_DONE;
	return ctlogs_load(path, CAPCERT_LOGLIST_ANY, ret);
}

#define SYSTEM_LIST "ct-logs" /* what policies call it unless they say otherwise */

int ct_logs_system(capcert_loglist **ret)
{
	struct capcert_info info;
	capcert_store *store = NULL;
	const char *why = NULL;
	int fd, e;

	e = capcert_open_system(CAPCERT_KIND_STORE, SYSTEM_LIST,
				CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_READ, &fd);
	if (e == -ENOKEY)
		return EXIT_DONE;
	if (e < 0)
		return fail_errno(e, "the system's list of CT logs");
	e = capcert_get_info(fd, &info);
	if (!e)
		e = capcert_store_from_handle(fd, &store);
	if (!e)
		e = capcert_loglist_from_store(store, info.created, ret, &why);
	capcert_store_free(store);
	close(fd);
	if (e && why)
		return fail(EXIT_TROUBLE, "the system's list of CT logs: %s", why);
	return e ? fail_errno(e, "the system's list of CT logs") : EXIT_DONE;
}

/* One file of --scts into @scts or @evidence. */
static int put_file(const char *path, capcert_scts *scts, capcert_evidence *evidence)
{
	uint8_t *data;
	size_t len;
	int r = file_read(path, &data, &len), e;

	if (r)
		return r;
	if (scts)
		e = capcert_scts_add_list(scts, data, len, CAPCERT_SCT_TLS);
	else
		e = capcert_evidence_put_scts(evidence, CAPCERT_SCT_TLS, data, len);
	free(data);
	if (e >= 0)
		return EXIT_DONE;
	r = fail_errno(e, "%s", path);
	advise("--scts takes the contents of the TLS extension signed_certificate_timestamp, as "
	       "RFC 6962 section 3.3 encodes them");
	return r;
}

int ct_evidence_load(const struct args *args, capcert_evidence *evidence)
{
	const char *path;
	size_t i;
	int r = EXIT_DONE;

	for (i = 0; !r && (path = opt_nth(args, "scts", i)); i++)
		r = put_file(path, NULL, evidence);
	return r;
}

int ct_scts_load(const struct args *args, const capcert_chain *chain, capcert_scts **ret)
{
	capcert_scts *scts;
	const char *path;
	size_t i;
	int r = EXIT_DONE;

	if (capcert_scts_new(&scts))
		return fail(EXIT_TROUBLE, "out of memory");
	/* A list that is malformed is none. */
	if (capcert_scts_add_embedded(scts, capcert_chain_at(chain, 0)) == -ENOMEM)
		r = fail(EXIT_TROUBLE, "out of memory");
	for (i = 0; !r && (path = opt_nth(args, "scts", i)); i++)
		r = put_file(path, scts, NULL);
	if (r)
		capcert_scts_free(scts);
	else
		*ret = scts;
	return r;
}

int ct_view_new(const capcert_loglist *logs, const capcert_scts *scts, const capcert_cert *leaf,
		const capcert_cert *issuer, int64_t time, struct capcert_ct_report **ret)
{
	struct capcert_ct_context context = CAPCERT_CT_CONTEXT;
	int e;

	context.logs = logs;
	context.have_time = 1;
	context.time = time;
	e = capcert_ct_report_new(&context, scts, leaf, issuer, ret);
	return e ? fail_errno(e, "cannot judge the SCTs") : EXIT_DONE;
}

/* "12d", "5h": how old the SCT was. */
static const char *age_of(const struct capcert_ct_report *report, const struct capcert_sct *sct,
			  char buf[32])
{
	int64_t age = report->time - (int64_t)(sct->timestamp / 1000);

	if (age < 0)
		snprintf(buf, 32, "-");
	else if (age >= 2 * DAY)
		snprintf(buf, 32, "%lldd", (long long)(age / DAY));
	else
		snprintf(buf, 32, "%lldh", (long long)(age / HOUR));
	return buf;
}

static const char *log_name(const struct capcert_sct_result *r, char buf[256])
{
	struct capcert_log_info info;
	size_t i;

	if (r->log) {
		capcert_log_get(r->log, &info);
		return ctlogs_text(info.name, buf);
	}
	if (r->status == CAPCERT_SCT_STATUS_UNSUPPORTED_VERSION) {
		snprintf(buf, 256, "(version %u)", r->sct->version + 1u);
		return buf;
	}
	for (i = 0; i < 8; i++)
		snprintf(buf + 2 * i, 3, "%02x", r->sct->log_id[i]);
	return strcat(buf, "...");
}

static void print_row(const struct capcert_ct_report *report, const struct capcert_sct_result *r)
{
	char name[256], operator_name[256], age[32];

	printf("  %-34s %-16s %-9s %-6s %s%s%s", log_name(r, name),
	       r->operator_name ? ctlogs_text(r->operator_name, operator_name) : "-",
	       r->log ? capcert_log_state_name(r->log_state) : "-", age_of(report, r->sct, age),
	       r->valid ? out_good() : out_bad(), capcert_sct_status_name(r->status), out_plain());
	if (r->sct->source != CAPCERT_SCT_EMBEDDED)
		printf(" (%s)", capcert_sct_source_name(r->sct->source));
	if (r->outside_validity)
		printf(", outside the certificate's validity");
	putchar('\n');
}

void ct_view_print(const struct capcert_ct_report *report)
{
	char text[32];
	size_t i;

	printf("\n  %s%-34s %-16s %-9s %-6s %s%s\n", out_bold(), "LOG", "OPERATOR", "STATE", "AGE",
	       "RESULT", out_plain());
	for (i = 0; i < report->result_count; i++)
		print_row(report, &report->results[i]);
	printf("  %u of %zu SCTs valid, %u logs, %u operators", report->valid_count,
	       report->result_count, report->distinct_valid_logs, report->operators);
	if (report->logs)
		printf("; list of %s",
		       ctlogs_day(capcert_loglist_time(report->logs), "unknown age", text));
	putchar('\n');
}

static json_t *result_json(const struct capcert_ct_report *report,
			   const struct capcert_sct_result *r)
{
	json_t *j = json_object();
	char name[256];

	json_object_set_new(j, "log", json_text(r->log ? log_name(r, name) : NULL));
	json_object_set_new(j, "logId", json_hex(r->sct->log_id, sizeof(r->sct->log_id)));
	json_object_set_new(j, "operator", json_text(r->operator_name));
	json_object_set_new(j, "state",
			    json_text(r->log ? capcert_log_state_name(r->log_state) : NULL));
	json_object_set_new(j, "source", json_text(capcert_sct_source_name(r->sct->source)));
	json_object_set_new(j, "timestamp", json_integer((json_int_t)r->sct->timestamp));
	json_object_set_new(j, "ageSeconds",
			    json_integer(report->time - (int64_t)(r->sct->timestamp / 1000)));
	json_object_set_new(j, "valid", json_boolean(r->valid));
	json_object_set_new(j, "result", json_text(capcert_sct_status_name(r->status)));
	json_object_set_new(j, "detail", json_text(r->detail));
	json_object_set_new(j, "outsideValidity", json_boolean(r->outside_validity));
	return j;
}

json_t *ct_view_json(const struct capcert_ct_report *report)
{
	json_t *j = json_object(), *scts = json_array();
	size_t i;

	for (i = 0; i < report->result_count; i++)
		json_array_append_new(scts, result_json(report, &report->results[i]));
	json_object_set_new(j, "scts", scts);
	json_object_set_new(j, "validCount", json_integer(report->valid_count));
	json_object_set_new(j, "distinctValidLogCount", json_integer(report->distinct_valid_logs));
	json_object_set_new(j, "operatorCount", json_integer(report->operators));
	return j;
}

int ct_view_cert(const capcert_loglist *logs, const capcert_cert *cert, const capcert_cert *issuer,
		 json_t *j)
{
	struct capcert_ct_report *report = NULL;
	capcert_scts *scts;
	int r = EXIT_DONE;

	if (capcert_scts_new(&scts))
		return fail(EXIT_TROUBLE, "out of memory");
	if (capcert_scts_add_embedded(scts, cert) > 0)
		r = ct_view_new(logs, scts, cert, issuer, time(NULL), &report);
	if (report && j)
		json_object_set_new(j, "ct", ct_view_json(report));
	else if (report)
		ct_view_print(report);
	capcert_ct_report_free(report);
	capcert_scts_free(scts);
	return r;
}
