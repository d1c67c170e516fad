// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* acmed-ca CERT KEY ROOTS PORT CONTROL: the CA at https://localhost:PORT/dir, with this certificate and key; writes its root to
 * ROOTS. http://localhost:CONTROL/?fault=NAME&n=REQUESTS&value=V says what goes wrong from then on (n 0: until it is said
 * otherwise), and answers how many requests there were; /orders how many orders, /issued how many certificates. Ends when its
 * standard input does. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "tests/acmed-ca/ca.h"

#define HUGE_BODY 100000000
#define UPLOAD_MAX 1048576

static struct ca ca;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *const fault_names[] = {
#define X(name, text) text,
	FAULTS(X)
#undef X
};

struct upload {
	char *p;
	size_t n;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static char *read_file(const char *path)
{
	char *text = calloc(1, 65536);
	FILE *f = fopen(path, "re");

	if (!f || !fread(text, 1, 65535, f))
		die(path);
	fclose(f);
	return text;
}

/* Faults that hit every answer but the directory's. */
static void spoil(struct answer *a, bool *ret_close)
{
	const time_t t = time(NULL) + atoi(ca.value);
	struct tm tm;

	switch (ca.fault) {
	case FAULT_BUSY_DATE:
	case FAULT_BUSY:
		a->status = 503;
		if (ca.fault == FAULT_BUSY)
			snprintf(a->retry, sizeof(a->retry), "%s", ca.value);
		else
			strftime(a->retry, sizeof(a->retry), "%a, %d %b %Y %H:%M:%S GMT",
				 gmtime_r(&t, &tm));
		break;
	case FAULT_TYPE:
		a->type = "text/html";
		break;
	case FAULT_REDIRECT:
		a->status = 302;
		snprintf(a->location, sizeof(a->location), "%s/dir", ca.base);
		break;
	case FAULT_BROKEN:
		a->status = 500;
		a->type = "text/plain";
		break;
	case FAULT_NO_JSON:
		free(a->body);
		a->body = strdup("{\"status\":");
		break;
	case FAULT_HUGE:
		free(a->body);
		a->body = malloc(HUGE_BODY);
		memset(a->body, ' ', HUGE_BODY);
		a->len = HUGE_BODY;
		break;
	default:
		break;
	}
	*ret_close = ca.fault == FAULT_CLOSE;
}

static enum MHD_Result send_answer(struct MHD_Connection *c, struct answer *a, const char *nonce,
				   bool end)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(a->len	   ? a->len
								 : a->body ? strlen(a->body)
									   : 0,
								 a->body, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result done;

	if (a->type)
		MHD_add_response_header(r, "Content-Type", a->type);
	if (*nonce)
		MHD_add_response_header(r, "Replay-Nonce", nonce);
	if (*a->location)
		MHD_add_response_header(r, "Location", a->location);
	if (*a->retry)
		MHD_add_response_header(r, "Retry-After", a->retry);
	if (end)
		MHD_add_response_header(r, "Connection", "close");
	done = MHD_queue_response(c, a->status, r);
	MHD_destroy_response(r);
	return done;
}

static enum MHD_Result answer(struct MHD_Connection *c, const char *path, const char *body)
{
	const bool hit = strcmp(path, "/dir") != 0 && strcmp(path, "/nonce") != 0;
	struct answer a = { 0 };
	unsigned int hang = 0;
	char nonce[32] = "";
	bool end = false;

	pthread_mutex_lock(&lock);
	ca.requests++;
	if (hit && ca.fault == FAULT_DROP) {
		if (ca.left && !--ca.left)
			ca.fault = FAULT_NONE;
		pthread_mutex_unlock(&lock);
		return MHD_NO;
	}
	ca_serve(&ca, path, body, &a);
	if (ca.fault != FAULT_NO_NONCE)
		snprintf(nonce, sizeof(nonce), "nonce-%lu", ++ca.nonce);
	if (hit) {
		spoil(&a, &end);
		hang = ca.fault == FAULT_HANG ? (unsigned int)atoi(ca.value) : 0;
		if (ca.left && !--ca.left)
			ca.fault = FAULT_NONE;
	}
	pthread_mutex_unlock(&lock);
	sleep(hang);
	return send_answer(c, &a, nonce, end);
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *c, const char *path,
			      const char *method, const char *version, const char *data,
			      size_t *size, void **state)
{
	struct upload *up = *state;

	if (!up) {
		*state = calloc(1, sizeof(struct upload));
		return *state ? MHD_YES : MHD_NO;
	}
	if (*size) {
		if (up->n + *size > UPLOAD_MAX)
			return MHD_NO;
		up->p = realloc(up->p, up->n + *size + 1);
		memcpy(up->p + up->n, data, *size);
		up->n += *size;
		up->p[up->n] = '\0';
		*size = 0;
		return MHD_YES;
	}
	return answer(c, path, up->p);
}

static void finished(void *ctx, struct MHD_Connection *c, void **state,
		     enum MHD_RequestTerminationCode code)
{
	struct upload *up = *state;

	if (up)
		free(up->p);
	free(up);
}

static enum MHD_Result control(void *ctx, struct MHD_Connection *c, const char *path,
			       const char *method, const char *version, const char *data,
			       size_t *size, void **state)
{
	const char *fault = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "fault");
	const char *n = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "n");
	const char *value = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "value");
	struct answer a = { .status = 400 };
	int i;

	*size = 0;
	pthread_mutex_lock(&lock);
	if (asprintf(&a.body, "%u\n",
		     !strcmp(path, "/orders")	? ca.count
		     : !strcmp(path, "/issued") ? ca.issued
						: ca.requests) < 0)
		abort();
	if (!fault)
		a.status = 200;
	for (i = 0; fault && i < FAULT_COUNT; i++) {
		if (strcmp(fault, fault_names[i]) != 0)
			continue;
		a.status = 200;
		ca.fault = (enum fault)i;
		ca.left = n ? (unsigned int)atoi(n) : 0;
		snprintf(ca.value, sizeof(ca.value), "%s", value ? value : "1");
	}
	pthread_mutex_unlock(&lock);
	return send_answer(c, &a, "", true);
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in by = at;
	struct MHD_Daemon *server, *controller;
	char octet;

	if (argc != 6) {
		fprintf(stderr, "usage: acmed-ca CERT KEY ROOTS PORT CONTROL\n");
		return 2;
	}
	at.sin_port = htons((uint16_t)atoi(argv[4]));
	by.sin_port = htons((uint16_t)atoi(argv[5]));
	snprintf(ca.base, sizeof(ca.base), "https://localhost:%d", atoi(argv[4]));
	ca_open(&ca, argv[3]);
	server = MHD_start_daemon(
		MHD_USE_TLS | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0,
		NULL, NULL, handle, NULL, MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_HTTPS_MEM_CERT,
		read_file(argv[1]), MHD_OPTION_HTTPS_MEM_KEY, read_file(argv[2]),
		MHD_OPTION_NOTIFY_COMPLETED, finished, NULL, MHD_OPTION_END);
	controller = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, control, NULL,
				      MHD_OPTION_SOCK_ADDR, &by, MHD_OPTION_END);
	if (!server || !controller)
		die("acmed-ca");
	while (read(STDIN_FILENO, &octet, 1) > 0)
		;
	return 0;
}
