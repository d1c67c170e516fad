// SPDX-License-Identifier: GPL-2.0-only
/* Each token that keyd may open: is it there, does its PIN fit, has each key a record? */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <capcert/key.h>
#include "helpers/common/log.h"
#include "helpers/keyd/check.h"

/* RFC 7512: what is not unreserved is escaped. */
static int token_uri(const char *label, char *ret, size_t cap)
{
	size_t n = (size_t)snprintf(ret, cap, "pkcs11:token=");

	for (; *label; label++) {
		if (n + 4 > cap)
			return -EINVAL;
		n += (size_t)sprintf(ret + n, "%%%02X", (unsigned char)*label);
	}
	return 0;
}

static const char *reason(int error)
{
	switch (error) {
	case -ENODEV:
		return "not there; is its module loaded, may this user read its files?";
	case -ENOTUNIQ:
		return "several tokens have this label";
	case -EKEYREJECTED:
		return "its PIN is wrong; correct it, then run " KEYD_NAME
		       " --check, which tries once";
	case -EUSERS:
		return "its PIN is locked, or would be by one wrong try; set it anew with the "
		       "security officer's";
	case -ENOKEY:
		return "no PIN: neither pin.LABEL among the credentials nor the key "
		       "capcert-keyd:pin:LABEL";
	default:
		return strerror(-error);
	}
}

static int each(void *ctx, const struct capcert_vault_key *key)
{
	const struct server *server = ctx;
	struct capcert_key_record record;
	char purposes[96] = "no record: capcert key import-uri makes one";
	int r = -ENOENT;

	if (key->spki_len)
		r = capcert_key_record_read(server->records, key->spki_hash, &record);
	if (r == 0)
		capcert_key_purposes_text(record.purposes, purposes, sizeof(purposes));
	else if (r != -ENOENT)
		strcpy(purposes, "its record is damaged, or others may write it");
	printf("  %s: %s%s%s\n", key->uri, purposes, key->signs ? "" : ", does not sign",
	       key->sensitive && !key->extractable ? "" : ", could leave the token: refused");
	return 0;
}

int check_token(const struct server *server, const char *label, bool quiet)
{
	char uri[256];
	uint32_t source;
	int r = token_uri(label, uri, sizeof(uri));

	if (r == 0)
		r = capcert_vault_login(server->vault, uri, &source);
	if (r < 0) {
		log_line(LOG_ERR, "token %s: %s", label, reason(r));
		return r;
	}
	if (quiet)
		return 0;
	printf("%s (%s)\n", label, capcert_key_source_name(source));
	return capcert_vault_list(server->vault, uri, each, (void *)(uintptr_t)server);
}
