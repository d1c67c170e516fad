/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pin sets: hashes of public keys of which an accepted path must have one. One type, one text. */
#ifndef CORE_PINS_H
#define CORE_PINS_H

#include "core/span.h"

#define CC_PINS_MAX 64
#define CC_PIN_VALUE_MAX 64

/* As CAPCERT_HASH_*. */
enum cc_pin_hash { CC_PIN_SHA256 = 1, CC_PIN_SHA384 = 2, CC_PIN_SHA512 = 3 };

/* PinMode. */
enum cc_pin_mode {
	CC_PIN_ENFORCE = 0,	/* a path without a pinned key fails */
	CC_PIN_REPORT_ONLY = 1, /* it passes, and the outcome says so */
};

#define CC_PINS_NEVER ((int64_t)0x7fffffffffffffffLL)

/** struct cc_pin - one hash of a DER SubjectPublicKeyInfo; octets beyond its size are zero. */
struct cc_pin {
	uint8_t hash; /* enum cc_pin_hash */
	uint8_t value[CC_PIN_VALUE_MAX];
};

/**
 * struct cc_pins - a pin set. 4 kB: not for a kernel stack.
 *
 * A set without pins is matched by nothing. It has done its work once @expires is past: from then
 * on it asks for nothing, so that keys which were lost do not lock anybody out for ever.
 */
struct cc_pins {
	int64_t expires; /* last second it holds, or CC_PINS_NEVER */
	uint32_t mode;	 /* enum cc_pin_mode */
	uint32_t count;
	struct cc_pin pin[CC_PINS_MAX]; /* ascending by hash, then by value; the rest is zero */
};

struct cc_pins_error {
	size_t offset;
	const char *what;
};

/**
 * cc_pins_parse() - read the text form.
 *
 * One entry per line or ';', blanks around it put aside, empty ones ignored:
 *   mode=enforce|report-only                enforce when it is not there
 *   expires=2027-01-31T00:00:00Z|never      must be there: nobody pins for ever by forgetting it
 *   sha256:VALUE sha384:VALUE sha512:VALUE  hexadecimal digits, or base64 with its padding
 * The first two come before the pins. Unknown and duplicate entries are errors.
 *
 * Return: 0, or -1 with @err filled and @ret undefined.
 */
int cc_pins_parse(const char *text, size_t len, struct cc_pins *ret, struct cc_pins_error *err);

/** cc_pins_format() - the canonical text: mode, expiry, pins in hexadecimal, a line each. What
 *  cc_pins_parse() makes of it is equal bit for bit. NUL-terminated, cut at @cap - 1.
 *  Return: length without NUL; CC_PINS_TEXT_MAX always suffices. */
#define CC_PINS_TEXT_MAX (64 + CC_PINS_MAX * (8 + 2 * CC_PIN_VALUE_MAX))
size_t cc_pins_format(const struct cc_pins *pins, char *buf, size_t cap);

/** cc_pin_parse() - one entry "sha256:VALUE". Return: 0, or -1 (@ret undefined). */
int cc_pin_parse(const char *text, size_t len, struct cc_pin *ret);

/** cc_pin_make() - @value has cc_pin_size(@hash) octets. False: there is no such hash, or its
 *  values have another length. */
bool cc_pin_make(uint32_t hash, struct cc_span value, struct cc_pin *ret);

/** cc_pin_size() - octets of a hash, 0 when there is no such one. */
size_t cc_pin_size(uint32_t hash);

/** cc_pins_find() - is the pin in the set? *@ret_at: where it stands or would stand. */
bool cc_pins_find(const struct cc_pins *pins, const struct cc_pin *pin, uint32_t *ret_at);

/* Why cc_pins_add() and cc_pins_remove() changed nothing. */
enum { CC_PINS_OK = 0, CC_PINS_E_THERE = 1, CC_PINS_E_FULL = 2, CC_PINS_E_ABSENT = 3 };

/** cc_pins_add() - CC_PINS_OK, THERE or FULL. cc_pins_remove() - CC_PINS_OK or ABSENT. */
int cc_pins_add(struct cc_pins *pins, const struct cc_pin *pin);
int cc_pins_remove(struct cc_pins *pins, const struct cc_pin *pin);

/** cc_pins_hashes() - mask 1 << enum cc_pin_hash of the hashes that the set has pins of. */
uint32_t cc_pins_hashes(const struct cc_pins *pins);

/** cc_pin_mode_name() - "enforce", "report-only"; "?" for an unknown one. */
const char *cc_pin_mode_name(uint32_t mode);

#endif
