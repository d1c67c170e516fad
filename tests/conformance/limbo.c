// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Runs a file of x509-limbo cases, each under every field that it has. */
#include <stdio.h>
#include <string.h>
#include "core/cert.h"
#include "tests/conformance/suite.h"

#define MAX_PURPOSES 8

/* Names of the suite for signature algorithms, and ours. An algorithm of theirs that is none of
 * ours may be in a list: allowing it allows nothing. */
static const struct {
	const char *theirs, *ours;
} algorithms[] = {
	{ "RSA_WITH_SHA256", "rsa-pkcs1-sha256" },
	{ "RSA_WITH_SHA384", "rsa-pkcs1-sha384" },
	{ "RSA_WITH_SHA512", "rsa-pkcs1-sha512" },
	{ "RSASSA_PSS", "rsa-pss-sha256,rsa-pss-sha384,rsa-pss-sha512" },
	{ "ECDSA_WITH_SHA256", "ecdsa-sha256" },
	{ "ECDSA_WITH_SHA384", "ecdsa-sha384" },
	{ "ECDSA_WITH_SHA512", "ecdsa-sha512" },
	{ "ED25519", "ed25519" },
	{ "ED448", "ed448" },
};

static const struct {
	const char *eku;
	uint32_t purpose;
} usages[] = {
	{ "serverAuth", CAPCERT_PURPOSE_TLS_SERVER_AUTH },
	{ "clientAuth", CAPCERT_PURPOSE_TLS_CLIENT_AUTH },
	{ "codeSigning", CAPCERT_PURPOSE_CODE_SIGNING },
	{ "emailProtection", CAPCERT_PURPOSE_EMAIL_SMIME },
	{ "OCSPSigning", CAPCERT_PURPOSE_OCSP_SIGNING },
};

static const struct {
	const char *name;
	uint16_t bit;
} key_usages[] = {
	{ "digitalSignature", CC_KU_DIGITAL_SIGNATURE },
	{ "contentCommitment", CC_KU_NON_REPUDIATION },
	{ "keyEncipherment", CC_KU_KEY_ENCIPHERMENT },
	{ "dataEncipherment", CC_KU_DATA_ENCIPHERMENT },
	{ "keyAgreement", CC_KU_KEY_AGREEMENT },
	{ "keyCertSign", CC_KU_KEY_CERT_SIGN },
	{ "cRLSign", CC_KU_CRL_SIGN },
	{ "encipherOnly", CC_KU_ENCIPHER_ONLY },
	{ "decipherOnly", CC_KU_DECIPHER_ONLY },
};

/* One case, in our words. */
struct limbo_case {
	uint32_t purposes[MAX_PURPOSES];
	size_t purpose_count;
	uint16_t key_usage;
	char policy[1024];
	const char *unable; /* what it asks for that we cannot express; NULL */
};

static void add_purpose(struct limbo_case *c, const char *eku)
{
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(usages); i++)
		if (eku && !strcmp(usages[i].eku, eku) && c->purpose_count < MAX_PURPOSES) {
			c->purposes[c->purpose_count++] = usages[i].purpose;
			return;
		}
	c->unable = "no purpose asks for this extended key usage";
}

/* The usages that the case names; without any, what the kind of validation needs. */
static void read_purposes(const json_t *t, struct limbo_case *c)
{
	const json_t *list = json_object_get(t, "extended_key_usage");
	const char *kind = suite_string(t, "validation_kind");
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		add_purpose(c, json_string_value(json_array_get(list, i)));
	if (json_array_size(list))
		return;
	if (kind && !strcmp(kind, "SERVER"))
		add_purpose(c, "serverAuth");
	else if (kind && !strcmp(kind, "CLIENT"))
		add_purpose(c, "clientAuth");
	else
		c->unable = "unknown kind of validation";
}

static void read_key_usage(const json_t *t, struct limbo_case *c)
{
	const json_t *list = json_object_get(t, "key_usage");
	size_t i, j;

	for (i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));

		for (j = 0; j < CC_ARRAY_SIZE(key_usages); j++)
			if (name && !strcmp(name, key_usages[j].name))
				break;
		if (j == CC_ARRAY_SIZE(key_usages))
			c->unable = "unknown key usage";
		else
			c->key_usage |= key_usages[j].bit;
	}
}

static bool has_feature(const json_t *t, const char *feature)
{
	const json_t *list = json_object_get(t, "features");
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));

		if (name && !strcmp(name, feature))
			return true;
	}
	return false;
}

static void add(struct limbo_case *c, const char *key, const char *value)
{
	size_t n = strlen(c->policy);

	if ((size_t)snprintf(c->policy + n, sizeof(c->policy) - n, ";%s=%s", key, value) >=
	    sizeof(c->policy) - n)
		suite_die("policy is too long", value);
}

static void add_schemes(const json_t *list, struct limbo_case *c)
{
	char schemes[512] = "";
	size_t i, j;

	for (i = 0; i < json_array_size(list); i++)
		for (j = 0; j < CC_ARRAY_SIZE(algorithms); j++)
			if (!strcmp(algorithms[j].theirs,
				    json_string_value(json_array_get(list, i)))) {
				strcat(schemes, *schemes ? "," : "");
				strcat(schemes, algorithms[j].ours);
			}
	add(c, "schemes", *schemes ? schemes : "none");
}

/* Their depth counts intermediates, and as logical CAs: a self-issued one is none. So does
 * max_issuers, with the anchor. A depth that a policy cannot say is beyond what the engine ever
 * follows. */
static void add_depth(const json_t *depth, struct limbo_case *c)
{
	char text[16];

	if (json_integer_value(depth) < 0)
		c->unable = "negative depth";
	if (json_integer_value(depth) + 1 > 255)
		return;
	snprintf(text, sizeof(text), "%d", (int)json_integer_value(depth) + 1);
	add(c, "max_issuers", text);
}

/* Cases about RFC 5280 alone say so by name or feature. */
static const char *profile_of(const struct suite *s, const json_t *t, const char *id)
{
	if (s->profile)
		return s->profile;
	return !strncmp(id, "rfc5280::", 9) || has_feature(t, "rfc5280-incompatible-with-webpki")
		       ? "rfc5280"
		       : "webpki";
}

static void read_policy(const struct suite *s, const json_t *t, const char *id,
			struct limbo_case *c)
{
	const json_t *schemes = json_object_get(t, "signature_algorithms");
	const json_t *depth = json_object_get(t, "max_chain_depth");

	snprintf(c->policy, sizeof(c->policy), "profile=%s", profile_of(s, t, id));
	add(c, "time", "any");
	add(c, "clock_skew", "0s");
	/* BetterTLS is about paths and constraints. Its leaves are none that the Baseline
	 * Requirements allow: they live for a year and a day (section 6.3.2), and most have a
	 * common name that is no alternative name (section 7.1.4.3). As under any private CA with
	 * such leaves, the policy leaves these two rules out. */
	if (!strncmp(id, "bettertls::", 11)) {
		add(c, "lifetime", "any");
		add(c, "common_name", "any");
	}
	if (json_array_size(json_object_get(t, "crls")))
		strcat(c->policy, SUITE_CRL_POLICY);
	if (json_array_size(schemes))
		add_schemes(schemes, c);
	if (json_is_integer(depth))
		add_depth(depth, c);
}

/* The leaf says that its key may be used so. */
static bool usable(const char *pem, uint16_t key_usage)
{
	capcert_cert *cert;
	struct cc_cert parsed;
	struct cc_span der;
	bool ret;

	if (!key_usage)
		return true;
	if (capcert_cert_new((const uint8_t *)pem, strlen(pem), &cert, NULL) < 0)
		return false;
	der.p = capcert_cert_der(cert, &der.n);
	ret = cc_cert_parse(der, &parsed) == CC_CERT_OK &&
	      (parsed.ext_present & CC_EXT_BIT(KEY_USAGE)) &&
	      (parsed.key_usage & key_usage) == key_usage;
	capcert_cert_free(cert);
	return ret;
}

/* DNS, IP or RFC822; CAPCERT_NAME_NONE for anything else. */
static uint32_t name_type(const json_t *peer)
{
	static const char *const kinds[] = { [CAPCERT_NAME_DNS] = "DNS",
					     [CAPCERT_NAME_IP] = "IP",
					     [CAPCERT_NAME_EMAIL] = "RFC822" };
	const char *kind = suite_string(peer, "kind");
	uint32_t i;

	for (i = 0; i < CC_ARRAY_SIZE(kinds); i++)
		if (kind && kinds[i] && !strcmp(kind, kinds[i]))
			return i;
	return CAPCERT_NAME_NONE;
}

/* Every name and every purpose must hold. */
static bool verify(const json_t *t, const struct limbo_case *c, const json_t *peers,
		   char detail[SUITE_DETAIL])
{
	struct suite_request q = { .policy = c->policy,
				   .leaf = suite_string(t, "peer_certificate"),
				   .others = json_object_get(t, "untrusted_intermediates"),
				   .crls = json_object_get(t, "crls"),
				   .at = suite_time(suite_string(t, "validation_time")) };
	size_t i, k, names = json_array_size(peers);
	bool good = usable(q.leaf, c->key_usage);

	if (!good)
		snprintf(detail, SUITE_DETAIL, "key usage of the leaf is not what is asked for");
	for (i = 0; good && i < c->purpose_count; i++) {
		capcert_store *store =
			suite_store(json_object_get(t, "trusted_certs"), 1u << c->purposes[i]);

		q.store = store;
		q.purpose = c->purposes[i];
		for (k = 0; good && k < (names ? names : 1); k++) {
			const json_t *peer = json_array_get(peers, k);

			q.name = json_object_get(peer, "value");
			q.name_type = name_type(peer);
			good = suite_verify(&q, detail);
		}
		capcert_store_free(store);
	}
	return good;
}

/* All names of the case in one list. */
static json_t *peers_of(const json_t *t, struct limbo_case *c)
{
	json_t *ret = json_array(), *one = json_object_get(t, "expected_peer_name"), *peer;
	size_t i;

	json_array_extend(ret, json_object_get(t, "expected_peer_names"));
	if (json_is_object(one))
		json_array_append(ret, one);
	json_array_foreach(ret, i, peer)
	{
		if (name_type(peer) == CAPCERT_NAME_NONE || !suite_string(peer, "value"))
			c->unable = "unknown kind of name";
	}
	return ret;
}

static void run_case(struct suite *s, const json_t *t)
{
	const char *id = suite_string(t, "id"), *result = suite_string(t, "expected_result");
	struct limbo_case c = { 0 };
	char detail[SUITE_DETAIL] = "";
	json_t *peers;

	if (!suite_wants(s, id))
		return;
	peers = peers_of(t, &c);
	read_purposes(t, &c);
	read_key_usage(t, &c);
	read_policy(s, t, id, &c);
	if (!result || (strcmp(result, "SUCCESS") && strcmp(result, "FAILURE")))
		c.unable = "expects neither success nor failure";
	if (c.unable)
		suite_unable(s, id, c.unable);
	else
		suite_count(s, id, !strcmp(result, "SUCCESS"), verify(t, &c, peers, detail),
			    detail);
	json_decref(peers);
}

int main(int argc, char **argv)
{
	struct suite s;
	json_t *root = suite_open(&s, "limbo", argc, argv), *t;
	size_t i;
	int r;

	json_array_foreach(json_object_get(root, "testcases"), i, t) run_case(&s, t);
	r = suite_end(&s);
	json_decref(root);
	return r;
}
