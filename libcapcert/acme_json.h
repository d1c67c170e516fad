/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a CA sends as JSON (RFC 8555 section 7.1), taken apart and bounded. Nothing here has a network. What is
 * found points into the document, which is kept as long: acme_*_clear() ends both. */
#ifndef LIBCAPCERT_ACME_JSON_H
#define LIBCAPCERT_ACME_JSON_H

#include <jansson.h>
#include <capcert/acme.h>
#include "libcapcert/acme_name.h"

#define ACME_MAX_PROFILES 32
#define ACME_MAX_CAA 16
#define ACME_MAX_CONTACTS 32
#define ACME_MAX_CHALLENGES 16
#define ACME_MAX_ISSUERS 10
#define ACME_MAX_PAGE 1000 /* orders on one page of a list */

struct acme_directory {
	json_t *json;
	const char *new_nonce, *new_account, *new_order, *revoke_cert, *key_change;
	const char *renewal_info; /* NULL: RFC 9773 is not spoken */
	struct capcert_acme_meta meta;
	const char *caa[ACME_MAX_CAA];
	const char *profiles[ACME_MAX_PROFILES], *profile_texts[ACME_MAX_PROFILES];
};

struct acme_account {
	json_t *json;
	uint32_t status;
	bool terms_agreed;
	const char *orders; /* NULL: there is no list */
	const char *contacts[ACME_MAX_CONTACTS];
	size_t contact_count;
};

struct acme_order {
	json_t *json;
	uint32_t status;
	int64_t expires;
	const char *finalize;
	const char *certificate; /* NULL: not yet */
	const char *profile, *replaces;
	const json_t *error;	 /* NULL: none */
	struct acme_name names[CAPCERT_ACME_MAX_IDENTIFIERS];
	size_t name_count;
	const char *authorizations[CAPCERT_ACME_MAX_IDENTIFIERS];
	size_t authorization_count;
};

struct acme_challenge {
	int type; /* enum capcert_acme_challenge_type; -1: another */
	uint32_t status;
	const char *url;
	const char *token;	 /* NULL: dns-persist-01 has none */
	const char *account_url; /* dns-persist-01 */
	const char *issuers[ACME_MAX_ISSUERS];
	size_t issuer_count;
	const json_t *error;
};

struct acme_authorization {
	json_t *json;
	uint32_t status;
	struct acme_name name;
	bool wildcard;
	struct acme_challenge challenges[ACME_MAX_CHALLENGES];
	size_t challenge_count;
};

/* Return: 0; -EPROTO no such document, and @ret_error gets a static line; -ENOMEM. */
int acme_directory_parse(struct cc_span body, struct acme_directory *ret, const char **ret_error);
int acme_account_parse(struct cc_span body, struct acme_account *ret, const char **ret_error);
int acme_order_parse(struct cc_span body, struct acme_order *ret, const char **ret_error);
int acme_authorization_parse(struct cc_span body, struct acme_authorization *ret,
			     const char **ret_error);
int acme_renewal_parse(struct cc_span body, struct capcert_acme_renewal *ret,
		       const char **ret_error);
/** acme_page_parse() - one page of a list of orders; json_decref() it. */
int acme_page_parse(struct cc_span body, json_t **ret, const char **ret_error);

void acme_directory_clear(struct acme_directory *d);
void acme_account_clear(struct acme_account *a);
void acme_order_clear(struct acme_order *o);
void acme_authorization_clear(struct acme_authorization *a);

/* ---- problems ---- */

/** acme_problem_read() - a problem document (RFC 7807) into type, detail and subproblems of @ret, the rest of
 *  which stays; anything that is none becomes OTHER_PROBLEM. @problem may be NULL. */
void acme_problem_read(const json_t *problem, struct capcert_acme_failure *ret);

/** acme_problem_parse() - the same of an answer's body. */
void acme_problem_parse(struct cc_span body, struct capcert_acme_failure *ret);

/** acme_problem_text() - the line for people out of the rest of @f; @what was tried. */
void acme_problem_text(struct capcert_acme_failure *f, const char *what);

/** acme_printable() - @text, of which there are @len octets, with '?' for what is not printable ASCII. */
void acme_printable(const char *text, size_t len, char *ret, size_t cap);

/** acme_status_parse() - enum capcert_acme_status. */
uint32_t acme_status_parse(const char *text);

/** acme_document() - JSON, an object; NULL: it is none, or there is no memory. */
json_t *acme_document(struct cc_span body);

#endif
