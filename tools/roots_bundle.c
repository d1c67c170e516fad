// SPDX-License-Identifier: GPL-2.0-only
/* capcert roots bundle: the curated set as the content of a store bundle, to be signed. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <capcert/bundle.h>
#include "tools/out.h"
#include "tools/roots.h"
#include "tools/text.h"
#include "tools/write_file.h"

#define NAME "webpki"

struct making {
	const struct args *args;
	const char *name, *of, *certdata, *output;
	uint64_t number;
	int64_t created, expires;
	capcert_bundle_builder *builder;
	size_t roots, ending;
};

static int add(struct making *m, capcert_cert *cert, const char *what, int64_t distrust_after)
{
	struct capcert_bundle_constraints limits = { .size = sizeof(limits),
						     .have_distrust_after = 1,
						     .distrust_after = distrust_after };
	size_t len;
	const uint8_t *der = capcert_cert_der(cert, &len);
	int r = capcert_bundle_add_certificate(
		m->builder, der, len, distrust_after == CAPCERT_NSS_NEVER ? NULL : &limits);

	if (r == -EEXIST)
		return fail(EXIT_NO, "%s: it is in the bundle already", what);
	return r ? fail_errno(r, "%s", what) : EXIT_DONE;
}

/* Only what is in order goes into a bundle; expiry is judged at the time of its creation. */
static int add_root(struct making *m, const struct root *root, const struct root_deny *deny)
{
	const char *denied = root_denied(deny, root->file.label);
	struct root_verdict verdict;
	char lie[320];

	if (root_file_check(&root->file, lie, sizeof(lie)))
		return fail(EXIT_NO, "%s: %s", root->path, lie);
	if (denied)
		return fail(EXIT_NO, "%s: rule 6: on the deny list ('%s')", root->path, denied);
	root_judge_cert(root->file.cert, m->created, &verdict);
	if (verdict.rule != RULE_KEPT)
		return fail(EXIT_NO, "%s: %s: %s (%s)", root->path, root_rule_id(verdict.rule),
			    root_rule_text(verdict.rule), verdict.detail);
	m->roots++;
	return add(m, root->file.cert, root->path, CAPCERT_NSS_NEVER);
}

static int add_set(struct making *m, const struct root_deny *deny, const char *dir)
{
	struct root_set set;
	size_t i;
	int r = root_set_load(dir, &set);

	if (r)
		return r;
	r = problems_say(&set.problems);
	for (i = 0; !r && i < set.count; i++)
		if (!set.roots[i].disabled)
			r = add_root(m, &set.roots[i], deny);
	root_set_free(&set);
	return r;
}

/* Roots that nothing but their distrust-after date keeps out, with that date as a constraint. */
static int add_ending(struct making *m, const struct root_deny *deny)
{
	capcert_nss_roots *list;
	const struct capcert_nss_root *roots;
	struct root_verdict verdict;
	size_t i;
	int r = roots_source(m->certdata, false, &list);

	if (r)
		return r;
	roots = capcert_nss_roots_all(list);
	for (i = 0; !r && i < capcert_nss_roots_count(list); i++) {
		struct capcert_nss_root root = roots[i];

		if (root.server_distrust_after == CAPCERT_NSS_NEVER)
			continue;
		root.server_distrust_after = CAPCERT_NSS_NEVER;
		root_judge(&root, deny, m->created, &verdict);
		if (verdict.rule != RULE_KEPT)
			continue;
		m->ending++;
		r = add(m, root.cert, root.label, roots[i].server_distrust_after);
	}
	capcert_nss_roots_free(list);
	return r;
}

static int fill(struct making *m)
{
	const char *dir = m->args->word_count ? m->args->words[0] : ROOT_DIR;
	struct root_deny deny = { 0 };
	int r = capcert_bundle_set_created(m->builder, m->created);

	if (!r && m->expires)
		r = capcert_bundle_set_expires(m->builder, m->expires);
	if (!r)
		r = capcert_bundle_set_purposes(m->builder, 1u << CAPCERT_PURPOSE_TLS_SERVER_AUTH);
	if (!r && m->of)
		r = capcert_bundle_set_of(m->builder, m->of);
	if (r)
		return fail_errno(r, "the bundle's name or one of its times");
	r = roots_deny(m->args, dir, &deny);
	if (!r && !m->of)
		r = add_set(m, &deny, dir);
	if (!r && m->certdata)
		r = add_ending(m, &deny);
	root_deny_free(&deny);
	return r;
}

static int put(struct making *m, const uint8_t *content, size_t len)
{
	if (strcmp(m->output, "-"))
		return write_file(m->output, content, len);
	if (fwrite(content, 1, len, stdout) != len || fflush(stdout))
		return fail(EXIT_TROUBLE, "standard output: %s", strerror(errno));
	return EXIT_DONE;
}

static int finish(struct making *m)
{
	const char *why = NULL;
	uint8_t *content;
	size_t len;
	int r = capcert_bundle_content(m->builder, &content, &len, &why);

	if (r)
		return why ? fail(EXIT_NO, "no bundle: %s", why) : fail_errno(r, "no bundle");
	r = put(m, content, len);
	free(content);
	if (r || !strcmp(m->output, "-"))
		return r;
	if (out_json())
		return out_print_json(json_pack("{sssIsIsIsI}", "name", m->name, "number",
						(json_int_t)m->number, "roots",
						(json_int_t)m->roots, "distrustAfter",
						(json_int_t)m->ending, "size", (json_int_t)len));
	printf("%s number %llu: %zu roots, %zu with a distrust-after date; %zu octets, not "
	       "signed\n",
	       m->name, (unsigned long long)m->number, m->roots, m->ending, len);
	return EXIT_DONE;
}

static int take_time(const char *text, const char *option, int64_t *ret)
{
	bool now;

	if (text_time(text, ret, &now) && !now)
		return EXIT_DONE;
	return fail(EXIT_USAGE, "--%s %s is neither seconds since 1970 nor YYYY-MM-DD", option,
		    text);
}

static int take_options(struct making *m)
{
	const char *number = opt_text(m->args, "number"), *created = opt_text(m->args, "created");
	const char *expires = opt_text(m->args, "expires");
	int r;

	m->name = opt_text(m->args, "name");
	m->of = opt_text(m->args, "of");
	m->certdata = opt_text(m->args, "with-distrust-after");
	m->output = opt_text(m->args, "output");
	if (!number || !created || !m->output)
		return fail(EXIT_USAGE, "--number N, --created TIME and -o FILE are needed: "
					"the same inputs make the same bytes");
	if (m->of && (!m->certdata || !m->name))
		return fail(EXIT_USAGE, "--of goes with --with-distrust-after and --name");
	if (!m->name)
		m->name = NAME;
	if (!text_number(number, INT64_MAX, &m->number) || !m->number)
		return fail(EXIT_USAGE, "--number %s is not 1 to 2^63 - 1", number);
	r = take_time(created, "created", &m->created);
	if (!r && expires)
		r = take_time(expires, "expires", &m->expires);
	return r;
}

int roots_bundle(const struct args *args)
{
	struct making m = { .args = args };
	int r = take_options(&m);

	if (r)
		return r;
	r = capcert_bundle_new(m.of ? CAPCERT_BUNDLE_OVERRIDE : CAPCERT_BUNDLE_STORE, m.name,
			       m.number, &m.builder);
	if (r == -EINVAL)
		return fail(EXIT_USAGE, "--name %s is not 1 to 63 of a-z 0-9 . _ -", m.name);
	if (r)
		return fail_errno(r, "%s", m.name);
	r = fill(&m);
	if (!r)
		r = finish(&m);
	capcert_bundle_builder_free(m.builder);
	return r;
}
