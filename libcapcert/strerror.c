// SPDX-License-Identifier: LGPL-2.1-or-later
/* What an error means here, and what to do about it. One line per errno of the ABI. */
#include <errno.h>
#include <string.h>
#include <capcert/capcert.h>

#define ERRORS(X)                                                                                  \
	X(EINVAL, "an argument is malformed: check names, numbers and flags against the manual")   \
	X(E2BIG, "the kernel module is older than this library: update the module")                \
	X(EFAULT, "a pointer given to the kernel is bad: this is a bug in the program")            \
	X(EBADF, "this fd is not open: check CAPCERT_FDS and who closed it")                       \
	X(ENOTTY, "this kind of handle has no such call: check which fd is which")                 \
	X(EBADFD, "this fd is no handle, or one of another kind: check which fd is which")         \
	X(EACCES, "the handle lacks the right, or the key its permission: ask its owner for a "    \
		  "handle with that right, see `capcert handle list` and `keyctl describe`")       \
	X(EXDEV, "the handle is bound to another process: derive one for this process with "       \
		 "capcert_derive_for(), or one that has the TRANSFER right")                       \
	X(EKEYREVOKED, "a key behind the handle was revoked: get a handle of a new key")           \
	X(EKEYEXPIRED, "a key behind the handle has expired: get a handle of a new key")           \
	X(ENOKEY, "the key is not there or was invalidated: see `keyctl show`, make it anew")      \
	X(EKEYREJECTED, "the pin does not match the certificate, or the outcome is another "       \
			"than the one demanded: compare both by hand")                             \
	X(EMSGSIZE, "an input is over its limit, or a buffer too small: see the limits in "        \
		    "linux/capcert.h")                                                             \
	X(ENOMEM, "out of memory; nothing has changed: try again later")                           \
	X(EDQUOT, "a quota is used up: see /proc/key-users, free keys or wait for requests")       \
	X(ENFILE, "the system has too many open files: close some, or raise fs.file-max")          \
	X(EMFILE, "this process has too many open files: close some, or raise RLIMIT_NOFILE")      \
	X(EINTR, "interrupted by a signal: call again")                                            \
	X(EAGAIN, "the object kept changing while it was read: call again")                        \
	X(EBUSY, "too many requests are waiting: try again later")                                 \
	X(ETIMEDOUT, "no verification agent answered in time: is capcert-verifyd running?")        \
	X(EIO, "the agent failed over this request: see the log of capcert-verifyd")               \
	X(EPERM, "not permitted: this needs CAP_SYS_ADMIN, a policy with time=any, a profile "     \
		 "that allows it, or a program that is not set-id")                                \
	X(EEXIST, "it is there already: nothing to do")                                            \
	X(ENOENT, "there is no such object: check the name; /dev/capcert needs the module: "       \
		  "modprobe capcert")                                                              \
	X(ENODEV, "the kernel module is not loaded: modprobe capcert")                             \
	X(ENXIO, "the kernel module is not loaded: modprobe capcert")                              \
	X(EBADMSG, "the bytes are no certificate, anchor or list, or the outcome says invalid: "   \
		   "look at the detail")                                                           \
	X(ESTALE, "the outcome no longer holds: verify again")                                     \
	X(EOPNOTSUPP, "this algorithm, or evidence for the kernel, is not supported here: see "    \
		      "`capcert feature`; a list of CT logs cannot be given to the kernel, which " \
		      "takes the system store that the policy's ct_logs names: leave it out, or "  \
		      "have it admitted by `capcert system admit`")                                \
	X(ENOSYS, "this kernel or build cannot do it: see `capcert feature`")                      \
	X(EPROTO, "kernel module and library disagree: install the same version of both")          \
	X(EOVERFLOW, "a number is out of range: check it against the manual")

const char *capcert_strerror(int error)
{
	unsigned int nr = error < 0 ? 0u - (unsigned int)error : (unsigned int)error;
	const char *text;

	switch (nr) {
	case 0:
		return "no error";
#define X(number, line) \
	case number:    \
		return line;
		ERRORS(X)
#undef X
	default:
		/* Static in glibc, thread-safe, NULL for numbers it does not know. */
		text = strerrordesc_np((int)nr);
		return text ? text : "unknown error";
	}
}
