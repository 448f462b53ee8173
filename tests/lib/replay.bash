# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Builds of demo/1 in the root "a", and what of them was replayed.

# shellcheck disable=SC2154 # root: root_a
# build RELEASE [ARGUMENT...] - build once more; what it says is in $OUT, the module in $CHECK_DIR.
build() {
	local release=$1 rc=0
	shift
	rm -rf "$root/var/lib/dkms/demo/1/$release"
	dkms build demo/1 -k "$release" "$@" >"$CHECK_DIR/build.out" 2>&1 || rc=$?
	cp "$root/var/lib/dkms/demo/1/$release/x86_64/module/demo.ko" "$CHECK_DIR/$release.ko" &&
		return "$rc"
}

plainly() {
	local conf=$root/etc/dkms/framework.conf.d/off.conf
	mkdir -p "${conf%/*}" && echo replay=off >"$conf" && build "$@" && rm "$conf"
}

# expect_counts COMPILED REPLAYED - so the last build said; "+" stands for any number but 0.
expect_counts() {
	local compiled replayed
	read -r compiled replayed < <(sed -n 's/.*compiled \([0-9]*\), replayed \([0-9]*\).*/\1 \2/p' "$CHECK_DIR/build.out")
	[[ ${compiled:-no} == "$1" || ($1 == + && ${compiled:-0} -gt 0) ]] &&
		[[ ${replayed:-no} == "$2" || ($2 == + && ${replayed:-0} -gt 0) ]] && ok ||
		fail "compiled ${compiled:-?}, replayed ${replayed:-?}; wanted $1 and $2: $(tail -n 5 "$CHECK_DIR/build.out")"
}

# expect_like_plain RELEASE - a plain build makes the module that was just built.
expect_like_plain() {
	mv "$CHECK_DIR/$1.ko" "$CHECK_DIR/replayed.ko"
	expect_rc 0 plainly "$1"
	local file
	for file in replayed "$1"; do
		objcopy -R .note.gnu.build-id "$CHECK_DIR/$file.ko" "$CHECK_DIR/$file.bare" || fail objcopy
	done
	cmp -s "$CHECK_DIR/replayed.bare" "$CHECK_DIR/$1.bare" && ok || fail "the module for $1 differs from a plain one"
}
