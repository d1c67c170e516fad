/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rights as one list: bit, name, meaning; and which kind of handle may hold which. */
#ifndef CORE_RIGHTS_H
#define CORE_RIGHTS_H

#include "core/platform.h"

/*  X(bit, NAME, meaning) */
#define CC_RIGHTS(X)                                                           \
	X(0, INFO, "see kind, origin, version, digest, description")           \
	X(1, READ, "read the object's bytes")                                  \
	X(2, RESTRICT, "derive a handle with fewer rights or a narrower view") \
	X(3, TRANSFER, "be used by another process than the one it is bound to") \
	X(4, PUBLIC, "read the public key")                                    \
	X(5, VERIFY_SIG, "check a signature with this certificate's key")      \
	X(6, VERIFY, "verify chains: with this store, by this verifier")       \
	X(7, ADD, "add to the object")                                         \
	X(8, REMOVE, "remove from the object")                                 \
	X(9, FETCH, "have missing evidence fetched from the network")          \
	X(10, WATCH, "wait for events")                                        \
	X(11, ENFORCE, "hold chains against these pins")                       \
	X(12, SIGN, "sign with this private key, or with those of these slots") \
	X(13, GET, "read the values of slots")                                 \
	X(14, PUT, "give slots their values")                                  \
	X(15, LIST, "see which slots there are")                               \
	X(16, DELETE, "delete slots")                                          \
	X(17, USE, "be the end of TLS connections that this config describes")

enum cc_right {
#define X(bit, name, meaning) CC_RIGHT_##name = 1 << (bit),
	CC_RIGHTS(X)
#undef X
};

/*  X(number, NAME, key type or "", rights its handles may hold) */
#define CC_RIGHTS_ANY (CC_RIGHT_INFO | CC_RIGHT_READ | CC_RIGHT_RESTRICT | CC_RIGHT_TRANSFER)
#define CC_KINDS(X)                                                                        \
	X(1, CERT, "certificate", "capcert",                                               \
	  CC_RIGHTS_ANY | CC_RIGHT_PUBLIC | CC_RIGHT_VERIFY_SIG)                           \
	X(2, STORE, "trust store", "captrust",                                             \
	  CC_RIGHTS_ANY | CC_RIGHT_VERIFY | CC_RIGHT_ADD | CC_RIGHT_REMOVE)                \
	X(3, VERIFIER, "verifier", "capverify", CC_RIGHTS_ANY | CC_RIGHT_VERIFY | CC_RIGHT_FETCH) \
	X(4, PINS, "pin set", "cappin",                                                    \
	  CC_RIGHTS_ANY | CC_RIGHT_ENFORCE | CC_RIGHT_ADD | CC_RIGHT_REMOVE)               \
	X(5, KEY, "private key", "capkey",                                                 \
	  (CC_RIGHTS_ANY & ~CC_RIGHT_READ) | CC_RIGHT_PUBLIC | CC_RIGHT_SIGN)              \
	X(6, SLOT, "slot store", "capslot",                                                \
	  (CC_RIGHTS_ANY & ~CC_RIGHT_READ) | CC_RIGHT_GET | CC_RIGHT_PUT | CC_RIGHT_LIST | \
	  CC_RIGHT_DELETE | CC_RIGHT_WATCH | CC_RIGHT_SIGN)                                \
	X(7, TLS, "TLS config", "captls", (CC_RIGHTS_ANY & ~CC_RIGHT_READ) | CC_RIGHT_USE) \
	X(8, AUDIT, "audit log", "", CC_RIGHTS_ANY | CC_RIGHT_WATCH)                       \
	X(9, OUTCOME, "outcome", "", CC_RIGHTS_ANY)                                               \
	X(10, EVIDENCE, "evidence", "", CC_RIGHTS_ANY)                                     \
	X(11, WATCH, "watch of slots", "", (CC_RIGHTS_ANY & ~CC_RIGHT_READ) | CC_RIGHT_WATCH)

enum cc_kind {
	CC_KIND_NONE = 0,
#define X(nr, name, text, type, rights) CC_KIND_##name = (nr),
	CC_KINDS(X)
#undef X
};

/** cc_rights_of_kind() - the rights a handle of @kind may hold, 0 for an unknown kind. */
uint64_t cc_rights_of_kind(uint32_t kind);

/** cc_rights_subset() - true when every right in @want is in @have. */
static inline bool cc_rights_subset(uint64_t want, uint64_t have)
{
	return (want & ~have) == 0;
}

/** cc_right_name() - the name of the right at @bit ("VERIFY"), NULL when there is none. */
const char *cc_right_name(unsigned int bit);

/** cc_kind_name() / cc_kind_key_type() - "trust store" / "captrust"; NULL for an unknown kind. */
const char *cc_kind_name(uint32_t kind);
const char *cc_kind_key_type(uint32_t kind);

/** cc_rights_format() - write "VERIFY+INFO" (or "-" for none) into @buf, NUL-terminated.
 *  Return: length without NUL; a @cap of CC_RIGHTS_TEXT_MAX always suffices, less is cut. */
#define CC_RIGHTS_TEXT_MAX 160
size_t cc_rights_format(uint64_t rights, char *buf, size_t cap);

/** cc_rights_parse() - the inverse; case-insensitive; "ALL" = every right of @kind.
 *  Return: 0, or -1 for an unknown name or an empty one (@ret_rights untouched). */
int cc_rights_parse(const char *text, size_t len, uint32_t kind, uint64_t *ret_rights);

#endif
