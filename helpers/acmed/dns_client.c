// SPDX-License-Identifier: GPL-2.0-only
/* Questions of a solver about names, and its updates. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "helpers/acmed/dns_client.h"

#define CNAMES 8       /* followed */
#define HOSTS_MS 60000 /* as long, the zone's servers are taken to be the same */
#define RESOLV_CONF "/etc/resolv.conf"

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

__attribute__((format(printf, 3, 4))) static int wrong(struct dns_client *c, int error,
						       const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(c->error, sizeof(c->error), format, args);
	va_end(args);
	return error;
}

/* ---- opening ---- */

static void read_resolvers(struct dns_client *c)
{
	char line[512], address[256];
	FILE *f = fopen(RESOLV_CONF, "re");

	while (f && c->resolver_count < DNS_RESOLVERS && fgets(line, sizeof(line), f))
		if (sscanf(line, " nameserver %255s", address) == 1 &&
		    dns_server_parse(address, &c->resolvers[c->resolver_count]))
			c->resolver_count++;
	if (f)
		fclose(f);
}

int dns_client_open(const struct conf_solver *conf, struct dns_client **ret)
{
	struct dns_client *c = calloc(1, sizeof(*c));
	bool fine = c != NULL;

	if (!c)
		return -ENOMEM;
	c->conf = conf;
	c->label = conf->challenge == CONF_DNS_01 ? "_acme-challenge" : "_validation-persist";
	c->has_server = conf->server;
	c->has_key = conf->tsig_key;
	c->has_zone = conf->zone;
	c->has_record = conf->record;
	if (c->has_server)
		fine = dns_server_parse(conf->server, &c->server);
	if (fine && c->has_key)
		fine = dns_key_set(&c->key, conf->tsig_key_name, conf->tsig_algorithm,
				   conf->tsig_key, conf->tsig_key_len);
	if (fine && c->has_zone)
		fine = dns_name_parse(conf->zone, &c->zone);
	if (fine && c->has_record)
		fine = dns_name_parse(conf->record, &c->record);
	if (fine && conf->resolver) {
		fine = dns_server_parse(conf->resolver, &c->resolvers[0]);
		c->resolver_count = 1;
	} else {
		read_resolvers(c);
	}
	if (!fine) {
		dns_client_free(c);
		return -EINVAL;
	}
	*ret = c;
	return 0;
}

void dns_client_free(struct dns_client *c)
{
	if (c)
		explicit_bzero(&c->key, sizeof(c->key));
	free(c);
}

/* ---- questions ---- */

static const char *rcode_word(int rcode)
{
	static const char *const words[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
					     "NOTIMP",	"REFUSED", "YXDOMAIN", "YXRRSET",
					     "NXRRSET", "NOTAUTH", "NOTZONE" };

	return rcode >= 0 && rcode < (int)(sizeof(words) / sizeof(words[0])) ? words[rcode]
									     : "an unknown error";
}

/* One server. There is no such name: that is an answer. */
static int ask(struct dns_client *c, const struct dns_server *to, const struct dns_key *key,
	       const struct dns_name *name, ns_type type, bool recurse)
{
	char text[DNS_NAME_TEXT];
	int r, rcode;

	dns_question(&c->asker.query, dns_id(), name, type, recurse);
	r = dns_ask(&c->asker, to, key, c->error);
	if (r < 0)
		return r;
	rcode = c->asker.reply.rcode;
	if (rcode == ns_r_noerror || rcode == ns_r_nxdomain)
		return 0;
	return wrong(c, -EREMOTEIO, "%s answers %s when it is asked about %.200s", to->text,
		     rcode_word(rcode), dns_name_text(name, text));
}

/* A dead resolver is not waited for with each question. */
static void prefer(struct dns_client *c, size_t resolver)
{
	const struct dns_server first = c->resolvers[0];

	c->resolvers[0] = c->resolvers[resolver];
	c->resolvers[resolver] = first;
}

/* Our server, if that is one for this name; else the resolvers. */
static int ask_around(struct dns_client *c, const struct dns_name *name, ns_type type)
{
	int r = -ENOENT;

	if (c->has_server) {
		r = ask(c, &c->server, c->has_key ? &c->key : NULL, name, type, false);
		if (r == 0 && c->asker.reply.authoritative)
			return 0;
		if (r == -EACCES)
			return r;
		if (r == 0)
			r = wrong(c, -ENOENT, "%s is not authoritative for this name",
				  c->server.text);
	}
	for (size_t i = 0; i < c->resolver_count; i++) {
		r = ask(c, &c->resolvers[i], NULL, name, type, true);
		if (r == 0) {
			prefer(c, i);
			return 0;
		}
	}
	if (!c->has_server && !c->resolver_count)
		wrong(c, -ENOENT, RESOLV_CONF " has no nameserver: give the solver a resolver");
	return r;
}

/* ---- where a record belongs ---- */

static bool allowed(const struct dns_client *c, const struct dns_name *name)
{
	if (c->has_record)
		return dns_name_same(name, &c->record);
	return c->has_zone && dns_name_within(name, &c->zone) && dns_name_begins(name, c->label);
}

static int take_name(void *ctx, const struct dns_name *value)
{
	struct dns_name *ret = ctx;

	*ret = *value;
	return 1;
}

/* The CNAME record of @name, if there is one, in its place. Return: 1, 0, -errno. */
static int follow(struct dns_client *c, struct dns_name *name)
{
	struct dns_name next;
	int r = ask_around(c, name, ns_t_cname);

	if (r < 0)
		return r;
	if (!dns_reply_names(&c->asker.reply, name, ns_t_cname, take_name, &next))
		return 0;
	*name = next;
	return 1;
}

/* @error: of the last question, where that is why nothing leads to us. */
static int refuse(struct dns_client *c, const char *record, const struct dns_name *target,
		  int error)
{
	char at[DNS_NAME_TEXT], own[DNS_NAME_TEXT], way[DNS_NAME_TEXT + 32] = "", why[160] = "";
	struct dns_name name;

	if (error < 0)
		snprintf(why, sizeof(why), " (%.150s)", c->error);
	if (!dns_name_parse(record, &name) || !dns_name_same(&name, target))
		snprintf(way, sizeof(way), " (by CNAME %.100s)", dns_name_text(target, at));
	return wrong(c, -EACCES,
		     "solver %s may not change %.100s%.120s: its authority is %s%.100s. Use "
		     "another solver, or a CNAME record that leads there%s",
		     c->conf->name, record, way,
		     c->has_record ? "one record, "
		     : c->conf->challenge == CONF_DNS_01
			     ? "TXT records _acme-challenge.* in the zone "
			     : "TXT records _validation-persist.* in the zone ",
		     dns_name_text(c->has_record ? &c->record : &c->zone, own), why);
}

int dns_client_target(struct dns_client *c, const char *record, struct dns_name *ret)
{
	bool own;
	int r = 1;

	if (!dns_name_parse(record, ret))
		return wrong(c, -EINVAL, "%.200s is no name", record);
	if (!dns_name_begins(ret, c->label))
		return refuse(c, record, ret, 0);
	own = allowed(c, ret);
	for (int i = 0; r == 1 && i <= CNAMES; i++)
		r = follow(c, ret);
	if (r == 1)
		return wrong(c, -ELOOP, "%.200s: more than %d CNAME records", record, CNAMES);
	/* What is not ours, and of which nobody says that it leads to us, stays not ours. */
	if (c->has_key && !allowed(c, ret) && (r == 0 || !own))
		return refuse(c, record, ret, r);
	return r;
}

/* The zone of @name, for an update or for its servers. */
static int zone_of(struct dns_client *c, const struct dns_name *name, struct dns_name *ret)
{
	char text[DNS_NAME_TEXT];
	int r;

	if (c->has_zone && dns_name_within(name, &c->zone)) {
		*ret = c->zone;
		return 0;
	}
	r = ask_around(c, name, ns_t_soa);
	if (r == 0 && !dns_reply_zone(&c->asker.reply, name, ret))
		r = wrong(c, -ENOENT, "the zone of %.200s is not to be found",
			  dns_name_text(name, text));
	return r;
}

/* ---- updates ---- */

/* RFC 2136 section 2.2. */
static int refused(struct dns_client *c, int rcode, const struct dns_name *zone,
		   const struct dns_name *target)
{
	char name[DNS_NAME_TEXT], of[DNS_NAME_TEXT];
	const char *what;

	switch (rcode) {
	case ns_r_refused:
		what = "its policy does not let this key change TXT there (BIND update-policy, "
		       "Knot acl), or it is not the primary";
		break;
	case ns_r_notauth:
		what = "it is not the zone's server: is zone right, is server the primary?";
		break;
	case ns_r_notzone:
		what = "the name is not in the zone: has it a zone of its own?";
		break;
	case ns_r_servfail:
		what = "it could not: its log says why; may it write the zone's journal?";
		break;
	case ns_r_notimpl:
		what = "it takes no updates: is server the primary?";
		break;
	case ns_r_formerr:
		what = "it does not understand updates";
		break;
	default:
		what = "its log says why";
		break;
	}
	return wrong(c, -EREMOTEIO, "%s answers %s to the update of %.120s in the zone %.100s: %s",
		     c->server.text, rcode_word(rcode), dns_name_text(target, name),
		     dns_name_text(zone, of), what);
}

int dns_client_change(struct dns_client *c, const struct dns_name *target, const char *text,
		      bool add)
{
	struct dns_name zone;
	int r;

	if (!c->has_key || !allowed(c, target) || strlen(text) >= DNS_TEXT)
		return wrong(c, -EACCES, "solver %s may not change this", c->conf->name);
	r = zone_of(c, target, &zone);
	if (r < 0)
		return r;
	dns_update(&c->asker.query, dns_id(), &zone, target, text, c->conf->ttl, add);
	r = dns_ask(&c->asker, &c->server, &c->key, c->error);
	if (r < 0)
		return r;
	return c->asker.reply.rcode == ns_r_noerror
		       ? 0
		       : refused(c, c->asker.reply.rcode, &zone, target);
}

/* ---- the zone's servers ---- */

static int take_host(void *ctx, const struct dns_name *value)
{
	struct dns_client *c = ctx;

	dns_name_text(value, c->hosts[c->host_count].name);
	c->hosts[c->host_count].count = 0;
	return ++c->host_count == DNS_HOSTS;
}

static int take_address(struct dns_host *h, const uint8_t *octets, size_t len)
{
	h->silent[h->count] = false;
	dns_server_set(octets, len, &h->servers[h->count]);
	return ++h->count == DNS_ADDRESSES;
}

static int take_v4(void *ctx, const uint8_t *value)
{
	return take_address(ctx, value, 4);
}

static int take_v6(void *ctx, const uint8_t *value)
{
	return take_address(ctx, value, 16);
}

static int find_addresses(struct dns_client *c, struct dns_host *h)
{
	struct dns_name name;
	int r;

	if (!dns_name_parse(h->name, &name))
		return wrong(c, -EINVAL, "%.200s is no name of a server", h->name);
	r = ask_around(c, &name, ns_t_aaaa);
	if (r == 0)
		dns_reply_addresses(&c->asker.reply, &name, ns_t_aaaa, take_v6, h);
	if (h->count < DNS_ADDRESSES) {
		r = ask_around(c, &name, ns_t_a);
		if (r == 0)
			dns_reply_addresses(&c->asker.reply, &name, ns_t_a, take_v4, h);
	}
	if (h->count)
		return 0;
	return r < 0 ? r : wrong(c, -ENOENT, "the name server %.200s has no address", h->name);
}

/* An administrator's list instead: "check". */
static int fixed_hosts(struct dns_client *c)
{
	char *copy = strdup(c->conf->check), *rest = copy, *word;

	c->host_count = 0;
	while (copy && c->host_count < DNS_HOSTS && (word = strsep(&rest, ", \t"))) {
		struct dns_host *h = &c->hosts[c->host_count];

		if (*word && dns_server_parse(word, &h->servers[0])) {
			snprintf(h->name, sizeof(h->name), "%s", word);
			h->silent[0] = false;
			h->count = 1;
			c->host_count++;
		}
	}
	free(copy);
	return copy ? 0 : -ENOMEM;
}

static int ask_hosts(struct dns_client *c, const struct dns_name *zone)
{
	char text[DNS_NAME_TEXT];
	int r = ask_around(c, zone, ns_t_ns);

	if (r < 0)
		return r;
	dns_reply_names(&c->asker.reply, zone, ns_t_ns, take_host, c);
	if (!c->host_count)
		return wrong(c, -ENOENT, "the zone %.200s has no name servers",
			     dns_name_text(zone, text));
	for (size_t i = 0; r == 0 && i < c->host_count; i++)
		r = find_addresses(c, &c->hosts[i]);
	return r;
}

static int find_hosts(struct dns_client *c, const struct dns_name *zone)
{
	int r;

	if (c->hosts_at && now_ms() - c->hosts_at < HOSTS_MS && dns_name_same(&c->hosts_zone, zone))
		return 0;
	c->host_count = 0;
	c->hosts_at = 0;
	r = c->conf->check ? fixed_hosts(c) : ask_hosts(c, zone);
	if (r == 0) {
		c->hosts_zone = *zone;
		c->hosts_at = now_ms();
	}
	return r;
}

/* ---- who has a record ---- */

struct search {
	struct dns_client *c;
	const struct dns_name *target;
	bool (*is)(const char *text, const void *ctx);
	const void *ctx;
	/* who is asked, and of which host it is an address */
	struct dns_asked asked[DNS_AT_ONCE];
	size_t host[DNS_AT_ONCE], address[DNS_AT_ONCE], count;
	size_t left;  /* of those that are not known to be silent: have not answered */
	bool missing; /* somebody does not have it */
	bool has[DNS_HOSTS];
	char silent[DNS_HOSTS][DNS_ERROR]; /* what is said of an address without an answer */
};

static int look(void *ctx, const char *text)
{
	const struct search *s = ctx;

	return s->is(text, s->ctx);
}

/* What was answered. Return: whether it has it, else c->error says what is wrong. */
static bool answer_has(struct search *s, const struct dns_host *h, const struct dns_server *from)
{
	struct dns_client *c = s->c;
	struct dns_reply *reply = &c->asker.reply;
	char name[DNS_NAME_TEXT];

	if (reply->rcode != ns_r_noerror && reply->rcode != ns_r_nxdomain)
		wrong(c, 0, "%.150s (%s) answers %s when it is asked about %.150s", h->name,
		      from->text, rcode_word(reply->rcode), dns_name_text(s->target, name));
	else if (!reply->authoritative)
		wrong(c, 0,
		      "%.150s (%s) is not authoritative for the zone: correct its NS "
		      "records or that server",
		      h->name, from->text);
	else if (dns_reply_texts(reply, s->target, look, s))
		return true;
	else
		wrong(c, 0,
		      "%.150s (%s) does not have it: does it get the zone from the primary at once "
		      "(NOTIFY, transfers)?",
		      h->name, from->text);
	return false;
}

static bool all_have(const struct search *s)
{
	for (size_t i = 0; i < s->c->host_count; i++)
		if (!s->has[i])
			return false;
	return true;
}

/* Return: whether the others are not worth waiting for. */
static int one_answered(void *ctx, size_t index, int r, const char *error)
{
	struct search *s = ctx;
	const size_t host = s->host[index];
	struct dns_host *h = &s->c->hosts[host];

	s->left -= !s->asked[index].briefly;
	h->silent[s->address[index]] = r < 0 && dns_unreachable(r);
	if (r == 0 && answer_has(s, h, s->asked[index].to)) {
		s->has[host] = true;
	} else if (r == 0) {
		s->missing = true;
	} else if (dns_unreachable(r)) {
		snprintf(s->silent[host], sizeof(s->silent[host]), "%s", error);
	} else {
		wrong(s->c, 0, "%.150s (%.340s)", h->name, error);
		s->missing = true;
	}
	return s->missing || (!s->left && all_have(s));
}

static void ask_everybody(struct search *s)
{
	struct dns_client *c = s->c;

	for (size_t i = 0; i < c->host_count; i++)
		for (size_t j = 0; j < c->hosts[i].count; j++) {
			s->asked[s->count] = (struct dns_asked){ &c->hosts[i].servers[j],
								 c->hosts[i].silent[j] };
			s->left += !c->hosts[i].silent[j];
			s->host[s->count] = i;
			s->address[s->count++] = j;
		}
	dns_question(&c->asker.query, dns_id(), s->target, ns_t_txt, false);
	dns_ask_all(&c->asker, s->asked, s->count, one_answered, s);
}

int dns_client_has(struct dns_client *c, const struct dns_name *target,
		   bool (*is)(const char *text, const void *ctx), const void *ctx)
{
	static struct search s;
	struct dns_name zone;
	int r = zone_of(c, target, &zone);

	if (r == 0)
		r = find_hosts(c, &zone);
	if (r < 0)
		return r;
	s = (struct search){ .c = c, .target = target, .is = is, .ctx = ctx };
	ask_everybody(&s);
	if (s.missing)
		return 0;
	for (size_t i = 0; i < c->host_count; i++)
		if (!s.has[i])
			return wrong(c, 0, "%.150s (%.340s)", c->hosts[i].name, s.silent[i]);
	return 1;
}
