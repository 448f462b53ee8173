# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The layers of the throw-away roots (root.bash), each the upper folder of an overlay of the world:
#
#   kernels  headers and module trees of up to three kernels (kernels.bash), installed by apt-get
#   sources  /usr/src/NAME-VERSION of some -dkms packages
#
# A layer is made once and kept as DKMS_TEST_CACHE/NAME-KEY.tar.zst. KEY is a hash of the packages
# of the world, those that go into the layer, and this file. For the tests of a run, a layer is
# unpacked into memory, in DKMS_TEST_CACHE/live.

LAYER_SOURCES=(v4l2loopback-dkms acpi-call-dkms bbswitch-dkms vpoll-dkms)

# shellcheck source=tests/lib/kernels.bash
source "$DKMS_TEST_LIB/kernels.bash"

# Print the kernels that DKMS_TEST_KERNELS names, or those that apt has, and then the versions of
# the packages with sources.
_layer_choose_now() {
	local kernels
	read -ra kernels <<<"${DKMS_TEST_KERNELS:-}"
	if ((${#kernels[@]} > 0)); then
		printf 'K%s\n' "1 ${kernels[0]}" ${kernels[1]:+"2 ${kernels[1]}"} ${kernels[2]:+"3 ${kernels[2]}"}
	else
		kernels_policy | kernels_choose
	fi
	apt-cache policy "${LAYER_SOURCES[@]}" | awk '/^[^ ]/ { name = $1 } $1 == "Candidate:" && $2 != "(none)" { print name $2 }'
}

# Sets K1 K2 K3, and LAYER_CHOICE to text that names what the layers have.
_layer_choose() {
	[[ -n ${LAYER_CHOICE:-} ]] || LAYER_CHOICE=$(_layer_choose_now)
	K1=$(sed -n 's/^K1 //p' <<<"$LAYER_CHOICE")
	K2=$(sed -n 's/^K2 //p' <<<"$LAYER_CHOICE")
	K3=$(sed -n 's/^K3 //p' <<<"$LAYER_CHOICE")
	[[ -n $K2$K3 ]] || root_die 'apt has no kernel with headers that can be installed'
	export K1 K2 K3 LAYER_CHOICE
}

_layer_key() {
	{
		printf '%s\n' "$1"
		[[ $1 != kernels ]] || { grep '^K' <<<"$LAYER_CHOICE"; }
		[[ $1 != sources ]] || { grep -v '^K' <<<"$LAYER_CHOICE"; }
		[[ $1 == sources ]] || dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n'
		echo "$WORLD_WAY"
		cat "$DKMS_TEST_LIB/layers.bash"
	} | sha256sum | cut -c 1-16
}

# layer_need NAME - make the layer if need be. Sets LAYER_DIR to its folder, which has "upper".
layer_need() {
	local key
	[[ $1 == kernels || $1 == sources ]] || root_die "there is no layer $1"
	_layer_choose
	key=$1-$(_layer_key "$1")
	LAYER_DIR=$DKMS_TEST_CACHE/live/$key
	[[ ! -e $LAYER_DIR/stamp ]] || return 0
	(flock 9 && _layer_get "$1" "$LAYER_DIR" "$DKMS_TEST_CACHE/$key.tar.zst") \
		9>"$DKMS_TEST_CACHE/lock" || root_die "the layer $1 cannot be made"
}

# The caller holds the lock. A folder or tar gets its name only when it is complete.
_layer_get() {
	local name=$1 dir=$2 tar=$3
	[[ ! -e $dir/stamp ]] || return 0
	rm -rf "$dir" "$dir.making" && mkdir -p "$dir.making/upper" || return
	if [[ ! -e $tar ]] || ! _layer_unpack "$dir.making" "$tar"; then
		rm -rf "$dir.making" && mkdir -p "$dir.making/upper" &&
			_layer_make "$name" "$dir.making" && _layer_pack "$dir.making" "$tar" || return
	fi
	touch "$dir.making/stamp" && mv "$dir.making" "$dir"
}

_layer_unpack() {
	local dir=$1 tar=$2
	zstd -q -d -c "$tar" | tar -x --xattrs --xattrs-include='*' -C "$dir" &&
		touch "$tar" && "$DKMS_TEST_LIB/snapshot" --restat "$dir/upper" "$dir/sums"
}

# Keep a layer, and delete those that nobody has used for days. If a layer cannot be kept, it serves
# for this run only.
_layer_pack() {
	local dir=$1 tar=$2
	find "$DKMS_TEST_CACHE" -maxdepth 1 -name '*.tar.zst*' -mtime +3 -delete &&
		"$DKMS_TEST_LIB/snapshot" --sums "$dir/upper" >"$dir/sums" &&
		{ (set -o pipefail
		tar -c --format=posix --xattrs --xattrs-include='*' -C "$dir" upper sums |
			zstd -q -f -1 -T0 -o "$tar.making.$WORLD_TOKEN") &&
			mv "$tar.making.$WORLD_TOKEN" "$tar" ||
			{ rm -f "$tar.making.$WORLD_TOKEN"; printf 'The layer %s cannot be kept: it will be made anew.\n' "${tar##*/}"; }; }
}

_layer_make() {
	local name=$1 making=$2 start=$SECONDS
	printf 'making the layer %s\n' "$name"
	case $name in
	kernels) _layer_mounted "$making" _layer_kernels ;;
	sources) _layer_sources "$making/upper" ;;
	esac || return
	printf 'made the layer %s in %d s\n' "$name" $((SECONDS - start))
}

# _layer_mounted MAKING FUNCTION LOWER... - run FUNCTION ROOT. ROOT is an overlay over LOWER... with
# the mounts of a root; what the function changes goes to MAKING/upper.
_layer_mounted() {
	local making=$1 function=$2 rc=0 folder
	shift 2
	_root_overlay "$making" "$@" && _root_furnish "$making/root" || return
	for folder in tmp run; do
		mount -t tmpfs -o mode=1777 dkms-root "$making/root/$folder" || return
	done
	mkdir -p -m 1777 "$making/root/run/lock"
	"$function" "$making/root" || rc=$?
	_root_umount "$making/root" && rm -rf "$making/work" "$making/root" && return "$rc"
}

_layer_kernels() {
	local root=$1 kernel packages=()
	for kernel in "$K1" "$K2" "$K3"; do
		[[ -z $kernel ]] || packages+=("linux-headers-$kernel")
	done
	_layer_apt "$root" install "${packages[@]}" ${K2:+"linux-image-$K2"} ${K3:+"linux-image-$K3"} &&
		_layer_apt "$root" clean || return
	[[ -z $K1 ]] || { mkdir -p "$root/lib/modules/$K1/kernel" &&
		touch "$root/lib/modules/$K1/"{vmlinuz,modules.{order,builtin,builtin.modinfo}}; } || return
	for kernel in "$K1" "$K2" "$K3"; do
		[[ -n $kernel ]] || continue
		root_quiet chroot "$root" test -e "/lib/modules/$kernel/build/Makefile" &&
			root_quiet chroot "$root" depmod "$kernel" || return
	done
}

_layer_apt() {
	local root=$1
	shift
	export -f _apt_get
	root_quiet chroot "$root" bash -c '_apt_get "$@"' bash "$@"
}

# A package that apt does not have is left out; tests that need it are skipped ("needs_source").
_layer_sources() {
	local upper=$1 beside=$1.deb package names=()
	mapfile -t names < <(sed -n 's/^\([a-z].*\):.*/\1/p' <<<"$LAYER_CHOICE")
	mkdir -p "$beside" "$upper/usr/src" && cd "$beside" || return
	((${#names[@]} == 0)) || root_quiet _apt_get download "${names[@]}" || return
	# Unpack elsewhere and copy: onto the root, `dpkg-deb -x` would replace its link /lib by a
	# folder.
	for package in *.deb; do
		[[ ! -e $package ]] || dpkg-deb -x "$package" "$beside/tree" || return
	done
	[[ ! -d $beside/tree ]] || cp -a "$beside/tree/usr/src/." "$upper/usr/src/"
	rm -rf "$beside"
}

# source_version NAME - print the version of that module's source in the layer.
source_version() {
	local found
	layer_need sources
	found=$(compgen -G "$LAYER_DIR/upper/usr/src/$1-[0-9]*") && printf '%s\n' "${found##*/"$1"-}"
}
