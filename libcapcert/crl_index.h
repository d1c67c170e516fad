/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where in a revocation list the entries of a serial number are.
 *
 * Lists of a million entries are read once and asked a few times, so making the index must cost little
 * more than reading: one pass, six bytes an entry, each written behind the one before it of the same
 * part. Serial numbers go into parts by a hash with a secret key. A part has some hundreds; to look one
 * up, sixteen more bits of the hash are compared with those of each. */
#ifndef LIBCAPCERT_CRL_INDEX_H
#define LIBCAPCERT_CRL_INDEX_H

#include "core/crl.h"

struct crl_part {
	uint32_t first; /* number in blocks[] of its first block */
	uint32_t count; /* places */
};

struct crl_index {
	uint64_t key[2];
	uint8_t *places; /* blocks of places */
	size_t size;	 /* bytes of them */
	uint32_t *blocks; /* numbers of blocks, by part, in the order of the list */
	struct crl_part *parts;
	uint32_t part_count;  /* 0: a list without entries */
	uint32_t block_count;
	uint32_t *issuers; /* offsets of entries with a certificateIssuer, ascending */
	uint32_t issuer_count;
};

/** crl_index_make() - check and index the entries of @list, which cc_crl_parse_around() has read.
 *  @ret: to be released, on success only. Return: 0, -EBADMSG an entry is malformed, -ENOMEM. */
int crl_index_make(struct cc_crl *list, struct crl_index *ret);
void crl_index_release(struct crl_index *index);

/** crl_index_find() - the next entry with this serial number, in the order of the list.
 *  @from: 0 at first, moved on. @ret_at: offset of the entry in the list's DER.
 *  Return: is there one? */
bool crl_index_find(const struct crl_index *index, const struct cc_crl *list, struct cc_span serial,
		    uint32_t *from, uint32_t *ret_at);

/** crl_index_memory() - bytes that it takes. */
size_t crl_index_memory(const struct crl_index *index);

#endif
