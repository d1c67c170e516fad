/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Times as DER writes them and as people read them; the value is seconds since 1970, UTC. */
#ifndef CORE_TIME_H
#define CORE_TIME_H

#include "core/span.h"

struct cc_civil {
	int32_t year; /* 0..9999 */
	uint8_t month; /* 1..12 */
	uint8_t day;   /* 1..31 */
	uint8_t hour;
	uint8_t minute;
	uint8_t second;
};

/** cc_time_from_civil() - proleptic Gregorian calendar, no leap seconds. False when the date or
 *  time does not exist. */
bool cc_time_from_civil(const struct cc_civil *civil, int64_t *ret);

/** cc_time_to_civil() - the inverse; false outside the years 0 to 9999. */
bool cc_time_to_civil(int64_t time, struct cc_civil *ret);

/** cc_time_utc() - UTCTime contents, YYMMDDHHMMSSZ; YY 50 and above is 19YY. */
bool cc_time_utc(struct cc_span body, int64_t *ret);

/** cc_time_generalized() - GeneralizedTime contents, YYYYMMDDHHMMSSZ, no fraction. */
bool cc_time_generalized(struct cc_span body, int64_t *ret);

/** cc_time_get() - take one Time (RFC 5280 section 4.1.2.5). @odd is set when a year before 2050
 *  stands as GeneralizedTime: CAs must not write it, everybody must read it. */
bool cc_time_get(struct cc_span *in, int64_t *ret, bool *odd);

/** cc_time_format() - "2026-01-31T23:59:59Z", "?" outside the years 0 to 9999.
 *  Return: length without NUL; cut at @cap - 1. CC_TIME_TEXT always suffices. */
#define CC_TIME_TEXT 21
size_t cc_time_format(int64_t time, char *buf, size_t cap);

#endif
