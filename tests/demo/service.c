// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A service that holds two handles and nothing else, and does what it is told line by line.
 *
 * It is started by `capcert exec` with a trust store named "store" and a verifier named "verifier":
 *   verify NAME FILE [TIME]   verify the chain in FILE (DER or PEM, leaf first), at TIME in seconds
 *   add FILE                  try to make the store trust one more certificate
 *   read                      try to read the anchors
 *   find NAME                 try to reach a key captrust:NAME in every way there is
 *   send SOCKET               pass the last outcome to who listens at SOCKET
 *   files                     list the open file descriptors
 * Every answer ends with a line that is a single dot.
 */

#include <dirent.h>
#include <errno.h>
#include <keyutils.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <capcert/verify.h>

static int store = -1, verifier = -1, outcome = -1;
static struct capcert_result result;

static int load(const char *path, uint8_t **ret, size_t *ret_len)
{
	FILE *f = fopen(path, "re");
	uint8_t *data = f ? malloc(1 << 20) : NULL;

	if (!data) {
		printf("%s: %s\n", path, strerror(errno));
		if (f)
			fclose(f);
		return -1;
	}
	*ret_len = fread(data, 1, 1 << 20, f);
	*ret = data;
	fclose(f);
	return 0;
}

static const char *hex(const uint8_t *p, char *buf)
{
	size_t i;

	for (i = 0; i < 32; i++)
		sprintf(buf + 2 * i, "%02x", p[i]);
	return buf;
}

static void print_outcome(const struct capcert_outcome *o)
{
	char text[65], when[32];
	time_t t = o->chain_not_after;
	struct tm tm;

	if (!o->valid) {
		printf("invalid: %s (certificate %u of the path)%s%s\n",
		       capcert_reason_name(o->reason), o->depth, *o->detail ? ": " : "", o->detail);
		return;
	}
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	printf("valid: %.*s\n", (int)o->name_len, (const char *)o->name);
	printf("  chain    %u certificates, anchor included\n", o->path_len);
	printf("  anchor   sha256:%s\n", hex(o->anchor, text));
	printf("  expires  %s\n", when);
}

static void verify(const char *name, const char *path, const char *when)
{
	struct capcert_params params = { .name = name, .purpose = CAPCERT_PURPOSE_TLS_SERVER_AUTH };
	capcert_chain *chain;
	const char *why = "?";
	uint8_t *data;
	size_t len;
	int r;

	if (load(path, &data, &len))
		return;
	r = capcert_chain_parse(data, len, &chain, &why);
	free(data);
	if (r) {
		printf("%s: %s\n", path, why);
		return;
	}
	params.chain = chain;
	if (when) {
		params.have_time = 1;
		params.time = atoll(when);
	}
	if (outcome >= 0)
		close(outcome);
	outcome = -1;
	r = capcert_verify(verifier, store, &params, &result, &outcome);
	if (r)
		printf("no verdict: %s (%s)\n", strerrorname_np(-r), capcert_strerror(r));
	else
		print_outcome(&result.outcome);
	capcert_chain_free(chain);
}

static void add(const char *path)
{
	uint8_t pin[32] = { 0 }, *data;
	uint64_t version;
	capcert_cert *cert;
	size_t len;
	int r;

	if (load(path, &data, &len))
		return;
	if (!capcert_cert_new(data, len, &cert, NULL)) {
		capcert_cert_spki_hash(cert, CAPCERT_HASH_SHA256, pin);
		capcert_cert_free(cert);
	}
	r = capcert_store_add(store, data, len, 0, pin, &version);
	free(data);
	printf("%s\n", r ? strerrorname_np(-r) : "added");
}

static void read_anchors(void)
{
	uint8_t *data;
	size_t len;
	int r = capcert_read(store, CAPCERT_READ_ANCHORS, 0, &data, &len);

	if (!r)
		free(data);
	printf("%s\n", r ? strerrorname_np(-r) : "read");
}

static void say(const char *what, long result_or_minus_one)
{
	printf("  %-28s %s\n", what, result_or_minus_one < 0 ? strerrorname_np(errno) : "FOUND");
}

/* @word: NAME, or NAME and a serial number after a colon. */
static void find(char *word)
{
	static const int32_t rings[] = { KEY_SPEC_SESSION_KEYRING, KEY_SPEC_USER_KEYRING,
					 KEY_SPEC_USER_SESSION_KEYRING };
	static const char *const names[] = { "keyctl search @s", "keyctl search @u",
					     "keyctl search @us" };
	char *colon = strchr(word, ':'), text[256];
	int fd, r;
	size_t i;

	if (colon)
		*colon++ = '\0';
	say("request_key", request_key("captrust", word, NULL, 0));
	for (i = 0; i < 3; i++)
		say(names[i], keyctl_search(rings[i], "captrust", word, 0));
	r = capcert_open_name(CAPCERT_KIND_STORE, word, CAPCERT_RIGHT_INFO, &fd);
	errno = -r;
	say("open by name", r ? -1 : fd);
	if (!colon)
		return;
	say("keyctl describe", keyctl_describe(atoi(colon), text, sizeof(text)));
	say("keyctl read", keyctl_read(atoi(colon), text, sizeof(text)));
	say("keyctl link to @s", keyctl_link(atoi(colon), KEY_SPEC_SESSION_KEYRING));
	say("keyctl revoke", keyctl_revoke(atoi(colon)));
	r = capcert_open(atoi(colon), CAPCERT_RIGHT_INFO, &fd);
	errno = -r;
	say("open by serial", r ? -1 : fd);
	r = capcert_open(atoi(colon), CAPCERT_RIGHT_VERIFY, &fd);
	errno = -r;
	say("open by serial to verify", r ? -1 : fd);
}

static void send_outcome(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ssize_t n = -ECONNREFUSED;

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	if (connect(s, (struct sockaddr *)&to, sizeof(to)) == 0)
		n = capcert_fd_send(s, outcome, "o", 1);
	if (n < 0)
		printf("%s: %s\n", path, capcert_strerror((int)n));
	else
		printf("sent\n");
	close(s);
}

static void files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	char target[256];
	ssize_t n;

	while (dir && (entry = readdir(dir))) {
		if (*entry->d_name == '.' || atoi(entry->d_name) == dirfd(dir))
			continue;
		n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		printf("  %s  %.*s\n", entry->d_name, n < 0 ? 0 : (int)n, target);
	}
	if (dir)
		closedir(dir);
}

int main(void)
{
	char line[1024], *word[4], *save;
	int n;

	store = capcert_fd("store");
	verifier = capcert_fd("verifier");
	while (fgets(line, sizeof(line), stdin)) {
		memset(word, 0, sizeof(word));
		for (n = 0; n < 4; n++) {
			word[n] = strtok_r(n ? NULL : line, " \n", &save);
			if (!word[n])
				break;
		}
		if (n >= 3 && !strcmp(word[0], "verify"))
			verify(word[1], word[2], word[3]);
		else if (n == 2 && !strcmp(word[0], "add"))
			add(word[1]);
		else if (n == 2 && !strcmp(word[0], "find"))
			find(word[1]);
		else if (n == 2 && !strcmp(word[0], "send"))
			send_outcome(word[1]);
		else if (n == 1 && !strcmp(word[0], "read"))
			read_anchors();
		else if (n == 1 && !strcmp(word[0], "files"))
			files();
		else
			printf("what?\n");
		printf(".\n");
		fflush(stdout);
	}
	return 0;
}
