# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Each script that tests/run runs sources this first. A script that was started by hand is started
# again in the world, as tests/run does it. There it is started in a mount namespace of its own, for
# the roots of root.bash. Tests source this file by test.bash, benches and fuzzers directly:
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
