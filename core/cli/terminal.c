/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/terminal.h"

#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH 80 /* columns of a terminal that does not report its width */

static const char *terminal_env(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* Has the locale UTF-8?  The locale is found as setlocale(3) finds it, but not loaded. */
static bool terminal_has_utf8(void)
{
	const char *locale = terminal_env("LC_ALL");
	const char *charset;

	locale = locale ? locale : terminal_env("LC_CTYPE");
	locale = locale ? locale : terminal_env("LANG");
	charset = locale ? strchr(locale, '.') : NULL;
	return charset &&
	       (strncasecmp(charset, ".utf-8", 6) == 0 || strncasecmp(charset, ".utf8", 5) == 0);
}

static size_t terminal_columns(void)
{
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_col == 0)
		return WIDTH;
	return w.ws_col;
}

struct terminal terminal_look(void)
{
	const char *term = terminal_env("TERM");
	struct terminal t = { .is = isatty(STDOUT_FILENO), .ascii = !terminal_has_utf8() };

	if (!t.is)
		return t;
	t.width = terminal_columns();
	t.color = term && strcmp(term, "dumb") != 0 && !terminal_env("NO_COLOR");
	return t;
}
