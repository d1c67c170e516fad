// SPDX-License-Identifier: GPL-2.0-only
/* Turns this process into a program that holds the handles it is given and nothing else. */

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <keyutils.h>
#include <linux/close_range.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include "tools/handover.h"
#include "tools/opt.h"
#include "tools/out.h"
#include "tools/text.h"

#define FIRST_FD 3
#define TEXT_MOST 65536 /* what capcert_fd(3) reads */
#define SPARE 64	/* files of our own, and of the program before it raises its limit */

/* Each handle has two numbers for a moment. */
static int make_room(size_t handles)
{
	struct rlimit limit;
	rlim_t need = 2 * handles + SPARE;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return fail(EXIT_TROUBLE, "RLIMIT_NOFILE: %s", strerror(errno));
	if (limit.rlim_cur >= need)
		return EXIT_DONE;
	if (limit.rlim_max < need) {
		fail(EXIT_TROUBLE, "%zu handles need %llu open files, and the hard limit is %llu",
		     handles, (unsigned long long)need, (unsigned long long)limit.rlim_max);
		advise("raise it: ulimit -Hn, or LimitNOFILE= of the service");
		return EXIT_TROUBLE;
	}
	limit.rlim_cur = need;
	return setrlimit(RLIMIT_NOFILE, &limit) < 0
		       ? fail(EXIT_TROUBLE, "RLIMIT_NOFILE: %s", strerror(errno))
		       : EXIT_DONE;
}

int handover_add(struct handover *h, const char *name, size_t len, int fd)
{
	size_t i;
	int r;

	if (!text_name_valid(name, len))
		return fail(EXIT_USAGE, "'%.*s' is no name for a handle: letters, digits, - _ .",
			    (int)len, name);
	if (h->count == HANDOVER_MAX)
		return fail(EXIT_USAGE, "more than %d handles", HANDOVER_MAX);
	for (i = 0; i < h->count; i++)
		if (strlen(h->handles[i].name) == len && !strncmp(h->handles[i].name, name, len))
			return fail(EXIT_USAGE, "two handles are named '%.*s'", (int)len, name);
	r = make_room(h->count + 1);
	if (r)
		return r;
	memcpy(h->handles[h->count].name, name, len);
	h->handles[h->count].name[len] = '\0';
	h->handles[h->count++].fd = fd;
	return EXIT_DONE;
}

int handover_ca_file(struct handover *h, int store_fd, const char *word)
{
	size_t i;

	for (i = 0; i < CA_FILES; i++)
		h->files[i] = -1;
	h->file_count = CA_FILES;
	return ca_file_open(store_fd, word, h->files);
}

void handover_close(struct handover *h)
{
	while (h->count)
		close(h->handles[--h->count].fd);
	while (h->file_count)
		if (h->files[--h->file_count] >= 0)
			close(h->files[h->file_count]);
}

/* Out of the way of the numbers that are to be given. */
static int move_up(int *fd, int least, const char *what)
{
	int up = fcntl(*fd, F_DUPFD_CLOEXEC, least);

	if (up < 0)
		return fail(EXIT_TROUBLE, "%s: %s", what, strerror(errno));
	close(*fd);
	*fd = up;
	return EXIT_DONE;
}

static int move_to(int *fd, int number, const char *what)
{
	if (dup2(*fd, number) < 0)
		return fail(EXIT_TROUBLE, "%s: %s", what, strerror(errno));
	*fd = number;
	return EXIT_DONE;
}

static int close_from(unsigned int first, unsigned int last)
{
	if (syscall(SYS_close_range, first, last, 0))
		return fail(EXIT_TROUBLE, "close_range: %s", strerror(errno));
	return EXIT_DONE;
}

/* Sockets that a service manager has given to this very process (sd_listen_fds(3)) are the program's:
 * it is the same process. They have the numbers from FIRST_FD on. Return: how many. */
static int inherited_sockets(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	uint64_t n;

	if (!pid || !count || !text_number(pid, INT_MAX, &n) || (pid_t)n != getpid() ||
	    !text_number(count, INT_MAX, &n))
		return 0;
	return n > HANDOVER_MAX ? HANDOVER_MAX + 1 : (int)n;
}

/* The handles get FIRST_FD and the numbers after it, behind a service manager's sockets, the files
 * theirs; everything else is closed. */
static int arrange_fds(struct handover *h)
{
	const int first = FIRST_FD + inherited_sockets(), end = first + (int)h->count;
	const int most = h->file_count ? CA_FILE_FIRST : FIRST_FD + HANDOVER_MAX;
	const int above = end > CA_FILE_FIRST ? end : CA_FILE_FIRST + CA_FILES;
	size_t i;
	int fd, r = EXIT_DONE;

	if (end > most)
		return fail(EXIT_USAGE, "more than %d handles and inherited sockets%s",
			    most - FIRST_FD, h->file_count ? ", with --ca-file" : "");
	for (fd = 0; fd < FIRST_FD; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
			return fail(EXIT_TROUBLE, "/dev/null: %s", strerror(errno));
	for (i = 0; !r && i < h->count; i++)
		r = move_up(&h->handles[i].fd, above, h->handles[i].name);
	for (i = 0; !r && i < h->file_count; i++)
		r = move_up(&h->files[i], above, "CA file");
	for (i = 0; !r && i < h->count; i++)
		r = move_to(&h->handles[i].fd, first + (int)i, h->handles[i].name);
	if (r || !h->file_count)
		return r ? r : close_from((unsigned int)end, ~0u);
	for (i = 0; !r && i < h->file_count; i++)
		r = move_to(&h->files[i], CA_FILE_FIRST + (int)i, "CA file");
	if (!r && end < CA_FILE_FIRST)
		r = close_from((unsigned int)end, CA_FILE_FIRST - 1);
	return r ? r : close_from(CA_FILE_FIRST + CA_FILES, ~0u);
}

static int set_environment(const struct handover *h)
{
	static char text[HANDOVER_MAX * 80];
	size_t n = 0, i;

	for (i = 0; i < h->count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s=%d", i ? "," : "",
				      h->handles[i].name, h->handles[i].fd);
	if (n > TEXT_MOST) {
		fail(EXIT_USAGE, "the handles' names are too long: %zu octets in CAPCERT_FDS", n);
		advise("%d are the most: give them shorter names", TEXT_MOST);
		return EXIT_USAGE;
	}
	if (setenv("CAPCERT_FDS", text, 1))
		return fail(EXIT_TROUBLE, "CAPCERT_FDS: %s", strerror(errno));
	return h->file_count ? ca_file_environment() : EXIT_DONE;
}

static int become_user(const char *name)
{
	struct passwd *pw = getpwnam(name);
	uint64_t uid;

	if (!pw && text_number(name, 0xfffffffe, &uid))
		pw = getpwuid((uid_t)uid);
	if (!pw)
		return fail(EXIT_USAGE, "no user '%s'", name);
	if (initgroups(pw->pw_name, pw->pw_gid) || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid)) {
		fail(EXIT_TROUBLE, "cannot become user '%s': %s", name, strerror(errno));
		advise("only root may use --user");
		return EXIT_TROUBLE;
	}
	setenv("USER", pw->pw_name, 1);
	setenv("LOGNAME", pw->pw_name, 1);
	setenv("HOME", pw->pw_dir, 1);
	return EXIT_DONE;
}

/* The 32-bit calls of the same kernel must be denied too: the filter covers them by their own
 * numbers. */
static int deny_keys(void)
{
	static const char *const calls[] = { "add_key", "request_key", "keyctl" };
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int r = ctx ? 0 : -ENOMEM;
	size_t i;

#if defined(__x86_64__)
	if (!r)
		r = seccomp_arch_add(ctx, SCMP_ARCH_X86);
	if (!r)
		r = seccomp_arch_add(ctx, SCMP_ARCH_X32);
#elif defined(__aarch64__)
	if (!r)
		r = seccomp_arch_add(ctx, SCMP_ARCH_ARM);
#endif
	for (i = 0; !r && i < sizeof(calls) / sizeof(*calls); i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM),
				     seccomp_syscall_resolve_name(calls[i]), 0);
	if (!r)
		r = seccomp_load(ctx);
	seccomp_release(ctx);
	return r ? fail(EXIT_TROUBLE, "seccomp: %s", strerror(-r)) : EXIT_DONE;
}

int handover_exec(struct handover *h, char **command)
{
	int r;

	r = arrange_fds(h);
	if (!r)
		r = set_environment(h);
	if (!r && h->user)
		r = become_user(h->user);
	/* As the new user, so that the keyring is the program's own and counts on its quota. */
	if (!r && keyctl_join_session_keyring(NULL) < 0)
		r = fail(EXIT_TROUBLE, "no session keyring for the program: %s", strerror(errno));
	if (!r && (h->user || h->no_keyctl) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		r = fail(EXIT_TROUBLE, "no_new_privs: %s", strerror(errno));
	if (!r && h->no_keyctl)
		r = deny_keys();
	if (r)
		return r;
	execvp(command[0], command);
	fail(EXIT_TROUBLE, "cannot run '%s': %s", command[0], strerror(errno));
	if (h->user && errno == EACCES)
		advise("user '%s' must be able to reach and execute it", h->user);
	return EXIT_TROUBLE;
}
