// SPDX-License-Identifier: LGPL-2.1-or-later
/* Pin sets of this process: the text form of core/pins.h made into an object. */
#include <errno.h>
#include <stdlib.h>
#include "core/digest.h"
#include "core/outcome.h"
#include "core/text.h"
#include "libcapcert/engine.h"
#include "libcapcert/pins.h"
#include "libcapcert/sha.h"
#include "libcapcert/x509.h"

const char pins_mismatch_text[] = "no certificate of the path has a pinned key";
const char pins_empty_text[] = "the pin set has no pins, and nothing matches it";

/* Text and digest follow the set. */
static void renew(capcert_pins *pins)
{
	struct sha256_ctx ctx;
	size_t n = cc_pins_format(&pins->set, pins->text, sizeof(pins->text));

	sha256_init(&ctx);
	cc_absorb_pins(sha256_absorb, &ctx, cc_span(pins->text, n));
	sha256_digest(&ctx, sizeof(pins->digest), pins->digest);
}

int capcert_pins_new(const char *text, size_t len, capcert_pins **ret, const char **ret_error)
{
	struct cc_pins_error error = { 0 };
	capcert_pins *pins;

	if (len > CC_PINS_TEXT_MAX)
		return -EMSGSIZE;
	pins = calloc(1, sizeof(*pins));
	if (!pins)
		return -ENOMEM;
	if (cc_pins_parse(text, len, &pins->set, &error) < 0) {
		if (ret_error)
			*ret_error = error.what;
		free(pins);
		return -EINVAL;
	}
	renew(pins);
	*ret = pins;
	return 0;
}

int engine_pins_from_state(const uint8_t *state, size_t len, const uint8_t digest[32],
			   capcert_pins **ret)
{
	capcert_pins *pins;
	int r = capcert_pins_new((const char *)state, len, &pins, NULL);

	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	if (memcmp(pins->digest, digest, sizeof(pins->digest)) != 0) {
		free(pins);
		return -EBADMSG;
	}
	*ret = pins;
	return 0;
}

const struct cc_pins *engine_pins(const capcert_pins *pins)
{
	return pins ? &pins->set : NULL;
}

void capcert_pins_free(capcert_pins *pins)
{
	free(pins);
}

static int change(capcert_pins *pins, int (*how)(struct cc_pins *, const struct cc_pin *),
		  uint32_t hash, const uint8_t *value, size_t len)
{
	struct cc_pin pin;

	if (!cc_pin_make(hash, cc_span(value, len), &pin))
		return -EINVAL;
	switch (how(&pins->set, &pin)) {
	case CC_PINS_OK:
		renew(pins);
		return 0;
	case CC_PINS_E_THERE:
		return -EEXIST;
	case CC_PINS_E_FULL:
		return -ENOSPC;
	default:
		return -ENOENT;
	}
}

int capcert_pins_add(capcert_pins *pins, uint32_t hash, const uint8_t *value, size_t len)
{
	return change(pins, cc_pins_add, hash, value, len);
}

int capcert_pins_remove(capcert_pins *pins, uint32_t hash, const uint8_t *value, size_t len)
{
	return change(pins, cc_pins_remove, hash, value, len);
}

const char *capcert_pins_text(const capcert_pins *pins)
{
	return pins->text;
}

int capcert_pins_get_info(const capcert_pins *pins, struct capcert_pins_info *ret)
{
	struct capcert_pins_info info = {
		.size = sizeof(info),
		.mode = pins->set.mode,
		.count = pins->set.count,
		.expires = pins->set.expires,
		.version = 1,
	};

	memcpy(info.digest, pins->digest, sizeof(info.digest));
	*ret = info;
	return 0;
}

bool pins_expired(const struct cc_pins *pins, struct window *window)
{
	return pins->expires != CC_PINS_NEVER && !window_until(window, pins->expires);
}

bool pins_match(const struct cc_pins *pins, struct cc_span spki)
{
	uint32_t hashes = cc_pins_hashes(pins), hash, at;

	for (hash = CC_PIN_SHA256; hash <= CC_PIN_SHA512; hash++) {
		struct cc_pin pin = { .hash = (uint8_t)hash };

		if ((hashes >> hash & 1) && hash_of(hash, spki, pin.value) > 0 &&
		    cc_pins_find(pins, &pin, &at))
			return true;
	}
	return false;
}

static void judge(const capcert_pins *pins, const capcert_chain *chain, bool expired,
		  struct capcert_outcome *out)
{
	struct cc_text t = cc_text(out->detail, sizeof(out->detail));
	size_t i, count = capcert_chain_count(chain);

	out->valid = 1;
	out->reason = CC_REASON_NONE;
	if (expired) {
		out->flags = CAPCERT_OUTCOME_PINS_EXPIRED;
		cc_text_put(&t, "the pin set has expired, and asks for nothing any more");
		cc_text_end(&t);
		return;
	}
	for (i = 0; i < count; i++)
		if (pins_match(&pins->set, chain->certs[i]->parsed.spki)) {
			out->flags = CAPCERT_OUTCOME_PINNED;
			out->depth = (uint32_t)i;
			cc_text_put(&t, "certificate ");
			cc_text_number(&t, i);
			cc_text_put(&t, " has a pinned key");
			cc_text_end(&t);
			return;
		}
	out->flags = CAPCERT_OUTCOME_PIN_MISMATCH;
	cc_text_put(&t, pins->set.count ? pins_mismatch_text : pins_empty_text);
	if (pins->set.mode == CC_PIN_ENFORCE) {
		out->valid = 0;
		out->reason = CC_REASON_PIN_MISMATCH;
	} else {
		cc_text_put(&t, " (only reported)");
	}
	cc_text_end(&t);
}

int capcert_pins_enforce(const capcert_pins *pins, const capcert_chain *chain, int64_t time,
			 struct capcert_outcome *ret)
{
	struct cc_span certs[CAPCERT_MAX_CHAIN];
	struct capcert_outcome out = { .size = sizeof(out), .time = time };
	struct window window = window_at(time);
	size_t count;
	int r = chain_spans(chain, certs, &count, out.chain_digest);

	if (r < 0)
		return r;
	out.time_source = CAPCERT_TIME_CALLER;
	sha256_of(certs[0], out.leaf);
	memcpy(out.pins_digest, pins->digest, sizeof(out.pins_digest));
	judge(pins, chain, pins_expired(&pins->set, &window), &out);
	out.valid_from = window.lo;
	out.valid_until = window.hi;
	*ret = out;
	return 0;
}

const char *capcert_pin_mode_name(uint32_t mode)
{
	return cc_pin_mode_name(mode);
}
