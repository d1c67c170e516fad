// SPDX-License-Identifier: LGPL-2.1-or-later
/* Texts of the typed views: names of numbers, GeneralNames for people. */

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <capcert/x509_ext.h>
#include "core/cert.h"
#include "core/text.h"

#define NAMED(table, i) ((i) < CC_ARRAY_SIZE(table) ? (table)[i] : "?")

const char *capcert_cert_kind_name(uint32_t kind)
{
	static const char *const names[] = { "endEntity", "intermediate", "trustAnchor",
					     "crossSigned" };

	return NAMED(names, kind);
}

const char *capcert_key_usage_name(unsigned int bit)
{
	static const char *const names[] = { "digitalSignature", "nonRepudiation",
					     "keyEncipherment",	 "dataEncipherment",
					     "keyAgreement",	 "keyCertSign",
					     "cRLSign",		 "encipherOnly",
					     "decipherOnly" };

	return bit < CC_ARRAY_SIZE(names) ? names[bit] : NULL;
}

const char *capcert_eku_name(uint32_t id)
{
	static const char *const names[] = {
		"other",	"anyExtendedKeyUsage", "serverAuth",
		"clientAuth",	"codeSigning",	       "emailProtection",
		"timeStamping", "OCSPSigning",	       "precertificateSigning"
	};

	return NAMED(names, id);
}

const char *capcert_gn_type_name(uint32_t type)
{
	static const char *const names[] = { "otherName",
					     "rfc822Name",
					     "dNSName",
					     "x400Address",
					     "directoryName",
					     "ediPartyName",
					     "uniformResourceIdentifier",
					     "iPAddress",
					     "registeredID" };

	return NAMED(names, type);
}

/* RFC 4514 section 3 and RFC 4519: id-at (2.5.4.x), and the few from elsewhere. */
const char *capcert_attr_name(struct capcert_bytes oid)
{
	static const struct {
		uint8_t arc;
		char name[24];
	} id_at[] = {
		{ 3, "CN" },
		{ 4, "SN" },
		{ 5, "serialNumber" },
		{ 6, "C" },
		{ 7, "L" },
		{ 8, "ST" },
		{ 9, "street" },
		{ 10, "O" },
		{ 11, "OU" },
		{ 12, "title" },
		{ 15, "businessCategory" },
		{ 17, "postalCode" },
		{ 42, "givenName" },
		{ 43, "initials" },
		{ 46, "dnQualifier" },
		{ 65, "pseudonym" },
		{ 97, "organizationIdentifier" },
	};
	static const uint8_t dc[] = { 9, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25 };
	static const uint8_t uid[] = { 9, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1 };
	static const uint8_t email[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1 };
	size_t i;

	if (oid.len == 3 && oid.data[0] == 0x55 && oid.data[1] == 4)
		for (i = 0; i < CC_ARRAY_SIZE(id_at); i++)
			if (id_at[i].arc == oid.data[2])
				return id_at[i].name;
	if (oid.len == sizeof(dc) && !memcmp(oid.data, dc, sizeof(dc)))
		return "DC";
	if (oid.len == sizeof(uid) && !memcmp(oid.data, uid, sizeof(uid)))
		return "UID";
	if (oid.len == sizeof(email) && !memcmp(oid.data, email, sizeof(email)))
		return "emailAddress";
	return NULL;
}

static void put_escaped(struct cc_text *t, struct capcert_bytes b)
{
	size_t i;

	for (i = 0; i < b.len; i++) {
		uint8_t c = b.data[i];

		if (c >= 0x20 && c < 0x7f && c != '\\') {
			cc_text_char(t, (char)c);
		} else {
			cc_text_char(t, '\\');
			cc_text_hex(t, c);
		}
	}
}

static void put_hex(struct cc_text *t, struct capcert_bytes b)
{
	size_t i;

	cc_text_char(t, '#');
	for (i = 0; i < b.len; i++)
		cc_text_hex(t, b.data[i]);
}

/* Number of leading one bits, or -1 when ones follow a zero: such a mask has no prefix length. */
static int prefix_length(const uint8_t *mask, size_t n)
{
	size_t bits = 0, i;

	while (bits < n * 8 && mask[bits / 8] & 0x80 >> bits % 8)
		bits++;
	for (i = bits; i < n * 8; i++)
		if (mask[i / 8] & 0x80 >> i % 8)
			return -1;
	return (int)bits;
}

/* 4 or 16 octets; in name constraints twice that, address and mask (RFC 5280 section 4.2.1.10). */
static void put_ip(struct cc_text *t, struct capcert_bytes b)
{
	size_t n = b.len == 4 || b.len == 8 ? 4 : b.len == 16 || b.len == 32 ? 16 : 0;
	char text[INET6_ADDRSTRLEN];
	int prefix;

	if (!n || (b.len > n && prefix_length(b.data + n, n) < 0)) {
		put_hex(t, b);
		return;
	}
	cc_text_put(t, inet_ntop(n == 4 ? AF_INET : AF_INET6, b.data, text, sizeof(text)));
	if (b.len > n) {
		prefix = prefix_length(b.data + n, n);
		cc_text_char(t, '/');
		cc_text_number(t, (uint64_t)prefix);
	}
}

size_t capcert_gn_text(const struct capcert_general_name *name, char *buf, size_t cap)
{
	struct cc_text t = cc_text(buf, cap);

	switch (name->type) {
	case CAPCERT_GN_EMAIL:
	case CAPCERT_GN_DNS:
	case CAPCERT_GN_URI:
		put_escaped(&t, name->value);
		break;
	case CAPCERT_GN_IP:
		put_ip(&t, name->value);
		break;
	case CAPCERT_GN_DIRECTORY:
		return capcert_name_text(name->value, buf, cap);
	case CAPCERT_GN_RID:
		return capcert_oid_text(name->value, buf, cap);
	default:
		put_hex(&t, name->value);
	}
	return cc_text_end(&t);
}
