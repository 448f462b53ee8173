# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The preamble of every shell test; tests/README.md shows a whole test.
#
#   source "$(dirname "$0")/../lib/test.bash"
#   uses fake                            # helpers: tests/lib/fake.bash

source "$(dirname "${BASH_SOURCE[0]}")/begin.bash"
source "$DKMS_TEST_LIB/check.bash"
CHECK_WANTED=("$@")

# root_a [LAYER...] - make the root "a", which most tests have, of these layers and with our dkms.
# Sets root to its folder.
root_a() {
	root_new a "$@"
	root_install_dkms a
	root=$(root_path a)
}

# dkms ARGUMENT... - run our dkms in the root "a".
dkms() { in_root a dkms "$@"; }

# Call the functions below at the start of setup or of a case, as in "needs_kernels 3 || return". If
# something is missing, they return 1, and all cases, or that one, are skipped by name.

# needs PACKAGE... - packages of the world.
needs() {
	local package missing=()
	for package; do
		[[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
			missing+=("$package")
	done
	((${#missing[@]} == 0)) || { skip "this Debian has no ${missing[*]}"; return 1; }
}

# needs_kernels N... - K1, K2 or K3 (kernels.bash).
needs_kernels() {
	local n name
	_layer_choose
	for n; do
		name=K$n
		[[ -n ${!name} ]] || { skip "apt has no kernel that could be $name"; return 1; }
	done
}

# needs_source NAME... - sources of the layer "sources".
needs_source() {
	local name
	for name; do
		source_version "$name" >"$CHECK_DIR/version" || { skip "apt has no $name-dkms"; return 1; }
	done
}

# needs_full - for what tests/all leaves out.
needs_full() {
	[[ -n ${DKMS_TEST_FULL:-} ]] || { skip 'only with DKMS_TEST_FULL=1'; return 1; }
}
