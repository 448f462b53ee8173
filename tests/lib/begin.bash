# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The beginning of what tests/run runs. Started by hand, it starts itself again in the world, as
# tests/run does, and there in a mount namespace of its own, for the roots of root.bash. Tests get
# it by test.bash, benches and fuzzers have it alone:
#
#   source "$(dirname "$0")/../lib/begin.bash"

set -u
umask 022
if [[ -z ${WORLD_WAY:-} ]]; then
	exec "$BASH" "$(dirname "${BASH_SOURCE[0]}")/../run" "$0" "$@"
fi
source "$(dirname "${BASH_SOURCE[0]}")/root.bash"
root_enter "$@"

# uses NAME... - source these helpers of tests/lib.
uses() {
	local name
	for name; do
		# shellcheck disable=SC1090 # one of them
		source "$DKMS_TEST_LIB/$name.bash" || exit 1
	done
}
