/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TLS configs: what the end of a TLS connection needs, as one handle that can be used without
 * holding any of its parts. What the fields mean stands in <linux/capcert_tls.h>. */
#ifndef CAPCERT_TLS_CONFIG_H
#define CAPCERT_TLS_CONFIG_H

#include <stdbool.h>
#include <capcert/capcert.h>

#ifdef __cplusplus
extern "C" {
#endif

/** capcert_tls_options - what a config is made from; begin with CAPCERT_TLS_OPTIONS_INIT. */
struct capcert_tls_options {
	uint32_t role;		/* CAPCERT_TLS_SERVER, CAPCERT_TLS_CLIENT */
	uint32_t flags;		/* CAPCERT_TLS_STAPLE, _STAPLE_REQUIRED, _LEGACY_OK */
	uint64_t rights;	/* of the config's handle */
	uint32_t client_auth;	/* server: CAPCERT_TLS_AUTH_* */
	uint32_t min_version;	/* CAPCERT_TLS_12, CAPCERT_TLS_13 */
	uint32_t cipher_policy;	/* CAPCERT_TLS_MODERN, _INTERMEDIATE, _LEGACY */
	int slots_fd;		/* handles; -1 = none */
	int key_fd;
	int verifier_fd;
	int store_fd;
	int pins_fd;
	const char *slots;	  /* server: patterns; NULL = the default slot alone */
	const char *default_slot; /* NULL = none */
	const uint8_t *alpn;	  /* ProtocolNames: octet of length, name, ...; NULL = none */
	size_t alpn_len;
	const char *host;	  /* client: the name, whatever was dialled; NULL = that */
	int32_t ring;		  /* keyring of the key to make, by its serial number; 0 = no key */
	const char *description;  /* of the key */
};
#define CAPCERT_TLS_OPTIONS_INIT                                                              \
	{ .slots_fd = -1, .key_fd = -1, .verifier_fd = -1, .store_fd = -1, .pins_fd = -1,      \
	  .rights = CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_USE }

/**
 * capcert_tls_config_make() - a config of these handles, which stay the caller's.
 * @ret_serial: of the captls key, 0 = none was asked for; may be NULL.
 * Return: 0; -EINVAL a field that the role has not, lacks, or that is malformed; -EACCES a part
 * without a right it needs; -EPERM CAPCERT_TLS_LEGACY without its flag; -EKEYREVOKED, ...
 */
CAPCERT_API int capcert_tls_config_make(const struct capcert_tls_options *options, int *ret_fd,
					int32_t *ret_serial);

/** capcert_tls_description - what a config says. Texts are NUL-terminated, empty = not there. */
struct capcert_tls_description {
	uint32_t role;
	uint32_t flags;
	uint32_t client_auth;
	uint32_t min_version;
	uint32_t cipher_policy;
	uint32_t parts;		/* mask of 1 << CAPCERT_TLS_PART_* */
	uint32_t alpn_len;
	uint8_t alpn[CAPCERT_TLS_MAX_ALPN];
	char default_slot[CAPCERT_SLOT_NAME_SIZE];
	char host[256];
	char slots[CAPCERT_SLOT_MAX_PATTERN_TEXT + 1];
};

/** capcert_tls_config_info() - right INFO. */
CAPCERT_API int capcert_tls_config_info(int tls_fd, struct capcert_tls_description *ret);

/** capcert_tls_config_use() - right USE: a handle of one part (CAPCERT_TLS_PART_*) with what a TLS
 *  end needs of it, bound to this process. @ret_rights may be NULL. Return: 0; -ENOENT the config
 *  has no such part; -EKEYREVOKED, -EKEYEXPIRED, -ENOKEY of a key of any part. */
CAPCERT_API int capcert_tls_config_use(int tls_fd, uint32_t part, int *ret_fd,
				       uint64_t *ret_rights);

/** capcert_tls_alpn() - "h2,http/1.1" as the octets of a ProtocolNameList without its length.
 *  @len: in: room of @ret; out: octets. Return: 0; -EINVAL an empty name, one twice, or over 255
 *  octets; -EMSGSIZE. */
CAPCERT_API int capcert_tls_alpn(const char *names, uint8_t *ret, size_t *len);

/* Texts: "server", "intermediate", "1.3", "required", "verifier"; "?" for numbers that are none.
 * The inverse: the number, or -1. */
CAPCERT_API const char *capcert_tls_role_name(uint32_t role);
CAPCERT_API const char *capcert_tls_policy_name(uint32_t policy);
CAPCERT_API int capcert_tls_policy_parse(const char *text);
CAPCERT_API const char *capcert_tls_version_name(uint32_t version);
CAPCERT_API int capcert_tls_version_parse(const char *text);
CAPCERT_API const char *capcert_tls_auth_name(uint32_t auth);
CAPCERT_API int capcert_tls_auth_parse(const char *text);
CAPCERT_API const char *capcert_tls_part_name(uint32_t part);

#ifdef __cplusplus
}
#endif
#endif
