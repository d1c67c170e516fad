/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libcurl, opened when somebody speaks to a server: it brings twenty libraries along, for which no other command
 * should have to wait. */
#ifndef LIBCAPCERT_NET_CURL_H
#define LIBCAPCERT_NET_CURL_H

#include <curl/curl.h>

#define CURL_SONAME "libcurl-gnutls.so.4"

struct curl_calls {
	__typeof__(curl_easy_init) *easy_init;
	__typeof__(curl_easy_cleanup) *easy_cleanup;
	__typeof__(curl_easy_setopt) *easy_setopt;
	__typeof__(curl_easy_getinfo) *easy_getinfo;
	__typeof__(curl_easy_perform) *easy_perform;
	__typeof__(curl_easy_strerror) *easy_strerror;
	__typeof__(curl_slist_append) *slist_append;
	__typeof__(curl_slist_free_all) *slist_free_all;
};

/** curl_open() - once per process; for any thread. Return: NULL where there is no CURL_SONAME. */
const struct curl_calls *curl_open(void);

#endif
