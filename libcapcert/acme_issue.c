// SPDX-License-Identifier: LGPL-2.1-or-later
/* A certificate from order to chain, and when to ask for the next one (RFC 9773). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "libcapcert/acme.h"
#include "libcapcert/jwk.h"
#include "libcapcert/x509.h"

static int issue(capcert_acme *acme, const struct capcert_acme_issue *i, capcert_chain **ret)
{
	capcert_acme_order *o = NULL;
	int r = capcert_acme_order_new(acme, &i->request, &o);

	if (r == 0)
		r = capcert_acme_authorize(o, i->solvers, i->solver_count);
	if (r == 0)
		r = capcert_acme_finalize(o, &i->key, i->flags);
	if (r == 0)
		r = capcert_acme_download(o, &i->key, &i->trust, ret);
	capcert_acme_order_free(o);
	return r;
}

int capcert_acme_issue(capcert_acme *acme, const struct capcert_acme_issue *i, capcert_chain **ret)
{
	acme_begin(acme);
	return acme_end(acme, issue(acme, i, ret));
}

int capcert_acme_renew(capcert_acme *acme, const capcert_chain *chain,
		       const struct capcert_acme_issue *i, capcert_chain **ret)
{
	struct capcert_acme_identifier identifiers[CAPCERT_ACME_MAX_IDENTIFIERS];
	struct acme_name *names = calloc(CAPCERT_ACME_MAX_IDENTIFIERS, sizeof(*names));
	struct capcert_acme_issue next = *i;
	char id[CAPCERT_ACME_CERT_ID];
	size_t count = 0;
	int r = -EINVAL;

	acme_begin(acme);
	if (!names)
		return acme_end(acme, -ENOMEM);
	if (capcert_chain_count(chain))
		r = acme_names_of_cert(capcert_chain_at(chain, 0), names,
				       CAPCERT_ACME_MAX_IDENTIFIERS, &count);
	if (r == -EBADMSG || r == -EINVAL)
		r = acme_fail(acme, -EINVAL,
			      "renew: the certificate has names that cannot be ordered");
	for (size_t k = 0; k < count; k++)
		identifiers[k] = (struct capcert_acme_identifier){ names[k].type, names[k].text };
	next.request.identifiers = identifiers;
	next.request.identifier_count = count;
	next.request.replaces = NULL;
	if (r == 0 && capcert_acme_cert_id(capcert_chain_at(chain, 0), id) == 0)
		next.request.replaces = id;
	if (r == 0)
		r = issue(acme, &next, ret);
	free(names);
	return acme_end(acme, r);
}

/* ---- when ---- */

#define ASK_AGAIN (6 * 3600)
#define ASK_LEAST 60
#define ASK_MOST 86400

int capcert_acme_cert_id(const capcert_cert *cert, char ret[CAPCERT_ACME_CERT_ID])
{
	struct cc_span id = cert->parsed.akid, serial = cert->parsed.serial;
	size_t n;

	if (!id.n)
		return -ENODATA;
	if (BASE64URL_CAP(id.n) + BASE64URL_CAP(serial.n) > CAPCERT_ACME_CERT_ID)
		return -EMSGSIZE;
	n = base64url(id, ret);
	ret[n] = '.';
	base64url(serial, ret + n + 1);
	return 0;
}

static int renewal_info(capcert_acme *acme, const char *id, struct capcert_acme_renewal *ret)
{
	const char *base = acme->directory.renewal_info, *error;
	struct acme_call call = { .what = "renewal information" };
	struct capcert_acme_renewal found;
	int64_t now = time(NULL);
	char *url;
	int r;

	if (!base)
		return acme_fail(acme, -EOPNOTSUPP, "renewal information: the CA does not give it");
	if (!*id ||
	    strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") !=
		    strlen(id))
		return acme_fail(acme, -EINVAL, "renewal information: no such id of a certificate");
	r = asprintf(&url, "%s%s%s", base, base[strlen(base) - 1] == '/' ? "" : "/", id);
	if (r < 0)
		return -ENOMEM;
	call.url = url;
	r = acme_get(acme, &call);
	free(url);
	if (r == -EREMOTEIO && acme->last.status == 404)
		return -ENOENT;
	if (r < 0)
		return r;
	r = acme_renewal_parse(acme_body(acme), &found, &error);
	if (r < 0)
		return acme_fail(acme, r, "renewal information: %s", error);
	/* RFC 9773 section 4.3.2: sanely. */
	found.ask_again = acme_retry_at(acme);
	if (!found.ask_again)
		found.ask_again = now + ASK_AGAIN;
	if (found.ask_again < now + ASK_LEAST)
		found.ask_again = now + ASK_LEAST;
	if (found.ask_again > now + ASK_MOST)
		found.ask_again = now + ASK_MOST;
	*ret = found;
	return 0;
}

int capcert_acme_renewal_info(capcert_acme *acme, const char *id, struct capcert_acme_renewal *ret)
{
	acme_begin(acme);
	return acme_end(acme, renewal_info(acme, id, ret));
}
