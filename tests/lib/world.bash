# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The world of the tests: a Debian of their own, in which everything is built and run. It is made
# by mmdebstrap or debootstrap, kept as a tar under a key, and unpacked into memory for each run,
# in namespaces that end with the run. Nothing of the machine's "/" is in it. The one program that
# may have to be installed on the machine is mmdebstrap or debootstrap.
#
#   source tests/lib/world.bash
#   world_enter mounts "$0" "$@"    # comes back inside of the world only
#
# In the world, /work/dkms-native is a copy of the sources, and the cache is
# /var/cache/dkms-native-tests.
#
# A world is entered in one of three ways. In the world, WORLD_WAY says in which:
#
#   root     by root who may mount: mount and PID namespaces
#   user     by an ordinary user where user namespaces are allowed: the same, as root of a user
#            namespace that has one user; a seccomp filter lets chown(2) do nothing
#   folder   by root where nothing can be mounted: the world is a folder of the cache, entered by
#            chroot(2)
#
# Environment: DKMS_TEST_CACHE (root: /var/cache/dkms-native-tests, others: in ~/.cache),
# DKMS_TEST_SUITE (bookworm), DKMS_TEST_MIRROR (the machine's, or deb.debian.org's).

WORLD_LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
WORLD_SOURCE=$(cd "$WORLD_LIB/../.." && pwd -P)
WORLD_SUITE=${DKMS_TEST_SUITE:-bookworm}

# world_die TEXT - end, because nothing can be run.
world_die() {
	printf '%s: %s\n' "${WORLD_NAME:-${0##*/}}" "$1" >&2
	exit 1
}

world_say() {
	printf '%s\n' "$1"
}

# world_quiet COMMAND... - run it without input; show its output only if it fails.
world_quiet() {
	local log rc=0
	log=$("$@" </dev/null 2>&1) || rc=$?
	((rc == 0)) || printf '%s: status %d: %s\n%s\n' "${WORLD_NAME:-${0##*/}}" "$rc" "$*" \
		"$(tail -n 40 <<<"$log" | sed 's/^/  | /')" >&2
	return "$rc"
}

# ---- outside: which way, and the program that makes the world ----

_world_cache() {
	local cache=${DKMS_TEST_CACHE:-}
	[[ -n $cache ]] || { [[ $(id -u) == 0 ]] && cache=/var/cache/dkms-native-tests; } ||
		cache=${XDG_CACHE_HOME:-$HOME/.cache}/dkms-native-tests
	mkdir -p "$cache/mnt" || world_die "cannot write to $cache; set DKMS_TEST_CACHE to a folder that can be written"
	WORLD_CACHE=$(cd "$cache" && pwd -P)
	# Remove what is left of a run that was killed with all its processes.
	find "$WORLD_CACHE" -mindepth 1 -maxdepth 1 -name '*.making*' -mmin +240 -exec rm -rf --one-file-system {} +
}

# _world_mounts OPTION... - can this process mount in namespaces made by unshare(1) with these
# options?
_world_mounts() {
	unshare "$@" -m -p -f --mount-proc sh -c 'mount -t tmpfs t "$1" && mkdir "$1/l" "$1/u" "$1/w" "$1/o" &&
		mount -t overlay -o "lowerdir=$1/l,upperdir=$1/u,workdir=$1/w$2" o "$1/o"' \
		sh "$WORLD_CACHE/mnt" "$([[ $* != *-U* ]] || echo ,userxattr)" 2>/dev/null
}

# Sets WORLD_WAY and WORLD_WHY.
_world_choose() {
	if [[ $(id -u) == 0 ]] && _world_mounts; then
		WORLD_WAY=root WORLD_WHY='root, who may mount here'
	elif command -v perl >/dev/null && _world_mounts -U -r; then
		WORLD_WAY=user WORLD_WHY="user $(id -un), in a user namespace"
		[[ $(id -u) != 0 ]] || WORLD_WHY='root without the right to mount, in a user namespace'
	elif [[ $(id -u) == 0 ]] && chroot / true 2>/dev/null; then
		WORLD_WAY=folder WORLD_WHY='nothing can be mounted here, and no user namespace can be made'
	else
		world_die 'neither namespaces nor chroot(2) are allowed here: it needs root, or user namespaces'
	fi
}

# Find the mirror of Debian, which is the machine's own if it has one, and the machine's proxies.
_world_mirrors() {
	local sites=
	! command -v apt-get >/dev/null || sites=$(apt-get indextargets --format '$(SITE)' 2>/dev/null | sort -u)
	WORLD_MIRROR=${DKMS_TEST_MIRROR:-$(grep -m 1 '/debian/*$' <<<"$sites")}
	WORLD_MIRROR=${WORLD_MIRROR:-http://deb.debian.org/debian}
	WORLD_MIRROR=${WORLD_MIRROR%/}
	[[ $WORLD_MIRROR == */debian ]] || WORLD_MIRROR+=/debian
	WORLD_SECURITY=
	[[ -n ${DKMS_TEST_MIRROR:-} ]] || WORLD_SECURITY=$(grep -m 1 '/debian-security/*$' <<<"$sites")
	WORLD_SECURITY=${WORLD_SECURITY:-$WORLD_MIRROR-security}
	WORLD_PROXY=
	! command -v apt-config >/dev/null || WORLD_PROXY=$(apt-config dump 2>/dev/null |
		grep -iE '^Acquire::(https?|ftp)::Proxy')
}

# As root: install mmdebstrap or debootstrap, whatever the machine's package manager is.
_world_install_tool() {
	if command -v apt-get >/dev/null; then
		DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install mmdebstrap ||
			{ apt-get -q update && DEBIAN_FRONTEND=noninteractive \
				apt-get -q -y --no-install-recommends install mmdebstrap; }
	elif command -v dnf >/dev/null; then
		dnf -q -y install debootstrap
	elif command -v zypper >/dev/null; then
		zypper -q -n install debootstrap
	elif command -v pacman >/dev/null; then
		pacman -S --noconfirm --needed debootstrap debian-archive-keyring
	else
		false
	fi
}

# As an ordinary user of a Debian: fetch and unpack mmdebstrap, which is a single program.
_world_fetch_tool() {
	local at=$WORLD_CACHE/tool
	[[ -x $at/usr/bin/mmdebstrap ]] && return
	command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return
	mkdir -p "$at"/{lists,cache}/partial && cd "$at" || return
	(
		_world_sources >sources.list
		options=(-o Dir::Etc::SourceList="$at/sources.list" -o Dir::Etc::SourceParts=/nonexistent
			-o Dir::State::Lists="$at/lists" -o Dir::Cache="$at/cache" -o Acquire::Languages=none)
		apt-get -q "${options[@]}" update && apt-get -q "${options[@]}" download mmdebstrap &&
			dpkg-deb -x mmdebstrap_*.deb .
	)
}

_world_tool() {
	local tool
	for tool in mmdebstrap debootstrap; do
		WORLD_TOOL=$(command -v $tool || command -v /usr/sbin/$tool) && return
	done
	if [[ $(id -u) == 0 ]]; then
		world_say 'installing mmdebstrap or debootstrap, the one program that the machine itself needs'
		world_quiet _world_install_tool
	else
		world_quiet _world_fetch_tool
	fi
	for tool in "$WORLD_CACHE/tool/usr/bin/mmdebstrap" mmdebstrap debootstrap; do
		WORLD_TOOL=$(command -v "$tool" || command -v "/usr/sbin/$tool") && return
	done
	world_die "mmdebstrap or debootstrap is needed, and cannot be had here. Install one: apt install mmdebstrap, dnf install debootstrap, zypper install debootstrap, or pacman -S debootstrap debian-archive-keyring"
}

_world_sources() {
	local suite
	for suite in "$WORLD_SUITE" "$WORLD_SUITE-updates"; do
		printf 'deb %s %s main\n' "$WORLD_MIRROR" "$suite"
	done
	[[ $WORLD_SUITE == sid ]] || printf 'deb %s %s-security main\n' "$WORLD_SECURITY" "$WORLD_SUITE"
}

# Print a key of what the world is made of. Newer versions of packages do not change it; instead,
# the world is made anew after a week.
_world_key() {
	{
		printf '%s\n' "$WORLD_SUITE" "$([[ $WORLD_WAY == user ]] && echo user)"
		declare -f _world_bootstrap _world_configure _world_packages
		cat "$WORLD_LIB/packages"
	} | sha256sum | cut -c 1-16
}

# ---- making it ----

_world_make() {
	local root=$1 start=$SECONDS
	world_say "making a Debian ($WORLD_SUITE) for the tests; the next run finds it in $WORLD_CACHE"
	if ! world_quiet _world_bootstrap "$root"; then
		world_die "no Debian can be made from $WORLD_MIRROR: is there a network, a mirror or a proxy that is not set?"
	fi
	_world_configure "$root" && _world_furnish "$root" && _world_packages "$root" ||
		world_die 'the Debian for the tests cannot be made'
	world_say "made it in $((SECONDS - start)) s"
}

_world_bootstrap() {
	local root=$1 sources hook=()
	# Mount only after base-files is unpacked, because its /dev and /sys cannot be unpacked over
	# mounts.
	[[ $WORLD_WAY != root && $WORLD_WAY != user ]] ||
		hook=(--extract-hook="bash $(printf %q "$WORLD_LIB/world.bash") --mount \"\$1\"")
	mapfile -t sources < <(_world_sources)
	if [[ $WORLD_TOOL == */mmdebstrap ]]; then
		"$WORLD_TOOL" --mode=root --variant=minbase --include=ca-certificates \
			--skip=chroot/mount,output/dev,output/mknod,check/empty \
			"${hook[@]}" --aptopt='APT::Sandbox::User "root"' --aptopt='Acquire::Retries "3"' \
			"$WORLD_SUITE" "$root" "${sources[@]}"
	else
		"$WORLD_TOOL" --variant=minbase --include=ca-certificates "$WORLD_SUITE" "$root" "$WORLD_MIRROR"
	fi
}

_world_configure() {
	local root=$1
	rm -rf "$root"/etc/apt/sources.list.d/* "$root"/var/lib/apt/lists/* &&
		_world_sources >"$root/etc/apt/sources.list" &&
		printf '%s\n' 'APT::Sandbox::User "root";' 'APT::Install-Recommends "false";' \
			'Acquire::Languages "none";' 'Acquire::Retries "3";' 'Dpkg::Use-Pty "false";' \
			>"$root/etc/apt/apt.conf.d/50world" &&
		printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" &&
		chmod 755 "$root/usr/sbin/policy-rc.d" &&
		echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/world" && echo world >"$root/etc/hostname"
}

# Install the packages of tests/lib/packages. /etc/world-missing names those that apt does not have;
# cases that need them are skipped ("needs" of test.bash).
_world_packages() {
	local root=$1
	# The base was made of today's packages. With older lists, its libraries would be too new.
	_world_lists "$root" 0
	world_quiet _world_chroot "$root" bash -c '
		export DEBIAN_FRONTEND=noninteractive INITRD=No
		known=("$@") missing=()
		if ! apt-get -qq -s install "$@" >/dev/null 2>&1; then
			known=()
			for package; do
				if apt-get -qq -s install "$package" >/dev/null 2>&1; then
					known+=("$package")
				else
					missing+=("$package")
				fi
			done
		fi
		printf "%s\n" "${missing[@]}" >/etc/world-missing
		apt-get -q -y install "${known[@]}" && apt-get clean' bash \
		$(grep -v '^#' "$WORLD_LIB/packages")
}

# _world_lists ROOT [MINUTES] - give the root package lists that are at most so old (default: twelve
# hours). Without a network, older lists are taken.
_world_lists() {
	local root=$1 minutes=${2:-720} lists=$WORLD_CACHE/lists-$WORLD_SUITE new
	mkdir -p "$lists/partial" "$root/var/lib/apt/lists" || return
	exec {_world_lock}>"$WORLD_CACHE/lock-lists" && flock "$_world_lock"
	if [[ -z $(find "$lists" -name '*_InRelease' -mmin "-$minutes" 2>/dev/null) ]]; then
		cp -a "$lists/." "$root/var/lib/apt/lists/"
		if world_quiet _world_chroot "$root" apt-get -q -o APT::Update::Error-Mode=any update; then
			new=$lists.making.$WORLD_TOKEN
			cp -a "$root/var/lib/apt/lists" "$new" && find "$new" -name '*_InRelease' -exec touch {} + &&
				rm -rf "$lists" && mv "$new" "$lists" || rm -rf "$new"
		elif compgen -G "$lists/*_InRelease" >/dev/null; then
			world_say "The mirror $WORLD_MIRROR cannot be reached: going on with the package lists of the last run."
		else
			world_die "the mirror $WORLD_MIRROR cannot be reached, and there are no package lists from an earlier run"
		fi
	else
		cp -a "$lists/." "$root/var/lib/apt/lists/"
	fi
	exec {_world_lock}>&-
}

# ---- inside of the namespaces ----

# Copy the machine's name resolution and proxies.
_world_furnish() {
	local root=$1
	if [[ -e /etc/resolv.conf ]]; then
		rm -f "$root/etc/resolv.conf"
		cat /etc/resolv.conf >"$root/etc/resolv.conf" || return
	fi
	[[ ! -e /etc/hosts ]] || cat /etc/hosts >"$root/etc/hosts" || return
	printf '%s\n' "$WORLD_PROXY" >"$root/etc/apt/apt.conf.d/60proxy"
	mkdir -p "$root/run/lock" && chmod 1777 "$root/run/lock"
}

# Mount the kernel's file systems. In a user namespace, /dev and /sys can only be bound with all
# mounts below them.
_world_mount() {
	local root=$1
	mkdir -p "$root"/{proc,sys,dev}
	if [[ $WORLD_WAY == folder ]]; then
		_world_nodes "$root/dev"
		return
	fi
	{ mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"; } &&
		{ mountpoint -q "$root/dev" || mount --rbind /dev "$root/dev"; } &&
		{ mountpoint -q "$root/sys" || mount --rbind /sys "$root/sys"; }
}

# If a device cannot be made (no CAP_MKNOD), make a file of that name.
_world_nodes() {
	local node
	for node in null:3 zero:5 full:7 random:8 urandom:9; do
		[[ -e $1/${node%:*} ]] || mknod -m 666 "$1/${node%:*}" c 1 "${node#*:}" 2>/dev/null || : >"$1/${node%:*}"
	done
}

_world_chroot() {
	local root=$1 variable pass=()
	shift
	for variable in http_proxy https_proxy no_proxy ftp_proxy "${!DKMS_TEST_@}" "${!BENCH_@}" CI; do
		[[ -z ${!variable:-} || $variable == DKMS_TEST_CACHE ]] || pass+=("$variable=${!variable}")
	done
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 TERM="${TERM:-dumb}" \
		CONFIG_SHELL=/bin/sh WORLD_WAY="$WORLD_WAY" WORLD_WHY="$WORLD_WHY" WORLD_TOKEN="$WORLD_TOKEN" WORLD_TREE="${WORLD_TREE:-}" \
		DKMS_TEST_CACHE=/var/cache/dkms-native-tests "${pass[@]}" chroot "$root" "$@"
}

_world_unpack() {
	local root=$1 tar=$2
	[[ -n $(find "$tar" -mtime -7 2>/dev/null) ]] &&
		(set -o pipefail
		_world_unzip "$tar" | tar -x --numeric-owner -C "$root") 2>/dev/null && [[ -e $root/etc/world-missing ]]
}

# The machine may have no zstd; gzip is everywhere.
_world_zip() {
	if command -v zstd >/dev/null; then zstd -q -1 -T0; else gzip -1; fi
}

_world_unzip() {
	if [[ $(od -A n -t x1 -N 2 "$1") == ' 1f 8b' ]]; then gzip -d <"$1"; else zstd -q -d <"$1"; fi
}

_world_pack() {
	local root=$1 tar=$2
	find "$WORLD_CACHE" -maxdepth 1 -name 'world-*' ! -path "$tar" -mtime +7 -exec rm -rf {} +
	(set -o pipefail
	tar -c --one-file-system --exclude=./var/lib/apt/lists/* --exclude=./work --exclude=./var/cache/dkms-native-tests/* \
		--numeric-owner -C "$root" . 2>/dev/null | _world_zip >"$tar.making.$WORLD_TOKEN") &&
		mv "$tar.making.$WORLD_TOKEN" "$tar" && return
	rm -f "$tar.making.$WORLD_TOKEN"
	world_say "The Debian for the tests cannot be kept in $WORLD_CACHE ($(df -h --output=avail "$WORLD_CACHE" | tail -n 1 | tr -d ' ') free): it will be made anew in the next run."
}

_world_clear() {
	find "$1" -mindepth 1 -maxdepth 1 ! -name proc ! -name dev ! -name sys -exec rm -rf --one-file-system {} +
}

# _world_get ROOT - unpack the world at ROOT, or make it there.
_world_get() {
	local root=$1 tar
	tar=$WORLD_CACHE/world-$(_world_key).tar
	if ! _world_unpack "$root" "$tar"; then
		_world_clear "$root"
		[[ ! -e $tar ]] || rm -f "$tar"
		_world_tool
		(
			flock 9
			_world_unpack "$root" "$tar" || { _world_clear "$root" && _world_make "$root" && _world_pack "$root" "$tar"; }
		) 9>"$WORLD_CACHE/lock-world" || exit 1
	fi
	_world_mount "$root" && _world_furnish "$root" || world_die 'the world cannot be furnished'
	_world_lists "$root"
}

# Copy the sources, without what a build may have left. They need not be a git clone.
_world_copy_source() {
	local to=$1
	mkdir -p "$to" &&
		tar -c --exclude=./.git --exclude='*.o' --exclude='*.lo' --exclude=.libs --exclude=.deps \
			-C "$WORLD_SOURCE" . | tar -x --no-same-owner -C "$to" &&
		(cd "$to" && rm -f config.status config.h config.log Makefile libtool stamp-h1) &&
		chmod -R u+rwX,go+rX,go-w "$to"
}

# As process 1 of the namespaces: make the world and run SCRIPT in it.
_world_inside() {
	local script=$1 root=$WORLD_CACHE/mnt
	shift
	mount -t tmpfs -o mode=0755,size=80% dkms-world "$root" || world_die "cannot mount on $root"
	_world_get "$root"
	mkdir -p "$root/work" "$root"/{boot,usr/src} "$root/lib/modules" &&
		mount -t tmpfs -o mode=0755,size=50% dkms-work "$root/work" &&
		mount -t tmpfs -o mode=1777,size=50% dkms-tmp "$root/tmp" || world_die 'cannot mount in the world'
	_world_copy_source "$root/work/dkms-native" || world_die 'the sources cannot be copied'
	mkdir -p "$root/var/cache/dkms-native-tests" &&
		mount --bind "$WORLD_CACHE" "$root/var/cache/dkms-native-tests" || world_die 'the cache cannot be mounted'
	cd "$root" && mkdir -p old || exit 1
	# pivot_root(2) fails if "/" is the initial root file system. Then chroot(2) has to do.
	if pivot_root . old 2>/dev/null; then
		root=/
	fi
	_world_chroot "${root/#\//./}" bash -c '
		! mountpoint -q /old || umount -l /old
		rmdir /old
		cd /work/dkms-native && exec bash "$@"' bash "$script" "$@"
}

# ---- the way in ----

# world_enter NEED SCRIPT ARGUMENTS... - go into the world and run SCRIPT (a path below the sources)
# there. Returns if this is the world already. NEED says in which ways the world may be entered:
# "mounts" as root only, "user" as root or user, "any" in all three.
world_enter() {
	local need=$1 script=$2 rc=0
	shift 2
	umask 022
	[[ -z ${WORLD_WAY:-} ]] || return 0
	script=$(cd "$(dirname "$script")" && pwd -P)/${script##*/}
	script=${script#"$WORLD_SOURCE/"}
	_world_cache
	_world_choose
	[[ $need == any || $WORLD_WAY == root || $WORLD_WAY == user && $need == user ]] ||
		world_die "this needs root and mount namespaces: $WORLD_WHY"
	_world_mirrors
	WORLD_TOKEN=$$ WORLD_NAME=${script##*/}
	trap '_world_cleanup' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	cd / || exit 1
	case $WORLD_WAY in
	root) _world_start -m -p -f --kill-child -- "$BASH" "$WORLD_LIB/world.bash" "$script" "$@" || rc=$? ;;
	user) _world_start -U -r -m -p -f --kill-child -- perl "$WORLD_LIB/seccomp" owner "$BASH" "$WORLD_LIB/world.bash" "$script" "$@" || rc=$? ;;
	folder) _world_folder "$script" "$@" || rc=$? ;;
	esac
	exit "$rc"
}

# world_visit NEED SCRIPT ARGUMENTS... - the same, but return with the script's status. A signal to
# this shell alone ends the world, too.
world_visit() {
	local rc=0
	(world_enter "$@") &
	_world_child=$!
	trap 'kill -TERM "$_world_child" 2>/dev/null' INT TERM HUP
	wait "$_world_child" || rc=$?
	# A signal ends the first wait, not the child.
	while kill -0 "$_world_child" 2>/dev/null; do
		wait "$_world_child" 2>/dev/null
	done
	trap - INT TERM HUP
	return "$rc"
}

# Run unshare(1) in the background and wait, because `wait` ends at once when a signal comes.
# Killing unshare(1) kills process 1 of the namespace, and so all processes in it.
_world_start() {
	export WORLD_NAME WORLD_WAY WORLD_WHY WORLD_CACHE WORLD_TOKEN WORLD_MIRROR WORLD_SECURITY WORLD_PROXY WORLD_SUITE
	unshare "$@" </dev/null &
	_world_child=$!
	wait "$_world_child"
}

_world_cleanup() {
	[[ -z ${_world_child:-} ]] || kill -KILL "$_world_child" 2>/dev/null
	wait
	find "$WORLD_CACHE" -maxdepth 1 -name "*.making.$WORLD_TOKEN*" -exec rm -rf --one-file-system {} + 2>/dev/null
}

# Where nothing can be mounted, the world is a folder, which _world_cleanup removes.
_world_folder() {
	local script=$1 root=$WORLD_CACHE/folder.making.$WORLD_TOKEN
	shift
	mkdir -p "$root" && _world_get "$root" && _world_copy_source "$root/work/dkms-native" || return
	_world_chroot "$root" bash -c 'cd /work/dkms-native && exec bash "$@"' bash "$script" "$@"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
	trap 'exit 130' INT TERM
	umask 022
	if [[ ${1:-} == --mount ]]; then _world_mount "$2"; else _world_inside "$@"; fi
	exit
fi
