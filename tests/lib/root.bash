# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Throw-away roots for the shell tests: writable overlays of the world (world.bash), with kernels
# and module sources from layers that are made once and kept. begin.bash sources this. Each case
# finds the roots that setup made, as setup left them.
#
#   root_new a kernels sources           # sets K1 K2 K3
#   root_install_dkms a
#   in_root a dkms status
#
# tests/README.md tells what is in the layers. Environment:
#   DKMS_TEST_CACHE    where the layers are kept
#   DKMS_TEST_KERNELS  "K1 K2 K3" instead of the newest ones
#   DKMS_BUILD         a finished build folder, for root_install_dkms

DKMS_TEST_LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
DKMS_TEST_SRC=$(cd "$DKMS_TEST_LIB/../.." && pwd -P)
DKMS_TEST_CACHE=${DKMS_TEST_CACHE:-/var/cache/dkms-native-tests}

source "$DKMS_TEST_LIB/layers.bash"

# root_die TEXT - end the test, because nothing of it can be run.
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

# root_enter "$@" - start the script once more, in a mount namespace of its own for its roots.
root_enter() {
	if [[ ${DKMS_TEST_ENTERED:-} != "$$" ]]; then
		export DKMS_TEST_ENTERED=$$
		exec unshare -m "$BASH" "$0" "$@"
	fi
	mkdir -p "$DKMS_TEST_CACHE"/{mnt,live} || root_die "cannot write to $DKMS_TEST_CACHE"
	export DKMS_TEST_CACHE
	_root_tmpfs "$DKMS_TEST_CACHE/mnt"
	# Tests that run side by side see each other's processes. They know their own by the root's
	# path.
	export ROOT_MNT=$DKMS_TEST_CACHE/mnt/$$
	mkdir "$ROOT_MNT" || root_die "cannot write to $DKMS_TEST_CACHE/mnt"
	mountpoint -q "$DKMS_TEST_CACHE/live" || _root_tmpfs "$DKMS_TEST_CACHE/live"
}

_root_tmpfs() {
	mount -t tmpfs -o mode=0755,size=75% dkms-tests "$1" || root_die "cannot mount on $1"
}

# root_path NAME - print the folder that is the root's "/".
root_path() {
	printf '%s' "$ROOT_MNT/$1/root"
}

# _root_overlay FOLDER LOWER... - mount an overlay at FOLDER/root, over LOWER... (topmost first) and
# ROOT_BOTTOM (default: "/"). Changes go to FOLDER/upper. FOLDER/lower lists the lower folders.
_root_overlay() {
	local folder=$1 options=redirect_dir=on,index=off,metacopy=off,xino=on
	shift
	[[ $WORLD_WAY != user ]] || options=userxattr
	mkdir -p "$folder"/{upper,work,root} && printf '%s\n' "$@" "${ROOT_BOTTOM:-/}" | sed '/^$/d' >"$folder/lower" &&
		mount -t overlay -o "lowerdir=$(paste -s -d : "$folder/lower"),upperdir=$folder/upper,workdir=$folder/work" \
			-o "$options" dkms-root "$folder/root"
}

# _root_furnish ROOT - make the mounts that every root has. /sys is read-only, if that is possible.
_root_furnish() {
	local root=$1
	mkdir -p "$root"/{proc,sys,dev}
	mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" || return
	mount -t sysfs -o ro sysfs "$root/sys" 2>/dev/null || mount --rbind /sys "$root/sys"
}

# Unmount a root and all mounts in it, or fail if it is in use. In a user namespace, the mounts
# below /dev cannot be unmounted one by one.
_root_umount() {
	[[ $WORLD_WAY != user ]] || { umount -l "$1"; return; }
	umount -R "$1"
}

# root_make NAME LOWER... - make a fresh root over these folders, topmost first.
root_make() {
	local name=$1 folder=$ROOT_MNT/$1
	shift
	[[ ! -e $folder ]] || root_die "there is a root $name already"
	if ! _root_overlay "$folder" "$@" || ! _root_furnish "$folder/root"; then
		root_die "cannot mount the root $name"
	fi
	: >"$folder/binds"
	printf '%s\n' "${@/%upper/sums}" | grep '/sums$' >"$folder/sums"
}

# root_bind NAME FOLDER [PLACE [rw]] - mount FOLDER in the root at PLACE (default: the same path),
# read-only unless there is "rw".
root_bind() {
	local folder=$ROOT_MNT/$1
	printf '%s\t%s\t%s\n' "$2" "${3:-$2}" "${4:-ro}" >>"$folder/binds"
	_root_bind "$folder/root" "$2" "${3:-$2}" "${4:-ro}" || root_die "cannot mount $2 in the root $1"
}

_root_bind() {
	local place=$1$3
	mkdir -p "$place" && mount --bind "$2" "$place" && mount -o "remount,bind,$4" "$place"
}

# root_new NAME [LAYER...] - make a fresh root; LAYER is kernels or sources. With the layer kernels,
# the variables K1, K2 and K3 are set. The root has no trace of dkms, and no kernels and sources
# except those of the layers. The project and DKMS_BUILD can be read in it.
root_new() {
	local name=$1 layer lower=()
	shift
	for layer; do
		layer_need "$layer"
		lower=("$LAYER_DIR/upper" "${lower[@]}")
	done
	root_make "$name" "${lower[@]}"
	root_bind "$name" "$DKMS_TEST_SRC"
	[[ -z ${DKMS_BUILD:-} ]] || root_bind "$name" "$DKMS_BUILD"
}

# ---- setup and cases: check.bash calls these ----

# roots_freeze - keep what the roots have now, so that each case finds it.
roots_freeze() {
	local folder
	for folder in "$ROOT_MNT"/*/; do
		folder=${folder%/}
		[[ -e $folder/lower && ! -e $folder/frozen ]] || continue
		_root_unmount "$folder" && rm -rf "$folder/work" && mv "$folder/upper" "$folder/frozen" || return
	done
}

# roots_fork - mount the frozen roots as they were frozen.
roots_fork() {
	local folder lower from to how
	for folder in "$ROOT_MNT"/*/; do
		folder=${folder%/}
		[[ -e $folder/frozen ]] || continue
		mapfile -t lower < <(grep -vxF "$folder/frozen" "$folder/lower")
		ROOT_BOTTOM=${lower[-1]} _root_overlay "$folder" "$folder/frozen" "${lower[@]:0:${#lower[@]}-1}" &&
			_root_furnish "$folder/root" || return
		while IFS=$'\t' read -r from to how; do
			_root_bind "$folder/root" "$from" "$to" "$how" || return
		done <"$folder/binds"
	done
}

# roots_drop - end all roots; frozen ones keep what setup put there. Fails if a process is left in one.
roots_drop() {
	local folder rc=0
	for folder in "$ROOT_MNT"/*/; do
		folder=${folder%/}
		[[ -d $folder/root ]] || continue
		_root_unmount "$folder" || rc=1
		if [[ -e $folder/frozen ]]; then
			rm -rf --one-file-system "$folder"/{upper,work}
		else
			rm -rf --one-file-system "$folder"
		fi
	done
	return "$rc"
}

_root_unmount() {
	local folder=$1 i
	mountpoint -q "$folder/root" || return 0
	for i in 1 2 3 4 5; do
		_root_umount "$folder/root" 2>/dev/null && return
		mountpoint -q "$folder/root" || return 0
		sleep 0.1
	done
	printf '%s: left in the root %s:\n' "${0##*/}" "${folder##*/}"
	_root_processes "$folder/root"
	umount -l "$folder/root"
	return 1
}

# root_processes NAME [PROGRAM] - print the ids of the processes in the root, or of those called
# PROGRAM.
root_processes() {
	local root p
	root=$(root_path "$1")
	for p in /proc/[0-9]*; do
		[[ $(readlink "$p/root") != "$root" ]] || [[ ${2:-} && $(<"$p/comm") != "$2" ]] || echo "${p#/proc/}"
	done 2>/dev/null
}

# Print the processes in ROOT, and kill them.
_root_processes() {
	local root=$1 p
	for p in /proc/[0-9]*; do
		[[ $(readlink "$p/root") == "$root" || $(readlink "$p/cwd") == "$root"* ]] || continue
		printf '  | %s %s\n' "${p#/proc/}" "$(tr '\0' ' ' <"$p/cmdline")"
		kill -KILL "${p#/proc/}"
	done
}

# in_root NAME COMMAND... - run a command inside, in "/", with a bare environment. For
# variables: in_root NAME env A=b COMMAND...
in_root() {
	local root
	root=$(root_path "$1")
	shift
	# tests/run and tests/all run us in the background, where bash makes commands ignore SIGINT.
	env -i --default-signal=INT,QUIT PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 TERM=dumb \
		chroot "$root" "$@"
}

# root_plain NAME FOLDER - make a system of this folder in the root, as chroot(8) is used on: with all that
# the root has, and no mount point itself.
root_plain() {
	local name root plain
	root=$(root_path "$1") plain=$(root_path "$1")$2
	mkdir -p "$plain" || return
	for name in bin sbin lib lib64; do
		[[ ! -L $root/$name ]] || cp -a "$root/$name" "$plain/"
	done
	for name in boot dev etc home proc root run srv sys tmp usr var; do
		mkdir "$plain/$name" && mount --rbind "$root/$name" "$plain/$name" || return
	done
}

# root_snapshot NAME - print a line for everything in /var/lib/dkms, /lib/modules and /usr/src:
# type, mode, owner, size, SHA-256 (of modules, and of files below 1 MiB), path, target of a link.
root_snapshot() {
	local sums
	mapfile -t sums <"$ROOT_MNT/$1/sums"
	"$DKMS_TEST_LIB/snapshot" "$(root_path "$1")" "${sums[@]}"
}

# root_install_dkms NAME - install the build folder DKMS_BUILD into the root. `make install` runs
# once for all roots; each root gets a copy.
root_install_dkms() {
	local stage=$DKMS_BUILD.stage
	[[ -n ${DKMS_BUILD:-} && -e $DKMS_BUILD/Makefile ]] ||
		root_die 'set DKMS_BUILD to a finished build folder'
	(
		flock 8
		[[ $stage/stamp -nt $DKMS_BUILD/dkms && $stage/stamp -nt $DKMS_BUILD/config.status ]] ||
			{ rm -rf "$stage" && root_quiet make -s -C "$DKMS_BUILD" install DESTDIR="$stage/root" &&
				_root_merge_usr "$stage/root" && touch "$stage/stamp"; }
	) 8>"$DKMS_BUILD.lock" || root_die 'make install failed'
	cp -a "$stage/root/." "$(root_path "$1")/" || root_die "dkms cannot be installed into the root $1"
}

# Move lib into usr/lib, because a root's /lib is a link.
_root_merge_usr() {
	[[ ! -d $1/lib ]] || { mkdir -p "$1/usr/lib" && cp -a "$1/lib/." "$1/usr/lib/" && rm -r "$1/lib"; }
}

# root_drop NAME - end the root before the case ends. Fails if a process is still in it.
root_drop() {
	local folder=$ROOT_MNT/$1
	_root_umount "$folder/root" || return
	[[ ! -e $folder/frozen ]] || { rm -rf --one-file-system "$folder"/{upper,work}; return; }
	rm -rf --one-file-system "$folder"
}
