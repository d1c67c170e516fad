// SPDX-License-Identifier: LGPL-2.1-or-later
/* The part of a ClientHello that must be known before GnuTLS acts on it. */
#include "libcapcert/tls_hello.h"
#include "core/name.h"
#include "core/tls.h"

#define SERVER_NAME 0
#define ALPN 16
#define SUPPORTED_VERSIONS 43
#define HOST_NAME 0
#define TLS_13 0x0304
#define MAX_EXTENSIONS 128

/* A ServerNameList has one name of each type; only one type was ever defined. */
static enum tls_hello_fault read_server_name(struct cc_span data, struct tls_hello *ret)
{
	struct cc_span list, name;
	uint64_t type;
	bool have = false;
	size_t i;

	if (!cc_tls_vector(&data, 2, 1, &list) || data.n)
		return TLS_HELLO_MALFORMED;
	while (list.n) {
		if (!cc_tls_uint(&list, 1, &type) || !cc_tls_vector(&list, 2, 1, &name))
			return TLS_HELLO_MALFORMED;
		if (type != HOST_NAME)
			continue;
		if (have)
			return TLS_HELLO_ILLEGAL;
		have = true;
		/* What is no host name is served as if none had been asked for. */
		if (!cc_hostname_valid(name) || name.n >= sizeof(ret->host))
			continue;
		for (i = 0; i < name.n; i++)
			ret->host[i] =
				(char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] | 0x20
									    : name.p[i]);
		ret->host[name.n] = '\0';
	}
	return TLS_HELLO_OK;
}

static enum tls_hello_fault read_alpn(struct cc_span data, struct tls_hello *ret)
{
	struct cc_span list, name = { 0 };
	unsigned int count = 0;

	if (!cc_tls_vector(&data, 2, 2, &list) || data.n)
		return TLS_HELLO_MALFORMED;
	for (; list.n; count++)
		if (!cc_tls_vector(&list, 1, 1, &name))
			return TLS_HELLO_MALFORMED;
	if (count == 1 && !memchr(name.p, 0, name.n)) {
		memcpy(ret->alpn, name.p, name.n);
		ret->alpn[name.n] = '\0';
	}
	return TLS_HELLO_OK;
}

static enum tls_hello_fault read_versions(struct cc_span data, struct tls_hello *ret)
{
	struct cc_span list;
	uint64_t version;

	if (!cc_tls_vector(&data, 1, 2, &list) || data.n)
		return TLS_HELLO_MALFORMED;
	while (list.n) {
		if (!cc_tls_uint(&list, 2, &version))
			return TLS_HELLO_MALFORMED;
		if (version == TLS_13)
			ret->offers_13 = true;
	}
	return TLS_HELLO_OK;
}

static enum tls_hello_fault read_extensions(struct cc_span list, struct tls_hello *ret)
{
	enum tls_hello_fault fault = TLS_HELLO_OK;
	bool name = false, versions = false, alpn = false;
	struct cc_span data;
	unsigned int count;
	uint64_t type;

	for (count = 0; list.n && fault == TLS_HELLO_OK; count++) {
		if (count == MAX_EXTENSIONS || !cc_tls_uint(&list, 2, &type) ||
		    !cc_tls_vector(&list, 2, 0, &data))
			return TLS_HELLO_MALFORMED;
		if (type == SERVER_NAME) {
			fault = name ? TLS_HELLO_ILLEGAL : read_server_name(data, ret);
			name = true;
		} else if (type == SUPPORTED_VERSIONS) {
			fault = versions ? TLS_HELLO_ILLEGAL : read_versions(data, ret);
			versions = true;
		} else if (type == ALPN) {
			fault = alpn ? TLS_HELLO_ILLEGAL : read_alpn(data, ret);
			alpn = true;
		}
	}
	return fault;
}

enum tls_hello_fault tls_hello_read(struct cc_span body, struct tls_hello *ret)
{
	struct cc_span rest = body, skipped, extensions;

	memset(ret, 0, sizeof(*ret));
	/* legacy_version, random, legacy_session_id, cipher_suites, legacy_compression_methods */
	if (!cc_tls_bytes(&rest, 34, &skipped) || !cc_tls_vector(&rest, 1, 0, &skipped) ||
	    skipped.n > 32 || !cc_tls_vector(&rest, 2, 2, &skipped) || skipped.n % 2 ||
	    !cc_tls_vector(&rest, 1, 1, &skipped))
		return TLS_HELLO_MALFORMED;
	ret->seen = true;
	if (!rest.n) /* TLS 1.2 may do without extensions */
		return TLS_HELLO_OK;
	if (!cc_tls_vector(&rest, 2, 0, &extensions) || rest.n)
		return TLS_HELLO_MALFORMED;
	return read_extensions(extensions, ret);
}
