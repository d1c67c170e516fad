/* SPDX-License-Identifier: GPL-2.0-only */
/* A narrower view of a store, collected from a command line. */
#ifndef TOOLS_FILTER_H
#define TOOLS_FILTER_H

#include <stdbool.h>
#include <capcert/capcert.h>

#define FILTER_MAX 256

/** Zero-initialise; about 24 kB, so better not on many stacks at once. */
struct filter {
	uint8_t fingerprints[FILTER_MAX][32];
	size_t fingerprint_count;
	uint8_t exclude[FILTER_MAX][32];
	size_t exclude_count;
	struct capcert_blob subjects[FILTER_MAX];
	size_t subject_count;
	uint32_t purposes;
	bool live;
	char slots[CAPCERT_SLOT_MAX_PATTERN_TEXT + 1]; /* of a store of slots, and nothing else then */
};

/** Each says what is wrong. Return: EXIT_DONE or another status. */
int filter_add_fingerprint(struct filter *filter, const char *text, size_t len);
int filter_add_exclude(struct filter *filter, const char *text, size_t len);
int filter_add_purpose(struct filter *filter, const char *text, size_t len);
/** The subjects of all certificates in @path. */
int filter_add_subjects(struct filter *filter, const char *path);
/** "fingerprint:HEX,HEX/purpose:P/exclude:HEX/live/subject-of:FILE" or "slots:PATTERNS"; FILE and
 *  PATTERNS go to the end. */
int filter_add_terms(struct filter *filter, const char *text);
/** filter_derive() - RESTRICT. Return: 0 or -errno. */
int filter_derive(const struct filter *filter, int fd, uint64_t rights, int *ret_fd);
void filter_free(struct filter *filter);

#endif
