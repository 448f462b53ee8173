/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* policy - how one child is confined: what confine_choose() decides and inside_enter() does. */
#include <sys/types.h>

#include "base/strv.h"
#include "sys/cgroup.h"

/* See confine/confine.h. */
enum confine_tier { CONFINE_NONE, CONFINE_UID, CONFINE_PARTIAL, CONFINE_FULL };

/* How one child, or several alike, are confined. */
struct confine {
	enum confine_tier tier;
	char *why;    /* why the tier is not full; "" if it is.  For messages. */
	bool lowered; /* it would be full, but the machine does not have all that it needs */
	uid_t uid;
	gid_t gid;
	unsigned int landlock; /* version of the kernel's interface; 0: none */
	bool network;
	char *tmp; /* tmp_location, resolved, if it is not /tmp: writable, fresh at the tier full */
	struct strv write; /* resolved folders inside the root that the child can write */
	struct strv show;  /* resolved folders that the child sees even in a hidden folder */
	struct strv hide;  /* resolved files and folders that the child does not see; tier full */
	char *outbox;	   /* resolved folder that the child sees as outbox_at; NULL: none */
	char *outbox_at;
	struct cgroup *group;  /* NULL: none */
	const char *group_why; /* why there is none; static */
	bool probe; /* the child ends when all is set up, instead of starting a program */
};
#define CONFINE_INIT                                                     \
	{                                                                \
		.write = STRV_INIT, .show = STRV_INIT, .hide = STRV_INIT \
	}
