/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* policy - how one child is confined: what confine_choose() decides and inside_enter() does. */
#include <sys/types.h>

#include "base/strv.h"

/* See confine/confine.h. */
enum confine_tier { CONFINE_NONE, CONFINE_UID, CONFINE_PARTIAL, CONFINE_FULL };

enum confine_kind {
	CONFINE_CONF,  /* evaluation of confs: nothing is writable but a fresh /tmp */
	CONFINE_BUILD, /* PRE_BUILD, make, POST_BUILD, CLEAN, patch */
};

/* How one child, or several alike, are confined. */
struct confine {
	enum confine_kind kind;
	enum confine_tier tier;
	char *why; /* why the tier is not full; "" if it is.  For messages. */
	uid_t uid;
	gid_t gid;
	unsigned int landlock; /* version of the kernel's interface; 0: none */
	bool network;
	char *tmp; /* the setting tmp_location, resolved: another fresh folder; NULL: none */
	struct strv write; /* resolved folders inside the root that the child can write */
	struct strv show;  /* resolved folders that are shown though they lie in a hidden one */
	struct strv hide;  /* resolved files and folders that are not there */
	char *outbox;	   /* resolved folder that the child sees as outbox_at; NULL: none */
	char *outbox_at;
	bool probe; /* the child ends when all is set up, instead of starting a program */
};
#define CONFINE_INIT                                                     \
	{                                                                \
		.write = STRV_INIT, .show = STRV_INIT, .hide = STRV_INIT \
	}
