// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Disagreements by class: what each verifier said, and about what. Known ones are in classes.json,
 * with who is right and the section that says so; each new one is kept with an example. */
#include <fnmatch.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "tests/differential/differential.h"

#define CLASSES_MAX 2048

/* A known class: patterns of fnmatch(3). */
static struct known {
	const char *we, *peer, *says, *label, *section;
	uint64_t seen;
} * known;
static size_t known_count;
static json_t *known_json;

/* A class that was met; @section: the grammar's or the list's, NULL = unlisted. */
static struct class
{
	char *key;
	const char *section;
	uint64_t count;
} classes[CLASSES_MAX];
static uint32_t class_count;

static const char *word(const json_t *entry, const char *key)
{
	const char *text = json_string_value(json_object_get(entry, key));

	return text ? text : "";
}

static bool complete(const struct known *k, const json_t *entry)
{
	bool accept = !strcmp(k->we, "accept");

	return (accept ? *k->peer != 0 : !strcmp(k->we, "refuse")) && *k->says && *k->label &&
	       *k->section && *word(entry, "right") && *word(entry, "why");
}

int classes_load(const char *path)
{
	json_error_t error;
	json_t *list;
	size_t i;

	known_json = json_load_file(path, 0, &error);
	list = json_object_get(known_json, "classes");
	if (!json_is_array(list)) {
		fprintf(stderr, "%s:%d: %s\n", path, error.line,
			known_json ? "no list" : error.text);
		return -1;
	}
	known_count = json_array_size(list);
	known = calloc(known_count + 1, sizeof(*known));
	for (i = 0; known && i < known_count; i++) {
		const json_t *entry = json_array_get(list, i);

		known[i] = (struct known){ word(entry, "we"),	   word(entry, "peer"),
					   word(entry, "says"),	   word(entry, "label"),
					   word(entry, "section"), 0 };
		if (!complete(&known[i], entry)) {
			fprintf(stderr, "%s: entry %zu is not complete\n", path, i);
			return -1;
		}
	}
	return known ? 0 : -1;
}

static const struct known *find(const struct diff_case *c, const char *we, const char *peer,
				const char *says)
{
	size_t i;
	uint32_t k;

	for (i = 0; i < known_count; i++) {
		if (strcmp(known[i].we, we) || (*peer && strcmp(known[i].peer, peer)) ||
		    fnmatch(known[i].says, says, 0))
			continue;
		for (k = 0; k < c->label_count; k++) {
			if (fnmatch(known[i].label, c->labels[k], 0))
				continue;
			known[i].seen++;
			return &known[i];
		}
	}
	return NULL;
}

static void keep_example(const struct diff_case *c, const char *key, const char *out, uint32_t nr)
{
	char path[512];
	FILE *f;

	if (!out)
		return;
	snprintf(path, sizeof(path), "%s/class-%04u.case", out, nr);
	f = fopen(path, "we");
	if (!f)
		return;
	fprintf(f, "# %s\n", key);
	case_write(c, f);
	fclose(f);
}

/* Returns true when the class is met for the first time. */
static bool count(const struct diff_case *c, const char *key, const char *section, const char *out,
		  struct findings *f)
{
	uint32_t i;

	for (i = 0; i < class_count; i++) {
		if (strcmp(classes[i].key, key))
			continue;
		classes[i].count++;
		return false;
	}
	if (class_count == CLASSES_MAX)
		return false;
	classes[class_count] = (struct class){ strdup(key), section, 1 };
	keep_example(c, key, out, class_count++);
	f->classes = class_count;
	return true;
}

static void labels_of(const struct diff_case *c, char *buf, size_t cap)
{
	size_t used = 0;
	uint32_t i;

	buf[0] = '\0';
	for (i = 0; i < c->label_count && used < cap; i++)
		used += (size_t)snprintf(buf + used, cap - used, "%s%s", i ? " + " : "",
					 c->labels[i]);
}

/* GnuTLS names all that is wrong, one after the other; each is a class of its own. */
static bool note_known(const struct diff_case *c, const char *peer, const struct verdict *v,
		       const char *out, struct findings *f)
{
	const char *separator = strcmp(peer, "GnuTLS") ? "" : ",";
	char says[sizeof(v->says)], key[2048], *rest = says, *one;
	bool all = true;

	snprintf(says, sizeof(says), "%s", v->says);
	while ((one = strsep(&rest, separator))) {
		const struct known *k = find(c, "accept", peer, one);

		if (k) {
			snprintf(key, sizeof(key), "we accept, %s: %s [%s]", peer, one, k->label);
			count(c, key, k->section, out, f);
		}
		all &= k != NULL;
	}
	return all;
}

static void note_accept(const struct diff_case *c, const char *peer, const struct verdict *v,
			const char *out, struct findings *f)
{
	char key[2048], labels[512];

	if (note_known(c, peer, v, out, f))
		return;
	labels_of(c, labels, sizeof(labels));
	f->unlisted_accepts++;
	snprintf(key, sizeof(key), "UNLISTED: we accept%s, %s: %s [%s]",
		 c->webpki ? " (webpki)" : "", peer, v->says, labels);
	if (count(c, key, NULL, out, f))
		printf("# %s (class %u)\n", key, class_count - 1);
}

static void note_refusal(const struct diff_case *c, const struct verdict *us, const char *out,
			 struct findings *f)
{
	const struct known *k;
	char key[2048], labels[512];

	labels_of(c, labels, sizeof(labels));
	/* A must of the grammar cites its section itself. */
	if (c->truth == MUST_FAIL && c->label_count == 1) {
		snprintf(key, sizeof(key), "both accept what must fail [%s]: %s", labels, us->says);
		count(c, key, c->section, out, f);
		return;
	}
	if (c->truth == MUST_FAIL)
		return; /* each of its labels makes a class of its own */
	k = find(c, "refuse", "", us->says);
	if (k) {
		snprintf(key, sizeof(key), "both accept, we: %s [%s]", k->says, k->label);
		count(c, key, k->section, out, f);
		return;
	}
	f->unlisted_refusals++;
	snprintf(key, sizeof(key), "UNLISTED: both accept, we%s: %s [%s]",
		 c->webpki ? " (webpki)" : "", us->says, labels);
	if (count(c, key, NULL, out, f))
		printf("# %s (class %u)\n", key, class_count - 1);
}

/* For docs/differential.md: a must that a peer does not keep. */
static void note_peer(const struct diff_case *c, const char *peer, const struct verdict *v,
		      const char *out, struct findings *f)
{
	char key[1024];

	if (c->truth != MUST_FAIL || c->label_count != 1 || !v->accepted)
		return;
	snprintf(key, sizeof(key), "%s accepts [%s]", peer, c->labels[0]);
	count(c, key, c->section, out, f);
}

void classes_note(const struct diff_case *c, const struct verdict *us, const struct verdict *gnutls,
		  const struct verdict *openssl, const char *out, struct findings *f)
{
	char key[2048], labels[512];

	f->chains++;
	f->accepted += us->accepted;
	/* The profile for the web may refuse what RFC 5280 does not. */
	if ((c->truth == MUST_FAIL && us->accepted) ||
	    (c->truth == MUST_PASS && !us->accepted && !c->webpki)) {
		f->truth_failures++;
		labels_of(c, labels, sizeof(labels));
		snprintf(key, sizeof(key), "WRONG: %s (section %s), we: %s [%s]",
			 c->truth == MUST_FAIL ? "must fail" : "must pass", c->section, us->says,
			 labels);
		if (count(c, key, NULL, out, f))
			printf("# %s (class %u; GnuTLS: %s; OpenSSL: %s)\n", key, class_count - 1,
			       gnutls->says, openssl->says);
	}
	note_peer(c, "GnuTLS", gnutls, out, f);
	note_peer(c, "OpenSSL", openssl, out, f);
	if (us->accepted && !gnutls->accepted)
		note_accept(c, "GnuTLS", gnutls, out, f);
	if (us->accepted && !openssl->accepted)
		note_accept(c, "OpenSSL", openssl, out, f);
	/* GnuTLS does not know the extensions of certificate policies: that is no opinion. */
	if (!us->accepted && openssl->accepted &&
	    (gnutls->accepted || strstr(gnutls->says, "unknown-critical")))
		note_refusal(c, us, out, f);
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct class *)a)->key, ((const struct class *)b)->key);
}

void classes_print(FILE *to)
{
	uint32_t i;

	qsort(classes, class_count, sizeof(classes[0]), by_key);
	for (i = 0; i < class_count; i++)
		fprintf(to, "%8llu  %s%s%s\n", (unsigned long long)classes[i].count, classes[i].key,
			classes[i].section ? " -- " : "",
			classes[i].section ? classes[i].section : "");
}

void classes_free(void)
{
	while (class_count)
		free(classes[--class_count].key);
	free(known);
	json_decref(known_json);
}
