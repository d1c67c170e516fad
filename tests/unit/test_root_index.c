// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lookup by subject hash: order, sequence numbers, collisions, and names that are none. */

#include "tests/unit/cert_build.h"
#include <errno.h>
#include <capcert/root_index.h>

#define CN "550403"

/* Same canonical subject, hence the same hash, for every spelling of "root". */
static capcert_cert *make(const char *cn, const char *serial)
{
	struct cert_parts p = cert_parts();
	capcert_cert *cert;
	struct cc_span bytes;

	p.subject =
		der(0x30,
		    der(0x31, der(0x30, der_wrap(0x06, der_hex(CN)), der_wrap(0x0c, der_str(cn)))));
	p.serial = der_wrap(0x02, der_hex(serial));
	bytes = cert_der(&p);
	if (capcert_cert_new(bytes.p, bytes.n, &cert, NULL))
		fail_msg("%s is no certificate", cn);
	return cert;
}

static void release(capcert_cert **certs, size_t n)
{
	while (n)
		capcert_cert_free(certs[--n]);
}

static void order_and_collisions(void **state)
{
	capcert_cert *certs[] = { make("root", "02"), make("Root", "01"), make("other", "01"),
				  make("root", "01") };
	const char *labels[] = { "r2", "R1", NULL, "r1" };
	capcert_cert *backwards[] = { certs[3], certs[2], certs[1], certs[0] };
	const struct capcert_root *all, *found;
	capcert_root_index *index, *again;
	uint32_t hash, other;
	size_t i, n;
	char name[24];

	assert_int_equal(capcert_root_index_new(certs, labels, 4, &index), 0);
	assert_int_equal(capcert_root_index_count(index), 4);
	all = capcert_root_index_all(index);
	assert_int_equal(capcert_cert_subject_hash(certs[0], &hash), 0);
	assert_int_equal(capcert_cert_subject_hash(certs[2], &other), 0);
	assert_int_not_equal(hash, other);

	found = capcert_root_index_by_hash(index, hash, &n);
	assert_int_equal(n, 3);
	/* By subject octets ("Root" before "root"), then by the whole. */
	assert_string_equal(found[0].label, "R1");
	assert_string_equal(found[1].label, "r1");
	assert_string_equal(found[2].label, "r2");
	assert_int_equal(found[2].sequence, 2);
	snprintf(name, sizeof(name), "%08x.2", hash);
	assert_string_equal(found[2].hash_name, name);
	assert_ptr_equal(capcert_root_index_lookup(index, name), &found[2]);

	found = capcert_root_index_by_hash(index, other, &n);
	assert_int_equal(n, 1);
	assert_string_equal(found->label, "");
	assert_null(capcert_root_index_by_hash(index, hash ^ other ^ 1, &n));
	assert_int_equal(n, 0);

	assert_int_equal(capcert_root_index_new(backwards, NULL, 4, &again), 0);
	for (i = 0; i < 4; i++)
		assert_ptr_equal(all[i].cert, capcert_root_index_all(again)[i].cert);
	capcert_root_index_free(again);
	capcert_root_index_free(index);
	release(certs, 4);
}

static void by_subject(void **state)
{
	capcert_cert *certs[] = { make("root", "02"), make("Root", "01"), make("root", "01") };
	const struct capcert_root *found;
	const uint8_t *subject;
	capcert_root_index *index;
	size_t n, len;

	assert_int_equal(capcert_root_index_new(certs, NULL, 3, &index), 0);
	subject = capcert_cert_subject(certs[0], &len);
	found = capcert_root_index_by_subject(index, subject, len, &n);
	assert_int_equal(n, 2);
	assert_ptr_equal(found[0].cert, certs[2]);
	assert_ptr_equal(found[1].cert, certs[0]);
	/* The spelling counts: the same hash is not the same subject. */
	subject = capcert_cert_subject(certs[1], &len);
	found = capcert_root_index_by_subject(index, subject, len, &n);
	assert_int_equal(n, 1);
	assert_ptr_equal(found[0].cert, certs[1]);
	assert_null(capcert_root_index_by_subject(index, subject, len - 1, &n));
	assert_int_equal(n, 0);
	assert_null(capcert_root_index_by_subject(index, (const uint8_t *)"\x30\x00", 2, &n));
	capcert_root_index_free(index);
	release(certs, 3);
}

static void names(void **state)
{
	capcert_cert *certs[] = { make("root", "01") };
	capcert_root_index *index;
	char name[40];
	uint32_t hash;
	size_t i;
	const char *const bad[] = { "",
				    "x",
				    "062cdee6",
				    "062cdee6.",
				    "062cdee.0",
				    "062cdee6.x",
				    "062cdee6.00",
				    "062cdee6.01",
				    "062cdee6.-1",
				    "062cdee6-0",
				    "062cdee6.0 ",
				    "062cdee60.0",
				    "062cdee6.99999999999999999999999" };

	assert_int_equal(capcert_root_index_new(certs, NULL, 1, &index), 0);
	assert_int_equal(capcert_cert_subject_hash(certs[0], &hash), 0);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_null(capcert_root_index_lookup(index, bad[i]));
		/* With the right hash in front, where there is room for it. */
		snprintf(name, sizeof(name), "%08x%s", hash, strlen(bad[i]) > 8 ? bad[i] + 8 : "");
		assert_null(capcert_root_index_lookup(index, name));
	}
	snprintf(name, sizeof(name), "%07xg.0", hash >> 4);
	assert_null(capcert_root_index_lookup(index, name));
	snprintf(name, sizeof(name), "%08X.0", hash);
	assert_non_null(capcert_root_index_lookup(index, name));
	snprintf(name, sizeof(name), "%08x.1", hash);
	assert_null(capcert_root_index_lookup(index, name));
	capcert_root_index_free(index);
	release(certs, 1);
}

static void refused(void **state)
{
	capcert_cert *twice[] = { make("root", "01"), make("root", "01") };
	struct cert_parts p = cert_parts();
	capcert_root_index *index = NULL;
	struct cc_span bytes;
	capcert_cert *odd;
	size_t n;

	assert_int_equal(capcert_root_index_new(twice, NULL, 2, &index), -EEXIST);
	release(twice, 2);
	p.subject = der(0x30, der(0x31, der(0x30, der_wrap(0x06, der_hex(CN)),
					    der_wrap(0x1e, der_hex("d800")))));
	bytes = cert_der(&p);
	assert_int_equal(capcert_cert_new(bytes.p, bytes.n, &odd, NULL), 0);
	assert_int_equal(capcert_root_index_new(&odd, NULL, 1, &index), -EBADMSG);
	capcert_cert_free(odd);
	assert_null(index);
	assert_int_equal(capcert_root_index_new(NULL, NULL, 0, &index), 0);
	assert_int_equal(capcert_root_index_count(index), 0);
	assert_null(capcert_root_index_lookup(index, "062cdee6.0"));
	assert_null(capcert_root_index_by_hash(index, 0, &n));
	capcert_root_index_free(index);
	capcert_root_index_free(NULL);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(order_and_collisions),
		cmocka_unit_test(by_subject),
		cmocka_unit_test(names),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
