# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # what is set here is for rpm.bash and root.bash
#
# Roots of another Debian for the tests of rpm. rpm.bash sources this if RPM_SUITE is trixie (rpm
# 4.20) or sid (rpm 6). The roots do not lie over the world but over a bare Debian with rpm, and our
# packages are built in such a root. Kernels, headers and sources are those of the world's Debian,
# in packages that the world's rpm makes.
#
# rpm's plugin "unshare" is active in these roots, so each scriptlet has a /tmp and /home of its
# own.

SUITE_TOOLS=(rpm librpm-dev createrepo-c gcc make patch kmod pkgconf libjson-c-dev libarchive-dev libssl-dev libzstd-dev
	libc6-dev xz-utils zstd)
case $RPM_SUITE in
sid) SUITE_TOOLS+=(dnf5) ;;
*) SUITE_TOOLS+=(dnf zypper) ;;
esac
RPM_FORCE=() # rpm knows no --force-debian any more

# The key changes once a week, though sid changes every day.
_suite_key() {
	{
		echo "$WORLD_WAY $(($(date +%s) / 604800))"
		declare -f _rpm_layer_wrap
		cat "$DKMS_TEST_LIB/rpmsuite.bash" "$DKMS_TEST_LIB/counted"
	} | sha256sum | cut -c 1-16
}

# suite_need - make that Debian if need be; roots that are made from now on lie over it. Returns 1
# if it cannot be made.
suite_need() {
	local name
	name=rpm-$RPM_SUITE-$(_suite_key)
	(flock 9 && _suite_get "$DKMS_TEST_CACHE/live/$name" "$DKMS_TEST_CACHE/$name.tar.zst") \
		9>"$DKMS_TEST_CACHE/lock-rpm-$RPM_SUITE" || return
	ROOT_BOTTOM=$DKMS_TEST_CACHE/live/$name/upper
	RPM_ROOT_LOWER=()
}

_suite_get() {
	local dir=$1 tar=$2 start=$SECONDS
	[[ ! -e $dir/stamp ]] || return 0
	rm -rf "$dir" "$dir.making" && mkdir -p "$dir.making/upper" || return
	if [[ ! -e $tar ]] || ! _layer_unpack "$dir.making" "$tar"; then
		rm -rf "$dir.making" && mkdir -p "$dir.making/upper" && _suite_make "$dir.making/upper" &&
			_layer_pack "$dir.making" "$tar" || return
		printf 'made the layer %s in %d s\n' "${dir##*/}" $((SECONDS - start))
	fi
	touch "$dir.making/stamp" && mv "$dir.making" "$dir"
}

# Make the Debian in the way in which world.bash makes the world.
_suite_make() {
	local upper=$1 folder site rc=0
	site=$(sed -n '1s/^deb \([^ ]*\) .*/\1/p' /etc/apt/sources.list)
	# shellcheck disable=SC2016 # expanded by the hook
	root_quiet mmdebstrap --mode=root --variant=minbase --skip=chroot/mount,output/dev,output/mknod,check/empty \
		--extract-hook="bash $DKMS_TEST_LIB/world.bash --mount \"\$1\"" --aptopt='APT::Sandbox::User "root"' \
		--aptopt='Acquire::Check-Valid-Until "false"' --include="$(IFS=, && echo "${SUITE_TOOLS[*]}")" \
		"$RPM_SUITE" "$upper" "deb ${site:-http://deb.debian.org/debian} $RPM_SUITE main" || rc=$?
	for folder in proc sys dev; do
		! mountpoint -q "$upper/$folder" || umount -R "$upper/$folder" || return
	done
	((rc == 0)) || return "$rc"
	rm -f "$upper"/var/cache/apt/archives/*.deb
	# The world's rpm makes no signatures, which rpm 6 asks for.
	_rpm_layer_wrap "$upper" && echo '%_pkgverify_level none' >>"$upper/etc/rpm/macros"
}

# suite_own FOLDER - build our packages in a root of that Debian, and copy them to FOLDER. They are
# kept in DKMS_BUILD/dist.
suite_own() {
	local to=$DKMS_BUILD/dist/rpm-$RPM_SUITE
	_rpm_alone _suite_own "$to" && cp "$to"/*.rpm "$1/"
}

_suite_own() {
	local to=$1 root rc=0
	[[ ! $to/stamp -nt $DKMS_BUILD/dkms || ! $to/stamp -nt $DKMS_BUILD/rpmdb ||
		! $to/stamp -nt $DKMS_BUILD/packaging/rpm/dkms-native.spec ]] || return 0
	root_make suite-build
	root=$(root_path suite-build)
	rm -rf "$to" && mkdir -p "$to" &&
		root_quiet make -s -C "$DKMS_BUILD" distdir distdir="dist/rpm-$RPM_SUITE/source" &&
		mv "$to/source" "$root/opt/source" && _suite_build "$root" &&
		cp "$root"/opt/out/*.rpm "$to/" && touch "$to/stamp" || rc=$?
	root_drop suite-build && return "$rc"
}

# shellcheck disable=SC2016 # expanded inside
_suite_build() {
	root_quiet env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 JOBS="$(nproc)" chroot "$1" sh -c '
		cd /opt/source && ./configure --prefix=/usr --sysconfdir=/etc --localstatedir=/var --disable-tests \
			--without-dpkg --without-alpm --with-rpm && make -s -j "$JOBS" all packaging/rpm/dkms-native.spec &&
			rpmbuild -bb --nodeps --define "_topdir /opt/top" --define "dkms_build /opt/source" \
				--define "_rpmdir /opt/out" --define "_rpmformat 4" --define "_binary_payload w1.gzdio" \
				--define "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.rpm" packaging/rpm/dkms-native.spec'
}
