# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The module, for Debian's 6.1 (module; in the development profile: dev), the debug kernel
# (module-debug, development profile) and 6.12 (module-6.12).
# kmod/ and core/ are staged so that the kernel's build leaves nothing in the source tree.

# BUNDLE_CERTS names the certificates (PEM, RSA of 2048 bits or more; several, to change them without a gap) whose
# bundles the module admits, BUNDLE_FLOORS="NAME=NUMBER ..." bundles that are too old for it.

.PHONY: module dev module-debug module-6.12 install-dkms uninstall-dkms bundle-keys

# The newest Debian kernel headers installed; the running kernel's are often absent (containers, guests).
KDIR ?= $(shell find /usr/src -maxdepth 1 -name 'linux-headers-6.1.*-amd64' ! -name '*-rt-*' ! -name '*-cloud-*' \
	| sort -V | tail -1)

# The compiler is the one that built the kernel, gcc; ccache serves it where there is one.
KMOD_CC := $(if $(shell command -v ccache),CC="ccache gcc")

bundle_certs = BUNDLE_FLOORS="$(BUNDLE_FLOORS)" DEV_CERT=$(2) scripts/bundle-certs $(BUNDLE_CERTS) $(3) $(1)/builtin/bundle_certs.h

module:
	@test -n "$(KDIR)" || { echo "no kernel headers: apt-get install linux-headers-amd64, or make KDIR=..." >&2; exit 1; }
	@scripts/stage-module $(B)/kmod
	@$(call bundle_certs,$(B)/kmod)
	+$(MAKE) -C $(KDIR) M=$(abspath $(B)/kmod) W=1 $(KMOD_CC) KCFLAGS="$(KMOD_CFLAGS)" modules

dev: $(B)/dev-bundle/cert.pem
	@test -n "$(KDIR)" || { echo "no kernel headers: apt-get install linux-headers-amd64, or make KDIR=..." >&2; exit 1; }
	@scripts/stage-module $(B)/kmod-dev
	@$(call bundle_certs,$(B)/kmod-dev,$(B)/dev-bundle/cert.pem)
	+$(MAKE) -C $(KDIR) M=$(abspath $(B)/kmod-dev) W=1 $(KMOD_CC) KCFLAGS="$(KMOD_CFLAGS)" CAPCERT_DEV=1 modules

# The guest's: debug has the development key and a key that ran out, 6.12 is a production build with a deployer's key
# (of this build), the same key that ran out and a floor.
module-debug: CAPCERT_DEV := 1
module-debug: $(B)/dev-bundle/cert.pem $(B)/test-bundle/expired.pem
module-6.12: $(B)/test-bundle/cert.pem $(B)/test-bundle/expired.pem
module-debug: DEV_CERT := $(B)/dev-bundle/cert.pem
module-debug: BUNDLE_CERTS += $(B)/test-bundle/expired.pem
module-6.12: BUNDLE_CERTS += $(B)/test-bundle/cert.pem $(B)/test-bundle/expired.pem
module-6.12: BUNDLE_FLOORS += built-in-floor=7
module-debug module-6.12: module-%:
	@scripts/stage-module $(B)/kmod-$*
	@$(call bundle_certs,$(B)/kmod-$*,$(DEV_CERT))
	+kdir=$$(scripts/kernel $*) && \
	$(MAKE) -C $$kdir/build M=$(abspath $(B)/kmod-$*) W=1 $(KMOD_CC) KCFLAGS="$(KMOD_CFLAGS)" CAPCERT_DEV=$(CAPCERT_DEV) modules

# Keys of this build alone: made once, never committed.
bundle-keys: $(B)/dev-bundle/cert.pem $(B)/test-bundle/cert.pem $(B)/test-bundle/expired.pem
bundle_key = mkdir -p $(@D) && rm -f $@ && umask 077 && openssl genpkey -quiet -algorithm RSA \
	-pkeyopt rsa_keygen_bits:4096 -out $(@:cert.pem=key.pem) && openssl req -x509 -key $(@:cert.pem=key.pem) -sha256 \
	-days 3650 -subj "/CN=$(1)" -addext keyUsage=critical,digitalSignature -addext basicConstraints=critical,CA:FALSE -out $@
$(B)/dev-bundle/cert.pem:
	@$(call bundle_key,capcert development $(shell hostname 2>/dev/null))
$(B)/test-bundle/cert.pem:
	@$(call bundle_key,capcert test deployer)
# Ran out long ago; its key is expired-key.pem.
$(B)/test-bundle/expired.pem: | $(B)/test-bundle/cert.pem
	@umask 077 && openssl req -new -newkey rsa:2048 -nodes -keyout $(@D)/expired-key.pem -subj "/CN=capcert test expired" \
		-out $(@D)/expired.csr 2>/dev/null && \
	: >$(@D)/expired.db && echo 01 >$(@D)/expired.serial && \
	printf '%s\n' '[ca]' 'default_ca=ca' 'database=$(@D)/expired.db' 'new_certs_dir=$(@D)' 'serial=$(@D)/expired.serial' \
		'default_md=sha256' 'policy=p' '[p]' 'commonName=supplied' >$(@D)/expired.conf && \
	openssl ca -batch -selfsign -config $(@D)/expired.conf -keyfile $(@D)/expired-key.pem -in $(@D)/expired.csr \
		-startdate 20200101000000Z -enddate 20210101000000Z -notext -out $@ 2>/dev/null

DKMS_DIR = $(DESTDIR)/usr/src/capcert-$(VERSION)
install-dkms:
	scripts/stage-module $(DKMS_DIR)
	install -m 644 dkms.conf $(DKMS_DIR)/
	install -D -m 755 scripts/bundle-certs $(DKMS_DIR)/scripts/bundle-certs
	install -m 755 scripts/dkms-pre-build $(DKMS_DIR)/scripts/dkms-pre-build
uninstall-dkms:
	rm -rf $(DKMS_DIR)
