/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "confine/rules.h"

const struct confine_rule confine_rules[] = {
	{ "user", "its own, without groups and capabilities",
	  "root's files and processes are out of reach", CONFINE_UID, CONFINE_FULL },
	{ "set-user-ID programs", "as ordinary programs", "sudo and mount give nothing",
	  CONFINE_UID, CONFINE_FULL },
	{ "write files", "the build folder, the outbox, /tmp and tmp_location, which are its own",
	  "make writes nothing else", CONFINE_FULL, CONFINE_FULL },
	{ "write files", "the build folder, /tmp", "make writes nothing else", CONFINE_PARTIAL,
	  CONFINE_PARTIAL },
	{ "read files", "all that every user can read, but not /home, /root, /run, /mnt, /media",
	  "kernel headers and compilers lie in /usr and /lib", CONFINE_PARTIAL, CONFINE_FULL },
	{ "signing key, /etc/ssh", "not there", "a build needs no key", CONFINE_FULL,
	  CONFINE_FULL },
	{ "devices", "null, zero, full, random, urandom", "shells and compilers open these",
	  CONFINE_FULL, CONFINE_FULL },
	{ "processes", "its own, which end with it", "nothing is left behind by a build",
	  CONFINE_FULL, CONFINE_FULL },
	{ "network", "none", "what is built must be in the source", CONFINE_FULL, CONFINE_FULL },
	{ "sockets", "pairs of the family AF_UNIX, without connections", "no way to services",
	  CONFINE_UID, CONFINE_FULL },
	{ "shared memory, semaphores, host name", "its own", "no way to other processes",
	  CONFINE_FULL, CONFINE_FULL },
	{ "system calls", "none of mount, bpf, ptrace, io_uring, keys, modules, namespaces, clocks",
	  "a build needs none of them, and some have been ways into the kernel", CONFINE_UID,
	  CONFINE_FULL },
	{ "terminal", "no characters into its input", "they would be typed as by the admin",
	  CONFINE_UID, CONFINE_FULL },
	{ "resources", "files of 16 GiB, 8192 processes, memory as the machine has, no core dumps",
	  "a runaway build must not take the machine with it", CONFINE_UID, CONFINE_FULL },
};
const size_t confine_n_rules = ARRAY_SIZE(confine_rules);
