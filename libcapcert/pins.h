/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pin set of this process. */
#ifndef LIBCAPCERT_PINS_H
#define LIBCAPCERT_PINS_H

#include <capcert/pins.h>
#include "core/pins.h"
#include "libcapcert/window.h"

struct capcert_pins {
	struct cc_pins set;
	uint8_t digest[32];	     /* of the text, core/digest.h */
	char text[CC_PINS_TEXT_MAX]; /* canonical */
};

/** pins_expired() - is the time of @window beyond the set's last second? */
bool pins_expired(const struct cc_pins *pins, struct window *window);

/** pins_match() - is there a pin for this SubjectPublicKeyInfo? */
bool pins_match(const struct cc_pins *pins, struct cc_span spki);

/* What a pin set says of a path, in the words of an outcome. */
extern const char pins_mismatch_text[], pins_empty_text[];

#endif
