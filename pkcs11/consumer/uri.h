/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* URIs that name a token and what is in it (RFC 7512), without anything that is not for them to say. */
#ifndef PKCS11_CONSUMER_URI_H
#define PKCS11_CONSUMER_URI_H

#include <stdbool.h>
#include <p11-kit/uri.h>

/** uri_parse() - @object: it must name an object, by id or object label. A "type" that is not private
 *  is refused. @ret: p11_kit_uri_free() it. Return: 0, -EINVAL, -ENOMEM. */
int uri_parse(const char *text, bool object, P11KitUri **ret);

/** uri_of_key() - the URI of a private key: token, serial, id; the label where there is no id.
 *  @ret: @cap bytes. Return: 0, -EMSGSIZE, -ENOMEM. */
int uri_of_key(const CK_TOKEN_INFO *token, const CK_ATTRIBUTE *id, const CK_ATTRIBUTE *label, char *ret,
	       size_t cap);

#endif
