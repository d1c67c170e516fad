// SPDX-License-Identifier: GPL-2.0-only
/* capcert crl: look at a revocation list, and for a certificate on one. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <capcert/crl.h>
#include <capcert/ocsp.h>
#include "tools/crl_keep.h"
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
	uint32_t at = 0;

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
	while (!capcert_crl_entry_next(crl, &at, &e))
		json_array_append_new(list, entry_json(&e));
	json_object_set_new(j, "entries", list);
	return j;
}

static void show_print(const capcert_crl *crl, const struct capcert_crl_info *info, bool all)
{
	char text[4096], when[32], digits[HEX_TEXT];
	struct capcert_crl_entry e;
	uint32_t at = 0;

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
	while (all && !capcert_crl_entry_next(crl, &at, &e))
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

/* In the lists that are kept: a certificate that no list in force speaks of is not called good. */
static int look_in_store(const char *dir, const capcert_cert *cert)
{
	size_t issuer_len, serial_len;
	const uint8_t *issuer = capcert_cert_issuer(cert, &issuer_len);
	const uint8_t *serial = capcert_cert_serial(cert, &serial_len);
	struct capcert_crl_entry e;
	capcert_crl_store *store;
	int r = crl_store_load(dir, false, &store);

	if (r)
		return r;
	r = capcert_crl_store_contains(store, issuer, issuer_len, serial, serial_len, time(NULL),
				       &e);
	if (r == 0 || r == 1)
		r = say(r == 1, &e);
	else if (r == -ENOENT)
		r = fail(EXIT_TROUBLE,
			 "no complete list by the certificate's issuer is kept there; "
			 "capcert crl list says which are");
	else if (r == -ESTALE)
		r = fail(EXIT_TROUBLE, "the list of the certificate's issuer is out of date; "
				       "capcert crl import takes a newer one");
	else
		r = fail_errno(r, "the lists");
	capcert_crl_store_free(store);
	return r;
}

static int check(const struct args *args)
{
	const char *path = opt_text(args, "crl"), *dir = opt_text(args, "dir");
	struct cert_list list = { 0 };
	capcert_crl *crl;
	int r;

	if (path && dir)
		return fail(EXIT_USAGE, "--crl names one list, --dir a folder of them; not both");
	r = certs_load(args->words[0], &list);
	if (!r && !path)
		r = look_in_store(dir, list.certs[0]);
	else if (!r)
		r = load(path, &crl);
	if (!r && path) {
		r = look_up(crl, list.certs[0]);
		capcert_crl_free(crl);
	}
	certs_free(&list);
	return r;
}

static const struct opt show_opts[] = { { .name = "all", .help = "every entry" }, { 0 } };

static const struct opt check_opts[] = {
	{ .name = "crl", .meta = "FILE", .help = "the list, PEM or DER" },
	{ .name = "dir",
	  .meta = "DIR",
	  .help = "the lists kept there; without it and --crl in " CAPCERT_CRL_STORE_DIR },
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
	  .usage = "CERTFILE [--crl FILE | --dir DIR] [--json]",
	  .brief = "is the certificate on the list?",
	  .help = "With --crl: says what stands in the list, whoever signed it and however old it "
		  "is;\ncapcert verify --local --crl judges that as well. Else in the lists that "
		  "are "
		  "kept\n(capcert crl import), which have to be in force. Exit status 0 if it is "
		  "not "
		  "listed,\n1 if it is, 3 if nobody knows.\n",
	  .opts = check_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = check },
	{ .name = "import",
	  .usage = "FILE... --issuer CERTFILE [--dir DIR] [--json]",
	  .brief = "keep lists for verification without a network",
	  .help = "A list is kept if a certificate of CERTFILE signed it and it may be used; that "
		  "the\ncertificate is good is yours to know. Of an issuer's lists of one scope "
		  "the "
		  "newest is kept.\nExit status 0 if they are kept, 1 if one is refused.\n",
	  .opts = crl_import_opts,
	  .min_words = 1,
	  .max_words = -1,
	  .run = crl_keep_import },
	{ .name = "list",
	  .usage = "[--dir DIR] [--json]",
	  .brief = "the lists that are kept, and how long they are in force",
	  .opts = crl_list_opts,
	  .max_words = 0,
	  .run = crl_keep_list },
	{ 0 },
};

const struct noun noun_crl = { "crl", "revocation lists", verbs };
