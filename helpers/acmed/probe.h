/* SPDX-License-Identifier: GPL-2.0-only */
/* --check-sandbox: try from inside what must be impossible. */
#ifndef HELPERS_ACMED_PROBE_H
#define HELPERS_ACMED_PROBE_H

#include <sys/types.h>

/** probe_sandbox() - in a process of its own for each part that has walls; says on stderr what was tried. @folder: of the
 *  state. Return: number of attempts that were not refused, or -errno when walls could not be put up. */
int probe_sandbox(uid_t uid, gid_t gid, const char *folder);

#endif
