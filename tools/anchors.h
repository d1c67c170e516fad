/* SPDX-License-Identifier: GPL-2.0-only */
/* The anchors of a store handle as one consistent list. */
#ifndef TOOLS_ANCHORS_H
#define TOOLS_ANCHORS_H

#include <jansson.h>
#include <capcert/x509.h>

struct anchors {
	struct capcert_anchor *list;
	capcert_cert **certs; /* NULL entries where the bytes could not be read */
	size_t count;
	uint64_t version;
};

/** anchors_read() - right READ is needed. The list is of one version of the store.
 *  Return: EXIT_DONE or another status after saying why. */
int anchors_read(int store_fd, const char *word, struct anchors *ret);
void anchors_free(struct anchors *anchors);
json_t *anchors_json(const struct anchors *anchors);
void anchors_print(const struct anchors *anchors);

#endif
