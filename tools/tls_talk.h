/* SPDX-License-Identifier: GPL-2.0-only */
/* A TLS session that is not for waiting, driven from a terminal: capcert tls connect and serve. */
#ifndef TOOLS_TLS_TALK_H
#define TOOLS_TLS_TALK_H

#include <stdbool.h>
#include <capcert/tls.h>

/** tls_shake() - the handshake of a CAPCERT_TLS_NONBLOCK session, to its end. As
 *  capcert_tls_handshake(). */
int tls_shake(capcert_tls *tls);

/** tls_talk() - send what stdin says and write what comes to stdout, until the peer has closed its side.
 *  At the end of stdin a client waits for an answer if it has said anything, and a server closes its
 *  side if it has, and else listens on. Return: 0; -EPIPE stdout takes no more; as
 *  capcert_tls_read(). */
int tls_talk(capcert_tls *tls, bool server);

#endif
