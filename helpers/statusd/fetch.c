// SPDX-License-Identifier: GPL-2.0-only
/* Fetching: libcurl's multi interface, and what a stranger's URL may not do with it. */
#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "helpers/statusd/fetch.h"

#define FIRST_ROOM 4096
#define SLOW_BYTES 64L	/* a peer that trickles less than this a second ... */
#define SLOW_SECONDS 5L /* ... for so long is given up */
#define WAIT_MOST 86400 /* seconds of Retry-After that are believed */

struct fetch {
	struct fetcher *fetcher;
	struct fetch *next;
	CURL *easy;
	struct curl_slist *headers;
	char *url;
	uint8_t *body;
	size_t room;
	size_t max_bytes;
	int64_t asked;	/* ms of the monotonic clock */
	int64_t until;	/* the same */
	int64_t begun;	/* when a name was looked up, a connection made or taken over; 0: not yet */
	bool forbidden; /* a connection was refused by us */
	bool too_large;
	bool no_memory;
	struct fetch_answer answer;
	fetch_done *done;
	void *ctx;
};

struct fetcher {
	struct fetch_rules rules;
	CURLM *multi;
	struct fetch *under_way;
	uint32_t count;
};

const char *fetch_end_text(enum fetch_end end)
{
	static const char *const texts[] = {
#define X(name, text) text,
		FETCH_ENDS(X)
#undef X
	};

	return end < FETCH_END_COUNT ? texts[end] : "?";
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until then, a fetch waits its turn. */
static void begin(struct fetch *fetch)
{
	if (!fetch->begun)
		fetch->begun = now_ms();
}

static int on_lookup(void *resolver, void *spare, void *ctx)
{
	begin(ctx);
	return 0;
}

/* Of a connection that served another before, this is the first that is heard. */
static int on_request(void *ctx, char *to, char *from, int to_port, int from_port)
{
	begin(ctx);
	return CURL_PREREQFUNC_OK;
}

/* Called for every connection, redirected ones too, with the address that the name led to. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct fetch *fetch = ctx;
	const struct fetch_rules *rules = &fetch->fetcher->rules;

	begin(fetch);
	if (purpose != CURLSOCKTYPE_IPCXN ||
	    !address_allowed(&address->addr, rules->ranges, rules->range_count)) {
		fetch->forbidden = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool make_room(struct fetch *fetch, size_t need)
{
	size_t room = fetch->room ? fetch->room : FIRST_ROOM;
	uint8_t *data;

	if (need <= fetch->room)
		return true;
	while (room < need)
		room *= 2;
	if (room > fetch->max_bytes)
		room = fetch->max_bytes;
	data = realloc(fetch->answer.data, room);
	if (!data) {
		fetch->no_memory = true;
		return false;
	}
	fetch->answer.data = data;
	fetch->room = room;
	return true;
}

/* Fewer bytes taken than given ends the transfer. */
static size_t take_body(char *data, size_t one, size_t n, void *ctx)
{
	struct fetch *fetch = ctx;
	struct fetch_answer *answer = &fetch->answer;

	if (n > fetch->max_bytes - answer->len) {
		fetch->too_large = true;
		return 0;
	}
	if (n == 0 || !make_room(fetch, answer->len + n))
		return 0;
	memcpy(answer->data + answer->len, data, n);
	answer->len += n;
	return n;
}

/* The value of a field, if @line is one of that @name; what is too long or not printable is none. */
static void take_field(const char *line, size_t n, const char *name, char ret[FETCH_TAG_MAX])
{
	size_t from = strlen(name), to = n;

	if (n < from || strncasecmp(line, name, from) != 0)
		return;
	while (from < to && (line[from] == ' ' || line[from] == '\t'))
		from++;
	while (to > from && (uint8_t)line[to - 1] <= ' ')
		to--;
	ret[0] = '\0';
	for (size_t i = from; i < to; i++)
		if ((uint8_t)line[i] < ' ' || (uint8_t)line[i] > '~')
			return;
	if (to - from < FETCH_TAG_MAX) {
		memcpy(ret, line + from, to - from);
		ret[to - from] = '\0';
	}
}

/* Of the last answer: those of redirections before it are forgotten. */
static size_t take_header(char *line, size_t one, size_t n, void *ctx)
{
	struct fetch_answer *answer = &((struct fetch *)ctx)->answer;

	if (n >= 5 && memcmp(line, "HTTP/", 5) == 0) {
		answer->etag[0] = answer->modified[0] = '\0';
		answer->len = 0;
	}
	take_field(line, n, "etag:", answer->etag);
	take_field(line, n, "last-modified:", answer->modified);
	return n;
}

/* Only what a certificate may ask of us: no user, no fragment that would hide something, no control
 * characters, no port but the protocols' own unless an administrator says so. */
static bool url_fetched(const struct fetch_rules *rules, const char *text)
{
	char *scheme = NULL, *host = NULL, *port = NULL;
	const char *slashes = strstr(text, "://");
	CURLU *url;
	bool good = false;

	for (const char *p = text; *p; p++)
		if ((uint8_t)*p <= ' ' || (uint8_t)*p >= 0x7f)
			return false;
	/* libcurl takes any number of slashes there. */
	if (strlen(text) > FETCH_URL_MAX || !slashes || slashes[3] == '/')
		return false;
	url = curl_url();
	if (url && curl_url_set(url, CURLUPART_URL, text, CURLU_DISALLOW_USER) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
		good = (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) && *host &&
		       (rules->any_port || strcmp(port, "80") == 0 || strcmp(port, "443") == 0);
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(url);
	return good;
}

static void fetch_free(struct fetch *fetch)
{
	if (!fetch)
		return;
	curl_easy_cleanup(fetch->easy);
	curl_slist_free_all(fetch->headers);
	free(fetch->answer.data);
	free(fetch->body);
	free(fetch->url);
	free(fetch);
}

static bool add_header(struct fetch *fetch, const char *name, const char *value)
{
	char line[FETCH_TAG_MAX + 64];
	struct curl_slist *longer;
	size_t n = strlen(name), m = value ? strlen(value) : 0;

	if (m == 0)
		return true;
	if (n + m >= sizeof(line))
		return false;
	memcpy(line, name, n);
	memcpy(line + n, value, m + 1);
	longer = curl_slist_append(fetch->headers, line);
	if (!longer)
		return false;
	fetch->headers = longer;
	return true;
}

static bool set_body(struct fetch *fetch, const struct fetch_request *request)
{
	if (!request->body)
		return true;
	fetch->body = malloc(request->body_len ? request->body_len : 1);
	if (!fetch->body)
		return false;
	memcpy(fetch->body, request->body, request->body_len);
	return curl_easy_setopt(fetch->easy, CURLOPT_POST, 1L) == CURLE_OK &&
	       curl_easy_setopt(fetch->easy, CURLOPT_POSTFIELDS, fetch->body) == CURLE_OK &&
	       curl_easy_setopt(fetch->easy, CURLOPT_POSTFIELDSIZE_LARGE,
				(curl_off_t)request->body_len) == CURLE_OK &&
	       add_header(fetch, "Content-Type: ", request->content_type) &&
	       add_header(fetch, "Expect:", " ");
}

/* One list of options, and one place that notices when one is not taken. */
static bool set_options(struct fetch *fetch, const struct fetch_request *request)
{
	const struct fetch_rules *rules = &fetch->fetcher->rules;
	CURL *e = fetch->easy;
	CURLcode r = CURLE_OK;

#define SET(option, value) (r = r ? r : curl_easy_setopt(e, CURLOPT_##option, value))
	SET(URL, fetch->url);
	SET(PROTOCOLS_STR, "http,https");
	SET(REDIR_PROTOCOLS_STR, "http,https");
	SET(FOLLOWLOCATION, 0L); /* who moved his list can issue new certificates, or answer */
	SET(PROXY, "");
	SET(NOSIGNAL, 1L);
	SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(FORBID_REUSE, 0L);
	SET(TIMEOUT_MS, (long)request->timeout_ms);
	SET(CONNECTTIMEOUT_MS, (long)rules->connect_ms);
	SET(LOW_SPEED_LIMIT, SLOW_BYTES);
	SET(LOW_SPEED_TIME, SLOW_SECONDS);
	SET(MAXFILESIZE_LARGE, (curl_off_t)request->max_bytes);
	SET(OPENSOCKETFUNCTION, open_socket);
	SET(OPENSOCKETDATA, fetch);
	SET(RESOLVER_START_FUNCTION, on_lookup);
	SET(RESOLVER_START_DATA, fetch);
	SET(PREREQFUNCTION, on_request);
	SET(PREREQDATA, fetch);
	SET(WRITEFUNCTION, take_body);
	SET(WRITEDATA, fetch);
	SET(HEADERFUNCTION, take_header);
	SET(HEADERDATA, fetch);
	SET(HTTPHEADER, fetch->headers);
	SET(PRIVATE, fetch);
	SET(USERAGENT, "capcert-statusd");
#undef SET
	return r == CURLE_OK;
}

static int prepare(struct fetch *fetch, const struct fetch_request *request)
{
	fetch->max_bytes = request->max_bytes;
	fetch->answer.retry_after = -1;
	fetch->url = strdup(request->url);
	fetch->easy = curl_easy_init();
	if (!fetch->url || !fetch->easy || !set_body(fetch, request) ||
	    !add_header(fetch, "Accept: ", request->accept) ||
	    !add_header(fetch, "If-None-Match: ", request->etag) ||
	    !add_header(fetch, "If-Modified-Since: ", request->modified) ||
	    !set_options(fetch, request))
		return -ENOMEM;
	return curl_multi_add_handle(fetch->fetcher->multi, fetch->easy) == CURLM_OK ? 0 : -ENOMEM;
}

int fetcher_start(struct fetcher *f, const struct fetch_request *request, fetch_done *done,
		  void *ctx)
{
	struct fetch *fetch;
	int r;

	if (!url_fetched(&f->rules, request->url))
		return -EINVAL;
	fetch = calloc(1, sizeof(*fetch));
	if (!fetch)
		return -ENOMEM;
	fetch->fetcher = f;
	fetch->asked = now_ms();
	fetch->until = fetch->asked + request->timeout_ms;
	fetch->done = done;
	fetch->ctx = ctx;
	r = prepare(fetch, request);
	if (r < 0) {
		fetch_free(fetch);
		return r;
	}
	fetch->next = f->under_way;
	f->under_way = fetch;
	f->count++;
	return 0;
}

uint32_t fetcher_count(const struct fetcher *f)
{
	return f->count;
}

/* Its time went by in the queue, all of it or the greater part: that says nothing of the host. (What
 * libcurl gives a connection to be made counts from when it was asked for, too.) */
static bool waited_most(const struct fetch *fetch)
{
	return !fetch->begun || fetch->begun - fetch->asked > now_ms() - fetch->begun;
}

static enum fetch_end end_of(const struct fetch *fetch, CURLcode code, long status)
{
	if (fetch->no_memory || code == CURLE_OUT_OF_MEMORY)
		return FETCH_MEMORY;
	if (fetch->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return FETCH_TOO_LARGE;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return waited_most(fetch) ? FETCH_QUEUE : FETCH_TIMEOUT;
	if (code != CURLE_OK)
		return fetch->forbidden ? FETCH_FORBIDDEN : FETCH_UNREACHABLE;
	if (status == 304)
		return FETCH_UNCHANGED;
	return status == 200 ? FETCH_OK : FETCH_STATUS;
}

static void unlink_fetch(struct fetcher *f, const struct fetch *fetch)
{
	struct fetch **at = &f->under_way;

	while (*at != fetch)
		at = &(*at)->next;
	*at = fetch->next;
	f->count--;
}

static void finish(struct fetcher *f, struct fetch *fetch, CURLcode code)
{
	struct fetch_answer *answer = &fetch->answer;
	curl_off_t wait = 0;

	curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &answer->status);
	if (curl_easy_getinfo(fetch->easy, CURLINFO_RETRY_AFTER, &wait) == CURLE_OK && wait > 0)
		answer->retry_after = wait < WAIT_MOST ? (int64_t)wait : WAIT_MOST;
	answer->end = end_of(fetch, code, answer->status);
	if (answer->end != FETCH_OK) {
		free(answer->data);
		answer->data = NULL;
		answer->len = 0;
	}
	curl_multi_remove_handle(f->multi, fetch->easy);
	unlink_fetch(f, fetch);
	fetch->done(fetch->ctx, answer);
	fetch_free(fetch);
}

/* libcurl does not look at the clock for those that wait their turn. Return: ms until the next of them
 * has waited enough, @most at most; 0 when one had. */
static int end_waits(struct fetcher *f, int most)
{
	struct fetch *fetch = f->under_way;
	int64_t now = now_ms();

	while (fetch) {
		if (fetch->begun || fetch->until - now > most) {
			fetch = fetch->next;
		} else if (fetch->until > now) {
			most = (int)(fetch->until - now);
			fetch = fetch->next;
		} else {
			finish(f, fetch, CURLE_OPERATION_TIMEDOUT);
			fetch = f->under_way; /* whoever was told may have changed the list */
			most = 0;
		}
	}
	return most;
}

int fetcher_step(struct fetcher *f, int fd, int timeout_ms)
{
	struct curl_waitfd extra = { .fd = fd, .events = CURL_WAIT_POLLIN };
	int running, left;
	CURLMsg *message;

	if (curl_multi_perform(f->multi, &running) != CURLM_OK)
		return -EIO;
	while ((message = curl_multi_info_read(f->multi, &left))) {
		struct fetch *fetch = NULL;
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&fetch);
		finish(f, fetch, code);
		timeout_ms = 0; /* whoever was told may have something to do */
	}
	timeout_ms = end_waits(f, timeout_ms);
	if (curl_multi_poll(f->multi, &extra, fd < 0 ? 0 : 1, timeout_ms, NULL) != CURLM_OK)
		return -EIO;
	return fd >= 0 && extra.revents ? 1 : 0;
}

struct fetcher *fetcher_new(const struct fetch_rules *rules)
{
	struct fetcher *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->rules = *rules;
	f->multi = curl_multi_init();
	if (!f->multi ||
	    curl_multi_setopt(f->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)rules->per_host) ||
	    curl_multi_setopt(f->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)rules->at_once) ||
	    curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, (long)rules->at_once)) {
		fetcher_free(f);
		return NULL;
	}
	return f;
}

void fetcher_free(struct fetcher *f)
{
	if (!f)
		return;
	while (f->under_way) {
		struct fetch *fetch = f->under_way;

		f->under_way = fetch->next;
		curl_multi_remove_handle(f->multi, fetch->easy);
		fetch_free(fetch);
	}
	curl_multi_cleanup(f->multi);
	free(f);
}
