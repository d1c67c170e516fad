/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of Certificate Transparency logs: made once, then used by any number of threads. */
#ifndef CAPCERT_LOGLIST_H
#define CAPCERT_LOGLIST_H

#include <capcert/capcert.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct capcert_loglist capcert_loglist;

#ifdef __cplusplus
}
#endif
#endif
