# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # what is set here is for aptpool.bash and apt.bash
#
# Roots of Debian 13 for the tests of apt: what apt.bash sources when APT_SUITE is trixie. They do not
# lie over the machine's "/" but over a bare Debian 13 as debootstrap makes it. Pool, layers and
# what is counted are those of aptpool.bash, with these differences:
#
#   K1, K2           the two newest kernels of trixie
#   small images     also provide linux-image-K-unsigned in the real version, on which trixie's headers
#                    depend
#   other versions   none
#   our package      is built in there by dpkg-buildpackage, and kept in DKMS_BUILD/dist/trixie
#
# The layers trixie (debootstrap's) and trixie-build (with Build-Depends) are kept as those of
# layers.bash are. DKMS_TEST_MIRROR is where debootstrap fetches from (http://deb.debian.org).

DEBS_GET=reference_get
DEBS_IN=debs-trixie
APT_DIST=dist/trixie

# What a root has: what kernels, modules and our package depend on.
TRIXIE_TOOLS=(linux-base initramfs-tools gcc-14 gcc make patch kmod libarchive13t64 libjson-c5 libkmod2
	libmd0 libssl3t64 lsb-release cpio xz-utils zstd)

_pool_cache() {
	reference_cache "$@"
}

_pool_kernels() {
	local kernels
	reference_lists || root_die "there are no lists of Debian 13"
	mapfile -t kernels < <(reference_cache search --names-only '^linux-headers-[0-9.]+\+deb13-amd64$' |
		sed -n 's/^linux-headers-\([^ ]*\) - .*/\1/p' | sort -V | tail -n 2)
	((${#kernels[@]} == 2)) || root_die 'apt knows no headers of two kernels of Debian 13'
	K1=${kernels[0]} K2=${kernels[1]}
	POOL_TOOLS=("${TRIXIE_TOOLS[@]}" "linux-kbuild-"{"${K1%-amd64}","${K2%-amd64}"})
	export K1 K2
}

_pool_versions() {
	rm "$1/linux-image-"{"$K1","$K2"}_[0-9.]*-[0-9]_amd64.deb
}

_pool_image_too() {
	sed -i "/^Conflicts:/i Provides: linux-image-$2-unsigned (= $3)" "$1/DEBIAN/control" &&
		grep -q '^Provides: ' "$1/DEBIAN/control"
}

# ---- the root ----

# What a layer is made of: versions of Debian, FUNCTION that makes it, and more words.
_trixie_key() {
	{
		declare -f "$1"
		printf '%s\n' "$@"
		reference_cache --no-all-versions show libc6 dpkg apt gcc-14 libssl3t64 initramfs-tools |
			grep -E '^(Package|Version):'
	} | sha256sum | cut -c 1-16
}

# _trixie_layer NAME FUNCTION [WORD...] - TRIXIE_DIR is the layer's folder then; FUNCTION FOLDER
# makes it.
_trixie_layer() {
	local key
	key=$1-$(_trixie_key "${@:2}")
	TRIXIE_DIR=$DKMS_TEST_CACHE/live/$key
	(flock 9 && _trixie_get "$TRIXIE_DIR" "$DKMS_TEST_CACHE/$key.tar.zst" "$2") \
		9>"$DKMS_TEST_CACHE/lock-trixie" || root_die "the layer $1 cannot be made"
}

_trixie_get() {
	local dir=$1 tar=$2 start=$SECONDS
	[[ ! -e $dir/stamp ]] || return 0
	rm -rf "$dir" "$dir.making" && mkdir -p "$dir.making/upper" || return
	if [[ ! -e $tar ]] || ! _layer_unpack "$dir.making" "$tar"; then
		rm -rf "$dir.making" && mkdir -p "$dir.making/upper" && "$3" "$dir.making" &&
			_layer_pack "$dir.making" "$tar" || return
		printf 'made the layer %s in %d s\n' "${dir##*/}" $((SECONDS - start))
	fi
	touch "$dir.making/stamp" && mv "$dir.making" "$dir"
}

_pool_base() {
	reference_lists || root_die "there are no lists of Debian 13"
	_trixie_layer trixie _trixie_bare
	POOL_BASE=$TRIXIE_DIR
	POOL_LOWER=()
	ROOT_BOTTOM=$POOL_BASE/upper
}

_trixie_bare() {
	local upper=$1/upper
	need_packages debootstrap
	root_quiet debootstrap --variant=minbase trixie "$upper" \
		"${DKMS_TEST_MIRROR:-http://deb.debian.org}/debian" &&
		rm -f "$upper"/var/cache/apt/archives/*.deb
}

# ---- our package ----

# The names in Build-Depends; that their versions suffice is what dpkg-buildpackage looks at.
_trixie_build_depends() {
	sed -n '/^Build-Depends:/,/^[^ ]/s/^ \([a-z0-9.+-]*\).*/\1/p' \
		"$DKMS_TEST_SRC/packaging/debian/control" | sed 's/^debhelper-compat$/debhelper/'
}

_trixie_build_layer() {
	_layer_mounted "$1" _trixie_build_install
}

_trixie_build_install() {
	mapfile -t < <(_trixie_build_depends)
	_layer_resolver "$1" && _layer_apt "$1" install build-essential "${MAPFILE[@]}" && _layer_apt "$1" clean
}

# As "make deb", but in a root of the suite.
_apt_deb_make() {
	local at=$DKMS_TEST_CACHE/mnt/trixie-build rc=0
	mapfile -t < <(_trixie_build_depends)
	_trixie_layer trixie-build _trixie_build_layer "${POOL_BASE##*-}" "${MAPFILE[@]}"
	_root_overlay "$at" "$TRIXIE_DIR/upper" && _root_furnish "$at/root" || return
	_trixie_deb "$at/root" || rc=$?
	umount -R "$at/root" && rm -rf --one-file-system "$at" && return "$rc"
}

_trixie_deb() {
	local root=$1 source=$DKMS_BUILD/$APT_DIST/source
	rm -rf "${source%/*}" && mkdir -p "${source%/*}" &&
		root_quiet make -s -C "$DKMS_BUILD" distdir distdir="$APT_DIST/source" &&
		mv "$source" "$root/opt/source" && cp -R "$root/opt/source/packaging/debian" "$root/opt/source/debian" &&
		root_quiet env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
			DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$(nproc)" chroot "$root" \
			sh -c 'cd /opt/source && dpkg-buildpackage --build=binary --no-sign' &&
		cp "$root"/opt/dkms-native_*.deb "${source%/*}/"
}
