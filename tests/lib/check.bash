# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The frame of the shell tests: setup, cases, checks and a closing line.
#
#   setup() {                            # once; what it leaves is what each case finds
#   	root_new a
#   }
#
#   case_status() {                      # each in a shell and in roots of its own
#   	t "status of an empty tree is empty"
#   	expect_rc 0 in_root a dkms status
#   	expect_empty "$OUT"
#   }
#
#   run_cases
#
# A case is a function case_NAME. It needs no other case: tests/run FILE NAME runs it alone. In a
# case, "t TITLE" begins a step, which goes on where the last one ended. A step passes if it made at
# least one check and none failed. A check that fails prints the file and the line that called it.
# The last line of the output is "N passed, N failed" or "N passed, N failed, N skipped", and counts
# steps. The exit status is 0 only if nothing failed.
#
# CHECK_DIR is a folder for files of the test; a case finds a copy of what setup left there. The
# files OUT and ERR have what the last command of expect_rc printed.

CHECK_DIR=$(mktemp -d "${TMPDIR:-/tmp}/check.XXXXXX") || exit 1
OUT=$CHECK_DIR/out
ERR=$CHECK_DIR/err
: >"$OUT"
: >"$ERR"

CHECK_WANTED=()
_check_pid=$BASHPID
_check_name=
_check_case_name=
_check_checks=0
_check_bad=0
_check_skip=
_check_finished=
_check_passed=0
_check_failed=0
_check_skipped=0

# Print the first caller outside of this file, as "file:line".
_check_where() {
	local i
	for ((i = 1; i < ${#BASH_SOURCE[@]}; i++)); do
		[[ ${BASH_SOURCE[i]} == "${BASH_SOURCE[0]}" ]] && continue
		printf '%s:%s' "${BASH_SOURCE[i]}" "${BASH_LINENO[i - 1]}"
		return
	done
	printf '%s' "$0"
}

_check_close_case() {
	[[ -n $_check_name ]] || return 0
	if ((_check_bad > 0)); then
		_check_failed=$((_check_failed + 1))
		printf 'FAIL - %s\n' "$_check_name"
	elif [[ -n $_check_skip ]]; then
		_check_skipped=$((_check_skipped + 1))
		printf 'skip - %s: %s\n' "$_check_name" "$_check_skip"
	elif ((_check_checks == 0)); then
		_check_failed=$((_check_failed + 1))
		printf 'FAIL - %s (it checked nothing)\n' "$_check_name"
	else
		_check_passed=$((_check_passed + 1))
		printf 'ok - %s\n' "$_check_name"
	fi
	_check_name=
}

_check_summary() {
	if ((_check_skipped > 0)); then
		printf '%d passed, %d failed, %d skipped\n' \
			"$_check_passed" "$_check_failed" "$_check_skipped"
	else
		printf '%d passed, %d failed\n' "$_check_passed" "$_check_failed"
	fi
}

_check_exit() {
	local status=$?
	[[ $BASHPID == "$_check_pid" ]] || return 0
	if [[ -z $_check_finished ]]; then
		_check_name=${_check_name:-$0}
		_check_say_fail "$0" "ended with status $status before its end"
	fi
	_check_close_case
	rm -rf "$CHECK_DIR" "$CHECK_DIR.kept"
	_check_summary
	((_check_failed == 0 && _check_passed + _check_skipped > 0)) || exit 1
	exit 0
}
trap _check_exit EXIT

# ---- setup and cases ----

# Print the cases that are wanted, in the order of the file. CHECK_WANTED has their names, or
# patterns.
_check_cases() {
	local name want found
	shopt -s extdebug
	for name in $(compgen -A function case_); do
		declare -F "$name"
	done | sort -k 2,2n | while read -r name _; do
		((${#CHECK_WANTED[@]} > 0)) || printf '%s\n' "$name"
		for want in "${CHECK_WANTED[@]}"; do
			# shellcheck disable=SC2053 # a pattern
			[[ ${name#case_} != $want ]] || { printf '%s\n' "$name"; break; }
		done
	done
	shopt -u extdebug
}

# run_cases - the last line of a test.
run_cases() {
	# setup runs in this function, so our variables have names that setup does not use.
	local _name _p _f _s _start _cpu=0 _cases
	mapfile -t _cases < <(_check_cases)
	_check_name=setup
	_start=${EPOCHREALTIME/./}
	if ((${#_cases[@]} == 0)); then
		fail "no case is called ${CHECK_WANTED[*]}"
	elif declare -F setup >/dev/null; then
		setup || [[ -n $_check_skip ]] || fail 'setup failed'
		[[ -n $_check_skip ]] || roots_freeze || fail 'the roots of setup are in use'
	fi
	if ((_check_bad > 0)); then
		_check_close_case
		_cases=()
	fi
	_check_name=
	_check_times setup
	mv "$CHECK_DIR" "$CHECK_DIR.kept"
	for _name in "${_cases[@]}"; do
		if [[ -n $_check_skip ]]; then
			_check_skipped=$((_check_skipped + 1))
			printf 'skip - %s: %s\n' "${_name#case_}" "$_check_skip"
			continue
		fi
		_start=${EPOCHREALTIME/./}
		cp -a "$CHECK_DIR.kept" "$CHECK_DIR" && : >"$CHECK_DIR.counts"
		roots_fork || root_die "no roots for $_name"
		(_check_case "$_name")
		read -r _p _f _s <"$CHECK_DIR.counts" || _p=0 _f=1 _s=0
		if ! roots_drop; then
			printf 'FAIL - %s (it left processes in its roots)\n' "${_name#case_}"
			_f=$((_f + 1))
		fi
		_check_passed=$((_check_passed + _p)) _check_failed=$((_check_failed + _f)) _check_skipped=$((_check_skipped + _s))
		rm -rf --one-file-system "$CHECK_DIR" "$CHECK_DIR.counts"
		_check_times "${_name#case_}"
	done
	_check_finished=yes
	exit 0
}

# _check_times NAME - print how long NAME took since _start, and what processors did for it since the
# last call.
_check_times() {
	local cpu
	[[ -n ${DKMS_TEST_TIMES:-} ]] || return 0
	# The second line is about children: "1m2.345s 0m1.234s", in user and in system.
	times >"$CHECK_DIR.times"
	cpu=$(awk 'NR == 2 { gsub(/s/, ""); split($1, u, "m"); split($2, s, "m")
		printf "%d", 1000 * (60 * (u[1] + s[1]) + u[2] + s[2]) }' "$CHECK_DIR.times")
	printf '# %s %d ms, processors %d ms\n' "$1" $(((${EPOCHREALTIME/./} - _start) / 1000)) $((cpu - _cpu))
	_cpu=$cpu
	rm "$CHECK_DIR.times"
}

# Run one case. run_cases calls this in a shell of its own.
_check_case() {
	_check_passed=0 _check_failed=0 _check_skipped=0 _check_bad=0 _check_checks=0
	_check_case_name=$1
	trap '_check_case_end $?' EXIT
	"$1"
	_check_finished=yes
	exit
}

_check_case_end() {
	trap - EXIT
	_check_name=${_check_name:-${_check_case_name#case_}}
	[[ -n $_check_finished ]] || _check_say_fail "$0" "ended with status $1 before its end"
	_check_close_case
	printf '%d %d %d\n' "$_check_passed" "$_check_failed" "$_check_skipped" >"$CHECK_DIR.counts"
}

_check_say_fail() {
	_check_checks=$((_check_checks + 1))
	_check_bad=$((_check_bad + 1))
	printf '%s: %s\n' "$1" "$2"
}

_check_show() {
	local label=$1 file=$2
	[[ -s $file ]] || return 0
	printf '  --- %s\n' "$label"
	head -n 200 "$file" | sed 's/^/  | /'
}

# t TITLE - begins a step; the one before it is closed.
t() {
	# What failed before the first step counts, too.
	[[ -n $_check_name ]] || ((_check_bad == 0)) || _check_name=${_check_case_name#case_}
	_check_close_case
	_check_name=$1
	_check_checks=0
	_check_bad=0
	_check_skip=
}

# ok - one check that held.
ok() {
	_check_checks=$((_check_checks + 1))
}

# fail TEXT - one check that did not hold. Returns 1, as every failing check does.
fail() {
	_check_say_fail "$(_check_where)" "$1"
	return 1
}

# skip REASON - the current step cannot be run here; in setup: no case can.
skip() {
	_check_skip=$1
}

# expect_rc N COMMAND... - COMMAND ends with status N. What it prints is in OUT and ERR.
# It runs in a subshell: cd and assignments in it do not last.
expect_rc() {
	local want=$1 got=0
	shift
	# The `||` switches off `set -e` in the subshell, which is intended.
	("$@") >"$OUT" 2>"$ERR" || got=$?
	if [[ $got -eq $want ]]; then
		ok
		return
	fi
	_check_say_fail "$(_check_where)" "status $got, not $want: $*"
	_check_show 'standard output' "$OUT"
	_check_show 'standard error' "$ERR"
	return 1
}

# expect_text TEXT FILE - FILE contains TEXT, taken literally, within one line.
expect_text() {
	if grep -qF -e "$1" -- "$2"; then
		ok
		return
	fi
	_check_say_fail "$(_check_where)" "'$1' is not in $2"
	_check_show "$2" "$2"
	return 1
}

# expect_no_text TEXT FILE - FILE can be read and does not contain TEXT.
expect_no_text() {
	local rc=0
	grep -qF -e "$1" -- "$2" || rc=$?
	if [[ $rc -eq 1 ]]; then
		ok
		return
	fi
	_check_say_fail "$(_check_where)" "'$1' is in $2, or that cannot be read"
	_check_show "$2" "$2"
	return 1
}

# expect_match ERE FILE - some line of FILE matches the extended regular expression.
expect_match() {
	if grep -qE -e "$1" -- "$2"; then
		ok
		return
	fi
	_check_say_fail "$(_check_where)" "nothing matches '$1' in $2"
	_check_show "$2" "$2"
	return 1
}

# expect_empty FILE - FILE exists and has no byte.
expect_empty() {
	if [[ -f $1 && ! -s $1 ]]; then
		ok
		return
	fi
	_check_say_fail "$(_check_where)" "$1 is not an empty file"
	_check_show "$1" "$1"
	return 1
}

# expect_same WANTED GOT - the two files are equal; the difference is shown.
expect_same() {
	local rc=0
	diff -u -- "$1" "$2" >"$CHECK_DIR/diff" 2>&1 || rc=$?
	if [[ $rc -eq 0 ]]; then
		ok
		return
	fi
	_check_say_fail "$(_check_where)" "$1 and $2 differ"
	_check_show difference "$CHECK_DIR/diff"
	return 1
}
