# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The module, for Debian's 6.1 (module; in the development profile: dev), the debug kernel
# (module-debug, development profile) and 6.12 (module-6.12).
# kmod/ and core/ are staged so that the kernel's build leaves nothing in the source tree.

.PHONY: module dev module-debug module-6.12 install-dkms uninstall-dkms

# The newest Debian kernel headers installed; the running kernel's are often absent (containers, guests).
KDIR ?= $(shell find /usr/src -maxdepth 1 -name 'linux-headers-6.1.*-amd64' ! -name '*-rt-*' ! -name '*-cloud-*' \
	| sort -V | tail -1)

module:
	@test -n "$(KDIR)" || { echo "no kernel headers: apt-get install linux-headers-amd64, or make KDIR=..." >&2; exit 1; }
	@scripts/stage-module $(B)/kmod
	+$(MAKE) -C $(KDIR) M=$(abspath $(B)/kmod) W=1 KCFLAGS="$(KMOD_CFLAGS)" modules

dev:
	@test -n "$(KDIR)" || { echo "no kernel headers: apt-get install linux-headers-amd64, or make KDIR=..." >&2; exit 1; }
	@scripts/stage-module $(B)/kmod-dev
	+$(MAKE) -C $(KDIR) M=$(abspath $(B)/kmod-dev) W=1 KCFLAGS="$(KMOD_CFLAGS)" CAPCERT_DEV=1 modules

module-debug: CAPCERT_DEV := 1
module-debug module-6.12: module-%:
	@scripts/stage-module $(B)/kmod-$*
	+kdir=$$(scripts/kernel $*) && \
	$(MAKE) -C $$kdir/build M=$(abspath $(B)/kmod-$*) W=1 KCFLAGS="$(KMOD_CFLAGS)" CAPCERT_DEV=$(CAPCERT_DEV) modules

DKMS_DIR = $(DESTDIR)/usr/src/capcert-$(VERSION)
install-dkms:
	scripts/stage-module $(DKMS_DIR)
	install -m 644 dkms.conf $(DKMS_DIR)/
uninstall-dkms:
	rm -rf $(DKMS_DIR)
