/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages for systemd's journal. */
#include <inttypes.h>

#include "alert/alert.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "sys/sdjournal.h"

/* The ids of the two messages.  dkms(8) lists them, and they never change. */
#define MESSAGE_FAILED "8cc9ab31e69d4bccbfa4c98753c660b6"
#define MESSAGE_MENDED "fc8bb79205ce496cac5451c96b3a64b7"

/* The numbers of syslog(3). */
#define PRIORITY_ERROR	"3"
#define PRIORITY_NOTICE "5"

static void alert_journal_field(struct buf *b, const char *name, const char *value)
{
	AUTO_BUF struct buf visible = BUF_INIT;

	if (!value)
		return;
	text_add_visible(&visible, value);
	sdjournal_field(b, name, visible.s);
}

static int alert_journal_send(const struct engine *e, const struct failure *f, const char *id,
			      const char *priority, const char *message)
{
	AUTO_FREE char *since = f->since ? xasprintf("%" PRId64, f->since) : NULL;
	AUTO_BUF struct buf b = BUF_INIT;

	sdjournal_field(&b, "MESSAGE", message);
	sdjournal_field(&b, "MESSAGE_ID", id);
	sdjournal_field(&b, "PRIORITY", priority);
	sdjournal_field(&b, "SYSLOG_IDENTIFIER", "dkms");
	sdjournal_field(&b, "DOCUMENTATION", "man:dkms(8)");
	alert_journal_field(&b, "DKMS_MODULE", f->name);
	alert_journal_field(&b, "DKMS_VERSION", f->version);
	alert_journal_field(&b, "DKMS_KERNEL", f->release);
	alert_journal_field(&b, "DKMS_ARCH", f->arch);
	alert_journal_field(&b, "DKMS_CAUSE", f->cause);
	alert_journal_field(&b, "DKMS_WHAT", f->what);
	alert_journal_field(&b, "DKMS_LOG", f->log);
	alert_journal_field(&b, "DKMS_SINCE", since);
	alert_journal_field(&b, "DKMS_RUN", e->run_id);
	return sdjournal_send(&e->root, &b);
}

void alert_journal(const struct engine *e, const struct alert_changes *c)
{
	int k = 0;

	if (!settings_true(&e->settings, SET_JOURNAL))
		return;
	for (size_t i = 0; k == 0 && i < c->n_failed; i++) {
		AUTO_BUF struct buf text = BUF_INIT;

		alert_add_sentence(&text, c->failed[i]);
		k = alert_journal_send(e, c->failed[i], MESSAGE_FAILED, PRIORITY_ERROR, text.s);
	}
	for (size_t i = 0; k == 0 && i < c->n_mended; i++) {
		AUTO_BUF struct buf text = BUF_INIT;

		buf_addf(&text, "%s builds for %s again", c->mended[i]->name,
			 c->mended[i]->release);
		k = alert_journal_send(e, c->mended[i], MESSAGE_MENDED, PRIORITY_NOTICE, text.s);
	}
	/* A journal that is not there, or that is busy now, is no reason to wait or to complain. */
	if (k < 0)
		log_debug("the journal was not told: %s", error_text(k));
}
