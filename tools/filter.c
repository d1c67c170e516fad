// SPDX-License-Identifier: GPL-2.0-only
/* Collects the filter of a restricted view. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/slot.h>
#include "tools/file.h"
#include "tools/filter.h"
#include "tools/opt.h"
#include "tools/out.h"
#include "tools/text.h"

static int add_hash(uint8_t (*list)[32], size_t *count, const char *text, size_t len)
{
	if (*count == FILTER_MAX)
		return fail(EXIT_USAGE, "more than %d fingerprints", FILTER_MAX);
	if (!text_hex(text, len, list[*count], 32)) {
		fail(EXIT_USAGE, "'%.*s' is no SHA-256 fingerprint", (int)len, text);
		advise("write 64 hex digits; capcert trust list STORE and capcert cert show FILE "
		       "print them");
		return EXIT_USAGE;
	}
	++*count;
	return EXIT_DONE;
}

int filter_add_fingerprint(struct filter *f, const char *text, size_t len)
{
	return add_hash(f->fingerprints, &f->fingerprint_count, text, len);
}

int filter_add_exclude(struct filter *f, const char *text, size_t len)
{
	return add_hash(f->exclude, &f->exclude_count, text, len);
}

int filter_add_purpose(struct filter *f, const char *text, size_t len)
{
	char word[32];
	int number;

	snprintf(word, sizeof(word), "%.*s", (int)len, text);
	number = capcert_purpose_parse(word);
	if (number < 0)
		return fail(EXIT_USAGE, "'%s' is no purpose; one of them is tlsServerAuth", word);
	f->purposes |= 1u << number;
	return EXIT_DONE;
}

int filter_add_subjects(struct filter *f, const char *path)
{
	struct cert_list list = { 0 };
	int r = certs_load(path, &list);
	size_t i;

	for (i = 0; !r && i < list.count; i++) {
		size_t len;
		const uint8_t *dn = capcert_cert_subject(list.certs[i], &len);
		uint8_t *copy = f->subject_count < FILTER_MAX ? malloc(len) : NULL;

		if (!copy) {
			r = fail(EXIT_TROUBLE, "more than %d subjects", FILTER_MAX);
			break;
		}
		memcpy(copy, dn, len);
		f->subjects[f->subject_count++] = (struct capcert_blob){
			.ptr = (uint64_t)(uintptr_t)copy, .len = (uint32_t)len, .fd = -1
		};
	}
	certs_free(&list);
	return r;
}

static int add_values(struct filter *f, const char *text, size_t len,
		      int (*add)(struct filter *, const char *, size_t))
{
	char *copy = strndup(text, len);
	const char *rest = copy, *part;
	size_t n;
	int r = copy ? EXIT_DONE : EXIT_TROUBLE;

	while (!r && text_next(&rest, ",", &part, &n))
		r = add(f, part, n);
	free(copy);
	return r;
}

static int add_slots(struct filter *f, const char *text)
{
	if (!capcert_slot_patterns_valid(text) || strlen(text) >= sizeof(f->slots) || *f->slots) {
		fail(EXIT_USAGE, "'%s' are no slots", text);
		advise("write slots: once, with names of slots, or prefixes that end in /, with "
		       "commas between them");
		return EXIT_USAGE;
	}
	strcpy(f->slots, text);
	return EXIT_DONE;
}

int filter_add_terms(struct filter *f, const char *text)
{
	static const struct {
		const char *name;
		int (*add)(struct filter *, const char *, size_t);
	} terms[] = { { "fingerprint:", filter_add_fingerprint },
		      { "exclude:", filter_add_exclude },
		      { "purpose:", filter_add_purpose } };
	const char *rest = text, *term;
	size_t len, i, n;
	int r;

	while (rest) {
		if (!strncmp(rest, "subject-of:", 11))
			return filter_add_subjects(f, rest + 11);
		if (!strncmp(rest, "slots:", 6))
			return add_slots(f, rest + 6);
		text_next(&rest, "/", &term, &len);
		if (len == 4 && !strncmp(term, "live", 4)) {
			f->live = true;
			continue;
		}
		for (i = 0; i < sizeof(terms) / sizeof(*terms); i++) {
			n = strlen(terms[i].name);
			if (len > n && !strncmp(term, terms[i].name, n))
				break;
		}
		if (i == sizeof(terms) / sizeof(*terms)) {
			fail(EXIT_USAGE, "'%.*s' is no part of a restriction", (int)len, term);
			advise("write fingerprint:HEX,... exclude:HEX,... purpose:P,... live "
			       "subject-of:FILE, with / between them; slots:NAME,... for slots");
			return EXIT_USAGE;
		}
		r = add_values(f, term + n, len - n, terms[i].add);
		if (r)
			return r;
	}
	return EXIT_DONE;
}

int filter_derive(const struct filter *f, int fd, uint64_t rights, int *ret_fd)
{
	struct capcert_filter filter = {
		.purposes = f->purposes,
		.fingerprints = f->fingerprint_count ? f->fingerprints : NULL,
		.fingerprint_count = f->fingerprint_count,
		.exclude = f->exclude_count ? f->exclude : NULL,
		.exclude_count = f->exclude_count,
		.subjects = f->subject_count ? f->subjects : NULL,
		.subject_count = f->subject_count,
	};

	if (*f->slots)
		return capcert_slot_restrict(fd, rights, f->slots, -1, ret_fd);
	return capcert_derive(fd, rights, &filter, f->live ? CAPCERT_RESTRICT_LIVE : 0, ret_fd);
}

void filter_free(struct filter *f)
{
	size_t i;

	for (i = 0; i < f->subject_count; i++)
		free((void *)(uintptr_t)f->subjects[i].ptr);
	f->subject_count = 0;
}
