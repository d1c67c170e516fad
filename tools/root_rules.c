// SPDX-License-Identifier: GPL-2.0-only
/* The rules of docs/roots.md, one after another. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tools/file.h"
#include "tools/opt.h"
#include "tools/out.h"
#include "tools/root_rules.h"
#include "tools/text.h"

#define RSA_BITS_LEAST 2048 /* CA/Browser Forum Baseline Requirements, section 6.1.5 */
#define KEY_CERT_SIGN 5	    /* bit of KeyUsage, RFC 5280 section 4.2.1.3 */

const char *root_rule_id(enum root_rule rule)
{
	static const char *const ids[] = {
#define X(name, id, text) id,
		ROOT_RULES(X)
#undef X
	};

	return ids[rule];
}

const char *root_rule_text(enum root_rule rule)
{
	static const char *const texts[] = {
#define X(name, id, text) text,
		ROOT_RULES(X)
#undef X
	};

	return texts[rule];
}

static void __attribute__((format(printf, 3, 4)))
say(struct root_verdict *ret, enum root_rule rule, const char *format, ...)
{
	va_list list;

	ret->rule = rule;
	va_start(list, format);
	vsnprintf(ret->detail, sizeof(ret->detail), format, list);
	va_end(list);
}

static const char *day(int64_t time, char *buf)
{
	text_of_time(time, buf);
	if (strlen(buf) > 10 && buf[4] == '-')
		buf[10] = '\0';
	return buf;
}

static bool structure(const struct capcert_cert_view *view, struct root_verdict *ret)
{
	if (view->version == 3 && !view->ca)
		say(ret, RULE_STRUCTURE, "basicConstraints does not say CA");
	else if (view->have_key_usage && !(view->key_usage >> KEY_CERT_SIGN & 1))
		say(ret, RULE_STRUCTURE, "keyUsage forbids it to sign certificates");
	else if (!view->subject_attr_count)
		say(ret, RULE_STRUCTURE, "it has no subject");
	else if (view->not_after < view->not_before)
		say(ret, RULE_STRUCTURE, "its validity ends before it begins");
	else
		return true;
	return false;
}

static bool key(const struct capcert_cert_view *view, struct root_verdict *ret)
{
	const char *alg = view->key_algorithm;

	if (!strcmp(alg, "p256") || !strcmp(alg, "p384") || !strcmp(alg, "p521"))
		return true;
	if (strcmp(alg, "rsa")) {
		say(ret, RULE_KEY, "%s is neither RSA nor ECDSA on P-256, P-384 or P-521", alg);
		return false;
	}
	if (view->key_bits >= RSA_BITS_LEAST)
		return true;
	say(ret, RULE_KEY, "RSA with %u bits, %d are the least", view->key_bits, RSA_BITS_LEAST);
	return false;
}

void root_judge_cert(capcert_cert *cert, int64_t now, struct root_verdict *ret)
{
	const struct capcert_cert_view *view;
	char until[32];
	int r = capcert_cert_view_new(cert, &view);

	if (r) {
		say(ret, RULE_STRUCTURE, "%s", capcert_strerror(r));
		return;
	}
	if (structure(view, ret)) {
		if (view->not_after < now)
			say(ret, RULE_EXPIRED, "valid until %s", day(view->not_after, until));
		else if (key(view, ret))
			say(ret, RULE_KEPT, "%s", "");
	}
	capcert_cert_view_free(view);
}

void root_judge(const struct capcert_nss_root *root, const struct root_deny *deny, int64_t now,
		struct root_verdict *ret)
{
	const char *denied = root_denied(deny, root->label);
	char after[32];

	if (root->server_auth != CAPCERT_NSS_TRUSTED_DELEGATOR)
		say(ret, RULE_TLS, "CKA_TRUST_SERVER_AUTH: %s",
		    capcert_nss_trust_name(root->server_auth));
	else if (root->server_distrust_after != CAPCERT_NSS_NEVER)
		say(ret, RULE_PHASE_OUT, "CKA_NSS_SERVER_DISTRUST_AFTER: %s",
		    text_of_time(root->server_distrust_after, after));
	else if (denied)
		say(ret, RULE_DENIED, "the label holds '%s'", denied);
	else if (!root->cert)
		say(ret, RULE_STRUCTURE, "%s", root->error);
	else
		root_judge_cert(root->cert, now, ret);
}

const char *root_denied(const struct root_deny *deny, const char *label)
{
	size_t i;

	for (i = 0; i < deny->count; i++)
		if (strstr(label, deny->labels[i]))
			return deny->labels[i];
	return NULL;
}

static int put(struct root_deny *deny, const char *text, size_t len)
{
	char **more;

	while (len && (text[len - 1] == ' ' || text[len - 1] == '\r' || text[len - 1] == '\t'))
		len--;
	if (!len || *text == '#')
		return 0;
	more = reallocarray(deny->labels, deny->count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	deny->labels = more;
	more[deny->count] = strndup(text, len);
	if (!more[deny->count])
		return -ENOMEM;
	deny->count++;
	return 0;
}

int root_deny_load(const char *path, bool optional, struct root_deny *ret)
{
	struct root_deny deny = { 0 };
	uint8_t *data, *at;
	size_t len;
	int r;

	if (optional && access(path, F_OK) && errno == ENOENT) {
		*ret = deny;
		return EXIT_DONE;
	}
	r = file_read(path, &data, &len);
	if (r)
		return r;
	at = data;
	while (!r && len) {
		uint8_t *end = memchr(at, '\n', len);
		size_t n = end ? (size_t)(end - at) : len;

		r = put(&deny, (const char *)at, n);
		at += n + (end != NULL);
		len -= n + (end != NULL);
	}
	free(data);
	if (r) {
		root_deny_free(&deny);
		return fail_errno(r, "%s", path);
	}
	*ret = deny;
	return EXIT_DONE;
}

void root_deny_free(struct root_deny *deny)
{
	size_t i;

	for (i = 0; i < deny->count; i++)
		free(deny->labels[i]);
	free(deny->labels);
	*deny = (struct root_deny){ 0 };
}
