/* SPDX-License-Identifier: GPL-2.0-only */
/* Asking the network what a certificate's addresses say of it: capcert-statusd does, in a process of
 * its own that has nothing else. */
#ifndef TOOLS_STATUSD_ASK_H
#define TOOLS_STATUSD_ASK_H

#include "tools/tool.h"
#include <capcert/x509.h>

enum ask_kind { ASK_OCSP, ASK_CRL };

#define ASK_WHY 200

/** Options that a verb which asks takes: those of @args that are capcert-statusd's. */
#define ASK_OPTS                                                                             \
	{ .name = "allow",                                                                   \
	  .meta = "NETWORK",                                                                 \
	  .many = true,                                                                      \
	  .help = "hosts there may be asked although they are not public: 10.0.0.0/8" },     \
	{ .name = "any-port", .help = "ports other than 80 and 443, too" },                  \
	{ .name = "timeout", .meta = "SECONDS", .help = "for one address; 20 if not given" }

/**
 * statusd_ask() - fetch and verify what there is of this kind about the first certificate of @chain,
 * whose issuer is the second.
 * @why: ASK_WHY bytes; when nothing holds, in words.
 * @ret: malloc()ed DER. Return: EXIT_DONE; EXIT_NO nothing that holds; EXIT_TROUBLE.
 */
int statusd_ask(const struct args *args, const capcert_chain *chain, enum ask_kind kind,
		uint8_t **ret, size_t *ret_len, char *why);

#endif
