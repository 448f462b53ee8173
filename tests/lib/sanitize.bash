# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A build with the address sanitizer and the undefined behaviour sanitizer, beside DKMS_BUILD. It is
# made once for all tests that want it.

SANITIZE_BUILD=${DKMS_BUILD:-}.sanitize

# sanitize_build TARGET... - make these targets there. If that fails, print the end of the output.
sanitize_build() {
	local log rc=0
	log=$(mktemp) || return
	(flock 9 && _sanitize_make "$@") >"$log" 2>&1 9>"$SANITIZE_BUILD.lock" || rc=$?
	((rc == 0)) || tail -n 100 "$log"
	rm -f "$log"
	return "$rc"
}

_sanitize_make() {
	local source
	source=$(sed -n 's/^abs_srcdir = //p' "$DKMS_BUILD/Makefile")
	mkdir -p "$SANITIZE_BUILD" && cd "$SANITIZE_BUILD" || return
	[[ Makefile -nt $DKMS_BUILD/Makefile ]] || "$source/configure" --prefix=/usr --sysconfdir=/etc \
		--localstatedir=/var --enable-werror --enable-asan --enable-ubsan CFLAGS='-O1 -g1' || return
	make -j "$(nproc)" "$@"
}
