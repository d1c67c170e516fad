// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* capcert-acmed's configuration: what it says, and where each mistake stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "helpers/acmed/conf.h"

#define PARTS                                                      \
	"[acmed]\nslots = tls\nstore = roots\nverifier = strict\n" \
	"[ca le]\naccount-key = acme\ntls = acme-ca\n"             \
	"[solver http]\ntype = http-01\nlisten = *:80\n"           \
	"[solver dns]\ntype = exec\nchallenge = dns-01\nprogram = /usr/local/bin/dns\n"
#define CERT "[certificate www]\nnames = www.example.org\nslot = web/www\nkey = k\nca = le\n"

static struct conf c;

static int read_text(const char *text)
{
	int r;

	conf_free(&c);
	conf_init(&c);
	r = conf_read(&c, "acme.conf", text, strlen(text));
	return r == 0 ? conf_finish(&c) : r;
}

static void what_it_says(void **state)
{
	(void)state;
	assert_int_equal(
		read_text(
			"# a comment\n\n[acmed]\n\tparallel = 3\nslots=tls\nstore = roots\n"
			"verifier =strict\r\nstate = /var/lib/other\n[ca le]\naccount-key = acme\n"
			"tls = acme-ca\ncontact = mailto:a@example.org\nterms-agreed = yes\n"
			"profile = classic\n[ca own]\ndirectory = https://ca.example:14000/dir\n"
			"account-key = k2\ntls = t2\neab-kid = 7\neab-key-file = /etc/eab\n"
			"eab-mac = HS512\n"
			"[solver http]\ntype = http-01\nsocket = acme-http\n"
			"[solver dns]\nprogram = /usr/local/bin/dns\nchallenge = dns-01\n"
			"type = exec\ntimeout = 300\n"
			"[certificate www]\nnames = WWW.Example.org, 192.0.2.1 ,2001:DB8:0::1\n"
			"slot = web/www\nkey = k\nca = le\nsolver = http\n"
			"[certificate wild]\nnames=*.example.org,example.org\nslot = wild\n"
			"slots = other\nkey = k\nca = own\nsolver = dns\nprofile = shortlived\n"
			"must-staple = yes"),
		0);
	assert_int_equal(c.parallel, 3);
	assert_string_equal(c.state, "/var/lib/other");
	assert_string_equal(c.cas[0].directory, CONF_STAGING);
	assert_false(c.cas[0].production);
	assert_true(c.cas[0].terms_agreed);
	assert_string_equal(c.cas[1].eab_mac, "HS512");
	assert_int_equal(c.solvers[0].kind, CONF_SOLVER_HTTP);
	assert_int_equal(c.solvers[0].challenge, CONF_HTTP_01);
	assert_int_equal(c.solvers[1].challenge, CONF_DNS_01);
	assert_int_equal(c.solvers[1].timeout, 300);
	assert_int_equal(c.certs[0].name_count, 3);
	assert_string_equal(c.certs[0].names[0].text, "www.example.org");
	assert_string_equal(c.certs[0].names[1].text, "192.0.2.1");
	assert_string_equal(c.certs[0].names[2].text, "2001:db8::1");
	assert_true(c.certs[0].names[2].ip && !c.certs[0].names[0].ip);
	assert_string_equal(c.certs[0].slots, "tls");
	assert_string_equal(c.certs[0].profile, "classic");
	assert_string_equal(c.certs[1].slots, "other");
	assert_string_equal(c.certs[1].profile, "shortlived");
	assert_true(c.certs[1].must_staple && !c.certs[0].must_staple);
	assert_int_equal(c.certs[1].ca, 1);
	assert_int_equal(c.certs[1].solver, 1);
	assert_ptr_equal(conf_cert_find(&c, "wild"), &c.certs[1]);
	assert_null(conf_cert_find(&c, "nobody"));
}

/* What most need, as the README has it. */
static void ten_lines(void **state)
{
	(void)state;
	assert_int_equal(
		read_text("[ca letsencrypt]\ncontact = mailto:you@example.org\nterms-agreed = yes\n"
			  "# production = yes\n[solver http]\ntype = http-01\nlisten = *:80\n"
			  "[certificate www]\nnames = www.example.org\nslot = web/www\n"),
		0);
	assert_string_equal(c.cas[0].account_key, "account");
	assert_string_equal(c.cas[0].tls, "ca");
	assert_string_equal(c.certs[0].slots, "slots");
	assert_string_equal(c.certs[0].store, "issuers");
	assert_string_equal(c.certs[0].verifier, "verifier");
	assert_string_equal(c.certs[0].key, "www");
	assert_int_equal(c.certs[0].ca, 0);
	assert_int_equal(c.certs[0].solver, 0);
}

/* Staging unless somebody says otherwise, in so many words. */
static void production_is_said(void **state)
{
	(void)state;
	assert_int_equal(read_text("[ca le]\naccount-key = a\ntls = t\nproduction = yes\n"), 0);
	assert_string_equal(c.cas[0].directory, CONF_PRODUCTION);
	assert_int_equal(read_text("[ca le]\naccount-key = a\ntls = t\nproduction = no\n"), 0);
	assert_string_equal(c.cas[0].directory, CONF_STAGING);
	assert_int_equal(read_text("[ca le]\naccount-key = a\ntls = t\nproduction = yes\n"
				   "directory = " CONF_PRODUCTION "\n"),
			 0);
}

static const struct {
	const char *text;
	const char *why; /* begins with file:line */
} wrongs[] = {
	{ "[web]\n", "acme.conf:1: [web] is unknown" },
	{ "x = 1\n", "acme.conf:1: a key before the first [section]" },
	{ "[acmed]\n\nparalel = 3\n",
	  "acme.conf:3: paralel is no key of [acmed]: those are state" },
	{ "[acmed]\nparallel = 3\nparallel = 3\n", "acme.conf:3: parallel is given twice" },
	{ "[acmed]\nparallel = 3\n[acmed]\nparallel = 4\n",
	  "acme.conf:4: parallel is given twice" },
	{ "[acmed]\nparallel = 0\n", "acme.conf:2: parallel = 0: a number" },
	{ "[acmed]\nparallel = 65\n", "acme.conf:2: parallel = 65: a number" },
	{ "[acmed]\nparallel = 3x\n", "acme.conf:2: parallel = 3x: a number" },
	{ "[acmed]\nparallel = 00000003\n", "acme.conf:2: parallel = 00000003: a number" },
	{ "[acmed]\nstate = var\n", "acme.conf:2: state = var: an absolute path" },
	{ "[acmed]\nslots = a=b\n", "acme.conf:2: slots = a=b: the name of a handle" },
	{ "[acmed]\nparallel =\n", "acme.conf:2: a key without a value" },
	{ "[acmed]\nparallel\n", "acme.conf:2: neither [section] nor key = value" },
	{ "[acmed]\n = 3\n", "acme.conf:2: no key in front of the '='" },
	{ "[acmed]\nstate = /\001\n", "acme.conf:2: a control character" },
	{ "[acmed x]\n", "acme.conf:1: [acmed] has no name" },
	{ "[ca]\n", "acme.conf:1: a name is missing: [ca NAME]" },
	{ "[ca x\n", "acme.conf:1: the section's ']' is missing" },
	{ "[ca x y]\n", "acme.conf:1: a section is [kind] or [kind name]" },
	{ "[ca x]\n[ca x]\n", "acme.conf:2: [ca x] is at acme.conf:1 already" },
	{ "[solver x]\n[solver x]\n", "acme.conf:2: [solver x] is at acme.conf:1 already" },
	{ "[certificate x]\n[certificate x]\n", "acme.conf:2: [certificate x] is at acme.conf:1" },
	{ "[ca x]\ndirectory = http://ca/\n",
	  "acme.conf:2: directory = http://ca/: an https:// URL" },
	{ "[ca x]\ndirectory = https:///d\n",
	  "acme.conf:2: directory = https:///d: an https:// URL" },
	{ "[ca x]\ndirectory = https://a@b/\n",
	  "acme.conf:2: directory = https://a@b/: a URL without" },
	{ "[ca x]\ndirectory = https://a b/\n",
	  "acme.conf:2: directory = https://a b/: a URL without" },
	{ "[ca x]\nproduction = true\n", "acme.conf:2: production = true: yes or no" },
	{ "[ca x]\neab-mac = HS1\n", "acme.conf:2: eab-mac = HS1: HS256" },
	{ "[ca x]\naccount-key = t\ntls = t\neab-kid = 1\n",
	  "acme.conf:1: [ca x] has no eab-key-file" },
	{ "[ca x]\naccount-key = t\ntls = t\neab-key-file = /1\n",
	  "acme.conf:1: [ca x] has no eab-kid" },
	{ "[ca x]\naccount-key = t\ntls = t\neab-mac = HS256\n",
	  "acme.conf:1: [ca x] has no eab-kid" },
	{ "[ca x]\naccount-key = t\ntls = t\ndirectory = " CONF_PRODUCTION "\n",
	  "acme.conf:1: this directory is production, with its rate limits" },
	{ "[ca x]\naccount-key = t\ntls = t\ndirectory = HTTPS://x/\n",
	  "acme.conf:4: directory = HTTPS://x/: an https:// URL" },
	{ "[ca x]\naccount-key = t\ntls = t\ndirectory = "
	  "https://ACME-v02.api.letsencrypt.org/directory\n",
	  "acme.conf:1: this directory is production" },
	{ "[ca x]\naccount-key = t\ntls = t\ndirectory = https://ca/\nproduction = yes\n",
	  "acme.conf:1: production is about Let's Encrypt" },
	{ "[solver x]\nlisten = *:80\n", "acme.conf:1: [solver x] has no type: add one" },
	{ "[solver x]\ntype = nginx\n",
	  "acme.conf:2: type = nginx: http-01, tls-alpn-01, dns-01, dns-persist-01 or exec" },
	{ "[solver x]\ntype = http-01\n", "acme.conf:1: [solver x] needs one of listen" },
	{ "[solver x]\ntype = http-01\nsocket = s\n[solver y]\ntype = http-01\nsocket = s\n",
	  "acme.conf:4: socket s is that of [solver x]: one solver does" },
	{ "[solver x]\ntype = http-01\nlisten = *:80\nsocket = s\n",
	  "acme.conf:1: [solver x] needs one of" },
	{ "[solver x]\ntype = http-01\nlisten = *:80\nprogram = /x\n",
	  "acme.conf:1: program belongs to" },
	{ "[solver x]\ntype = http-01\nlisten = *:80\nchallenge = dns-01\n",
	  "acme.conf:1: challenge belongs" },
	{ "[solver x]\ntype = exec\nchallenge = dns-02\n",
	  "acme.conf:3: challenge = dns-02: http-01, dns-01" },
	{ "[solver x]\ntype = exec\nchallenge = dns-01\n",
	  "acme.conf:1: [solver x] has no program" },
	{ "[solver x]\ntype = tls-alpn-01\nslots = s\n", "acme.conf:1: [solver x] has no key" },
	{ "[solver x]\ntype = tls-alpn-01\nprefix = a/,b/\n",
	  "acme.conf:3: prefix = a/,b/: a prefix" },
	{ "[solver x]\ntype = tls-alpn-01\nprefix = a\n", "acme.conf:3: prefix = a: a prefix" },
	{ "[solver x]\ntype = tls-alpn-01\nkey = k\nslots = s\nlisten = *:443\n",
	  "acme.conf:1: socket, listen and program are nothing for tls-alpn-01" },
	{ "[solver x]\ntype = tls-alpn-01\nkey = k\nslots = s\nchallenge = dns-01\n",
	  "acme.conf:1: challenge belongs to type = exec" },
	{ "[solver x]\ntype = http-01\nlisten = *:80\nkey = k\n",
	  "acme.conf:1: key, slots and prefix belong to type = tls-alpn-01" },
	{ "[solver x]\ntype = tls-alpn-01\nkey = k\nslots = s\nprefix = a/\n"
	  "[solver y]\ntype = tls-alpn-01\nkey = k\nslots = s\nprefix = a/b/\n",
	  "acme.conf:6: prefix a/b/ overlaps that of [solver x]" },
	{ "[solver x]\ntype = exec\nprogram = /x\n", "acme.conf:1: [solver x] has no challenge" },
	{ "[solver x]\ntype = exec\nprogram = x\n", "acme.conf:3: program = x: an absolute path" },
	{ "[solver x]\ntype = exec\nprogram = /x\nlisten = *:80\n",
	  "acme.conf:1: socket and listen belong" },
	{ "[certificate x]\nnames = localhost\n",
	  "acme.conf:2: names = localhost: neither a DNS name" },
	{ "[certificate x]\nnames = a..b\n", "acme.conf:2: names = a..b: neither" },
	{ "[certificate x]\nnames = -a.b\n", "acme.conf:2: names = -a.b: neither" },
	{ "[certificate x]\nnames = a_b.c\n", "acme.conf:2: names = a_b.c: neither" },
	{ "[certificate x]\nnames = a.*.c\n", "acme.conf:2: names = a.*.c: neither" },
	{ "[certificate x]\nnames = 1.2.3\n", "acme.conf:2: names = 1.2.3: neither" },
	{ "[certificate x]\nnames = 192.0.2.256\n", "acme.conf:2: names = 192.0.2.256: neither" },
	{ "[certificate x]\nnames = ::g\n", "acme.conf:2: names = ::g: neither" },
	{ "[certificate x]\nnames = a.b.\n", "acme.conf:2: names = a.b.: neither" },
	{ "[certificate x]\nnames = a.b, A.B\n",
	  "acme.conf:2: names = a.b, A.B: a name that is there twice" },
	{ "[certificate x]\nnames = a.b,,c.d\n",
	  "acme.conf:2: names = a.b,,c.d: nothing between two commas" },
	{ "[certificate x]\nnames = a.b c.d\n",
	  "acme.conf:2: names = a.b c.d: a blank within a name" },
	{ "[certificate x]\nnames = b\xc3\xbc.de\n",
	  "acme.conf:2: names = b\xc3\xbc.de: a name that is not ASCII" },
	{ PARTS CERT,
	  "acme.conf:15: [certificate www] has no solver, and there is not just one: add one" },
	{ PARTS CERT "solver = web\n",
	  "acme.conf:15: [certificate www]: there is no [solver web]" },
	{ PARTS "[certificate x]\nnames = a.b\nslot = s\nkey = k\nca = x\nsolver = http\n",
	  "acme.conf:15: [certificate x]: there is no [ca x]" },
	{ PARTS "[certificate x]\nnames = a.b\nslot = /s\nkey = k\nca = le\nsolver = http\n",
	  "acme.conf:15: /s is no name of a slot" },
	{ PARTS "[certificate x]\nnames = *.a.b\nslot = s\nkey = k\nca = le\nsolver = http\n",
	  "acme.conf:15: *.a.b: wildcards need dns-01, not http-01" },
	{ PARTS "[certificate x]\nnames = ::1\nslot = s\nkey = k\nca = le\nsolver = dns\n",
	  "acme.conf:15: ::1 is an address: dns-01 is for DNS names" },
	{ PARTS CERT
	  "solver = http\n[certificate b]\nnames = b.example\nslot = web/www\nkey = k\nca = le\n"
	  "solver = http\n",
	  "acme.conf:21: slot web/www is that of [certificate www] already" },
	{ CERT "solver = http\n", "acme.conf:1: [certificate www]: there is no [ca le]" },
	{ "[certificate x]\nnames = a.b\nslot = s\nsolver = http\n",
	  "acme.conf:1: [certificate x] has no ca, and there is not just one: add one" },
};

static void mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		int r = read_text(wrongs[i].text);

		if (r != -22 || strncmp(c.error, wrongs[i].why, strlen(wrongs[i].why)) != 0)
			fail_msg("'%s' is %d '%s', not '%s'", wrongs[i].text, r, c.error,
				 wrongs[i].why);
	}
}

static void limits(void **state)
{
	static char text[2 * INI_LINE];
	size_t n;

	(void)state;
	n = (size_t)sprintf(text, "[acmed]\nstate = /");
	memset(text + n, 'x', INI_LINE);
	assert_int_equal(read_text(text), -22);
	assert_non_null(strstr(c.error, "acme.conf:2: the line is longer"));
	n = (size_t)sprintf(text, "[certificate x]\nnames = ");
	for (int i = 0; i <= CONF_NAMES; i++)
		n += (size_t)sprintf(text + n, "%sn%d.example", i ? "," : "", i);
	assert_int_equal(read_text(text), -22);
	assert_non_null(strstr(c.error, "more than 100 names"));
	text[strrchr(text, ',') - text] = '\0';
	assert_int_equal(read_text(text), -22);
	assert_non_null(strstr(c.error, "has no slot"));
	conf_free(&c);
	conf_init(&c);
	for (int i = 0; i <= CONF_CAS; i++) {
		sprintf(text, "[ca c%d]\n", i);
		assert_int_equal(conf_read(&c, "x", text, strlen(text)), i < CONF_CAS ? 0 : -22);
	}
	assert_non_null(strstr(c.error, "more than 64 [ca ...]"));
}

static void write_file(const char *folder, const char *name, const char *text, mode_t mode)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static int load(const char *folder)
{
	char path[256];

	conf_free(&c);
	conf_init(&c);
	snprintf(path, sizeof(path), "%s/acme.conf", folder);
	return conf_load(&c, path);
}

static void files(void **state)
{
	char folder[] = "/tmp/acmed-conf.XXXXXX", more[64], command[128];

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(load(folder), -22);
	assert_non_null(strstr(c.error, "No such file"));
	write_file(folder, "acme.conf", PARTS, 0644);
	assert_int_equal(load(folder), 0);
	snprintf(more, sizeof(more), "%s/acme.conf.d", folder);
	assert_int_equal(mkdir(more, 0755), 0);
	write_file(more, "20-www.conf", CERT "solver = http\n", 0644);
	write_file(more, "10-a.conf",
		   "[certificate a]\nnames = a.example\nslot = a\nkey = k\nca = le\n"
		   "solver = http\n",
		   0600);
	write_file(more, ".hidden.conf", "[nonsense]\n", 0644);
	write_file(more, "30-x.conf.bak", "[nonsense]\n", 0644);
	assert_int_equal(load(folder), 0);
	assert_int_equal(c.cert_count, 2);
	assert_string_equal(c.certs[0].name, "a");
	/* A section that two files have, and a mistake in the second file. */
	write_file(more, "30-y.conf", "\n[certificate a]\n", 0644);
	assert_int_equal(load(folder), -22);
	assert_non_null(strstr(c.error, "30-y.conf:2: [certificate a] is at "));
	assert_non_null(strstr(c.error, "10-a.conf:1 already"));
	write_file(more, "30-y.conf", "[solver z]\n", 0666);
	assert_int_equal(load(folder), -22);
	assert_non_null(strstr(c.error, "others than root could have written it"));
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_says),
		cmocka_unit_test(ten_lines),
		cmocka_unit_test(production_is_said),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(limits),
		cmocka_unit_test(files),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	conf_free(&c);
	return r;
}
