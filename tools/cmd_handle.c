// SPDX-License-Identifier: GPL-2.0-only
/* capcert handle: which handles a process holds, as /proc shows them. */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tools/ref.h"
#include "tools/text.h"
#include "tools/tool.h"

struct listing {
	json_t *array; /* NULL: print for people */
	size_t count;
};

/* Fields that every fdinfo has and that say nothing about a handle. */
static bool is_ours(const char *line)
{
	static const char *const others[] = { "pos:", "flags:", "mnt_id:", "ino:" };
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strncmp(line, others[i], strlen(others[i])))
			return false;
	return true;
}

/* "name:<blanks>value" in place. */
static bool split(char *line, char **name, char **value)
{
	char *colon = strchr(line, ':');

	if (!colon)
		return false;
	*colon++ = '\0';
	*name = !strncmp(line, "capcert-", 8) ? line + 8 : line;
	*value = colon + strspn(colon, " \t");
	(*value)[strcspn(*value, "\n")] = '\0';
	return true;
}

static int show_fd(const char *pid, const char *fd, struct listing *out)
{
	char path[64], line[1024], *name, *value;
	json_t *fields = out->array ? json_object() : NULL;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.20s/fdinfo/%.20s", pid, fd);
	f = fopen(path, "re");
	if (!f) {
		json_decref(fields);
		return errno == ENOENT ? EXIT_DONE
				       : fail(EXIT_TROUBLE, "%s: %s", path, strerror(errno));
	}
	if (fields)
		json_object_set_new(fields, "fd", json_integer(atoi(fd)));
	else
		printf("%s%shandle %s%s\n", out->count ? "\n" : "", out_bold(), fd, out_plain());
	while (fgets(line, sizeof(line), f)) {
		if (!is_ours(line) || !split(line, &name, &value))
			continue;
		if (fields)
			json_object_set_new(fields, name, json_text(value));
		else
			out_field(name, "%s", value);
	}
	fclose(f);
	if (fields)
		json_array_append_new(out->array, fields);
	out->count++;
	return EXIT_DONE;
}

static bool is_handle(const char *pid, const char *fd)
{
	char path[64], target[128];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%.20s/fd/%.20s", pid, fd);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	return !strncmp(target, "anon_inode:", 11) && strstr(target, "capcert");
}

static int list(const struct args *args)
{
	struct listing out = { .array = out_json() ? json_array() : NULL };
	const char *pid = args->words[0];
	struct dirent *entry;
	uint64_t number;
	char path[64];
	DIR *dir;
	int r = EXIT_DONE;

	if (strcmp(pid, "self") && !text_number(pid, INT32_MAX, &number))
		return fail(EXIT_USAGE, "'%s' is no process id", pid);
	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	dir = opendir(path);
	if (!dir) {
		fail(EXIT_TROUBLE, "%s: %s", path, strerror(errno));
		if (errno == EACCES)
			advise("only root may look into other users' processes");
		return EXIT_TROUBLE;
	}
	while (!r && (entry = readdir(dir)))
		if (*entry->d_name != '.' && is_handle(pid, entry->d_name))
			r = show_fd(pid, entry->d_name, &out);
	closedir(dir);
	if (!r && out.array)
		return out_print_json(out.array);
	json_decref(out.array);
	if (!r && !out.count)
		printf("process %s holds no handles\n", pid);
	return r;
}

static json_t *info_json(const struct capcert_info *i)
{
	json_t *j = json_object();

	json_object_set_new(j, "kind", json_text(capcert_kind_name(i->kind)));
	json_object_set_new(j, "id", json_integer((json_int_t)i->id));
	json_object_set_new(j, "description", json_text(i->description));
	json_object_set_new(j, "rights", json_rights(i->rights));
	json_object_set_new(j, "origin", json_text(capcert_origin_name(i->origin)));
	json_object_set_new(j, "version", json_integer((json_int_t)i->version));
	json_object_set_new(j, "count", json_integer(i->count));
	json_object_set_new(j, "view",
			    json_string(i->view == CAPCERT_VIEW_SNAPSHOT ? "snapshot"
					: i->view == CAPCERT_VIEW_LIVE	 ? "live"
									 : "direct"));
	json_object_set_new(j, "parent",
			    i->parent_id ? json_integer((json_int_t)i->parent_id) : json_null());
	json_object_set_new(j, "expires", i->expires ? json_time(i->expires) : json_null());
	json_object_set_new(j, "owner", json_integer(i->owner_uid));
	json_object_set_new(j, "serial", json_integer(i->serial));
	json_object_set_new(j, "boundTo", i->bound_pid ? json_integer(i->bound_pid) : json_null());
	json_object_set_new(j, "superseded", json_boolean(i->superseded));
	json_object_set_new(j, "digest", json_hex(i->digest, 32));
	json_object_set_new(j, "bundle", *i->bundle ? json_text(i->bundle) : json_null());
	json_object_set_new(j, "bundleVersion", json_integer((json_int_t)i->bundle_version));
	json_object_set_new(j, "signer", *i->signer ? json_text(i->signer) : json_null());
	return j;
}

static void print_info(const struct capcert_info *i)
{
	char rights[256], hex[65], when[32];

	capcert_rights_format(i->rights, rights, sizeof(rights));
	out_field("kind", "%s", capcert_kind_name(i->kind));
	out_field("description", "%s", i->description);
	out_field("rights", "%s", rights);
	out_field("origin", "%s", capcert_origin_name(i->origin));
	out_field("id", "%llu, version %llu", (unsigned long long)i->id,
		  (unsigned long long)i->version);
	if (i->parent_id)
		out_field("view of", "%llu (%s)", (unsigned long long)i->parent_id,
			  i->view == CAPCERT_VIEW_LIVE ? "live" : "snapshot");
	if (i->count)
		out_field("holds", "%u", i->count);
	if (i->serial)
		out_field("key", "%d, owner uid %u", i->serial, i->owner_uid);
	if (i->expires)
		out_field("expires", "%s", text_of_time(i->expires, when));
	if (i->bound_pid)
		out_field("bound to", "process %u", i->bound_pid);
	if (i->kind == CAPCERT_KIND_OUTCOME)
		out_field("superseded", "%s", i->superseded ? "yes" : "no");
	if (*i->bundle)
		out_field("bundle", "%s version %llu, signed by %s", i->bundle,
			  (unsigned long long)i->bundle_version, i->signer);
	out_field("digest", "sha256:%s", text_to_hex(i->digest, 32, hex));
}

static int info(const struct args *args)
{
	struct capcert_info i = { 0 };
	int fd, e, r = ref_open(args->words[0], 0, CAPCERT_RIGHT_INFO, &fd);

	if (r)
		return r;
	e = capcert_get_info(fd, &i);
	close(fd);
	if (e)
		return fail_errno(e, "'%s'", args->words[0]);
	if (out_json())
		return out_print_json(info_json(&i));
	print_info(&i);
	return EXIT_DONE;
}

static const struct verb verbs[] = {
	{ .name = "list",
	  .usage = "PID|self [--json]",
	  .brief = "print the handles a process holds",
	  .help = "Reads /proc/PID/fdinfo: kind, id, origin, rights by name, version, "
		  "description.\n"
		  "\n"
		  "  capcert handle list 4711\n",
	  .min_words = 1,
	  .max_words = 1,
	  .run = list },
	{ .name = "info",
	  .usage = "KEY|fd:NAME [--json]",
	  .brief = "print what an object or an inherited handle is",
	  .min_words = 1,
	  .max_words = 1,
	  .run = info },
	{ 0 },
};

const struct noun noun_handle = { "handle", "look at handles and at who holds them", verbs };
