# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Throw-away roots for the system tests: writable overlays of this machine's own
# root, with kernels and module sources from layers that are made once and kept.
# Everything is mounted in a private mount namespace, so nothing of it is seen
# outside and all of it vanishes with the last process of the test.
#
#   source "$(dirname "$0")/../lib/root.bash"
#   root_enter "$@"                      # root, private namespace: starts the script again
#   source "$(dirname "$0")/../lib/check.bash"
#   root_new a kernels sources           # sets K1 K2 K3
#   root_install_dkms a
#   in_root a dkms status
#   root_drop a
#
# tests/system/README.md tells what is in the layers. Environment:
#   DKMS_TEST_CACHE    where the layers are kept (/var/cache/dkms-native-tests)
#   DKMS_TEST_KERNELS  "K1 K2 K3" instead of the newest ones
#   DKMS_BUILD         a finished build folder, for root_install_dkms

DKMS_TEST_LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
DKMS_TEST_SRC=$(cd "$DKMS_TEST_LIB/../.." && pwd -P)
DKMS_TEST_CACHE=${DKMS_TEST_CACHE:-/var/cache/dkms-native-tests}

# shellcheck source=tests/lib/layers.bash
source "$DKMS_TEST_LIB/layers.bash"

# root_die TEXT - end the test: nothing of it can be run.
root_die() {
	printf '%s: %s\n' "${0##*/}" "$1" >&2
	exit 1
}

# root_quiet COMMAND... - run it without input; show its output only if it fails.
root_quiet() {
	local log rc=0
	log=$(mktemp) || return 1
	"$@" </dev/null >"$log" 2>&1 || rc=$?
	if [[ $rc -ne 0 ]]; then
		{
			printf '%s: status %d: %s\n' "${0##*/}" "$rc" "$*"
			tail -n 60 "$log" | sed 's/^/  | /'
		} >&2
	fi
	rm -f "$log"
	return "$rc"
}

_apt_get() {
	DEBIAN_FRONTEND=noninteractive INITRD=No apt-get -q -y --no-install-recommends \
		-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 \
		-o APT::Sandbox::User=root "$@"
}

# The lists of a fresh machine are missing or old: on failure fetch them, then try again.
_apt_get_fresh() {
	_apt_get "$@" </dev/null >/dev/null 2>&1 && return
	root_quiet _apt_get update && root_quiet _apt_get "$@"
}

# need_packages [PACKAGE...] - have Debian packages installed on this machine; without
# arguments those of tests/lib/packages. Does nothing, quickly, when all are there.
need_packages() {
	local package missing=()
	(($# > 0)) || mapfile -t < <(grep -v '^#' "$DKMS_TEST_LIB/packages")
	(($# > 0)) || set -- "${MAPFILE[@]}"
	for package; do
		[[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
			missing+=("$package")
	done
	((${#missing[@]} > 0)) || return 0
	printf 'installing %s\n' "${missing[*]}"
	_apt_get_fresh install "${missing[@]}" ||
		root_die "these packages cannot be installed: ${missing[*]}"
}

# root_enter "$@" - start the script once more in a mount namespace of its own. Ends the
# script where that cannot be had without mounts that the rest of the machine would see.
root_enter() {
	if [[ ${DKMS_TEST_ENTERED:-} == "$$" ]]; then
		_root_entered
		return
	fi
	[[ $(id -u) -eq 0 ]] || root_die 'only root can do this: it makes mounts'
	export DKMS_TEST_ENTERED=$$
	if unshare -m true 2>/dev/null; then
		exec unshare -m "$BASH" "$0" "$@"
	fi
	# In a plain chroot "/" is no mount point, so nothing can be made private from here.
	# That is all right where the mounts are private already: _root_entered looks.
	exec unshare -m --propagation unchanged "$BASH" "$0" "$@"
}

_root_entered() {
	_root_own_proc=
	if [[ ! -e /proc/self/mountinfo ]]; then
		mount -t proc proc /proc || root_die 'cannot mount /proc'
		_root_own_proc=/proc
	fi
	mkdir -p "$DKMS_TEST_CACHE"/{mnt,live} || root_die "cannot write to $DKMS_TEST_CACHE"
	DKMS_TEST_CACHE=$(cd "$DKMS_TEST_CACHE" && pwd -P)
	export DKMS_TEST_CACHE
	_root_tmpfs "$DKMS_TEST_CACHE/mnt"
	mountpoint -q "$DKMS_TEST_CACHE/live" || _root_tmpfs "$DKMS_TEST_CACHE/live"
}

# A mount that propagates names its peers in mountinfo, whatever its parent says: the parent
# of a mount in a chroot need not be listed there.
_root_tmpfs() {
	mount -t tmpfs -o mode=0755,size=75% dkms-tests "$1" || root_die "cannot mount on $1"
	awk -v at="$1" '$5 == at && / shared:/ { exit 1 }' /proc/self/mountinfo && return
	umount "$1" ${_root_own_proc:+"$_root_own_proc"}
	root_die 'mounts made in this chroot would be seen outside; run it under "unshare -m"'
}

# root_path NAME - the folder that is the root's "/".
root_path() {
	printf '%s' "$DKMS_TEST_CACHE/mnt/$1/root"
}

# Overlayfs over LOWER... (topmost first) and ROOT_BOTTOM ("/") at FOLDER/root, written to
# FOLDER/upper.
_root_overlay() {
	local folder=$1 lower=${ROOT_BOTTOM:-/}
	shift
	(($# == 0)) || lower=$(printf '%s:' "$@")$lower
	mkdir -p "$folder"/{upper,work,root} &&
		mount -t overlay -o "lowerdir=$lower,upperdir=$folder/upper,workdir=$folder/work" \
			-o redirect_dir=on,index=off,metacopy=off,xino=on dkms-root "$folder/root"
}

# The mounts that every root has. The machine's /sys is read-only in there.
_root_furnish() {
	local root=$1
	mkdir -p "$root"/{proc,sys,dev,tmp,run}
	mount -t proc proc "$root/proc" &&
		mount --rbind /dev "$root/dev" &&
		mount -t tmpfs -o mode=1777 dkms-root "$root/tmp" &&
		mount -t tmpfs -o mode=0755 dkms-root "$root/run" &&
		mkdir -m 1777 "$root/run/lock" || return
	mount -t sysfs -o ro sysfs "$root/sys" 2>/dev/null || mount --rbind /sys "$root/sys"
}

# Make FOLDER of this machine readable at the same path inside of the root.
_root_share() {
	local root=$1 folder=$2
	[[ -n $folder && $folder != / ]] || return 0
	mkdir -p "$root$folder" && mount --bind "$folder" "$root$folder" &&
		mount -o remount,bind,ro "$root$folder"
}

# root_new NAME [LAYER...] - a fresh root; LAYER is kernels or sources. With the layer
# kernels the variables K1, K2 and K3 are set. It has no trace of dkms, no kernels and no
# sources but those of the layers. The project and DKMS_BUILD can be read in it.
root_new() {
	local name=$1 folder=$DKMS_TEST_CACHE/mnt/$1 layer lower=()
	shift
	[[ ! -e $folder ]] || root_die "there is a root $name already"
	for layer in base "$@"; do
		layer_need "$layer"
		lower=("$LAYER_DIR/upper" "${lower[@]}")
	done
	if ! _root_overlay "$folder" "${lower[@]}" || ! _root_furnish "$folder/root" ||
		! _root_share "$folder/root" "$DKMS_TEST_SRC" ||
		! _root_share "$folder/root" "${DKMS_BUILD:-}"; then
		root_die "cannot mount the root $name"
	fi
	printf '%s\n' "${lower[@]/%upper/sums}" >"$folder/sums"
}

# in_root NAME COMMAND... - run a command inside, in "/", with a bare environment. For
# variables: in_root NAME env A=b COMMAND...
in_root() {
	local root
	root=$(root_path "$1")
	shift
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 TERM=dumb \
		chroot "$root" "$@"
}

# root_snapshot NAME - what lies in /var/lib/dkms, /lib/modules and /usr/src, a line each:
# type, mode, owner, size, SHA-256 (below 1 MiB, or a module), path, target of a link.
root_snapshot() {
	local sums
	mapfile -t sums <"$DKMS_TEST_CACHE/mnt/$1/sums"
	"$DKMS_TEST_LIB/snapshot" "$(root_path "$1")" "${sums[@]}"
}

# root_install_dkms NAME - `make install` of the build folder DKMS_BUILD into the root.
root_install_dkms() {
	[[ -n ${DKMS_BUILD:-} && -e $DKMS_BUILD/Makefile ]] ||
		root_die 'set DKMS_BUILD to a finished build folder'
	root_quiet make -s -C "$DKMS_BUILD" install DESTDIR="$(root_path "$1")" ||
		root_die "dkms cannot be installed into the root $1"
}

# root_drop NAME - end the root. Fails if a process is still in it.
root_drop() {
	local folder=$DKMS_TEST_CACHE/mnt/$1
	umount -R "$folder/root" || return
	rm -rf --one-file-system "$folder"
}
