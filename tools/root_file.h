/* SPDX-License-Identifier: GPL-2.0-only */
/* One root of the curated set: four lines that say what it is, then one certificate in PEM. */
#ifndef TOOLS_ROOT_FILE_H
#define TOOLS_ROOT_FILE_H

#include <stdbool.h>
#include <capcert/x509.h>

#define ROOT_SOURCE_NSS "Mozilla NSS certdata.txt (CKT_NSS_TRUSTED_DELEGATOR, server auth)"

struct root_file {
	char label[256];
	uint32_t hash;	  /* as the header says */
	uint8_t sha1[20]; /* as the header says */
	capcert_cert *cert;
};

/** root_stem() - the label as a file's name without extension: every octet but ASCII letters and digits
 *  becomes '_', runs of it one, none at the ends. "root" when nothing is left. @buf is returned. */
char *root_stem(const char *label, char *buf, size_t cap);

/** root_file_text() - the file of @cert, malloc()ed. Return: 0 or a negative errno. */
int root_file_text(const char *label, capcert_cert *cert, char **ret, size_t *ret_len);

/** root_file_parse() - @data is the whole file, with a NUL behind it. What the header says is read, not
 *  compared: root_file_check() does. @ret->cert is the caller's.
 *  Return: 0, or -EBADMSG with a line in @error, or -ENOMEM. */
int root_file_parse(const char *data, size_t len, struct root_file *ret, char *error, size_t cap);

/** root_file_check() - is the header that of the certificate? NULL, or what lies, in @error. */
const char *root_file_check(const struct root_file *file, char *error, size_t cap);

#endif
