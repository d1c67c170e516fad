// SPDX-License-Identifier: GPL-2.0-only
/* Logging of helpers: stderr, one write per line. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "helpers/common/log.h"

static const char *log_name = "capcert";
static bool log_journal;

/* JOURNAL_STREAM names the file that stderr is when the journal reads it (systemd.exec(5)). */
void log_init(const char *name)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long device, inode;
	struct stat st;

	log_name = name;
	if (stream && sscanf(stream, "%lu:%lu", &device, &inode) == 2 &&
	    fstat(STDERR_FILENO, &st) == 0)
		log_journal = st.st_dev == device && st.st_ino == inode;
}

void log_line(int priority, const char *format, ...)
{
	int saved = errno, n = 0, m;
	char line[1024];
	va_list args;

	if (log_journal)
		n = snprintf(line, sizeof(line), "<%d>", priority & 7);
	else
		n = snprintf(line, sizeof(line), "%s: ", log_name);
	va_start(args, format);
	m = vsnprintf(line + n, sizeof(line) - (size_t)n, format, args);
	va_end(args);
	n = m < 0 ? n : n + m;
	if (n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)n) < 0) {
		/* Nobody is left to be told. */
	}
	errno = saved;
}
