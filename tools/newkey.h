/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes keys of the module's types. */
#ifndef TOOLS_NEWKEY_H
#define TOOLS_NEWKEY_H

#include <stdint.h>

/** newkey() - add_key(2) with permissions for its possessor alone. @text: payload or NULL.
 *  @ring_word: as ref_ring() takes it. Return: serial, 0 after saying why. */
int32_t newkey(const char *type, const char *name, const char *text, const char *ring_word);

/** newkey_say() - which it became. @serial: newkey()'s. Return: EXIT_DONE; EXIT_TROUBLE when it is 0. */
int newkey_say(int32_t serial, const char *name);

#endif
