// SPDX-License-Identifier: LGPL-2.1-or-later
/* The index of a list: every entry is found, in the list's order, and nothing else. */
#include <errno.h>
#include "libcapcert/evidence.h"
#include "tests/unit/crl_build.h"

#define NUMBER_MAX 40

/* A list that grows entry by entry. */
struct made {
	uint8_t *p;
	size_t n, room;
};

static void put_entry(struct made *m, struct cc_span serial, size_t extra)
{
	static const uint8_t zeros[4000];
	struct cc_span exts = NONE, e;
	size_t mark = der_used;

	if (extra)
		exts = entry_exts(crl_ext("2a0304", false, cc_span(zeros, extra)));
	e = der(0x30, der_wrap(0x02, serial), crl_time("241224180000Z"), exts);
	if (m->n + e.n > m->room) {
		m->room = 2 * (m->room + e.n);
		m->p = realloc(m->p, m->room);
		assert_non_null(m->p);
	}
	memcpy(m->p + m->n, e.p, e.n);
	m->n += e.n;
	der_used = mark;
}

static int make(const struct made *m, const char *version, struct crl **ret)
{
	struct crl_parts p = crl_parts();
	size_t mark = der_used;
	struct cc_span der;
	uint8_t *copy;
	int r;

	p.version = version ? der_hex(version) : NONE;
	p.entries = der_wrap(0x30, cc_span(m->p, m->n));
	der = crl_der(&p);
	copy = malloc(der.n);
	assert_non_null(copy);
	memcpy(copy, der.p, der.n);
	der_used = mark;
	r = crl_new(copy, der.n, ret);
	if (r < 0)
		free(copy);
	return r;
}

/* Number @i of some that differ in length and in all octets, or with @alike in the last ones only. */
static struct cc_span number(uint32_t i, bool alike, uint8_t buf[NUMBER_MAX])
{
	uint32_t n = alike ? 16 : 4 + i % (NUMBER_MAX - 3), k;

	memset(buf, 0x55, NUMBER_MAX);
	for (k = 0; !alike && k < n; k++)
		buf[k] = (uint8_t)((i + 1) * 2654435761u >> (k * 7 % 24));
	buf[0] = 0x40;
	memcpy(buf + n - 3, (uint8_t[]){ (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i }, 3);
	return cc_span(buf, n);
}

static uint32_t times_found(const struct crl *crl, struct cc_span serial)
{
	struct cc_crl_entry e;
	uint32_t from = 0, n = 0;
	const uint8_t *last = NULL;

	while (crl_find(crl, serial, &from, &e)) {
		assert_true(cc_span_equal(e.serial, serial));
		assert_true(e.serial.p > last);
		last = e.serial.p;
		n++;
	}
	return n;
}

/* Of @count entries every one is found once, those that would come next are not, and walking gives
 * them in order. */
static void check_list(uint32_t count, bool alike, size_t extra)
{
	struct made m = { 0 };
	struct cc_crl_entry e;
	uint8_t buf[NUMBER_MAX];
	uint32_t i, at = 0;
	struct crl *crl;

	for (i = 0; i < count; i++)
		put_entry(&m, number(i, alike, buf), i < 64 ? extra : 0);
	assert_int_equal(make(&m, "020101", &crl), 0);
	assert_int_equal(crl->list.entry_count, count);
	for (i = 0; i < count; i++) {
		assert_int_equal(times_found(crl, number(i, alike, buf)), 1);
		assert_true(crl_next(crl, &at, &e));
		assert_true(cc_span_equal(e.serial, cc_span(buf, e.serial.n)));
	}
	assert_false(crl_next(crl, &at, &e));
	for (; i < 2 * count; i++)
		assert_int_equal(times_found(crl, number(i, alike, buf)), 0);
	if (count > 1000)
		assert_true(crl_index_memory(&crl->index) <= 11 * (size_t)count);
	if (count > 10000)
		assert_true(crl_index_memory(&crl->index) <= 8 * (size_t)count);
	crl_free(crl);
	free(m.p);
}

static void finds_every_entry(void **state)
{
	(void)state;
	check_list(1, false, 0);
	check_list(169, false, 0);
	check_list(170, false, 0);
	check_list(171, false, 0);
	check_list(5000, false, 0);
	check_list(5000, true, 0);
	check_list(15000, true, 0);
}

/* The first ones are so large that the number of entries is guessed far too low. */
static void guesses_again(void **state)
{
	(void)state;
	check_list(6000, false, 3000);
	check_list(6000, true, 3000);
}

static void the_same_number_often(void **state)
{
	struct made m = { 0 };
	uint8_t buf[NUMBER_MAX];
	struct crl *crl;
	uint32_t i;

	(void)state;
	for (i = 0; i < 3000; i++)
		put_entry(&m, i % 3 ? number(7, false, buf) : number(100 + i, false, buf), 0);
	assert_int_equal(make(&m, "020101", &crl), 0);
	assert_int_equal(times_found(crl, number(7, false, buf)), 2000);
	assert_int_equal(times_found(crl, number(100, false, buf)), 1);
	assert_int_equal(times_found(crl, number(8, false, buf)), 0);
	crl_free(crl);
	free(m.p);
}

static void refuses_malformed_entries(void **state)
{
	struct made m = { 0 };
	uint8_t buf[NUMBER_MAX];
	struct crl *crl;
	uint32_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		put_entry(&m, number(i, false, buf), 0);
	m.p[m.n / 2] ^= 0x80;
	assert_int_equal(make(&m, "020101", &crl), -EBADMSG);
	m.p[m.n / 2] ^= 0x80;
	m.n--;
	assert_int_equal(make(&m, "020101", &crl), -EBADMSG);
	m.n++;
	put_entry(&m, number(i, false, buf), 8);
	assert_int_equal(make(&m, NULL, &crl), -EBADMSG); /* version 1 has no extensions */
	assert_int_equal(make(&m, "020101", &crl), 0);
	crl_free(crl);
	m.n = 2; /* nothing that could be counted */
	memcpy(m.p, "\x05\x00", 2);
	assert_int_equal(make(&m, "020101", &crl), -EBADMSG);
	free(m.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_every_entry),
		cmocka_unit_test(guesses_again),
		cmocka_unit_test(the_same_number_often),
		cmocka_unit_test(refuses_malformed_entries),
	};

	return cmocka_run_group_tests_name("crl_index", tests, NULL, NULL);
}
