# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The layers of the throw-away roots (root.bash), each the upper folder of an overlay of "/":
#
#   base     this machine without kernels, without module sources, without any dkms
#   kernels  headers and module trees of three kernels, installed by apt-get over base
#   sources  /usr/src/NAME-VERSION of some -dkms packages
#
# A layer is made once and kept as DKMS_TEST_CACHE/NAME-KEY.tar.zst; KEY stands for the
# packages of this machine, those that go into the layer, and this file. In use it lies in a
# tmpfs of the namespace, DKMS_TEST_CACHE/live: overlayfs takes no lower folder that lies
# below another one on the same file system ("/" here), and no upper one on an overlay.
# A test that was started by a test finds the layers of that one there.

LAYER_SOURCES=(v4l2loopback-dkms acpi-call-dkms bbswitch-dkms vpoll-dkms)

# The kernels whose headers apt knows, oldest first.
_layer_kernels_known() {
	apt-cache search --names-only '^linux-headers-6\.(1\.0-[0-9]+|12\.[0-9]+\+deb12)-amd64$' |
		sed -n 's/^linux-headers-\([^ ]*\) - .*/\1/p' | sort -V
}

_layer_choose_now() {
	local kernels known
	read -ra kernels <<<"${DKMS_TEST_KERNELS:-}"
	if ((${#kernels[@]} == 0)); then
		known=$(_layer_kernels_known)
		mapfile -t kernels < <(grep '^6\.1\.' <<<"$known" | tail -n 2
			grep '^6\.12\.' <<<"$known" | tail -n 1)
	fi
	((${#kernels[@]} == 3)) || return
	printf '%s\n' "${kernels[@]}"
	apt-cache --no-all-versions show "${kernels[@]/#/linux-headers-}" "${LAYER_SOURCES[@]}" |
		grep -E '^(Package|Version):'
}

# Sets K1 K2 K3, and LAYER_CHOICE to text that names all package versions of the layers.
_layer_choose() {
	[[ -n ${LAYER_CHOICE:-} ]] ||
		LAYER_CHOICE=$(set -o pipefail; _layer_choose_now 2>/dev/null) ||
		{ root_quiet _apt_get update && LAYER_CHOICE=$(_layer_choose_now); } ||
		root_die 'apt knows no headers of two 6.1 kernels and one 6.12 kernel of Debian 12'
	{ read -r K1 && read -r K2 && read -r K3; } <<<"$LAYER_CHOICE"
	export K1 K2 K3 LAYER_CHOICE
}

_layer_key() {
	{
		printf '%s\n' "$1"
		[[ $1 == base ]] || printf '%s\n' "$LAYER_CHOICE"
		[[ $1 == sources ]] || dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n'
		cat "$DKMS_TEST_LIB/layers.bash"
	} | sha256sum | cut -c 1-16
}

# layer_need NAME - have the layer; LAYER_DIR is its folder then, with "upper" in it.
layer_need() {
	local key
	[[ $1 == base || $1 == kernels || $1 == sources ]] || root_die "there is no layer $1"
	[[ $1 == base ]] || _layer_choose
	key=$1-$(_layer_key "$1")
	LAYER_DIR=$DKMS_TEST_CACHE/live/$key
	[[ ! -e $LAYER_DIR/stamp ]] || return 0
	(flock 9 && _layer_get "$1" "$LAYER_DIR" "$DKMS_TEST_CACHE/$key.tar.zst") \
		9>"$DKMS_TEST_CACHE/lock" || root_die "the layer $1 cannot be made"
}

# Called with the lock held. A folder or tar gets its name only when it is complete.
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

# Layers that nobody has used for days go.
_layer_pack() {
	local dir=$1 tar=$2
	find "$DKMS_TEST_CACHE" -maxdepth 1 -name '*.tar.zst*' -mtime +3 -delete &&
		"$DKMS_TEST_LIB/snapshot" --sums "$dir/upper" >"$dir/sums" &&
		(set -o pipefail
		tar -c --format=posix --xattrs --xattrs-include='*' -C "$dir" upper sums |
			zstd -q -f -1 -T0 -o "$tar.making") &&
		mv "$tar.making" "$tar"
}

_layer_make() {
	local name=$1 making=$2 start=$SECONDS base
	printf 'making the layer %s\n' "$name"
	base=$DKMS_TEST_CACHE/live/base-$(_layer_key base)/upper
	case $name in
	base) _layer_mounted "$making" _layer_base ;;
	kernels) _layer_mounted "$making" _layer_kernels "$base" ;;
	sources) _layer_sources "$making/upper" ;;
	esac || return
	printf 'made the layer %s in %d s\n' "$name" $((SECONDS - start))
}

# Run FUNCTION ROOT on a furnished overlay whose upper folder is the layer's.
_layer_mounted() {
	local making=$1 function=$2 rc=0
	shift 2
	_root_overlay "$making" "$@" && _root_furnish "$making/root" || return
	"$function" "$making/root" || rc=$?
	umount -R "$making/root" && rm -rf "$making/work" "$making/root" && return "$rc"
}

_layer_base() {
	local root=$1 mount
	for mount in /usr /var /etc /opt; do
		! mountpoint -q "$mount" ||
			root_die "$mount is a file system of its own; roots are an overlay of / alone"
	done
	cd "$root" && rm -rf ./lib/modules usr/src var/{lib,log}/dkms etc/dkms usr/sbin/dkms \
		usr/lib/dkms etc/modprobe.d/dkms* etc/kernel/*.d/dkms boot initrd.img* vmlinuz* &&
		mkdir -p boot usr/src lib/modules && cd / &&
		_layer_forget_kernels "$root/var/lib/dpkg"
}

# Take kernel packages out of the dpkg database: their files are gone from this layer,
# and apt shall install them when it is asked to.
_layer_forget_kernels() {
	local dpkg=$1
	awk -v RS= -v ORS='\n\n' '!/^Package: linux-(headers|image|kbuild)-/' \
		"$dpkg/status" >"$dpkg/status.new" && mv "$dpkg/status.new" "$dpkg/status" &&
		rm -f "$dpkg"/info/linux-{headers,image,kbuild}-*
}

_layer_kernels() {
	local root=$1 kernel
	_layer_resolver "$root" &&
		_layer_apt "$root" install linux-headers-{"$K1","$K2","$K3"} "linux-image-$K2" &&
		_layer_apt "$root" clean || return
	mkdir -p "$root/lib/modules/$K1/kernel" &&
		touch "$root/lib/modules/$K1/modules."{order,builtin,builtin.modinfo} || return
	for kernel in "$K1" "$K2" "$K3"; do
		root_quiet chroot "$root" test -e "/lib/modules/$kernel/build/Makefile" &&
			root_quiet chroot "$root" depmod "$kernel" || return
	done
}

_layer_apt() {
	local root=$1
	shift
	export -f _apt_get
	root_quiet chroot "$root" bash -c '_apt_get "$@"' bash "$@" ||
		{ root_quiet chroot "$root" bash -c '_apt_get update' &&
			root_quiet chroot "$root" bash -c '_apt_get "$@"' bash "$@"; }
}

# Names can be resolved inside: resolv.conf is often a mount or a link into /run.
_layer_resolver() {
	local root=$1 target
	[[ -e /etc/resolv.conf ]] || return 0
	target=$(readlink /etc/resolv.conf) || target=
	if [[ -z $target ]]; then
		mount --bind /etc/resolv.conf "$root/etc/resolv.conf"
		return
	fi
	target=$(realpath /etc/resolv.conf)
	mkdir -p "$root${target%/*}" && cp "$target" "$root$target"
}

_layer_sources() {
	local upper=$1 beside=$1.deb package
	mkdir -p "$beside" "$upper/usr/src" &&
		cd "$beside" && _apt_get_fresh download "${LAYER_SOURCES[@]}" || return
	# Not onto the root itself: there `dpkg-deb -x` would replace /lib of a merged /usr.
	for package in *.deb; do
		dpkg-deb -x "$package" "$beside/tree" || return
	done
	cp -a "$beside/tree/usr/src/." "$upper/usr/src/" && rm -rf "$beside"
}
