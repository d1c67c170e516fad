// SPDX-License-Identifier: LGPL-2.1-or-later
/* Certificates sorted by subject hash: every question is a binary search. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/root_index.h>
#include "libcapcert/subject_hash.h"
#include "libcapcert/x509.h"

struct capcert_root_index {
	size_t count;
	struct capcert_root roots[]; /* sorted; a reference and a label each */
};

static int compare_octets(struct cc_span a, struct cc_span b)
{
	size_t least = a.n < b.n ? a.n : b.n;
	int d = least ? memcmp(a.p, b.p, least) : 0;

	return d ? d : (a.n > b.n) - (a.n < b.n);
}

static int compare(const void *x, const void *y)
{
	const struct capcert_root *a = x, *b = y;
	int d;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	d = compare_octets(a->cert->parsed.subject, b->cert->parsed.subject);
	return d ? d : compare_octets(a->cert->parsed.der, b->cert->parsed.der);
}

static int fill(struct capcert_root *root, capcert_cert *cert, const char *label)
{
	int r = capcert_cert_subject_hash(cert, &root->hash);

	if (r < 0)
		return r;
	root->label = strdup(label ? label : "");
	if (!root->label)
		return -ENOMEM;
	root->cert = capcert_cert_ref(cert);
	return 0;
}

/* Sequence numbers, once sorted. */
static int number(capcert_root_index *index)
{
	struct capcert_root *root = index->roots;
	size_t i;

	for (i = 0; i < index->count; i++) {
		if (i && root[i].hash == root[i - 1].hash)
			root[i].sequence = root[i - 1].sequence + 1;
		if (i && compare(&root[i - 1], &root[i]) == 0)
			return -EEXIST;
		snprintf(root[i].hash_name, sizeof(root[i].hash_name), "%08x.%u", root[i].hash,
			 root[i].sequence);
	}
	return 0;
}

int capcert_root_index_new(capcert_cert *const *certs, const char *const *labels, size_t count,
			   capcert_root_index **ret)
{
	capcert_root_index *index;
	int r = 0;

	if (count > UINT32_MAX)
		return -ENOMEM;
	index = calloc(1, sizeof(*index) + count * sizeof(*index->roots));
	if (!index)
		return -ENOMEM;
	while (r == 0 && index->count < count) {
		size_t i = index->count;

		r = fill(&index->roots[i], certs[i], labels ? labels[i] : NULL);
		index->count += r == 0;
	}
	if (r == 0) {
		qsort(index->roots, count, sizeof(*index->roots), compare);
		r = number(index);
	}
	if (r < 0) {
		capcert_root_index_free(index);
		return r;
	}
	*ret = index;
	return 0;
}

void capcert_root_index_free(capcert_root_index *index)
{
	size_t i;

	if (!index)
		return;
	for (i = 0; i < index->count; i++) {
		capcert_cert_free(index->roots[i].cert);
		free((char *)index->roots[i].label);
	}
	free(index);
}

size_t capcert_root_index_count(const capcert_root_index *index)
{
	return index->count;
}

const struct capcert_root *capcert_root_index_all(const capcert_root_index *index)
{
	return index->roots;
}

/* What is looked for; without @subject any subject will do. */
struct wanted {
	uint32_t hash;
	const struct cc_span *subject;
};

static int against(const struct capcert_root *root, const struct wanted *wanted)
{
	if (root->hash != wanted->hash)
		return root->hash < wanted->hash ? -1 : 1;
	return wanted->subject ? compare_octets(root->cert->parsed.subject, *wanted->subject) : 0;
}

/* The first root that is not before @wanted, or, with @behind, the first that is behind it. */
static size_t bound(const capcert_root_index *index, const struct wanted *wanted, bool behind)
{
	size_t low = 0, high = index->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int d = against(&index->roots[middle], wanted);

		if (d < 0 || (behind && d == 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct capcert_root *range(const capcert_root_index *index,
					const struct wanted *wanted, size_t *ret_count)
{
	size_t first = bound(index, wanted, false);

	*ret_count = bound(index, wanted, true) - first;
	return *ret_count ? &index->roots[first] : NULL;
}

const struct capcert_root *capcert_root_index_by_hash(const capcert_root_index *index,
						      uint32_t hash, size_t *ret_count)
{
	return range(index, &(struct wanted){ hash, NULL }, ret_count);
}

const struct capcert_root *capcert_root_index_by_subject(const capcert_root_index *index,
							 const uint8_t *name, size_t len,
							 size_t *ret_count)
{
	struct cc_span subject = cc_span(name, len);
	struct wanted wanted = { 0, &subject };

	*ret_count = 0;
	if (name_hash(subject, &wanted.hash) < 0)
		return NULL;
	return range(index, &wanted, ret_count);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool parse_name(const char *name, uint32_t *ret_hash, uint32_t *ret_sequence)
{
	uint32_t hash = 0;
	uint64_t sequence = 0;
	int i;

	for (i = 0; i < 8; i++) {
		int d = hex_digit(name[i]);

		if (d < 0)
			return false;
		hash = hash << 4 | (uint32_t)d;
	}
	name += 8;
	if (*name++ != '.' || !*name || (name[0] == '0' && name[1]))
		return false;
	for (; *name; name++) {
		if (*name < '0' || *name > '9')
			return false;
		sequence = sequence * 10 + (uint64_t)(*name - '0');
		if (sequence > UINT32_MAX)
			return false;
	}
	*ret_hash = hash;
	*ret_sequence = (uint32_t)sequence;
	return true;
}

const struct capcert_root *capcert_root_index_lookup(const capcert_root_index *index,
						     const char *name)
{
	const struct capcert_root *first;
	uint32_t hash, sequence;
	size_t count;

	if (!parse_name(name, &hash, &sequence))
		return NULL;
	first = capcert_root_index_by_hash(index, hash, &count);
	return first && sequence < count ? first + sequence : NULL;
}
