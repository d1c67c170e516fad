/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates by subject and by OpenSSL's subject hash, found without looking at all of them. */
#ifndef CAPCERT_ROOT_INDEX_H
#define CAPCERT_ROOT_INDEX_H

#include <capcert/x509.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct capcert_root_index capcert_root_index;

/** One certificate as the index has it; everything is the index's own and lives as long. */
struct capcert_root {
	capcert_cert *cert;
	const char *label;   /* as given, "" for none */
	uint32_t hash;	     /* capcert_cert_subject_hash() */
	uint32_t sequence;   /* among those with the same hash, from 0 */
	char hash_name[20];  /* "062cdee6.0": the name of its file in a hashed directory */
};

/**
 * capcert_root_index_new() - sorted by hash, then subject, then certificate (both as DER octets), so
 * that the same certificates have the same sequence numbers in whatever order they come.
 *
 * @certs: a reference is taken of each. @labels: NULL, or one text (or NULL) per certificate, copied.
 * Return: 0, -ENOMEM; -EEXIST when a certificate stands twice; -EBADMSG when a subject has no hash.
 */
CAPCERT_API int capcert_root_index_new(capcert_cert *const *certs, const char *const *labels,
				       size_t count, capcert_root_index **ret);
CAPCERT_API void capcert_root_index_free(capcert_root_index *index);

CAPCERT_API size_t capcert_root_index_count(const capcert_root_index *index);
/** All of them one after another, by hash and sequence. */
CAPCERT_API const struct capcert_root *capcert_root_index_all(const capcert_root_index *index);

/** capcert_root_index_lookup() - @name: eight hexadecimal digits, a point, a decimal number without
 *  leading zeros. Return: NULL when there is none, or @name is no such name. */
CAPCERT_API const struct capcert_root *capcert_root_index_lookup(const capcert_root_index *index,
								 const char *name);
/** capcert_root_index_by_hash() - the first of *@ret_count with this hash, NULL when there is none. */
CAPCERT_API const struct capcert_root *
capcert_root_index_by_hash(const capcert_root_index *index, uint32_t hash, size_t *ret_count);
/** capcert_root_index_by_subject() - those with exactly this subject: a Name, whole TLV. */
CAPCERT_API const struct capcert_root *
capcert_root_index_by_subject(const capcert_root_index *index, const uint8_t *name, size_t len,
			      size_t *ret_count);

#ifdef __cplusplus
}
#endif
#endif
