/* SPDX-License-Identifier: GPL-2.0-only */
/* --check-sandbox: try from inside what must be impossible. */
#ifndef HELPERS_STATUSD_PROBE_H
#define HELPERS_STATUSD_PROBE_H

#include <sys/types.h>

/** probe_sandbox() - see probe_run(); behind walls_up() with these arguments. */
int probe_sandbox(uid_t uid, gid_t gid, const char *folder);

#endif
