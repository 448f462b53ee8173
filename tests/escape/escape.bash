# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A machine with a hostile module package, evil/1: its dkms.conf, CLEAN, PRE_BUILD, MAKE and
# POST_BUILD each run all probes (probe.h). escape.test and mutations.test source this.

A=6.1.0-91-amd64
ESCAPE_CGROUP=/sys/fs/cgroup/escape-$$
ESCAPE_UID=977
ESCAPE_HOME=/usr/local/lib/escape
ESCAPE_TOKEN=escape-$$ # of the daemons, so that tests side by side know their own
ESCAPE_CONTEXTS='conf clean pre make post'
ESCAPE_ARCH=$(uname -m)
ESCAPE_NEIGHBOUR=/var/lib/dkms/.native/build/neighbour/1/$A-$ESCAPE_ARCH # the folder of another build

# escape_needs - with `|| return`: can this machine be prepared, and does it have a user to give?
escape_needs() {
	[[ $WORLD_WAY == root ]] || { skip 'it needs root, who may mount and make devices'; return 1; }
	needs python3
}

# escape_user ROOT - the system user of builds, as the packages make it.
escape_user() {
	local etc
	etc=$(root_path "$1")/etc
	sed -i '/^dkms:/d' "$etc/passwd" "$etc/group" "$etc/shadow" &&
		echo "dkms:x:$ESCAPE_UID:$ESCAPE_UID:builds:/nonexistent:/usr/sbin/nologin" >>"$etc/passwd" &&
		echo "dkms:x:$ESCAPE_UID:" >>"$etc/group" && echo 'dkms:!*:19000::::::' >>"$etc/shadow"
}

# escape_compile ROOT - the probes and what they aim at, as programs in the root.
escape_compile() {
	local home at=$DKMS_TEST_SRC/tests/escape
	home=$(root_path "$1")$ESCAPE_HOME
	mkdir -p "$home" && root_quiet gcc -O1 -Wall -Wextra -Werror -o "$home/probe" \
		"$at"/{probe,files,proc,sockets,processes,kernel}.c -lrt &&
		root_quiet gcc -O1 -Wall -Wextra -Werror -o "$home/outside" "$at/outside.c" -lrt &&
		cp "$home/probe" "$home/probe-setuid" && chmod 4755 "$home/probe-setuid" &&
		cp "$home/probe" "$home/probe-capable" &&
		python3 -c 'import os, sys
os.setxattr(sys.argv[1], "security.capability", bytes.fromhex("01000002" "80000000" + "00" * 12))' \
			"$home/probe-capable" # cap_setuid=ep
}

# escape_source ROOT - evil/1.
escape_source() {
	local home=$ESCAPE_HOME/probe
	fake_source "$1" evil 1 "$home --leave conf" "$home --brief conf" PRE_BUILD=pre.sh POST_BUILD=post.sh \
		"CLEAN='$home --leave clean; $home clean'" \
		"MAKE='$home --leave make; $home make; make -C \${kernel_source_dir} M=\$dkms_tree/evil/1/build KERNELRELEASE=\$kernelver modules'"
	fake_script "$1" evil 1 pre.sh "$home --leave pre" "$home pre"
	fake_script "$1" evil 1 post.sh "$home --leave post" "$home post"
	# So that there is something to clean.
	touch "$(root_path "$1")/usr/src/evil-1/"{x.o,.x.o.cmd}
}

# shellcheck disable=SC2154 # root: root_a
# escape_machine - the root "a" with other/1 installed and evil/1 in /usr/src.
escape_machine() {
	root_a
	fake_kernel a $A
	fake_source a other 1
	mkdir -p "$root"/etc/{ssh,dkms/confine.d} "$root/home/escape" "$root/root" \
		"$root$ESCAPE_NEIGHBOUR"
	echo '# settings' >"$root/etc/dkms/framework.conf"
	escape_user a && escape_compile a && escape_source a || return
	(umask 077 && echo key >"$root/etc/ssh/ssh_host_escape_key" && echo own >"$root$ESCAPE_NEIGHBOUR/file")
	mkdir -m 1777 "$root/srv/shared"
	echo own >"$root/home/escape/file"
	echo own >"$root/root/escape-file"
	chown -R $ESCAPE_UID:$ESCAPE_UID "$root$ESCAPE_NEIGHBOUR"
	dkms install other/1 -k "$A" >"$OUT" 2>&1 || { cat "$OUT"; return 1; }
	[[ -e $root/var/lib/dkms/mok.key ]] || (umask 077 && echo key >"$root/var/lib/dkms/mok.key")
}

# escape_device PATH MAJOR MINOR - a character device in the root's own /dev.
escape_device() {
	mknod -m 666 "$root/dev/$1" c "$2" "$3"
}

# escape_furnish - mounts, devices and processes that a case needs. The root's /dev is the machine's, and
# nothing may be made there.
escape_furnish() {
	local name
	mount -t tmpfs -o mode=755 escape "$root/dev" && mkdir "$root/dev/"{pts,shm,net} && chmod 1777 "$root/dev/shm" &&
		mount -t devpts -o newinstance,ptmxmode=666,mode=620 escape "$root/dev/pts" || return
	for name in null:3 zero:5 full:7 random:8 urandom:9 mem:1 kmsg:11; do
		escape_device "${name%:*}" 1 "${name#*:}" || return
	done
	escape_device tty 5 0 && escape_device ptmx 5 2 && escape_device tty0 4 0 && escape_device vcs 7 0 &&
		escape_device net/tun 10 200 && escape_device fuse 10 229 && escape_device loop-control 10 237 &&
		escape_device kvm 10 232 || return
	for name in vsock userfaultfd; do
		[[ ! -e /dev/$name ]] || cp -a "/dev/$name" "$root/dev/" || return
	done
	chmod 600 "$root/dev/"{mem,kmsg,tty0,vcs,kvm,loop-control}
	mknod -m 600 "$root/dev/escape-disk" b "$(findmnt -rno MAJ:MIN -t ext4,xfs,btrfs | head -n 1 | cut -d : -f 1)" 0
	echo shared >"$root/dev/shm/escape-file" && chmod 666 "$root/dev/shm/escape-file"
	mount -o remount,bind,rw "$root/sys" && mount -t cgroup2 escape "$root/sys/fs/cgroup" &&
		mkdir "$root$ESCAPE_CGROUP" || return
	escape_outside && escape_targets
}

# The processes of outside.c; the descriptor that ends them is $escape_end.
escape_outside() {
	rm -f "$CHECK_DIR"/{gate,targets} && : >"$CHECK_DIR/targets" && mkfifo "$CHECK_DIR/gate" && exec {escape_end}<>"$CHECK_DIR/gate" || return
	in_root a $ESCAPE_HOME/outside $ESCAPE_UID <"$CHECK_DIR/gate" {escape_end}>&- >"$CHECK_DIR/targets" &
	escape_pid=$!
}

# Wait for what it prints, and add the rest of the targets (probe.h).
escape_targets() {
	local i targets=$root$ESCAPE_HOME/targets
	for ((i = 0; i < 100; i++)); do
		! grep -q '^neighbour' "$CHECK_DIR/targets" || break
		sleep 0.05
	done
	((i < 100)) || return
	{
		cat "$CHECK_DIR/targets"
		echo "modules /lib/modules/$A/updates"
		echo "other-module /lib/modules/$A/updates/dkms/other.ko"
		echo 'own-source /usr/src/evil-1'
		echo 'own-conf /usr/src/evil-1/dkms.conf'
		echo 'other-source /usr/src/other-1'
		echo 'own-tree /var/lib/dkms/evil'
		echo "outbox /var/lib/dkms/evil/1/$A/$ESCAPE_ARCH"
		echo "other-record /var/lib/dkms/other/1/$A/$ESCAPE_ARCH/record"
		echo "other-build /var/lib/dkms/other/1/$A/$ESCAPE_ARCH/module/other.ko"
		echo 'history /var/log/dkms/history.json'
		echo 'lock /var/lib/dkms/.native/lock/tree'
		echo "token $ESCAPE_TOKEN"
		echo "neighbour-folder $ESCAPE_NEIGHBOUR"
		echo "neighbour-file $ESCAPE_NEIGHBOUR/file"
		echo 'shared /srv/shared'
		echo "cgroup $ESCAPE_CGROUP"
		echo "cgroup-procs $ESCAPE_CGROUP/cgroup.procs"
	} >"$targets"
}

# escape_end - what escape_furnish started.
escape_end() {
	exec {escape_end}>&-
	wait "$escape_pid"
	rmdir "$root$ESCAPE_CGROUP"
}

# escape_enter COMMAND... - run it in the root as a machine would: the root is the "/" of a mount
# namespace, not of chroot(2), in which no user namespace can be made. It has a terminal.
escape_enter() {
	"$DKMS_TEST_LIB/terminal.py" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
		ENGINE=escape-secret ${DKMS_MUTATION:+DKMS_MUTATION="$DKMS_MUTATION"} unshare -m bash -c \
		'cd "$0" && pivot_root . mnt && umount -l /mnt && exec "$@"' "$root" "$@"
}

# escape_as_root - try all as root, without dkms; the answers are "root NAME allowed".
escape_as_root() {
	echo "engine $escape_pid" >>"$root$ESCAPE_HOME/targets"
	mkdir -p "$root/var/lib/dkms/evil/1/$A/$ESCAPE_ARCH"
	escape_enter sh -c 'mkdir /tmp/own && cd /tmp/own && "$0" root >answers' $ESCAPE_HOME/probe >"$OUT"
	cat "$root/tmp/own/answers"
	rm -rf "$root/tmp/own" "$root/var/lib/dkms/evil"
}

# escape_build [COMMAND...] - build evil/1, on a terminal, with that before "dkms".
escape_build() {
	local targets=$root$ESCAPE_HOME/targets
	sed -i '/^engine /d' "$targets"
	escape_enter sh -c 'echo "engine $$" >>"$0"; exec "$@"' $ESCAPE_HOME/targets "$@" \
		dkms build evil/1 -k "$A" --force
}

# escape_answers - what the probes of that build answered: lines CONTEXT NAME allowed|refused...
escape_answers() {
	local log
	log=$(find "$root/var/lib/dkms" -name make.log -path '*evil*' | head -n 1)
	[[ -z $log ]] || grep -aE '^(clean|pre|make|post) [a-z0-9-]+ (allowed|refused|hung|died)' "$log"
	tr -d '\r' <"$OUT" | sed -n 's/^.*conf: [0-9]* probes, allowed://p' | head -n 1 | tr ' ' '\n' |
		sed -n 's/^[a-z0-9-]*$/conf & allowed/p'
}

# escape_complete ANSWERS - each of the contexts tried all of them, and none hung.
escape_complete() {
	local context n
	n=$(in_root a $ESCAPE_HOME/probe --list | wc -l)
	for context in clean pre make post; do
		[[ $(grep -c "^$context " "$1") == "$n" ]] && ok || fail "$context: $(grep -c "^$context " "$1") answers, not $n"
	done
	tr -d '\r' <"$OUT" >"$CHECK_DIR/said"
	expect_text "conf: $n probes, allowed:" "$CHECK_DIR/said"
	expect_rc 1 grep -E ' (hung|died)$' "$1"
}

# escape_landlock - the version of the kernel's Landlock; 0: none.
escape_landlock() {
	python3 -c 'import ctypes; print(max(0, ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1)))'
}

# escape_allowed ANSWERS - a line for each probe that was allowed somewhere: its name, and where, if
# it was not everywhere.
escape_allowed() {
	awk -v contexts="$ESCAPE_CONTEXTS" '
	BEGIN { n = split(contexts, context, " ") }
	$3 == "allowed" { name[$2]; seen[$2, $1] }
	END {
		for (p in name) {
			where = ""
			for (i = 1; i <= n; i++) if ((p, context[i]) in seen) { where = where " " context[i]; count[p]++ }
			print p (count[p] == n ? "" : where)
		}
	}' "$1" | sort
}

# escape_expected TIER - the list of that tier, without what not even root may do on this machine.
escape_expected() {
	local name where landlock
	landlock=$(escape_landlock)
	grep -v '^#' "$DKMS_TEST_SRC/tests/escape/allowed.$1" | while read -r name where; do
		if [[ $where == landlock\<* ]]; then
			((landlock < ${where:9:1})) || continue
			where=${where#landlock<?}
			where=${where# }
		fi
		! grep -q "^root $name allowed" "$CHECK_DIR/as-root" || echo "$name${where:+ $where}"
	done | sort
}

# escape_marks - what the probes made outside of the build's own folders.
escape_marks() {
	find "${root%/root}/upper" \( -name 'escape-mark*' -o -name 'escape-survivor*' \) \
		! -path "*$ESCAPE_HOME/*" -printf '/%P\n' | sort
}

# escape_survivors - daemons that a build has left.
escape_survivors() {
	grep -sla "escape-daemon.*$ESCAPE_TOKEN" /proc/[0-9]*/cmdline
}
