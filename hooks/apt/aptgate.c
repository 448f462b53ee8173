/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * aptgate - tells apt's user why a kernel is kept back (AptCli::Hooks in 90dkms).
 *
 * apt starts it for each of its messages, and speaks JSON-RPC through the socket APT_HOOK_SOCKET:
 * first a request "hello", which wants an answer, then one notification.  Each message is a line
 * and an empty line.  The text is in the comments of our preferences file.
 *
 * Nothing of ours may fail apt, so the exit status is always 0.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIN    "/etc/apt/preferences.d/90-dkms.pref"
#define ANSWER "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"version\":\"0.1\"}}\n\n"

/*
 * Print the text for people.  A line that begins with "#!" is printed instead of the one above it
 * if apt has failed (model/gatetext.h).
 */
static void aptgate_print(bool failed)
{
	FILE *pin = fopen(PIN, "re");
	char *line = NULL, *above = NULL;
	size_t size = 0;

	while (pin && getline(&line, &size, pin) > 0) {
		bool other = strncmp(line, "#!", 2) == 0;

		if (above && !(other && failed))
			fputs(above, stdout);
		free(above);
		above = (other ? failed : strncmp(line, "# ", 2) == 0) ? strdup(line + 2) : NULL;
	}
	if (above)
		fputs(above, stdout);
	free(above);
	free(line);
	if (pin)
		fclose(pin);
	fflush(stdout);
}

int main(void)
{
	const char *number = getenv("APT_HOOK_SOCKET");
	int fd = number ? atoi(number) : -1;
	FILE *from = fd > 2 ? fdopen(fd, "r") : NULL;
	char *line = NULL;
	size_t size = 0;

	while (from && getline(&line, &size, from) > 0) {
		if (strstr(line, "\"org.debian.apt.hooks.hello\"") &&
		    write(fd, ANSWER, strlen(ANSWER)) < 0)
			break;
		if (strstr(line, "\"org.debian.apt.hooks.install.statistics\""))
			aptgate_print(false);
		if (strstr(line, "\"org.debian.apt.hooks.install.fail\""))
			aptgate_print(true);
		if (strstr(line, "\"org.debian.apt.hooks.bye\""))
			break;
	}
	free(line);
	return 0;
}
