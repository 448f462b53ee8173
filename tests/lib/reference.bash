# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The original that we are compared with: the dkms package of Debian 13, fetched with apt and kept
# in DKMS_TEST_CACHE. This file also fetches packages of the world's Debian that tests only look
# into. REFERENCE_SUITE names another release of Debian for all functions that are not about dkms.

# Sets REFERENCE_OPTIONS for an apt with Debian 13's list only, and folders of its own. Mirror and
# keyring are those of the world. Valid-Until is not checked, because sid's lists expire after some
# days.
_reference_options() {
	local suite=${REFERENCE_SUITE:-trixie} site
	local at=$DKMS_TEST_CACHE/$suite
	mkdir -p "$at"/{lists,archives}/partial "$at/etc" || return
	site=$(sed -n '1s/^deb \([^ ]*\) .*/\1/p' /etc/apt/sources.list)
	printf 'deb [signed-by=%s check-valid-until=no] %s %s main\n' /usr/share/keyrings/debian-archive-keyring.gpg \
		"${site:-http://deb.debian.org/debian}" "$suite" >"$at/etc/list"
	REFERENCE_OPTIONS=(-o "Dir::Etc::SourceList=$at/etc/list" -o Dir::Etc::SourceParts=/nonexistent
		-o "Dir::State::Lists=$at/lists" -o "Dir::Cache=$at" -o "Dir::Cache::Archives=$at/archives"
		-o Acquire::Languages=none -o APT::Architecture=amd64)
}

# _reference_apt COMMAND... - run apt-get for Debian 13.
_reference_apt() {
	_reference_options && _apt_get "${REFERENCE_OPTIONS[@]}" "$@"
}

# reference_cache COMMAND... - run apt-cache for Debian 13.
reference_cache() {
	_reference_options && apt-cache "${REFERENCE_OPTIONS[@]}" "$@"
}

# reference_lists - fetch the lists of Debian 13, unless those here are less than a day old.
reference_lists() {
	[[ -n $(find "$DKMS_TEST_CACHE/${REFERENCE_SUITE:-trixie}/lists" -name '*Packages*' -mtime -1 2>/dev/null) ]] ||
		root_quiet _reference_apt update
}

# reference_get COMMAND... - fetch the lists if need be, and run apt-get for Debian 13.
reference_get() {
	reference_lists && root_quiet _reference_apt "$@"
}

_reference_fetch() {
	local to=$1
	mkdir -p "$to.making.$WORLD_TOKEN" && cd "$to.making.$WORLD_TOKEN" && reference_get download dkms &&
		rm -rf "$to" && mv "$to.making.$WORLD_TOKEN" "$to"
}

# reference_deb - set REFERENCE to the file of Debian 13's dkms. Returns 1 if it cannot be had.
# After a day it is fetched again.
reference_deb() {
	local to=$DKMS_TEST_CACHE/reference
	(
		flock 8
		[[ -n $(find "$to" -maxdepth 0 -mtime -1 2>/dev/null) ]] || _reference_fetch "$to"
	) 8>"$DKMS_TEST_CACHE/reference.lock"
	REFERENCE=$(find "$to" -maxdepth 1 -name 'dkms_3.*_all.deb' 2>/dev/null | sort -V | tail -n 1)
	[[ -n $REFERENCE ]]
}

# reference_install ROOT - copy the files of Debian's dkms into the root. `dpkg-deb -x` onto the
# root would replace the links of a merged /usr. Its maintainer script would make /var/lib/dkms.
reference_install() {
	local root
	root=$(root_path "$1")
	dpkg-deb -x "$REFERENCE" "$CHECK_DIR/reference" &&
		cp -a "$CHECK_DIR/reference/usr/." "$root/usr/" &&
		cp -a "$CHECK_DIR/reference/etc/." "$root/etc/" && mkdir -p "$root/var/lib/dkms"
}

# reference_settle ROOT - end the "sleep 3" that the progress dots of the original leave behind.
reference_settle() {
	local root i left
	root=$(root_path "$1")
	for ((i = 0; i < 100; i++)); do
		left=$(find /proc -maxdepth 2 -path '/proc/[0-9]*/root' -lname "$root" -printf '%h\n' 2>/dev/null)
		[[ -n $left ]] || return 0
		for left in $left; do
			! grep -qzx sleep "$left/cmdline" 2>/dev/null || kill -KILL "${left#/proc/}" 2>/dev/null
		done
		sleep 0.1
	done
}

# debs_need NAME... - fetch the .deb of each in the version that apt would install, to the folder
# DKMS_TEST_CACHE/debs, and set DEBS to the files. Fails if one cannot be had. DEBS_GET, DEBS_CACHE
# and DEBS_IN, if set, replace the world's apt-get and apt-cache, and the name of the folder.
debs_need() {
	local at=$DKMS_TEST_CACHE/${DEBS_IN:-debs} name missing=()
	mkdir -p "$at" || return
	DEBS=()
	for name; do
		DEBS+=("$(_debs_file "$at" "$name")") || return
		[[ -e ${DEBS[-1]} ]] || missing+=("$name")
	done
	((${#missing[@]} == 0)) || (
		flock 8
		find "$at" -name '*.deb' -mtime +30 -delete
		cd "$at" && "${DEBS_GET:-_apt_get}" download "${missing[@]}"
	) 8>"$at.lock" || return
	for name in "${DEBS[@]}"; do
		[[ -e $name ]] && touch "$name" || return
	done
}

# _debs_file AT NAME - print AT/NAME_VERSION_ARCHITECTURE.deb.
_debs_file() {
	local file
	file=$("${DEBS_CACHE:-apt-cache}" --no-all-versions show "$2" 2>/dev/null | awk '
		/^Version:/ { version = $2; sub(/:/, "%3a", version) }
		/^Architecture:/ { architecture = $2 }
		END { if (version != "") print version "_" architecture ".deb" }')
	[[ -n $file ]] && printf '%s' "$1/$2_$file"
}

# debs_unpack FOLDER FILE... - unpack the packages into FOLDER.
debs_unpack() {
	local folder=$1 file
	shift
	for file; do
		dpkg-deb -x "$file" "$folder" || return
	done
}

# reference_prune ROOT [MODULE...] - leave only these modules in the trees of K2 and K3: depmod and
# the original's find take long in whole trees.
reference_prune() {
	local root kernel module keep=()
	root=$(root_path "$1")
	shift
	for module; do keep+=(! -name "$module.ko*"); done
	for kernel in $K2 $K3; do # one may be missing
		find "$root/lib/modules/$kernel/kernel" -type f "${keep[@]}" -delete &&
			find "$root/lib/modules/$kernel/kernel" -mindepth 1 -type d -empty -delete &&
			root_quiet chroot "$root" depmod "$kernel" || return
	done
}
