// SPDX-License-Identifier: GPL-2.0-only
/* The audit trail by service. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/audit_summary.h"
#include "tools/out.h"
#include "tools/text.h"
#include "tools/tool.h"

#define REASONS (CAPCERT_REASON_MALFORMED + 1)

/* A program of a user: its processes come and go. */
struct service {
	char comm[16];
	uint32_t uid;
	uint64_t verified;	   /* verifications */
	uint64_t refused[REASONS]; /* of them, by reason */
	uint64_t cached;	   /* of them, without an agent */
	uint64_t fetched;	   /* questions about revocation */
	uint64_t shared;	   /* of them, answered without an agent */
	uint64_t unanswered;	   /* of them, nobody answered, or they failed */
	uint64_t errors;	   /* calls without a verdict, and denials */
	int64_t last;		   /* verification; seconds since 1970, 0 = none */
	int64_t last_fetch;
};

struct audit_summary {
	size_t count;
	struct service *services;
};

struct audit_summary *audit_summary_new(void)
{
	return calloc(1, sizeof(struct audit_summary));
}

void audit_summary_free(struct audit_summary *s)
{
	if (s)
		free(s->services);
	free(s);
}

static struct service *find(struct audit_summary *s, const struct capcert_audit_record *r)
{
	struct service *longer;

	for (size_t i = 0; i < s->count; i++)
		if (s->services[i].uid == r->uid &&
		    memcmp(s->services[i].comm, r->comm, sizeof(r->comm)) == 0)
			return &s->services[i];
	longer = realloc(s->services, (s->count + 1) * sizeof(*longer));
	if (!longer)
		return NULL;
	s->services = longer;
	memset(&longer[s->count], 0, sizeof(*longer));
	memcpy(longer[s->count].comm, r->comm, sizeof(r->comm));
	longer[s->count].uid = r->uid;
	return &longer[s->count++];
}

static void add_verify(struct service *service, const struct capcert_audit_record *r)
{
	service->verified++;
	service->cached += r->flags & CAPCERT_OUTCOME_CACHED ? 1 : 0;
	if (r->reason >= 0 && r->reason < REASONS)
		service->refused[r->reason]++;
	service->last = r->wall;
}

static void add_fetch(struct service *service, const struct capcert_audit_record *r)
{
	service->fetched++;
	service->shared += r->flags & CAPCERT_OUTCOME_CACHED ? 1 : 0;
	service->unanswered += r->error || r->reason == CAPCERT_REASON_OCSP_UNAVAILABLE;
	service->last_fetch = r->wall;
}

int audit_summary_add(struct audit_summary *s, const struct capcert_audit_record *r)
{
	struct service *service;

	if (r->op != CAPCERT_AUDIT_VERIFY && r->op != CAPCERT_AUDIT_FETCH &&
	    r->op != CAPCERT_AUDIT_DENY)
		return 0;
	service = find(s, r);
	if (!service)
		return -ENOMEM;
	if (r->op == CAPCERT_AUDIT_FETCH)
		add_fetch(service, r);
	else if (r->op == CAPCERT_AUDIT_DENY || r->error)
		service->errors++;
	else
		add_verify(service, r);
	return 0;
}

static json_t *json_when(int64_t when)
{
	char text[32];

	return when ? json_text(text_of_time(when, text)) : json_null();
}

static json_t *service_json(const struct service *service)
{
	json_t *j = json_object(), *refused = json_object();
	char comm[17] = "";

	memcpy(comm, service->comm, sizeof(service->comm));
	for (int32_t i = 0; i < REASONS; i++)
		if (service->refused[i])
			json_object_set_new(refused, capcert_reason_name(i),
					    json_integer((json_int_t)service->refused[i]));
	json_object_set_new(j, "command", json_text(comm));
	json_object_set_new(j, "uid", json_integer(service->uid));
	json_object_set_new(j, "verifications", json_integer((json_int_t)service->verified));
	json_object_set_new(j, "cached", json_integer((json_int_t)service->cached));
	json_object_set_new(j, "failures", refused);
	json_object_set_new(j, "fetches", json_integer((json_int_t)service->fetched));
	json_object_set_new(j, "shared", json_integer((json_int_t)service->shared));
	json_object_set_new(j, "unanswered", json_integer((json_int_t)service->unanswered));
	json_object_set_new(j, "errors", json_integer((json_int_t)service->errors));
	json_object_set_new(j, "lastVerification", json_when(service->last));
	json_object_set_new(j, "lastFetch", json_when(service->last_fetch));
	return j;
}

static void print_service(const struct service *service)
{
	char comm[80], last[32] = "never", fetched[32] = "never";

	if (service->last)
		text_of_time(service->last, last);
	if (service->last_fetch)
		text_of_time(service->last_fetch, fetched);
	printf("%s%s%s  uid %u\n", out_bold(),
	       text_escape(service->comm, strnlen(service->comm, sizeof(service->comm)), comm,
			   sizeof(comm)),
	       out_plain(), service->uid);
	printf("  verifications  %llu, %llu from the cache, the last %s\n",
	       (unsigned long long)service->verified, (unsigned long long)service->cached, last);
	for (int32_t i = 0; i < REASONS; i++)
		if (service->refused[i])
			printf("    %s%-16s%s %llu\n", out_bad(), capcert_reason_name(i),
			       out_plain(), (unsigned long long)service->refused[i]);
	printf("  status asked   %llu, %llu shared, %llu in vain, the last %s\n",
	       (unsigned long long)service->fetched, (unsigned long long)service->shared,
	       (unsigned long long)service->unanswered, fetched);
	if (service->errors)
		printf("  errors         %llu\n", (unsigned long long)service->errors);
}

int audit_summary_show(const struct audit_summary *s, uint64_t lost)
{
	if (out_json()) {
		json_t *all = json_array();

		for (size_t i = 0; i < s->count; i++)
			json_array_append_new(all, service_json(&s->services[i]));
		return out_print_json(
			json_pack("{sIso}", "lost", (json_int_t)lost, "services", all));
	}
	for (size_t i = 0; i < s->count; i++)
		print_service(&s->services[i]);
	if (lost)
		printf("%llu records are gone: what they said is not counted\n",
		       (unsigned long long)lost);
	return EXIT_DONE;
}
