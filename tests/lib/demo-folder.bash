# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# tests/demo sources this where nothing can be mounted: the demo with real headers and a real driver
# in a folder, and the real engine with --root.

source tests/lib/kernels.bash

printf '%s\n' '  So there is no root in which apt could run: it is shown what the engine does when it is told to.' \
	'  Left out: apt and its triggers, the initramfs, and the namespaces in which builds run.'

work=/work
trap 'cd / && rm -rf "$work"' EXIT
OUT=$work/out
machine=$work/machine

# show COMMAND... - run it, and print what a person would see; OUT has it, too.
show() {
	printf '\n  # %s\n' "$*"
	"$@" </dev/null 2>&1 | tee "$OUT" | sed "s|$work/||g; s/^/  /"
	return "${PIPESTATUS[0]}"
}

dkms() {
	"$work/build/dkms" "$@" --root "$machine"
}

installed() {
	[[ -e $machine/lib/modules/$1/updates/dkms/$2.ko ]]
}

status_says() {
	[[ $(dkms status) == "$1" ]]
}

say 'Building the engine'
build_engine "$work/build"
printf '  %s, %d s after the start.\n' "$("$work/build/dkms" --version)" $((EPOCHSECONDS - DKMS_TEST_START))

# Link the world's programs into the folder: the engine runs those of the system that it works on.
make_machine() {
	mkdir -p "$machine"/{tmp,run,dev,proc,var/lib/dkms} && cp -a /etc "$machine/" &&
		cp -al /usr /bin /sbin /lib* "$machine/" && rm -rf "$machine"/usr/src/* "$machine"/usr/lib/modules/* &&
		cp -a /dev/null "$machine/dev/"
}

# Unpack elsewhere and copy: onto the machine, `dpkg-deb -x` would replace its link /lib by a
# folder.
unpack_packages() {
	local deb
	for deb in "$1"/*.deb; do
		quiet dpkg-deb -x "$deb" "$work/unpacked"
	done
	cp -a "$work/unpacked/usr/." "$machine/usr/" && { [[ ! -d $work/unpacked/lib ]] ||
		cp -a "$work/unpacked/lib/." "$machine/usr/lib/"; }
}

say 'A machine in a folder: the headers of a kernel and the source of a driver, from Debian'
choice=$(kernels_policy | kernels_choose)
K=$(sed -n 's/^K2 //p' <<<"$choice")
[[ -n $K ]] || demo_die 'apt has no kernel with headers that can be installed.'
# Without /proc there may be no /dev/fd, which "< <(...)" needs.
mapfile -t packages <<<"$(apt-cache depends --no-recommends --no-suggests "linux-headers-$K" |
	sed -n 's/^ *Depends: \(linux-\(headers\|kbuild\).*\)/\1/p')"
mkdir -p "$work/debs" && cd "$work/debs" || exit 1
quiet apt-get download "linux-headers-$K" "${packages[@]}" v4l2loopback-dkms
cd "$work" || exit 1
make_machine && unpack_packages "$work/debs" || demo_die 'The machine cannot be made.'
mkdir -p "$machine/lib/modules/$K/kernel" && touch "$machine/lib/modules/$K/vmlinuz"
source=$(compgen -G "$machine/usr/src/v4l2loopback-*")
V=${source##*/v4l2loopback-}
printf '  linux-headers-%s, v4l2loopback %s.\n' "$K" "$V"
before=$(cd "$machine" && find lib/modules usr/src var/lib/dkms etc ! -name 'modules.*' | sort)

say 'What would be done, and why'
show dkms install "v4l2loopback/$V" -k "$K" --dry-run
claim 'a dry run gives each step with its reason' grep -q "install v4l2loopback/$V $K .*: asked for" "$OUT"
claim 'and changes nothing' status_says ''

say 'Step by step'
show dkms add "v4l2loopback/$V"
claim 'it is added' status_says "v4l2loopback/$V: added"
show dkms build "v4l2loopback/$V" -k "$K"
claim 'it builds against the real headers' status_says "v4l2loopback/$V, $K, $(uname -m): built"
show dkms install "v4l2loopback/$V" -k "$K"
show dkms status
claim 'it is installed' status_says "v4l2loopback/$V, $K, $(uname -m): installed"
claim 'the module is in the kernel'\''s tree' installed "$K" v4l2loopback
claim 'depmod knows it' grep -q 'updates/dkms/v4l2loopback.ko:' "$machine/lib/modules/$K/modules.dep"
show dkms uninstall "v4l2loopback/$V" -k "$K"
claim 'after uninstall it is gone' test ! -e "$machine/lib/modules/$K/updates/dkms/v4l2loopback.ko"

say 'What a package manager says: everything follows from an event'
dkms remove "v4l2loopback/$V" --all >"$OUT" 2>&1
event() {
	printf '%s\n' 'dkms-event 1' 'from demo' "$@" end >"$work/event"
	printf '\n  # dkms event   (with these lines: %s)\n' "$*"
	dkms event <"$work/event" 2>&1 | tee "$OUT" | sed "s|$work/||g; s/^/  /"
}
event "source v4l2loopback-$V added v4l2loopback-dkms $V-2" 'complete source'
claim 'a new package registers, builds and installs it' status_says "v4l2loopback/$V, $K, $(uname -m): installed"
event "source v4l2loopback-$V present v4l2loopback-dkms $V-2" 'complete source'
claim 'the same event again has nothing to do' test ! -s "$OUT"
show dkms uninstall "v4l2loopback/$V" -k "$K"
event "source v4l2loopback-$V present v4l2loopback-dkms $V-2" 'complete source'
claim 'a person has uninstalled it: an event respects that' test ! -e "$machine/lib/modules/$K/updates/dkms/v4l2loopback.ko"
event "source v4l2loopback-$V added v4l2loopback-dkms $V-3" 'complete source'
claim 'until another version of its package comes' installed "$K" v4l2loopback
mv "$source" "$work/away"
event "source v4l2loopback-$V removed" 'complete source'
mv "$work/away" "$source"
claim 'when its package goes the driver goes' test ! -e "$machine/lib/modules/$K/updates/dkms/v4l2loopback.ko"
claim 'and nothing of it is registered' status_says ''
show dkms log
claim 'the log tells it' grep -q "installed v4l2loopback/$V" "$OUT"
rm -rf "$machine/var/lib/dkms/.native" "$machine"/var/lib/dkms/mok.*
after=$(cd "$machine" && find lib/modules usr/src var/lib/dkms etc ! -name 'modules.*' | sort)
claim 'the kernel'\''s tree, the sources and /var/lib/dkms are as before' test "$before" = "$after"
