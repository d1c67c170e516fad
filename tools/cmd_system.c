// SPDX-License-Identifier: GPL-2.0-only
/* capcert system: what signed bundles made of the system's trust, and how they get there. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <keyutils.h>
#include <capcert/capcert.h>
#include "tools/file.h"
#include "tools/text.h"
#include "tools/tool.h"

#define SYSTEM_RING "keyring   .capcert_system"

/* ---- admit ---- */

static const char *const kinds[] = { "store", "delta", "distrust", "override" };

static const char *kind_text(uint32_t kind)
{
	return kind < sizeof(kinds) / sizeof(kinds[0]) ? kinds[kind] : "?";
}

/* What an errno means of a bundle, which is not what it means elsewhere. */
static const struct {
	int error;
	const char *text, *advice;
} refusals[] = {
	{ -EPERM, "this needs root of the first user namespace", "run it as root" },
	{ -EBADMSG, "it is no bundle, or malformed", "capcert bundle show FILE says where" },
	{ -EKEYREJECTED, "nobody that the module knows signed it, or it was altered since",
	  "the module's certificates are named in its log: dmesg | grep 'capcert: bundles'" },
	{ -EKEYEXPIRED, "the bundle, or the certificate of its signer, has expired",
	  "get a newer one; check the clock" },
	{ -ENOKEY, "this module was built without bundle certificates",
	  "build it with make BUNDLE_CERTS=..., see docs/bundle-format.md" },
	{ -ESTALE, "it is not newer than what is there, or a delta that is not the next one",
	  "capcert system list shows the numbers; capcert system floor NAME the least" },
	{ -EINVAL, "its name is that of another kind of bundle", "capcert system list" },
	{ -ENOENT, "what it changes or lies upon is not there", "admit that store first" },
	{ -EMSGSIZE, "it is larger than 16 MiB", "no bundle is" },
};

static int refused(int error, const char *path)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i].error != error)
			continue;
		fail(EXIT_TROUBLE, "'%s' is refused, nothing has changed: %s", path,
		     refusals[i].text);
		advise("%s; the audit trail has the reason: capcert audit tail",
		       refusals[i].advice);
		return EXIT_TROUBLE;
	}
	return fail_errno(error, "'%s' is refused, nothing has changed", path);
}

static int admit(const struct args *args)
{
	struct capcert_admit a = { 0 };
	uint8_t *bundle;
	size_t len;
	int e, r = file_read(args->words[0], &bundle, &len);

	if (r)
		return r;
	e = capcert_admit(bundle, len, &a);
	free(bundle);
	if (e)
		return refused(e, args->words[0]);
	if (out_json())
		return out_print_json(json_pack("{sssssIsIsIsI}", "name", a.name, "kind",
						kind_text(a.kind), "number", (json_int_t)a.number,
						"version", (json_int_t)a.version, "count",
						(json_int_t)a.count, "id", (json_int_t)a.id));
	printf("%s %s %llu is in force: %u %s\n", kind_text(a.kind), a.name,
	       (unsigned long long)a.number, a.count, a.kind == 2 ? "entries" : "anchors");
	return EXIT_DONE;
}

/* ---- list ---- */

/* The keyring belongs to nobody's session: its serial number stands in /proc/keys. */
static key_serial_t system_ring(void)
{
	FILE *f = fopen("/proc/keys", "re");
	key_serial_t serial = 0;
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, SYSTEM_RING))
			serial = (key_serial_t)strtoul(line, NULL, 16);
	if (f)
		fclose(f);
	return serial;
}

static json_t *object_json(const struct capcert_info *i, uint64_t floor)
{
	return json_pack("{sssosIsIsIsIsososs?}", "name", i->bundle, "signer", json_text(i->signer),
			 "number", (json_int_t)i->bundle_version, "version", (json_int_t)i->version,
			 "anchors", (json_int_t)i->count, "floor", (json_int_t)floor, "created",
			 json_time(i->created), "digest", json_hex(i->digest, 32), "origin",
			 capcert_origin_name(i->origin));
}

static void object_print(const struct capcert_info *i, uint64_t floor)
{
	char created[32];

	text_of_time(i->created, created);
	printf("%s%s%s\n", out_bold(), i->bundle, out_plain());
	out_field("number", "%llu (up to %llu is refused)", (unsigned long long)i->bundle_version,
		  (unsigned long long)floor);
	out_field("version", "%llu", (unsigned long long)i->version);
	out_field("anchors", "%u", i->count);
	out_field("created", "%s", created);
	out_field("signer", "%s", i->signer);
	out_field("origin", "%s", capcert_origin_name(i->origin));
}

static int show_key(key_serial_t key, json_t *list)
{
	struct capcert_info info;
	uint64_t floor = 0;
	int fd, r = capcert_open(key, CAPCERT_RIGHT_INFO, &fd);

	if (r < 0)
		return r;
	r = capcert_get_info(fd, &info);
	close(fd);
	if (r < 0)
		return r;
	capcert_floor(info.bundle, 0, &floor);
	if (list)
		json_array_append_new(list, object_json(&info, floor));
	else
		object_print(&info, floor);
	return 0;
}

static int list(const struct args *args)
{
	json_t *out = out_json() ? json_array() : NULL;
	key_serial_t ring = system_ring();
	void *keys = NULL;
	long n;
	int r = 0;

	if (!ring)
		return fail_errno(-ENODEV, "there is no keyring of the system");
	n = keyctl_read_alloc(ring, &keys);
	if (n < 0)
		return fail_errno(-errno, "cannot read the system's keyring");
	for (long i = 0; r == 0 && i < n / (long)sizeof(key_serial_t); i++)
		r = show_key(((key_serial_t *)keys)[i], out);
	free(keys);
	if (r < 0)
		return fail_errno(r, "cannot look at an object of the system");
	if (out)
		return out_print_json(out);
	if (!n)
		printf("nothing was admitted yet\n");
	return EXIT_DONE;
}

/* ---- floor ---- */

static int floor_(const struct args *args)
{
	const char *name = args->words[0];
	uint64_t raise = 0, now;
	int e;

	if (args->word_count > 1 && !text_number(args->words[1], INT64_MAX, &raise))
		return fail(EXIT_USAGE, "'%s' is no number", args->words[1]);
	e = capcert_floor(name, raise, &now);
	if (e == -EPERM)
		return refused(e, name);
	if (e)
		return fail_errno(e, "the floor of '%s' stays as it is", name);
	if (out_json())
		return out_print_json(json_pack("{sssI}", "name", name, "floor", (json_int_t)now));
	printf("%s: up to %llu is refused\n", name, (unsigned long long)now);
	return EXIT_DONE;
}

static const struct verb verbs[] = {
	{ .name = "admit",
	  .usage = "FILE",
	  .brief = "give the kernel a signed bundle",
	  .help = "A store, a delta, an override or the distrust list, up to 16 MiB, signed by a\n"
		  "certificate that is built into the module. Needs root. When it is refused\n"
		  "nothing has changed. `keyctl padd captrust NAME @s < FILE` does the same below\n"
		  "1 MiB.\n",
	  .min_words = 1,
	  .max_words = 1,
	  .run = admit },
	{ .name = "list",
	  .usage = "",
	  .brief = "show what was admitted",
	  .help = "Anybody may. `capcert trust show system:NAME` shows the anchors of one.\n",
	  .run = list },
	{ .name = "floor",
	  .usage = "NAME [NUMBER]",
	  .brief = "show, or as root raise, the number up to which bundles are refused",
	  .help = "It never falls, and is gone when the module is. To carry it over a reboot "
		  "raise\n"
		  "it to N - 1, where N is the bundle that is admitted then.\n",
	  .min_words = 1,
	  .max_words = 2,
	  .run = floor_ },
	{ 0 },
};

const struct noun noun_system = { "system", "what signed bundles made of the system's trust",
				  verbs };
