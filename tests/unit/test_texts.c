// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every errno of the ABI has a line of its own that says what to do; names are the core's. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include <capcert/capcert.h>

static const int documented[] = { EINVAL, E2BIG,  EFAULT,      EBADF,	     ENOTTY,  EBADFD,
				  EACCES, EXDEV,  EKEYREVOKED, ENOKEY,	     ENOMEM,  EDQUOT,
				  ENFILE, EMFILE, EKEYEXPIRED, EMSGSIZE,     EINTR,   EEXIST,
				  ENOENT, EPERM,  ETIMEDOUT,   EKEYREJECTED, EBADMSG, ESTALE,
				  EIO,	  EBUSY,  EPROTO,      EAGAIN };

static void test_strerror(void **state)
{
	for (size_t i = 0; i < sizeof(documented) / sizeof(documented[0]); i++) {
		const char *text = capcert_strerror(-documented[i]);

		assert_string_equal(text, capcert_strerror(documented[i]));
		if (!strchr(text, ':') || !strcmp(text, strerrordesc_np(documented[i])))
			fail_msg("%s: \"%s\" does not say what to do",
				 strerrorname_np(documented[i]), text);
		assert_null(strchr(text, '\n'));
	}
	assert_string_equal(capcert_strerror(0), "no error");
	assert_string_equal(capcert_strerror(-ECHILD), strerrordesc_np(ECHILD));
	assert_string_equal(capcert_strerror(-99999), "unknown error");
	assert_string_equal(capcert_strerror(INT_MIN), "unknown error");
}

static void test_names(void **state)
{
	char text[128];
	uint64_t rights = 1;

	assert_string_equal(capcert_version(), CAPCERT_VERSION_STRING);
	assert_int_equal(capcert_rights_parse("verify+info", CAPCERT_KIND_STORE, &rights), 0);
	assert_true(rights == (CAPCERT_RIGHT_VERIFY | CAPCERT_RIGHT_INFO));
	assert_int_equal(capcert_rights_parse("verify+", CAPCERT_KIND_STORE, &rights), -EINVAL);
	assert_true(rights == (CAPCERT_RIGHT_VERIFY | CAPCERT_RIGHT_INFO));
	assert_int_equal(capcert_rights_format(rights, text, sizeof(text)), 11);
	assert_string_equal(text, "INFO+VERIFY");
	assert_string_equal(capcert_reason_name(CAPCERT_REASON_NONE), "valid");
	assert_string_equal(capcert_reason_name(CAPCERT_REASON_PIN_MISMATCH), "pinMismatch");
	assert_int_equal(capcert_purpose_parse(capcert_purpose_name(3)), 3);
	assert_int_equal(capcert_purpose_parse("tls"), -1);
	assert_string_equal(capcert_kind_name(CAPCERT_KIND_STORE), "trust store");
	assert_string_equal(capcert_kind_key_type(CAPCERT_KIND_STORE), "captrust");
	assert_null(capcert_kind_name(77));
	assert_string_equal(capcert_origin_name(CAPCERT_ORIGIN_DEV), "dev");
	assert_string_equal(capcert_clock_name(CAPCERT_CLOCK_RTC), "rtc");
}

/* Without the module, every call says so and gives nothing. */
static void test_no_module(void **state)
{
	struct capcert_status status;
	int fd = 77, r = capcert_get_status(&status);

	if (r == 0)
		skip();
	assert_true(r == -ENOENT || r == -ENXIO || r == -ENODEV);
	assert_int_equal(capcert_open(1, CAPCERT_RIGHT_INFO, &fd), r);
	assert_int_equal(capcert_open_name(CAPCERT_KIND_STORE, "x", 1, &fd), r);
	assert_int_equal(capcert_open_name(CAPCERT_KIND_STORE, "", 1, &fd), -EINVAL);
	assert_int_equal(capcert_open_audit(1, &fd), r);
	assert_int_equal(fd, 77);
	assert_int_equal(capcert_get_info(-1, &(struct capcert_info){ 0 }), -EBADF);
	assert_int_equal(capcert_get_info(0, &(struct capcert_info){ 0 }), -ENOTTY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strerror),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_no_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
