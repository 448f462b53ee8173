# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Roots with the real rpm and dnf of Debian, and packages made here. Source this after root.bash and
# check.bash.
#
#   rpm_needs dnf || return         in setup, first of all
#   rpm_root a                      a root with its own, empty rpm database
#   rpm_source acpi-call 2.3 2      make acpi-call-dkms-2.3-2, "$POOL/acpi-call-dkms-2.3-2.rpm"
#   rpm_run a 'a source' rpm -i ...
#   expect_run 0; expect_counts builds 1 depmod 1
#
# If RPM_SUITE is trixie or sid before this is sourced, the roots have the rpm of that Debian
# (rpmsuite.bash).
#
# POOL is a folder with the kernels of the layer (rpmlayer.bash), our own packages (dkms-native,
# rpm-plugin-dkms, dkms-native-triggers), "world", which provides what Debian has, and "unrelated".
# In a root it is /opt/pool. The files in it are called NAME-VERSION-RELEASE.rpm.

source "$DKMS_TEST_LIB/transaction.bash"
source "$DKMS_TEST_LIB/rpmlayer.bash"

RPM_FORCE=(--force-debian)
# shellcheck source=tests/lib/rpmsuite.bash
[[ -z ${RPM_SUITE:-} ]] || source "$DKMS_TEST_LIB/rpmsuite.bash"

# Sets K1, K2, R1, R2 (their packages' VERSION-RELEASE), RPM_LOWER and POOL.
_rpm_need() {
	[[ -z ${POOL:-} ]] || return 0
	_layer_choose
	RPM_LOWER=("$DKMS_TEST_CACHE/live/rpm-$(_rpm_key)/upper")
	(flock 9 && _rpm_layer "${RPM_LOWER[0]%/upper}") 9>"$DKMS_TEST_CACHE/lock-rpm" ||
		root_die 'the layer rpm cannot be made'
	RPM_ROOT_LOWER=("${RPM_LOWER[@]}")
	[[ -z ${RPM_SUITE:-} ]] || suite_need || return
	# shellcheck disable=SC2034 # for the tests
	R1=$(rpm_release "$K1")
	# shellcheck disable=SC2034
	R2=$(rpm_release "$K2")
	POOL=$CHECK_DIR/pool
	mkdir "$POOL" && cp -l "${RPM_LOWER[0]}"/opt/rpms/*.rpm "$POOL/" 2>/dev/null ||
		cp "${RPM_LOWER[0]}"/opt/rpms/*.rpm "$POOL/" || root_die 'no room for packages'
	_rpm_own || root_die 'our packages cannot be made'
}

# rpm_needs [TOOL...] - skip, and return 1, unless there is what the tests of rpm need, and these
# programs.
rpm_needs() {
	local tool
	needs rpm && needs_kernels 1 2 && needs_source "${RPM_SOURCES[@]}" || return
	[[ -z ${RPM_SUITE:-} ]] || { needs_full && needs mmdebstrap; } || return
	_rpm_need || { skip "Debian $RPM_SUITE cannot be made here"; return 1; }
	for tool; do
		[[ -e ${ROOT_BOTTOM:-}/usr/bin/$tool || -e ${RPM_LOWER[0]}/usr/bin/$tool ]] ||
			{ skip "apt has no $tool"; return 1; }
	done
}

# Put our packages into the pool, and those that provide what they and others require. They are made
# once for all tests of a run.
_rpm_own() {
	local spec=$DKMS_BUILD/packaging/rpm/dkms-native.spec kept=$DKMS_TEST_CACHE/live/rpm-own${RPM_SUITE:-}
	[[ -n ${DKMS_BUILD:-} && -e $DKMS_BUILD/Makefile ]] ||
		root_die 'set DKMS_BUILD to a finished build folder'
	(
		flock 9
		[[ -e $kept ]] || { rm -rf "$kept.making" && mkdir "$kept.making" && _rpm_own_make "$spec" "$kept.making" &&
			mv "$kept.making" "$kept"; }
	) 9>"$kept.lock" || return
	OWN=$(sed -n 's/^Version: *//p' "$spec")-1
	cp "$kept"/*.rpm "$POOL/"
}

# _rpm_own_make SPEC FOLDER - make them there. Our packages are made from the finished build folder,
# or taken from the folder DKMS_TEST_RPMS. With DKMS_TEST_FULL, "make rpm" compiles them.
_rpm_own_make() {
	local spec=$1 to=$2 top=$CHECK_DIR/top from=${DKMS_TEST_RPMS:-} file
	_rpm_alone root_quiet make -s -C "$DKMS_BUILD" packaging/rpm/dkms-native.spec || return
	if [[ -n ${DKMS_TEST_FULL:-} && -z $from && -z ${RPM_SUITE:-} ]]; then
		rm -rf "$DKMS_BUILD/dist"/*.rpm && _rpm_alone root_quiet make -C "$DKMS_BUILD" rpm || return
		from=$DKMS_BUILD/dist
	fi
	if [[ -n $from ]]; then
		for file in "$from"/*.rpm; do
			cp "$file" "$to/$(rpm -qp --qf '%{NAME}-%{VERSION}-%{RELEASE}' "$file").rpm" || return
		done
	elif [[ -n ${RPM_SUITE:-} ]]; then
		suite_own "$to" || return
	else
		_rpm_alone _rpm_build "$top" "$spec" "dkms_build=$DKMS_BUILD" || return
	fi
	printf 'Provides: %s\n' /bin/sh bash >"$CHECK_DIR/provides"
	[[ ! -d $top/RPMS ]] || mv "$top"/RPMS/*.rpm "$to/"
	rpm -qpR "$to"/{dkms-native,rpm-plugin}*.rpm "$POOL"/kernel*.rpm 2>/dev/null |
		grep -vE '^(rpmlib|config|dkms|kernel|\()' | sort -u | sed 's/^/Provides: /' >>"$CHECK_DIR/provides"
	_rpm_build "$top" "$DKMS_TEST_LIB/rpm/plain.spec" plain=world "provides=$CHECK_DIR/provides" &&
		_rpm_build "$top" "$DKMS_TEST_LIB/rpm/plain.spec" plain=unrelated &&
		mv "$top"/RPMS/*.rpm "$to/"
}

# _rpm_alone COMMAND... - run it while no other test does, because `make install` links programs
# anew in the build folder.
_rpm_alone() {
	(flock 8 && "$@") 8>"$DKMS_BUILD.lock"
}

# rpm_next - make our packages from the build folder as the next release, NEXT.
rpm_next() {
	NEXT=$OWN.next
	_rpm_alone _rpm_build "$CHECK_DIR/top" "$DKMS_BUILD/packaging/rpm/dkms-native.spec" "dkms_build=$DKMS_BUILD" \
		dist=.next && mv "$CHECK_DIR"/top/RPMS/*.rpm "$POOL/" || root_die "ours of $NEXT cannot be made"
}

# rpm_reference - make dkms-3-1.rpm in the pool from REFERENCE, the .deb of DKMS (reference.bash).
rpm_reference() {
	dpkg-deb -x "$REFERENCE" "$CHECK_DIR/reference" &&
		_rpm_build "$CHECK_DIR/top" "$DKMS_TEST_LIB/rpm/dkms.spec" kv=3 "from=$CHECK_DIR/reference" &&
		mv "$CHECK_DIR"/top/RPMS/*.rpm "$POOL/" || root_die 'dkms-3-1 cannot be made'
}

# rpm_source NAME VERSION RELEASE [broken=1|failing=1|classic=KERNELS|from=FOLDER] - make
# NAME-dkms-VERSION-RELEASE.rpm in the pool. Its source is a real one of the layer, or FOLDER. The
# other words are those of rpm/module.spec.
rpm_source() {
	local from
	from=$(compgen -G "${RPM_LOWER[0]}/opt/rpms/$1-*" | head -n 1)
	_rpm_build "$CHECK_DIR/top" "$DKMS_TEST_LIB/rpm/module.spec" "module=$1" "kv=$2" "kr=$3" \
		${from:+"from=$from"} "${@:4}" && mv "$CHECK_DIR"/top/RPMS/*.rpm "$POOL/" ||
		root_die "$1-dkms-$2-$3 cannot be made"
}

# rpm_root NAME - make a root with rpm, dnf and the package "world", but no kernel, source or dkms.
rpm_root() {
	local name=$1 folder=$ROOT_MNT/$1
	_rpm_need
	root_make "$name" "${RPM_ROOT_LOWER[@]}"
	root_bind "$name" "$POOL" /opt/pool rw
	root_bind "$name" "$DKMS_TEST_SRC"
	ln -s pool "$folder/root/opt/repo"
	mkdir -p "$folder/root/usr/src/kernels" # Fedora's "filesystem" has it
	: >"$folder/root/var/log/calls"
	count_make "$folder/root" || root_die "make cannot be counted in the root $name"
	rpm_do "$name" -i world-1-1 || root_die "rpm does not work in the root $name"
}

# rpm_plain NAME VERSION [LINE...] - make NAME-VERSION-1.rpm in the pool, with one file. LINE goes
# into its preamble.
rpm_plain() {
	printf '%s\n' "${@:3}" >"$CHECK_DIR/lines" &&
		_rpm_build "$CHECK_DIR/top" "$DKMS_TEST_LIB/rpm/plain.spec" "plain=$1" "kv=$2" "provides=$CHECK_DIR/lines" &&
		mv "$CHECK_DIR"/top/RPMS/*.rpm "$POOL/" || root_die "$1-$2 cannot be made"
}

# rpm_tree NAME VERSION FOLDER - make NAME-VERSION-1.rpm in the pool, with what is in the folder.
rpm_tree() {
	_rpm_build "$CHECK_DIR/top" "$DKMS_TEST_LIB/rpm/tree.spec" "package=$1" "kv=$2" "from=$3" &&
		mv "$CHECK_DIR"/top/RPMS/*.rpm "$POOL/" || root_die "$1-$2 cannot be made"
}

# rpm_private_tmp NAME - from now on each scriptlet in the root has a /tmp of its own, as from rpm
# 4.20 on. Fails if that cannot be done. The scriptlets of "classic" packages write to
# /tmp/scriptlet.
rpm_private_tmp() {
	local root at
	root=$(root_path "$1")
	at=$(in_root "$1" rpm --eval '%__plugindir')
	[[ ! -e $root$at/unshare.so ]] || return 0
	mkdir -p "$root$at" && gcc -shared -fPIC -I "$DKMS_TEST_SRC" -o "$root$at/private.so" "$DKMS_TEST_LIB/rpm/private.c" -lrpm &&
		echo '%__transaction_private %{__plugindir}/private.so' >"$root/usr/lib/rpm/macros.d/macros.transaction_private"
}

# rpm_repo NAME - let dnf in the root know what is in the pool now.
rpm_repo() {
	root_quiet in_root "$1" createrepo_c -q --update /opt/pool || root_die 'createrepo_c failed'
}

# rpm_do NAME OPTION... NAME-VERSION-RELEASE... - run rpm on packages of the pool, without counting.
rpm_do() {
	local name=$1 word words=()
	shift
	for word; do
		[[ ! -e $POOL/$word.rpm || " $* " == *" -e "* ]] || word=/opt/pool/$word.rpm
		words+=("$word")
	done
	root_quiet in_root "$name" rpm "${RPM_FORCE[@]}" "${words[@]}"
}

# rpm_run NAME TITLE COMMAND... - run the command in the root, and print one line with the counted
# calls. If the command is rpm, names of packages in the pool stand for their files. Sets RUN_RC;
# what the command printed is in OUT. The drivers of RPM_WATCH ("K:MODULE ...") are watched
# meanwhile.
rpm_run() {
	local name=$1 title=$2 word words=()
	shift 2
	for word; do
		[[ ! -e $POOL/$word.rpm || " $* " != *" rpm "* || $* == *" -e "* ]] || word=/opt/pool/$word.rpm
		words+=("$word")
		[[ $word != rpm ]] || words+=("${RPM_FORCE[@]}")
	done
	watched_run "$name" "${RPM_WATCH:-}" in_root "$name" "${words[@]}"
	_rpm_count
	tell_run "$title" "builds $RUN_BUILDS, depmod $RUN_DEPMOD (all $RUN_DEPMOD_ALL)"
}

# A build is a make with a goal other than clean. The lists "builds" and "depmod" have a line for
# each.
_rpm_count() {
	awk -F '\t' '$1 == "make" && $2 == "dkms" && $4 !~ /(^| )(clean|-f -|-n|--version)( |$)/ {
		gsub(/ ?-j ?[0-9]*/, "", $4); print $3, $4 }' "$CHECK_DIR/calls" >"$CHECK_DIR/builds"
	awk -F '\t' '$1 == "depmod" && $2 == "dkms" { n = split($4, word, " "); print word[n] }' \
		"$CHECK_DIR/calls" >"$CHECK_DIR/depmod"
	RUN_BUILDS=$(grep -c . "$CHECK_DIR/builds")
	RUN_DEPMOD=$(grep -c . "$CHECK_DIR/depmod")
	RUN_DEPMOD_ALL=$(grep -c '^depmod' "$CHECK_DIR/calls")
}

# expect_counts NAME N... - NAME is builds, depmod or depmod_all. Checks, too, what must hold after
# each run: nothing built twice, at most one depmod by dkms for each kernel, and no driver away at
# any moment.
expect_counts() {
	local has what twice
	while (($# > 1)); do
		has=RUN_${1^^}
		[[ ${!has} == "$2" ]] && ok || {
			fail "$1: ${!has}, not $2"
			_check_show calls "$CHECK_DIR/calls"
			_check_show 'what it said' "$OUT"
		}
		shift 2
	done
	for what in depmod builds; do
		twice=$(sort "$CHECK_DIR/$what" | uniq -d)
		[[ -z $twice ]] && ok || fail "$what more than once for: $twice"
	done
	expect_gapless
}

# expect_verified NAME - rpm -Va finds nothing in any package.
expect_verified() {
	in_root "$1" rpm -Va >"$CHECK_DIR/verify" 2>&1
	expect_empty "$CHECK_DIR/verify"
}

# expect_status NAME LINE... - "dkms status" prints exactly these lines, in any order.
expect_status() {
	local name=$1
	shift
	(($# == 0)) || printf '%s\n' "$@" | sort >"$CHECK_DIR/wanted"
	(($# > 0)) || : >"$CHECK_DIR/wanted"
	in_root "$name" dkms status 2>&1 | sort >"$CHECK_DIR/status"
	expect_same "$CHECK_DIR/wanted" "$CHECK_DIR/status"
}

# expect_no_module NAME MODULE - no kernel's tree has the module's file, and no modules.dep names
# it.
expect_no_module() {
	local tree
	tree=$(root_path "$1")/lib/modules
	{
		find "$tree" -name "$2.ko*"
		grep -rl "/$2\.ko" "$tree" --include='modules.dep'
	} >"$CHECK_DIR/left"
	expect_empty "$CHECK_DIR/left"
}

# rpm_ours NAME - print the files of dkms in this root: those with dkms in their names, the DKMS tree,
# installed modules. A signing key and its folder are left out: they stay when all is removed,
# because the machine's firmware may trust the key.
rpm_ours() {
	(
		cd "$(root_path "$1")" || exit
		find etc run usr var \( -path var/cache -o -path var/tmp -o -path var/lib/dnf \) -prune -o -name '*dkms*' ! -path var/lib/dkms -print
		find var/lib/dkms -mindepth 1 ! -name 'mok.*' 2>/dev/null
		find lib/modules/ -path '*/updates/*' 2>/dev/null
	) | sort -u
}

# rpm_names NAME - print all names of which none may be new once our packages are gone. The root lies over
# the world of the tests, where another test may make a package in /var/tmp or a motd at this moment.
rpm_names() {
	(
		cd "$(root_path "$1")" || exit
		find run usr var \( -path usr/src -o -path 'usr/lib/modules' -o -path 'var/lib/[dr]*' -o -path var/cache -o -path var/tmp -o -path run/motd.d -o \
			-path 'var/log/[ch]*' -o -path 'var/log/dnf*' -o -path 'run/lock*' \) -prune -o ! -name '*.pyc' -print
	) | sort
}

# rpm_state NAME - print what must be as before once all our packages are gone.
rpm_state() {
	{
		root_snapshot "$1" | grep -vE ' /var/lib/dkms(/mok\..*)?$'
		(cd "$(root_path "$1")" && find etc ! -path 'etc/rpm*' \( -type d -printf 'd %m %p\n' -o \
			-printf '%y %m %s %p %l\n' \) | without_user | sort)
		rpm_ours "$1"
	}
}
