/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A DER writer that goes from the end to the beginning, so that every length is known when it is
 * written: inner before outer, last before first.
 *
 *	size_t mark = der_mark(&out);
 *	der_put_time(&out, CC_DER_GENERALIZED_TIME, since);
 *	der_put_bytes(&out, CC_DER_UTF8_STRING, name);
 *	der_put_head(&out, CC_DER_SEQUENCE, mark);	SEQUENCE { name, since }
 *
 * Errors stick: what follows one does nothing, and der_finish() reports it. */
#ifndef LIBCAPCERT_DER_WRITE_H
#define LIBCAPCERT_DER_WRITE_H

#include "core/span.h"

/* Zero-initialise. */
struct der_out {
	uint8_t *buf; /* what is written stands at its end */
	size_t cap;
	size_t n;
	int error; /* 0, -ENOMEM, -EINVAL */
};

/** der_mark() - where der_put_head() shall stop counting. */
static inline size_t der_mark(const struct der_out *out)
{
	return out->n;
}

/** der_put_raw() - octets as they are: a whole element, or contents. */
void der_put_raw(struct der_out *out, struct cc_span raw);

/** der_put_head() - @tag and the length of what was written since @mark. */
void der_put_head(struct der_out *out, uint8_t tag, size_t mark);

/** der_put_bytes() - one primitive element. */
void der_put_bytes(struct der_out *out, uint8_t tag, struct cc_span contents);

/** der_put_number() - a non-negative INTEGER or ENUMERATED. */
void der_put_number(struct der_out *out, uint8_t tag, uint64_t value);

/** der_put_flags() - a named bit list without trailing zero bits; bit n of @mask is bit n. */
void der_put_flags(struct der_out *out, uint8_t tag, uint32_t mask);

/** der_put_time() - YYYYMMDDHHMMSSZ, as UTCTime without the century; -EINVAL outside the years 0 to 9999. */
void der_put_time(struct der_out *out, uint8_t tag, int64_t time);

/** der_put_true() - BOOLEAN TRUE. */
void der_put_true(struct der_out *out);

/** der_finish() - everything written, malloc()ed at just its size; @out is empty then, whatever
 *  comes. Return: 0 or the error that stuck. */
int der_finish(struct der_out *out, uint8_t **ret, size_t *ret_len);

#endif
