// SPDX-License-Identifier: GPL-2.0-only
/* capcert roots: the curated set of roots, and Mozilla's list that it is made from. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "tools/file.h"
#include "tools/roots.h"
#include "tools/text.h"
#include "tools/tool.h"

int roots_time(const struct args *args, int64_t *ret)
{
	const char *text = opt_text(args, "time");
	bool now;

	if (!text) {
		*ret = time(NULL);
		return EXIT_DONE;
	}
	if (text_time(text, ret, &now))
		return EXIT_DONE;
	return fail(EXIT_USAGE,
		    "--time %s is neither 'now', nor seconds since 1970, nor YYYY-MM-DD", text);
}

int roots_deny(const struct args *args, const char *dir, struct root_deny *ret)
{
	const char *given = opt_text(args, "deny");
	char *path;
	int r;

	if (given)
		return root_deny_load(given, false, ret);
	if (asprintf(&path, "%s/deny.txt", dir) < 0)
		return fail_errno(-ENOMEM, "%s", dir);
	r = root_deny_load(path, true, ret);
	free(path);
	return r;
}

int roots_source(const char *path, bool module, capcert_nss_roots **ret)
{
	const char *error = NULL;
	size_t len, line = 0;
	uint8_t *data;
	int r;

	if (module) {
		r = capcert_nss_roots_from_module(path, ret, &error);
		if (r && error)
			return fail(EXIT_TROUBLE, "%s: %s", path, error);
		return r ? fail_errno(r, "%s", path) : EXIT_DONE;
	}
	r = file_read(path, &data, &len);
	if (r)
		return r;
	r = capcert_nss_roots_parse((const char *)data, len, ret, &line, &error);
	free(data);
	if (r == -EBADMSG)
		return fail(EXIT_TROUBLE, "%s: line %zu: %s", path, line, error);
	return r ? fail_errno(r, "%s", path) : EXIT_DONE;
}

static int hash(const struct args *args)
{
	struct cert_list list = { 0 };
	json_t *array = out_json() ? json_array() : NULL;
	size_t i;
	int r = EXIT_DONE;

	for (i = 0; !r && i < args->word_count; i++)
		r = certs_load(args->words[i], &list);
	for (i = 0; !r && i < list.count; i++) {
		char subject[4096], hex[9];
		uint32_t value;
		int e = capcert_cert_subject_hash(list.certs[i], &value);

		if (e) {
			r = fail_errno(e, "certificate %zu", i + 1);
			break;
		}
		snprintf(hex, sizeof(hex), "%08x", value);
		capcert_cert_subject_text(list.certs[i], subject, sizeof(subject));
		if (array)
			json_array_append_new(array, json_pack("{ssso}", "hash", hex, "subject",
							       json_text(subject)));
		else
			puts(hex);
	}
	certs_free(&list);
	if (!r && array)
		return out_print_json(array);
	json_decref(array);
	return r;
}

static void show(const struct capcert_root *root, json_t *array)
{
	char subject[4096], hex[65];
	uint8_t sha256[32];

	capcert_cert_subject_text(root->cert, subject, sizeof(subject));
	capcert_cert_fingerprint(root->cert, CAPCERT_HASH_SHA256, sha256);
	if (array)
		json_array_append_new(array,
				      json_pack("{sssssoso}", "name", root->hash_name, "path",
						root->label, "sha256", json_hex(sha256, 32),
						"subject", json_text(subject)));
	else
		printf("%s  %s  %s  %s\n", root->hash_name, text_to_hex(sha256, 32, hex),
		       root->label, subject);
}

static bool whole_hash(const char *word, uint32_t *ret)
{
	uint8_t p[4];

	if (strlen(word) != 8 || !text_hex(word, 8, p, 4))
		return false;
	*ret = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	return true;
}

/* "HASH" is all with that hash, "HASH.N" one of them. */
static int find(const capcert_root_index *index, const char *word)
{
	const struct capcert_root *root;
	json_t *array;
	size_t count = 0, i;
	uint32_t value;

	if (whole_hash(word, &value)) {
		root = capcert_root_index_by_hash(index, value, &count);
	} else {
		root = capcert_root_index_lookup(index, word);
		count = root != NULL;
		if (!root && (strlen(word) < 10 || word[8] != '.'))
			return fail(EXIT_USAGE, "'%s' is not HASH or HASH.N, such as 062cdee6.0",
				    word);
	}
	array = out_json() ? json_array() : NULL;
	for (i = 0; i < count; i++)
		show(&root[i], array);
	if (array && out_print_json(array))
		return EXIT_TROUBLE;
	return count ? EXIT_DONE : fail(EXIT_NO, "no root is called %s", word);
}

static int lookup(const struct args *args)
{
	const char *dir = opt_text(args, "roots");
	capcert_root_index *index = NULL;
	struct root_set set;
	int r = root_set_load(dir ? dir : ROOT_DIR, &set);

	if (r)
		return r;
	r = root_set_index(&set, &index);
	if (!r)
		r = find(index, args->words[0]);
	capcert_root_index_free(index);
	root_set_free(&set);
	return r;
}

#define TIME_OPT                                                                                 \
	{                                                                                        \
		.name = "time", .meta = "TIME", .help = "judge expiry at TIME, now if not given" \
	}
#define DENY_OPT                                                          \
	{                                                                 \
		.name = "deny", .meta = "FILE",                           \
		.help = "the deny list; deny.txt of the set if not given" \
	}
#define ROOTS_OPT                                                    \
	{                                                            \
		.name = "roots", .meta = "DIR",                      \
		.help = "the curated set; " ROOT_DIR " if not given" \
	}

static const struct opt import_opts[] = {
	{ .name = "staging", .meta = "DIR", .help = "the folder to write, new or empty" },
	TIME_OPT,
	DENY_OPT,
	{ 0 },
};
static const struct opt verify_opts[] = { TIME_OPT, DENY_OPT, { 0 } };
static const struct opt diff_opts[] = {
	{ .name = "module",
	  .meta = "PATH",
	  .help = "a PKCS#11 module with NSS trust objects, in place of CERTDATA; it is run" },
	{ .name = "beside",
	  .meta = "CERTDATA",
	  .help = "the list that the set was made from: explains what an older one has" },
	ROOTS_OPT,
	TIME_OPT,
	DENY_OPT,
	{ 0 },
};
static const struct opt lookup_opts[] = { ROOTS_OPT, { 0 } };

static const struct opt bundle_opts[] = {
	{ .name = "number", .meta = "N", .help = "the bundle's number; it only grows" },
	{ .name = "created", .meta = "TIME", .help = "when it was made; expiry is judged then" },
	{ .name = "expires",
	  .meta = "TIME",
	  .help = "when it is no longer admitted; never if not given" },
	{ .name = "name", .meta = "NAME", .help = "the bundle's name; webpki if not given" },
	{ .name = "with-distrust-after",
	  .meta = "CERTDATA",
	  .help = "add what only its distrust-after date leaves out, with that date" },
	{ .name = "of",
	  .meta = "STORE",
	  .help = "make an override of STORE that adds those alone" },
	{ .name = "output", .letter = 'o', .meta = "FILE", .help = "where to write, - is stdout" },
	DENY_OPT,
	{ 0 },
};

static const struct verb verbs[] = {
	{ .name = "import",
	  .usage = "CERTDATA --staging DIR [--time TIME] [--deny FILE] [--json]",
	  .brief = "write the roots that the rules take from certdata.txt into a new folder",
	  .help = "The curated set is never touched: move files from DIR into it by hand. Each "
		  "root\n"
		  "that is left out is named with the rule that excludes it.\n"
		  "\n"
		  "  capcert roots import certdata.txt --staging staging\n",
	  .opts = import_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = roots_import },
	{ .name = "verify",
	  .usage = "[DIR] [--time TIME] [--deny FILE] [--json]",
	  .brief = "check the curated set: files, rules, headers, tables, change log",
	  .help = "Exit status 0 when nothing is wrong, 1 when anything is.\n",
	  .opts = verify_opts,
	  .max_words = 1,
	  .run = roots_verify },
	{ .name = "diff",
	  .usage = "CERTDATA|--module PATH [--beside CERTDATA] [--roots DIR] [--time TIME] [--deny "
		   "FILE] [--json]",
	  .brief = "list the differences to Mozilla's list, each with what explains it",
	  .help = "  ~  the list has it, a rule leaves it out here, or it is retired here\n"
		  "  +  the list has it, every rule takes it, and it is not here\n"
		  "  -  it is here, and the list does not have it\n"
		  "  !  it is here and in the list, and a rule excludes it\n"
		  "Exit status 0 when all differences are of the first kind, else 1.\n"
		  "\n"
		  "  capcert roots diff --module /usr/lib/x86_64-linux-gnu/libnssckbi.so\n",
	  .opts = diff_opts,
	  .max_words = 1,
	  .run = roots_diff },
	{ .name = "hash",
	  .usage = "FILE|-... [--json]",
	  .brief = "print OpenSSL's subject hash of certificates",
	  .min_words = 1,
	  .max_words = -1,
	  .run = hash },
	{ .name = "lookup",
	  .usage = "HASH[.N] [--roots DIR] [--json]",
	  .brief = "find roots by subject hash, as in a hashed directory",
	  .help = "Roots with one hash are numbered by subject, then by certificate (DER "
		  "octets).\n",
	  .opts = lookup_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = lookup },
	{ .name = "table",
	  .usage = "[DIR] [--json]",
	  .brief = "rewrite the tables in the companies' README.md",
	  .max_words = 1,
	  .run = roots_table },
	{ .name = "bundle",
	  .usage = "[DIR] --number N --created TIME -o FILE [--expires TIME] [--name NAME] "
		   "[--with-distrust-after CERTDATA [--of STORE]] [--deny FILE] [--json]",
	  .brief = "make the content of a store bundle of the set, to be signed",
	  .help = "The same set, number and times make the same bytes. Good for tlsServerAuth "
		  "alone.\n"
		  "\n"
		  "  capcert roots bundle --number 7 --created 2026-01-31 -o webpki.content\n",
	  .opts = bundle_opts,
	  .max_words = 1,
	  .run = roots_bundle },
	{ 0 },
};

const struct noun noun_roots = { "roots", "curate the set of WebPKI roots", verbs };
