// SPDX-License-Identifier: GPL-2.0-only
/* Shows outcomes. */

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "tools/out.h"
#include "tools/outcome_view.h"
#include "tools/text.h"

static const char *const ocsp_names[] = { "good", "revoked", "unknown", "stapledAbsent",
					  "responderUnreachable" };

static const char *name_text(const struct capcert_outcome *o, char *buf, size_t cap)
{
	size_t len = o->name_len < sizeof(o->name) ? o->name_len : sizeof(o->name);

	if (o->name_type == CAPCERT_NAME_NONE)
		return NULL;
	if (o->name_type == CAPCERT_NAME_IP)
		return inet_ntop(len == 4 ? AF_INET : AF_INET6, o->name, buf, (socklen_t)cap);
	return text_escape((const char *)o->name, len, buf, cap);
}

static capcert_cert *path_cert(const struct outcome_view *v, const struct capcert_path_entry *e)
{
	if (!v->chain || e->source != CAPCERT_SOURCE_CHAIN ||
	    e->index >= capcert_chain_count(v->chain))
		return NULL;
	return capcert_chain_at(v->chain, e->index);
}

static uint32_t path_count(const struct capcert_result *r)
{
	return r->path_count < CAPCERT_MAX_PATH ? r->path_count : CAPCERT_MAX_PATH;
}

/* ---- JSON ---- */

/* A trust anchor that no certificate carries has no validity. */
static bool timeless(const struct capcert_path_entry *e)
{
	return e->not_before == INT64_MIN && e->not_after == INT64_MAX;
}

static const struct {
	uint32_t bit;
	const char *name;
} missing_names[] = { { CAPCERT_MISSING_STAPLE, "staple" },
		      { CAPCERT_MISSING_OCSP, "ocsp" },
		      { CAPCERT_MISSING_CRL, "crl" } };

static json_t *missing_json(uint32_t missing)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < sizeof(missing_names) / sizeof(*missing_names); i++)
		if (missing & missing_names[i].bit)
			json_array_append_new(list, json_string(missing_names[i].name));
	return list;
}

static json_t *path_json(const struct outcome_view *v)
{
	json_t *list = json_array();
	uint32_t i;

	for (i = 0; i < path_count(v->result); i++) {
		const struct capcert_path_entry *e = &v->result->path[i];
		capcert_cert *cert = path_cert(v, e);
		char subject[4096];

		if (cert)
			capcert_cert_subject_text(cert, subject, sizeof(subject));
		json_array_append_new(
			list,
			json_pack("{so so ss si so so so so}", "fingerprint",
				  json_hex(e->fingerprint, 32), "subject",
				  cert ? json_text(subject) : json_null(), "source",
				  e->source == CAPCERT_SOURCE_ANCHOR ? "anchor" : "chain", "index",
				  (int)e->index, "reason",
				  e->reason == CAPCERT_REASON_NONE
					  ? json_null()
					  : json_text(capcert_reason_name(e->reason)),
				  "notBefore", timeless(e) ? json_null() : json_time(e->not_before),
				  "notAfter", timeless(e) ? json_null() : json_time(e->not_after),
				  "missing", missing_json(e->missing)));
	}
	return list;
}

static json_t *verdict_json(const struct capcert_outcome *o)
{
	json_t *j = json_object();
	char buf[1100];

	json_object_set_new(j, "valid", json_boolean(o->valid));
	json_object_set_new(j, "reason",
			    o->valid ? json_null() : json_text(capcert_reason_name(o->reason)));
	json_object_set_new(j, "reasonNumber", o->valid ? json_null() : json_integer(o->reason));
	json_object_set_new(j, "depth", o->valid ? json_null() : json_integer(o->depth));
	json_object_set_new(j, "detail", json_text(o->detail));
	json_object_set_new(j, "purpose", json_text(capcert_purpose_name(o->purpose)));
	json_object_set_new(j, "name", json_text(name_text(o, buf, sizeof(buf))));
	json_object_set_new(j, "time", json_time(o->time));
	json_object_set_new(j, "timeChosenBy",
			    json_string(o->time_source == CAPCERT_TIME_CALLER ? "caller" : "now"));
	json_object_set_new(j, "clock", json_text(capcert_clock_name(o->clock)));
	json_object_set_new(j, "validFrom", json_time(o->valid_from));
	json_object_set_new(j, "validUntil", json_time(o->valid_until));
	json_object_set_new(j, "notAfter", o->valid ? json_time(o->chain_not_after) : json_null());
	json_object_set_new(j, "leaf", json_hex(o->leaf, 32));
	json_object_set_new(j, "anchor", o->valid ? json_hex(o->anchor, 32) : json_null());
	json_object_set_new(j, "sctCount", json_integer(o->sct_count));
	json_object_set_new(j, "ocspStatus",
			    json_text(o->ocsp_status < 5 ? ocsp_names[o->ocsp_status] : NULL));
	return j;
}

/* NULL: no pins were given, or something else is wrong. */
static const char *pins_word(const struct capcert_outcome *o)
{
	if (o->flags & CAPCERT_OUTCOME_PINS_EXPIRED)
		return "expired";
	if (o->flags & CAPCERT_OUTCOME_PIN_MISMATCH)
		return "mismatch";
	return o->flags & CAPCERT_OUTCOME_PINNED ? "pinned" : NULL;
}

json_t *outcome_json(const struct outcome_view *v)
{
	const struct capcert_outcome *o = &v->result->outcome;
	json_t *j = verdict_json(o);

	json_object_set_new(j, "path", path_json(v));
	json_object_set_new(j, "preset", json_text(o->preset));
	json_object_set_new(j, "policyDigest", json_hex(o->policy_digest, 32));
	json_object_set_new(j, "storeDigest", json_hex(o->store_digest, 32));
	json_object_set_new(j, "chainDigest", json_hex(o->chain_digest, 32));
	json_object_set_new(j, "pins", pins_word(o) ? json_text(pins_word(o)) : json_null());
	json_object_set_new(j, "engine", json_string(v->local ? "local" : "kernel"));
	if (v->local)
		return j;
	json_object_set_new(j, "cached", json_boolean(o->flags & CAPCERT_OUTCOME_CACHED));
	json_object_set_new(j, "fetchedBefore", json_boolean(o->flags & CAPCERT_OUTCOME_FETCHED));
	json_object_set_new(j, "storeId", json_integer((json_int_t)o->store_id));
	json_object_set_new(j, "storeVersion", json_integer((json_int_t)o->store_version));
	json_object_set_new(j, "storeOrigin", json_text(capcert_origin_name(o->store_origin)));
	json_object_set_new(j, "policyId", json_integer((json_int_t)o->policy_id));
	json_object_set_new(j, "policyOrigin", json_text(capcert_origin_name(o->policy_origin)));
	json_object_set_new(j, "distrustGeneration",
			    json_integer((json_int_t)o->distrust_generation));
	json_object_set_new(j, "auditSequence", json_integer((json_int_t)o->audit_sequence));
	return j;
}

/* ---- people ---- */

static void print_path(const struct outcome_view *v)
{
	uint32_t i, n = path_count(v->result);

	for (i = 0; i < n; i++) {
		const struct capcert_path_entry *e = &v->result->path[i];
		capcert_cert *cert = path_cert(v, e);
		char subject[160], hex[65], until[32];

		text_to_hex(e->fingerprint, 32, hex);
		if (cert)
			capcert_cert_subject_text(cert, subject, sizeof(subject));
		else
			snprintf(subject, sizeof(subject), "%s",
				 e->source == CAPCERT_SOURCE_ANCHOR ? "anchor" : "certificate");
		if (timeless(e))
			snprintf(until, sizeof(until), "no end    ");
		else
			text_of_time(e->not_after, until);
		out_field(i ? "" : "path", "%u  %.16s  to %.10s  %s%s%s%s%s", i, hex, until,
			  subject, e->reason == CAPCERT_REASON_NONE ? "" : "  ", out_bad(),
			  e->reason == CAPCERT_REASON_NONE ? "" : capcert_reason_name(e->reason),
			  out_plain());
	}
}

static void print_verdict(const struct capcert_outcome *o)
{
	char name[1100], when[32];
	const char *shown = name_text(o, name, sizeof(name));

	if (o->valid)
		printf("%svalid%s", out_good(), out_plain());
	else
		printf("%sinvalid: %s%s", out_bad(), capcert_reason_name(o->reason), out_plain());
	if (*o->detail)
		printf("%s%s", o->valid ? "  " : ": ", o->detail);
	putchar('\n');
	out_field("name", "%s", shown ? shown : "not checked");
	out_field("purpose", "%s", capcert_purpose_name(o->purpose));
	out_field("judged at", "%s (%s)", text_of_time(o->time, when),
		  o->time_source == CAPCERT_TIME_CALLER ? "the caller's choice" : "now");
}

void outcome_print(const struct outcome_view *v)
{
	const struct capcert_outcome *o = &v->result->outcome;
	char hex[65], from[32], until[32];

	print_verdict(o);
	print_path(v);
	if (o->valid) {
		out_field("anchor", "sha256:%s", text_to_hex(o->anchor, 32, hex));
		out_field("expires", "%s, the first of the path",
			  text_of_time(o->chain_not_after, until));
		out_field("verdict holds", "%s to %s", text_of_time(o->valid_from, from),
			  text_of_time(o->valid_until, until));
	} else if (o->depth < path_count(v->result)) {
		out_field("certificate", "%u of the path", o->depth);
	}
	out_field("policy", "%s  sha256:%.16s", *o->preset ? o->preset : "custom",
		  text_to_hex(o->policy_digest, 32, hex));
	if (v->local)
		out_field("store", "in this process  sha256:%.16s",
			  text_to_hex(o->store_digest, 32, hex));
	else
		out_field("store", "%llu version %llu, origin %s  sha256:%.16s",
			  (unsigned long long)o->store_id, (unsigned long long)o->store_version,
			  capcert_origin_name(o->store_origin),
			  text_to_hex(o->store_digest, 32, hex));
	if (pins_word(o))
		out_field("pins", "%s%s  sha256:%.16s", pins_word(o),
			  o->valid && o->flags & CAPCERT_OUTCOME_PIN_MISMATCH ? ", only reported"
									      : "",
			  text_to_hex(o->pins_digest, 32, hex));
	if (o->flags & CAPCERT_OUTCOME_FETCHED)
		out_field("status", "as fetched for an earlier verification");
	if (!v->local)
		out_field("audit record", "%llu%s", (unsigned long long)o->audit_sequence,
			  o->flags & CAPCERT_OUTCOME_CACHED ? ", answered from the cache" : "");
}
