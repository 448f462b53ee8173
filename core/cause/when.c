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
		"asm/alternative-asm.h", "asm/amd-ibs.h", "asm/amd_hsmp.h", "asm/amd_nb.h",
		"asm/cputime.h", "asm/dma-contiguous.h", "asm/e820.h", "asm/fpu-internal.h",
		"asm/fpu/internal.h", "asm/i387.h", "asm/intel_scu_ipc.h", "asm/kmap_types.h",
		"asm/semaphore.h", "asm/system.h", "asm/unaligned.h", "asm/xcr.h",
		"crypto/ablk_helper.h", "crypto/internal/chacha.h", "crypto/internal/poly1305.h",
		"crypto/sha.h", "drm/drmP.h", "drm/drm_agpsupport.h", "drm/drm_core.h",
		"drm/drm_dp_aux_bus.h", "drm/drm_dp_dual_mode_helper.h", "drm/drm_dp_helper.h",
		"drm/drm_dp_mst_helper.h", "drm/drm_dsc.h", "drm/drm_encoder_slave.h",
		"drm/drm_fb_cma_helper.h", "drm/drm_gem_cma_helper.h", "drm/drm_global.h",
		"drm/drm_hashtab.h", "drm/drm_hdcp.h", "drm/drm_irq.h", "drm/drm_legacy.h",
		"drm/drm_mem_util.h", "drm/drm_memory.h", "drm/drm_os_linux.h", "drm/drm_pci.h",
		"drm/drm_scdc_helper.h", "drm/drm_usb.h", "drm/ttm/ttm_bo_api.h",
		"drm/ttm/ttm_bo_driver.h", "drm/ttm/ttm_lock.h", "drm/ttm/ttm_memory.h",
		"drm/ttm/ttm_module.h", "drm/ttm/ttm_page_alloc.h", "linux/a.out.h",
		"linux/atomic-fallback.h", "linux/autoconf.h", "linux/blk-mq-pci.h",
		"linux/bootmem.h", "linux/cleancache.h", "linux/clk-private.h",
		"linux/compiler-gcc4.h", "linux/compiler-gcc5.h", "linux/compiler-intel.h",
		"linux/config.h", "linux/cputime.h", "linux/cryptohash.h",
		"linux/devfs_fs_kernel.h", "linux/dma-attrs.h", "linux/dma-buf-map.h",
		"linux/dma-contiguous.h", "linux/dma-iommu.h", "linux/dma-noncoherent.h",
		"linux/elevator.h", "linux/fence.h", "linux/flex_array.h", "linux/frontswap.h",
		"linux/ftrace_event.h", "linux/genhd.h", "linux/i2c-id.h", "linux/ide.h",
		"linux/input-polldev.h", "linux/intel-iommu.h", "linux/ioctl32.h",
		"linux/keyslot-manager.h", "linux/kmemcheck.h", "linux/lglock.h", "linux/lguest.h",
		"linux/lightnvm.h", "linux/netfilter_ipv4/ip_queue.h", "linux/of_i2c.h",
		"linux/pci-aspm.h", "linux/pci-dma-compat.h", "linux/percpu_ida.h",
		"linux/pm_legacy.h", "linux/pm_qos_params.h", "linux/quicklist.h",
		"linux/reservation.h", "linux/smp_lock.h", "linux/timekeeping32.h",
		"linux/tracehook.h", "linux/unaligned/access_ok.h",
		"linux/unaligned/be_byteshift.h", "linux/unaligned/generic.h",
		"linux/unaligned/le_byteshift.h", "linux/usb_usual.h", "linux/utsrelease.h",
		"linux/videodev.h", "media/ir-common.h", "media/ir-core.h", "media/soc_camera.h",
		"media/v4l2-chip-ident.h", "media/v4l2-int-device.h", "media/v4l2-of.h",
		"media/videobuf-core.h", "media/videobuf-dma-contig.h", "media/videobuf-dma-sg.h",
		"media/videobuf-vmalloc.h", "net/ieee80211.h",
		"net/netfilter/nf_conntrack_l3proto.h", "net/netfilter/nf_nat_core.h",
		"net/netfilter/nf_nat_l3proto.h", "net/netfilter/nf_nat_l4proto.h",
		"net/netfilter/nf_nat_rule.h", "net/page_pool.h", "rdma/ib_fmr_pool.h",
		"scsi/scsi_request.h", "scsi/scsi_typedefs.h", "sound/driver.h",
		"trace/events/random.h",
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

/*
 * Does a source include a header of its own name, as xt_FOO.c includes linux/netfilter/xt_FOO.h?
 * Such a header is the source's, although its folder is one of the kernel's.
 */
static bool when_is_own_header(const char *name, const char *line)
{
	const char *base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	size_t n = strcspn(line, ":"), stem = strcspn(base, ".");
	const char *file = line + n;

	while (file > line && file[-1] != '/')
		file--;
	return (size_t)(line + n - file) == stem + strlen(".c") && !strncmp(file, base, stem) &&
	       str_begins(file + stem, ".c:");
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
		"cc_mkdec", "cc_mkenc",
		"del_timer", "del_timer_sync", "do_gettimeofday", "find_module",
		"getnstimeofday", "init_mm", "kallsyms_lookup_name", "kallsyms_on_each_symbol",
		"kernel_read_file_from_path", "kernel_setsockopt", "mmput_async",
		"module_mutex", "pci_alloc_consistent", "sched_setscheduler", "set_fs",
		"set_memory_nx", "set_memory_ro", "set_memory_rw", "set_memory_x", "strlcpy",
		"tasklist_lock", NULL
		/* clang-format on */
	};

	/*
	 * System calls, memory, the scheduler and the like: no module has them, so no other module
	 * can help.  Either the kernel lost them, or it keeps them for itself.
	 */
	static const char *const cores[] = {
		/* clang-format off */
		"__arch_", "__cond_resched", "__pmd_", "__pte_", "__pud_", "__tracepoint_", "__vma_",
		"_cond_resched", "access_process_vm", "cpu_", "cpumask_", "dcache_", "dma_", "do_",
		"filp_", "flush_", "ftrace_", "get_timespec", "get_user_pages", "init_task",
		"invalidate_", "iommu_", "irq_", "kallsyms_", "kernel_", "kern_", "ksys_", "kthread_",
		"ktime_", "lookup_", "mm_", "mmput", "module_", "page_", "path_", "pgd_", "pmd_",
		"pte_", "pud_", "put_timespec", "rcu_", "sched_", "security_", "set_memory_",
		"swiotlb_", "sys_", "sysctl_", "task_", "trace_", "user_", "vfs_", "vm_", "vma_",
		"walk_page_", "x86_", NULL
		/* clang-format on */
	};

	return when_list_has(names, name) || when_list_begins(cores, name);
}

/* Symbols that every kernel gives to modules.  If one is missing, Module.symvers is missing. */
static bool when_is_base_symbol(const char *name)
{
	static const char *const names[] = {
		/* clang-format off */
		"_printk", "cancel_delayed_work_sync", "cdev_add", "complete", "copy_from_user",
		"copy_to_user", "finish_wait", "free_irq", "jiffies", "memcpy", "memset", "mod_timer",
		"module_layout", "msleep", "printk", "schedule", "schedule_timeout", "scnprintf",
		"smp_call_function_single", "snprintf", "sprintf", "sscanf", "strcmp", "strlen",
		"strncmp", "unregister_chrdev_region", "usleep_range", "vfree", "vmalloc",
		"wait_for_completion", NULL
		/* clang-format on */
	};
	static const char *const starts[] = {
		/* clang-format off */
		"__arch_copy_", "__copy_", "__init_waitqueue_head", "__kmalloc", "__mutex_init",
		"__platform_driver_register", "__put_user_", "__rcu_read_", "__wake_up", "_copy_",
		"_raw_spin_", "kfree", "kmalloc_", "kmem_cache_", "mutex_", "param_array_ops",
		"param_ops_", "queue_delayed_work_on", "queue_work_on", NULL
		/* clang-format on */
	};

	return when_list_has(names, name) || when_list_begins(starts, name);
}

/*
 * Symbols of a part of the kernel that is built if an option says so, and then often as a module.
 */
static bool when_is_option_symbol(const char *name)
{
	static const char *const starts[] = {
		/* clang-format off */
		"__hid_", "__i2c_", "__ieee80211_", "__nf_", "__rfkill_", "__spi_", "__usb_", "__v4l2_",
		"backlight_", "can_", "cfg80211_", "crypto_", "devm_drm_", "devm_gpiod_", "devm_hwmon_",
		"devm_led_", "devm_regmap_", "devm_snd_", "drm_", "dvb_", "gpiod_", "hci_", "hid_",
		"hwmon_", "i2c_", "ib_", "ieee80211_", "iio_", "input_ff_", "led_", "media_", "mmc_",
		"mtd_", "nand_", "nf_", "nfc_", "power_supply_", "pwm_", "rc_", "rdma_", "regmap_",
		"rfkill_", "scsi_", "sdio_", "snd_", "sparse_keymap_", "spi_", "thermal_", "typec_",
		"usb_", "usbnet_", "v4l2_", "v4l_", "vb2_", "video_", "videobuf_", "virtio_",
		"wiphy_", "wireless_", "wmi_", "xt_", NULL
		/* clang-format on */
	};

	return when_list_begins(starts, name);
}

/* Members of the kernel's structures that an option leaves out. */
static bool when_is_option_member(const char *name)
{
	static const char *const names[] = { "i_security", "ieee80211_ptr", "wireless_data",
					     "wireless_handlers", NULL };

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

/* Find the first place in s that has an entry of the list; return what follows it, or NULL. */
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
	static const char *const kernel_things[] = {
		"ernel header", "ernel source", "ernel devel", "ernel config",
		"inux header",	"inux source",	NULL
	};
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

	const char *at =
		str_begins(path, "arch/") ? path + strlen("arch/") : strstr(path, "/arch/");

	if (at && *at == '/')
		at += strlen("/arch/");
	return at && when_list_begins(machines, at);
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
	static const char *const tools[] = { "scripts/basic/fixdep",	  "scripts/mod/modpost",
					     "tools/objtool/objtool",	  "resolve_btfids",
					     "scripts/genksyms/genksyms", "scripts/recordmcount",
					     "scripts/sorttable" };
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

/* May kbuild have this target?  A path with blanks is cut into words; such a word is no target. */
static bool when_may_be_target(const char *name)
{
	return !strcmp(name, "Makefile") ||
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-.")];
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
	case WHEN_KERNEL_HEADER:
		return when_is_kernel_header(name) && !when_is_own_header(name, log->line);
	case WHEN_NAMESPACE: return when_is_namespace(name);
	case WHEN_KERNEL_CODE: return cause_is_in_headers(log->line);
	case WHEN_INCLUDED: return when_is_kernel_header(name) && cause_is_in_headers(log->line);
	case WHEN_LIBRARY_HEADER: return when_is_library_header(name);
	case WHEN_127: return !strchr(name, '/') || when_is_absolute(name);
	case WHEN_127_FILE: return strchr(name, '/') && !when_is_absolute(name);
	case WHEN_OPTION: return str_begins(name, "CONFIG_");
	case WHEN_GONE_SYMBOL: return when_is_gone_symbol(name);
	case WHEN_BASE_SYMBOL: return when_is_base_symbol(name);
	case WHEN_OPTION_SYMBOL: return when_is_option_symbol(name);
	case WHEN_OPTION_MEMBER: return when_is_option_member(name);
	case WHEN_COMPILER_SYMBOL: return when_is_compiler_symbol(name);
	case WHEN_HEADERS_TOOL: return when_is_headers_tool(name);
	case WHEN_NO_HEADERS: return when_says_no_headers(log->line);
	case WHEN_KERNEL_TARGET: return when_lacks_kernel_target(log->line);
	case WHEN_IN_HEADERS:
		return log->folder && cause_is_in_headers(log->folder) && when_may_be_target(name);
	case WHEN_MODULES: return !log->folder && str_begins(name, "modules");
	default: return true;
	}
}
