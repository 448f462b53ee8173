/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/trusted.h"

#include <string.h>

#include "base/alloc.h"

static bool trusted_config(const struct scene *s, const char *name)
{
	return s->has_config && kconfig_enabled(&s->config, name);
}

/* ---- are signatures asked for? ---- */

/* "module.sig_enforce", alone or with a value that the kernel takes for "yes". */
static bool trusted_word_enforces(const char *word)
{
	const char *rest = word + strlen("module.sig_enforce");

	if (!str_begins(word, "module.sig_enforce") && !str_begins(word, "module.sig-enforce"))
		return false;
	return !*rest || (*rest == '=' && (!rest[1] || strchr("1yYtT", rest[1]) ||
					   strcmp(rest, "=on") == 0 || strcmp(rest, "=ON") == 0));
}

static const char *trusted_command_line(const struct scene *s)
{
	const char *word;

	STRV_FOREACH (word, &s->words) {
		if (trusted_word_enforces(word))
			return "module.sig_enforce is on the command line";
		if (strcmp(word, "lockdown=integrity") == 0 ||
		    strcmp(word, "lockdown=confidentiality") == 0)
			return "lockdown is on the command line";
	}
	return NULL;
}

enum enforcement trusted_enforcement(const struct scene *s, const char **ret_why)
{
	bool by_boot = !s->has_config || trusted_config(s, "CONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT") ||
		       trusted_config(s, "CONFIG_IMA_ARCH_POLICY");

	if (s->has_config && !trusted_config(s, "CONFIG_MODULE_SIG"))
		return ENFORCED_NOT;
	*ret_why = trusted_command_line(s);
	if (*ret_why)
		return ENFORCED;
	*ret_why = "the kernel is built to take nothing else";
	if (trusted_config(s, "CONFIG_MODULE_SIG_FORCE") ||
	    trusted_config(s, "CONFIG_LOCK_DOWN_KERNEL_FORCE_INTEGRITY") ||
	    trusted_config(s, "CONFIG_LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY"))
		return ENFORCED;
	*ret_why = "Secure Boot is on";
	if (s->firmware->boot == FIRMWARE_SECURE && by_boot)
		return ENFORCED;
	*ret_why = "it cannot be seen whether Secure Boot is on";
	return s->firmware->boot == FIRMWARE_UNKNOWN && by_boot ? ENFORCED_MAYBE : ENFORCED_NOT;
}

/* ---- keys ---- */

/* Part of the firmware's keys cannot be read. */
static bool trusted_lists_are_lost(const struct scene *s)
{
	return s->firmware->damaged || s->firmware->boot == FIRMWARE_UNKNOWN;
}

enum key_trust { TRUST_NO, TRUST_YES, TRUST_MAYBE };

static enum key_trust trusted_key(const struct scene *s, const struct scene_module *m)
{
	const struct firmware *f = s->firmware;
	enum key_trust best = s->firmware_keys ? TRUST_YES : TRUST_MAYBE;

	if (m->kernel_key)
		return TRUST_YES;
	switch (f->keys[m->key].place) {
	case KEY_KERNEL: return TRUST_YES;
	case KEY_FIRMWARE:
		if (s->has_config && !trusted_config(s, "CONFIG_LOAD_UEFI_KEYS"))
			return TRUST_NO;
		return best;
	case KEY_OWNER:
		/* Without Secure Boot the kernel does not believe the owner's list. */
		if (f->boot == FIRMWARE_INSECURE ||
		    (s->has_config && !trusted_config(s, "CONFIG_LOAD_UEFI_KEYS")))
			return TRUST_NO;
		return f->boot == FIRMWARE_SECURE ? best : TRUST_MAYBE;
	default: return trusted_lists_are_lost(s) ? TRUST_MAYBE : TRUST_NO;
	}
}

static char *trusted_enroll(const struct scene *s)
{
	if (!s->certificate || !s->firmware->efi || s->firmware->boot == FIRMWARE_INSECURE)
		return NULL;
	return xasprintf("mokutil --import %s, then reboot", s->certificate);
}

/* ---- a module ---- */

/* The kernel does not know who has signed it, or nobody has. */
static enum reason trusted_without(const struct scene *s, const struct scene_module *m,
				   const char *text, enum reason reason, char **ret_text,
				   char **ret_cure)
{
	const char *why = NULL;

	switch (trusted_enforcement(s, &why)) {
	case ENFORCED:
		if (reason == REASON_KEY && s->firmware->boot == FIRMWARE_SECURE) {
			*ret_text = xstrdup(text);
			*ret_cure = trusted_enroll(s);
		} else {
			*ret_text = xasprintf("%s, and %s", text, why);
		}
		if (reason == REASON_UNSIGNED && m->detached) {
			free(*ret_text);
			*ret_text = xasprintf("its signature is in a file beside it, where the "
					      "kernel does not look, and %s",
					      why);
		}
		return reason;
	case ENFORCED_MAYBE: *ret_text = xasprintf("%s, and %s", text, why); return REASON_FIRMWARE;
	default: return REASON_NONE;
	}
}

static enum reason trusted_signed(const struct scene *s, const struct scene_module *m,
				  char **ret_text, char **ret_cure)
{
	enum key_trust trust = trusted_key(s, m);
	bool bad = m->signature == SIGNATURE_BAD;
	const char *why = NULL;

	if (s->firmware->keys[m->key].revoked) {
		*ret_text = xstrdup("signed by a key that the firmware has revoked");
		return REASON_REVOKED;
	}
	if (bad && trust != TRUST_NO) {
		*ret_text = xstrdup("its bytes are not those that were signed");
		return REASON_SIGNATURE;
	}
	if (trust == TRUST_YES ||
	    (trust == TRUST_MAYBE && trusted_enforcement(s, &why) == ENFORCED_NOT))
		return REASON_NONE;
	if (trust == TRUST_NO)
		return trusted_without(s, m,
				       bad ? "its bytes are not those that were signed"
				       : s->firmware->efi
					       ? "signed by a key the firmware does not have"
					       : "signed by a key that this kernel does not have",
				       bad ? REASON_SIGNATURE : REASON_KEY, ret_text, ret_cure);
	*ret_text =
		xstrdup(trusted_lists_are_lost(s)
				? "the firmware's keys cannot be read"
				: "whether this kernel trusts the firmware's keys is not known");
	return REASON_KEY_UNCERTAIN;
}

enum reason trusted_judge(const struct scene *s, const struct scene_module *m, char **ret_text,
			  char **ret_cure)
{
	const char *why = NULL;

	if (s->has_config && !trusted_config(s, "CONFIG_MODULE_SIG"))
		return REASON_NONE;
	if (m->hash_revoked) {
		*ret_text = xstrdup("the firmware has revoked it");
		return REASON_REVOKED;
	}
	switch (m->signature) {
	case SIGNATURE_DAMAGED:
		*ret_text = xasprintf("its signature is damaged: %s", m->signature_why);
		return REASON_SIGNATURE;
	case SIGNATURE_GOOD:
	case SIGNATURE_BAD: return trusted_signed(s, m, ret_text, ret_cure);
	case SIGNATURE_NONE:
		return trusted_without(s, m, "it is not signed", REASON_UNSIGNED, ret_text,
				       ret_cure);
	case SIGNATURE_OTHER:
		if (trusted_lists_are_lost(s) && trusted_enforcement(s, &why) != ENFORCED_NOT) {
			*ret_text = xstrdup("the firmware's keys cannot be read");
			return REASON_KEY_UNCERTAIN;
		}
		return trusted_without(s, m, "signed by a key that nothing here knows", REASON_KEY,
				       ret_text, ret_cure);
	case SIGNATURE_KERNEL: break;
	}
	return REASON_NONE;
}
