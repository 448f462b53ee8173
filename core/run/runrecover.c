/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/runrecover.h"

#include "base/log.h"
#include "build/mok.h"
#include "build/workspace.h"
#include "install/depmod.h"
#include "sys/lock.h"
#include "tree/aside.h"
#include "tree/ledgerfile.h"
#include "tree/staging.h"
#include "tx/recovery.h"

static void run_tell_recovery(const char *text, void *data)
{
	(void)data;
	log_warning("%s", text);
}

int run_recover_journals(struct engine *e, struct err *err)
{
	int k;

	aside_remove_links(e);
	mok_add_places(e, &e->place.trees);
	k = journal_recover(&e->place, run_tell_recovery, NULL);
	return k < 0 ? lock_failed(err, k, e->place.dir) : 0;
}

void run_recover_rest(struct engine *e)
{
	ledger_settle_all(e);
	workspace_recover(e);
	staging_recover(e);
	depmod_sweep(e);
	if (!e->no_depmod)
		depmod_recover(e);
}
