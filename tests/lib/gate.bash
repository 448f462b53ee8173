# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the tests of the gate share.

# gate_source FOLDER NAME VERSION [K] - make the source FOLDER/usr/src/NAME-VERSION of a module that
# compiles for all kernels, or for all but K.
gate_source() {
	local src=$1/usr/src/$2-$3
	mkdir -p "$src" || return
	printf '%s\n' "obj-m := $2.o" "ccflags-\$(if \$(filter ${4:-none},\$(KERNELRELEASE)),y) += -DGONE" >"$src/Makefile"
	printf '%s\n' '#include <linux/module.h>' '#ifdef GONE' "int f(void) { return $2_old_interface(); }" '#endif' \
		'MODULE_LICENSE("GPL");' 'MODULE_DESCRIPTION("for a test");' >"$src/$2.c"
	printf '%s\n' "PACKAGE_NAME=$2" "PACKAGE_VERSION=$3" "BUILT_MODULE_NAME=$2" \
		DEST_MODULE_LOCATION=/updates/dkms AUTOINSTALL=yes >"$src/dkms.conf"
}
