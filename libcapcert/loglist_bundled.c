// SPDX-License-Identifier: LGPL-2.1-or-later
/* The list of CT logs that is compiled in, for where no newer one was given. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "libcapcert/loglist.h"
#include "ct_logs.inc"

static int make(capcert_loglist **ret)
{
	capcert_log *logs[CC_ARRAY_SIZE(bundled)];
	size_t count = 0;
	int r = 0;

	while (r == 0 && count < CC_ARRAY_SIZE(bundled)) {
		r = capcert_log_new(&bundled[count], &logs[count], NULL);
		if (r == 0)
			count++;
	}
	if (r == 0)
		r = loglist_of(logs, count, BUNDLED_TIME, ret);
	while (count)
		capcert_log_free(logs[--count]);
	return r;
}

int capcert_loglist_bundled(capcert_loglist **ret)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static capcert_loglist *list; /* made once, kept to the end of the process */
	int r = 0;

	pthread_mutex_lock(&lock);
	if (!list)
		r = make(&list);
	if (r == 0)
		*ret = capcert_loglist_ref(list);
	pthread_mutex_unlock(&lock);
	return r;
}
