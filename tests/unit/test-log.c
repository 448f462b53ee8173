/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include "test.h"

#include "base/buf.h"

static void sink(enum log_level level, const char *text, void *data)
{
	buf_addf(data, "%d:%s;", (int)level, text);
}

static void says_nothing_without_a_sink(void **state)
{
	(void)state;
	log_set_sink(NULL, NULL);
	log_set_level(LOG_DEBUG);
	assert_false(log_wants(LOG_ERROR));
	log_warning("unheard %d", 1);
}

static void levels(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	log_set_sink(sink, &b);
	log_set_level(LOG_NOTE);
	log_debug("no");
	log_info("no");
	log_note("%s", "note");
	log_warning("warning %d", 2);
	log_msg(LOG_ERROR, "error");
	assert_string_equal(b.s, "2:note;1:warning 2;0:error;");
	buf_reset(&b);
	log_set_level(LOG_INFO);
	assert_true(log_wants(LOG_INFO));
	assert_false(log_wants(LOG_DEBUG));
	log_info("i");
	assert_string_equal(b.s, "3:i;");
	log_set_sink(NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_nothing_without_a_sink),
		cmocka_unit_test(levels),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
