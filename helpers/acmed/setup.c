// SPDX-License-Identifier: GPL-2.0-only
/* Handles, sockets, the state folder. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <capcert/capcert.h>
#include <capcert/key.h>
#include <capcert/slot.h>
#include <capcert/x509.h>
#include "helpers/acmed/setup.h"
#include "helpers/common/log.h"
#include "helpers/common/service.h"

#define UNIX_BACKLOG 64

/* ---- sockets ---- */

static int unix_socket(const char *path, mode_t mode)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct stat st;
	int fd, r;

	if (path[0] != '/' || strlen(path) >= sizeof(a.sun_path))
		return -EINVAL;
	strcpy(a.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* What a daemon that was killed left behind; not one that listens. */
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 && errno == ECONNREFUSED)
		unlink(path);
	close(fd);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && chmod(path, mode) == 0 &&
	    listen(fd, UNIX_BACKLOG) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

static int port_of(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	return *text >= '0' && *text <= '9' && !*end && n >= 1 && n <= 65535 ? (int)n : -1;
}

/* @host: cut out of "host:port". */
static int split(const char *where, char *host, size_t cap, int *port)
{
	const char *colon = strrchr(where, ':');
	size_t n = colon ? (size_t)(colon - where) : 0;

	if (!n || n >= cap)
		return -EINVAL;
	*port = port_of(colon + 1);
	if (where[0] == '[' && colon[-1] == ']') {
		where++;
		n -= 2;
	} else if (memchr(where, ':', n)) {
		return -EINVAL;
	}
	memcpy(host, where, n);
	host[n] = '\0';
	return *port < 0 ? -EINVAL : 0;
}

static int tcp_socket(const char *where)
{
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in a4 = { .sin_family = AF_INET };
	char host[64];
	int port, fd, one = 1, zero = 0, r = split(where, host, sizeof(host), &port);
	bool any = r == 0 && strcmp(host, "*") == 0, v4;

	if (r < 0)
		return r;
	v4 = inet_pton(AF_INET, host, &a4.sin_addr) == 1;
	if (!any && !v4 && inet_pton(AF_INET6, host, &a6.sin6_addr) != 1)
		return -EINVAL;
	a4.sin_port = a6.sin6_port = htons((uint16_t)port);
	fd = socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (!v4)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, any ? &zero : &one, sizeof(one));
	if (bind(fd, v4 ? (struct sockaddr *)&a4 : (struct sockaddr *)&a6,
		 v4 ? sizeof(a4) : sizeof(a6)) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

int setup_socket(const char *where, bool *ret_owned)
{
	bool local = strncmp(where, "unix:", 5) == 0;

	*ret_owned = !local;
	return local ? unix_socket(where + 5, 0666) : tcp_socket(where);
}

static int solver_socket(struct world *w, size_t i)
{
	const struct conf_solver *s = &w->conf->solvers[i];

	w->sockets[i] = -1;
	if (s->kind != CONF_SOLVER_HTTP)
		return 0;
	w->sockets[i] = s->socket ? service_fd(s->socket) : setup_socket(s->listen, &w->owned[i]);
	if (w->sockets[i] >= 0)
		return 0;
	log_line(LOG_ERR, "[solver %s]: %s: %s", s->name, s->socket ? s->socket : s->listen,
		 w->sockets[i] == -EINVAL   ? "no address"
		 : w->sockets[i] == -ENOENT ? "no inherited socket has this name"
					    : strerror(-w->sockets[i]));
	return w->sockets[i];
}

/* ---- handles ---- */

static int need(const char *kind, const char *name, const char *handle)
{
	int fd = capcert_fd(handle);

	if (fd >= 0)
		return 0;
	log_line(LOG_ERR,
		 "[%s %s]: CAPCERT_FDS has no handle %s: capcert exec --with %s=... gives it", kind,
		 name, handle, handle);
	return fd;
}

static int need_key(const char *kind, const char *name, const char *handle, uint8_t ret[32])
{
	uint8_t *spki;
	size_t n;
	int r = need(kind, name, handle);

	if (r < 0)
		return r;
	r = capcert_key_public(capcert_fd(handle), &spki, &n);
	if (r < 0) {
		log_line(LOG_ERR, "[%s %s]: key %s: %s", kind, name, handle, capcert_strerror(r));
		return r;
	}
	capcert_hash(CAPCERT_HASH_SHA256, spki, n, ret);
	free(spki);
	return 0;
}

/* What would else be found out by an order. */
static int need_alpn(const struct conf_solver *s)
{
	uint8_t key[32];
	int fd, r = need_key("solver", s->name, s->key, key);

	if (r == 0)
		r = need("solver", s->name, s->slots);
	if (r < 0)
		return r;
	r = capcert_slot_restrict(capcert_fd(s->slots),
				  CAPCERT_RIGHT_PUT | CAPCERT_RIGHT_DELETE | CAPCERT_RIGHT_LIST,
				  s->prefix, -1, &fd);
	if (r < 0)
		log_line(LOG_ERR,
			 "[solver %s]: slots %s: %s: PUT, DELETE, LIST, RESTRICT are needed",
			 s->name, s->slots, capcert_strerror(r));
	else
		close(fd);
	return r;
}

static int look_at_handles(struct world *w)
{
	const struct conf *c = w->conf;
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->ca_count; i++) {
		r = need("ca", c->cas[i].name, c->cas[i].tls);
		if (r == 0)
			r = need_key("ca", c->cas[i].name, c->cas[i].account_key, w->ca_keys[i]);
	}
	for (size_t i = 0; r == 0 && i < c->solver_count; i++)
		if (c->solvers[i].kind == CONF_SOLVER_ALPN)
			r = need_alpn(&c->solvers[i]);
	for (size_t i = 0; r == 0 && i < c->cert_count; i++) {
		const struct conf_cert *cert = &c->certs[i];

		r = need_key("certificate", cert->name, cert->key, w->cert_keys[i]);
		if (r == 0)
			r = need("certificate", cert->name, cert->slots);
		if (r == 0)
			r = need("certificate", cert->name, cert->store);
		if (r == 0)
			r = need("certificate", cert->name, cert->verifier);
	}
	return r;
}

/* One watch for each store of slots. A handle without WATCH has none: its slots are looked at when the daemon starts. */
static int watch_slots(struct world *w, const char *slots)
{
	struct slot_watch *one;
	int r;

	for (size_t i = 0; i < w->watch_count; i++)
		if (strcmp(w->watches[i].slots, slots) == 0)
			return 0;
	one = &w->watches[w->watch_count];
	*one = (struct slot_watch){ slots, -1 };
	r = capcert_slot_watch(capcert_fd(slots), NULL, NULL, &one->fd, NULL);
	if (r == 0)
		w->watch_count++;
	else if (r != -EACCES)
		log_line(LOG_ERR, "slots %s cannot be watched: %s", slots, capcert_strerror(r));
	return r == -EACCES ? 0 : r;
}

/* ---- the folder ---- */

static int make_folder(const struct world *w, const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (lstat(path, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (geteuid() == 0 && st.st_uid != w->uid && lchown(path, w->uid, w->gid) < 0)
		return -errno;
	return 0;
}

static int control_socket(struct world *w, const char *control)
{
	if (!*control)
		return 0;
	w->control = unix_socket(control, 0600);
	if (w->control >= 0)
		return 0;
	log_line(LOG_ERR, "%s: %s%s", control, strerror(-w->control),
		 w->control == -EADDRINUSE ? ": another capcert-acmed answers there" : "");
	return w->control;
}

int setup_world(struct world *w, struct conf *conf, const char *control)
{
	int r;

	w->conf = conf;
	w->control = -1;
	w->cert_keys = calloc(conf->cert_count + 1, 32);
	w->ca_keys = calloc(conf->ca_count + 1, 32);
	w->sockets = calloc(conf->solver_count + 1, sizeof(int));
	w->owned = calloc(conf->solver_count + 1, sizeof(bool));
	w->watches = calloc(conf->cert_count + 1, sizeof(*w->watches));
	if (!w->cert_keys || !w->ca_keys || !w->sockets || !w->owned || !w->watches)
		return -ENOMEM;
	r = look_at_handles(w);
	/* First of all: a second daemon shall hear that it is the second one. */
	if (r == 0)
		r = control_socket(w, control);
	for (size_t i = 0; r == 0 && i < conf->cert_count; i++)
		r = watch_slots(w, conf->certs[i].slots);
	for (size_t i = 0; r == 0 && i < conf->solver_count; i++)
		r = solver_socket(w, i);
	if (r < 0)
		return r;
	r = make_folder(w, conf->state);
	if (r < 0)
		log_line(LOG_ERR, "%s: %s", conf->state, strerror(-r));
	return r;
}
