// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names of rights, reasons, purposes, kinds: the core's, for callers of the library. */
#include <errno.h>
#include <string.h>
#include <capcert/capcert.h>
#include "core/outcome.h"
#include "core/rights.h"

const char *capcert_version(void)
{
	return CAPCERT_VERSION_STRING;
}

int capcert_rights_parse(const char *text, uint32_t kind, uint64_t *ret_rights)
{
	return cc_rights_parse(text, strlen(text), kind, ret_rights) < 0 ? -EINVAL : 0;
}

size_t capcert_rights_format(uint64_t rights, char *buf, size_t cap)
{
	return cc_rights_format(rights, buf, cap);
}

const char *capcert_reason_name(int32_t reason)
{
	return cc_reason_name(reason);
}

const char *capcert_purpose_name(uint32_t purpose)
{
	return cc_purpose_name(purpose);
}

int capcert_purpose_parse(const char *text)
{
	return cc_purpose_parse(text, strlen(text));
}

const char *capcert_kind_name(uint32_t kind)
{
	return cc_kind_name(kind);
}

const char *capcert_kind_key_type(uint32_t kind)
{
	return cc_kind_key_type(kind);
}

const char *capcert_origin_name(uint32_t origin)
{
	return cc_origin_name(origin);
}

const char *capcert_clock_name(uint32_t clock)
{
	return cc_clock_name(clock);
}
