/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our own form of lists of CT logs, docs/ct.md. */
#ifndef LIBCAPCERT_LOGLIST_JSON_H
#define LIBCAPCERT_LOGLIST_JSON_H

#define LOGLIST_JSON_FORMAT "capcert ct-logs 1"

#endif
