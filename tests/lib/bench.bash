# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the benches share: times, and roots with packages of Debian. WORK is a folder of the bench.

say() { printf '%s\n' "$*"; }

# started - how many processes and threads this machine has started so far.
started() {
	local word number _
	while read -r word number _; do
		[[ $word != processes ]] || echo "$number"
	done </proc/stat
}

# timed FILE ROOT TIMES COMMAND... - one line: wall and CPU seconds of one round, peak KiB of the
# largest process, processes started meanwhile on the whole machine (a dozen are not the command's).
# Short commands are run TIMES times, for time(1) counts hundredths.
timed() {
	local file=$1 root=$2 times=$3 before
	shift 3
	before=$(started)
	in_root "$root" /usr/bin/time -o /tmp/bench.time -f '%e %U %S %M' \
		sh -c 'n=$1; shift; while [ "$n" -gt 0 ]; do "$@" </dev/null >/dev/null 2>&1; n=$((n - 1)); done' sh \
		"$times" "$@" >/dev/null 2>&1
	tail -n 1 "$(root_path "$root")/tmp/bench.time" |
		awk -v n="$times" -v p=$(($(started) - before)) \
			'{ printf "%.4f %.4f %d %d\n", $1 / n, ($2 + $3) / n, $4, p / n }' >>"$file"
}

# median FILE COLUMN
median() {
	awk -v c="$2" '{ print $c }' "$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.3f", a / b; else printf "-" }'; }

# fetch_packages NAME... - fetch these packages and dkms, and unpack them in WORK.
fetch_packages() {
	local p
	mkdir -p "$WORK/debs" "$WORK/src"
	(cd "$WORK/debs" && for p in $(printf '%s\n' "$@" dkms | sort -u); do
		root_quiet apt-get -q download "$p" || say "not to be had: $p" >&2
	done)
	for p in "$WORK"/debs/*.deb; do
		case $p in
		*/dkms_*) dpkg-deb -x "$p" "$WORK/dkms" ;;
		*) dpkg-deb -x "$p" "$WORK/src/$(basename "${p%%_*}")" ;;
		esac
	done
}

# furnish_root NAME ours|theirs PACKAGE... - give the root their sources and one of the two dkms.
furnish_root() {
	local p
	# With this plugin, which comes with the world's clang, each nm of kbuild loads all of LLVM.
	rm -f "$(root_path "$1")"/usr/lib/bfd-plugins/LLVMgold*
	for p in "${@:3}"; do
		[[ ! -d $WORK/src/$p ]] || cp -a "$WORK/src/$p/usr/src/." "$(root_path "$1")/usr/src/"
	done
	if [[ $2 == ours ]]; then
		root_install_dkms "$1"
	else
		cp -a "$WORK/dkms/usr/." "$(root_path "$1")/usr/"
		cp -a "$WORK/dkms/etc/." "$(root_path "$1")/etc/"
		mkdir -p "$(root_path "$1")/var/lib/dkms"
		# neither signs: a key of its own would only add noise
		echo 'sign_file=/nonexistent' >"$(root_path "$1")/etc/dkms/framework.conf.d/bench.conf"
	fi
}

# add_all ROOT - dkms add for each source.
add_all() {
	local d
	for d in "$(root_path "$1")"/usr/src/*/dkms.conf; do
		d=${d%/dkms.conf}
		in_root "$1" sh -c ". /usr/src/${d##*/}/dkms.conf >/dev/null 2>&1; exec dkms add -m \$PACKAGE_NAME -v \$PACKAGE_VERSION" \
			>/dev/null 2>&1 || say "not added: ${d##*/}" >&2
	done
}
