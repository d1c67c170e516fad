// SPDX-License-Identifier: LGPL-2.1-or-later
/* Where libcurl's functions are. */

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include "libcapcert/net/curl.h"

static struct curl_calls calls;
static bool found;

static void *symbol(void *library, const char *name)
{
	void *p = dlsym(library, name);

	found = found && p;
	return p;
}

static void find(void)
{
	void *library = dlopen(CURL_SONAME, RTLD_NOW | RTLD_LOCAL);

	found = library != NULL;
	if (!library)
		return;
#define FIND(name) calls.name = (__typeof__(calls.name))symbol(library, "curl_" #name)
	FIND(easy_init);
	FIND(easy_cleanup);
	FIND(easy_setopt);
	FIND(easy_getinfo);
	FIND(easy_perform);
	FIND(easy_strerror);
	FIND(slist_append);
	FIND(slist_free_all);
#undef FIND
}

const struct curl_calls *curl_open(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, find);
	return found ? &calls : NULL;
}
