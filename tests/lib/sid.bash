# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # DEBS_* are for reference.bash
#
# Roots of Debian sid, with today's kernel of sid in packages: linux-image-K and its parts.
#
#   needs_sid || return            in setup; sets K
#   sid_root a                     a root with what kernels, headers and our package depend on
#   sid_apt a install linux-image-"$K"
#
# apt in there knows the packages of the pool and no others: those of the kernel, dracut,
# initramfs-tools, our own and those of sid_module. The layers sid and sid-tools are kept as those of
# trixie.bash are.

REFERENCE_SUITE=sid
# shellcheck source=tests/lib/reference.bash
source "$DKMS_TEST_LIB/reference.bash"
# shellcheck source=tests/lib/trixie.bash
source "$DKMS_TEST_LIB/trixie.bash"
# Our package is the one that is made in the world.
# shellcheck source=tests/lib/apt.bash
source "$DKMS_TEST_LIB/apt.bash"
DEBS_GET=reference_get
DEBS_CACHE=reference_cache
DEBS_IN=debs-sid

# The packages in a root; apt adds their dependencies.
SID_TOOLS=(dpkg-dev gcc initramfs-tools linux-base make kmod cpio e2fsprogs systemd-sysv systemd-ukify systemd-boot-efi
	udev libarchive13t64 libjson-c5 libmd0 libssl3t64 xz-utils zstd)

# _sid_depends NAME PREFIX - print the packages that NAME depends on and whose names begin with
# PREFIX, a regular expression.
_sid_depends() {
	reference_cache depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces "$1" 2>/dev/null |
		sed -n "s/^[ |]*Depends: \\($2[^ ]*\\)$/\\1/p" | sort -u
}

# Sets K and SID_DEBS.
_sid_choose() {
	K=$(_sid_depends linux-image-amd64 linux-image-)
	K=${K#linux-image-}
	[[ -n $K && $(_sid_depends linux-headers-amd64 linux-headers-) == "linux-headers-$K" ]] || return
	mapfile -t SID_DEBS < <(
		printf '%s\n' "linux-image-$K" "linux-headers-$K" dracut dracut-core dracut-install initramfs-tools \
			initramfs-tools-core initramfs-tools-bin
		_sid_depends "linux-image-$K" 'linux-[a-z]*-[0-9]'
		_sid_depends "linux-headers-$K" 'linux-[a-z]*-[0-9]'
	)
	SID_HEADERS=$(_sid_depends "linux-headers-$K" '[a-z0-9.+-]*' | grep -vE '^linux-(base|headers|image)') &&
		[[ $(printf '%s\n' "${SID_DEBS[@]}") == *"linux-base-$K"* ]]
}

# needs_sid - skip unless sid and its kernel can be had. Used as "needs" of test.bash.
needs_sid() {
	needs mmdebstrap || return
	reference_lists || { skip 'there are no package lists of Debian sid'; return 1; }
	_sid_choose || { skip "sid's kernel is not in linux-base-K and others today"; return 1; }
	mapfile -t SID_DEBS < <(printf '%s\n' "${SID_DEBS[@]}" | sort -u)
	debs_need "${SID_DEBS[@]}" || { skip "sid's kernel cannot be fetched"; return 1; }
	_trixie_layer sid _trixie_bare "$REFERENCE_SUITE"
	POOL_BASE=$TRIXIE_DIR
	ROOT_BOTTOM=$POOL_BASE/upper
	_trixie_layer sid-tools _sid_tools_layer "${POOL_BASE##*-}" "${SID_TOOLS[@]}" $SID_HEADERS
	SID_DIR=$TRIXIE_DIR
}

_sid_tools_layer() {
	_layer_mounted "$1" _sid_tools
}

_sid_tools() {
	# shellcheck disable=SC2086 # names
	cp -a "$DKMS_TEST_CACHE/sid/lists/." "$1/var/lib/apt/lists/" && _layer_apt "$1" install "${SID_TOOLS[@]}" $SID_HEADERS && _layer_apt "$1" clean || return
	rm -rf "$1"/etc/apt/sources.list{,.d/*} "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin
	mkdir -p "$1/opt/repo"
	echo 'deb [trusted=yes] file:/opt/repo ./' >"$1/etc/apt/sources.list"
	echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/tests"
	printf '%s\n' 'APT::Sandbox::User "root";' 'APT::Install-Recommends "false";' 'Acquire::Languages "none";' \
		'Dpkg::Use-Pty "false";' 'APT::Get::Assume-Yes "true";' 'APT::Get::AllowUnauthenticated "true";' \
		>"$1/etc/apt/apt.conf.d/tests"
}

# sid_root NAME - make a root that has the pool and our package on offer.
sid_root() {
	local root file
	root_make "$1" "$SID_DIR/upper"
	root=$(root_path "$1")
	mkdir -p "$root/opt/repo" && _apt_deb && cp "$APT_DEB" "$root/opt/repo/" || root_die "the root $1 cannot be furnished"
	for file in "${DEBS[@]}"; do
		ln "$file" "$root/opt/repo/" 2>/dev/null || cp "$file" "$root/opt/repo/" || root_die 'no place for the pool'
	done
	sid_offer "$1"
}

# sid_offer NAME - let apt in the root know what is in the pool now.
sid_offer() {
	root_quiet in_root "$1" sh -c 'cd /opt/repo && dpkg-scanpackages -m . >Packages 2>/dev/null' &&
		root_quiet in_root "$1" apt-get update
}

# sid_apt NAME ARGUMENTS... - run apt-get in the root, and expect status 0. Sets RUN_RC; what
# apt-get printed is in OUT. With the variable INITRD=No, the kernel packages make no initramfs.
sid_apt() {
	local name=$1
	shift
	RUN_RC=0
	in_root "$name" env DEBIAN_FRONTEND=noninteractive INITRD="${INITRD:-No}" apt-get "$@" </dev/null >"$OUT" 2>&1 || RUN_RC=$?
	expect_run 0
}

# sid_module NAME MODULE VERSION [TREE] - offer the package MODULE-dkms with a module that does
# nothing, and with the files in the folder TREE.
sid_module() {
	local name=$1 module=$2 version=$3 tree=$CHECK_DIR/module src
	src=$tree/usr/src/$module-$version
	rm -rf "$tree" && mkdir -p "$src" "$tree/DEBIAN" || return
	[[ -z ${4:-} ]] || cp -a "$4/." "$tree/" || return
	printf '%s\n' "Package: $module-dkms" "Version: $version" 'Architecture: all' 'Maintainer: tests' 'Depends: dkms' \
		'Description: for tests' >"$tree/DEBIAN/control"
	printf '%s\n' '#include <linux/module.h>' 'static int __init mini_init(void) { return 0; }' \
		'module_init(mini_init);' 'MODULE_LICENSE("GPL");' 'MODULE_DESCRIPTION("for tests");' \
		"MODULE_VERSION(\"$version\");" >"$src/$module.c"
	echo "obj-m := $module.o" >"$src/Makefile"
	printf '%s\n' "PACKAGE_NAME=$module" "PACKAGE_VERSION=$version" "BUILT_MODULE_NAME=$module" \
		'DEST_MODULE_LOCATION=/updates/dkms' AUTOINSTALL=yes >"$src/dkms.conf"
	root_quiet dpkg-deb --root-owner-group -Znone -b "$tree" "$(root_path "$name")/opt/repo/" && sid_offer "$name"
}
