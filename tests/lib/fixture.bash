# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Small things that the tests of dkms share: sources that compile in two seconds, events, and states
# of a machine to compare.

# mini_source ROOT NAME VERSION [MODULE] - make /usr/src/NAME-VERSION with one module, which is
# called MODULE (default: NAME) and goes to updates. The conf asks for AUTOINSTALL.
mini_source() {
	local folder module=${4:-$2}
	folder=$(root_path "$1")/usr/src/$2-$3
	mkdir -p "$folder" || return
	cat >"$folder/$module.c" <<-EOT
		#include <linux/module.h>
		static int __init mini_init(void) { return 0; }
		static void __exit mini_exit(void) {}
		module_init(mini_init);
		module_exit(mini_exit);
		MODULE_LICENSE("GPL");
		MODULE_VERSION("$3");
	EOT
	echo "obj-m := $module.o" >"$folder/Makefile"
	cat >"$folder/dkms.conf" <<-EOT
		PACKAGE_NAME=$2
		PACKAGE_VERSION=$3
		BUILT_MODULE_NAME[0]=$module
		DEST_MODULE_LOCATION[0]=/updates
		AUTOINSTALL=yes
	EOT
}

# conf_line ROOT NAME VERSION LINE... - add lines to that source's dkms.conf.
conf_line() {
	local root=$1 name=$2 version=$3
	shift 3
	printf '%s\n' "$@" >>"$(root_path "$root")/usr/src/$name-$version/dkms.conf"
}

# event ROOT [LINE...] - run `dkms event` with these lines.
event() {
	local root=$1
	shift
	printf '%s\n' 'dkms-event 1' 'from test' "$@" end | in_root "$root" dkms event
}

# traced ROOT COMMAND... - run the command there under strace; the trace is ROOT's /tmp/trace. The
# command's standard input is the caller's.
traced() {
	local root=$1
	shift
	in_root "$root" strace -f -o /tmp/trace -e trace=process,file,desc "$@"
}

# trace ROOT - print the path of that trace.
trace() {
	printf '%s/tmp/trace' "$(root_path "$1")"
}

# called ROOT - print the commands that this trace shows, each once.
called() {
	sed -nE 's/^[0-9]+ +execve\("([^"]*)", \[([^]]*)\].*/\2/p' "$(trace "$1")" | sort -u | paste -sd ' '
}

# expect_no_process ROOT - the trace has one execve, and nothing that makes a process.
expect_no_process() {
	local made
	made=$(grep -cE '^[0-9]+ +(clone3?|v?fork|execveat)\(' "$(trace "$1")")
	[[ $made == 0 ]] && ok || fail "$made processes were started"
	made=$(grep -cE '^[0-9]+ +execve\(' "$(trace "$1")")
	[[ $made == 1 ]] && ok || fail "execve was called $made times, not once: $(called "$1")"
}

# expect_no_writing ROOT - nothing was opened for writing, created, renamed or removed.
expect_no_writing() {
	local found
	found=$(grep -E 'O_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)|^[0-9]+ +(creat|mkdir|rename|unlink|rmdir|link|symlink|truncate|ftruncate|chmod|fchmod|chown|lchown|fchown|utime|mknod|fallocate|setxattr|lsetxattr|fsetxattr)[a-z0-9]*\(' \
		"$(trace "$1")" | head -n 3)
	[[ -z $found ]] && ok || fail "it writes: $found"
}

# own_state ROOT - print what dkms keeps and installs, faster than root_snapshot: /var/lib/dkms and
# the sources with hashes, and our folders in the module trees. Caches and locks are left out.
own_state() {
	(
		cd "$(root_path "$1")" || exit
		find var/lib/dkms usr/src lib/modules/*/{updates,extra} etc/depmod.d \
			\( -path 'var/lib/dkms/.native/[lcbj]*' -o -path 'usr/src/linux-*' \) -prune -o \
			-type f ! -path var/lib/dkms/.native/verdicts ! -path var/lib/dkms/.native/pending \
			-exec stat -c '%A %U %n' {} + -exec sha256sum {} + -o \
			! -type f ! -path var/lib/dkms/.native ! -path var/lib/dkms \
			-printf '%M %u %p %l\n' 2>/dev/null | sort
	)
}

# machine_state ROOT - print root_snapshot without what may differ after an uninstall: caches, locks
# and decisions in .native, depmod's own files, which are made anew, work folders, and the key that
# the first build makes.
machine_state() {
	root_snapshot "$1" | grep -vE \
		' /var/lib/dkms(/\.native.*|/mok\..*|/[^/]+/[^/]+/build)?$| /lib/modules/[^/]+/modules\.[a-z.]+$'
}

# needs_compiling ROOT K NAME... - skip all cases, or this one, unless these sources compile for K
# without dkms. Then a build that fails is the fault of dkms. Used as "needs" of test.bash.
needs_compiling() {
	local root=$1 k=$2 name
	shift 2
	for name; do
		in_root "$root" sh -c 'rm -rf /tmp/compiling && cp -r "$1" /tmp/compiling &&
			make -C "$2" M=/tmp/compiling modules' sh "/usr/src/$name-$(source_version "$name")" \
			"/lib/modules/$k/build" >"$CHECK_DIR/compiling" 2>&1 ||
			{ skip "$name does not compile for $k"; return 1; }
	done
	rm -rf "$(root_path "$root")/tmp/compiling"
}

# module_suffix ROOT K - print what follows ".ko" in the names of that kernel's own modules, e.g.
# ".xz".
module_suffix() {
	local file
	file=$(find "$(root_path "$1")/lib/modules/$2/kernel" -name '*.ko*' -print -quit)
	printf '%s' "${file##*.ko}"
}

# debs_available NAME... - as debs_need (reference.bash), for those packages that can be fetched.
# Sets MISSING to the others.
debs_available() {
	local name names=()
	MISSING=()
	! debs_need "$@" 2>"$CHECK_DIR/log" || return 0
	for name; do
		if debs_need "$name" 2>"$CHECK_DIR/log"; then names+=("$name"); else MISSING+=("$name"); fi
	done
	debs_need "${names[@]}"
}

# hide_kernel ROOT K... - move the module trees of these kernels away, because depmod needs many
# seconds for a tree of compressed modules. An empty K is ignored.
hide_kernel() {
	local root k
	root=$(root_path "$1")
	shift
	mkdir -p "$root/opt/hidden" || return
	for k; do
		[[ -z $k ]] || mv "$root/lib/modules/$k" "$root/opt/hidden/" || return
	done
}

# show_kernel ROOT K... - undo hide_kernel.
show_kernel() {
	local root k
	root=$(root_path "$1")
	shift
	for k; do
		mv "$root/opt/hidden/$k" "$root/lib/modules/" || return
	done
}
