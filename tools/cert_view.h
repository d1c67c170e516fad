/* SPDX-License-Identifier: GPL-2.0-only */
/* A certificate for people and as JSON. */
#ifndef TOOLS_CERT_VIEW_H
#define TOOLS_CERT_VIEW_H

#include <jansson.h>
#include <capcert/x509_ext.h>

json_t *cert_view_json(const capcert_cert *cert, const struct capcert_cert_view *view,
		       uint32_t kind);
void cert_view_print(const capcert_cert *cert, const struct capcert_cert_view *view, uint32_t kind);

#endif
