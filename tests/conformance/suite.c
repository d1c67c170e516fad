// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Options, accepted disagreements, and the count. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/conformance/suite.h"

#define LIST "tests/conformance/exceptions.json"

void suite_die(const char *what, const char *which)
{
	fprintf(stderr, "%s: %s\n", what, which);
	exit(2);
}

const char *suite_string(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* ---- the list of accepted disagreements ---- */

/* The list of the tree that this program was built in: look upwards from the program. */
static const char *default_list(void)
{
	static char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - sizeof(LIST) - 1);
	char *slash;

	if (n <= 0)
		suite_die("cannot find the program's own folder", "use --exceptions FILE");
	path[n] = 0;
	while ((slash = strrchr(path, '/'))) {
		strcpy(slash + 1, LIST);
		if (!access(path, R_OK))
			return path;
		*slash = 0;
	}
	suite_die("not found above the program; use --exceptions FILE", LIST);
}

static bool said(const json_t *entry, const char *key)
{
	const char *text = suite_string(entry, key);

	return text && *text;
}

/* {id, ours: SUCCESS or FAILURE, or skip: true, section, why}, and nothing else. */
static const char *entry_fault(const json_t *entry)
{
	const char *ours = suite_string(entry, "ours");
	bool skip = json_is_true(json_object_get(entry, "skip"));

	if (!said(entry, "id"))
		return "an exception without id";
	if (!said(entry, "section"))
		return "an exception without the section that supports it";
	if (!said(entry, "why"))
		return "an exception without why";
	if (json_object_size(entry) != 4 || skip == !!ours)
		return "an exception has id, section, why, and either ours or skip";
	if (ours && strcmp(ours, "SUCCESS") && strcmp(ours, "FAILURE"))
		return "an exception's result is SUCCESS or FAILURE";
	return NULL;
}

static void load_exceptions(struct suite *s)
{
	json_t *list = suite_load(s->exceptions_path), *entry;
	size_t i;

	if (!json_is_array(list))
		suite_die("not a list of exceptions", s->exceptions_path);
	s->exceptions = json_object();
	json_array_foreach(list, i, entry)
	{
		const char *fault = entry_fault(entry), *id = suite_string(entry, "id");

		if (fault)
			suite_die(fault, id ? id : s->exceptions_path);
		if (json_object_get(s->exceptions, id))
			suite_die("an exception stands twice", id);
		json_object_set(s->exceptions, id, entry);
	}
	json_decref(list);
}

static json_t *listed(const struct suite *s, const char *id)
{
	json_t *entry = json_object_get(s->exceptions, id);

	if (entry)
		json_object_set_new(entry, "met", json_true());
	return entry;
}

/* Entries of this suite that no case has met. Those of PKITS begin so, all others are limbo's. */
static void report_unmet(const struct suite *s)
{
	const char *id;
	json_t *entry;

	json_object_foreach(s->exceptions, id, entry)
	{
		const char *suite = strncmp(id, "pkits::", 7) ? "limbo" : "pkits";

		if (!strcmp(suite, s->name) && !strncmp(id, s->prefix, strlen(s->prefix)) &&
		    !json_object_get(entry, "met"))
			printf("# exception for a case that is not in this file: %s\n", id);
	}
}

/* ---- the command line ---- */

static void usage(const char *name)
{
	fprintf(stderr,
		"usage: %s FILE.json[.xz] [--exceptions FILE] [--profile rfc5280|webpki] "
		"[--id PREFIX] [-v]\n",
		name);
	exit(2);
}

json_t *suite_open(struct suite *s, const char *name, int argc, char **argv)
{
	const char *file = NULL;
	int a;

	*s = (struct suite){ .name = name, .prefix = "" };
	for (a = 1; a < argc; a++) {
		const char **value = !strcmp(argv[a], "--exceptions") ? &s->exceptions_path
				     : !strcmp(argv[a], "--profile")  ? &s->profile
				     : !strcmp(argv[a], "--id")	      ? &s->prefix
								      : NULL;

		if (value && a + 1 < argc)
			*value = argv[++a];
		else if (!strcmp(argv[a], "-v"))
			s->verbose = true;
		else if (!file && argv[a][0] != '-')
			file = argv[a];
		else
			usage(name);
	}
	if (!file || (s->profile && strcmp(s->profile, "rfc5280") && strcmp(s->profile, "webpki")))
		usage(name);
	if (!s->exceptions_path)
		s->exceptions_path = default_list();
	load_exceptions(s);
	return suite_load(file);
}

/* ---- the count ---- */

/* "rfc5280::nc::permitted" is of category rfc5280::nc, "cve::x" of cve. */
static unsigned int category(struct suite *s, const char *id)
{
	const char *end = strstr(id, "::"), *next = end ? strstr(end + 2, "::") : NULL;
	char name[64];
	unsigned int i;

	end = next ? next : end ? end : id + strlen(id);
	snprintf(name, sizeof(name), "%.*s", (int)(end - id), id);
	for (i = 0; i < s->category_count; i++)
		if (!strcmp(s->categories[i].name, name))
			return i;
	if (s->category_count == SUITE_CATEGORIES)
		suite_die("too many categories", id);
	snprintf(s->categories[i].name, sizeof(s->categories[i].name), "%s", name);
	s->category_count++;
	return i;
}

bool suite_wants(struct suite *s, const char *id)
{
	json_t *entry;

	if (!id)
		suite_die("a case without id", s->name);
	if (strncmp(id, s->prefix, strlen(s->prefix)))
		return false;
	entry = listed(s, id);
	if (!entry || !json_object_get(entry, "skip"))
		return true;
	printf("# skipped %s: %s\n", id, suite_string(entry, "why"));
	s->categories[category(s, id)].skipped++;
	s->skipped++;
	return false;
}

static void disagree(struct suite *s, const char *id, const char *what, const char *detail)
{
	printf("not ok - %s: %s: %s\n", id, what, detail);
	s->categories[category(s, id)].disagree++;
	s->disagree++;
}

void suite_unable(struct suite *s, const char *id, const char *why)
{
	disagree(s, id, "cannot be run", why);
}

void suite_count(struct suite *s, const char *id, bool expected, bool got, const char *detail)
{
	const char *ours = got ? "SUCCESS" : "FAILURE";
	const json_t *entry = listed(s, id);
	char what[128];

	if (entry && got != expected && !strcmp(suite_string(entry, "ours"), ours)) {
		printf("# accepted %s: ours %s (%s): %s\n", id, ours,
		       suite_string(entry, "section"), detail);
		s->categories[category(s, id)].accepted++;
		s->accepted++;
	} else if (entry || got != expected) {
		snprintf(what, sizeof(what), "expected %s, got %s%s",
			 expected ? "SUCCESS" : "FAILURE", ours,
			 entry ? ", not what the list of exceptions says" : "");
		disagree(s, id, what, detail);
	} else {
		if (s->verbose)
			printf("# agree %s %s: %s\n", id, ours, detail);
		s->categories[category(s, id)].agree++;
		s->agree++;
	}
}

int suite_end(struct suite *s)
{
	unsigned int i;

	for (i = 0; i < s->category_count; i++)
		printf("%s - %s %s: %u agree, %u accepted, %u disagree, %u skipped\n",
		       s->categories[i].disagree ? "not ok" : "ok", s->name, s->categories[i].name,
		       s->categories[i].agree, s->categories[i].accepted, s->categories[i].disagree,
		       s->categories[i].skipped);
	report_unmet(s);
	printf("# %s: %u disagreements are accepted, each with its section in the exceptions\n",
	       s->name, s->accepted);
	json_decref(s->exceptions);
	if (s->agree + s->accepted + s->disagree + s->skipped == 0)
		suite_die("no case was run", s->name);
	printf("%s: %u agree, %u disagree, %u skipped\n", s->name, s->agree, s->disagree,
	       s->skipped);
	return s->disagree ? 1 : 0;
}
