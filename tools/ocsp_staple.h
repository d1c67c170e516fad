/* SPDX-License-Identifier: GPL-2.0-only */
/* The verb "staple" of capcert ocsp. */
#ifndef TOOLS_OCSP_STAPLE_H
#define TOOLS_OCSP_STAPLE_H

#include "tools/statusd_ask.h"

extern const struct opt ocsp_staple_opts[];

int ocsp_staple(const struct args *args);

#endif
