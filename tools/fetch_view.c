// SPDX-License-Identifier: GPL-2.0-only
/* Shows what was fetched for a verification: what, from where, how old. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "tools/fetch_view.h"
#include "tools/out.h"
#include "tools/text.h"

static const char *kind(const struct capcert_fetched *f)
{
	switch (f->type) {
	case CAPCERT_EVIDENCE_OCSP:
		return "ocsp";
	case CAPCERT_EVIDENCE_CRL:
		return "crl";
	default:
		return "unreachable";
	}
}

static const char *status(const struct capcert_fetched *f)
{
	switch (f->status) {
	case CAPCERT_OCSP_GOOD:
		return "good";
	case CAPCERT_OCSP_REVOKED:
		return "revoked";
	default:
		return "nobody answered";
	}
}

static const char *how(const struct capcert_fetched *f)
{
	if (f->how & CAPCERT_FETCHED_SHARED)
		return "shared";
	return f->how & CAPCERT_FETCHED_KEPT ? "kept" : "fetched";
}

static const char *why_not(int error)
{
	if (error == -EHOSTUNREACH)
		return "no status agent: systemctl start capcert-statusd";
	return error == -ETIMEDOUT ? "no answer in time" : capcert_strerror(error);
}

void fetches_print(const struct capcert_fetches *fetches)
{
	char from[800], age[32];

	for (uint32_t i = 0; i < fetches->count; i++) {
		const struct capcert_fetched *f = &fetches->item[i];
		const int64_t seconds = (int64_t)time(NULL) - f->this_update;

		if (f->error) {
			out_field("status", "of certificate %u: %s", f->depth, why_not(f->error));
			continue;
		}
		text_escape(f->detail, strnlen(f->detail, sizeof(f->detail)), from, sizeof(from));
		if (f->type == CAPCERT_EVIDENCE_UNREACHABLE) {
			out_field("status", "of certificate %u: nobody answered (%s) %s", f->depth,
				  how(f), from);
			continue;
		}
		snprintf(age, sizeof(age), "%lld s old", (long long)(seconds > 0 ? seconds : 0));
		out_field("status", "of certificate %u: %s by %s, %s, %s, %s", f->depth, status(f),
			  kind(f), how(f), age, from);
	}
}

json_t *fetches_json(const struct capcert_fetches *fetches)
{
	json_t *all = json_array();

	for (uint32_t i = 0; fetches && i < fetches->count; i++) {
		const struct capcert_fetched *f = &fetches->item[i];
		char hex[65], detail[800];
		json_t *j;

		text_to_hex(f->subject, 32, hex);
		j = json_pack("{sIss}", "depth", (json_int_t)f->depth, "certificate", hex);
		if (f->error) {
			json_object_set_new(j, "error", json_string(capcert_strerror(f->error)));
		} else {
			text_escape(f->detail, strnlen(f->detail, sizeof(f->detail)), detail,
				    sizeof(detail));
			json_object_set_new(j, "kind", json_string(kind(f)));
			json_object_set_new(j, "status", json_string(status(f)));
			json_object_set_new(j, "how", json_string(how(f)));
			json_object_set_new(j, "bytes", json_integer(f->len));
			json_object_set_new(j, "fetched", json_integer(f->fetched));
			json_object_set_new(j, "thisUpdate", json_integer(f->this_update));
			json_object_set_new(j, "until", json_integer(f->until));
			json_object_set_new(j, "from", json_string(detail));
		}
		json_array_append_new(all, j);
	}
	return all;
}
