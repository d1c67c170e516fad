/* SPDX-License-Identifier: GPL-2.0-only */
/* A bundle from the words of a command line. */
#ifndef TOOLS_BUNDLE_MAKE_H
#define TOOLS_BUNDLE_MAKE_H

#include <capcert/bundle.h>
#include "tools/opt.h"

/** bundle_make() - the content. @ret: freed by the caller. Return: EXIT_DONE or another status after
 *  saying why. */
int bundle_make(const struct args *args, uint8_t **ret, size_t *ret_len);

#endif
