// SPDX-License-Identifier: LGPL-2.1-or-later
/* What went wrong: an errno for programs, a line for people, an alert for the peer. */
#include <errno.h>
#include <stdio.h>
#include "libcapcert/tls.h"

/* RFC 8446 section 6. */
static const struct {
	int number;
	const char *name;
} alerts[] = {
	{ 0, "close notify" },
	{ 10, "unexpected message" },
	{ 20, "bad record MAC" },
	{ 22, "record overflow" },
	{ 40, "handshake failure" },
	{ 42, "bad certificate" },
	{ 43, "unsupported certificate" },
	{ 44, "certificate revoked" },
	{ 45, "certificate expired" },
	{ 46, "certificate unknown" },
	{ 47, "illegal parameter" },
	{ 48, "unknown CA" },
	{ 49, "access denied" },
	{ 50, "decode error" },
	{ 51, "decrypt error" },
	{ 70, "protocol version" },
	{ 71, "insufficient security" },
	{ 80, "internal error" },
	{ 86, "inappropriate fallback" },
	{ 90, "user canceled" },
	{ 100, "no renegotiation" },
	{ 109, "missing extension" },
	{ 110, "unsupported extension" },
	{ 112, "unrecognized name" },
	{ 113, "bad certificate status response" },
	{ 115, "unknown PSK identity" },
	{ 116, "certificate required" },
	{ 120, "no application protocol" },
};

const char *tls_alert_name(int alert)
{
	size_t i;

	for (i = 0; i < sizeof(alerts) / sizeof(*alerts); i++)
		if (alerts[i].number == alert)
			return alerts[i].name;
	return "?";
}

int tls_fault(capcert_tls *tls, int error, int alert, const char *text)
{
	if (tls->fault) /* the first is the cause */
		return error;
	tls->fault = error;
	tls->alert = alert;
	tls->fault_text = text;
	return error;
}

/* What GnuTLS says about a peer, or about itself. */
static const struct {
	int gnutls;
	int error;
	const char *text;
} known[] = {
	{ GNUTLS_E_PREMATURE_TERMINATION, -ECONNRESET, "the peer went away without close_notify" },
	{ GNUTLS_E_UNEXPECTED_PACKET_LENGTH, -EPROTO, "the peer sent a record that cannot be" },
	{ GNUTLS_E_RECORD_OVERFLOW, -EPROTO, "the peer sent a record that is too large" },
	{ GNUTLS_E_UNSUPPORTED_VERSION_PACKET, -EPROTONOSUPPORT,
	  "no version of TLS in common with the peer" },
	{ GNUTLS_E_NO_CIPHER_SUITES, -EPROTONOSUPPORT, "no cipher suite in common with the peer" },
	{ GNUTLS_E_UNKNOWN_CIPHER_SUITE, -EPROTONOSUPPORT,
	  "the peer chose a cipher suite that was not offered" },
	{ GNUTLS_E_NO_COMMON_KEY_SHARE, -EPROTONOSUPPORT, "no group in common with the peer" },
	{ GNUTLS_E_ECC_UNSUPPORTED_CURVE, -EPROTONOSUPPORT, "no group in common with the peer" },
	{ GNUTLS_E_ECC_NO_SUPPORTED_CURVES, -EPROTONOSUPPORT, "no group in common with the peer" },
	{ GNUTLS_E_UNWANTED_ALGORITHM, -EPROTONOSUPPORT,
	  "the peer wants an algorithm that is not allowed here" },
	{ GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM, -EPROTONOSUPPORT,
	  "no signature scheme in common with the peer" },
	{ GNUTLS_E_INSUFFICIENT_CREDENTIALS, -EPROTONOSUPPORT,
	  "the key fits no cipher suite in common with the peer" },
	{ GNUTLS_E_NO_APPLICATION_PROTOCOL, -EPROTONOSUPPORT,
	  "no application protocol in common with the peer" },
	{ GNUTLS_E_NO_CERTIFICATE_FOUND, -ENOKEY, "the peer sent no certificate" },
	{ GNUTLS_E_CERTIFICATE_REQUIRED, -ENOKEY, "the peer sent no certificate" },
	{ GNUTLS_E_DECRYPTION_FAILED, -EBADMSG, "a record of the peer was altered" },
	{ GNUTLS_E_ERROR_IN_FINISHED_PACKET, -EBADMSG, "the peer's handshake was altered" },
	{ GNUTLS_E_PK_SIG_VERIFY_FAILED, -EBADMSG,
	  "the peer does not have the key of its certificate" },
	{ GNUTLS_E_HANDSHAKE_TOO_LARGE, -EMSGSIZE,
	  "the peer sends more in a handshake than it may" },
	{ GNUTLS_E_MEMORY_ERROR, -ENOMEM, "out of memory" },
	{ GNUTLS_E_PK_SIGN_FAILED, -EIO, "the key of this end did not sign" },
	{ GNUTLS_E_UNSAFE_RENEGOTIATION_DENIED, -EPROTO, "the peer does not renegotiate safely" },
	{ GNUTLS_E_SAFE_RENEGOTIATION_FAILED, -EPROTO, "the peer does not renegotiate safely" },
};

/* A peer that speaks something else altogether is told apart, since that happens to people. */
static const char *other_protocol(const capcert_tls *tls)
{
	static const char *const words[] = { "GET ", "POST ", "HEAD ", "PUT ", "OPTIONS", "HTTP/" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!memcmp(tls->first, words[i], strlen(words[i])))
			return "the peer speaks plain HTTP, not TLS";
	if (!memcmp(tls->first, "SSH-", 4))
		return "the peer speaks SSH, not TLS";
	return NULL;
}

static int explain(capcert_tls *tls, int gnutls_error, const char **ret_text)
{
	const char *other = tls->phase == TLS_OPEN ? NULL : other_protocol(tls);
	size_t i;

	if (other) {
		*ret_text = other;
		return -EPROTO;
	}
	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (known[i].gnutls == gnutls_error) {
			*ret_text = known[i].text;
			return known[i].error;
		}
	}
	*ret_text = NULL;
	return -EPROTO;
}

static int by_alert(capcert_tls *tls, int alert)
{
	tls->alert_received = alert;
	snprintf(tls->error, sizeof(tls->error), "the peer ended it: alert %d (%s)", alert,
		 tls_alert_name(alert));
	return -ECONNABORTED;
}

static int refused(capcert_tls *tls)
{
	const struct capcert_outcome *o = &tls->peer.result.outcome;

	snprintf(tls->error, sizeof(tls->error),
		 "the certificate of the peer is refused: %s: %.230s",
		 capcert_reason_name(o->reason), o->detail);
	return -EKEYREJECTED;
}

/* The text for ETIMEDOUT and EIO is about another agent. */
static int unsigned_by(capcert_tls *tls, const char *text)
{
	int why = key_gnutls_last_error();
	const char *more = why == -ETIMEDOUT ? "no agent answered in time: is capcert-keyd running?"
			   : why == -EIO     ? "see the log of capcert-keyd"
					     : capcert_strerror(why);

	if (why)
		snprintf(tls->error, sizeof(tls->error), "%s (%s)", text, more);
	else
		snprintf(tls->error, sizeof(tls->error), "%s", text);
	return -EIO;
}

static int put_into_words(capcert_tls *tls, int gnutls_error)
{
	const char *text;
	int error;

	if (gnutls_error == GNUTLS_E_FATAL_ALERT_RECEIVED)
		return by_alert(tls, (int)gnutls_alert_get(tls->session));
	if (tls->fault == -EKEYREJECTED && tls->peer.known)
		return refused(tls);
	if (tls->fault) {
		snprintf(tls->error, sizeof(tls->error), "%s (%s)", tls->fault_text,
			 capcert_strerror(tls->fault));
		return tls->fault;
	}
	error = explain(tls, gnutls_error, &text);
	if (error == -EIO)
		return unsigned_by(tls, text);
	snprintf(tls->error, sizeof(tls->error), "%s", text ? text : gnutls_strerror(gnutls_error));
	return error;
}

/* The alert that fits, unless the peer is gone, or has ended it itself. */
static void tell(capcert_tls *tls, int gnutls_error, int error)
{
	int level = GNUTLS_AL_FATAL, alert = tls->alert;

	if (error == -ECONNABORTED || error == -ECONNRESET)
		return;
	if (gnutls_error == GNUTLS_E_NO_APPLICATION_PROTOCOL)
		alert = GNUTLS_A_NO_APPLICATION_PROTOCOL;
	if (error == -ENOKEY) /* RFC 5246 section 7.4.6, RFC 8446 section 4.4.2.4 */
		alert = gnutls_protocol_get_version(tls->session) == GNUTLS_TLS1_3
				? GNUTLS_A_CERTIFICATE_REQUIRED
				: GNUTLS_A_HANDSHAKE_FAILURE;
	if (alert < 0)
		alert = gnutls_error_to_alert(gnutls_error, &level);
	if (alert < 0)
		return;
	/* Once: who does not take it now will not be waited for. */
	tls->block = false;
	if (tls->records) {
		if (tls_records_alert(tls, GNUTLS_AL_FATAL, alert) == 0)
			tls->alert_sent = alert;
		return;
	}
	if (gnutls_alert_send(tls->session, GNUTLS_AL_FATAL, (gnutls_alert_description_t)alert) >=
	    0)
		tls->alert_sent = alert;
}

int tls_fail(capcert_tls *tls, int gnutls_error)
{
	int error = put_into_words(tls, gnutls_error);

	tell(tls, gnutls_error, error);
	tls->failed = error;
	tls->phase = TLS_BROKEN;
	return error;
}

int tls_fail_by_alert(capcert_tls *tls, int alert)
{
	tls->failed = by_alert(tls, alert);
	tls->phase = TLS_BROKEN;
	return tls->failed;
}

const char *capcert_tls_error_text(const capcert_tls *tls)
{
	return tls->error;
}
