/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/modes.h"

#include <string.h>

#include "base/buf.h"

enum {
	READ_OTHERS = 0044,
	WRITE_GROUP = 0020,
	WRITE_OTHERS = 0002,
	STICKY = 01000,
	SYSTEM_GROUPS = 100, /* the distribution, not the admin, assigns the ids below this one */
};

static bool modes_is_private_group(const struct modes_file *f, const struct modes_user *u)
{
	return u->uid != 0 && u->uid == u->gid && f->gid == u->gid;
}

unsigned int modes_judge(const struct modes_file *f, const struct modes_user *u, enum modes_use use)
{
	bool sticky = use == MODES_WAY && (f->mode & STICKY);
	unsigned int flaws = 0;

	if (f->uid != 0 && f->uid != u->uid)
		flaws |= MODES_OWNER;
	if ((f->mode & WRITE_OTHERS) && !sticky)
		flaws |= MODES_OTHERS;
	if ((f->mode & WRITE_GROUP) && !sticky && !modes_is_private_group(f, u))
		flaws |= use == MODES_WAY && f->gid < SYSTEM_GROUPS ? MODES_TOLERATED : MODES_GROUP;
	if (use == MODES_SECRET && (f->mode & READ_OTHERS))
		flaws |= MODES_READ;
	return flaws;
}

char *modes_text(const char *path, const struct modes_file *f, unsigned int flaws)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s (mode %04o)", path, f->mode & 07777);
	if (flaws & MODES_OWNER)
		buf_addf(&b, " belongs to user %u", f->uid);
	if ((flaws & MODES_OWNER) && (flaws & ~(unsigned int)MODES_OWNER))
		buf_adds(&b, " and");
	if (flaws & MODES_OTHERS)
		buf_adds(&b, " can be written by everybody");
	else if (flaws & (MODES_GROUP | MODES_TOLERATED))
		buf_addf(&b, " can be written by group %u", f->gid);
	else if (flaws & MODES_READ)
		buf_adds(&b, " can be read by others than its owner");
	return buf_detach(&b);
}

/* Append s as one word for a shell, in quotes only if it needs them. */
static void modes_add_quoted(struct buf *b, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._-+:@%,=~";

	if (*s && strspn(s, plain) == strlen(s) && *s != '-' && *s != '~')
		buf_adds(b, s);
	else
		buf_add_quoted(b, s);
}

char *modes_advice(const char *path, const struct modes_user *u, unsigned int flaws, bool all)
{
	const char *below = all ? "-R " : "";
	struct buf b = BUF_INIT;

	if (flaws & MODES_OWNER) {
		buf_addf(&b, "chown %s", below);
		if (u->uid == 0)
			buf_adds(&b, "root:root ");
		else
			buf_addf(&b, "%u ", u->uid);
		modes_add_quoted(&b, path);
	}
	if (flaws & ~(unsigned int)MODES_OWNER) {
		buf_addf(&b, "%schmod %s%s ", b.len ? " && " : "", below,
			 flaws & MODES_READ ? "go=" : "go-w");
		modes_add_quoted(&b, path);
	}
	return buf_detach(&b);
}
