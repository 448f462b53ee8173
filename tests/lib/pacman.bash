# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Roots with the real pacman, a database and a repository of their own, and wrappers that count the
# calls of some programs. Source this after root.bash and check.bash.
#
#   pac_needs || return             in setup, first of all
#   pac_root a                      a root with pacman and the repository [lab]; no kernel, no dkms
#   pac_kernel a linux "$K1"        offer linux and linux-headers with that release
#   pac_module a acpi-call 2.2 1    offer acpi-call-dkms 2.2-1, a real source
#   pac_run a 'a kernel' -S linux linux-headers
#   expect_run 0                    its exit status; what it printed is in OUT
#   expect_counts builds 1 depmod 1 initramfs 0 initramfs_all 1
#
# Kernels are packaged as Arch does it, /usr/lib/modules/K/{pkgbase,vmlinuz,build/...}, with the
# headers of the layer kernels; sources are those of the layer sources. mkinitcpio and its hooks are
# stand-ins: an image is a list of modules. DKMS_TEST_PKG in the environment names the file of our
# package; without it, the package is the one in DKMS_BUILD, which `make pkg` makes if need be.

source "$DKMS_TEST_LIB/transaction.bash"

# What the last pac_run did.
RUN_RC=0

# ---- packages ----

# pac_needs - skip, and return 1, unless there is what the tests of pacman need.
pac_needs() {
	needs pacman-package-manager makepkg libarchive-tools && needs_kernels 1 2 && needs_source acpi-call
}

# Set PAC_OURS to the file of our package.
_pac_ours() {
	PAC_OURS=${DKMS_TEST_PKG:-}
	[[ -z $PAC_OURS ]] || return 0
	[[ -n ${DKMS_BUILD:-} && -e $DKMS_BUILD/Makefile ]] ||
		root_die 'set DKMS_BUILD to a finished build folder'
	(
		flock 8
		PAC_OURS=$(_pac_ours_made)
		[[ -n $PAC_OURS ]] || root_quiet make -C "$DKMS_BUILD" pkg
	) 8>"$DKMS_TEST_CACHE/lock-pkg" || root_die '"make pkg" failed'
	PAC_OURS=$(_pac_ours_made)
	[[ -n $PAC_OURS ]] || root_die '"make pkg" has left no package in dist'
}

_pac_ours_made() {
	find "$DKMS_BUILD/dist" -maxdepth 1 -name 'dkms-native-*.pkg.tar.zst' -newer "$DKMS_BUILD/dkms" \
		-newer "$DKMS_BUILD/alpmdb" 2>/dev/null | sort -V | tail -n 1
}

# pac_package ROOT NAME VERSION [LINE...] - make a package of what lies in PAC_FILES, and offer it.
# LINE goes to its .PKGINFO ("depend = x"). PAC_FILES is empty afterwards.
pac_package() {
	local root name=$2 version=$3 file
	root=$(root_path "$1")
	file=$root/opt/repo/$name-$version-any.pkg.tar
	shift 3
	printf '%s\n' "pkgname = $name" "pkgver = $version" 'pkgdesc = for a test' 'arch = any' \
		'size = 1' "$@" >"$PAC_FILES/.PKGINFO"
	(
		cd "$PAC_FILES" && export LC_ALL=C
		find . -mindepth 1 ! -path ./.PKGINFO ! -path ./.INSTALL -printf '%P\0' | sort -z >../list &&
			{ printf '.PKGINFO\0'; [[ ! -e .INSTALL ]] || printf '.INSTALL\0'; cat ../list; } >../all &&
			bsdtar -cnf - --format=mtree --null --files-from ../all \
				--options '!all,use-set,type,uid,gid,mode,time,size,md5,sha256,link' | gzip -1 >.MTREE &&
			{ printf '.MTREE\0'; cat ../all; } | bsdtar -cnf "$file" --null --files-from -
	) && root_quiet repo-add -q "$root/opt/repo/lab.db.tar.gz" "$file" || root_die "no package $name"
	rm -rf "$PAC_FILES" && mkdir -p "$PAC_FILES"
}

# pac_offer ROOT FILE - offer a package file that was made elsewhere.
pac_offer() {
	local repo
	repo=$(root_path "$1")/opt/repo
	cp "$2" "$repo/" && root_quiet repo-add -q "$repo/lab.db.tar.gz" "$repo/${2##*/}"
}

# pac_version K [PKGREL] - print the version of the kernel's packages.
pac_version() {
	printf '%s-%s' "$(tr - . <<<"${1%-*}")" "${2:-1}"
}

# pac_headers ROOT K FOLDER - copy Debian's headers to FOLDER/build. Relative links become absolute.
pac_headers() {
	local from link
	from=$(root_path "$1")/usr/src/linux-headers-$2
	mkdir -p "$3" && cp -a "$from" "$3/build" || return
	while read -r link; do
		ln -sfn "$(realpath -m -s "/usr/src/linux-headers-$2/${link%/*}/$(readlink "$from/$link")")" \
			"$3/build/$link" || return
	done < <(cd "$from" && find . -type l ! -lname '/*')
}

# pac_kernel ROOT NAME K [PKGREL] - offer NAME and NAME-headers, packaged as in Arch. They are made
# once for all tests of a run.
pac_kernel() {
	local version kept file
	version=$(pac_version "$3" "${4:-1}")
	kept=$DKMS_TEST_CACHE/live/pacman-$2-$version
	(
		flock 9
		[[ -e $kept ]] || { _pac_kernel_make "$1" "$2" "$3" "$version" && mkdir "$kept.making" &&
			cp "$(root_path "$1")/opt/repo/$2"{,-headers}"-$version-any.pkg.tar" "$kept.making/" &&
			mv "$kept.making" "$kept"; }
	) 9>"$kept.lock" || root_die "no packages of $2 $version"
	for file in "$kept"/*; do
		pac_offer "$1" "$file" || return
	done
}

_pac_kernel_make() {
	local root name=$2 k=$3 version=$4 tree from
	root=$(root_path "$1")
	tree=$PAC_FILES/usr/lib/modules/$k
	from=$root/opt/kernels/$k
	mkdir -p "$tree/kernel" && echo "$name" >"$tree/pkgbase" && echo "kernel $version $k" >"$tree/vmlinuz" &&
		cp "$from"/modules.{order,builtin,builtin.modinfo} "$tree/" || return
	(cd "$from" && find kernel \( -name 'videodev.ko*' -o -name 'mc.ko*' \) -exec cp --parents {} "$tree" \;)
	pac_package "$1" "$name" "$version"
	pac_headers "$1" "$k" "$PAC_FILES/usr/lib/modules/$k" || return
	pac_package "$1" "$name-headers" "$version"
}

# pac_module ROOT NAME VERSION PKGREL [SED] - offer NAME-dkms with the real source of the layer,
# under this version. SED is a script of sed that changes its C files.
pac_module() {
	local root name=$2 version=$3 from to=$PAC_FILES/usr/src/$2-$3
	root=$(root_path "$1")
	from=$(compgen -G "$root/opt/sources/$name-[0-9]*") && mkdir -p "$PAC_FILES/usr/src" &&
		cp -a "$from" "$to" &&
		sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$version\"/" "$to/dkms.conf" || return
	[[ -z ${5:-} ]] || sed -i -e "$5" "$to"/*.c || return
	pac_package "$1" "$name-dkms" "$version-$4" 'depend = dkms'
}

# pac_mini ROOT NAME VERSION PKGREL [LINE...] - offer NAME-dkms with the source of mini_source. LINE
# goes to its conf.
pac_mini() {
	local root=$1 name=$2 version=$3 pkgrel=$4
	shift 4
	mini_source "$root" "$name" "$version" && conf_line "$root" "$name" "$version" "$@" &&
		mkdir -p "$PAC_FILES/usr/src" &&
		mv "$(root_path "$root")/usr/src/$name-$version" "$PAC_FILES/usr/src/" || return
	pac_package "$root" "$name-dkms" "$version-$pkgrel" 'depend = dkms'
}

# Offer a stand-in for mkinitcpio, with the two hooks by which Arch calls it. Before a transaction,
# one hook removes image, preset and kernel copy of each kernel whose vmlinuz goes, even if another
# release of that kernel comes. After it, the other hook makes them for each vmlinuz that came, and
# makes all images if a module source came or went.
_pac_mkinitcpio() {
	local hooks=$PAC_FILES/usr/share/libalpm
	mkdir -p "$hooks"/{hooks,scripts} "$PAC_FILES"/{etc,opt/real,usr/bin} || return
	cat >"$hooks/hooks/60-mkinitcpio-remove.hook" <<-'EOT'
		[Trigger]
		Type = Package
		Operation = Remove
		Target = mkinitcpio

		[Trigger]
		Type = Path
		Operation = Remove
		Target = usr/lib/modules/*/vmlinuz

		[Action]
		Description = Removing linux initcpios...
		When = PreTransaction
		Exec = /usr/share/libalpm/scripts/mkinitcpio remove
		NeedsTargets
	EOT
	cat >"$hooks/hooks/90-mkinitcpio-install.hook" <<-'EOT'
		[Trigger]
		Type = Path
		Operation = Install
		Operation = Upgrade
		Target = usr/lib/modules/*/vmlinuz

		[Trigger]
		Type = Path
		Operation = Install
		Operation = Upgrade
		Operation = Remove
		Target = usr/lib/initcpio/*
		Target = usr/lib/firmware/*
		Target = usr/src/*/dkms.conf

		[Action]
		Description = Updating linux initcpios...
		When = PostTransaction
		Exec = /usr/share/libalpm/scripts/mkinitcpio install
		NeedsTargets
	EOT
	cat >"$hooks/scripts/mkinitcpio" <<-'EOT'
		#!/bin/bash
		# A target is the vmlinuz of a kernel, whose package pkgbase names, or stands for
		# all presets.
		shopt -s nullglob
		presets=() all=
		while read -r path; do
			[[ $path == */vmlinuz ]] || { all=yes; continue; }
			read -r pkgbase 2>/dev/null <"/${path%vmlinuz}pkgbase" || continue
			if [[ $1 == remove ]]; then
				rm -f "/boot/vmlinuz-$pkgbase" "/boot/initramfs-$pkgbase.img" "/etc/mkinitcpio.d/$pkgbase.preset"
				continue
			fi
			mkdir -p /boot /etc/mkinitcpio.d && cp "/$path" "/boot/vmlinuz-$pkgbase"
			printf '%s\n' "ALL_kver=\"/boot/vmlinuz-$pkgbase\"" "PRESETS=('default')" \
				"default_image=\"/boot/initramfs-$pkgbase.img\"" >"/etc/mkinitcpio.d/$pkgbase.preset"
			presets+=("/etc/mkinitcpio.d/$pkgbase.preset")
		done
		[[ -z $all ]] || presets=(/etc/mkinitcpio.d/*.preset)
		for preset in "${presets[@]}"; do
			preset=${preset##*/} preset=${preset%.preset}
			if [[ $1 == remove ]]; then
				rm "/etc/mkinitcpio.d/$preset.preset"
			else
				mkinitcpio -p "$preset"
			fi
		done
	EOT
	cat >"$PAC_FILES/opt/real/mkinitcpio" <<-'EOT'
		#!/bin/bash
		# mkinitcpio -p PRESET: the image is a list of those modules of MODULES that
		# modules.dep of the kernel knows, each with its checksum. The preset's copy of the
		# kernel says which release it is.
		. "/etc/mkinitcpio.d/$2.preset" && . /etc/mkinitcpio.conf && read -r _ _ release <"$ALL_kver" || exit
		[[ -e /usr/lib/modules/$release ]] || { echo "no modules of $release" >&2; exit 1; }
		for module in "${MODULES[@]}"; do
			file=$(modinfo -k "$release" -F filename "$module" 2>/dev/null) && sha256sum "$file"
		done >"$default_image"
	EOT
	printf '#!/bin/sh\nsed "s,^[^ ]* *,," "$1"\n' >"$PAC_FILES/usr/bin/lsinitcpio"
	printf 'MODULES=()\n' >"$PAC_FILES/etc/mkinitcpio.conf"
	chmod 755 "$hooks/scripts/mkinitcpio" "$PAC_FILES/opt/real/mkinitcpio" "$PAC_FILES/usr/bin/lsinitcpio"
	cp "$DKMS_TEST_LIB/counted" "$PAC_FILES/usr/bin/mkinitcpio"
	pac_package "$1" mkinitcpio 1-1 'backup = etc/mkinitcpio.conf'
}

# Offer a package that provides what our package depends on, and what Debian has in the root.
_pac_system() {
	pac_package "$1" system 1-1 'provides = '{bash,binutils,coreutils,gcc,glibc,gzip,json-c,kmod} \
		'provides = '{libarchive,make,openssl,pacman,patch,xz,zstd}
}

# ---- roots ----

# pac_root NAME - make a root that has mkinitcpio and our package on offer. The functions above
# offer more.
pac_root() {
	local root
	root_new "$1" kernels sources
	root=$(root_path "$1")
	PAC_FILES=$CHECK_DIR/package/files
	mkdir -p "$PAC_FILES" "$root"/opt/{kernels,sources,real,repo} "$root/var/log" || return
	_pac_furnish "$root" && _pac_mkinitcpio "$1" && _pac_system "$1" ||
		root_die "the root $1 cannot be furnished"
	_pac_ours
	pac_offer "$1" "$PAC_OURS"
	: >"$root/var/log/calls"
}

_pac_furnish() {
	local root=$1 file
	mv "$root"/lib/modules/* "$root/opt/kernels/" && rm -f "$root"/opt/kernels/*/build "$root"/boot/vmlinuz-* &&
		find "$root/usr/src" -mindepth 1 -maxdepth 1 ! -name 'linux-*' -exec mv {} "$root/opt/sources/" \; ||
		return
	rm -rf "$root/var/lib/pacman" "$root/var/cache/pacman" "$root"/usr/{s,}bin/{update-initramfs,mkinitramfs} &&
		mkdir -p "$root"/var/{lib,cache}/pacman || return
	printf '%s\n' '[options]' 'Architecture = auto' 'SigLevel = Never' '[lab]' \
		'Server = file:///opt/repo' >"$root/etc/pacman.conf"
	for file in depmod make; do
		_pac_count_program "$root" "$file" || return
	done
	count_make "$root"
}

# Move the program to /opt/real and put a wrapper in its place. The program keeps its name: if it is
# a link to kmod, kmod goes by that name.
_pac_count_program() {
	local root=$1 name=$2 path
	path=$(chroot "$root" sh -c "command -v $name") &&
		mv "$root$path" "$root/opt/real/$name" && cp "$DKMS_TEST_LIB/counted" "$root$path"
}

# ---- runs ----

# pac NAME ARGUMENTS... - run pacman, which asks no questions.
pac() {
	local name=$1
	shift
	in_root "$name" pacman --noconfirm --noprogressbar "$@" </dev/null
}

# pac_run NAME TITLE ARGUMENTS... - run pacman, and print one line with the counted calls. Sets
# RUN_*; what pacman printed is in OUT. The drivers of PAC_WATCH ("K:MODULE ...") are watched
# meanwhile.
pac_run() {
	local name=$1 title=$2
	shift 2
	watched_run "$name" "${PAC_WATCH:-}" pac "$name" "$@"
	_pac_count
	tell_run "$title" "builds $RUN_BUILDS, depmod $RUN_DEPMOD, initramfs $RUN_INITRAMFS (all $RUN_INITRAMFS_ALL)"
}

# The fields of a call are program, "dkms" if dkms called it, folder and arguments.
_pac_count() {
	local calls=$CHECK_DIR/calls
	awk -F '\t' '$1 == "make" && $2 == "dkms" && $4 !~ /(^| )(clean|-f -|-n|--version)( |$)/ {
		gsub(/ ?-j ?[0-9]*/, "", $4); print $3, $4 }' "$calls" >"$CHECK_DIR/builds"
	awk -F '\t' '$1 == "depmod" && $2 == "dkms" { print $4 }' "$calls" >"$CHECK_DIR/depmod"
	awk -F '\t' '$1 == "mkinitcpio" { print $4 }' "$calls" >"$CHECK_DIR/initramfs_all"
	awk -F '\t' '$1 == "mkinitcpio" && $2 == "dkms" { print $4 }' "$calls" >"$CHECK_DIR/initramfs"
	RUN_BUILDS=$(grep -c . "$CHECK_DIR/builds")
	RUN_DEPMOD=$(grep -c . "$CHECK_DIR/depmod")
	RUN_INITRAMFS=$(grep -c . "$CHECK_DIR/initramfs")
	RUN_INITRAMFS_ALL=$(grep -c . "$CHECK_DIR/initramfs_all")
}

# ---- checks ----

# expect_counts NAME N... - NAME is builds, depmod, initramfs (by dkms) or initramfs_all. Checks,
# too, what must hold after each run: at most one depmod by dkms and one initramfs, by dkms or the
# hook, for each kernel, nothing built twice, and no driver away at any moment.
expect_counts() {
	local name has what twice
	while (($# > 1)); do
		name=RUN_${1^^}
		has=${!name}
		[[ $has == "$2" ]] && ok || { fail "$1: $has, not $2"; _check_show calls "$CHECK_DIR/calls"; _check_show said "$OUT"; }
		shift 2
	done
	for what in depmod initramfs_all builds; do
		twice=$(sort "$CHECK_DIR/$what" | uniq -d)
		[[ -z $twice ]] && ok || fail "$what more than once for: $twice"
	done
	expect_gapless
}

# expect_image NAME PRESET K MODULE - the preset's initramfs has the module as the loader of K finds
# it now.
expect_image() {
	local root file
	root=$(root_path "$1")
	file=$(in_root "$1" modinfo -k "$3" -F filename "$4" 2>/dev/null) &&
		grep -qxF "$(in_root "$1" sha256sum "$file")" "$root/boot/initramfs-$2.img" && ok ||
		fail "$4 of $3 is not in the initramfs of $2: $(cat "$root/boot/initramfs-$2.img" 2>&1)"
}

# expect_verified NAME - pacman -Qkk finds nothing altered except what a person has edited.
expect_verified() {
	in_root "$1" pacman -Qkk 2>&1 | grep -vE ' 0 altered files$|^backup file: ' >"$CHECK_DIR/verify"
	expect_empty "$CHECK_DIR/verify"
}

# pac_state NAME - print kernels, sources, our tree and /etc, to compare, without what may differ:
# what depmod makes, the key, and what pacman's own hooks leave.
pac_state() {
	machine_state "$1"
	(cd "$(root_path "$1")" && find etc -path etc/mkinitcpio.d -prune -o ! -type f -printf '%y %m %u:%g /%p %l\n' \
		-o -type f -printf '%y %m %u:%g /%p ' -exec sha256sum {} \; | sed 's/ [ *]*etc[^ ]*$//' |
		without_user | sort)
}
