# SPDX-License-Identifier: GPL-2.0-or-later
#
# A tarball of the source, and Debian packages of it. Included by the Makefile.

DIST := sipguard-$(VERSION)
TARBALL := $(BUILD)/$(DIST).tar.xz
DEB := $(BUILD)/deb

# What is committed, and nothing else: two tarballs of one commit are the same bytes.
.PHONY: dist deb
dist: ## make a tarball of what is committed (no root)
	$(Q)mkdir -p $(BUILD)
	$(Q)[ -z "$$(git status --porcelain)" ] || printf 'dist: what is not committed is left out\n' >&2
	$(Q)git archive --format=tar --prefix=$(DIST)/ --add-virtual-file=$(DIST)/.revision:$(REVISION) \
		--output=$(BUILD)/$(DIST).tar HEAD
	$(Q)xz -T1 -f $(BUILD)/$(DIST).tar
	$(call say,DIST,$(TARBALL))

# The environment of make would reach the package's own make.
deb: dist ## make Debian packages in build/deb; DEB_OPTIONS goes to dpkg-buildpackage (no root)
	$(Q)rm -rf $(DEB) && mkdir -p $(DEB)
	$(Q)cp $(TARBALL) $(DEB)/sipguard_$(VERSION).orig.tar.xz
	$(Q)tar -xf $(TARBALL) -C $(DEB)
	$(Q)cp -r $(DEB)/$(DIST)/scripts/debian $(DEB)/$(DIST)/debian
	$(call say,DEB,$(DEB))
	$(Q)cd $(DEB)/$(DIST) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES \
		dpkg-buildpackage -us -uc $(DEB_OPTIONS) > ../build.log 2>&1 || { tail -n 20 ../build.log | cut -c 1-200; false; }
	$(Q)ls $(DEB)/*.deb

.PHONY: test-package
test-package: ## make the packages, and see that they are sound, install, and leave nothing behind (root)
	$(Q)DEB_BUILD_OPTIONS=nocheck $(MAKE) --no-print-directory deb
	$(Q)tests/package/run '$(MATCH)'
