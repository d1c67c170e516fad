# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# One list of files serves install and uninstall, so that what one puts there the other removes.

BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
# p11-kit looks for modules in this folder alone, whatever the prefix.
P11_MODULES ?= $(shell $(PKGCONF) --variable=p11_module_configs p11-kit-1)

# to DIRECTORY,MODE,FILES: words of the form file:directory:mode
to = $(foreach f,$(3),$(f):$(1):$(2))

INSTALL_BUILT = $(if $(TOOL_SRC),$(B)/bin/capcert) \
	$(foreach h,$(HELPERS),$(if $(wildcard helpers/$(h)/*.c),$(B)/bin/capcert-$(h)))

INSTALL_FILES = \
	$(call to,$(BINDIR),755,$(INSTALL_BUILT)) \
	$(call to,$(LIBDIR),644,$(LIB_SO) $(LIB_A)) \
	$(call to,$(LIBDIR)/pkcs11,644,$(PROVIDER_SO)) \
	$(call to,$(P11_MODULES),644,$(B)/data/capcert.module) \
	$(call to,$(INCDIR)/capcert,644,$(wildcard include/capcert/*.h)) \
	$(call to,$(INCDIR)/linux,644,$(wildcard include/uapi/linux/*.h)) \
	$(call to,$(LIBDIR)/pkgconfig,644,$(B)/data/capcert.pc) \
	$(foreach s,1 2 3 4 5 7 8,$(call to,$(MANDIR)/man$(s),644,$(wildcard docs/man/*.$(s)))) \
	$(call to,$(PREFIX)/share/capcert,644,data/ct-logs.json) \
	$(call to,$(BINDIR)/../share/capcert/curl,644,data/curl/.curlrc) \
	$(call to,$(PREFIX)/lib/systemd/system,644,$(patsubst data/%,$(B)/data/%,$(wildcard data/systemd/*))) \
	$(call to,$(PREFIX)/lib/sysusers.d,644,$(wildcard data/sysusers.d/*.conf)) \
	$(call to,$(PREFIX)/lib/tmpfiles.d,644,$(wildcard data/tmpfiles.d/*.conf)) \
	$(call to,$(PREFIX)/lib/udev/rules.d,644,$(wildcard data/udev/*.rules)) \
	$(call to,$(PREFIX)/lib/modules-load.d,644,$(wildcard data/modules-load.d/*.conf))

COMPLETION = $(DESTDIR)$(PREFIX)/share/bash-completion/completions/capcert

# Files that name installed paths are written with @PREFIX@ and the like.
SUBST = sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@BINDIR@|$(BINDIR)|g' -e 's|@LIBDIR@|$(LIBDIR)|g' \
	-e 's|@INCDIR@|$(INCDIR)|g' -e 's|@VERSION@|$(VERSION)|g'

.PHONY: data
data:
	@mkdir -p $(B)/data/systemd
	@$(SUBST) data/capcert.pc.in > $(B)/data/capcert.pc
	@$(SUBST) data/p11-kit/capcert.module > $(B)/data/capcert.module
	@for f in $(wildcard data/systemd/*); do $(SUBST) $$f > $(B)/$$f; done

install: user data
	@set -e; for e in $(INSTALL_FILES); do \
		file=$${e%%:*}; dir=$${e#*:}; mode=$${dir#*:}; dir=$${dir%:*}; \
		install -D -m $$mode $$file $(DESTDIR)$$dir/$${file##*/}; \
	done
	@ln -sfn $(notdir $(LIB_SO)) $(DESTDIR)$(LIBDIR)/libcapcert.so
	@[ ! -f data/capcert.bash ] || install -D -m 644 data/capcert.bash $(COMPLETION)

uninstall:
	@set -e; for e in $(INSTALL_FILES); do \
		file=$${e%%:*}; dir=$${e#*:}; dir=$${dir%:*}; rm -f $(DESTDIR)$$dir/$${file##*/}; \
	done
	@rm -f $(DESTDIR)$(LIBDIR)/libcapcert.so $(COMPLETION)
	@rmdir --ignore-fail-on-non-empty $(DESTDIR)$(INCDIR)/capcert $(DESTDIR)$(BINDIR)/../share/capcert/curl \
		$(DESTDIR)$(PREFIX)/share/capcert $(DESTDIR)$(LIBDIR)/pkcs11 2>/dev/null || true
