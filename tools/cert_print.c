// SPDX-License-Identifier: GPL-2.0-only
/* A certificate for people. */

#include <stdio.h>
#include <string.h>
#include <time.h>
#include "tools/cert_view.h"
#include "tools/out.h"
#include "tools/text.h"

#define SHOWN_NAMES 100

static const char *critical(const struct capcert_cert_view *v, const char *name)
{
	size_t i;

	for (i = 0; i < v->extension_count; i++)
		if (!strcmp(v->extensions[i].name, name))
			return v->extensions[i].critical ? " (critical)" : "";
	return "";
}

static void print_name(const char *label, struct capcert_bytes name)
{
	char text[4096];

	if (!capcert_name_text(name, text, sizeof(text)))
		strcpy(text, "(empty)");
	out_field(label, "%s", text);
}

static void print_validity(const struct capcert_cert_view *v)
{
	int64_t now = time(NULL), days;
	char from[32], until[32], note[64];

	text_of_time(v->not_before, from);
	text_of_time(v->not_after, until);
	out_field("not before", "%s%s", from, now < v->not_before ? "  (not yet valid)" : "");
	days = (v->not_after - now) / 86400;
	if (now > v->not_after)
		snprintf(note, sizeof(note), "%sexpired %lld days ago%s", out_bad(),
			 (long long)-days, out_plain());
	else
		snprintf(note, sizeof(note), "%lld days left", (long long)days);
	out_field("not after", "%s  (%s)", until, note);
}

static void print_general_names(const char *label, const struct capcert_general_name *list,
				size_t count)
{
	char text[2048];
	size_t i;

	for (i = 0; i < count && i < SHOWN_NAMES; i++) {
		capcert_gn_text(&list[i], text, sizeof(text));
		out_field(i ? "" : label, "%s %s", capcert_gn_type_name(list[i].type), text);
	}
	if (count > SHOWN_NAMES)
		out_field("", "... and %zu more; --json has them all", count - SHOWN_NAMES);
}

static void print_usages(const struct capcert_cert_view *v)
{
	char text[1024], oid[256];
	size_t n = 0, i;
	unsigned int bit;

	if (v->have_key_usage) {
		text[0] = '\0';
		for (bit = 0; bit < CAPCERT_KU_COUNT; bit++)
			if (v->key_usage >> bit & 1)
				n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s",
						      n ? ", " : "", capcert_key_usage_name(bit));
		out_field("key usage", "%s%s", n ? text : "none", critical(v, "keyUsage"));
	}
	for (i = 0; i < v->eku_count; i++) {
		const char *name = capcert_eku_name(v->ekus[i].id);

		capcert_oid_text(v->ekus[i].oid, oid, sizeof(oid));
		out_field(i ? "" : "extended usage", "%s%s",
			  v->ekus[i].id == CAPCERT_EKU_OTHER ? oid : name,
			  i ? "" : critical(v, "extKeyUsage"));
	}
	if (v->have_basic_constraints && v->ca && v->path_len >= 0)
		out_field("basic constr.", "a CA, at most %d more CAs below it%s", (int)v->path_len,
			  critical(v, "basicConstraints"));
	else if (v->have_basic_constraints)
		out_field("basic constr.", "%s%s", v->ca ? "a CA" : "not a CA",
			  critical(v, "basicConstraints"));
}

static void print_scts(const struct capcert_cert_view *v)
{
	char hex[65], when[32];
	size_t i;

	if (v->scts_malformed)
		out_field("SCTs", "%smalformed%s", out_bad(), out_plain());
	for (i = 0; i < v->sct_count; i++) {
		const struct capcert_sct *s = &v->scts[i];

		out_field(i ? "" : "SCTs", "%s  log %.16s...",
			  text_of_time((int64_t)(s->timestamp / 1000), when),
			  text_to_hex(s->log_id, 32, hex));
	}
}

static void print_pointers(const struct capcert_cert_view *v)
{
	char oid[256], text[2048];
	size_t i;

	for (i = 0; i < v->access_count; i++) {
		capcert_oid_text(v->access[i].method, oid, sizeof(oid));
		capcert_gn_text(&v->access[i].location, text, sizeof(text));
		out_field(i ? "" : "issuer's info", "%s %s",
			  !strcmp(oid, "1.3.6.1.5.5.7.48.1")   ? "OCSP"
			  : !strcmp(oid, "1.3.6.1.5.5.7.48.2") ? "issuer"
							       : oid,
			  text);
	}
	print_general_names("CRLs", v->crls, v->crl_count);
	for (i = 0; i < v->policy_count; i++) {
		capcert_oid_text(v->policies[i], oid, sizeof(oid));
		out_field(i ? "" : "policies", "%s", oid);
	}
}

static void print_hex(const char *label, const uint8_t *p, size_t n)
{
	char hex[513];

	if (n)
		out_field(label, "%s%s", text_to_hex(p, n < 256 ? n : 256, hex),
			  n > 256 ? "..." : "");
}

void cert_view_print(const capcert_cert *cert, const struct capcert_cert_view *v, uint32_t kind)
{
	uint8_t digest[64];
	size_t i;

	print_name("subject", v->subject);
	print_name("issuer", v->issuer);
	out_field("kind", "%s, version %u", capcert_cert_kind_name(kind), v->version);
	print_hex("serial", v->serial.data, v->serial.len);
	print_validity(v);
	if (v->key_bits)
		out_field("public key", "%s, %u bits", v->key_algorithm, v->key_bits);
	else
		out_field("public key", "%s", v->key_algorithm);
	out_field("signed with", "%s", v->signature_scheme);
	print_general_names("names", v->alt_names, v->alt_name_count);
	print_usages(v);
	print_general_names("permitted", v->permitted, v->permitted_count);
	print_general_names("excluded", v->excluded, v->excluded_count);
	if (v->must_staple)
		out_field("must staple", "yes");
	print_scts(v);
	print_pointers(v);
	for (i = 0; i < v->extension_count; i++) {
		if (!strcmp(v->extensions[i].name, "unknown")) {
			char oid[256];

			capcert_oid_text(v->extensions[i].oid, oid, sizeof(oid));
			out_field("extension", "%s%s", oid,
				  v->extensions[i].critical ? " (critical, not understood)" : "");
		}
	}
	print_hex("subject key id", v->subject_key_id.data, v->subject_key_id.len);
	print_hex("issuer key id", v->authority_key_id.data, v->authority_key_id.len);
	if (capcert_cert_fingerprint(cert, CAPCERT_HASH_SHA256, digest) == 32)
		print_hex("sha256", digest, 32);
	if (capcert_cert_spki_hash(cert, CAPCERT_HASH_SHA256, digest) == 32)
		print_hex("key sha256", digest, 32);
}
