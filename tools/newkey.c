// SPDX-License-Identifier: GPL-2.0-only
/* Makes keys of the module's types, for their possessor alone. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <keyutils.h>
#include "tools/newkey.h"
#include "tools/opt.h"
#include "tools/out.h"
#include "tools/ref.h"

/* What others may do with a new key: nothing. Whoever possesses it (has it in his keyrings) may use
 * it. */
#define POSSESSOR_ONLY 0x3f000000

int32_t newkey(const char *type, const char *name, const char *text, const char *ring_word)
{
	int32_t ring = ref_ring(ring_word), serial;

	if (!ring)
		return 0;
	serial = add_key(type, name, text, text ? strlen(text) : 0, ring);
	if (serial < 0) {
		fail(EXIT_TROUBLE, "cannot make the key: %s", strerror(errno));
		if (errno == ENODEV)
			advise("the key type %s is not there: modprobe capcert", type);
		else if (errno == EDQUOT)
			advise("your quota of keys is used up: /proc/key-users, "
			       "/proc/sys/kernel/keys/");
		return 0;
	}
	if (keyctl_setperm(serial, POSSESSOR_ONLY) < 0) {
		fail(EXIT_TROUBLE, "cannot set the key's permissions: %s", strerror(errno));
		keyctl_unlink(serial, ring);
		return 0;
	}
	return serial;
}

int newkey_say(int32_t serial, const char *name)
{
	if (!serial)
		return EXIT_TROUBLE;
	if (out_json())
		return out_print_json(json_pack("{siss}", "serial", serial, "name", name));
	printf("%d\n", serial);
	return EXIT_DONE;
}
