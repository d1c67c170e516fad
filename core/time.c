// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* UTCTime and GeneralizedTime in the one form of RFC 5280 section 4.1.2.5, and the calendar. */
#include "core/der.h"
#include "core/text.h"
#include "core/time.h"

#define DAY 86400

static bool leap(int32_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned int month_days(int32_t year, unsigned int month)
{
	static const uint8_t days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && leap(year) ? 29 : days[month - 1];
}

/* Days from 0000-03-01: with the leap day last in its year, months have a closed form. */
static int32_t days_from_march(int32_t year, int32_t month, int32_t day)
{
	int32_t y = month > 2 ? year : year - 1;
	int32_t m = month > 2 ? month - 3 : month + 9;
	/* Year 0 has no March before January: shift by one 400-year cycle. */
	int32_t c = y + 400;

	return c * 365 + c / 4 - c / 100 + c / 400 + (m * 153 + 2) / 5 + day - 1;
}

/* days_from_march(1970, 1, 1) */
#define EPOCH 865565

bool cc_time_from_civil(const struct cc_civil *c, int64_t *ret)
{
	int64_t days;

	if (c->year < 0 || c->year > 9999 || c->month < 1 || c->month > 12 || c->day < 1 ||
	    c->day > month_days(c->year, c->month) || c->hour > 23 || c->minute > 59 ||
	    c->second > 59)
		return false;
	days = days_from_march(c->year, c->month, c->day) - EPOCH;
	*ret = days * DAY + c->hour * 3600 + c->minute * 60 + c->second;
	return true;
}

/* Limits of cc_time_to_civil(): 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z. */
#define TIME_MIN (-62167219200LL)
#define TIME_MAX 253402300799LL

/* Days from 0000-01-01 to the first of January of @year. */
static uint32_t days_before(uint32_t year)
{
	return year * 365 + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
}

bool cc_time_to_civil(int64_t time, struct cc_civil *ret)
{
	uint32_t days, second, year, rest, month;
	uint64_t since;

	if (time < TIME_MIN || time > TIME_MAX)
		return false;
	since = (uint64_t)(time - TIME_MIN);
	days = (uint32_t)(since / DAY);
	second = (uint32_t)(since % DAY);
	/* The mean year puts it in the right one or, near New Year, in the next. */
	year = (uint32_t)((uint64_t)days * 400 / 146097) + 1;
	while (days < days_before(year))
		year--;
	rest = days - days_before(year);
	for (month = 1; rest >= month_days((int32_t)year, month); month++)
		rest -= month_days((int32_t)year, month);
	ret->year = (int32_t)year;
	ret->month = (uint8_t)month;
	ret->day = (uint8_t)(rest + 1);
	ret->hour = (uint8_t)(second / 3600);
	ret->minute = (uint8_t)(second / 60 % 60);
	ret->second = (uint8_t)(second % 60);
	return true;
}

/* Two decimal digits, or a number above 99. */
static unsigned int two(const uint8_t *p)
{
	unsigned int a = p[0] - (unsigned int)'0', b = p[1] - (unsigned int)'0';

	return a > 9 || b > 9 ? 255 : a * 10 + b;
}

static bool month_to_second(const uint8_t *p, int32_t year, int64_t *ret)
{
	struct cc_civil c;

	c.year = year;
	c.month = (uint8_t)two(p);
	c.day = (uint8_t)two(p + 2);
	c.hour = (uint8_t)two(p + 4);
	c.minute = (uint8_t)two(p + 6);
	c.second = (uint8_t)two(p + 8);
	return p[10] == 'Z' && cc_time_from_civil(&c, ret);
}

bool cc_time_utc(struct cc_span body, int64_t *ret)
{
	unsigned int year;

	if (body.n != 13)
		return false;
	year = two(body.p);
	if (year > 99)
		return false;
	return month_to_second(body.p + 2, (int32_t)(year >= 50 ? 1900 + year : 2000 + year), ret);
}

bool cc_time_generalized(struct cc_span body, int64_t *ret)
{
	unsigned int century, year;

	if (body.n != 15)
		return false;
	century = two(body.p);
	year = two(body.p + 2);
	if (century > 99 || year > 99)
		return false;
	return month_to_second(body.p + 4, (int32_t)(century * 100 + year), ret);
}

/* 2050-01-01T00:00:00Z */
#define YEAR_2050 2524608000LL

bool cc_time_get(struct cc_span *in, int64_t *ret, bool *odd)
{
	struct cc_span rest = *in, body;
	int64_t time;
	uint8_t tag;

	if (cc_der_any(&rest, &tag, &body))
		return false;
	if (tag == CC_DER_UTC_TIME) {
		if (!cc_time_utc(body, &time))
			return false;
	} else if (tag == CC_DER_GENERALIZED_TIME) {
		if (!cc_time_generalized(body, &time))
			return false;
		if (time < YEAR_2050)
			*odd = true;
	} else {
		return false;
	}
	*in = rest;
	*ret = time;
	return true;
}

static void put_digits(struct cc_text *t, uint32_t value, unsigned int digits)
{
	uint32_t unit = 1;

	while (--digits)
		unit *= 10;
	for (; unit; unit /= 10)
		cc_text_char(t, (char)('0' + value / unit % 10));
}

size_t cc_time_format(int64_t time, char *buf, size_t cap)
{
	struct cc_text t = cc_text(buf, cap);
	struct cc_civil c;

	if (!cc_time_to_civil(time, &c)) {
		cc_text_char(&t, '?');
		return cc_text_end(&t);
	}
	put_digits(&t, (uint32_t)c.year, 4);
	cc_text_char(&t, '-');
	put_digits(&t, c.month, 2);
	cc_text_char(&t, '-');
	put_digits(&t, c.day, 2);
	cc_text_char(&t, 'T');
	put_digits(&t, c.hour, 2);
	cc_text_char(&t, ':');
	put_digits(&t, c.minute, 2);
	cc_text_char(&t, ':');
	put_digits(&t, c.second, 2);
	cc_text_char(&t, 'Z');
	return cc_text_end(&t);
}
