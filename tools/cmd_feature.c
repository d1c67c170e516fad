// SPDX-License-Identifier: GPL-2.0-only
/* capcert feature: what kernel, agents and library can do here. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <keyutils.h>
#include <seccomp.h>
#include <capcert/verify.h>
#include "tools/tool.h"

#define LANDLOCK_VERSION (1u << 0) /* LANDLOCK_CREATE_RULESET_VERSION */

/* Highest Landlock ABI, 0 = none. */
static int landlock_abi(void)
{
#ifdef SYS_landlock_create_ruleset
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);

	return abi < 0 ? 0 : (int)abi;
#else
	return 0;
#endif
}

static int have_seccomp(void)
{
	return seccomp_api_get() >= 2;
}

static const char *profile_name(uint32_t profile)
{
	return profile == CAPCERT_PROFILE_DEV	       ? "development"
	       : profile == CAPCERT_PROFILE_PRODUCTION ? "production"
						       : "unknown";
}

static json_t *status_json(const struct capcert_status *s)
{
	json_t *j = json_object();

	json_object_set_new(j, "version", json_text(s->version));
	json_object_set_new(j, "abi", json_integer(s->abi));
	json_object_set_new(j, "profile", json_string(profile_name(s->profile)));
	json_object_set_new(j, "clock", json_text(capcert_clock_name(s->clock)));
	json_object_set_new(j, "agents",
			    json_pack("{sisisi}", "verify", (int)s->verify_agents, "sign",
				      (int)s->sign_agents, "status", (int)s->status_agents));
	json_object_set_new(j, "distrustGeneration",
			    json_integer((json_int_t)s->distrust_generation));
	json_object_set_new(j, "auditSequence", json_integer((json_int_t)s->audit_sequence));
	json_object_set_new(j, "cache",
			    json_pack("{sIsIsI}", "entries", (json_int_t)s->cache_entries, "hits",
				      (json_int_t)s->cache_hits, "misses",
				      (json_int_t)s->cache_misses));
	json_object_set_new(j, "objects", json_integer((json_int_t)s->objects));
	json_object_set_new(j, "handles", json_integer((json_int_t)s->handles));
	json_object_set_new(j, "pending", json_integer((json_int_t)s->pending));
	json_object_set_new(j, "objectBytes", json_integer((json_int_t)s->object_bytes));
	return j;
}

static void print_status(const struct capcert_status *s)
{
	out_field("module", "version %s, ABI %u, %s profile", s->version, s->abi,
		  profile_name(s->profile));
	out_field("agents", "%u verify, %u sign, %u status%s", s->verify_agents, s->sign_agents,
		  s->status_agents,
		  s->verify_agents ? "" : "  (nothing verifies: systemctl start capcert-verifyd)");
	out_field("clock", "%s", capcert_clock_name(s->clock));
	out_field("objects", "%llu, with %llu handles and %llu bytes",
		  (unsigned long long)s->objects, (unsigned long long)s->handles,
		  (unsigned long long)s->object_bytes);
	out_field("cache", "%llu outcomes, %llu hits, %llu misses",
		  (unsigned long long)s->cache_entries, (unsigned long long)s->cache_hits,
		  (unsigned long long)s->cache_misses);
	out_field("audit", "%llu records", (unsigned long long)s->audit_sequence);
	out_field("distrust", "generation %llu", (unsigned long long)s->distrust_generation);
}

static json_t *presets_json(void)
{
	static const char *const names[] = { "webpki-strict", "webpki-strict-ocsp",
					     "webpki-lenient", "private-mtls", "code-signing" };
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		capcert_policy *policy;
		char text[64];

		snprintf(text, sizeof(text), "preset=%s", names[i]);
		if (capcert_policy_new(text, &policy, NULL))
			continue;
		json_array_append_new(list, json_string(names[i]));
		capcert_policy_free(policy);
	}
	return list;
}

static int feature(const struct args *args)
{
	struct capcert_status status = { 0 };
	int e = capcert_get_status(&status), keyrings;
	struct utsname uts;

	uname(&uts);
	keyrings = keyctl_get_keyring_ID(KEY_SPEC_USER_KEYRING, 0) != -1 || errno != ENOSYS;
	if (out_json())
		return out_print_json(
			json_pack("{ss so ss so so si sb sb}", "library", capcert_version(),
				  "presets", presets_json(), "kernel", uts.release, "module",
				  e ? json_null() : status_json(&status), "moduleError",
				  e ? json_text(capcert_strerror(e)) : json_null(), "landlockAbi",
				  landlock_abi(), "seccomp", have_seccomp(), "keyrings", keyrings));
	out_field("library", "%s", capcert_version());
	out_field("kernel", "%s", uts.release);
	if (e)
		out_field("module", "not usable: %s", capcert_strerror(e));
	else
		print_status(&status);
	out_field("keyrings", "%s", keyrings ? "yes" : "no");
	out_field("landlock", landlock_abi() ? "ABI %d" : "no", landlock_abi());
	out_field("seccomp", "%s", have_seccomp() ? "yes" : "no");
	if (e)
		out_field("works here", "capcert verify --local, cert show, verifier check");
	return EXIT_DONE;
}

static const struct verb verbs[] = {
	{ .usage = "[--json]",
	  .brief = "what kernel, agents and library can do here",
	  .run = feature },
	{ 0 },
};

const struct noun noun_feature = { "feature", "what kernel, agents and library can do here",
				   verbs };
