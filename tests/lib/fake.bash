# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Kernels and sources that need no kernel: a "kernel" is a folder with a Makefile that runs gcc once
# for each module, so that a build takes a moment. The file that gcc makes has the sections of a
# module at which dkms and depmod look.

# fake_kernel ROOT K [LINE...] - make a kernel with headers; LINE goes to its configuration.
fake_kernel() {
	local tree build k=$2
	tree=$(root_path "$1")/lib/modules/$k
	build=$tree/build
	shift 2
	mkdir -p "$tree/kernel" "$build/include/generated" "$build/include/config" || return
	touch "$tree/vmlinuz" "$tree/modules."{order,builtin,builtin.modinfo}
	echo "#define UTS_RELEASE \"$k\"" >"$build/include/generated/utsrelease.h"
	printf '%s\n' CONFIG_MODULES=y "$@" >"$build/include/config/auto.conf"
	cat >"$build/Makefile" <<-'EOT'
		.PHONY: modules
		modules: ; cd $(M) && for m in $$(sed -n 's/^obj-m := //p' Makefile); do \
			gcc $(EXTRA) -c -DRELEASE='"$(KERNELRELEASE)"' \
			-o $${m%.o}.ko $${m%.o}.c || exit; done
	EOT
}

# fake_source ROOT NAME VERSION [LINE...] - make /usr/src/NAME-VERSION with one module called NAME.
# LINE is added to its dkms.conf.
fake_source() {
	fake_tree "$(root_path "$1")/usr/src/$2-$3" "${@:2}"
}

# fake_tree FOLDER NAME VERSION [LINE...] - the same in a folder of this machine.
fake_tree() {
	local folder=$1 name=$2 version=$3
	shift 3
	mkdir -p "$folder" || return
	fake_module "$folder" "$name" "$version"
	echo "obj-m := $name.o" >"$folder/Makefile"
	printf '%s\n' "PACKAGE_NAME=$name" "PACKAGE_VERSION=$version" \
		"BUILT_MODULE_NAME[0]=$name" 'DEST_MODULE_LOCATION[0]=/updates' \
		AUTOINSTALL=yes "$@" >"$folder/dkms.conf"
}

# fake_module FOLDER NAME VERSION - write the C file of one module.
fake_module() {
	cat >"$1/$2.c" <<-EOT
		static const char info[] __attribute__((section(".modinfo"), used)) =
			"version=$3\0vermagic=" RELEASE " SMP\0name=$2\0license=GPL";
		int this_module __attribute__((section(".gnu.linkonce.this_module"), used)) = 1;
		int init_module(void) { return 0; }
	EOT
}

# fake_script ROOT NAME VERSION FILE LINE... - make an executable shell script in the source.
fake_script() {
	local file
	file=$(root_path "$1")/usr/src/$2-$3/$4
	shift 4
	printf '%s\n' '#!/bin/sh' "$@" >"$file" && chmod 755 "$file"
}

# fake_program ROOT PATH LINE... - make an executable shell script anywhere in the root.
fake_program() {
	local file
	file=$(root_path "$1")$2
	shift 2
	mkdir -p "${file%/*}" && rm -f "$file" || return
	printf '%s\n' '#!/bin/sh' "$@" >"$file" && chmod 755 "$file"
}

# fake_distro ROOT ID [ID_LIKE] - let /etc/os-release say this.
fake_distro() {
	local file
	file=$(root_path "$1")/etc/os-release
	rm -f "$file"
	printf 'ID=%s\n' "$2" >"$file"
	[[ -z ${3:-} ]] || printf 'ID_LIKE="%s"\n' "$3" >>"$file"
}
