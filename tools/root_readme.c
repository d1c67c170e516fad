// SPDX-License-Identifier: GPL-2.0-only
/* A company's README.md: its generated table, its sections, the banner of what is retired. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tools/file.h"
#include "tools/opt.h"
#include "tools/out.h"
#include "tools/roots.h"
#include "tools/text.h"
#include "tools/write_file.h"

static const char *const sections[] = {
	"## Roots in this folder\n",  "## Rationale for inclusion\n",
	"## CA/B Forum compliance\n", "## Past non-compliance\n",
	"## Transparency\n",	      "## Sources\n",
};

static void put_key(FILE *f, const struct capcert_cert_view *view)
{
	if (!strcmp(view->key_algorithm, "rsa"))
		fprintf(f, "RSA %u", view->key_bits);
	else if (view->key_algorithm[0] == 'p')
		fprintf(f, "ECDSA P-%s", view->key_algorithm + 1);
	else
		fprintf(f, "%s", view->key_algorithm);
}

/* A '|' would end the cell. */
static void put_cell(FILE *f, const char *text)
{
	for (; *text; text++)
		fprintf(f, *text == '|' ? "\\|" : "%c", *text);
}

static int put_row(FILE *f, const struct root *root)
{
	const struct capcert_cert_view *view;
	uint8_t sha256[32];
	char until[32], hex[65];
	uint32_t hash = 0;
	int r = capcert_cert_view_new(root->file.cert, &view);

	if (r)
		return r;
	capcert_cert_subject_hash(root->file.cert, &hash);
	capcert_cert_fingerprint(root->file.cert, CAPCERT_HASH_SHA256, sha256);
	text_of_time(view->not_after, until);
	fprintf(f, "| [");
	put_cell(f, root->file.label);
	fprintf(f, "](%s)%s | `%08x` | ", strrchr(root->path, '/') + 1,
		root->disabled ? " (disabled)" : "", hash);
	put_key(f, view);
	fprintf(f, " | %s | %.10s | `%s` |\n", view->signature_scheme, until,
		text_to_hex(sha256, 32, hex));
	capcert_cert_view_free(view);
	return 0;
}

char *root_table(const struct root_set *set, const char *company)
{
	char *text = NULL;
	size_t n, i;
	FILE *f = open_memstream(&text, &n);
	int r = 0;

	if (!f)
		return NULL;
	fputs(ROOT_TABLE_BEGIN
	      "| root | subject hash | key | self-signature | valid until | SHA-256 "
	      "|\n|---|---|---|---|---|---|\n",
	      f);
	for (i = 0; !r && i < set->count; i++)
		if (!strcmp(set->roots[i].company, company))
			r = put_row(f, &set->roots[i]);
	fputs(ROOT_TABLE_END, f);
	if (fclose(f) || r) {
		free(text);
		return NULL;
	}
	return text;
}

/* With a NUL behind it. NULL and a problem when it is not there. */
static char *read_readme(struct root_set *set, const char *company, char **ret_path)
{
	uint8_t *data = NULL, *text;
	char *path, shown[300];
	size_t len;

	snprintf(shown, sizeof(shown), "%s/README.md", company);
	if (asprintf(&path, "%s/%s", set->dir, shown) < 0)
		return NULL;
	if (access(path, R_OK)) {
		problem(&set->problems, shown,
			"is missing: it says why the company's roots are here");
	} else if (!file_read(path, &data, &len)) {
		text = realloc(data, len + 1);
		if (text) {
			data = text;
			text[len] = '\0';
		}
	}
	if (data && ret_path)
		*ret_path = path;
	else
		free(path);
	return (char *)data;
}

/* Between the markers, both included. */
static char *find_table(char *text, size_t *ret_len)
{
	char *begin = strstr(text, ROOT_TABLE_BEGIN);
	char *end = begin ? strstr(begin, ROOT_TABLE_END) : NULL;

	if (!end)
		return NULL;
	*ret_len = (size_t)(end - begin) + strlen(ROOT_TABLE_END);
	return begin;
}

/* A quoted line that says "disabled" and which. */
static bool has_banner(const char *text, const char *label)
{
	while (text && *text) {
		const char *end = strchr(text, '\n');
		size_t n = end ? (size_t)(end - text) : strlen(text);

		if (*text == '>' && memmem(text, n, label, strlen(label)) &&
		    (memmem(text, n, "disabled", 8) || memmem(text, n, "Disabled", 8)))
			return true;
		text = end ? end + 1 : NULL;
	}
	return false;
}

static void check_sections(struct root_set *set, const char *shown, const char *text)
{
	const char *at = text;
	size_t i;

	for (i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		const char *found = strstr(at, sections[i]);

		if (!found || (found > text && found[-1] != '\n'))
			problem(&set->problems, shown, "section '%.*s' is missing or out of order",
				(int)strlen(sections[i]) - 1, sections[i]);
		else
			at = found;
	}
}

void root_readme_check(struct root_set *set, const char *company)
{
	char *text = read_readme(set, company, NULL), *table = NULL, *own, shown[300];
	size_t i, n;

	if (!text)
		return;
	snprintf(shown, sizeof(shown), "%s/README.md", company);
	check_sections(set, shown, text);
	own = find_table(text, &n);
	table = root_table(set, company);
	if (!own)
		problem(&set->problems, shown, "has no table between its markers");
	else if (!table || strlen(table) != n || memcmp(own, table, n))
		problem(&set->problems, shown,
			"its table is not that of its roots: capcert roots table %s", set->dir);
	for (i = 0; i < set->count; i++) {
		const struct root *root = &set->roots[i];

		if (root->disabled && !strcmp(root->company, company) &&
		    !has_banner(text, root->file.label))
			problem(&set->problems, shown,
				"has no '> ' line that says that %s is disabled, and why",
				root->file.label);
	}
	free(table);
	free(text);
}

/* Return: EXIT_DONE, also when nothing changed. */
static int rewrite(struct root_set *set, const char *company, size_t *changed)
{
	char *path = NULL, *text = read_readme(set, company, &path), *table, *own, *whole;
	int len, r = EXIT_DONE;
	size_t n;

	if (!text)
		return fail(EXIT_NO, "%s/%s has no README.md; write one with the markers\n%s%s",
			    set->dir, company, ROOT_TABLE_BEGIN, ROOT_TABLE_END);
	own = find_table(text, &n);
	table = root_table(set, company);
	if (!own) {
		r = fail(EXIT_NO, "%s has no markers; put these where the table belongs:\n%s%s",
			 path, ROOT_TABLE_BEGIN, ROOT_TABLE_END);
	} else if (!table) {
		r = fail_errno(-ENOMEM, "%s", path);
	} else if (strlen(table) != n || memcmp(own, table, n)) {
		len = asprintf(&whole, "%.*s%s%s", (int)(own - text), text, table, own + n);
		r = len < 0 ? fail_errno(-ENOMEM, "%s", path)
			    : write_file(path, whole, (size_t)len);
		if (len >= 0)
			free(whole);
		++*changed;
	}
	free(table);
	free(text);
	free(path);
	return r;
}

int roots_table(const struct args *args)
{
	const char *dir = args->word_count ? args->words[0] : ROOT_DIR;
	size_t i, changed = 0;
	struct root_set set;
	int r = root_set_load(dir, &set);

	if (r)
		return r;
	r = problems_say(&set.problems);
	for (i = 0; !r && i < set.company_count; i++)
		r = rewrite(&set, set.companies[i], &changed);
	if (!r && out_json())
		r = out_print_json(json_pack("{sIsI}", "companies", (json_int_t)set.company_count,
					     "changed", (json_int_t)changed));
	else if (!r)
		printf("%zu companies, %zu tables rewritten\n", set.company_count, changed);
	root_set_free(&set);
	return r;
}
