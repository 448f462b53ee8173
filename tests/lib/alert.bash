# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Those who are told what failed: a stand-in for systemd's journal, settings.

# journal_of ROOT [full] - from now on that root has a journal; what it gets is in $JOURNAL.
# "full": it takes nothing. journal_end ends it.
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

# journal_says FIELD=VALUE... - the journal has got these since the last time.
journal_says() {
	local i field
	for ((i = 0; i < 50; i++)); do [[ -s $JOURNAL ]] && break || sleep 0.02; done
	for field; do expect_text "$field" "$JOURNAL"; done
	: >"$JOURNAL"
}

# settings ROOT LINE... - what the admin has set.
settings() {
	local file
	file=$(root_path "$1")/etc/dkms/framework.conf.d/test.conf
	shift
	mkdir -p "${file%/*}" && printf '%s\n' "$@" >"$file"
}
