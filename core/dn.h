/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The inside of a distinguished name: RDNs and attribute values. For core/ itself. */
#ifndef CORE_DN_H
#define CORE_DN_H

#include "core/name.h"

/* Attributes in one RDN. Real names have one to three; comparing sets costs the cube of it. */
#define CC_DN_AVA_MAX 16

struct cc_ava {
	struct cc_span oid;
	struct cc_span value; /* content octets */
	uint8_t tag;
};

/* Iterators over the contents of a Name and of an RDN: 1 = taken, 0 = end, -1 = malformed. */
int cc_rdn_next(struct cc_span *rest, struct cc_span *ret_rdn);
int cc_ava_next(struct cc_span *rest, struct cc_ava *ret);

/** cc_dn_valid() - the contents of a Name: RDNs not empty, sets in DER order, at most
 *  CC_DN_AVA_MAX attributes each. */
bool cc_dn_valid(struct cc_span body);

#endif
