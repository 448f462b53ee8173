# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Transactions that are killed, and the state of a machine after somebody has finished them by hand.

# killed_run NAME PROGRAM MS HOW COMMAND... - start the command. After MS milliseconds, kill the
# processes in the root NAME that are called PROGRAM, or all processes in it if HOW is "all". Then
# wait until no process is left. Sets KILLED_RC to the command's status, and KILLED to 1 if a
# process was killed.
killed_run() {
	local name=$1 program=$2 ms=$3 how=$4 pids i
	shift 4
	"$@" &
	sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
	pids=$(if [[ $how == all ]]; then root_processes "$name"; else root_processes "$name" "$program"; fi)
	KILLED=0 KILLED_RC=0
	# shellcheck disable=SC2034,SC2086 # for the test; words
	[[ -z $pids ]] || ! kill -KILL $pids 2>/dev/null || KILLED=1
	wait $! 2>/dev/null || KILLED_RC=$?
	for ((i = 0; i < 3000; i++)); do
		[[ -n $(root_processes "$name") ]] || return 0
		sleep 0.1
	done
	fail "after $ms ms: something goes on for ever"
}

# killed_state NAME - print what a person, the module loader and the next event find, except what
# the package manager says. Of module packages in the dkms tree, only "demo" is looked at.
killed_state() {
	local root file
	root=$(root_path "$1")
	in_root "$1" dkms status
	for file in holds requests failures owners; do
		sed "s/^/$file: /; /: dkms-$file/d; /: end/d" "$root/var/lib/dkms/.native/$file" 2>/dev/null
	done
	(cd "$root/lib/modules" && find . -name '*.ko*' -exec sha256sum {} + && find . -name modules.dep -exec cat {} + &&
		ls) | sort
	(cd "$root" && find usr/src var/lib/dkms/demo var/lib/dkms/.native/{journal,broken,lost,pending} 2>/dev/null |
		grep -vE '/log$|make\.log|\.native/journal$|\.native/pending$' | sort)
}
