/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of certificates: PEM with any number of them, or DER one after another. */
#ifndef TOOLS_FILE_H
#define TOOLS_FILE_H

#include <stdbool.h>
#include <stdio.h>
#include <capcert/verify.h>

/** The whole of @path ("-" = stdin), at most 16 MiB, freed by the caller.
 *  Return: EXIT_DONE, or another status after saying why. */
int file_read(const char *path, uint8_t **ret, size_t *ret_len);

struct cert_list {
	capcert_cert **certs;
	size_t count;
};

/** file_read_large() - the same, for revocation lists: at most 96 MiB. */
int file_read_large(const char *path, uint8_t **ret, size_t *ret_len);

/** Every certificate of @path, appended to @list. Refuses files with none, or with one that does
 *  not parse. Return: as file_read(). */
int certs_load(const char *path, struct cert_list *list);
void certs_free(struct cert_list *list);

/** Anchors of @path into @store: certificates as above, or trust anchors as RFC 5914 writes them, in
 *  DER. Return: as file_read(). */
int roots_load(const char *path, uint32_t purposes, capcert_store *store);

/** All of them as a chain, leaf first. */
int certs_to_chain(const struct cert_list *list, capcert_chain **ret);

/** The revocation lists of @path: PEM with any number of them, or one in DER. Return: as
 *  file_read(). */
int crls_load(const char *path, capcert_evidence *evidence);

/** An OCSP response of @path, in DER; @staple: the one of the handshake. Return: as file_read(). */
int ocsp_load(const char *path, bool staple, capcert_evidence *evidence);

/** Base64 in lines of 64 between BEGIN and END CERTIFICATE (RFC 7468). */
void file_put_pem(FILE *f, const uint8_t *der, size_t len);

/** Base64 on one line, malloc()ed. */
char *base64_text(const uint8_t *p, size_t n);

#endif
