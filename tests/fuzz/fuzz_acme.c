// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any octets as what a CA sends: documents, problems, URLs, times. The first octet says as which. Whatever is taken is
 * bounded, printable, and has the URLs that its kind must have. */
#include <stdlib.h>
#include <string.h>

#include "libcapcert/acme_json.h"
#include "libcapcert/acme_proof.h"
#include "libcapcert/acme_url.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
	for (; text && *text; text++)
		CHECK(*text >= ' ' && *text < 0x7f);
}

static void check_url(const char *text)
{
	struct acme_url url;
	const char *error;

	CHECK(acme_url_parse(text, &url, &error));
}

static void directory(struct cc_span in)
{
	struct acme_directory d;
	const char *error;

	if (acme_directory_parse(in, &d, &error))
		return;
	check_url(d.new_nonce);
	check_url(d.new_account);
	check_url(d.new_order);
	check_text(d.meta.terms_of_service);
	CHECK(d.meta.profile_count <= ACME_MAX_PROFILES);
	for (size_t i = 0; i < d.meta.profile_count; i++)
		check_text(d.meta.profile_texts[i]);
	acme_directory_clear(&d);
}

static void account(struct cc_span in)
{
	struct acme_account a;
	const char *error;

	if (acme_account_parse(in, &a, &error))
		return;
	CHECK(a.status && a.contact_count <= ACME_MAX_CONTACTS);
	if (a.orders)
		check_url(a.orders);
	acme_account_clear(&a);
}

static void order(struct cc_span in)
{
	static struct acme_order o;
	const char *error;

	if (acme_order_parse(in, &o, &error))
		return;
	check_url(o.finalize);
	CHECK(o.status != CAPCERT_ACME_VALID || o.certificate);
	CHECK(o.name_count && o.name_count <= CAPCERT_ACME_MAX_IDENTIFIERS);
	for (size_t i = 0; i < o.name_count; i++)
		check_text(o.names[i].text);
	for (size_t i = 0; i < o.authorization_count; i++)
		check_url(o.authorizations[i]);
	acme_order_clear(&o);
}

static void authorization(struct cc_span in)
{
	static struct acme_proof p;
	struct acme_authorization a;
	const char *error;

	if (acme_authorization_parse(in, &a, &error))
		return;
	for (size_t i = 0; i < a.challenge_count; i++) {
		const struct acme_challenge *c = &a.challenges[i];

		if (c->type < 0 || acme_proof_make(&a, c, "thumb", "https://ca.example/1", &p))
			continue;
		check_url(p.url);
		CHECK(!p.shown.token || !strpbrk(p.shown.token, "/.%"));
		check_text(p.shown.record);
		check_text(p.shown.text);
	}
	acme_authorization_clear(&a);
}

static void problem(struct cc_span in)
{
	static struct capcert_acme_failure f;

	memset(&f, 0, sizeof(f));
	acme_problem_parse(in, &f);
	acme_problem_text(&f, "order");
	CHECK(f.type && f.type < CAPCERT_ACME_PROBLEM_TYPES);
	CHECK(f.subproblem_count <= CAPCERT_ACME_MAX_SUBPROBLEMS && *f.text);
	check_text(f.text);
	check_text(f.detail);
	check_text(f.url);
}

static void renewal(struct cc_span in)
{
	struct capcert_acme_renewal r;
	const char *error;

	if (acme_renewal_parse(in, &r, &error))
		return;
	CHECK(r.start < r.end);
	check_text(r.explanation);
}

static void texts(const char *text)
{
	struct acme_url url;
	struct acme_name name;
	const char *error;
	int64_t at;

	if (acme_url_parse(text, &url, &error))
		CHECK(*url.host && url.port && strlen(url.authority) < sizeof(url.authority));
	acme_time_rfc3339(text, &at);
	if (acme_time_retry(text, 1000, &at))
		CHECK(at >= 1000);
	if (acme_name_set(&name, CAPCERT_ACME_DNS, text) == 0)
		check_text(name.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const kinds[])(struct cc_span in) = { directory,	   account, order,
							    authorization, problem, renewal };
	struct cc_span in;
	const char *error;
	json_t *page;
	char *text;

	if (!size)
		return 0;
	in = cc_span(data + 1, size - 1);
	if (data[0] % 8 < 6) {
		kinds[data[0] % 8](in);
	} else if (data[0] % 8 == 6) {
		if (acme_page_parse(in, &page, &error) == 0)
			json_decref(page);
	} else {
		text = strndup((const char *)data + 1, size - 1);
		texts(text);
		free(text);
	}
	return 0;
}
