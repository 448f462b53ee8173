# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # what is set here is for aptpool.bash and apt.bash
#
# Roots of Debian 13 for the tests of apt. apt.bash sources this if APT_SUITE is trixie. The roots
# do not lie over the world but over a bare Debian 13 as mmdebstrap makes it. Pool, layers and
# counted programs are those of aptpool.bash, with these differences:
#
#   K1, K2           kernels of trixie, chosen as kernels.bash does
#   small images     also provide linux-image-K-unsigned in the real version, on which trixie's headers
#                    depend
#   other versions   none
#   our package      is built in such a root, and kept in DKMS_BUILD/dist/trixie
#
# The layers trixie (mmdebstrap's) and trixie-build (with Build-Depends) are kept as those of
# layers.bash are. All is fetched from the world's mirror.

DEBS_GET=reference_get
DEBS_CACHE=reference_cache
DEBS_IN=debs-trixie
APT_DIST=dist/trixie

# The packages in a root: those on which kernels, modules and our package depend.
TRIXIE_TOOLS=(linux-base initramfs-tools gcc-14 gcc make patch kmod libarchive13t64 libjson-c5
	libmd0 libssl3t64 lsb-release cpio xz-utils zstd)

_pool_cache() {
	reference_cache "$@"
}

_pool_kernels() {
	local chosen
	chosen=$(_reference_options && kernels_policy apt-cache "${REFERENCE_OPTIONS[@]}" | kernels_choose)
	K1=$(sed -n 's/^K1 //p' <<<"$chosen")
	K2=$(sed -n 's/^K2 //p' <<<"$chosen")
	POOL_WHY='apt has no two kernels of Debian 13'
	[[ -n $K1 && -n $K2 ]] || return
	POOL_TOOLS=("${TRIXIE_TOOLS[@]}" "linux-kbuild-"{"${K1%-amd64}","${K2%-amd64}"})
	export K1 K2
}

_pool_versions() {
	local k
	for k in "$K1" "$K2"; do
		rm "$(_pool_file "$1" "linux-image-$k")" || return
	done
}

_pool_image_too() {
	sed -i "/^Conflicts:/i Provides: linux-image-$2-unsigned (= $3)" "$1/DEBIAN/control" &&
		grep -q '^Provides: ' "$1/DEBIAN/control"
}

# ---- the root ----

# _trixie_key FUNCTION [WORD...] - print a key of what a layer is made of: the versions of some of
# Debian's packages, FUNCTION, which makes the layer, and the words.
_trixie_key() {
	{
		declare -f "$1"
		printf '%s\n' "$WORLD_WAY" "$@"
		reference_cache --no-all-versions show libc6 dpkg apt gcc-14 libssl3t64 initramfs-tools |
			grep -E '^(Package|Version):'
	} | sha256sum | cut -c 1-16
}

# _trixie_layer NAME FUNCTION [WORD...] - make the layer by FUNCTION FOLDER if need be, and set
# TRIXIE_DIR to its folder. The words go into its key.
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
	POOL_WHY='there are no package lists of Debian 13'
	reference_lists || return
	_trixie_layer trixie _trixie_bare
	POOL_BASE=$TRIXIE_DIR
	POOL_LOWER=()
	ROOT_BOTTOM=$POOL_BASE/upper
}

# Make a bare Debian in the way in which world.bash makes the world.
_trixie_bare() {
	local upper=$1/upper folder rc=0
	root_quiet mmdebstrap --mode=root --variant=minbase --skip=chroot/mount,output/dev,output/mknod,check/empty \
		--extract-hook="bash $DKMS_TEST_LIB/world.bash --mount \"\$1\"" --aptopt='APT::Sandbox::User "root"' \
		"${REFERENCE_SUITE:-trixie}" "$upper" "$(cat "$DKMS_TEST_CACHE/${REFERENCE_SUITE:-trixie}/etc/list")" || rc=$?
	for folder in proc sys dev; do
		! mountpoint -q "$upper/$folder" || umount -R "$upper/$folder" || return
	done
	rm -f "$upper"/var/cache/apt/archives/*.deb
	return "$rc"
}

# mmdebstrap leaves no package lists.
_pool_lists() {
	cp -a "$DKMS_TEST_CACHE/${REFERENCE_SUITE:-trixie}/lists/." "$1/var/lib/apt/lists/"
}

# ---- our package ----

# Print the names in Build-Depends. Their versions are checked by dpkg-buildpackage.
_trixie_build_depends() {
	sed -n '/^Build-Depends:/,/^[^ ]/s/^ \([a-z0-9.+-]*\).*/\1/p' \
		"$DKMS_TEST_SRC/packaging/debian/control" | sed 's/^debhelper-compat$/debhelper/'
}

_trixie_build_layer() {
	_layer_mounted "$1" _trixie_build_install
}

_trixie_build_install() {
	mapfile -t < <(_trixie_build_depends)
	_pool_lists "$1" && _layer_apt "$1" install build-essential "${MAPFILE[@]}" && _layer_apt "$1" clean
}

# Make our package as "make deb" does, but in a root of the suite.
_apt_deb_make() {
	local rc=0
	mapfile -t < <(_trixie_build_depends)
	_trixie_layer trixie-build _trixie_build_layer "${POOL_BASE##*-}" "${MAPFILE[@]}"
	root_make trixie-build "$TRIXIE_DIR/upper"
	_trixie_deb "$(root_path trixie-build)" || rc=$?
	root_drop trixie-build && return "$rc"
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
