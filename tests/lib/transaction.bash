# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What is checked after a run of any package manager: how it ended, which modules are installed
# and found, and what a watcher (tests/lib/watch) saw meanwhile. The frames of apt, rpm and pacman
# leave RUN_RC, RUN_GAP (seconds without a driver) and RUN_LOOKS of their last run.

# expect_run STATUS - how the last run ended; the end of what it said is shown if it was otherwise.
expect_run() {
	[[ $RUN_RC == "$1" ]] && ok && return
	fail "status $RUN_RC, not $1"
	tail -n 40 "$OUT" >"$CHECK_DIR/end"
	_check_show 'its last lines' "$CHECK_DIR/end"
	return 1
}

# expect_installed NAME PACKAGE [KERNEL...] - installed for exactly these kernels, and the
# loader finds the file.
expect_installed() {
	local name=$1 package=$2
	shift 2
	in_root "$name" dkms status "$package" 2>&1 | sed -n 's/^[^,]*, \([^,]*\), [^:]*: installed.*/\1/p' |
		sort >"$CHECK_DIR/has"
	printf '%s\n' "$@" | sed '/^$/d' | sort >"$CHECK_DIR/wanted"
	expect_same "$CHECK_DIR/wanted" "$CHECK_DIR/has"
}

# expect_loads NAME MODULE KERNEL... - what modprobe would load has the right vermagic.
expect_loads() {
	local name=$1 module=$2 kernel file
	shift 2
	for kernel; do
		file=$(in_root "$name" modprobe -S "$kernel" --show-depends "$module" 2>/dev/null |
			sed -n '$s/^insmod \([^ ]*\).*/\1/p')
		[[ -n $file && $(in_root "$name" modinfo -F vermagic "$file") == "$kernel "* ]] && ok ||
			fail "$module cannot be loaded into $kernel: ${file:-nothing found}"
	done
}

# expect_watched N - N drivers were looked at, often.
expect_watched() {
	local n
	n=$(grep -c : "$CHECK_DIR/watch")
	[[ $n == "$1" ]] && ok || fail "$n drivers were watched, not $1"
	((RUN_LOOKS > 100)) && ok || fail "only $RUN_LOOKS looks"
}

# expect_gapless - no driver that was watched was away for a moment.
expect_gapless() {
	[[ $RUN_GAP =~ ^[0.]+$ ]] && ok || fail "a driver was away: $(tr '\n' ';' <"$CHECK_DIR/watch")"
}
