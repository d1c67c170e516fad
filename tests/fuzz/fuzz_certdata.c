// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* certdata.txt: whatever is taken has labels and whole certificates, whatever is refused has a line. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/nss_roots.h>
#include <capcert/root_index.h>

static void use(const capcert_nss_roots *list)
{
	const struct capcert_nss_root *roots = capcert_nss_roots_all(list);
	size_t i, n = capcert_nss_roots_count(list), found;
	capcert_root_index *index;

	for (i = 0; i < n; i++) {
		uint32_t hash;

		assert(roots[i].label && *roots[i].label && roots[i].line);
		assert(roots[i].server_auth < CAPCERT_NSS_TRUST_COUNT);
		assert((roots[i].cert != NULL) != (roots[i].error != NULL));
		if (!roots[i].cert || capcert_cert_subject_hash(roots[i].cert, &hash))
			continue;
		if (capcert_root_index_new(&roots[i].cert, NULL, 1, &index))
			continue;
		assert(capcert_root_index_by_hash(index, hash, &found) && found == 1);
		capcert_root_index_free(index);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	capcert_nss_roots *list;
	const char *error = NULL;
	size_t line = 0;

	if (capcert_nss_roots_parse((const char *)data, size, &list, &line, &error)) {
		assert(error && line <= size + 1);
		return 0;
	}
	use(list);
	capcert_nss_roots_free(list);
	return 0;
}
