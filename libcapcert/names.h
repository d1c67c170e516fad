/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Is a certificate for this host, address or mailbox? And the caller's text as such a name. */
#ifndef LIBCAPCERT_NAMES_H
#define LIBCAPCERT_NAMES_H

#include <linux/capcert.h>
#include "core/cert.h"

/** names_parse() - what a caller wrote, as it goes into a request: a mailbox (it has an '@'), an
 *  IP literal (brackets allowed), else a host name in lower case without trailing dot.
 *  @text: UTF-8; hosts beyond ASCII are made A-labels after IDNA 2008.
 *  Return: 0; -EINVAL when it is none of them; -ENOMEM. */
int names_parse(const char *text, uint32_t *ret_type, uint8_t ret[CAPCERT_MAX_NAME],
		uint32_t *ret_len);

/** names_valid() - a name of a request is of the form that its type asks for. */
bool names_valid(uint32_t type, struct cc_span name);

/** names_mailbox_valid() - local@host: one '@' outside quotes, visible ASCII, a valid host. */
bool names_mailbox_valid(struct cc_span mailbox);

/** names_split_mailbox() - local@domain: the only '@' that is not inside a quoted local part
 *  (RFC 5321 section 4.1.2). Return: false when it is not of that form. */
bool names_split_mailbox(struct cc_span mailbox, struct cc_span *ret_local,
			 struct cc_span *ret_domain);

/** names_match() - RFC 9525 section 6: only subjectAltName counts, never a common name.
 *  CAPCERT_NAME_NONE matches everything. */
bool names_match(const struct cc_cert *cert, uint32_t type, struct cc_span name);

#endif
