/* SPDX-License-Identifier: GPL-2.0-only */
/* The hosts that are asked: how much each has to do for us now, and whether it is left alone for a while. */
#ifndef HELPERS_STATUSD_HOST_H
#define HELPERS_STATUSD_HOST_H

#include "helpers/statusd/fetch.h"
#include "helpers/statusd/pause.h"

/** A scheme, a host, a port. */
struct host;

struct hosts;

/** hosts_new() - @limit: hosts that are remembered, more than fetches at once. NULL: out of memory. */
struct hosts *hosts_new(uint32_t limit);
void hosts_free(struct hosts *hosts);

/** hosts_get() - the host of a URL; the one that was not asked for longest makes room. Valid until the
 *  next call, or as long as it is busy. NULL: out of memory, or all are busy. */
struct host *hosts_get(struct hosts *hosts, const char *url);

/** host_waits() - is it left alone at @now? */
bool host_waits(const struct host *host, int64_t now);

/** host_busy() - fetches from it that are under way. */
uint32_t host_busy(const struct host *host);

void host_begin(struct host *host);

/**
 * host_end() - one is over. A host that cannot be reached, is too slow or breaks, three times in a row, is
 * left alone, and again longer after each further failure; one that says when it wants to be asked again
 * (429, 503), at once. What it has not got is no failure of the host.
 */
void host_end(struct host *host, const struct fetch_answer *answer, int64_t now);

uint32_t hosts_count(const struct hosts *hosts);

#endif
