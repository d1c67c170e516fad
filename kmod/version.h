/* SPDX-License-Identifier: GPL-2.0-only */
/* Which version of the module this is, and which profile it was built for. */
#ifndef KMOD_VERSION_H
#define KMOD_VERSION_H

#include <linux/capcert.h>

#define CC_VERSION "0.1.0"

/* Production is the default; `make dev` defines CAPCERT_DEV. */
#ifdef CAPCERT_DEV
#define CC_PROFILE CAPCERT_PROFILE_DEV
#else
#define CC_PROFILE CAPCERT_PROFILE_PRODUCTION
#endif

#endif
