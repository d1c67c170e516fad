// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* capcert-tlsd's command line, addresses, counts of peers, counters and the status line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>
#include "helpers/tlsd/options.h"
#include "helpers/tlsd/peers.h"
#include "helpers/tlsd/status.h"

static struct options o;
static char error[256];

/* @line: words with one space between. */
static enum options_found parse(const char *line)
{
	static char text[4096];
	char *argv[200] = { (char *)"tlsd" };
	int argc = 1;

	snprintf(text, sizeof(text), "%s", line);
	for (char *p = strtok(text, " "); p; p = strtok(NULL, " "))
		argv[argc++] = p;
	return options_parse(argc, argv, &o, error);
}

static void expect_wrong(const char *line, const char *why)
{
	assert_int_equal(parse(line), OPTIONS_WRONG);
	if (!strstr(error, why))
		fail_msg("'%s' says '%s', not '%s'", line, error, why);
}

static void gates(void **state)
{
	assert_int_equal(
		parse("--max 5 --listen *:443 --config web --acme chal --to 127.0.0.1:80 --proxy "
		      "--socket in --config b --route h2=unix:/h2 "
		      "--route http/1.1=unix:@h1 --pass-outcome "
		      "--listen unix:/x --config c --connect db.example --to [::1]:5432 "
		      "--per-peer 0 --idle 7 --drain 0 --handshake 3 --threads 2 "
		      "--status unix:/run/s --user tls --foreground"),
		OPTIONS_RUN);
	assert_int_equal(o.gate_count, 3);
	assert_string_equal(o.gates[0].config, "web");
	assert_true(o.gates[0].proxy && !o.gates[0].pass_outcome && !o.gates[0].host);
	assert_int_equal(o.gates[0].at.any.sa_family, AF_INET6);
	assert_string_equal(o.gates[0].acme, "chal");
	assert_null(o.gates[1].acme);
	assert_string_equal(o.gates[1].socket, "in");
	assert_int_equal(o.gates[1].route_count, 2);
	assert_string_equal(o.gates[1].routes[1].alpn, "http/1.1");
	assert_true(o.gates[1].pass_outcome && !o.gates[1].proxy && !o.gates[1].to.len);
	assert_string_equal(o.gates[2].host, "db.example");
	assert_int_equal(o.limits.connections, 5);
	assert_int_equal(o.limits.per_peer, 0);
	assert_int_equal(o.limits.idle_ms, 7000);
	assert_int_equal(o.limits.drain_ms, 0);
	assert_int_equal(o.limits.handshake_ms, 3000);
	assert_int_equal(o.limits.workers + o.limits.shakers, 4);
	assert_string_equal(o.status, "unix:/run/s");
	assert_string_equal(o.user, "tls");
	assert_int_equal(parse("--help"), OPTIONS_HELP);
	assert_int_equal(parse("--version"), OPTIONS_VERSION);
}

static void wrong_usage(void **state)
{
	char many[4000] = "";

	expect_wrong("", "--listen ADDRESS says");
	expect_wrong("--listen *:443", "--config NAME says");
	expect_wrong("--listen *:443 --config a", "--to ADDRESS says");
	expect_wrong("--config a --listen *:443", "of which gate");
	expect_wrong("--to unix:/x", "of which gate");
	expect_wrong("--proxy", "of which gate");
	expect_wrong("--listen *:443 --config a --config b --to unix:/x", "one already");
	expect_wrong("--listen *:443 --config a --to unix:/x --to unix:/y", "one already");
	expect_wrong("--listen 443 --config a --to unix:/x", "no address");
	expect_wrong("--listen *:443 --config a --to :1", "no address");
	expect_wrong("--listen *:443 --config a --to no.such.host.invalid:1", "no such host");
	expect_wrong("--listen *:443 --config a --to 1.2.3.4:1 --pass-outcome", "unix:");
	expect_wrong("--listen *:443 --config a --route h2=1.2.3.4:1 --pass-outcome", "unix:");
	expect_wrong("--listen *:443 --config a --to unix:/x --connect n --proxy", "no --proxy");
	expect_wrong("--listen *:443 --config a --to unix:/x --connect n --acme b", "--acme");
	expect_wrong("--listen *:443 --config a --acme b --acme c --to unix:/x", "one already");
	expect_wrong("--acme b --listen *:443 --config a --to unix:/x", "of which gate");
	expect_wrong("--listen *:443 --config a --connect n --route h2=unix:/x", "--to ADDRESS");
	expect_wrong("--listen *:443 --config a --route unix:/x", "ALPN=ADDRESS");
	expect_wrong("--listen *:443 --config a --route =unix:/x", "ALPN=ADDRESS");
	expect_wrong("--listen *:443 --config a --route h=unix:/x --route h=unix:/y", "has one");
	expect_wrong("--listen *:443 --config a --to unix:/x --max 0", "from 1 to");
	expect_wrong("--listen *:443 --config a --to unix:/x --idle 1s", "a number");
	expect_wrong("--listen *:443 --config a --to unix:/x --drain -1", "a number");
	expect_wrong("--listen *:443 --config a --to unix:/x --threads 99999999999", "a number");
	expect_wrong("--listen *:443 --config a --to unix:/x --status 1.2.3.4:5", "unix:");
	expect_wrong("--listen *:443 --config a --to unix:/x stray", "stray");
	expect_wrong("--listen *:443 --config a --to unix:/x --bogus", "unknown option");
	expect_wrong("--listen", "without its value");
	for (int i = 0; i <= GATES_MOST; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many),
			 "--listen *:1 --config a --to unix:/x ");
	expect_wrong(many, "more than 32 gates");
	strcpy(many, "--listen *:1 --config a ");
	for (int i = 0; i <= ROUTES_MOST; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "--route %d=unix:/x ",
			 i);
	expect_wrong(many, "more than 8");
}

static void address_texts(void **state)
{
	static const char *const good[] = { "192.0.2.1:1", "[2001:db8::1]:65535", "unix:/a",
					    "unix:@a" };
	static const char *const bad[] = {
		"",	      ":1",	 "1.2.3.4", "1.2.3.4:", "1.2.3.4:0",   "1.2.3.4:65536",
		"1.2.3.4:+1", "1.2.3:1", "::1:443", "[::1]",	"[1.2.3.4]:1", "[]:1",
		"[::1:1",     "::1]:1",	 "unix:",   "unix:a",	"unix:/",      "1.2.3.4:00000001",
		"host:1"
	};
	char buf[ADDRESS_TEXT], path[200] = "unix:/";
	struct address a;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(address_parse(good[i], &a), 0);
		assert_string_equal(address_text(&a, buf), good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (address_parse(bad[i], &a) != -EINVAL)
			fail_msg("'%s' is taken", bad[i]);
	memset(path + 6, 'x', 106);
	assert_int_equal(address_parse(path, &a), 0);
	assert_string_equal(address_text(&a, buf), path);
	path[112] = 'x';
	assert_int_equal(address_parse(path, &a), -EINVAL);
	assert_int_equal(address_parse("[::ffff:192.0.2.1]:5", &a), 0);
	address_unmap(&a);
	assert_string_equal(address_text(&a, buf), "192.0.2.1:5");
	address_unmap(&a);
	assert_int_equal(address_parse("*:5", &a), 0);
	assert_string_equal(address_text(&a, buf), "[::]:5");
	a.len = 0;
	assert_string_equal(address_text(&a, buf), "-");
	assert_int_equal(address_resolve("unix:x", &a), -EINVAL);
	assert_int_equal(address_resolve("127.0.0.1:5", &a), 0);
}

static void old_sockets(void **state)
{
	char dir[] = "/tmp/tlsd.XXXXXX", text[64];
	struct address a;
	int fd, dial;

	assert_non_null(mkdtemp(dir));
	snprintf(text, sizeof(text), "unix:%s/s", dir);
	assert_int_equal(address_parse(text, &a), 0);
	fd = address_listen(&a);
	assert_true(fd >= 0);
	dial = address_dial(&a);
	assert_true(dial >= 0);
	close(dial);
	/* Somebody listens there: it stays. Nobody does any more: it is taken. */
	assert_int_equal(address_listen(&a), -EADDRINUSE);
	close(fd);
	assert_int_equal(address_dial(&a), -ECONNREFUSED);
	fd = address_listen(&a);
	assert_true(fd >= 0);
	close(fd);
	unlink(text + 5);
	rmdir(dir);
}

static void counted_peers(void **state)
{
	struct address a, b, six, other, local = { 0 };
	struct peers *p;

	address_parse("192.0.2.1:1", &a);
	address_parse("192.0.2.2:1", &b);
	address_parse("[2001:db8::1]:1", &six);
	address_parse("[2001:db8::ffff]:2", &other); /* the same /64 */
	assert_int_equal(peers_new(5, 2, &p), 0);
	assert_int_equal(peers_enter(p, &a), 0);
	assert_int_equal(peers_enter(p, &a), 0);
	assert_int_equal(peers_enter(p, &a), -EUSERS);
	assert_int_equal(peers_enter(p, &b), 0);
	assert_int_equal(peers_enter(p, &six), 0);
	assert_int_equal(peers_enter(p, &other), 0);
	assert_int_equal(peers_enter(p, &local), -ENFILE);
	peers_leave(p, &b);
	assert_int_equal(peers_enter(p, &six), -EUSERS);
	assert_int_equal(peers_enter(p, &local), 0);
	peers_leave(p, &a);
	assert_int_equal(peers_enter(p, &a), 0);
	for (int i = 0; i < 1000; i++) {
		peers_leave(p, &a);
		assert_int_equal(peers_enter(p, &a), 0);
	}
	peers_free(p);
	assert_int_equal(peers_new(3, 0, &p), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(peers_enter(p, &a), 0);
	assert_int_equal(peers_enter(p, &a), -ENFILE);
	peers_leave(p, &a);
	peers_free(p);
}

static void few_lines(void **state)
{
	static struct stats s;
	uint64_t left_out;
	char word[8];
	int i, n = 0;

	for (i = 0; i < 50; i++)
		n += stats_log_failure(&s, 5000 + i, &left_out);
	assert_int_equal(n, 20);
	assert_true(stats_log_failure(&s, 6000, &left_out));
	assert_int_equal(left_out, 30);
	assert_true(stats_log_failure(&s, 6001, &left_out));
	assert_int_equal(left_out, 0);
	assert_string_equal(stats_word("a\n\"\\ b", word, sizeof(word)), "a????b");
	assert_string_equal(stats_word("longer than", word, sizeof(word)), "longer?");
	assert_string_equal(stats_word("", word, sizeof(word)), "-");
	for (int e = 0; e < 200; e++)
		assert_non_null(stats_refusal_name(stats_refusal_of(-e)));
	assert_int_equal(stats_refusal_of(-ETIMEDOUT), STATS_TIMEOUT);
	assert_int_equal(stats_refusal_of(-EIO), STATS_OWN_SIDE);
	assert_string_equal(stats_refusal_name(STATS_REFUSALS), "?");
}

static void status_line(void **state)
{
	static struct stats s;
	struct gate g[2] = { { .name = "a\"\n", .config = "web", .slots_fd = -1 },
			     { .name = "b", .config = "c", .host = "h", .slots_fd = -1 } };
	struct status status = { g, 2, &s, 1000, true };
	json_t *j, *first;
	char *text;

	stats_add(&s.handshakes, 7);
	stats_add(&s.acme, 2);
	stats_add(&s.refused[STATS_ALERT], 3);
	text = status_text(&status, 61000);
	j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(j);
	assert_int_equal(json_integer_value(json_object_get(j, "uptime")), 60);
	assert_true(json_is_true(json_object_get(j, "draining")));
	first = json_object_get(j, "handshakes");
	assert_int_equal(json_integer_value(json_object_get(first, "acme")), 2);
	assert_int_equal(json_integer_value(json_object_get(first, "good")), 7);
	first = json_object_get(first, "failed");
	assert_int_equal(json_object_size(first), STATS_REFUSALS);
	assert_int_equal(json_integer_value(json_object_get(first, "alert")), 3);
	first = json_array_get(json_object_get(j, "gates"), 0);
	assert_string_equal(json_string_value(json_object_get(first, "gate")), "a\"\n");
	assert_int_equal(json_array_size(json_object_get(first, "slots")), 0);
	json_decref(j);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gates),	 cmocka_unit_test(wrong_usage),
		cmocka_unit_test(address_texts), cmocka_unit_test(old_sockets),
		cmocka_unit_test(counted_peers), cmocka_unit_test(few_lines),
		cmocka_unit_test(status_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
