// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* capcert-acmed's configuration: whatever was read holds together. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "helpers/acmed/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf c;
	int r;

	conf_init(&c);
	r = conf_read(&c, "f", (const char *)data, size);
	if (r == 0)
		r = conf_finish(&c);
	if ((r == 0) != !c.error[0])
		abort();
	for (size_t i = 0; r == 0 && i < c.cert_count; i++)
		if (c.certs[i].ca >= c.ca_count || c.certs[i].solver >= c.solver_count ||
		    !c.certs[i].name_count || !c.certs[i].slot)
			abort();
	for (size_t i = 0; r == 0 && i < c.ca_count; i++)
		if (!c.cas[i].production && !strncasecmp(c.cas[i].directory, CONF_PRODUCTION, 36))
			abort();
	conf_free(&c);
	return 0;
}
