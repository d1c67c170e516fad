/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checkpoints: tree heads as signed notes (C2SP signed-note, tlog-checkpoint, static-ct-api). */
#ifndef CORE_CHECKPOINT_H
#define CORE_CHECKPOINT_H

#include "core/tree_head.h"

/* Limits of ours: a log has a handful of signatures, and witnesses a few more. */
#define CC_CHECKPOINT_MAX 65536
#define CC_CHECKPOINT_SIGNATURES 64

struct cc_checkpoint {
	struct cc_span signed_text; /* up to and with the newline before the empty line */
	struct cc_span origin;
	uint64_t size;
	uint8_t root[32];
	struct cc_span extensions; /* lines, each with its newline; may be empty */
	struct cc_span signatures; /* lines, at least one */
};

/** cc_checkpoint_parse() - UTF-8 without control characters, every line ended; all signature lines
 *  are looked at. Spans point into @text. False: malformed. */
bool cc_checkpoint_parse(struct cc_span text, struct cc_checkpoint *ret);

/* One line: whose key, its short id, and what it says, still in base 64. */
struct cc_note_signature {
	struct cc_span name;
	struct cc_span base64; /* 4 octets of key id, then the signature */
};

/** cc_note_signature_next() - take a line. Return: 1 taken, 0 end, -1 malformed. */
int cc_note_signature_next(struct cc_span *lines, struct cc_note_signature *ret);

/* Octets of a line that are decoded: key id, timestamp, and the signature of an RSA key of 8192
 * bits. Longer ones are of other types, and are passed over. */
#define CC_NOTE_SIGNATURE_MAX (4 + 8 + 4 + 1024)

/** cc_checkpoint_find() - the first line by @name with this key id.
 *  @buf: gets the octets behind the key id, at most CC_NOTE_SIGNATURE_MAX.
 *  False: there is none; signatures by others are none of our business. */
bool cc_checkpoint_find(const struct cc_checkpoint *c, struct cc_span name, const uint8_t id[4],
			uint8_t buf[CC_NOTE_SIGNATURE_MAX], struct cc_span *ret);

/** cc_rfc6962_note_signature() - what such a line holds when its key is of type 0x05
 *  (static-ct-api): the timestamp of the head, then a signature over it as RFC 6962 has it.
 *  False: malformed. */
bool cc_rfc6962_note_signature(struct cc_span body, uint64_t *ret_timestamp,
			       struct cc_digitally_signed *ret);

#endif
