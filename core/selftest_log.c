// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Known answers: one checkpoint, one entry of each kind, one tree head. */
#include "core/checkpoint.h"
#include "core/log_entry.h"
#include "core/sct.h"
#include "core/selftest_part.h"

#define DASH "\xe2\x80\x94 "
#define ROOT "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static const char *test_checkpoint(void)
{
	static const char text[] = "log.example\n42\n" ROOT "\n\n" DASH "w.example VVVVVQE=\n" DASH
				   "log.example ESIzRAAAAYAAAAABBAMAAQc=\n";
	const struct cc_span whole = cc_span(text, sizeof(text) - 1);
	struct cc_note_signature s;
	struct cc_checkpoint c;

	if (!cc_checkpoint_parse(whole, &c) || c.size != 42 || c.origin.n != 11 || c.extensions.n ||
	    c.root[31] != 31)
		return "checkpoint: fields";
	if (cc_note_signature_next(&c.signatures, &s) != 1 || s.base64.n != 8 ||
	    cc_note_signature_next(&c.signatures, &s) != 1 || s.base64.n != 24 ||
	    cc_note_signature_next(&c.signatures, &s) != 0)
		return "checkpoint: signatures";
	if (cc_checkpoint_parse(cc_span(text, whole.n - 1), &c))
		return "checkpoint: cut off";
	if (cc_checkpoint_parse(cc_span(text + 11, whole.n - 11), &c))
		return "checkpoint: no origin";
	return NULL;
}

static const struct cc_octets precert =
	CC_OCTETS("\x00\x00\x01\x80\x00\x00\x00\x02\x00\x01"
		  "\x30\x31\x32\x33\x34\x35\x36\x37\x38\x39\x61\x62\x63\x64\x65\x66"
		  "\x30\x31\x32\x33\x34\x35\x36\x37\x38\x39\x61\x62\x63\x64\x65\x66"
		  "\x00\x00\x02\x05\x00\x00\x08\x00\x00\x05\x00\x00\xbc\x61\x4e"
		  "\x00\x00\x03\x30\x01\x00\x00\x00");

static const char *test_entry(void)
{
	struct cc_span tile = cc_octets_span(precert);
	struct cc_tile_leaf leaf;
	uint64_t index;
	size_t n;

	if (cc_tile_leaf_next(&tile, &leaf) != 1 || cc_tile_leaf_next(&tile, &leaf) != 0)
		return "log entry: tile";
	if (leaf.entry.type != CC_LOG_ENTRY_PRECERT || leaf.entry.timestamp != 0x18000000002ULL ||
	    leaf.entry.issuer_hash.n != 32 || leaf.entry.certificate.n != 2 ||
	    leaf.entry.body.n != 57 || leaf.precertificate.n != 3 || leaf.fingerprints.n)
		return "log entry: fields";
	if (cc_sct_leaf_index(leaf.entry.extensions, &index) != 1 || index != 12345678)
		return "log entry: leaf index";
	for (n = 1; n < precert.n; n++) {
		tile = cc_span(precert.p, n);
		if (cc_tile_leaf_next(&tile, &leaf) != -1)
			return "log entry: cut off";
	}
	return NULL;
}

static const char *test_head(void)
{
	struct cc_tree_head head = { .size = 0x0102030405060708ULL, .timestamp = 9 };
	uint8_t octets[CC_TREE_HEAD_SIGNED];

	memset(head.root, 0xaa, sizeof(head.root));
	cc_tree_head_signed(&head, octets);
	if (memcmp(octets,
		   "\x00\x01\x00\x00\x00\x00\x00\x00\x00\x09\x01\x02\x03\x04\x05\x06\x07\x08\xaa",
		   19) != 0 ||
	    octets[49] != 0xaa)
		return "tree head: octets";
	return NULL;
}

const char *cc_selftest_log(void)
{
	const char *failed = test_checkpoint();

	if (!failed)
		failed = test_entry();
	return failed ? failed : test_head();
}
