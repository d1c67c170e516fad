/* SPDX-License-Identifier: GPL-2.0-only */
/* --check-sandbox: try from inside what must be impossible. */
#ifndef KEYD_PROBE_H
#define KEYD_PROBE_H

#include "helpers/keyd/walls.h"

/** probe_sandbox() - see probe_run(); no module is loaded. */
int probe_sandbox(struct walls *walls);

#endif
