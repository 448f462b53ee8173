# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the tests of apt install: a pool of packages and two layers. apt.bash sources it.
#
#   needs_pool bbswitch-dkms || return    in setup or in a case: skip if apt cannot fetch it
#   pool_version bbswitch-dkms            the version of the package
#   pool_source bbswitch [newer]          the version of the module, or of the newer one made here
#   pool_file bbswitch-dkms               where the package lies in a root
#
# Real, as Debian has them: linux-headers-K and -common of K1 and K2, linux-image-K2,
# acpi-call-dkms, bbswitch-dkms, v4l2loopback-dkms, dkms. Made here:
#
#   linux-image-K1, -K2 ...+small1  the maintainer scripts, relations and /boot of the real package,
#                                   with two of its modules, and a vmlinuz that is no kernel
#   linux-image-K2 ...+ubuntu1      the same, but postinst.d runs in a trigger, as in Ubuntu
#   linux-headers-K2 ...+again1     the real files in a newer version of the package
#   acpi-call-dkms, bbswitch-dkms, v4l2loopback-dkms
#                                   the real packages with the next version number
#   broken-dkms, beside-dkms, eager-dkms, plain-dkms   one small module each, see _pool_own
#   unrelated                       a package with only a file in /usr/share
#
# The pool is kept in DKMS_TEST_CACHE/pool-KEY; the stanza of each package is a file there. If a
# package cannot be fetched, the pool serves for this run only, and cases that need the package are
# skipped. The two layers are kept as those of layers.bash are. The layer apt has what kernels and
# modules depend on, and counting wrappers. The layer apt-kernels, which lies over it, has headers
# and small images of K1 and K2 installed.
#
# All this comes from the world's own Debian. With APT_SUITE=trixie, trixie.bash replaces the
# functions under "the suite".

# shellcheck source=tests/lib/reference.bash
source "$DKMS_TEST_LIB/reference.bash"

POOL_MODULES=(acpi-call-dkms bbswitch-dkms v4l2loopback-dkms)
POOL_TOOLS=(linux-base initramfs-tools lsb-release cpio)

# ---- the suite ----

# Sets K1 and K2.
_pool_kernels() {
	local tools
	_layer_choose
	# What the headers depend on, except other headers and images.
	mapfile -t tools < <(_pool_cache depends --no-recommends --no-suggests "linux-headers-$K1" "linux-headers-$K2" |
		sed -n 's/^ *Depends: \(linux-[a-z].*\)/\1/p' | grep -v -- '-headers-\|-image-' | sort -u)
	POOL_TOOLS+=("${tools[@]}")
}

# Make what lies under the layers. Sets POOL_LOWER to its layers, and POOL_BASE to its folder or to
# a name with its key.
_pool_base() {
	# shellcheck disable=SC2016 # dpkg-query's own
	POOL_BASE=world-$({ dpkg-query -W -f '${Package} ${Version}\n'; echo "$WORLD_WAY"; } | sha256sum | cut -c 1-16)
	POOL_LOWER=()
}

_pool_cache() {
	apt-cache "$@"
}

# _pool_lists ROOT - give apt in ROOT the package lists of the suite. The world's are there already.
_pool_lists() {
	:
}

# _pool_versions AT - make packages in other versions, in the pool AT.
_pool_versions() {
	local at=$1 package
	_pool_ubuntu "$at" && _pool_again "$at" && rm "$(_pool_file "$at" "linux-image-$K1")" || return
	for package in "${POOL_MODULES[@]}"; do
		[[ -z $(_pool_file "$at" "$package") ]] || _pool_bump "$at" "${package%-dkms}" || return
	done
}

# _pool_image_too TREE K VERSION - add what else the small image of K in TREE provides.
_pool_image_too() {
	:
}

# ---- the pool and the layers ----

_pool_real() {
	printf '%s\n' "linux-headers-"{"$K1","$K2","${K1%-amd64}-common","${K2%-amd64}-common"} \
		"linux-image-"{"$K1","$K2"} "${POOL_MODULES[@]}" dkms
}

_pool_key() {
	{
		mapfile -t < <(_pool_real)
		_pool_cache --no-all-versions show "${MAPFILE[@]}" 2>/dev/null | grep -E '^(Package|Version):'
		printf '%s\n' "${POOL_TOOLS[@]}"
		declare -f _pool_versions _pool_image_too
		cat "$DKMS_TEST_LIB/aptpool.bash" "$DKMS_TEST_LIB/counted"
	} | sha256sum | cut -c 1-16
}

# needs_pool [PACKAGE...] - make the pool if need be; skip if it cannot be made or lacks one of
# these packages. Used as "needs" of test.bash.
needs_pool() {
	local package
	[[ -n ${POOL:-} ]] || pool_need || { skip "$POOL_WHY"; return 1; }
	for package; do
		[[ -n $(_pool_stanza "$package") ]] || { skip "apt has no $package"; return 1; }
	done
}

# pool_need - make the pool and the layers if need be. Sets POOL, and POOL_LOWER to the layers
# apt-kernels, apt and those of _pool_base, topmost first. If there are no kernels, this fails, and
# POOL_WHY says why.
pool_need() {
	local key name dir rc=0
	_pool_base && _pool_kernels || return
	key=$(_pool_key)
	exec 7>"$DKMS_TEST_CACHE/lock-pool" && flock 7
	_pool_get "$key" || rc=$?
	for name in apt apt-kernels; do
		[[ $rc == 0 ]] || break
		dir=$DKMS_TEST_CACHE/live/$name-$key-${POOL_BASE##*-}
		[[ -e $dir/stamp ]] || _pool_layer "$name" "$dir" || root_die "the layer $name cannot be made"
		POOL_LOWER=("$dir/upper" "${POOL_LOWER[@]}")
	done
	exec 7>&-
	return "$rc"
}

# Sets POOL to the complete pool, which is kept, or to the incomplete one of this run.
_pool_get() {
	local making=$DKMS_TEST_CACHE/pool-$1.making.$WORLD_TOKEN
	for POOL in "$DKMS_TEST_CACHE"/{,live/}"pool-$1"; do
		[[ ! -e $POOL/stamp ]] || { touch "$POOL"; return; }
	done
	POOL=
	rm -rf "$making" && mkdir -p "$making/pool" && printf 'making the pool of packages\n' || root_die 'no place for the pool'
	_pool_fetch "$making" || { rm -rf "$making"; return 1; }
	_pool_make "$making/pool" && touch "$making/stamp" || root_die 'the pool of packages cannot be made'
	find "$DKMS_TEST_CACHE" -maxdepth 1 -name 'pool-*' -mtime +3 -exec rm -rf {} +
	POOL=$DKMS_TEST_CACHE/pool-$1
	[[ ! -s $making/missing ]] || POOL=$DKMS_TEST_CACHE/live/pool-$1
	rm -rf "$POOL" && mv "$making" "$POOL" || root_die 'the pool of packages cannot be kept'
}

# _pool_fetch FOLDER - fetch the packages to FOLDER/pool. FOLDER/missing names those that cannot be
# fetched. Fails if a kernel is among them.
_pool_fetch() {
	local making=$1 file name
	: >"$making/missing"
	mapfile -t < <(_pool_real)
	debs_need "${MAPFILE[@]}" || _pool_fetch_each "$making" "${MAPFILE[@]}"
	if grep -q '^linux-' "$making/missing"; then
		POOL_WHY="apt cannot fetch $(grep '^linux-' "$making/missing" | paste -s -d ' ')"
		return 1
	fi
	for file in "${DEBS[@]}"; do # the copies have names without the epoch
		name=${file##*/}
		[[ $name != *%3a* ]] || name=${name%%_*}_${name#*%3a}
		cp "$file" "$making/pool/$name" || return
	done
}

_pool_fetch_each() {
	local making=$1 name have=()
	shift
	for name; do
		if debs_need "$name"; then
			have+=("${DEBS[@]}")
		else
			printf '%s\n' "$name" >>"$making/missing"
		fi
	done
	DEBS=("${have[@]}")
}

# Make a layer of these tests as _layer_get does, but over the layers in POOL_LOWER.
_pool_layer() {
	local name=$1 dir=$2 tar=$DKMS_TEST_CACHE/${2##*/}.tar.zst start=$SECONDS
	rm -rf "$dir" "$dir.making" && mkdir -p "$dir.making/upper" || return
	if [[ ! -e $tar ]] || ! _layer_unpack "$dir.making" "$tar"; then
		rm -rf "$dir.making" && mkdir -p "$dir.making/upper" &&
			_layer_mounted "$dir.making" "_pool_layer_${name/-/_}" "${POOL_LOWER[@]}" &&
			_layer_pack "$dir.making" "$tar" || return
		printf 'made the layer %s in %d s\n' "$name" $((SECONDS - start))
	fi
	touch "$dir.making/stamp" && mv "$dir.making" "$dir"
}

_pool_layer_apt() {
	local root=$1
	_pool_lists "$root" && _layer_apt "$root" install "${POOL_TOOLS[@]}" &&
		_layer_apt "$root" clean || return
	rm -rf "$root"/etc/apt/sources.list{,.d/*} "$root"/var/lib/apt/lists/* \
		"$root"/var/cache/apt/*.bin "$root"/etc/apt/apt.conf.d/*periodic*
	mkdir -p "$root"/opt/{repo/pool,real}
	echo 'deb [trusted=yes] file:/opt/repo ./' >"$root/etc/apt/sources.list"
	echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/tests"
	cat >"$root/etc/apt/apt.conf.d/tests" <<-'EOT'
		APT::Sandbox::User "root";
		APT::Install-Recommends "false";
		Acquire::Languages "none";
		Dpkg::Use-Pty "false";
		APT::Get::Assume-Yes "true";
	EOT
	_pool_wrap "$root"
}

# Wrap the programs whose calls are counted. Those that come with a package later are diverted, so
# that the wrapper stays.
_pool_wrap() {
	local root=$1 file
	install -m 755 "$DKMS_TEST_LIB/counted" "$root/opt/counted" || return
	for file in /usr/sbin/{depmod,mkinitramfs,update-initramfs} /usr/bin/make; do
		if [[ -L $root$file ]]; then
			ln -s "$(chroot "$root" readlink -f "$file")" "$root/opt/real/${file##*/}" &&
				rm "$root$file" || return
		fi
		[[ ! -e $root$file ]] || mv "$root$file" "$root/opt/real/" || return
		cp "$root/opt/counted" "$root$file" || return
	done
	cat >"$root/opt/mkinitramfs" <<-'EOT' && chmod 755 "$root/opt/mkinitramfs" || return
		#!/bin/sh -e
		# In place of mkinitramfs -o IMAGE KERNEL: an image with all modules of the kernel.
		[ "$1" != --version ] || exec /opt/real/mkinitramfs --version
		while [ $# -gt 1 ]; do
			[ "$1" != -o ] || out=$2
			shift
		done
		cd /
		find "lib/modules/$1" -name '*.ko*' | cpio --quiet -o -H newc | gzip -1 >"$out"
	EOT
	for file in /usr/sbin/dkms /usr/lib/dkms/dpkgdb; do
		root_quiet chroot "$root" dpkg-divert --quiet --local --no-rename \
			--divert "/opt/real/${file##*/}" --add "$file" || return
	done
	: >"$root/var/log/calls"
}

_pool_layer_apt_kernels() {
	local root=$1 rc=0 k files=()
	for k in "$K1" "$K2"; do
		files+=("$(_pool_file "$POOL/pool" "linux-headers-$k")" "$(_pool_file "$POOL/pool" "linux-headers-${k%-amd64}-common")"
			"$POOL/pool/linux-image-${k}_"*+small1_*.deb)
	done
	mount --bind "$POOL/pool" "$root/opt/repo/pool" || return
	root_quiet chroot "$root" dpkg -i "${files[@]/#"$POOL/pool"//opt/repo/pool}" || rc=$?
	umount "$root/opt/repo/pool"
	: >"$root/var/log/calls"
	return "$rc"
}

# ---- the packages ----

_pool_make() {
	local at=$1
	_pool_image "$at" "$K1" && _pool_image "$at" "$K2" && _pool_versions "$at" &&
		_pool_own "$at" && _pool_stanzas "${at%/*}"
}

# Write each stanza of Packages to a file that has the name of the package file without ".deb".
_pool_stanzas() {
	local at=$1
	mkdir -p "$at/stanza" && cd "$at" && (set -o pipefail
	dpkg-scanpackages -m pool 2>"$at/scan.log" |
		awk -v RS= -v ORS='\n\n' '{
			match($0, /\nFilename: pool\/[^\n]*\.deb/)
			file = substr($0, RSTART + 16, RLENGTH - 20)
			print >("stanza/" file)
			close("stanza/" file) }')
}

# _pool_file AT PACKAGE - print the package's file in the pool AT: the one that Debian made.
_pool_file() {
	find "$1" -name "$2_*.deb" ! -name '*+small1_*' ! -name '*+again1_*' ! -name '*+ubuntu1_*' | sort -V | head -n 1
}

_pool_open() {
	rm -rf "$1/tree" && dpkg-deb -R "$2" "$1/tree"
}

_pool_close() {
	local at=$1
	(cd "$at/tree" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' |
		xargs -0r md5sum >DEBIAN/md5sums) &&
		dpkg-deb --root-owner-group -Znone -b "$at/tree" "$at" >/dev/null && rm -rf "$at/tree"
}

_pool_version() {
	sed -i "s/^Version: .*/Version: $2/" "$1/tree/DEBIAN/control"
}

# _pool_source FILE - print the version of the module in the package file.
_pool_source() {
	dpkg-deb --fsys-tarfile "$1" | tar -t | sed -n 's|^\./usr/src/[a-z0-9-]*-\([0-9][^/]*\)/$|\1|p' | head -n 1
}

# _pool_next VERSION - print the version number that follows.
_pool_next() {
	[[ $1 =~ ^(.*[^0-9])?([0-9]+)$ ]] && printf '%s%d' "${BASH_REMATCH[1]}" $((10#${BASH_REMATCH[2]} + 1)) || printf '%s.1' "$1"
}

# _pool_image AT K - make the small image of K. Two modules stay: loop, and dummy, because
# beside-dkms has a module of that name.
_pool_image() {
	local at=$1 k=$2 file version kernel
	file=$(_pool_file "$at" "linux-image-$k")
	version=$(dpkg-deb -f "$file" Version)
	_pool_open "$at" "$file" || return
	kernel=$(find "$at/tree" -type d -path "*/lib/modules/$k/kernel")
	find "$kernel" -type f ! -name 'dummy.ko*' ! -name 'loop.ko*' -delete &&
		find "$kernel" -mindepth 1 -type d -empty -delete &&
		echo "no kernel, only its name" >"$at/tree/boot/vmlinuz-$k" &&
		_pool_version "$at" "$version+small1" && _pool_image_too "$at/tree" "$k" "$version" &&
		_pool_close "$at"
}

_pool_ubuntu() {
	local at=$1 k=$K2 file
	file=$(find "$at" -name "linux-image-${k}_*+small1_amd64.deb")
	_pool_open "$at" "$file" || return
	cat >"$at/tree/DEBIAN/postinst" <<-EOT
		#!/bin/sh -e
		# The kernel's hooks run in the trigger, after everything is configured.
		k=$k later=/usr/lib/linux/triggers/$k
		case \$1 in
		triggered)
			[ ! -f \$later ] || { sh \$later; rm \$later; }
			;;
		configure)
			depmod \$k
			rm -f /lib/modules/\$k/.fresh-install
			mkdir -p \${later%/*}
			echo "DEB_MAINT_PARAMS='\$*' run-parts --report --exit-on-error --arg=\$k" \\
				"--arg=/boot/vmlinuz-\$k /etc/kernel/postinst.d" >\$later
			dpkg-trigger --by-package=linux-image-\$k linux-update-\$k
			;;
		esac
	EOT
	echo "interest linux-update-$k" >"$at/tree/DEBIAN/triggers" &&
		_pool_version "$at" "$(dpkg-deb -f "$file" Version | sed s/small1/ubuntu1/)" &&
		_pool_close "$at"
}

_pool_again() {
	local at=$1 file
	file=$(_pool_file "$at" "linux-headers-$K2")
	_pool_open "$at" "$file" && _pool_version "$at" "$(dpkg-deb -f "$file" Version)+again1" &&
		_pool_close "$at"
}

_pool_bump() {
	local at=$1 name=$2 file old new epoch=
	file=$(_pool_file "$at" "$name-dkms")
	old=$(_pool_source "$file")
	new=$(_pool_next "$old")
	[[ $(dpkg-deb -f "$file" Version) =~ ^[0-9]+: ]] && epoch=${BASH_REMATCH[0]}
	_pool_open "$at" "$file" || return
	mv "$at/tree/usr/src/$name-$old" "$at/tree/usr/src/$name-$new" &&
		sed -i "s/${old//./\\.}/$new/g" "$at/tree/usr/src/$name-$new/dkms.conf" \
			"$at/tree/DEBIAN/"{postinst,prerm} &&
		_pool_version "$at" "$epoch$new-1" && _pool_close "$at" &&
		printf '%s %s %s\n' "$name" "$old" "$new" >>"$at/../versions"
}

# _pool_module AT NAME VERSION [MODULE [C...]] - make the files of a package as dh_dkms makes it,
# for a module that does nothing. Lines of C are added to its source.
_pool_module() {
	local at=$1 name=$2 version=$3 module=${4:-$2} src=$1/tree/usr/src/$2-$3 real was
	for real in "${POOL_MODULES[@]}"; do
		was=$(_pool_file "$at" "$real")
		[[ -z $was ]] || break
	done
	_pool_open "$at" "$was" && was=$(_pool_source "$was") && rm -rf "$at/tree/usr" && mkdir -p "$src" || return
	sed -i "s/${real%-dkms}/$name/g; s/${was//./\\.}/$version/g" "$at/tree/DEBIAN/"{postinst,prerm,control} &&
		sed -i 's/^Architecture: .*/Architecture: all/; /^Provides:/d' "$at/tree/DEBIAN/control" &&
		_pool_version "$at" "$version-1" || return
	printf '%s\n' '#include <linux/module.h>' 'static int __init mini_init(void) { return 0; }' \
		'module_init(mini_init);' 'MODULE_LICENSE("GPL");' "MODULE_VERSION(\"$version\");" \
		"${@:5}" >"$src/$module.c"
	echo "obj-m := $module.o" >"$src/Makefile"
	printf '%s\n' "PACKAGE_NAME=$name" "PACKAGE_VERSION=$version" "BUILT_MODULE_NAME=$module" \
		'DEST_MODULE_LOCATION=/updates/dkms' AUTOINSTALL=yes >"$src/dkms.conf"
}

# Make our own packages:
#   broken    1.0 does not compile, 1.1 does
#   beside    its module has the name of one of the kernel's
#   eager     its prerm calls dkms remove, its postinst dkms add, build and install
#   plain     a source and a Depends, but no maintainer script
#   unrelated
_pool_own() {
	local at=$1 version
	compgen -G "$at/*-dkms_*.deb" >/dev/null || return 0
	_pool_module "$at" broken 1.0 broken 'int f(void) { return nothing; }' && _pool_close "$at" &&
		_pool_module "$at" broken 1.1 && _pool_close "$at" &&
		_pool_module "$at" beside 1.0 dummy && _pool_close "$at" || return
	for version in 1.0 1.1; do
		_pool_module "$at" eager $version && _pool_eager "$at" $version && _pool_close "$at" &&
			_pool_module "$at" plain $version && rm "$at/tree/DEBIAN/"{postinst,prerm} &&
			_pool_close "$at" || return
	done
	_pool_module "$at" unrelated 1.0 && rm -rf "$at/tree/usr/src" "$at/tree/DEBIAN/"{postinst,prerm} &&
		mkdir -p "$at/tree/usr/share/unrelated" && echo >"$at/tree/usr/share/unrelated/file" &&
		sed -i 's/^Package: .*/Package: unrelated/; /^Depends:/d' "$at/tree/DEBIAN/control" &&
		_pool_close "$at"
}

_pool_eager() {
	cat >"$1/tree/DEBIAN/prerm" <<-EOT
		#!/bin/sh -e
		dkms remove -m eager -v $2 --all
	EOT
	cat >"$1/tree/DEBIAN/postinst" <<-EOT
		#!/bin/sh -e
		[ "\$1" = configure ] || exit 0
		dkms add -m eager -v $2
		for k in \$(ls /lib/modules); do
			[ -e /lib/modules/\$k/build/include ] || continue
			dkms build -m eager -v $2 -k \$k
			dkms install -m eager -v $2 -k \$k
		done
	EOT
}
