# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For tests of alerts: a stand-in for systemd's journal, and settings.

# journal_of ROOT [full] - give the root a journal until journal_end. The file $JOURNAL has what it
# receives. "full": it receives nothing.
journal_of() {
	local socket
	socket=$(root_path "$1")/run/systemd/journal/socket
	JOURNAL=$CHECK_DIR/journal
	: >"$JOURNAL"
	rm -f "$socket"
	"${BASH_SOURCE[0]%/*}/journald" "$socket" "$([[ ${2:-} == full ]] && echo - || echo "$JOURNAL")" &
	JOURNALD=$!
	until [[ -S $socket ]]; do sleep 0.02; done
}

journal_end() {
	kill "$JOURNALD"
	wait "$JOURNALD" 2>/dev/null
}

# journal_says FIELD=VALUE... - the journal has received these fields since the last call.
journal_says() {
	local i field
	for ((i = 0; i < 50; i++)); do [[ -s $JOURNAL ]] && break || sleep 0.02; done
	for field; do expect_text "$field" "$JOURNAL"; done
	: >"$JOURNAL"
}

# settings ROOT LINE... - write these lines as settings of the admin.
settings() {
	local file
	file=$(root_path "$1")/etc/dkms/framework.conf.d/test.conf
	shift
	mkdir -p "${file%/*}" && printf '%s\n' "$@" >"$file"
}
