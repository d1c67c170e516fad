// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ctlogd ROOTS.pem [static]: the log behind a port of loopback that the kernel chooses. Prints its
 * URL and key, then serves until stdin ends. GET /control?fault=NAME&n=REQUESTS&value=V sets what
 * goes wrong from then on; fill=N adds entries. */
#include <microhttpd.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "tests/ctlogd/log.h"

#define POST_MAX (1 << 20)
#define OVERSIZED (64 << 20)

static struct log the_log;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const char *const fault_names[] = {
#define X(name, text) text,
	FAULTS(X)
#undef X
};

/* The body of a POST as it comes in. */
struct upload {
	char *p;
	size_t n;
};

static const char *argument(void *ctx, const char *name)
{
	return MHD_lookup_connection_value(ctx, MHD_GET_ARGUMENT_KIND, name);
}

static void control(struct MHD_Connection *c, struct answer *ret)
{
	const char *name = argument(c, "fault"), *n = argument(c, "n"), *v = argument(c, "value");
	const char *fill = argument(c, "fill");
	unsigned int i;

	if (fill)
		log_fill(&the_log, (unsigned int)atoi(fill));
	for (i = 0; name && i < FAULT_COUNT; i++)
		if (!strcmp(fault_names[i], name)) {
			the_log.fault = (enum fault)i;
			the_log.fault_left = n ? (unsigned int)atoi(n) : 0;
			the_log.fault_value = v ? (unsigned int)atoi(v) : 1;
			answer_text(ret, 200, "text/plain", "ok\n");
			return;
		}
	answer_text(ret, 400, "text/plain", "no such fault\n");
}

static void serve(struct MHD_Connection *c, const char *url, const struct upload *up,
		  struct answer *ret)
{
	const bool pre = !strcmp(url + 1, "ct/v1/add-pre-chain");

	if (pre || !strcmp(url + 1, "ct/v1/add-chain"))
		log_submit(&the_log, up->p, up->n, pre, ret);
	else if (!strncmp(url + 1, "ct/v1/", 6))
		serve_rfc6962(&the_log, url + 7, argument, c, ret);
	else
		serve_static(&the_log, url + 1, ret);
}

static void busy_date(unsigned int seconds, char *ret, size_t cap)
{
	time_t t = time(NULL) + seconds;
	struct tm tm;

	strftime(ret, cap, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&t, &tm));
}

/* Faults of the transport, whatever the answer is. @ret_wait: Retry-After. */
static void spoil(enum fault fault, struct answer *a, char *ret_wait, size_t cap)
{
	const unsigned int value = the_log.fault_value;

	switch (fault) {
	case FAULT_BUSY:
		snprintf(ret_wait, cap, "%u", value);
		a->status = 429;
		break;
	case FAULT_BUSY_DATE:
		busy_date(value, ret_wait, cap);
		a->status = 429;
		break;
	case FAULT_BUSY_ONLY:
		a->status = 429;
		break;
	case FAULT_UNAVAILABLE:
		a->status = 503;
		break;
	case FAULT_BROKEN:
		a->status = 500;
		break;
	case FAULT_REFUSE:
		a->status = 400;
		break;
	case FAULT_REDIRECT:
		a->status = 302;
		break;
	case FAULT_TYPE:
		a->type = "text/html";
		break;
	case FAULT_TRUNCATED:
		a->len /= 2;
		break;
	case FAULT_OVERSIZED:
		free(a->body);
		a->body = malloc(OVERSIZED);
		a->len = OVERSIZED;
		memset(a->body, ' ', OVERSIZED);
		break;
	default:
		break;
	}
}

static enum MHD_Result send_answer(struct MHD_Connection *c, struct answer *a, const char *wait)
{
	struct MHD_Response *r =
		MHD_create_response_from_buffer(a->len, a->body, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result done;

	MHD_add_response_header(r, "Content-Type", a->type);
	if (*wait)
		MHD_add_response_header(r, "Retry-After", wait);
	if (a->status == 302)
		MHD_add_response_header(r, "Location", "elsewhere");
	done = MHD_queue_response(c, a->status, r);
	MHD_destroy_response(r);
	return done;
}

static enum MHD_Result answer(struct MHD_Connection *c, const char *url, const struct upload *up)
{
	struct answer a = { 0 };
	char wait[64] = "";
	enum fault fault = FAULT_NONE;
	unsigned int value;

	pthread_mutex_lock(&lock);
	value = the_log.fault_value;
	if (!strcmp(url, "/control")) {
		control(c, &a);
	} else {
		fault = the_log.fault;
		serve(c, url, up, &a);
		spoil(fault, &a, wait, sizeof(wait));
		if (the_log.fault_left && !--the_log.fault_left)
			the_log.fault = FAULT_NONE;
	}
	pthread_mutex_unlock(&lock);
	if (fault == FAULT_HANG)
		sleep(value);
	return send_answer(c, &a, wait);
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *c, const char *url,
			      const char *method, const char *version, const char *data,
			      size_t *size, void **state)
{
	struct upload *up = *state;

	if (!up) {
		*state = calloc(1, sizeof(struct upload));
		return *state ? MHD_YES : MHD_NO;
	}
	if (*size) {
		if (*size > POST_MAX - up->n)
			return MHD_NO;
		up->p = realloc(up->p, up->n + *size);
		memcpy(up->p + up->n, data, *size);
		up->n += *size;
		*size = 0;
		return MHD_YES;
	}
	return answer(c, url, up);
}

static void finished(void *ctx, struct MHD_Connection *c, void **state,
		     enum MHD_RequestTerminationCode how)
{
	struct upload *up = *state;

	if (up)
		free(up->p);
	free(up);
}

int main(int argc, char **argv)
{
	struct sockaddr_in here = { .sin_family = AF_INET };
	struct MHD_Daemon *d;
	char *key, byte;
	unsigned int port;

	if (argc < 2 || log_open(&the_log, argv[1], argc > 2 && !strcmp(argv[2], "static"))) {
		fprintf(stderr, "usage: ctlogd ROOTS.pem [static]\n");
		return 2;
	}
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	d = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0,
			     NULL, NULL, handle, NULL, MHD_OPTION_SOCK_ADDR, &here,
			     MHD_OPTION_NOTIFY_COMPLETED, finished, NULL, MHD_OPTION_END);
	if (!d) {
		fprintf(stderr, "ctlogd: no port\n");
		return 1;
	}
	port = MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port;
	snprintf(the_log.origin, sizeof(the_log.origin), "127.0.0.1:%u", port);
	key = base64_of(cc_span(the_log.spki.data, the_log.spki.size));
	printf("http://127.0.0.1:%u/ %s\n", port, key);
	fflush(stdout);
	free(key);
	while (read(0, &byte, 1) > 0)
		;
	MHD_stop_daemon(d);
	log_close(&the_log);
	return 0;
}
