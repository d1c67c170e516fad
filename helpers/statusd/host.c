// SPDX-License-Identifier: GPL-2.0-only
/* A bounded table of hosts, in order of use. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "helpers/statusd/host.h"

#define NAME_SIZE 320 /* scheme, a DNS name, a port */
#define PATIENCE 3    /* failures in a row before it is left alone */

struct host {
	struct host *next; /* in order of use, the last used first */
	char name[NAME_SIZE];
	uint32_t under_way;
	uint32_t failures; /* in a row, below PATIENCE */
	struct pause pause;
};

struct hosts {
	uint32_t limit;
	uint32_t count;
	struct host *first;
};

/* "http://Host:80/path" is "http://host". Longer ones are cut: they share what they are allowed. */
static void name_of(const char *url, char ret[NAME_SIZE])
{
	const char *slashes = strstr(url, "://");
	size_t n = slashes ? (size_t)(slashes - url) + 3 : 0;
	bool https = n == 8;

	n += strcspn(url + n, "/?#");
	if (n >= NAME_SIZE)
		n = NAME_SIZE - 1;
	for (size_t i = 0; i < n; i++)
		ret[i] = (char)tolower((unsigned char)url[i]);
	ret[n] = '\0';
	if (n > 3 && !https && strcmp(ret + n - 3, ":80") == 0)
		ret[n - 3] = '\0';
	if (n > 4 && https && strcmp(ret + n - 4, ":443") == 0)
		ret[n - 4] = '\0';
}

/* The last of those that nothing is fetched from. */
static bool make_room(struct hosts *hosts)
{
	struct host **idle = NULL, *gone;

	if (hosts->count < hosts->limit)
		return true;
	for (struct host **at = &hosts->first; *at; at = &(*at)->next)
		if (!(*at)->under_way)
			idle = at;
	if (!idle)
		return false;
	gone = *idle;
	*idle = gone->next;
	free(gone);
	hosts->count--;
	return true;
}

struct host *hosts_get(struct hosts *hosts, const char *url)
{
	char name[NAME_SIZE];
	struct host **at = &hosts->first, *host;

	name_of(url, name);
	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	host = *at;
	if (host) {
		*at = host->next;
	} else {
		if (!make_room(hosts))
			return NULL;
		host = calloc(1, sizeof(*host));
		if (!host)
			return NULL;
		memcpy(host->name, name, sizeof(name));
		hosts->count++;
	}
	host->next = hosts->first;
	hosts->first = host;
	return host;
}

bool host_waits(const struct host *host, int64_t now)
{
	return pause_on(&host->pause, now);
}

uint32_t host_busy(const struct host *host)
{
	return host->under_way;
}

void host_begin(struct host *host)
{
	host->under_way++;
}

static bool asks_for_rest(const struct fetch_answer *answer)
{
	return answer->retry_after > 0 && (answer->status == 429 || answer->status == 503);
}

static bool is_down(const struct fetch_answer *answer)
{
	return answer->end == FETCH_UNREACHABLE || answer->end == FETCH_TIMEOUT ||
	       (answer->end == FETCH_STATUS && (answer->status >= 500 || answer->status == 429));
}

void host_end(struct host *host, const struct fetch_answer *answer, int64_t now)
{
	host->under_way--;
	if (answer->end == FETCH_QUEUE || answer->end == FETCH_MEMORY)
		return; /* our trouble */
	if (!is_down(answer)) {
		host->failures = 0;
		pause_end(&host->pause);
		return;
	}
	/* Those that were under way when it failed are one failure with it. */
	if (host_waits(host, now))
		return;
	host->failures += host->failures < PATIENCE;
	if (host->failures == PATIENCE || asks_for_rest(answer))
		pause_begin(&host->pause, now, asks_for_rest(answer) ? answer->retry_after : -1,
			    PAUSE_LONGEST);
}

uint32_t hosts_count(const struct hosts *hosts)
{
	return hosts->count;
}

struct hosts *hosts_new(uint32_t limit)
{
	struct hosts *hosts = calloc(1, sizeof(*hosts));

	if (hosts)
		hosts->limit = limit;
	return hosts;
}

void hosts_free(struct hosts *hosts)
{
	while (hosts && hosts->first) {
		struct host *next = hosts->first->next;

		free(hosts->first);
		hosts->first = next;
	}
	free(hosts);
}
