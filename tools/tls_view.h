/* SPDX-License-Identifier: GPL-2.0-only */
/* What was found out by a TLS handshake, for people and as JSON. */
#ifndef TOOLS_TLS_VIEW_H
#define TOOLS_TLS_VIEW_H

#include "tools/tls_setup.h"

/** tls_view() - verdict with its path, what was agreed, staple, SCTs, and with --explain why.
 *  @handshake: what capcert_tls_handshake() returned.
 *  Return: EXIT_DONE valid, EXIT_NO refused, or another status after saying why. */
int tls_view(const struct args *args, const struct tls_setup *setup, const capcert_tls *tls,
	     int handshake);

/** tls_version_text() - "TLS 1.3"; "none" before that is agreed. */
const char *tls_version_text(const struct capcert_tls_session *s);
/** tls_session_json() - what was agreed. */
json_t *tls_session_json(const struct capcert_tls_session *s);

#endif
