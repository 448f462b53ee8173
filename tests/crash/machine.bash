# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The machine of the crash tests: a folder with a small kernel, real modules and sources (see
# tests/crash/template). Source it after test.bash.
#
# With DKMS_TEST_VERBOSE=1 the points of each operation are printed.

[[ -z ${DKMS_TEST_VERBOSE:-} ]] || export CRASH_VERBOSE=1

# machine_modules - compile the modules, which are kept, if need be. Sets KO, K and arch.
machine_modules() {
	local key
	key=$(sha256sum "$DKMS_TEST_SRC/tests/crash/modules" | cut -c 1-16)
	KO=$DKMS_TEST_CACHE/crash-$key
	(
		flock 9
		[[ -e $KO/kernel ]] || _machine_compile "$KO"
	) 9>"$DKMS_TEST_CACHE/lock-crash" || root_die 'the modules of the crash tests cannot be made'
	K=$(<"$KO/kernel")
	arch=$(uname -m)
}

_machine_compile() {
	local to=$1 headers
	root_new crash kernels
	root_quiet in_root crash "$DKMS_TEST_SRC/tests/crash/modules" "$K2" /tmp/ko || return
	headers=$(root_path crash)/usr/src/linux-headers-$K2/include/generated
	rm -rf "$to" && mkdir -p "$to/build/include/generated" &&
		cp -r "$(root_path crash)"/tmp/ko/v? "$to" &&
		cp "$headers"/{utsrelease,autoconf}.h "$to/build/include/generated" &&
		root_drop crash && echo "$K2" >"$to/kernel"
}

# machine_new [FOLDER] - make a fresh machine in FOLDER/t; sets MACHINE. Without FOLDER it lies in
# CHECK_DIR.
machine_new() {
	local work=${1:-}
	machine_modules
	if [[ -z $work ]]; then
		work=$CHECK_DIR/machine
		mkdir -p "$work" || root_die 'no folder for the machine'
	fi
	MACHINE_WORK=$work
	MACHINE=$work/t
	root_quiet "$DKMS_TEST_SRC/tests/crash/template" "$KO" "$MACHINE" ||
		root_die 'the machine cannot be made'
}

# machine_depmod_d - in this namespace, make /etc/depmod.d the machine's depmod.d.
machine_depmod_d() {
	local own
	own=$(mktemp -d) && mount -t tmpfs -o mode=0755 crash "$own" && cp -a /etc/. "$own/" &&
		rm -rf "$own/depmod.d" && ln -s "$MACHINE/depmod.d" "$own/depmod.d" &&
		mount --bind "$own" /etc
}

# machine_spoiled - make what tests/crash/crash needs: a fresh machine in MACHINE_WORK/template, and
# the folder MACHINE for it, which is empty. Sets has_ext4 if empty.img, a small disk, can be
# mounted.
machine_spoiled() {
	local work=$CHECK_DIR/work
	mkdir "$work" && machine_new "$work" && mv "$work/t" "$work/template" && mkdir "$work/t" "$work/probe" || return
	has_ext4=
	if mkfs.ext4 -q -J size=4 "$work/empty.img" 24m >/dev/null 2>&1 &&
		mount -o loop "$work/empty.img" "$work/probe" 2>/dev/null; then
		umount "$work/probe"
		has_ext4=yes
	fi
}

# machine_save, machine_load - keep the machine's state; bring it back.
machine_save() {
	rm -rf "$MACHINE_WORK/saved" && cp -a "$MACHINE" "$MACHINE_WORK/saved"
}

machine_load() {
	rm -rf "$MACHINE" && cp -a "$MACHINE_WORK/saved" "$MACHINE"
}

# dkms ACTION... - run dkms on that machine.
dkms() {
	"$DKMS_BUILD/dkms" "$@" --dkmstree "$MACHINE/dkms" --sourcetree "$MACHINE/src" \
		--installtree "$MACHINE/modules" </dev/null
}

# depmod_hangs - depmod says that it was begun, by the file $CHECK_DIR/begun, and never ends. dkms looks for
# programs in fixed folders alone, so it stands in place of kmod, until depmod_works.
depmod_hangs() {
	printf '#!/bin/bash\n: >%s/begun\nexec sleep 1000\n' "$CHECK_DIR" >"$CHECK_DIR/depmod" &&
		chmod 755 "$CHECK_DIR/depmod" && mount --bind "$CHECK_DIR/depmod" "$(readlink -f "$(command -v depmod)")"
}

depmod_works() {
	umount -l "$(readlink -f "$(command -v depmod)")"
}
