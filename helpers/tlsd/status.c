// SPDX-License-Identifier: GPL-2.0-only
/* Whoever may open the socket may know this: counters, and public parts of slots. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <capcert/slot.h>
#include "helpers/tlsd/status.h"

static void put_string(FILE *f, const char *text)
{
	putc('"', f);
	for (; text && *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c >= 0x7f || c == '"' || c == '\\')
			fprintf(f, "\\u%04x", c);
		else
			putc(c, f);
	}
	putc('"', f);
}

static void put_counters(FILE *f, const struct stats *s)
{
	fprintf(f,
		"\"connections\":{\"open\":%" PRIu64 ",\"accepted\":%" PRIu64
		",\"over_limit\":%" PRIu64 ",\"not_accepted\":%" PRIu64 ",\"idle\":%" PRIu64
		",\"no_backend\":%" PRIu64 "},",
		stats_get(&s->open), stats_get(&s->accepted), stats_get(&s->over_limit),
		stats_get(&s->not_accepted), stats_get(&s->idle), stats_get(&s->no_backend));
	fprintf(f,
		"\"handshakes\":{\"good\":%" PRIu64 ",\"resumed\":%" PRIu64 ",\"acme\":%" PRIu64
		",\"failed\":{",
		stats_get(&s->handshakes), stats_get(&s->resumed), stats_get(&s->acme));
	for (unsigned int i = 0; i < STATS_REFUSALS; i++)
		fprintf(f, "%s\"%s\":%" PRIu64, i ? "," : "", stats_refusal_name(i),
			stats_get(&s->refused[i]));
	fprintf(f, "}},\"octets\":{\"in\":%" PRIu64 ",\"out\":%" PRIu64 "},",
		stats_get(&s->octets[0]), stats_get(&s->octets[1]));
}

static void put_slot(FILE *f, const char *name, const struct capcert_slot_value *v)
{
	fputs("{\"slot\":", f);
	put_string(f, name);
	fprintf(f, ",\"version\":%" PRIu64 ",\"leaf\":\"", v->version);
	for (size_t i = 0; i < sizeof(v->leaf); i++)
		fprintf(f, "%02x", v->leaf[i]);
	fprintf(f, "\",\"since\":%" PRId64 ",\"not_after\":%" PRId64 ",\"stapled\":%s", v->time,
		v->not_after, v->staple ? "true" : "false");
	if (v->staple && v->staple_until != INT64_MAX)
		fprintf(f, ",\"staple_until\":%" PRId64, v->staple_until);
	putc('}', f);
}

/* A slot that is gone, or a store that is, has nothing to show. */
static void put_slots(FILE *f, const struct gate *g)
{
	unsigned int n = g->seen && g->slots_fd >= 0 ? atomic_load(&g->seen->count) : 0;
	const char *comma = "";

	fputs("\"slots\":[", f);
	for (unsigned int i = 0; i < n; i++) {
		struct capcert_slot_value *v;

		if (capcert_slot_get(g->slots_fd, g->seen->names[i], 0, &v) < 0)
			continue;
		fputs(comma, f);
		put_slot(f, g->seen->names[i], v);
		capcert_slot_value_free(v);
		comma = ",";
	}
	putc(']', f);
}

static void put_gate(FILE *f, const struct gate *g)
{
	char to[ADDRESS_TEXT];

	fputs("{\"gate\":", f);
	put_string(f, g->name);
	fputs(",\"config\":", f);
	put_string(f, g->config);
	if (g->acme) {
		fputs(",\"acme\":", f);
		put_string(f, g->acme);
	}
	fprintf(f, ",\"role\":\"%s\",\"to\":", g->host ? "client" : "server");
	put_string(f, address_text(&g->to, to));
	putc(',', f);
	put_slots(f, g);
	putc('}', f);
}

char *status_text(const struct status *s, int64_t now)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	bool bad;

	if (!f)
		return NULL;
	fprintf(f,
		"{\"version\":\"" CAPCERT_VERSION_STRING "\",\"pid\":%ld,\"uptime\":%" PRId64
		",\"draining\":%s,",
		(long)getpid(), (now - s->started) / 1000, s->draining ? "true" : "false");
	put_counters(f, s->stats);
	fputs("\"gates\":[", f);
	for (unsigned int i = 0; i < s->gate_count; i++) {
		if (i)
			putc(',', f);
		put_gate(f, &s->gates[i]);
	}
	fputs("]}\n", f);
	bad = ferror(f) != 0;
	if (fclose(f) == 0 && !bad)
		return text;
	free(text);
	return NULL;
}

void status_answer(const struct status *status, int fd, int64_t now)
{
	const struct timeval most = { .tv_sec = 1 };
	int s = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	char *text;
	size_t n, at = 0;

	if (s < 0)
		return;
	setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most));
	text = status_text(status, now);
	n = text ? strlen(text) : 0;
	while (at < n) {
		ssize_t w = send(s, text + at, n - at, MSG_NOSIGNAL);

		if (w <= 0)
			break;
		at += (size_t)w;
	}
	free(text);
	close(s);
}
