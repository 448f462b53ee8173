# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Roots with the real apt and dpkg, for our dkms or Debian's. Each has a small repository, and
# wrappers that count the calls of some programs.
#
#   needs_pool acpi-call-dkms || return in setup, after needs_kernels 1 2
#   apt_root a dkms-native kernels      a root without dkms; "kernels": with K1 and K2
#   apt_offer a broken-dkms_1.0         its apt knows this version, too
#   apt_run a 'two modules' apt-get install dkms-native acpi-call-dkms
#   expect_run 0                        its exit status; what it printed is in OUT
#   expect_counts depmod 1 builds 2
#
# aptpool.bash says what is in the pool. DKMS_TEST_DEB in the environment names the file of our
# package; without it, the package is the one in DKMS_BUILD, which `make deb` makes if need be. A
# test that sets APT_SUITE=trixie before it uses this file has roots of Debian 13 (trixie.bash).

source "$DKMS_TEST_LIB/transaction.bash"
source "$DKMS_TEST_LIB/aptpool.bash"

declare -gA APT_SIDE=() # -g, because "uses", which sources this file, is a function
APT_DIST=dist # the folder of DKMS_BUILD that has our package

# Set APT_DEB to the file of our package.
_apt_deb() {
	APT_DEB=${DKMS_TEST_DEB:-}
	[[ -z $APT_DEB ]] || return 0
	[[ -n ${DKMS_BUILD:-} && -e $DKMS_BUILD/Makefile ]] ||
		root_die 'set DKMS_BUILD to a finished build folder'
	(
		flock 8
		APT_DEB=$(_apt_deb_made)
		[[ -n $APT_DEB ]] || _apt_deb_make
	) 8>"$DKMS_TEST_CACHE/lock-deb" || root_die 'our package cannot be made'
	APT_DEB=$(_apt_deb_made)
	[[ -n $APT_DEB ]] || root_die "making our package has left none in $APT_DIST"
}

_apt_deb_make() {
	root_quiet make -C "$DKMS_BUILD" deb
}

# Print the file of our package in APT_DIST, if no source is newer.
_apt_deb_made() {
	local deb from
	deb=$(find "$DKMS_BUILD/$APT_DIST" -maxdepth 1 -name 'dkms-native_*.deb' 2>/dev/null | sort -V | tail -n 1)
	from=$(sed -n 's/^abs_srcdir = //p' "$DKMS_BUILD/Makefile")
	[[ -n $deb && -d $from ]] || return 0
	[[ -n $(cd "$from" && find core hooks kernel-postinst packaging data man completion configure.ac \
		-type f -newer "$deb" -print -quit) ]] || printf '%s\n' "$deb"
}

# apt_root NAME SIDE [kernels] - make a root. SIDE is dkms-native or dkms, the package that is to be
# installed. Apt knows all packages of the pool, except newer versions. In a root for dkms, `uname
# -r` prints K1, because Debian's dkms asks that for the running kernel. In a root for ours it
# prints the release of this machine, which is not installed in the root.
apt_root() {
	local name=$1 root lower
	[[ -n ${POOL:-} ]] || pool_need || root_die "$POOL_WHY"
	lower=("${POOL_LOWER[@]}")
	[[ ${3:-} == kernels ]] || lower=("${lower[@]:1}")
	root=$(root_path "$name")
	root_make "$name" "${lower[@]}"
	root_bind "$name" "$POOL/pool" /opt/repo/pool
	mkdir -p "$root/var/log"
	APT_SIDE[$name]=$2
	_apt_side "$name" "$root" || root_die "the root $name cannot be furnished"
}

_apt_side() {
	local root=$2 package
	count_make "$root" && cp "$root/opt/counted" "$root/usr/sbin/dkms" && mkdir -p "$root/opt/repo/own" || return
	if [[ ${APT_SIDE[$1]} == dkms ]]; then
		mv "$root/usr/bin/uname" "$root/opt/real/uname" &&
			printf '#!/bin/sh\n[ "$*" != -r ] || { echo %s; exit; }\nexec /opt/real/uname "$@"\n' \
				"$K1" >"$root/usr/bin/uname" && chmod 755 "$root/usr/bin/uname" &&
			_apt_add "$1" dkms
	else
		_apt_deb
		install -D -m 755 "$root/opt/counted" "$root/usr/lib/dkms/dpkgdb" && cp "$APT_DEB" "$root/opt/repo/own/" &&
			(cd "$root/opt/repo" && dpkg-scanpackages -m own 2>/dev/null >Packages)
	fi || return
	_apt_add "$1" "linux-headers-$K1" "linux-headers-$K2" "linux-headers-${K1%-amd64}-common" \
		"linux-headers-${K2%-amd64}-common" "linux-image-${K1}_*+small1" "linux-image-${K2}_*+small1" || return
	for package in "${POOL_MODULES[@]}" beside-dkms unrelated; do
		[[ -z $(_pool_stanza "$package") ]] || _apt_add "$1" "$package" || return
	done
	root_quiet in_root "$1" apt-get update
}

# _pool_stanza PACKAGE[_VERSION] - print the file with the package's stanza. Of several versions,
# the oldest counts. One that was made here (+small1, ...) counts only if VERSION has its '+'.
_pool_stanza() {
	local package=$1
	[[ $package == *_* ]] || package+=_
	compgen -G "$POOL/stanza/$package*" | sort -V |
		{ [[ ${package#*_} == *+* ]] && cat || grep -vE '\+(small|again|ubuntu)1_'; } | head -n 1
}

_apt_add() {
	local list package
	list=$(root_path "$1")/opt/repo/Packages
	shift
	for package; do
		cat "$(_pool_stanza "$package")" >>"$list" || return
	done
}

# apt_offer NAME PACKAGE[_VERSION]... - let the root's apt know these packages, too. VERSION is the
# beginning of a version, or a pattern of that. Without VERSION, the oldest version is offered.
apt_offer() {
	_apt_add "$@" && root_quiet in_root "$1" apt-get update
}

# apt_run NAME TITLE COMMAND... - run the command in the root, and print one line with the counted
# calls. Sets RUN_RC; what the command printed is in OUT. The drivers of APT_WATCH ("K:MODULE ...")
# are watched meanwhile. If this machine runs K1 or K2, the command is shown another release,
# because the scripts of a running kernel refuse its removal.
apt_run() {
	local name=$1 title=$2 run=(env DEBIAN_FRONTEND=noninteractive)
	shift 2
	! apt_runs_ours || run+=(setarch --uname-2.6)
	watched_run "$name" "${APT_WATCH:-}" in_root "$name" "${run[@]}" "$@"
	_apt_count
	tell_run "$title" "dkms $RUN_DKMS, builds $RUN_BUILDS, depmod $RUN_DEPMOD (all $RUN_DEPMOD_ALL), initramfs $RUN_INITRAMFS (all $RUN_INITRAMFS_ALL)"
}

# apt_runs_ours - does this machine run K1 or K2?
apt_runs_ours() {
	[[ $(uname -r) == "$K1" || $(uname -r) == "$K2" ]]
}

# The fields of a call are program, caller, folder and arguments. A depmod for another tree than the
# root's (-b, as mkinitramfs calls it) is not counted. A build is a make with a goal other than
# clean.
_apt_count() {
	local calls=$CHECK_DIR/calls
	RUN_DKMS=$(grep -c '^dkms	' "$calls")
	# shellcheck disable=SC2034 # expect_counts reads it by its name
	RUN_DPKGDB=$(grep -c '^dpkgdb	' "$calls")
	_apt_builds >"$CHECK_DIR/builds"
	RUN_BUILDS=$(grep -c . "$CHECK_DIR/builds")
	_apt_kernels depmod dkms >"$CHECK_DIR/depmod"
	RUN_DEPMOD=$(grep -c . "$CHECK_DIR/depmod")
	RUN_DEPMOD_ALL=$(_apt_kernels depmod | grep -c .)
	_apt_kernels mkinitramfs dkms >"$CHECK_DIR/initramfs"
	RUN_INITRAMFS=$(grep -c . "$CHECK_DIR/initramfs")
	RUN_INITRAMFS_ALL=$(_apt_kernels mkinitramfs | grep -c .)
}

# _apt_kernels PROGRAM [dkms] - print the kernel of each call of PROGRAM, or of each call by dkms.
_apt_kernels() {
	awk -F '\t' -v program="$1" -v by="${2:-}" '$1 == program && (by == "" || $2 == by) &&
		$4 !~ /(^| )(-b|-n|--basedir|--dry-run)/ {
			n = split($4, word, " ")
			for (i = 1; i <= n && word[i] !~ /^[0-9]/; i++)
				;
			print word[i] }' "$CHECK_DIR/calls"
}

# Print a line for each build: folder and arguments of make, without -j. What a configure script
# tries out is no build.
_apt_builds() {
	awk -F '\t' '$1 == "make" && $2 == "dkms" && $4 !~ /(^| )(clean|-f -|-n|--version)( |$)|conftest/ {
		gsub(/ ?-j ?[0-9]*/, "", $4); print $3, $4 }' "$CHECK_DIR/calls"
}

# expect_counts NAME N... - NAME is dkms, dpkgdb, builds, depmod, depmod_all, initramfs or
# initramfs_all. Checks expect_frugal, too.
expect_counts() {
	local name has
	while (($# > 1)); do
		name=RUN_${1^^}
		has=${!name}
		[[ $has == "$2" ]] && ok || { fail "$1: $has, not $2"; _check_show calls "$CHECK_DIR/calls"; }
		shift 2
	done
	expect_frugal
}

# expect_frugal - dkms ran depmod and made an initramfs at most once for each kernel, nobody made
# such an initramfs again afterwards, nothing was built twice, and no driver was away at any moment.
expect_frugal() {
	local what twice
	for what in depmod initramfs builds; do
		twice=$(sort "$CHECK_DIR/$what" | uniq -d)
		[[ -z $twice ]] && ok || fail "$what more than once for: $twice"
	done
	twice=$(awk -F '\t' '$1 == "mkinitramfs" && $4 != "--version" { n = split($4, word, " ")
		if (ours[word[n]]) print word[n]
		ours[word[n]] = $2 == "dkms" }' "$CHECK_DIR/calls")
	[[ -z $twice ]] && ok || fail "our initramfs was in vain: $twice"
	expect_gapless
}

# expect_packages NAME - no package is half-configured, half-installed or waits for a trigger.
expect_packages() {
	local bad
	bad=$(in_root "$1" dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | grep -vE '^(ii |hi |rc )')
	[[ -z $bad ]] && ok || fail "dpkg has: $bad"
}

# expect_verified NAME - dpkg -V finds nothing in the packages that these tests have installed.
expect_verified() {
	local list
	mapfile -t list < <(in_root "$1" dpkg-query -W -f '${db:Status-Status} ${Package}\n' |
		sed -n '/^installed \(dkms.*\|.*-dkms\|linux-.*[0-9]-.*\|unrelated\)$/s/^installed //p')
	in_root "$1" dpkg -V "${list[@]}" >"$CHECK_DIR/verify" 2>&1
	expect_empty "$CHECK_DIR/verify"
}

# apt_state NAME - print all of /lib/modules, /var/lib/dkms, /usr/src and /etc, to compare.
apt_state() {
	root_snapshot "$1"
	(cd "$(root_path "$1")" && find etc -printf '%y %m %u:%g /%p %l\n' -type f \
		-exec sha256sum {} + | without_user | sort)
}

# expect_same_state WANTED GOT - these two outputs of apt_state are equal. The key that the first
# build makes may differ: it stays, because a machine's firmware may know it. The folder
# /lib/modules may differ: it goes with the last kernel, if no package has it.
expect_same_state() {
	local file
	for file; do # /var/lib/dkms is there as long as the key is
		grep -vE ' /var/lib/dkms/mok\.(key|pub)$| /(var/lib/dkms|lib/modules)$' "$file" >"$file.seen"
	done
	expect_same "$1.seen" "$2.seen"
}

# expect_healthy NAME - check what must hold after every run.
expect_healthy() {
	expect_packages "$1"
	expect_verified "$1"
}

# pool_version PACKAGE[_VERSION] - print the whole version.
pool_version() {
	sed -n 's/^Version: //p' "$(_pool_stanza "$1")"
}

# pool_file PACKAGE[_VERSION] - print the path of the package's file in a root.
pool_file() {
	sed -n 's|^Filename: |/opt/repo/|p' "$(_pool_stanza "$1")"
}

# pool_source NAME [newer] - print the version of the module in NAME-dkms, or in the newer
# NAME-dkms.
pool_source() {
	awk -v name="$1" -v field="${2:+3}" '$1 == name { print $(field ? field : 2) }' "$POOL/versions"
}

# image_list NAME KERNEL - print the files in the kernel's initramfs.
image_list() {
	in_root "$1" lsinitramfs "/boot/initrd.img-$2"
}

# own_kernel NAME KERNEL - print what dkms has in the kernel's tree, and when it was written.
own_kernel() {
	(cd "$(root_path "$1")/lib/modules/$2" && find updates extra -printf '%p %s %T@ %l\n' 2>/dev/null | sort)
}

# apt_would NAME [OPTION...] - write to $OUT, one a line, the packages that apt would install in the
# root with our package and all that it recommends, if it had all of Debian's archive. OPTION is an
# option of apt; see REFERENCE_OPTIONS.
apt_would() {
	expect_rc 0 apt-get -s -o "Dir::State::status=$(root_path "$1")/var/lib/dpkg/status" \
		-o APT::Install-Recommends=true "${@:2}" install "$APT_DEB"
	sed -n 's/^Inst \([^ ]*\).*/\1/p' "$OUT" >"$CHECK_DIR/would" && mv "$CHECK_DIR/would" "$OUT"
	expect_text dkms-native "$OUT"
}

# apt_meta NAME PACKAGE VERSION DEPENDS - offer a package without files, such as linux-image-amd64.
apt_meta() {
	rm -rf "$CHECK_DIR/tree"
	apt_offer_tree "$@"
}

# apt_offer_tree NAME PACKAGE VERSION DEPENDS - offer a package with the files in $CHECK_DIR/tree,
# among them its scripts in DEBIAN. The package lies in /opt/repo/own.
apt_offer_tree() {
	local tree=$CHECK_DIR/tree
	mkdir -p "$tree/DEBIAN" && printf '%s\n' "Package: $2" "Version: $3" 'Architecture: all' \
		${4:+"Depends: $4"} 'Maintainer: tests' 'Description: for tests' >"$tree/DEBIAN/control" &&
		dpkg-deb --root-owner-group -Znone -b "$tree" "$CHECK_DIR/$2_$3_all.deb" >/dev/null || return
	rm -rf "$tree"
	apt_offer_file "$1" "$CHECK_DIR/$2_$3_all.deb"
}

# apt_offer_file NAME FILE... - offer these package files, too. They lie in /opt/repo/own.
apt_offer_file() {
	local repo at=$CHECK_DIR/offer
	repo=$(root_path "$1")/opt/repo
	rm -rf "$at" && mkdir -p "$at/own" "$repo/own" && cp "${@:2}" "$at/own/" &&
		(cd "$at" && dpkg-scanpackages -m own 2>/dev/null >>"$repo/Packages") &&
		cp "${@:2}" "$repo/own/" && root_quiet in_root "$1" apt-get update
}

if [[ ${APT_SUITE:-} == trixie ]]; then
	source "$DKMS_TEST_LIB/trixie.bash"
fi
