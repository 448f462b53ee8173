/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "confine/inside.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "sys/mutation.h"

#if defined(__x86_64__)
#define FILTER_ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define FILTER_ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__)
#define FILTER_ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__)
#define FILTER_ARCH AUDIT_ARCH_ARM
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FILTER_ARCH AUDIT_ARCH_PPC64LE
#elif defined(__riscv) && __riscv_xlen == 64
#define FILTER_ARCH AUDIT_ARCH_RISCV64
#elif defined(__s390x__)
#define FILTER_ARCH AUDIT_ARCH_S390X
#elif defined(__loongarch64)
#define FILTER_ARCH AUDIT_ARCH_LOONGARCH64
#endif

#ifdef FILTER_ARCH

#define X32_BIT 0x40000000 /* set in the number of an x32 call; the architecture is x86-64 */

/*
 * These calls fail with EPERM.  For most of them, an unprivileged process gets EPERM anyway.  It
 * could use the others, and some of those have been ways into the kernel: bpf, userfaultfd, keys,
 * perf events, new user namespaces.
 */
static const int filter_forbidden[] = {
#define CALL(name) SYS_##name,
	/* clang-format off */
	CALL(mount) CALL(umount2) CALL(pivot_root) CALL(chroot) CALL(unshare) CALL(setns)
	CALL(init_module) CALL(finit_module) CALL(delete_module)
	CALL(add_key) CALL(request_key) CALL(keyctl)
	CALL(bpf) CALL(perf_event_open) CALL(userfaultfd)
	CALL(ptrace) CALL(process_vm_readv) CALL(process_vm_writev) CALL(kcmp)
	CALL(name_to_handle_at) CALL(open_by_handle_at) CALL(fanotify_init)
	CALL(reboot) CALL(swapon) CALL(swapoff) CALL(quotactl) CALL(acct) CALL(syslog)
	CALL(settimeofday) CALL(clock_settime) CALL(adjtimex) CALL(clock_adjtime)
	CALL(sethostname) CALL(setdomainname) CALL(vhangup) CALL(mbind) CALL(set_mempolicy)
	CALL(migrate_pages) CALL(move_pages)
#ifdef SYS_kexec_load
	CALL(kexec_load)
#endif
#ifdef SYS_kexec_file_load
	CALL(kexec_file_load)
#endif
#ifdef SYS_iopl
	CALL(iopl) CALL(ioperm)
#endif
#ifdef SYS_modify_ldt
	CALL(modify_ldt)
#endif
#ifdef SYS_open_tree
	CALL(open_tree) CALL(move_mount) CALL(fsopen) CALL(fsconfig) CALL(fsmount) CALL(fspick)
#endif
#ifdef SYS_mount_setattr
	CALL(mount_setattr)
#endif
#ifdef SYS_pidfd_getfd
	CALL(pidfd_getfd)
#endif
#ifdef SYS_process_madvise
	CALL(process_madvise)
#endif
#ifdef SYS_quotactl_fd
	CALL(quotactl_fd)
#endif
#ifdef SYS_memfd_secret
	CALL(memfd_secret)
#endif
/* clang-format on */
#undef CALL
};

/*
 * These calls fail with ENOSYS, as on an older kernel, so libc and programs do without them.
 * clone3(2) has its flags in memory, where a filter cannot see them.  io_uring has been a way into
 * the kernel, too.
 */
static const int filter_unknown[] = {
#ifdef SYS_clone3
	SYS_clone3,
#endif
#ifdef SYS_socketcall
	SYS_socketcall, /* its arguments are in memory, too; socket(2) does the same */
#endif
#ifdef SYS_io_uring_setup
	SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
#endif
};

#define TYPE_MASK 0xf /* of socket(2): the type without its flags */

#define NEW_NAMESPACES                                                                             \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | \
	 0x02000000 /* CLONE_NEWCGROUP */)

/* s390 passes the flags of clone(2) as the second argument. */
#ifdef __s390x__
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif

struct filter {
	struct sock_filter code[256];
	unsigned short n;
};

static void filter_add(struct filter *f, struct sock_filter instruction)
{
	f->code[f->n++] = instruction;
}

static void filter_load(struct filter *f, size_t offset)
{
	filter_add(f, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

/* Load the low half of an argument; the kernel's structure has both halves in host order. */
static void filter_load_argument(struct filter *f, unsigned int i)
{
	size_t low = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(uint32_t) : 0;

	filter_load(f, offsetof(struct seccomp_data, args) + i * sizeof(uint64_t) + low);
}

static void filter_return(struct filter *f, uint32_t action)
{
	filter_add(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static void filter_refuse(struct filter *f, uint32_t value, int error)
{
	filter_add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
	filter_return(f, SECCOMP_RET_ERRNO | (uint32_t)error);
}

/* Calls of another architecture (a 32-bit program on a 64-bit machine) fail with ENOSYS. */
static void filter_architecture(struct filter *f)
{
	filter_load(f, offsetof(struct seccomp_data, arch));
	filter_add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_ARCH, 1, 0));
	filter_return(f, SECCOMP_RET_ERRNO | ENOSYS);
	filter_load(f, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	filter_add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1));
	filter_return(f, SECCOMP_RET_ERRNO | ENOSYS);
#endif
}

/* Refuse clone(2) with a flag for a new namespace. */
static void filter_clone(struct filter *f)
{
	filter_add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4));
	filter_load_argument(f, CLONE_FLAGS);
	filter_add(f,
		   (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NEW_NAMESPACES, 0, 1));
	filter_return(f, SECCOMP_RET_ERRNO | EPERM);
	filter_load(f, offsetof(struct seccomp_data, nr));
}

/* Refuse an ioctl(2) that puts characters into the input of a terminal. */
static void filter_ioctl(struct filter *f)
{
	static const uint32_t forbidden[] = { TIOCSTI, TIOCLINUX };
	unsigned char skip = 2 + 2 * ARRAY_SIZE(forbidden);

	filter_add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, skip));
	filter_load_argument(f, 1);
	for (size_t i = 0; i < ARRAY_SIZE(forbidden); i++)
		filter_refuse(f, forbidden[i], EPERM);
	filter_load(f, offsetof(struct seccomp_data, nr));
}

/*
 * Refuse prlimit(2) for another process.  All builds have the same user, so a build could end
 * another build by a limit of CPU time.  Landlock does not prevent that.
 */
static void filter_prlimit(struct filter *f)
{
	filter_add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prlimit64, 0, 4));
	filter_load_argument(f, 0);
	filter_add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0));
	filter_return(f, SECCOMP_RET_ERRNO | EPERM);
	filter_load(f, offsetof(struct seccomp_data, nr));
}

/*
 * Without network, a socket can only be one of a pair: a socket in a folder that everybody may
 * enter leads to a service, and neither mounts nor Landlock (before Linux 7.1) hide it by its kind.
 * So connect(2) is refused, and so are the types of sockets that can send without it.
 */
static void filter_connections(struct filter *f)
{
	static const uint32_t calls[] = { SYS_socket, SYS_socketpair };

	filter_refuse(f, SYS_connect, ECONNREFUSED);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		filter_add(f,
			   (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i], 0, 6));
		filter_load_argument(f, 1);
		filter_add(f, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TYPE_MASK));
		filter_add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOCK_STREAM,
							   2, 0));
		filter_add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							   SOCK_SEQPACKET, 1, 0));
		filter_return(f, SECCOMP_RET_ERRNO | ESOCKTNOSUPPORT);
		filter_load(f, offsetof(struct seccomp_data, nr));
	}
}

/* Sockets of the families that are not listed are refused as on a kernel that lacks them. */
static void filter_socket(struct filter *f, bool network)
{
	static const uint32_t families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };
	size_t n = network ? ARRAY_SIZE(families) : 1;
	unsigned char left;

	filter_add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0,
						   (unsigned char)(n + 3)));
	filter_load_argument(f, 0);
	for (size_t i = 0; i < n; i++) {
		left = (unsigned char)(n - i);
		filter_add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, families[i],
							   left, 0));
	}
	filter_return(f, SECCOMP_RET_ERRNO | EAFNOSUPPORT);
	filter_load(f, offsetof(struct seccomp_data, nr));
}

int filter_install(bool network)
{
	struct filter f = { .n = 0 };
	struct sock_fprog program;

	filter_architecture(&f);
	filter_clone(&f);
	filter_ioctl(&f);
	filter_prlimit(&f);
#ifdef SYS_socket
	filter_socket(&f, network);
	if (!network)
		filter_connections(&f);
#endif
	for (size_t i = 0; i < ARRAY_SIZE(filter_forbidden); i++)
		filter_refuse(&f, (uint32_t)filter_forbidden[i], EPERM);
	for (size_t i = 0; i < ARRAY_SIZE(filter_unknown); i++)
		filter_refuse(&f, (uint32_t)filter_unknown[i], ENOSYS);
	filter_return(&f, SECCOMP_RET_ALLOW);
	program = (struct sock_fprog){ .len = f.n, .filter = f.code };
	if (mutation("confine-no-filter"))
		return 0;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
}

#else

int filter_install(bool network)
{
	(void)network;
	return -ENOSYS;
}

#endif
