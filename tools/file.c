// SPDX-License-Identifier: GPL-2.0-only
/* Reads and writes files of certificates. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tools/file.h"
#include "tools/opt.h"
#include "tools/out.h"

#define FILE_MAX (16u << 20)
#define CRL_FILE_MAX (96u << 20) /* 64 MiB in PEM */

static int read_all(int fd, const char *path, size_t max, uint8_t **ret, size_t *ret_len)
{
	size_t cap = 65536, len = 0;
	uint8_t *data = NULL;

	for (;;) {
		uint8_t *more = realloc(data, cap);
		ssize_t n;

		if (!more) {
			free(data);
			return fail_errno(-ENOMEM, "%s", path);
		}
		data = more;
		n = read(fd, data + len, cap - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			free(data);
			return fail(EXIT_TROUBLE, "%s: %s", path, strerror(errno));
		}
		if (!n)
			break;
		len += (size_t)n;
		if (len > max) {
			free(data);
			return fail(EXIT_TROUBLE, "%s: larger than %zu MiB", path, max >> 20);
		}
		if (len == cap)
			cap *= 2;
	}
	*ret = data;
	*ret_len = len;
	return EXIT_DONE;
}

static int read_file(const char *path, size_t max, uint8_t **ret, size_t *ret_len)
{
	int fd, r;

	if (!strcmp(path, "-"))
		return read_all(STDIN_FILENO, "standard input", max, ret, ret_len);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(EXIT_TROUBLE, "%s: %s", path, strerror(errno));
	r = read_all(fd, path, max, ret, ret_len);
	close(fd);
	return r;
}

int file_read(const char *path, uint8_t **ret, size_t *ret_len)
{
	return read_file(path, FILE_MAX, ret, ret_len);
}

int file_read_large(const char *path, uint8_t **ret, size_t *ret_len)
{
	return read_file(path, CRL_FILE_MAX, ret, ret_len);
}

int crls_load(const char *path, capcert_evidence *evidence)
{
	uint8_t *data;
	size_t len;
	int r = read_file(path, CRL_FILE_MAX, &data, &len);

	if (r)
		return r;
	r = capcert_evidence_put_crl(evidence, data, len);
	free(data);
	switch (r) {
	case 0:
	case -EEXIST:
		return EXIT_DONE;
	case -EBADMSG:
		return fail(EXIT_TROUBLE, "%s: no revocation list, or a malformed one", path);
	case -EMSGSIZE:
		return fail(EXIT_TROUBLE, "%s: a list is larger than 64 MiB, or there are too many",
			    path);
	default:
		return fail_errno(r, "%s", path);
	}
}

int ocsp_load(const char *path, bool staple, capcert_evidence *evidence)
{
	uint8_t *data;
	size_t len;
	int r = file_read(path, &data, &len);

	if (r)
		return r;
	r = staple ? capcert_evidence_put_staple(evidence, data, len)
		   : capcert_evidence_put_ocsp(evidence, data, len);
	free(data);
	switch (r) {
	case 0:
		return EXIT_DONE;
	case -EEXIST:
		return staple ? fail(EXIT_USAGE, "--staple only once") : EXIT_DONE;
	case -EBADMSG:
		r = fail(EXIT_TROUBLE, "%s: no OCSP response, or a malformed one", path);
		advise("capcert ocsp show %s says what is wrong", path);
		return r;
	case -EMSGSIZE:
		return fail(EXIT_TROUBLE, "%s: larger than 128 KiB, or too many responses", path);
	default:
		return fail_errno(r, "%s", path);
	}
}

static int push(struct cert_list *list, const uint8_t *data, size_t len, const char *path)
{
	capcert_cert **more = reallocarray(list->certs, list->count + 1, sizeof(*more));
	const char *why = NULL;
	int r;

	if (!more)
		return fail_errno(-ENOMEM, "%s", path);
	list->certs = more;
	r = capcert_cert_new(data, len, &more[list->count], &why);
	if (r == -EBADMSG)
		return fail(EXIT_TROUBLE, "%s: certificate %zu: %s", path, list->count + 1,
			    why ? why : "malformed");
	if (r)
		return fail_errno(r, "%s: certificate %zu", path, list->count + 1);
	list->count++;
	return EXIT_DONE;
}

static int load_pem(const char *path, const char *text, size_t len, struct cert_list *list)
{
	static const char begin[] = "-----BEGIN ", end[] = "-----END ", dashes[] = "-----";
	const char *at = text, *stop = text + len;
	int r;

	for (;;) {
		const char *block = memmem(at, (size_t)(stop - at), begin, sizeof(begin) - 1);
		const char *label, *close;

		if (!block)
			return EXIT_DONE;
		label = block + sizeof(begin) - 1;
		close = memmem(label, (size_t)(stop - label), end, sizeof(end) - 1);
		if (close)
			close = memmem(close + sizeof(end) - 1,
				       (size_t)(stop - close) - (sizeof(end) - 1), dashes,
				       sizeof(dashes) - 1);
		if (!close)
			return fail(EXIT_TROUBLE, "%s: a PEM block has no END line", path);
		close += sizeof(dashes) - 1;
		if (!strncmp(label, "CERTIFICATE-----", 16) ||
		    !strncmp(label, "X509 CERTIFICATE-----", 21)) {
			r = push(list, (const uint8_t *)block, (size_t)(close - block), path);
			if (r)
				return r;
		}
		at = close;
	}
}

/* Size of the DER SEQUENCE at @p, all that is left when its length cannot be told: parsing says
 * why. */
static size_t der_size(const uint8_t *p, size_t len)
{
	size_t octets, size = 0, i;

	if (len < 2 || p[0] != 0x30)
		return len;
	if (p[1] < 0x80)
		return (size_t)p[1] + 2 < len ? (size_t)p[1] + 2 : len;
	octets = p[1] & 0x7f;
	if (!octets || octets > 3 || len < 2 + octets)
		return len;
	for (i = 0; i < octets; i++)
		size = size << 8 | p[2 + i];
	size += 2 + octets;
	return size < len ? size : len;
}

static bool is_pem(const uint8_t *data, size_t len)
{
	return memmem(data, len, "-----BEGIN ", 11) != NULL;
}

static int parse_certs(const char *path, const uint8_t *data, size_t len, struct cert_list *list)
{
	size_t before = list->count, at = 0;
	int r = EXIT_DONE;

	if (is_pem(data, len)) {
		r = load_pem(path, (const char *)data, len, list);
	} else {
		while (!r && at < len) {
			size_t size = der_size(data + at, len - at);

			r = push(list, data + at, size, path);
			at += size;
		}
	}
	if (!r && list->count == before)
		r = fail(EXIT_TROUBLE, "%s: no certificate in it (PEM or DER is expected)", path);
	return r;
}

/* Is this a trust anchor of another kind (RFC 5914)? A store knows. */
static bool is_anchor(const uint8_t *data, size_t len)
{
	capcert_store *store;
	int r;

	if (is_pem(data, len) || capcert_store_new(&store))
		return false;
	r = capcert_store_put_anchor(store, data, len, 0);
	capcert_store_free(store);
	return r == 0 || r == -EINVAL || r == -EEXIST;
}

int certs_load(const char *path, struct cert_list *list)
{
	uint8_t *data;
	size_t len;
	int r = file_read(path, &data, &len);

	if (r)
		return r;
	r = parse_certs(path, data, len, list);
	if (r && is_anchor(data, len))
		advise("it holds trust anchors (RFC 5914), no certificates; capcert verify --local "
		       "takes them with --roots");
	free(data);
	return r;
}

static int put_certs(const char *path, const struct cert_list *list, uint32_t purposes,
		     capcert_store *store)
{
	size_t i, len;

	for (i = 0; i < list->count; i++) {
		const uint8_t *der = capcert_cert_der(list->certs[i], &len);
		int e = capcert_store_put(store, der, len, purposes);

		if (e && e != -EEXIST)
			return fail_errno(e, "%s: certificate %zu", path, i + 1);
	}
	return EXIT_DONE;
}

int roots_load(const char *path, uint32_t purposes, capcert_store *store)
{
	struct cert_list list = { 0 };
	size_t len;
	uint8_t *data;
	int e = -EBADMSG, r = file_read(path, &data, &len);

	if (r)
		return r;
	if (!is_pem(data, len))
		e = capcert_store_put_anchor(store, data, len, purposes);
	if (e == -EBADMSG) {
		r = parse_certs(path, data, len, &list);
		if (!r)
			r = put_certs(path, &list, purposes, store);
	} else if (e == -EINVAL) {
		r = fail(EXIT_TROUBLE,
			 "%s: a trust anchor without a name, in which no path can end", path);
	} else if (e == -EEXIST) {
		r = fail(EXIT_TROUBLE,
			 "%s: the same anchor stands in the roots with other constraints", path);
	} else if (e) {
		r = fail_errno(e, "%s", path);
	}
	certs_free(&list);
	free(data);
	return r;
}

void certs_free(struct cert_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		capcert_cert_free(list->certs[i]);
	free(list->certs);
	list->certs = NULL;
	list->count = 0;
}

int certs_to_chain(const struct cert_list *list, capcert_chain **ret)
{
	capcert_chain *chain;
	size_t i;
	int r = capcert_chain_new(&chain);

	for (i = 0; !r && i < list->count; i++) {
		r = capcert_chain_push(chain, list->certs[i]);
		if (r)
			capcert_chain_free(chain);
	}
	if (r)
		return fail_errno(r, "the chain of %zu certificates", list->count);
	*ret = chain;
	return EXIT_DONE;
}

char *base64_text(const uint8_t *p, size_t n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *text = malloc((n + 2) / 3 * 4 + 1), *to = text;
	size_t i;

	if (!text)
		return NULL;
	for (i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16 | (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) |
			     (i + 2 < n ? p[i + 2] : 0);

		*to++ = digits[v >> 18];
		*to++ = digits[v >> 12 & 63];
		*to++ = i + 1 < n ? digits[v >> 6 & 63] : '=';
		*to++ = i + 2 < n ? digits[v & 63] : '=';
	}
	*to = '\0';
	return text;
}

void file_put_pem(FILE *f, const uint8_t *der, size_t len)
{
	char *text = base64_text(der, len);
	const char *at = text;

	fputs("-----BEGIN CERTIFICATE-----\n", f);
	while (at && *at)
		at += fprintf(f, "%.64s\n", at) - 1;
	fputs("-----END CERTIFICATE-----\n", f);
	free(text);
}
