# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# tests/demo sources this where namespaces can be made: the demo with the real apt, in a root.

source tests/lib/root.bash
root_enter "$@"
source tests/lib/check.bash
trap 'rm -rf "$CHECK_DIR"' EXIT

# show COMMAND... - run it in the root, and print what a person would see; OUT has it, too.
show() {
	printf '\n  # %s\n' "$*"
	in_root demo env DEBIAN_FRONTEND=noninteractive "$@" </dev/null 2>&1 | tee "$OUT" |
		grep -vE '^(Get:|Selecting|Preparing|\(Reading|Need to|After this|Reading|Building dep|debconf|I: /)' |
		sed 's/^/  /'
	return "${PIPESTATUS[0]}"
}

status_says() {
	[[ $(in_root demo dkms status) == "$1" ]]
}

# loader_takes KERNEL MODULE - would the module loader take our file?
loader_takes() {
	in_root demo modprobe -S "$1" --show-depends "$2" 2>&1 |
		grep -qF "insmod /lib/modules/$1/updates/dkms/$2.ko"
}

image_has() {
	image_list demo "$1" | grep -q "/$2.ko"
}

# calls PROGRAM - print how often it was called since `forget`.
calls() {
	grep -c "^$1	" "$(root_path demo)/var/log/calls"
}

forget() {
	: >"$(root_path demo)/var/log/calls"
}

# Print the state of the root. Leave out the key that the first build makes: it stays, because a
# machine's firmware may know it.
state() {
	apt_state demo | grep -vE ' /var/lib/dkms/mok\.(key|pub)$| /(var/lib/dkms|lib/modules)$'
}

[[ $WORLD_WAY != user ]] || printf '%s\n' '  Files that belong to others than root belong to root here; nothing else is different.'

_layer_choose
[[ -n $K1 && -n $K2 ]] || demo_die 'apt has not two kernels with headers that can be installed.'

say 'Making the package of dkms-native'
export DKMS_BUILD=/work/build
build_engine "$DKMS_BUILD"
quiet make -s -C "$DKMS_BUILD" deb
DKMS_TEST_DEB=$(find "$DKMS_BUILD/dist" -name 'dkms-native_*.deb')
printf '  %s, %d s after the start.\n' "${DKMS_TEST_DEB##*/}" $((EPOCHSECONDS - DKMS_TEST_START))

source tests/lib/apt.bash

say 'A throw-away Debian 12 without a kernel, and a mirror of its own'
apt_root demo dkms-native
V=$(pool_version v4l2loopback-dkms_)
V=${V%-*}
state >"$CHECK_DIR/before"
apt_meta demo linux-image-amd64 1 "linux-image-$K1"
apt_meta demo linux-headers-amd64 1 "linux-headers-$K1"
printf '  linux-headers and v4l2loopback-dkms are those of Debian. The kernels have their scripts and names,\n'
printf '  but two modules only, and mkinitramfs copies modules; so this is quick.\n'

say 'A kernel, our package and a driver that is not part of the kernel'
forget
show apt-get install linux-image-amd64 linux-headers-amd64 dkms-native v4l2loopback-dkms
claim 'apt ends well' test $? = 0
show dkms status
claim 'the driver is installed for the kernel' status_says "v4l2loopback/$V, $K1, x86_64: installed"
claim 'the module loader takes it' loader_takes "$K1" v4l2loopback

say 'apt upgrade: the next kernel'
apt_meta demo linux-image-amd64 2 "linux-image-$K2"
apt_meta demo linux-headers-amd64 2 "linux-headers-$K2"
forget
"$DKMS_TEST_LIB/watch" "$(root_path demo)" "$CHECK_DIR/stop" "$K1:v4l2loopback" >"$CHECK_DIR/watch" &
show apt upgrade
claim 'apt ends well again' test $? = 0
: >"$CHECK_DIR/stop"
wait
show dkms status
claim 'the driver is installed for both kernels' status_says \
	"v4l2loopback/$V, $K1, x86_64: installed
v4l2loopback/$V, $K2, x86_64: installed"
claim 'the loader takes it with the new kernel' loader_takes "$K2" v4l2loopback
claim 'it was built before the new initramfs was made, which has it' image_has "$K2" v4l2loopback
claim 'that initramfs was made once' test "$(calls mkinitramfs)" = 1
claim 'the old kernel had its driver at every moment' grep -q '0.000 0$' "$CHECK_DIR/watch"

say 'What happened, for those who want to know'
show dkms log
run=$(awk '$1 == "run" { sub(",", "", $2); run = $2 } / installed v4l2loopback/ { print run; exit }' "$OUT")
show dkms log "$run"
claim 'the log tells what was done, and by whom' grep -q 'because of: apt upgrade' "$OUT"

say 'A driver that does not compile'
apt_offer demo broken-dkms_1.0
show apt-get install broken-dkms
claim 'apt ends well' test $? = 0
claim 'and the last lines say what failed, and what shows more' grep -q 'dkms: [0-9]* builds\? failed; details: dkms log' "$OUT"
show apt-get purge broken-dkms

say 'An event without news has nothing to do'
printf '\n  # dkms event (empty), under strace\n'
in_root demo strace -f -qq -o /tmp/trace -e trace=process /opt/real/dkms event </dev/null
started=$(grep -cE '(clone3?|v?fork)\(' "$(root_path demo)/tmp/trace")
printf '  It started %s processes.\n' "$started"
claim 'dkms event on an unchanged machine starts no process' test "$started" = 0

say 'And away'
show apt-get purge v4l2loopback-dkms
claim 'after the removal of its package the driver is gone from both kernels' status_says ''
show apt-get purge dkms-native 'linux-image-*amd64' 'linux-headers-*'
state >"$CHECK_DIR/after"
claim '/lib/modules, /usr/src, /var/lib/dkms and /etc are as if it had never been there' \
	diff "$CHECK_DIR/before" "$CHECK_DIR/after"
