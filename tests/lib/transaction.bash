# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A run of any package manager, and what is checked after it: how it ended, which modules are
# installed and found, and what a watcher (tests/lib/watch) saw meanwhile.

# without_user - leave out the lines about files of /etc into which the user for builds is written.
# Packages make that user, and it stays when they go.
without_user() {
	grep -vE 'etc/((passwd|group|g?shadow|sub[ug]id)-?|\.pwd\.lock)( |$)'
}

declare -gA CALLBOX=() # folder of a root: process id of its callbox

# count_make ROOT - let the wrapper of make in the folder ROOT note the calls of confined builds, too.
count_make() {
	local path
	mkdir -p "$1/opt/calls" && path=$(chroot "$1" sh -c 'command -v make') && mv "$1$path" "$1/opt/calls/make" &&
		cp "$DKMS_TEST_LIB/countedmake" "$1$path"
}

# calls_begin ROOT - empty the list of calls of the folder ROOT, and note those of confined builds
# until calls_end ROOT.
calls_begin() {
	local i
	: >"$1/var/log/calls"
	rm -f "$1/var/log/calls.box"
	"$DKMS_TEST_LIB/callbox" "$1/var/log" &
	CALLBOX[$1]=$!
	for ((i = 0; i < 500; i++)); do
		[[ ! -e $1/var/log/calls.box ]] && kill -0 "${CALLBOX[$1]}" || return 0
		sleep 0.02
	done
}

calls_end() {
	kill "${CALLBOX[$1]}" 2>/dev/null
	wait "${CALLBOX[$1]}" 2>/dev/null
	rm -f "$1/var/log/calls.box"
}

# watched_run NAME DRIVERS COMMAND... - run the command, and watch the drivers ("K:MODULE ...", or
# "") of the root NAME meanwhile. Sets RUN_RC, RUN_MS, RUN_LOOKS, RUN_GAP (seconds without a
# driver), and RUN_WATCHED, which says the last two in words. What the command printed is in OUT,
# and what the root's wrappers have noted is in $CHECK_DIR/calls.
watched_run() {
	local root drivers=$2 watcher="" start
	root=$(root_path "$1")
	shift 2
	calls_begin "$root"
	rm -f "$CHECK_DIR/stop"
	if [[ $drivers ]]; then
		# shellcheck disable=SC2086 # a list
		"$DKMS_TEST_LIB/watch" "$root" "$CHECK_DIR/stop" $drivers >"$CHECK_DIR/watch" &
		watcher=$!
	fi
	start=${EPOCHREALTIME/./}
	RUN_RC=0 RUN_GAP=0 RUN_LOOKS=0 RUN_WATCHED=
	"$@" </dev/null >"$OUT" 2>&1 || RUN_RC=$?
	RUN_MS=$(((${EPOCHREALTIME/./} - start) / 1000))
	: >"$CHECK_DIR/stop"
	if [[ $watcher ]]; then
		wait "$watcher" || RUN_RC=watch
		RUN_GAP=$(awk '/:/ { s += $2 } END { printf "%.3f", s }' "$CHECK_DIR/watch")
		RUN_LOOKS=$(awk '/^looks/ { print $2 }' "$CHECK_DIR/watch")
		RUN_WATCHED=", $RUN_LOOKS looks, without a driver $RUN_GAP s"
	fi
	calls_end "$root"
	cp "$root/var/log/calls" "$CHECK_DIR/calls"
}

# tell_run TITLE COUNTS - print one line about the last run.
tell_run() {
	printf '  %s: status %s, %d.%d s; %s%s\n' "$1" "$RUN_RC" $((RUN_MS / 1000)) $((RUN_MS % 1000 / 100)) \
		"$2" "$RUN_WATCHED"
}

# expect_run STATUS - the last run ended with this status. If not, its last lines are shown.
expect_run() {
	[[ $RUN_RC == "$1" ]] && ok && return
	fail "status $RUN_RC, not $1"
	tail -n 40 "$OUT" >"$CHECK_DIR/end"
	_check_show 'its last lines' "$CHECK_DIR/end"
	return 1
}

# expect_installed NAME PACKAGE [KERNEL...] - dkms status says that PACKAGE is installed for exactly
# these kernels.
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

# expect_watched N - N drivers were watched, and often looked at.
expect_watched() {
	local n
	n=$(grep -c : "$CHECK_DIR/watch")
	[[ $n == "$1" ]] && ok || fail "$n drivers were watched, not $1"
	((RUN_LOOKS > 100)) && ok || fail "only $RUN_LOOKS looks"
}

# expect_gapless - no driver that was watched was away at any moment.
expect_gapless() {
	[[ $RUN_GAP =~ ^[0.]+$ ]] && ok || fail "a driver was away: $(tr '\n' ';' <"$CHECK_DIR/watch")"
}
