# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A real kernel in QEMU, without KVM, for tests that need one of their own. Its only file system is a
# folder of a root that has the layer kernels.
#
#   qemu_install a                                once
#   qemu_folder a plain 'echo hello'              ROOT's /tmp/plain.d; more may be put there
#   qemu_boot a plain 'module.sig_enforce=1'      what the console prints is ROOT's /tmp/plain

# qemu_install ROOT - QEMU and busybox, into the root only; the packages are kept.
qemu_install() {
	local root kept=$DKMS_TEST_CACHE/qemu
	root=$(root_path "$1")
	mkdir -p "$kept" "$root/var/cache/apt/archives" &&
		find "$kept" -name '*.deb' -mtime +7 -delete &&
		find "$kept" -name '*.deb' -exec cp -t "$root/var/cache/apt/archives" {} + &&
		_layer_apt "$root" -o APT::Keep-Downloaded-Packages=true \
		install qemu-system-x86 busybox-static cpio openssl || return
	find "$root/var/cache/apt/archives" -name '*.deb' -exec cp -u -t "$kept" {} + &&
		rm -f "$root"/var/cache/apt/archives/*.deb
}

# qemu_folder ROOT NAME COMMANDS - make ROOT's /tmp/NAME.d, whose init runs the commands by busybox's
# sh, with /proc and /sys mounted.
qemu_folder() {
	local root folder
	root=$(root_path "$1") folder=$root/tmp/$2.d
	mkdir -p "$folder"/{bin,proc,sys,dev,usr/lib} && cp "$root/bin/busybox" "$folder/bin/" &&
		ln -sf busybox "$folder/bin/sh" && ln -sf usr/lib "$folder/lib" &&
		printf '%s\n' '#!/bin/busybox sh' 'export PATH=/usr/sbin:/usr/bin:/bin' \
			'/bin/busybox --install /bin' 'mount -t proc proc /proc' 'mount -t sysfs sysfs /sys' "$3" \
			'echo "the end"' 'poweroff -f' >"$folder/init" && chmod 755 "$folder/init"
}

# qemu_boot ROOT NAME [PARAMETERS] - boot K2 with that folder; PARAMETERS go to the kernel.
qemu_boot() {
	in_root "$1" sh -c "cd /tmp/$2.d && find . | cpio -o -H newc --quiet | gzip -1 >/tmp/$2.img" &&
		in_root "$1" timeout 600 qemu-system-x86_64 -accel tcg -cpu max -m "${QEMU_MEMORY:-256}" -nodefaults \
			-display none -no-reboot -serial "file:/tmp/$2" -kernel "/boot/vmlinuz-$K2" \
			-initrd "/tmp/$2.img" -append "console=ttyS0 loglevel=4 panic=-1 rdinit=/init ${3:-}" || return
	[[ -z ${DKMS_TEST_VERBOSE:-} ]] || cat "$(root_path "$1")/tmp/$2"
}
