# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The layer "rpm" of the tests of rpm (rpm.bash). It has dnf, createrepo and kernel-install, and
# counting wrappers for depmod and make. In /opt/rpms it has kernel-core, -modules-core and -devel
# of K1 and K2 with Debian's real headers, and the sources of real modules. The layer is kept as
# those of layers.bash are.

RPM_TOOLS=(createrepo-c dnf rpmlint systemd zypper)
RPM_SOURCES=(acpi-call v4l2loopback)

_rpm_key() {
	{
		_layer_key kernels
		_layer_key sources
		cat "$DKMS_TEST_LIB"/rpmlayer.bash "$DKMS_TEST_LIB/rpm/kernel.spec" "$DKMS_TEST_LIB/counted"
	} | sha256sum | cut -c 1-16
}

# _rpm_build TOP SPEC [NAME=VALUE...] - rpmbuild with these macros; the packages go to TOP/RPMS.
_rpm_build() {
	local top=$1 spec=$2 word define=()
	shift 2
	for word; do
		define+=(--define "${word%%=*} ${word#*=}")
	done
	root_quiet rpmbuild -bb --nodeps --define "_topdir $top" --define "_dbpath $top/db" \
		--define '_build_id_links none' --define '_binary_payload w1.gzdio' \
		--define "_rpmdir $top/RPMS" \
		--define '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.rpm' "${define[@]}" "$spec"
}

_rpm_layer() {
	local dir=$1 tar=$DKMS_TEST_CACHE/${1##*/}.tar.zst start=$SECONDS kernels sources
	[[ ! -e $dir/stamp ]] || return 0
	rm -rf "$dir" "$dir.making" && mkdir -p "$dir.making/upper" || return
	if [[ ! -e $tar ]] || ! _layer_unpack "$dir.making" "$tar"; then
		printf 'making the layer rpm\n'
		layer_need kernels
		kernels=$LAYER_DIR/upper
		layer_need sources
		sources=$LAYER_DIR/upper/usr/src
		rm -rf "$dir.making" && mkdir -p "$dir.making/upper" &&
			_layer_mounted "$dir.making" _rpm_layer_tools &&
			_rpm_layer_packages "$dir.making" "$kernels" "$sources" &&
			_layer_pack "$dir.making" "$tar" || return
		printf 'made the layer rpm in %d s\n' $((SECONDS - start))
	fi
	touch "$dir.making/stamp" && mv "$dir.making" "$dir"
}

# A tool that apt does not have is left out; tests that need it are skipped ("rpm_needs").
_rpm_layer_tools() {
	local root=$1 tool tools=()
	for tool in "${RPM_TOOLS[@]}"; do
		! chroot "$root" apt-get -qq -s install "$tool" >/dev/null 2>&1 || tools+=("$tool")
	done
	_layer_apt "$root" install "${tools[@]}" && _layer_apt "$root" clean && _rpm_layer_wrap "$root"
}

# Write the settings of rpm and dnf, the wrappers, and an empty database.
_rpm_layer_wrap() {
	local root=$1 file
	mkdir -p "$root"/opt/{real,rpms,pool} "$root/etc/rpm" "$root/var/log"
	# Debian's own value is a folder in HOME.
	echo '%_dbpath /var/lib/rpm' >"$root/etc/rpm/macros"
	printf '[main]\ninstallonly_limit=2\nkeepcache=0\ngpgcheck=0\n[pool]\nname=pool\nbaseurl=file:///opt/repo\n' \
		>"$root/etc/dnf/dnf.conf"
	install -m 755 "$DKMS_TEST_LIB/counted" "$root/opt/counted" || return
	for file in /usr/sbin/depmod /usr/bin/make; do
		if [[ -L $root$file ]]; then
			ln -s "$(chroot "$root" readlink -f "$file")" "$root/opt/real/${file##*/}" &&
				rm "$root$file" || return
		else
			mv "$root$file" "$root/opt/real/" || return
		fi
		cp "$root/opt/counted" "$root$file" || return
	done
	chroot "$root" rpm --initdb
}

# rpm_release K - print VERSION-RELEASE of that kernel's packages: K without the flavour, with
# exactly one "-".
rpm_release() {
	local base=${1%-*}
	[[ $base == *-* ]] || base+=-1
	printf '%s-%s' "$(tr - _ <<<"${base%-*}")" "${base##*-}"
}

_rpm_layer_packages() {
	local top=$1/top kernels=$2 sources=$3 k release source
	for k in "$K1" "$K2"; do
		release=$(rpm_release "$k")
		_rpm_build "$top" "$DKMS_TEST_LIB/rpm/kernel.spec" "uname=$k" "kv=${release%-*}" \
			"kr=${release#*-}" "headers=$kernels" || return
	done
	mkdir -p "$1/upper/opt/rpms" && mv "$top"/RPMS/*.rpm "$1/upper/opt/rpms/" || return
	for source in "${RPM_SOURCES[@]}"; do
		source=$(compgen -G "$sources/$source-[0-9]*") || continue
		cp -a "$source" "$1/upper/opt/rpms/" || return
	done
	rm -rf "$top"
}
