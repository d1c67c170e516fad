// SPDX-License-Identifier: GPL-2.0-only
/* capcert cert: look at certificates and change their encoding. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tools/cert_view.h"
#include "tools/ct_view.h"
#include "tools/file.h"
#include "tools/ref.h"
#include "tools/tool.h"

/* CROSS_SIGNED can be told only beside the others: as many at once as a chain holds. */
static uint32_t kind_among(const struct cert_list *list, size_t index)
{
	uint32_t kind = capcert_cert_kind(list->certs[index], NULL);
	size_t i = 0;

	while (kind == CAPCERT_CERT_INTERMEDIATE && i < list->count) {
		capcert_chain *others;

		if (capcert_chain_new(&others))
			break;
		while (i < list->count && !capcert_chain_push(others, list->certs[i]))
			i++;
		kind = capcert_cert_kind(list->certs[index], others);
		capcert_chain_free(others);
	}
	return kind;
}

/* The certificate among those given that has the name of this one's issuer. */
static const capcert_cert *issuer_among(const struct cert_list *list, size_t at)
{
	size_t n, m, i;
	const uint8_t *name = capcert_cert_issuer(list->certs[at], &n);

	for (i = 0; i < list->count; i++) {
		const uint8_t *subject = capcert_cert_subject(list->certs[i], &m);

		if (m == n && !memcmp(subject, name, n))
			return list->certs[i];
	}
	return NULL;
}

static int show_one(const struct cert_list *list, size_t i, const capcert_loglist *logs,
		    json_t *array)
{
	const struct capcert_cert_view *view;
	json_t *j = NULL;
	int r = capcert_cert_view_new(list->certs[i], &view);

	if (r)
		return fail_errno(r, "certificate %zu", i + 1);
	if (array) {
		j = cert_view_json(list->certs[i], view, kind_among(list, i));
		json_array_append_new(array, j);
	} else {
		printf("%s%scertificate %zu of %zu%s\n", i ? "\n" : "", out_bold(), i + 1,
		       list->count, out_plain());
		cert_view_print(list->certs[i], view, kind_among(list, i));
	}
	capcert_cert_view_free(view);
	return logs ? ct_view_cert(logs, list->certs[i], issuer_among(list, i), j) : EXIT_DONE;
}

static int load_key(const char *word, struct cert_list *list)
{
	capcert_cert **more;
	int fd, r = ref_open(word, CAPCERT_KIND_CERT, CAPCERT_RIGHT_READ, &fd);

	if (r)
		return r;
	more = reallocarray(list->certs, list->count + 1, sizeof(*more));
	r = more ? 0 : -ENOMEM;
	if (!r) {
		list->certs = more;
		r = capcert_cert_from_handle(fd, &more[list->count]);
	}
	close(fd);
	if (r)
		return fail_errno(r, "cannot read '%s'", word);
	list->count++;
	return EXIT_DONE;
}

static int load_all(const struct args *args, struct cert_list *list)
{
	const char *key;
	size_t i;
	int r = EXIT_DONE;

	for (i = 0; !r && i < args->word_count; i++)
		r = certs_load(args->words[i], list);
	for (i = 0; !r && (key = opt_nth(args, "key", i)); i++)
		r = load_key(key, list);
	if (!r && !list->count)
		r = fail(EXIT_USAGE, "no FILE and no --key: nothing to read");
	return r;
}

static int show(const struct args *args)
{
	struct cert_list list = { 0 };
	json_t *array = out_json() ? json_array() : NULL;
	capcert_loglist *logs = NULL;
	int r = load_all(args, &list);
	size_t i;

	if (!r)
		r = ct_logs_load(args, &logs);
	for (i = 0; !r && i < list.count; i++)
		r = show_one(&list, i, logs, array);
	capcert_loglist_free(logs);
	certs_free(&list);
	if (!r && array)
		return out_print_json(array);
	json_decref(array);
	return r;
}

static int export(const struct args *args)
{
	struct cert_list list = { 0 };
	const char *path = opt_text(args, "output");
	FILE *f = stdout;
	size_t i, len;
	int r;

	if (opt_has(args, "pem") && opt_has(args, "der"))
		return fail(EXIT_USAGE, "--pem and --der exclude each other");
	r = load_all(args, &list);
	if (!r && path && strcmp(path, "-")) {
		f = fopen(path, "we");
		if (!f)
			r = fail(EXIT_TROUBLE, "%s: %s", path, strerror(errno));
	}
	for (i = 0; !r && i < list.count; i++) {
		const uint8_t *der = capcert_cert_der(list.certs[i], &len);

		if (opt_has(args, "der"))
			fwrite(der, 1, len, f);
		else
			file_put_pem(f, der, len);
	}
	if (!r && (fflush(f) || ferror(f)))
		r = fail(EXIT_TROUBLE, "%s: %s", path ? path : "standard output", strerror(errno));
	if (f && f != stdout)
		fclose(f);
	certs_free(&list);
	return r;
}

static const struct opt show_opts[] = {
	{ .name = "key",
	  .meta = "KEY",
	  .many = true,
	  .help = "a certificate key: serial, description or fd:NAME" },
	{ .name = "ct",
	  .help = "check the SCTs in it; the issuer has to be among the certificates given" },
	{ .name = "ctlogs", .meta = "FILE", .help = "the same by these CT logs" },
	{ 0 },
};

static const struct opt export_opts[] = {
	{ .name = "key",
	  .meta = "KEY",
	  .many = true,
	  .help = "a certificate key: serial, description or fd:NAME" },
	{ .name = "pem", .help = "write PEM (what happens without an option)" },
	{ .name = "der", .help = "write DER, one certificate after another" },
	{ .name = "output", .letter = 'o', .meta = "FILE", .help = "write to FILE" },
	{ 0 },
};

static const struct verb verbs[] = {
	{ .name = "show",
	  .usage = "FILE|-... [--key KEY]... [--json]",
	  .brief = "print every field of the certificates in files",
	  .help = "FILE is PEM with any number of certificates, or DER; - is standard input.\n"
		  "Nothing is judged: an expired or badly signed certificate is shown like any "
		  "other.\n"
		  "\n"
		  "  capcert cert show chain.pem\n"
		  "  capcert cert show --json chain.pem | jq '.[].subjectAltNames'\n",
	  .opts = show_opts,
	  .min_words = 0,
	  .max_words = -1,
	  .run = show },
	{ .name = "export",
	  .usage = "FILE|-... [--key KEY]... [--pem|--der] [-o FILE]",
	  .brief = "write certificates as PEM or DER",
	  .help = "  capcert cert export --der leaf.pem -o leaf.der\n"
		  "  keyctl padd capcert leaf @s < leaf.der\n",
	  .opts = export_opts,
	  .min_words = 0,
	  .max_words = -1,
	  .run = export },
	{ 0 },
};

const struct noun noun_cert = { "cert", "look at certificates and change their encoding", verbs };
