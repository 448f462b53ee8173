# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A build with seeded faults (configure --enable-mutations), beside the build folder:
# $DKMS_BUILD.mutations. Its own sources are compiled again. The variable DKMS_MUTATION names the
# fault that is active.

# mutations_build TARGET... - make these there; what is there already is kept. Sets MUTATIONS.
mutations_build() {
	MUTATIONS=$DKMS_BUILD.mutations
	(flock 9 && _mutations_make "$@") 9>"$MUTATIONS.lock" || root_die 'the build with seeded faults failed'
}

_mutations_make() {
	local source
	source=$(sed -n 's/^abs_srcdir = //p' "$DKMS_BUILD/Makefile")
	mkdir -p "$MUTATIONS" && cd "$MUTATIONS" || return
	[[ Makefile -nt $DKMS_BUILD/Makefile ]] ||
		root_quiet "$source/configure" --enable-mutations --prefix=/usr --sysconfdir=/etc --localstatedir=/var CFLAGS=-O0 || return
	root_quiet make -s -j "$(nproc)" "$@"
}
