/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What decides, before anything else is done, which certificate a handshake is about. */
#ifndef LIBCAPCERT_TLS_HELLO_H
#define LIBCAPCERT_TLS_HELLO_H

#include "core/span.h"

struct tls_hello {
	bool seen;
	char host[256]; /* server_name (RFC 6066 section 3) in lower case; "" = none, or none that
			 * is a host name */
	char alpn[256]; /* the protocol (RFC 7301), if just one is offered; "" = none, several, or one
			 * with a NUL in it */
	bool offers_13; /* supported_versions (RFC 8446 section 4.2.1) */
};

enum tls_hello_fault { TLS_HELLO_OK, TLS_HELLO_MALFORMED, TLS_HELLO_ILLEGAL };

/** tls_hello_read() - the body of a ClientHello (RFC 8446 section 4.1.2). Return: MALFORMED: its
 *  lengths do not fit; ILLEGAL: an extension stands there twice, or a name is empty. */
enum tls_hello_fault tls_hello_read(struct cc_span body, struct tls_hello *ret);

#endif
