/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cause/when.h"

#include <string.h>

#include "base/alloc.h"

static bool when_list_has(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

/* Does the name begin with an entry of the list? */
static bool when_list_begins(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (str_begins(name, *list))
			return true;
	return false;
}

/* "/usr/bin/x86_64-linux-gnu-gcc-12" -> "gcc": without folder, target and version. */
static char *when_plain_name(const char *command)
{
	const char *base = strrchr(command, '/') ? strrchr(command, '/') + 1 : command;
	size_t len = strlen(base);
	size_t from;

	while (len && strchr("0123456789.", base[len - 1]))
		len--;
	if (len && base[len] && base[len - 1] == '-')
		len--;
	for (from = len; from && base[from - 1] != '-'; from--)
		;
	return xstrndup(base + from, len - from);
}

/* Is it a program of the system?  Any other path is a file of the source or of the kernel. */
static bool when_is_absolute(const char *name)
{
	return str_begins(name, "/usr/") || str_begins(name, "/bin/");
}

static bool when_is_command(const char *name, const char *const *list)
{
	AUTO_FREE char *plain = NULL;

	if (strchr(name, '/') && !when_is_absolute(name))
		return false;
	plain = when_plain_name(name);
	return when_list_has(list, plain);
}

static bool when_is_compiler(const char *name)
{
	static const char *const names[] = { "gcc",    "cc",	 "cc1",	 "clang",  "rustc",
					     "g++",    "c++",	 "cpp",	 "ld",	   "lld",
					     "as",     "ld.lld", "gold", "ccache", "collect2",
					     "ld.bfd", NULL };

	return when_is_command(name, names);
}

static bool when_is_build_tool(const char *name)
{
	static const char *const names[] = { "make",  "ar",	 "nm",	    "objcopy", "objdump",
					     "strip", "readelf", "ranlib",  "perl",    "python",
					     "bc",    "flex",	 "bison",   "awk",     "gawk",
					     "sed",   "patch",	 "openssl", NULL };

	return when_is_command(name, names);
}

/* Headers that kernels had once. */
static bool when_is_gone_header(const char *name)
{
	static const char *const names[] = {
		/* clang-format off */
		"stdarg.h", "stdbool.h", "stddef.h", /* the compiler's; used until 5.16 */
		"asm/dma-contiguous.h", "asm/fpu-internal.h", "asm/i387.h", "asm/kmap_types.h",
		"asm/semaphore.h", "asm/system.h", "asm/unaligned.h", "asm/xcr.h",
		"crypto/ablk_helper.h", "crypto/sha.h",
		"drm/drmP.h", "drm/drm_agpsupport.h", "drm/drm_dp_aux_bus.h",
		"drm/drm_dp_helper.h", "drm/drm_dp_mst_helper.h", "drm/drm_dsc.h",
		"drm/drm_fb_cma_helper.h", "drm/drm_gem_cma_helper.h", "drm/drm_hashtab.h",
		"drm/drm_hdcp.h", "drm/drm_irq.h", "drm/drm_legacy.h", "drm/drm_os_linux.h",
		"drm/drm_pci.h", "drm/drm_scdc_helper.h", "drm/ttm/ttm_bo_driver.h",
		"drm/ttm/ttm_lock.h", "drm/ttm/ttm_memory.h", "drm/ttm/ttm_module.h",
		"drm/ttm/ttm_page_alloc.h",
		"linux/atomic-fallback.h", "linux/autoconf.h", "linux/blk-mq-pci.h", "linux/bootmem.h",
		"linux/clk-private.h", "linux/cleancache.h", "linux/compiler-gcc4.h",
		"linux/compiler-gcc5.h", "linux/compiler-intel.h", "linux/config.h",
		"linux/cryptohash.h", "linux/devfs_fs_kernel.h", "linux/dma-attrs.h",
		"linux/dma-buf-map.h", "linux/dma-contiguous.h", "linux/dma-iommu.h",
		"linux/elevator.h", "linux/fence.h", "linux/frontswap.h",
		"linux/genhd.h", "linux/i2c-id.h", "linux/ide.h", "linux/input-polldev.h",
		"linux/intel-iommu.h", "linux/ioctl32.h", "linux/kmemcheck.h", "linux/lguest.h",
		"linux/lightnvm.h", "linux/netfilter_ipv4/ip_queue.h",
		"linux/pci-aspm.h", "linux/pci-dma-compat.h", "linux/pm_legacy.h",
		"linux/pm_qos_params.h", "linux/quicklist.h", "linux/reservation.h",
		"linux/smp_lock.h", "linux/timekeeping32.h",
		"linux/unaligned/access_ok.h", "linux/unaligned/be_byteshift.h",
		"linux/unaligned/generic.h", "linux/unaligned/le_byteshift.h",
		"linux/utsrelease.h", "linux/videodev.h",
		"media/soc_camera.h", "media/v4l2-chip-ident.h", "media/v4l2-int-device.h",
		"media/videobuf-core.h", "media/videobuf-dma-contig.h",
		"media/videobuf-dma-sg.h", "media/videobuf-vmalloc.h",
		"rdma/ib_fmr_pool.h", "scsi/scsi_request.h", "scsi/scsi_typedefs.h",
		"sound/driver.h", "trace/events/random.h",
		NULL
		/* clang-format on */
	};

	return when_list_has(names, name);
}

/* Headers without which nothing compiles: if one is missing, the headers are not complete. */
static bool when_is_base_header(const char *name)
{
	static const char *const names[] = { "linux/kconfig.h",
					     "linux/compiler_types.h",
					     "linux/compiler-version.h",
					     "linux/kernel.h",
					     "linux/module.h",
					     "linux/init.h",
					     "linux/types.h",
					     "asm/types.h",
					     "asm/posix_types.h",
					     NULL };

	return when_list_has(names, name) || str_begins(name, "generated/") ||
	       str_ends(name, "/linux/kconfig.h");
}

static bool when_is_kernel_header(const char *name)
{
	static const char *const folders[] = { "acpi/",	  "asm-generic/", "asm/",    "clocksource/",
					       "crypto/", "drm/",	  "linux/",  "media/",
					       "misc/",	  "net/",	  "pcmcia/", "ras/",
					       "rdma/",	  "rv/",	  "scsi/",   "soc/",
					       "sound/",  "target/",	  "trace/",  "uapi/",
					       "vdso/",	  "video/",	  "xen/",    NULL };

	return when_list_begins(folders, name);
}

static bool when_is_library_header(const char *name)
{
	static const char *const names[] = { "gelf.h",	 "dwarf.h",  "libelf.h", "stdio.h",
					     "stdlib.h", "string.h", "unistd.h", "ncurses.h",
					     "curses.h", "zlib.h",   "errno.h",	 "fcntl.h",
					     NULL };

	return when_list_has(names, name) || str_begins(name, "openssl/") ||
	       str_begins(name, "elfutils/") || str_begins(name, "sys/");
}

/* Symbols that kernels exported once, and that modules often still use. */
static bool when_is_gone_symbol(const char *name)
{
	static const char *const names[] = {
		/* clang-format off */
		"__close_fd", "__kernel_fpu_begin", "__kernel_fpu_end", "alloc_vm_area", "bdget",
		"del_timer", "del_timer_sync", "do_gettimeofday", "find_module",
		"getnstimeofday", "init_mm", "kallsyms_lookup_name", "kallsyms_on_each_symbol",
		"kernel_read_file_from_path", "kernel_setsockopt", "mmput_async",
		"module_mutex", "pci_alloc_consistent", "sched_setscheduler", "set_fs",
		"set_memory_nx", "set_memory_ro", "set_memory_rw", "set_memory_x", "strlcpy",
		"tasklist_lock", NULL
		/* clang-format on */
	};

	/*
	 * System calls, memory tables and the like: no module has them, so no other module can help.
	 * Either the kernel lost them, or it keeps them for itself.
	 */
	static const char *const cores[] = {
		/* clang-format off */
		"__pmd_", "__pte_", "__pud_", "__vma_", "flush_tlb_", "get_timespec", "init_task",
		"kallsyms_", "ksys_", "pgd_", "pmd_", "pte_", "pud_", "put_timespec", "rcu_",
		"sched_", "sys_", "task_", "vm_", "vma_", "x86_", NULL
		/* clang-format on */
	};

	return when_list_has(names, name) || when_list_begins(cores, name);
}

/* Symbols that every kernel gives to modules: if they are missing, its Module.symvers is. */
static bool when_is_base_symbol(const char *name)
{
	static const char *const names[] = {
		/* clang-format off */
		"__kmalloc", "__kmalloc_noprof", "_printk", "jiffies", "kfree", "memcpy", "memset",
		"module_layout", "mutex_lock", "mutex_unlock", "param_ops_int", "printk", "sprintf",
		"strcmp", "strlen", NULL
		/* clang-format on */
	};

	return when_list_has(names, name);
}

/* Symbols that compilers use by themselves, because of an option.  A kernel has those it needs. */
static bool when_is_compiler_symbol(const char *name)
{
	static const char *const names[] = { "mcount",
					     "_mcount",
					     "__gnu_mcount_nc",
					     "__fentry__",
					     "__stack_chk_",
					     "__x86_indirect_thunk_",
					     "__x86_return_thunk",
					     "__asan_",
					     "__ubsan_",
					     "__sanitizer_",
					     "__tsan_",
					     NULL };

	return when_list_begins(names, name);
}

/* What follows the entry of the list that stands first in s; NULL: none stands in it. */
static const char *when_after(const char *s, const char *const *list)
{
	const char *best = NULL, *after = NULL;

	for (; s && *list; list++) {
		const char *at = strstr(s, *list);

		if (at && (!best || at < best)) {
			best = at;
			after = at + strlen(*list);
		}
	}
	return after;
}

/*
 * "Unable to find the sources of your Linux kernel", "Kernel headers not found": each script says
 * it in words of its own, in one of these two orders.
 */
static bool when_says_no_headers(const char *line)
{
	static const char *const kernel[] = { " kernel", "Linux ", " linux ", NULL };
	static const char *const things[] = { "header", "source", "devel", NULL };
	static const char *const kernel_things[] = { "ernel header", "ernel source", "ernel devel",
						     "inux header",  "inux source",  NULL };
	static const char *const searches[] = {
		"nable to find",      "nable to locate", "not find", "not locate", "n't find",
		"not appear to have", "do not have",	 "n't have", NULL
	};
	static const char *const missing[] = { "not found",  "not be found", "not installed",
					       "not in any", "not exist",    "missing",
					       NULL };
	const char *search = when_after(line, searches);

	return (when_after(search, kernel) && when_after(search, things)) ||
	       when_after(when_after(line, kernel_things), missing);
}

/* "arch/armv7l/Makefile": a source has taken the machine's name for the kernel's. */
static bool when_is_no_arch(const char *path)
{
	static const char *const machines[] = { "/",	 "aarch64/", "amd64/", "armv",
						"i586/", "i686/",    "ppc64",  NULL };

	return str_begins(path, "arch/") && when_list_begins(machines, path + strlen("arch/"));
}

/*
 * Does make say, in any language, that it has no rule for a file of the kernel?  That is the first
 * word in quotation marks: "make[1]: *** No rule to make target 'scripts/mod/modpost'.  Stop."
 */
static bool when_lacks_kernel_target(const char *line)
{
	static const char *const folders[] = { "arch/",
					       "scripts/",
					       "include/",
					       "tools/",
					       "/usr/src/linux-headers-",
					       "/usr/src/kernels/",
					       "/usr/src/kernel-headers-",
					       "/usr/src/kernel-devel-",
					       NULL };
	static const char *const marks[] = { "'",	  "\"",	      "\xc2\xab\xc2\xa0",
					     "\xc2\xab ", "\xc2\xab", NULL };
	static const char *const stars[] = { "*** ", NULL };
	const char *said = when_after(line, stars);
	const char *target = when_after(said, marks);

	return target && *said != '[' && when_list_begins(folders, target) &&
	       !when_is_no_arch(target);
}

static bool when_is_namespace(const char *name)
{
	static const char *const names[] = {
		"CRYPTO_INTERNAL", "CXL",	    "DMA_BUF", "IIO_", "PWM", "SND_",
		"USB_STORAGE",	   "VFS_internal_", NULL
	};

	return when_list_begins(names, name);
}

/* Is it a program that comes with the headers: scripts/basic/fixdep, ./tools/objtool/objtool? */
static bool when_is_headers_tool(const char *name)
{
	static const char *const tools[] = {
		"scripts/basic/fixdep",	    "scripts/mod/modpost",	 "tools/objtool/objtool",
		"tools/bpf/resolve_btfids", "scripts/genksyms/genksyms", "scripts/recordmcount",
		"scripts/sorttable"
	};
	const char *word = strrchr(name, ' ') ? strrchr(name, ' ') + 1 : name;

	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (str_ends(word, tools[i]))
			return true;
	return false;
}

/* Does the first part of the path end with "-common"? */
static bool when_is_common(const char *name)
{
	static const char end[] = "-common";
	size_t n = strcspn(name, "/");

	return n >= strlen(end) && !strncmp(name + n - strlen(end), end, strlen(end));
}

/* Is it the release itself, or a path that begins with it ("K/build")? */
static bool when_is_release(const char *name, const char *release)
{
	size_t n = strlen(release);

	/* A folder "...-common" is shared by several flavours, so it tells of no other kernel. */
	if (when_is_common(name))
		return true;
	return !strncmp(name, release, n) && (!name[n] || name[n] == '/');
}

/* Is it "/var/lib/dkms/NAME/..." with the name of another module? */
static bool when_is_other_module(const char *name, const char *module)
{
	static const char tree[] = "/var/lib/dkms/";
	size_t n;

	if (!str_begins(name, tree))
		return false;
	name += strlen(tree);
	n = strcspn(name, "/");
	return strncmp(name, module, n) != 0 || (module[n] && module[n] != '-');
}

bool cause_is_in_headers(const char *path)
{
	static const char *const folders[] = { "/lib/modules/", "/usr/lib/modules/",
					       "/usr/src/linux", "/usr/src/kernel", NULL };

	while (str_begins(path, "./"))
		path += strlen("./");
	/* Kbuild of old kernels works in that folder. */
	if (str_begins(path, "include/"))
		return when_is_kernel_header(path + strlen("include/"));
	return when_list_begins(folders, path) || str_begins(path, "arch/");
}

bool cause_when_holds(enum cause_when when, const char *name, const struct when_log *log)
{
	switch (when) {
	case WHEN_COMPILER: return when_is_compiler(name);
	case WHEN_BUILD_TOOL: return when_is_build_tool(name);
	case WHEN_OTHER_KERNEL: return log->release && !when_is_release(name, log->release);
	case WHEN_OTHER_MODULE: return log->module && when_is_other_module(name, log->module);
	case WHEN_GONE_HEADER: return when_is_gone_header(name);
	case WHEN_BASE_HEADER: return when_is_base_header(name);
	case WHEN_KERNEL_HEADER: return when_is_kernel_header(name);
	case WHEN_NAMESPACE: return when_is_namespace(name);
	case WHEN_KERNEL_CODE: return cause_is_in_headers(log->line);
	case WHEN_INCLUDED: return when_is_kernel_header(name) && cause_is_in_headers(log->line);
	case WHEN_LIBRARY_HEADER: return when_is_library_header(name);
	case WHEN_127: return !strchr(name, '/') || when_is_absolute(name);
	case WHEN_127_FILE: return strchr(name, '/') && !when_is_absolute(name);
	case WHEN_OPTION: return str_begins(name, "CONFIG_");
	case WHEN_GONE_SYMBOL: return when_is_gone_symbol(name);
	case WHEN_BASE_SYMBOL: return when_is_base_symbol(name);
	case WHEN_COMPILER_SYMBOL: return when_is_compiler_symbol(name);
	case WHEN_HEADERS_TOOL: return when_is_headers_tool(name);
	case WHEN_NO_HEADERS: return when_says_no_headers(log->line);
	case WHEN_KERNEL_TARGET: return when_lacks_kernel_target(log->line);
	case WHEN_IN_HEADERS:
		return log->folder && cause_is_in_headers(log->folder) && !strchr(name, '/');
	default: return true;
	}
}
