// SPDX-License-Identifier: GPL-2.0-only
/* capcert crl import, list: revocation lists that are kept in a folder. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "tools/crl_keep.h"
#include "tools/file.h"
#include "tools/text.h"

static const char *dir_of(const char *dir)
{
	return dir ? dir : CAPCERT_CRL_STORE_DIR;
}

int crl_store_load(const char *dir, bool create, capcert_crl_store **ret)
{
	struct capcert_crl_problem p;
	size_t i;
	int r = capcert_crl_store_open(dir, create, ret);

	if (r == -ENOENT)
		return fail(EXIT_TROUBLE,
			    "there is no folder %s; capcert crl import makes it, in a folder that "
			    "is there",
			    dir_of(dir));
	if (r)
		return fail_errno(r, "%s", dir_of(dir));
	for (i = 0; !capcert_crl_store_problem_at(*ret, i, &p); i++)
		fprintf(stderr, "capcert: %s/%s does not count: %s\n", dir_of(dir), p.file, p.why);
	return EXIT_DONE;
}

/* ---- import ---- */

static int say_imported(const char *path, int r)
{
	if (out_json())
		return out_print_json(json_pack("{ss sb}", "file", path, "new", r == 0));
	printf("%s%s%s\n", path, r ? ": is there already" : ": kept", out_plain());
	return EXIT_DONE;
}

static int import(capcert_crl_store *store, const char *path, const capcert_chain *issuers)
{
	const char *why = NULL;
	uint8_t *data;
	size_t len;
	int r = file_read_large(path, &data, &len);

	if (r)
		return r;
	r = capcert_crl_store_import(store, data, len, issuers, time(NULL), &why);
	free(data);
	if (r == 0 || r == -EEXIST)
		return say_imported(path, r);
	if (why)
		return fail(EXIT_NO, "%s: not kept: %s", path, why);
	return fail_errno(r, "%s", path);
}

int crl_keep_import(const struct args *args)
{
	const char *issuer = opt_text(args, "issuer");
	struct cert_list certs = { 0 };
	capcert_chain *chain = NULL;
	capcert_crl_store *store;
	size_t i;
	int r;

	if (!issuer)
		return fail(EXIT_USAGE, "whose list is it? --issuer CERTFILE says, and is held "
					"against its signature");
	r = certs_load(issuer, &certs);
	if (!r)
		r = certs_to_chain(&certs, &chain);
	if (!r)
		r = crl_store_load(opt_text(args, "dir"), true, &store);
	if (!r) {
		for (i = 0; !r && i < args->word_count; i++)
			r = import(store, args->words[i], chain);
		capcert_crl_store_free(store);
	}
	capcert_chain_free(chain);
	certs_free(&certs);
	return r;
}

/* ---- list ---- */

static const char *issuer_text(const struct capcert_crl_info *info, char *buf, size_t cap)
{
	struct capcert_general_name gn = { CAPCERT_GN_DIRECTORY, info->issuer };

	capcert_gn_text(&gn, buf, cap);
	return buf;
}

static const char *state_of(const struct capcert_crl_info *info, int64_t now)
{
	if (info->this_update > now)
		return "not yet in force";
	if (!info->have_next_update)
		return "no end told";
	return info->next_update < now ? "out of date" : "in force";
}

static const char *kind_of(const struct capcert_crl_item *item, const struct capcert_crl_info *info)
{
	return item->complete ? "complete" : info->base.len ? "delta" : "part";
}

static json_t *item_json(const struct capcert_crl_item *item, int64_t now)
{
	struct capcert_crl_info info;
	char text[4096], digits[65];

	capcert_crl_get(item->crl, &info);
	return json_pack(
		"{so ss ss so so si ss so}", "issuer",
		json_text(issuer_text(&info, text, sizeof(text))), "kind", kind_of(item, &info),
		"state", state_of(&info, now), "thisUpdate", json_time(info.this_update),
		"nextUpdate", info.have_next_update ? json_time(info.next_update) : json_null(),
		"entries", (int)info.entry_count, "sha256",
		text_to_hex(info.fingerprint, 32, digits), "number",
		info.number.len ? json_hex(info.number.data, info.number.len) : json_null());
}

static void item_print(const struct capcert_crl_item *item, int64_t now)
{
	const char *state, *colour;
	struct capcert_crl_info info;
	char text[4096], from[32], until[32];

	capcert_crl_get(item->crl, &info);
	state = state_of(&info, now);
	colour = strcmp(state, "in force") ? out_bad() : out_good();
	printf("%s%s%s\n", out_bold(), issuer_text(&info, text, sizeof(text)), out_plain());
	out_field("state", "%s%s%s, %s", colour, state, out_plain(), kind_of(item, &info));
	out_field("thisUpdate", "%s", text_of_time(info.this_update, from));
	out_field("nextUpdate", "%s",
		  info.have_next_update ? text_of_time(info.next_update, until) : "not told");
	out_field("entries", "%u", info.entry_count);
	out_field("file", "%s.crl", text_to_hex(info.fingerprint, 32, text));
}

static int list_json(const capcert_crl_store *store, int64_t now)
{
	json_t *lists = json_array(), *bad = json_array();
	struct capcert_crl_problem p;
	struct capcert_crl_item item;
	size_t i;

	for (i = 0; !capcert_crl_store_at(store, i, &item); i++)
		json_array_append_new(lists, item_json(&item, now));
	for (i = 0; !capcert_crl_store_problem_at(store, i, &p); i++)
		json_array_append_new(bad, json_pack("{ss ss}", "file", p.file, "why", p.why));
	return out_print_json(json_pack("{so so}", "lists", lists, "ignored", bad));
}

int crl_keep_list(const struct args *args)
{
	struct capcert_crl_item item;
	capcert_crl_store *store;
	int64_t now = time(NULL);
	size_t i;
	int r = crl_store_load(opt_text(args, "dir"), false, &store);

	if (r)
		return r;
	if (out_json())
		r = list_json(store, now);
	for (i = 0; !out_json() && !capcert_crl_store_at(store, i, &item); i++)
		item_print(&item, now);
	if (!out_json() && i == 0)
		printf("no lists; capcert crl import FILE --issuer CERTFILE keeps one\n");
	capcert_crl_store_free(store);
	return r;
}

const struct opt crl_import_opts[] = {
	{ .name = "issuer",
	  .meta = "CERTFILE",
	  .help = "certificates, one of which signed it; believed" },
	{ .name = "dir", .meta = "DIR", .help = "keep it there, not in " CAPCERT_CRL_STORE_DIR },
	{ 0 },
};

const struct opt crl_list_opts[] = {
	{ .name = "dir", .meta = "DIR", .help = "there, not in " CAPCERT_CRL_STORE_DIR },
	{ 0 },
};
