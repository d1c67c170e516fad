/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handles: open, look, narrow, change. Every fd returned is close-on-exec and owned by the caller.
 * Calls return 0 or a negative errno; ret_ outputs are untouched on failure. */
#ifndef CAPCERT_CAPCERT_H
#define CAPCERT_CAPCERT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/capcert.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CAPCERT_API __attribute__((visibility("default")))

/** Version of the library, "0.1.0". */
CAPCERT_API const char *capcert_version(void);

/** One line for a negative errno of this library: what is wrong and what to do about it. */
CAPCERT_API const char *capcert_strerror(int error);

/* Handles of keys. @rights: CAPCERT_RIGHT_*; all of them or -EACCES. */
CAPCERT_API int capcert_open(int32_t serial, uint64_t rights, int *ret_fd);
CAPCERT_API int capcert_open_name(uint32_t kind, const char *name, uint64_t rights, int *ret_fd);
CAPCERT_API int capcert_open_system(uint32_t kind, const char *name, uint64_t rights, int *ret_fd);
CAPCERT_API int capcert_open_audit(uint64_t rights, int *ret_fd);

/** capcert_fd() - the handle that CAPCERT_FDS ("name=fd,name=fd") gives for @name.
 *  Return: fd (borrowed), -ENOENT; -EPERM in a set-id program; -EINVAL when the variable is
 *  malformed or names something twice; -EBADF when the fd is not open. */
CAPCERT_API int capcert_fd(const char *name);
/** capcert_fd_at() - entry number @index, from 0, of CAPCERT_FDS.
 *  @name: its name with a NUL. Return: as above, -ENOENT behind the last; -EMSGSIZE when @cap is
 *  too little for the name. */
CAPCERT_API int capcert_fd_at(size_t index, char *name, size_t cap);

/**
 * capcert_fd_send() - octets over a UNIX socket, and with the first of them a handle.
 * @fd: right TRANSFER, or the receiver cannot use it; stays the caller's. -1 = none.
 * @len: at least 1. SIGPIPE is not raised; waits if the socket does.
 * Return: octets that went, maybe fewer than @len (the handle went with them: give -1 for the rest);
 * -EINVAL; -EAGAIN, -EPIPE, ... of sendmsg(2).
 */
CAPCERT_API ssize_t capcert_fd_send(int sock, int fd, const void *data, size_t len);

/**
 * capcert_fd_receive() - what capcert_fd_send() sent.
 * @ret_fd: close-on-exec, the caller's to close; -1 = none came. It may be anything: ask
 * capcert_outcome_require() or capcert_get_info() before believing in it.
 * @cap: at least 1.
 * Return: octets; 0 = end; -EPROTO more than one descriptor, or a datagram that is longer than @cap:
 * every descriptor is closed, the octets are lost; -EINVAL; -EAGAIN, ... of recvmsg(2).
 */
CAPCERT_API ssize_t capcert_fd_receive(int sock, int *ret_fd, void *buf, size_t cap);

CAPCERT_API int capcert_get_status(struct capcert_status *ret);
CAPCERT_API int capcert_get_info(int fd, struct capcert_info *ret);

/** Bytes of an object into a malloc()ed buffer that the caller frees. @what: CAPCERT_READ_*;
 *  CAPCERT_READ_ANCHORS gives every anchor from @index on. */
CAPCERT_API int capcert_read(int fd, uint32_t what, uint32_t index, uint8_t **ret_data,
			     size_t *ret_len);
CAPCERT_API int capcert_get_public(int fd, uint8_t **ret_spki, size_t *ret_len);

/** capcert_filter - what a narrower view keeps; zero-initialise. */
struct capcert_filter {
	uint32_t purposes;		 /* mask, 0 = all */
	const uint8_t (*fingerprints)[32];
	size_t fingerprint_count;
	const uint8_t (*exclude)[32];
	size_t exclude_count;
	const struct capcert_blob *subjects; /* DER Names */
	size_t subject_count;
};
/** capcert_derive() - RESTRICT. @filter may be NULL. @flags: CAPCERT_RESTRICT_LIVE or 0. */
CAPCERT_API int capcert_derive(int fd, uint64_t rights, const struct capcert_filter *filter,
			       uint32_t flags, int *ret_fd);
/** capcert_derive_for() - the same, bound to the process behind @pidfd. */
CAPCERT_API int capcert_derive_for(int fd, uint64_t rights, const struct capcert_filter *filter,
				   uint32_t flags, int pidfd, int *ret_fd);

/** capcert_store_add() - ADD. @spki_sha256: the AnchorPin. @purposes 0 = tlsServerAuth. */
CAPCERT_API int capcert_store_add(int store_fd, const uint8_t *der, size_t der_len,
				  uint32_t purposes, const uint8_t spki_sha256[32],
				  uint64_t *ret_version);
CAPCERT_API int capcert_store_remove_fingerprint(int store_fd, const uint8_t fingerprint[32],
						 uint64_t *ret_version);
CAPCERT_API int capcert_store_remove_subject(int store_fd, const uint8_t *dn, size_t dn_len,
					     uint32_t *ret_count, uint64_t *ret_version);
CAPCERT_API int capcert_store_version(int store_fd, uint64_t *ret_version, uint32_t *ret_count,
				      uint8_t ret_digest[32]);

CAPCERT_API int capcert_verifier_policy(int verifier_fd, struct capcert_policy_info *ret);

/** capcert_distrust() - change the system's distrust list; @what, @flags: CAPCERT_DISTRUST_*. */
CAPCERT_API int capcert_distrust(uint32_t what, uint32_t flags, const void *value, size_t len,
				 uint64_t *ret_generation);

/** capcert_admit() - give the kernel a signed bundle (docs/bundle-format.md) of @len bytes, at most
 *  CAPCERT_MAX_BUNDLE. CAP_SYS_ADMIN in the initial user namespace. @ret: what is in force now; may
 *  be NULL. Return: 0; nothing has changed after -EPERM, -EBADMSG (no bundle), -EKEYREJECTED (signed
 *  by nobody the module knows), -EKEYEXPIRED, -ENOKEY (the module knows nobody), -ESTALE (not above
 *  the floor of its name, or not the next delta), -EINVAL (the name is another's), -ENOENT,
 *  -EMSGSIZE, -ENOSPC, -ENOMEM. */
CAPCERT_API int capcert_admit(const uint8_t *bundle, size_t len, struct capcert_admit *ret);
/** capcert_floor() - the number up to which bundles of @name are refused, 0 if there is none; with
 *  @raise not 0 raised to at least that first (CAP_SYS_ADMIN). Return: 0, -EPERM, -EINVAL, -ENOSPC. */
CAPCERT_API int capcert_floor(const char *name, uint64_t raise, uint64_t *ret_floor);

/** capcert_audit_next() - up to *@count records from sequence number *@from on.
 *  *@count becomes the records written, *@from where to go on, *@ret_lost what is gone. */
CAPCERT_API int capcert_audit_next(int audit_fd, uint64_t *from,
				   struct capcert_audit_record *records, uint32_t *count,
				   uint64_t *ret_lost);

/* Texts. */
CAPCERT_API int capcert_rights_parse(const char *text, uint32_t kind, uint64_t *ret_rights);
CAPCERT_API size_t capcert_rights_format(uint64_t rights, char *buf, size_t cap);
CAPCERT_API const char *capcert_reason_name(int32_t reason);
CAPCERT_API const char *capcert_purpose_name(uint32_t purpose);
CAPCERT_API int capcert_purpose_parse(const char *text); /* number or -1 */
CAPCERT_API const char *capcert_kind_name(uint32_t kind);
CAPCERT_API const char *capcert_kind_key_type(uint32_t kind);
CAPCERT_API const char *capcert_origin_name(uint32_t origin);
CAPCERT_API const char *capcert_clock_name(uint32_t clock);

#ifdef __cplusplus
}
#endif
#endif
