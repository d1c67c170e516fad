// SPDX-License-Identifier: LGPL-2.1-or-later
/* A revocation list for those who want to look at it, or to look up a serial number. */
#include <errno.h>
#include <stdlib.h>
#include <capcert/crl.h>
#include "libcapcert/evidence.h"
#include "libcapcert/pem.h"
#include "libcapcert/x509.h"

static struct capcert_bytes bytes(struct cc_span s)
{
	return (struct capcert_bytes){ s.p, s.n };
}

/* @der: malloc()ed; belongs to the list, or is freed. */
static int from_der(uint8_t *der, size_t len, capcert_crl **ret, const char **error)
{
	capcert_crl *list = malloc(sizeof(*list));
	struct cc_crl probe;
	int r = -ENOMEM;

	if (list)
		r = crl_new(der, len, &list->crl);
	if (r < 0) {
		if (r == -EBADMSG)
			*error = cc_crl_error_text(cc_crl_parse(cc_span(der, len), &probe));
		free(der);
		free(list);
		return r;
	}
	*ret = list;
	return 0;
}

int capcert_crl_new(const uint8_t *data, size_t len, capcert_crl **ret, const char **ret_error)
{
	struct cc_span text = cc_span(data, len);
	const char *unused, **error = ret_error ? ret_error : &unused;
	uint8_t *der;
	int r;

	if (len && pem_found(text) && cc_cert_size(text) != len) {
		r = pem_next_of(&text, PEM_CRL, CC_CRL_MAX, &der, &len, error);
		if (r == 0)
			*error = "no X509 CRL in the text";
		if (r <= 0)
			return r ? r : -EBADMSG;
		return from_der(der, len, ret, error);
	}
	if (len > CC_CRL_MAX)
		return -EMSGSIZE;
	der = malloc(len ? len : 1);
	if (!der)
		return -ENOMEM;
	if (len)
		memcpy(der, data, len);
	return from_der(der, len, ret, error);
}

void capcert_crl_free(capcert_crl *crl)
{
	if (!crl)
		return;
	crl_free(crl->crl);
	free(crl);
}

void capcert_crl_get(const capcert_crl *crl, struct capcert_crl_info *ret)
{
	const struct cc_crl *l = &crl->crl->list;

	*ret = (struct capcert_crl_info){
		.issuer = bytes(l->issuer),
		.version = l->version,
		.scheme = cc_scheme_name(l->scheme),
		.this_update = l->this_update,
		.have_next_update = l->has_next_update,
		.next_update = l->next_update,
		.number = bytes(l->number),
		.base = bytes(l->base),
		.authority_key_id = bytes(l->akid),
		.entry_count = l->entry_count,
		.only_users = l->only_user,
		.only_cas = l->only_ca,
		.only_attributes = l->only_attribute,
		.indirect = l->indirect,
		.only_some_reasons = l->idp_reasons != CC_REASON_FLAGS_ALL,
		.unknown_critical = (l->ext_critical & CC_CRL_EXT_BIT(UNKNOWN)) ||
				    (l->entry_critical & CC_CRL_ENTRY_EXT_BIT(UNKNOWN)),
	};
	memcpy(ret->fingerprint, crl_fingerprint(crl->crl), sizeof(ret->fingerprint));
}

void crl_tell_entry(const struct cc_crl_entry *entry, struct capcert_crl_entry *ret)
{
	bool reason = entry->present & CC_CRL_ENTRY_EXT_BIT(REASON);

	*ret = (struct capcert_crl_entry){ .serial = bytes(entry->serial),
					   .date = entry->date,
					   .reason = reason ? entry->reason : -1,
					   .issuer = bytes(entry->issuer) };
}

int capcert_crl_entry_next(const capcert_crl *crl, uint32_t *at, struct capcert_crl_entry *ret)
{
	struct cc_crl_entry entry;

	if (!crl_next(crl->crl, at, &entry))
		return -ENOENT;
	crl_tell_entry(&entry, ret);
	return 0;
}

int capcert_crl_find(const capcert_crl *crl, const uint8_t *serial, size_t len,
		     struct capcert_crl_entry *ret)
{
	struct cc_span s = cc_span(serial, len);
	struct cc_crl_entry entry;
	uint32_t from = 0;

	if (!crl_find(crl->crl, s, &from, &entry))
		return -ENOENT;
	crl_tell_entry(&entry, ret);
	return 0;
}

int capcert_crl_is_by(const capcert_crl *crl, const capcert_cert *issuer)
{
	struct prepared_dn name;
	bool same;

	if (dn_prepare(issuer->parsed.subject, &name) < 0)
		return -ENOMEM;
	same = cc_dn_equal(name.name, crl->crl->issuer.name);
	dn_release(&name);
	return same ? sig_check_prepared(crl_signature(crl->crl), &issuer->parsed) : 0;
}

int capcert_evidence_put_parsed_crl(capcert_evidence *e, const capcert_crl *crl)
{
	return evidence_put_list(e, crl->crl);
}
