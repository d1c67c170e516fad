// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dns-persist-01, as a CA sees it: by the C library's resolver. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/acmed-ca/ca.h"

bool ca_record(const char *name, const char *text)
{
	const char *server = getenv("ACMED_CA_DNS");
	const size_t n = strlen(text);
	struct __res_state state = { 0 };
	uint8_t answer[65536];
	char record[512];
	bool found = false;
	ns_msg m;
	ns_rr rr;
	int len;

	snprintf(record, sizeof(record), "_validation-persist.%s", name);
	if (!server || res_ninit(&state) < 0)
		return false;
	state.nscount = 1;
	state.nsaddr_list[0] = (struct sockaddr_in){ .sin_family = AF_INET,
						     .sin_port = htons(53),
						     .sin_addr.s_addr = inet_addr(server) };
	len = res_nquery(&state, record, ns_c_in, ns_t_txt, answer, sizeof(answer));
	if (len > 0 && ns_initparse(answer, len, &m) == 0)
		for (int i = 0; i < ns_msg_count(m, ns_s_an); i++)
			found |= ns_parserr(&m, ns_s_an, i, &rr) == 0 &&
				 ns_rr_type(rr) == ns_t_txt && ns_rr_rdlen(rr) > n &&
				 !memcmp(ns_rr_rdata(rr) + 1, text, n);
	res_nclose(&state);
	return found;
}
