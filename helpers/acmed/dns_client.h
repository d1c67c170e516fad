/* SPDX-License-Identifier: GPL-2.0-only */
/* A solver's zone: where a record belongs, changing it, and who has it. All that it may change are TXT records of
 * one first label in one zone, or one record. */
#ifndef HELPERS_ACMED_DNS_CLIENT_H
#define HELPERS_ACMED_DNS_CLIENT_H

#include "helpers/acmed/conf.h"
#include "helpers/acmed/dns_ask.h"

#define DNS_HOSTS     16 /* name servers of a zone, */
#define DNS_ADDRESSES 8	 /* addresses of one, */
#define DNS_RESOLVERS 3	 /* and resolvers that are asked about others' names: who answered last comes first */
_Static_assert(DNS_HOSTS * DNS_ADDRESSES <= DNS_AT_ONCE, "all addresses are asked at once");

struct dns_host {
	char name[DNS_NAME_TEXT];
	struct dns_server servers[DNS_ADDRESSES];
	bool silent[DNS_ADDRESSES]; /* no answer when it was asked before: it gets less patience */
	size_t count;
};

struct dns_client {
	const struct conf_solver *conf;
	const char *label; /* the first of all names that it may change */
	bool has_server, has_key, has_zone, has_record;
	struct dns_server server;
	struct dns_server resolvers[DNS_RESOLVERS];
	size_t resolver_count;
	struct dns_key key;
	struct dns_name zone, record;
	/* who answers for @hosts_zone; as of @hosts_at (monotonic ms), 0 = not known */
	struct dns_name hosts_zone;
	struct dns_host hosts[DNS_HOSTS];
	size_t host_count;
	int64_t hosts_at;
	struct dns_asker asker;
	char error[DNS_ERROR]; /* of the last call that failed, or found something missing */
};

/** dns_client_open() - reads /etc/resolv.conf where @conf names no resolver. Return: 0, -ENOMEM, -EINVAL. */
int dns_client_open(const struct conf_solver *conf, struct dns_client **ret);
void dns_client_free(struct dns_client *c); /* NULL is fine */

/**
 * dns_client_target() - where @record is kept: there, or where its CNAME records lead. With a key, that must be what
 * this solver may change.
 * Return: 0; -EACCES it may not; -errno.
 */
int dns_client_target(struct dns_client *c, const char *record, struct dns_name *ret);

/** dns_client_change() - add @text at @target, or take it away. Return: 0 the server says it is done; -errno. */
int dns_client_change(struct dns_client *c, const struct dns_name *target, const char *text,
		      bool add);

/** dns_client_has() - is there a record for which is() holds, at every server of the zone? All are asked at once. Of a
 *  server's addresses those count that answer; one must. Those that are silent cost seven seconds, all of them
 *  together, once per minute; after that one, and none if another address of the server answers.
 *  Return: 1; 0 not yet, and @c->error says where; -errno. */
int dns_client_has(struct dns_client *c, const struct dns_name *target,
		   bool (*is)(const char *text, const void *ctx), const void *ctx);

#endif
