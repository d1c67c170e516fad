/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading a list's entries in one pass with whatever else is made of them. Nearly all entries there
 * are have one of two forms, and those are recognized without taking them apart:
 *
 *	30 LL  02 NN <serial number>  17 0d YYMMDDHHMMSSZ
 *	30 LL  02 NN <serial number>  17 0d YYMMDDHHMMSSZ  30 0c 30 0a 06 03 55 1d 15 04 03 0a 01 RR
 *
 * Whatever else is there is for cc_crl_entry_next() to judge. */
#ifndef CORE_CRL_ENTRY_H
#define CORE_CRL_ENTRY_H

#include "core/crl.h"

/** cc_crl_parse_around() - cc_crl_parse() of all but the entries. The list must not be used before
 *  cc_crl_entry_read() has read crl->entries to their end, and cc_crl_entries_end() has returned
 *  CC_CRL_OK: then @ret is what cc_crl_parse() would have made. */
int cc_crl_parse_around(struct cc_span der, struct cc_crl *ret);

/** cc_crl_entries_end() - what can be said when all entries have been read. */
int cc_crl_entries_end(const struct cc_crl *crl);

struct cc_crl_read {
	uint32_t size;	       /* octets of the entry, 0: malformed */
	uint32_t present;      /* mask of CC_CRL_ENTRY_EXT_BIT */
	struct cc_span serial; /* content octets, in place */
};

/** cc_crl_entry_other() - read the entry at @p, of the @n octets that are there, and note in @crl
 *  what cc_crl_parse() would note of it. */
struct cc_crl_read cc_crl_entry_other(struct cc_crl *crl, const uint8_t *p, size_t n);

#define CC_CRL_DATE 13			     /* octets of a UTCTime */
#define CC_CRL_PLAIN_MIN (2 + 2 + 1 + 2 + CC_CRL_DATE) /* of an entry of the first form */
#define CC_CRL_REASON_EXTS 14		     /* more in the second */

static inline uint64_t cc_crl_octets(const uint8_t *p)
{
	return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 |
	       (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
	       (uint64_t)p[6] << 8 | p[7];
}

/* YYMMDDHHMMSSZ, a day that every year has: eight digits at a time, and two of them as a number of
 * sixteen bits, tens and units apart, which is in the order of what they stand for. */
static inline bool cc_crl_date_plain(const uint8_t *p)
{
	static const uint16_t days[13] = { 0x000, 0x301, 0x208, 0x301, 0x300, 0x301, 0x300,
					   0x301, 0x301, 0x300, 0x301, 0x300, 0x301 };
	const uint64_t high = 0x8080808080808080ULL, high16 = 0x8000800080008000ULL;
	uint64_t date = cc_crl_octets(p) ^ 0x3030303030303030ULL;     /* YYMMDDHH */
	uint64_t time = cc_crl_octets(p + 4) ^ 0x3030303030303030ULL; /* DDHHMMSS */
	uint64_t bad;
	uint32_t month, day;

	/* An octet above 9 gets its highest bit, or had it. */
	bad = ((date + 0x7676767676767676ULL) | date | (time + 0x7676767676767676ULL) | time) &
	      high;
	/* So does a pair above 12 (month), 31, 23, 59, 59. */
	bad |= ((date + 0x00007efd00000000ULL) | (time + 0x7cfe7dfc7af67af6ULL)) & high16;
	if (bad)
		return false;
	month = (uint32_t)(date >> 40 & 0xff) * 10 + (uint32_t)(date >> 32 & 0xff);
	day = (uint32_t)(time >> 48);
	return day - 1 < days[month] && p[12] == 'Z';
}

/** cc_crl_entry_plain() - size of the entry at @p, of the @n octets that are there, when it is of
 *  one of the two forms and good; else 0.
 *  @present: gets CC_CRL_ENTRY_EXT_BIT(REASON) if it has one. */
static inline uint32_t cc_crl_entry_plain(const uint8_t *p, size_t n, uint32_t *present)
{
	uint32_t len, serial, first;
	const uint8_t *q;

	if (n < CC_CRL_PLAIN_MIN)
		return 0;
	len = p[1];
	serial = p[3];
	if (p[0] != 0x30 || p[2] != 0x02 || len >= 0x80 || len + 2 > n)
		return 0;
	/* Minimal: the first nine bits are not all the same (cc_der_integer_valid()). */
	first = ((uint32_t)p[4] << 8 | p[5]) >> 7;
	if (serial < 2 || ((first + 1) & 0x1ff) < 2)
		return 0;
	q = p + 4 + serial;
	if (len != serial + 2 + 2 + CC_CRL_DATE) {
		if (len != serial + 2 + 2 + CC_CRL_DATE + CC_CRL_REASON_EXTS)
			return 0;
		if (cc_crl_octets(q + 15) != 0x300c300a0603551dULL ||
		    (cc_crl_octets(q + 21) & ~(uint64_t)0x7f) != 0x551d1504030a0100ULL)
			return 0;
		*present |= CC_CRL_ENTRY_EXT_BIT(REASON);
	}
	if (q[0] != 0x17 || q[1] != CC_CRL_DATE || !cc_crl_date_plain(q + 2))
		return 0;
	return len + 2;
}

/** cc_crl_entry_read() - cc_crl_entry_other(), at once where the entry is plain. By value, so that
 *  a loop keeps it in registers. */
static inline struct cc_crl_read cc_crl_entry_read(struct cc_crl *crl, const uint8_t *p, size_t n)
{
	struct cc_crl_read read = { .present = 0 };

	read.size = cc_crl_entry_plain(p, n, &read.present);
	if (read.size == 0)
		return cc_crl_entry_other(crl, p, n);
	crl->entry_count++;
	if (read.present)
		crl->entry_present |= read.present;
	read.serial = cc_span(p + 4, p[3]);
	return read;
}

#endif
