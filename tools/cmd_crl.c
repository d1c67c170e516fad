// SPDX-License-Identifier: GPL-2.0-only
/* capcert crl: look at a revocation list, and for a certificate on one. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/crl.h>
#include <capcert/ocsp.h>
#include "tools/file.h"
#include "tools/text.h"
#include "tools/tool.h"

#define HEX_TEXT 600

static const char *hex(struct capcert_bytes b, char buf[HEX_TEXT])
{
	return text_to_hex(b.data, b.len < HEX_TEXT / 2 ? b.len : HEX_TEXT / 2 - 1, buf);
}

static int load(const char *path, capcert_crl **ret)
{
	const char *why = NULL;
	uint8_t *data;
	size_t len;
	int r = file_read_large(path, &data, &len);

	if (r)
		return r;
	r = capcert_crl_new(data, len, ret, &why);
	free(data);
	if (r == -EBADMSG)
		return fail(EXIT_TROUBLE, "%s: %s", path, why ? why : "malformed");
	return r ? fail_errno(r, "%s", path) : EXIT_DONE;
}

static const char *issuer_text(const struct capcert_crl_info *info, char *buf, size_t cap)
{
	struct capcert_general_name gn = { CAPCERT_GN_DIRECTORY, info->issuer };

	capcert_gn_text(&gn, buf, cap);
	return buf;
}

static const char *reason_text(int32_t reason)
{
	return reason < 0 ? NULL : capcert_revocation_reason_name((uint32_t)reason);
}

/* What it is about, in words; "" = everything of its issuer. */
static const char *scope_text(const struct capcert_crl_info *i, char *buf, size_t cap)
{
	snprintf(buf, cap, "%s%s%s%s%s%s", i->base.len ? "delta, " : "",
		 i->indirect ? "indirect, " : "", i->only_users ? "end entities only, " : "",
		 i->only_cas ? "CAs only, " : "",
		 i->only_attributes ? "attribute certificates only, " : "",
		 i->only_some_reasons ? "some reasons only, " : "");
	if (*buf)
		buf[strlen(buf) - 2] = '\0';
	return *buf ? buf : "complete";
}

static json_t *entry_json(const struct capcert_crl_entry *e)
{
	return json_pack("{so so so}", "serial", json_hex(e->serial.data, e->serial.len), "date",
			 json_time(e->date), "reason", json_text(reason_text(e->reason)));
}

static json_t *show_json(const capcert_crl *crl, const struct capcert_crl_info *info, bool all)
{
	char issuer[4096], scope[200];
	struct capcert_crl_entry e;
	json_t *list, *j;
	uint32_t i;

	j = json_pack(
		"{so si ss so so so so so sI ss sb}", "issuer",
		json_text(issuer_text(info, issuer, sizeof(issuer))), "version", info->version,
		"signature", info->scheme, "thisUpdate", json_time(info->this_update), "nextUpdate",
		info->have_next_update ? json_time(info->next_update) : json_null(), "number",
		info->number.len ? json_hex(info->number.data, info->number.len) : json_null(),
		"base", info->base.len ? json_hex(info->base.data, info->base.len) : json_null(),
		"fingerprint", json_hex(info->fingerprint, 32), "count",
		(json_int_t)info->entry_count, "scope", scope_text(info, scope, sizeof(scope)),
		"unknownCritical", info->unknown_critical);
	if (!all)
		return j;
	list = json_array();
	for (i = 0; !capcert_crl_entry_at(crl, i, &e); i++)
		json_array_append_new(list, entry_json(&e));
	json_object_set_new(j, "entries", list);
	return j;
}

static void show_print(const capcert_crl *crl, const struct capcert_crl_info *info, bool all)
{
	char text[4096], when[32], digits[HEX_TEXT];
	struct capcert_crl_entry e;
	uint32_t i;

	printf("%srevocation list of %s%s\n", out_bold(), issuer_text(info, text, sizeof(text)),
	       out_plain());
	out_field("number", "%s", info->number.len ? hex(info->number, digits) : "none");
	if (info->base.len)
		out_field("base", "%s", hex(info->base, digits));
	out_field("thisUpdate", "%s", text_of_time(info->this_update, when));
	out_field("nextUpdate", "%s",
		  info->have_next_update ? text_of_time(info->next_update, when) : "not told");
	out_field("scope", "%s", scope_text(info, text, sizeof(text)));
	out_field("signature", "%s, not checked here", info->scheme);
	out_field("sha256", "%s", text_to_hex(info->fingerprint, 32, digits));
	out_field("entries", "%u%s", info->entry_count,
		  all || !info->entry_count ? "" : "; --all lists them");
	if (info->unknown_critical)
		out_field("", "an unknown critical extension: must not be used");
	for (i = 0; all && !capcert_crl_entry_at(crl, i, &e); i++)
		printf("%s  %s  %s\n", hex(e.serial, digits), text_of_time(e.date, when),
		       e.reason < 0 ? "" : reason_text(e.reason));
}

static int show(const struct args *args)
{
	struct capcert_crl_info info;
	capcert_crl *crl;
	int r = load(args->words[0], &crl);

	if (r)
		return r;
	capcert_crl_get(crl, &info);
	if (out_json())
		r = out_print_json(show_json(crl, &info, opt_has(args, "all")));
	else
		show_print(crl, &info, opt_has(args, "all"));
	capcert_crl_free(crl);
	return r;
}

/* ---- check ---- */

static bool same_bytes(struct capcert_bytes a, const uint8_t *p, size_t n)
{
	return a.len == n && !memcmp(a.data, p, n);
}

static int say(bool listed, const struct capcert_crl_entry *e)
{
	char when[32];
	int r = EXIT_DONE;

	if (out_json())
		r = out_print_json(json_pack("{sb so}", "listed", listed, "entry",
					     listed ? entry_json(e) : json_null()));
	else if (listed)
		printf("%slisted%s: revoked at %s%s%s\n", out_bad(), out_plain(),
		       text_of_time(e->date, when), e->reason < 0 ? "" : ", ",
		       e->reason < 0 ? "" : reason_text(e->reason));
	else
		printf("%snot listed%s\n", out_good(), out_plain());
	return r ? r : listed ? EXIT_NO : EXIT_DONE;
}

static int look_up(const capcert_crl *crl, const capcert_cert *cert)
{
	struct capcert_crl_info info;
	struct capcert_crl_entry e;
	size_t n, serial_len;
	const uint8_t *issuer = capcert_cert_issuer(cert, &n);
	const uint8_t *serial = capcert_cert_serial(cert, &serial_len);

	capcert_crl_get(crl, &info);
	if (!info.indirect && !same_bytes(info.issuer, issuer, n))
		return fail(EXIT_TROUBLE,
			    "the list is not by the certificate's issuer; capcert crl "
			    "show says whose it is");
	return say(!capcert_crl_find(crl, serial, serial_len, &e), &e);
}

static int check(const struct args *args)
{
	struct cert_list list = { 0 };
	const char *path = opt_text(args, "crl");
	capcert_crl *crl;
	int r;

	if (!path)
		return fail(EXIT_USAGE, "on which list? --crl FILE says");
	r = certs_load(args->words[0], &list);
	if (!r)
		r = load(path, &crl);
	if (!r) {
		r = look_up(crl, list.certs[0]);
		capcert_crl_free(crl);
	}
	certs_free(&list);
	return r;
}

static const struct opt show_opts[] = { { .name = "all", .help = "every entry" }, { 0 } };

static const struct opt check_opts[] = {
	{ .name = "crl", .meta = "FILE", .help = "the list, PEM or DER" },
	{ 0 },
};

static const struct verb verbs[] = {
	{ .name = "show",
	  .usage = "FILE [--all] [--json]",
	  .brief = "whose list it is, of when, how long",
	  .opts = show_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = show },
	{ .name = "check",
	  .usage = "CERTFILE --crl FILE [--json]",
	  .brief = "is the certificate on the list?",
	  .help = "Says what stands in the list, whoever signed it and however old it is: capcert "
		  "verify\n--local --crl judges that as well. Exit status 0 if it is not listed, 1 "
		  "if it is.\n",
	  .opts = check_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = check },
	{ 0 },
};

const struct noun noun_crl = { "crl", "revocation lists", verbs };
