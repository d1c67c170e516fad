// SPDX-License-Identifier: GPL-2.0-only
/* Writes and reads the file of one root. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/root_file.h"
#include "tools/text.h"

#define LABEL "# Label: "
#define HASH "# OpenSSL subject hash: "
#define SHA1 "# SHA1 fingerprint: "
#define SOURCE "# Source: "

char *root_stem(const char *label, char *buf, size_t cap)
{
	size_t n = 0;

	for (; *label && n + 2 < cap; label++) {
		char c = *label;

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
			buf[n++] = c;
		else if (n && buf[n - 1] != '_')
			buf[n++] = '_';
	}
	if (n && buf[n - 1] == '_')
		n--;
	buf[n] = '\0';
	if (!n)
		snprintf(buf, cap, "root");
	return buf;
}

/* AA:BB:... */
static const char *colons(const uint8_t sha1[20], char *buf)
{
	size_t i;

	for (i = 0; i < 20; i++)
		sprintf(buf + 3 * i, i < 19 ? "%02X:" : "%02X", sha1[i]);
	return buf;
}

int root_file_text(const char *label, capcert_cert *cert, char **ret, size_t *ret_len)
{
	char *pem, *text, hex[64];
	uint8_t sha1[20];
	uint32_t hash;
	size_t n;
	int r = capcert_cert_subject_hash(cert, &hash);

	if (!r)
		r = capcert_cert_to_pem(cert, &pem, &n);
	if (r)
		return r;
	capcert_cert_sha1(cert, sha1);
	r = asprintf(&text, LABEL "%s\n" HASH "%08x\n" SHA1 "%s\n" SOURCE ROOT_SOURCE_NSS "\n%s",
		     label, hash, colons(sha1, hex), pem);
	free(pem);
	if (r < 0)
		return -ENOMEM;
	*ret = text;
	*ret_len = (size_t)r;
	return 0;
}

/* The value of the next line, which must begin with @name. */
static bool header(const char **at, const char *name, char *buf, size_t cap)
{
	size_t lead = strlen(name), n;

	if (strncmp(*at, name, lead))
		return false;
	n = strcspn(*at + lead, "\n");
	if (!n || n >= cap || (*at)[lead + n] != '\n')
		return false;
	memcpy(buf, *at + lead, n);
	buf[n] = '\0';
	*at += lead + n + 1;
	return true;
}

static int bad(char *error, size_t cap, const char *text)
{
	snprintf(error, cap, "%s", text);
	return -EBADMSG;
}

int root_file_parse(const char *data, size_t len, struct root_file *ret, char *error, size_t cap)
{
	const char *at = data, *why = NULL;
	char hash[16], sha1[64], source[256];
	uint8_t octets[4];
	int r;

	if (strlen(data) != len)
		return bad(error, cap, "there is a NUL in it");
	if (!header(&at, LABEL, ret->label, sizeof(ret->label)))
		return bad(error, cap, "line 1 is not '" LABEL "...'");
	if (!header(&at, HASH, hash, sizeof(hash)) || strlen(hash) != 8 ||
	    !text_hex(hash, 8, octets, 4))
		return bad(error, cap, "line 2 is not '" HASH "' and 8 hexadecimal digits");
	ret->hash = (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 |
		    (uint32_t)octets[2] << 8 | octets[3];
	if (!header(&at, SHA1, sha1, sizeof(sha1)) || strlen(sha1) != 59 ||
	    !text_hex(sha1, 59, ret->sha1, 20))
		return bad(error, cap, "line 3 is not '" SHA1 "' and 20 octets AA:BB:...");
	if (!header(&at, SOURCE, source, sizeof(source)))
		return bad(error, cap, "line 4 is not '" SOURCE "...'");
	if (strncmp(at, "-----BEGIN CERTIFICATE-----\n", 28))
		return bad(error, cap, "line 5 does not begin a CERTIFICATE");
	r = capcert_cert_new((const uint8_t *)at, len - (size_t)(at - data), &ret->cert, &why);
	return r == -EBADMSG ? bad(error, cap, why ? why : "malformed certificate") : r;
}

const char *root_file_check(const struct root_file *file, char *error, size_t cap)
{
	char said[64], is[64];
	uint8_t sha1[20];
	uint32_t hash;
	int r = capcert_cert_subject_hash(file->cert, &hash);

	capcert_cert_sha1(file->cert, sha1);
	if (r)
		snprintf(error, cap, "its subject has no hash: %s", capcert_strerror(r));
	else if (hash != file->hash)
		snprintf(error, cap, "the header says subject hash %08x, it is %08x", file->hash,
			 hash);
	else if (memcmp(sha1, file->sha1, 20))
		snprintf(error, cap, "the header says SHA-1 %s, it is %s", colons(file->sha1, said),
			 colons(sha1, is));
	else
		return NULL;
	return error;
}
