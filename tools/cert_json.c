// SPDX-License-Identifier: GPL-2.0-only
/* Every typed field of a certificate as JSON. */

#include <stdlib.h>
#include "tools/cert_view.h"
#include "tools/file.h"
#include "tools/out.h"

static json_t *hex(struct capcert_bytes b)
{
	return json_hex(b.data, b.len);
}

static json_t *hex_or_null(struct capcert_bytes b)
{
	return b.len ? hex(b) : json_null();
}

static json_t *oid(struct capcert_bytes b)
{
	char text[256];

	capcert_oid_text(b, text, sizeof(text));
	return json_text(text);
}

static json_t *base64(struct capcert_bytes b)
{
	char *text = base64_text(b.data, b.len);
	json_t *value = json_text(text);

	free(text);
	return value;
}

static json_t *general_name(const struct capcert_general_name *gn)
{
	char text[2048];

	capcert_gn_text(gn, text, sizeof(text));
	return json_pack("{ssso}", "type", capcert_gn_type_name(gn->type), "value",
			 json_text(text));
}

static json_t *general_names(const struct capcert_general_name *list, size_t count)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < count; i++)
		json_array_append_new(array, general_name(&list[i]));
	return array;
}

static json_t *attr_value(const struct capcert_name_attr *attr)
{
	/* Text only where the type's bytes are text; UTF-8 is checked by jansson. */
	if (attr->tag == 0x0c || attr->tag == 0x13 || attr->tag == 0x16 || attr->tag == 0x12) {
		json_t *value = json_stringn((const char *)attr->value.data, attr->value.len);

		if (value)
			return value;
	}
	return json_pack("{so}", "hex", hex(attr->value));
}

static json_t *name(struct capcert_bytes der, const struct capcert_name_attr *attrs, size_t count)
{
	json_t *list = json_array();
	char text[4096];
	size_t i;

	for (i = 0; i < count; i++)
		json_array_append_new(
			list, json_pack("{sIsoss?so}", "rdn", (json_int_t)attrs[i].rdn, "oid",
					oid(attrs[i].oid), "name", capcert_attr_name(attrs[i].oid),
					"value", attr_value(&attrs[i])));
	capcert_name_text(der, text, sizeof(text));
	return json_pack("{soso}", "text", json_text(text), "attributes", list);
}

static json_t *key_usage(const struct capcert_cert_view *v)
{
	json_t *list;
	unsigned int bit;

	if (!v->have_key_usage)
		return json_null();
	list = json_array();
	for (bit = 0; bit < CAPCERT_KU_COUNT; bit++)
		if (v->key_usage >> bit & 1)
			json_array_append_new(list, json_string(capcert_key_usage_name(bit)));
	return list;
}

static json_t *ekus(const struct capcert_cert_view *v)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < v->eku_count; i++)
		json_array_append_new(list,
				      json_pack("{ssso}", "name", capcert_eku_name(v->ekus[i].id),
						"oid", oid(v->ekus[i].oid)));
	return list;
}

static json_t *basic_constraints(const struct capcert_cert_view *v)
{
	if (!v->have_basic_constraints)
		return json_null();
	return json_pack("{sbsi}", "ca", v->ca, "pathLenConstraint", (int)v->path_len);
}

static json_t *name_constraints(const struct capcert_cert_view *v)
{
	if (!v->have_name_constraints)
		return json_null();
	return json_pack("{soso}", "permitted", general_names(v->permitted, v->permitted_count),
			 "excluded", general_names(v->excluded, v->excluded_count));
}

static json_t *scts(const struct capcert_cert_view *v)
{
	json_t *list;
	size_t i;

	if (v->scts_malformed)
		return json_pack("{sb}", "malformed", 1);
	list = json_array();
	for (i = 0; i < v->sct_count; i++) {
		const struct capcert_sct *s = &v->scts[i];
		struct capcert_bytes id = { s->log_id, 32 };

		json_array_append_new(list, json_pack("{sisosososIsisiso}", "version", s->version,
						      "logId", base64(id), "time",
						      json_time((int64_t)(s->timestamp / 1000)),
						      "extensions", hex(s->extensions), "timestamp",
						      (json_int_t)s->timestamp, "hash", s->hash_alg,
						      "signatureAlgorithm", s->sig_alg, "signature",
						      hex(s->signature)));
	}
	return list;
}

static json_t *policies(const struct capcert_cert_view *v)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < v->policy_count; i++)
		json_array_append_new(list, oid(v->policies[i]));
	return list;
}

static json_t *access_list(const struct capcert_cert_view *v)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < v->access_count; i++)
		json_array_append_new(list,
				      json_pack("{soso}", "method", oid(v->access[i].method),
						"location", general_name(&v->access[i].location)));
	return list;
}

static json_t *extensions(const struct capcert_cert_view *v)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < v->extension_count; i++)
		json_array_append_new(list, json_pack("{ssso sb so}", "name", v->extensions[i].name,
						      "oid", oid(v->extensions[i].oid), "critical",
						      v->extensions[i].critical, "value",
						      hex(v->extensions[i].value)));
	return list;
}

static json_t *digests(const capcert_cert *cert,
		       int (*take)(const capcert_cert *, uint32_t, uint8_t *))
{
	static const struct {
		uint32_t hash;
		const char *name;
	} hashes[] = { { CAPCERT_HASH_SHA256, "sha256" },
		       { CAPCERT_HASH_SHA384, "sha384" },
		       { CAPCERT_HASH_SHA512, "sha512" } };
	json_t *all = json_object();
	uint8_t digest[64];
	size_t i;

	for (i = 0; i < 3; i++) {
		int n = take(cert, hashes[i].hash, digest);

		if (n > 0)
			json_object_set_new(all, hashes[i].name, json_hex(digest, (size_t)n));
	}
	return all;
}

json_t *cert_view_json(const capcert_cert *cert, const struct capcert_cert_view *v, uint32_t kind)
{
	json_t *o = json_object();
	size_t len;
	const uint8_t *der = capcert_cert_der(cert, &len);
	struct capcert_bytes whole = { der, len };

	json_object_set_new(o, "version", json_integer(v->version));
	json_object_set_new(o, "kind", json_string(capcert_cert_kind_name(kind)));
	json_object_set_new(o, "subject",
			    name(v->subject, v->subject_attrs, v->subject_attr_count));
	json_object_set_new(o, "issuer", name(v->issuer, v->issuer_attrs, v->issuer_attr_count));
	json_object_set_new(o, "serial", hex(v->serial));
	json_object_set_new(o, "notBefore", json_time(v->not_before));
	json_object_set_new(o, "notAfter", json_time(v->not_after));
	json_object_set_new(o, "subjectAltNames", general_names(v->alt_names, v->alt_name_count));
	json_object_set_new(o, "publicKey",
			    json_pack("{sssisoso}", "algorithm", v->key_algorithm, "bits",
				      (int)v->key_bits, "spki", hex(v->spki), "fingerprint",
				      digests(cert, capcert_cert_spki_hash)));
	json_object_set_new(o, "signatureScheme", json_string(v->signature_scheme));
	json_object_set_new(o, "keyUsage", key_usage(v));
	json_object_set_new(o, "extendedKeyUsage", ekus(v));
	json_object_set_new(o, "basicConstraints", basic_constraints(v));
	json_object_set_new(o, "nameConstraints", name_constraints(v));
	json_object_set_new(o, "embeddedScts", scts(v));
	json_object_set_new(o, "mustStaple", json_boolean(v->must_staple));
	json_object_set_new(o, "certificatePolicies", policies(v));
	json_object_set_new(o, "authorityInfoAccess", access_list(v));
	json_object_set_new(o, "crlDistributionPoints", general_names(v->crls, v->crl_count));
	json_object_set_new(o, "subjectKeyId", hex_or_null(v->subject_key_id));
	json_object_set_new(o, "authorityKeyId", hex_or_null(v->authority_key_id));
	json_object_set_new(o, "extensions", extensions(v));
	json_object_set_new(o, "fingerprint", digests(cert, capcert_cert_fingerprint));
	json_object_set_new(o, "der", base64(whole));
	return o;
}
