// SPDX-License-Identifier: GPL-2.0-only
/* The context of capcert tls connect: whom to believe, who one is, what is spoken. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <capcert/key.h>
#include <capcert/tls_config.h>
#include "tools/ct_view.h"
#include "tools/file.h"
#include "tools/ref.h"
#include "tools/text.h"
#include "tools/tls_setup.h"

#define DEFAULT_PRESET "webpki-lenient"

/* ---- whom to believe ---- */

int tls_setup_anchors(const struct args *args, uint32_t purposes, capcert_store **ret)
{
	const char *path;
	size_t i;
	int r = EXIT_DONE;

	if (!purposes)
		purposes = 1u << CAPCERT_PURPOSE_TLS_SERVER_AUTH;
	if (capcert_store_new(ret))
		return fail(EXIT_TROUBLE, "out of memory");
	for (i = 0; !r && (path = opt_nth(args, "anchors", i)); i++)
		r = roots_load(path, purposes, *ret);
	if (r) {
		capcert_store_free(*ret);
		*ret = NULL;
	}
	return r;
}

static int local_policy(const struct args *args, struct tls_setup *s)
{
	const char *text = opt_text(args, "policy"), *preset = opt_text(args, "preset");
	static char buf[256];
	const char *why = NULL;
	int r;

	if (text && preset)
		return fail(EXIT_USAGE, "--policy and --preset do not go together; a policy may "
					"begin with preset=NAME");
	if (!text) {
		snprintf(buf, sizeof(buf), "preset=%s", preset ? preset : DEFAULT_PRESET);
		text = buf;
	}
	s->policy_text = text;
	r = capcert_policy_new(text, &s->policy, &why);
	if (!r)
		return EXIT_DONE;
	fail(EXIT_USAGE, "this is no policy: %s", why ? why : capcert_strerror(r));
	advise("the text form is described in capcert-policy(5)");
	return EXIT_USAGE;
}

static int local_pins(const struct args *args, struct tls_setup *s)
{
	const char *path = opt_text(args, "pins"), *why = NULL;
	uint8_t *text;
	size_t len;
	int r;

	if (!path)
		return EXIT_DONE;
	r = file_read(path, &text, &len);
	if (r)
		return r;
	r = capcert_pins_new((char *)text, len, &s->pins, &why);
	free(text);
	if (!r)
		return EXIT_DONE;
	fail(EXIT_USAGE, "'%s' is no pin set: %s", path, why ? why : capcert_strerror(r));
	advise("the text form is described in capcert_pins_new(3)");
	return EXIT_USAGE;
}

static int trust_local(const struct args *args, struct tls_setup *s, struct capcert_tls_parts *p)
{
	int r = local_policy(args, s);

	if (!r)
		r = tls_setup_anchors(args, 0, &s->store);
	if (!r)
		r = local_pins(args, s);
	if (!r)
		r = ct_logs_load(args, &s->logs);
	s->local = true;
	p->policy = s->policy;
	p->store = s->store;
	p->pins = s->pins;
	p->logs = s->logs;
	return r;
}

static const char *handle_word(const struct args *args, const char *option, const char *inherited)
{
	const char *word = opt_text(args, option);

	return word ? word : capcert_fd(inherited + 3) >= 0 ? inherited : NULL;
}

static int trust_kernel(const struct args *args, struct tls_setup *s, struct capcert_tls_parts *p)
{
	const char *store = handle_word(args, "store", "fd:store");
	const char *verifier = handle_word(args, "verifier", "fd:verifier");
	const char *pins = opt_text(args, "pins");
	int r;

	if (!store || !verifier) {
		fail(EXIT_USAGE, "whom to believe? --anchors FILE, or --store STORE and "
				 "--verifier VERIFIER");
		advise("Debian's roots are in /etc/ssl/certs/ca-certificates.crt");
		return EXIT_USAGE;
	}
	if (opt_has(args, "policy") || opt_has(args, "preset"))
		return fail(EXIT_USAGE, "the verifier has a policy of its own; --policy and "
					"--preset go with --anchors");
	r = ref_open(store, CAPCERT_KIND_STORE, CAPCERT_RIGHT_VERIFY | CAPCERT_RIGHT_INFO,
		     &s->store_fd);
	if (!r)
		r = ref_open(verifier, CAPCERT_KIND_VERIFIER,
			     CAPCERT_RIGHT_VERIFY | CAPCERT_RIGHT_INFO, &s->verifier_fd);
	if (!r && pins)
		r = ref_open(pins, CAPCERT_KIND_PINS, CAPCERT_RIGHT_ENFORCE | CAPCERT_RIGHT_INFO,
			     &s->pins_fd);
	p->store_fd = s->store_fd;
	p->verifier_fd = s->verifier_fd;
	p->pins_fd = s->pins_fd;
	return r;
}

/* ---- who one is ---- */

static int identity(const struct args *args, struct tls_setup *s, struct capcert_tls_parts *p)
{
	const char *cert = opt_text(args, "cert"), *key = opt_text(args, "key");
	struct capcert_tls_value value = { .key_fd = -1 };
	struct cert_list list = { 0 };
	capcert_chain *chain = NULL;
	int e, r;

	if (!cert && !key)
		return EXIT_DONE;
	if (!cert || !key)
		return fail(EXIT_USAGE, "--cert FILE and --key KEY go together");
	r = certs_load(cert, &list);
	if (!r)
		r = certs_to_chain(&list, &chain);
	if (!r)
		r = ref_open(key, CAPCERT_KIND_KEY,
			     CAPCERT_RIGHT_SIGN | CAPCERT_RIGHT_PUBLIC | CAPCERT_RIGHT_INFO,
			     &value.key_fd);
	if (!r && capcert_tls_slots_new(&s->slots))
		r = fail(EXIT_TROUBLE, "out of memory");
	value.chain = chain;
	if (!r) {
		e = capcert_tls_slots_put(s->slots, "client", CAPCERT_KEY_TLS_CLIENT, &value, NULL);
		if (e)
			r = fail_errno(e, "%s with key %s", cert, key);
		if (e == -EACCES)
			advise("the key must be for tls-client");
	}
	if (value.key_fd >= 0)
		close(value.key_fd);
	capcert_chain_free(chain);
	certs_free(&list);
	p->slots = s->slots;
	p->default_slot = "client";
	return r;
}

/* ---- what is spoken ---- */

static int spoken(const struct args *args, struct tls_setup *s, struct capcert_tls_parts *p)
{
	const char *alpn = opt_text(args, "alpn"), *ciphers = opt_text(args, "ciphers");
	size_t len = sizeof(s->alpn);
	uint64_t ms;
	int policy;

	if (alpn) {
		if (capcert_tls_alpn(alpn, s->alpn, &len))
			return fail(EXIT_USAGE,
				    "'%s' is no list of protocols, such as "
				    "h2,http/1.1",
				    alpn);
		p->alpn = s->alpn;
		p->alpn_len = len;
	}
	if (ciphers) {
		policy = capcert_tls_policy_parse(ciphers);
		if (policy < 0)
			return fail(EXIT_USAGE, "--ciphers takes modern, intermediate or legacy");
		p->cipher_policy = (uint32_t)policy;
		if (policy == CAPCERT_TLS_LEGACY)
			p->flags |= CAPCERT_TLS_LEGACY_OK;
	}
	if (opt_has(args, "tls1.2") && opt_has(args, "tls1.3"))
		return fail(EXIT_USAGE, "--tls1.2 and --tls1.3 leave no version");
	if (opt_has(args, "tls1.2"))
		p->flags |= CAPCERT_TLS_NO_13;
	if (opt_has(args, "tls1.3"))
		p->min_version = CAPCERT_TLS_13;
	if (opt_has(args, "insecure"))
		p->flags |= CAPCERT_TLS_INSECURE_GO_ON;
	if (opt_has(args, "timeout")) {
		if (!text_number(opt_text(args, "timeout"), 600000, &ms) || !ms)
			return fail(EXIT_USAGE, "--timeout takes milliseconds, at most 600000");
		p->handshake_ms = (uint32_t)ms;
	}
	p->host = opt_text(args, "servername");
	return EXIT_DONE;
}

/* ---- all of it at once ---- */

int tls_config_context(const char *word, uint32_t role, const struct capcert_tls_parts *limits,
		       capcert_tls_context **ret)
{
	struct capcert_tls_description d;
	const char *why = NULL;
	int fd, e, r;

	r = ref_open(word, CAPCERT_KIND_TLS, CAPCERT_RIGHT_USE | CAPCERT_RIGHT_INFO, &fd);
	if (r)
		return r;
	e = capcert_tls_config_info(fd, &d);
	if (!e && d.role != role)
		r = fail(EXIT_USAGE, "%s is the config of a %s", word,
			 capcert_tls_role_name(d.role));
	else if (!e)
		e = capcert_tls_context_from_handle(fd, limits, ret, &why);
	if (e)
		r = why ? fail(EXIT_TROUBLE, "%s: %s", word, why)
			: fail_errno(e, "no TLS by the config %s", word);
	close(fd);
	return r;
}

static int from_config(const struct args *args, struct tls_setup *s, const char *word)
{
	static const char *const others[] = { "anchors",    "policy",	"preset",  "store",
					      "verifier",   "pins",	"cert",	   "key",
					      "servername", "alpn",	"ciphers", "tls1.2",
					      "tls1.3",	    "insecure", "explain" };
	struct capcert_tls_parts p = CAPCERT_TLS_PARTS_INIT;
	size_t i;
	int r;

	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (opt_has(args, others[i]))
			return fail(EXIT_USAGE, "--%s does not go with a config, which says all",
				    others[i]);
	r = spoken(args, s, &p);
	if (!r)
		r = tls_config_context(word, CAPCERT_TLS_CLIENT, &p, &s->context);
	return r ? r : ct_logs_load(args, &s->logs);
}

int tls_setup(const struct args *args, struct tls_setup *s)
{
	struct capcert_tls_parts p = CAPCERT_TLS_PARTS_INIT;
	const char *config = opt_text(args, "config"), *why = NULL;
	int e, r;

	memset(s, 0, sizeof(*s));
	s->verifier_fd = s->store_fd = s->pins_fd = -1;
	if (config)
		return from_config(args, s, config);
	p.role = CAPCERT_TLS_CLIENT;
	r = spoken(args, s, &p);
	if (!r)
		r = opt_has(args, "anchors") ? trust_local(args, s, &p) : trust_kernel(args, s, &p);
	if (!r)
		r = identity(args, s, &p);
	if (r)
		return r;
	e = capcert_tls_context_new(&p, &s->context, &why);
	if (e == -EINVAL || e == -EPERM)
		return fail(EXIT_USAGE, "%s", why ? why : capcert_strerror(e));
	return e ? fail_errno(e, "no TLS") : EXIT_DONE;
}

void tls_setup_end(struct tls_setup *s)
{
	capcert_tls_context_free(s->context);
	capcert_tls_slots_free(s->slots);
	capcert_policy_free(s->policy);
	capcert_store_free(s->store);
	capcert_pins_free(s->pins);
	capcert_loglist_free(s->logs);
	if (s->verifier_fd >= 0)
		close(s->verifier_fd);
	if (s->store_fd >= 0)
		close(s->store_fd);
	if (s->pins_fd >= 0)
		close(s->pins_fd);
}
