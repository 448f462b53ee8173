/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/confeval.h"

#include "conf/open.h"
#include "unit.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "disk.h"
#include "engine/engine.h"
#include "sys/proc.h"

#define K "6.1.0-56-amd64"

/* Use the machine's own root, which has bash; the confs are in the test's folder. */
struct own {
	struct engine e;
	char *folder;
};

static int setup(void **state)
{
	struct own *own = xcalloc(1, sizeof(*own));

	own->folder = make_folder();
	disk_engine(&own->e, "/", NULL);
	settings_set(&own->e.settings, SET_PARALLEL_JOBS, "3", "test");
	*state = own;
	return 0;
}

static int teardown(void **state)
{
	struct own *own = *state;
	char *folder = own->folder;

	engine_close(&own->e);
	free(own);
	return remove_folder(folder);
}

#define OWN_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static char *write_conf(struct own *own, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", own->folder, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	return path;
}

static void print_values(const struct conf_values *v, struct buf *b)
{
	for (size_t i = 0; i < v->n; i++)
		buf_addf(b, "%s[%u]={%s}\n", v->v[i].name, v->v[i].index, v->v[i].value);
}

static void assert_values(const struct conf_values *v, const char *want)
{
	AUTO_BUF struct buf b = BUF_INIT;

	print_values(v, &b);
	assert_string_equal(b.s, want);
}

/* Evaluate text as the dkms.conf of foo/1.0; the caller releases *ret. */
static void evaluate(struct own *own, const char *text, struct conf_values *ret)
{
	AUTO_FREE char *path = write_conf(own, "dkms.conf", text);
	struct confeval_pair pair = {
		.name = "foo", .version = "1.0", .release = K, .arch = "x86_64", .conf_path = path
	};
	AUTO_ERR struct err err = ERR_INIT;

	/* What is not about the limit must not meet it on a busy machine. */
	settings_set(&own->e.settings, SET_CONF_TIMEOUT, "300", "test");
	if (confeval_run(&own->e, &pair, 1, &err) < 0)
		fail_msg("%s", err.text);
	*ret = pair.result;
}

struct expansion {
	const char *text, *want;
};

static void expect_all(struct own *own, const struct expansion *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		AUTO_CONF_VALUES struct conf_values v;
		AUTO_BUF struct buf b = BUF_INIT;

		evaluate(own, cases[i].text, &v);
		assert_int_equal(v.error, 0);
		print_values(&v, &b);
		if (strcmp(b.s, cases[i].want) != 0)
			fail_msg("%s\nhas become\n%swanted\n%s", cases[i].text, b.s, cases[i].want);
	}
}

/* The expected values are what DKMS's script gives for each conf. */
static void expands_twice(void **state)
{
	static const struct expansion cases[] = {
		{ "MAKE=make\n", "MAKE[0]={make}\n" },
		{ "", "" },
		{ "OTHER=1\nPATH=\n", "" },
		{ "MAKE='KV=$kernelver B=`echo b` D=$(echo hi) \\$x $none'\n",
		  "MAKE[0]={KV=" K " B=b D=hi $x }\n" },
		{ "MAKE=\"KV=${kernelver} \\$kernelver \\\\$arch\"\n",
		  "MAKE[0]={KV=" K " " K " \\x86_64}\n" },
		{ "MAKE=\"make 'A=b c' \\\"X=y\\\" end\"\n", "MAKE[0]={make 'A=b c' X=y end}\n" },
		/* A quoted group with a blank: bash takes the rest for a command. */
		{ "MAKE=kept\nCLEAN='a \"b c\" d'\n", "MAKE[0]={kept}\n" },
		/* An unpaired quote includes what follows up to the next unpaired one, or is lost.
		 */
		{ "PACKAGE_NAME=n\nPRE_BUILD='a\"b'\nMAKE=x\n", "PACKAGE_NAME[0]={n}\n" },
		{ "PRE_BUILD='a\"b'\nMAKE='x\"y'\n", "PRE_BUILD[0]={ab\nMAKE[0]=xy}\n" },
		{ "MAKE='a\\b \\\\c \\$ \\n'\n", "MAKE[0]={a\\b \\c $ \\n}\n" },
		{ "MAKE='$((1+2)) ${PACKAGE_NAME:-x}'\n", "MAKE[0]={3 x}\n" },
		{ "MAKE='a; b & c | d > e'\n", "MAKE[0]={a; b & c | d > e}\n" },
		{ "MAKE='!x ~ ~/y {a,b} # c'\n", "MAKE[0]={!x ~ ~/y {a,b} # c}\n" },
		{ "MAKE='a\"; CLEAN=second; \"b'\n", "MAKE[0]={a}\nCLEAN[0]={second}\n" },
		{ "MAKE=-n\nPRE_BUILD='-e a\\tb'\n", "PRE_BUILD[0]={-e a\\tb}\nMAKE[0]={-n}\n" },
		{ "MAKE=$'m\\xc3\\xa9 \\x01\\x7f'\n", "MAKE[0]={m\xc3\xa9 \x01\x7f}\n" },
	};

	expect_all(*state, cases, ARRAY_SIZE(cases));
}

static void white_space_and_patterns(void **state)
{
	static const struct expansion cases[] = {
		{ "MAKE='  make   a\t\tb\n\nc  '\n", "MAKE[0]={ make a b c }\n" },
		{ "MAKE=' '\nCLEAN=\n", "MAKE[0]={ }\nCLEAN[0]={}\n" },
		{ "MAKE='make * ? [a-z]* .[a-z]*'\n", "MAKE[0]={make * ? [a-z]* .[a-z]*}\n" },
		{ "MAKE='a /et[c] /none*'\n", "MAKE[0]={a /etc /none*}\n" },
		{ "MAKE=$(echo *)\n", "MAKE[0]={dkms.conf}\n" },
		{ "MAKE='a ./* .* *.conf'\n", "MAKE[0]={a ./* .* *.conf}\n" },
		{ "shopt -s dotglob\nMAKE='a * b'\n", "MAKE[0]={a * b}\n" },
		{ "set -f\nMAKE='a /et[c]'\n", "MAKE[0]={a /et[c]}\n" },
		{ "shopt -s nullglob\nMAKE='a /none* b'\n", "MAKE[0]={a /none* b}\n" },
		{ "cd /\nMAKE='a et[c] b'\n", "MAKE[0]={a et[c] b}\n" },
		{ "IFS=:\nMAKE='a:b  c'\n", "MAKE[0]={a b  c}\n" },
		{ "PACKAGE_NAME=\"foo\"\r\nMAKE[0]=\"make x\"\r\nAUTOINSTALL=yes\r\n",
		  "PACKAGE_NAME[0]={foo}\nMAKE[0]={make x}\nAUTOINSTALL[0]={yes}\n" },
	};

	expect_all(*state, cases, ARRAY_SIZE(cases));
}

static void arrays(void **state)
{
	static const struct expansion cases[] = {
		{ "MAKE=(a 'b  c')\nMAKE[7]=z\n", "MAKE[0]={a}\nMAKE[1]={b c}\nMAKE[7]={z}\n" },
		{ "MAKE=([3]=x [9]=y)\nunset 'MAKE[3]'\n", "MAKE[9]={y}\n" },
		{ "declare -a MAKE=(1 2)\nlocal CLEAN=z\nreadonly STRIP=no\n",
		  "MAKE[0]={1}\nMAKE[1]={2}\nSTRIP[0]={no}\nCLEAN[0]={z}\n" },
		{ "for i in 0 1; do PATCH[i]=p$i; done\n", "PATCH[0]={p0}\nPATCH[1]={p1}\n" },
		{ "MAKE[5000000000]=x\n", "MAKE[4294967295]={x}\n" },
	};

	expect_all(*state, cases, ARRAY_SIZE(cases));
}

static void shell_programs(void **state)
{
	static const struct expansion cases[] = {
		{ "f() { echo \"$1-$kernelver\"; }\nMAKE=$(f a)\n", "MAKE[0]={a-" K "}\n" },
		{ "[ `echo $kernelver | cut -d. -f1` -ge 6 ] && MAKE=six\n", "MAKE[0]={six}\n" },
		{ "MAKE=x\nreturn 3\nCLEAN=z\n", "MAKE[0]={x}\n" },
		{ "MAKE=x\nexit 0\n", "" },
		{ "set -e\nMAKE=x\nfalse\n", "" },
		{ "set -u\nMAKE=x\n", "MAKE[0]={x}\n" },
		{ "read -r MAKE\nCLEAN=$(cat)x\n", "MAKE[0]={}\nCLEAN[0]={x}\n" },
		{ "printf 'MAKE[0]=evil\\n'\nCLEAN=a\n", "CLEAN[0]={a}\n" },
		{ "printf '=\\0MAKE\\0000\\0evil\\0' >&199\nCLEAN=a\n", "CLEAN[0]={a}\n" },
		{ "exec >/dev/null 2>&1\nCLEAN=a\n", "CLEAN[0]={a}\n" },
		{ "CLEAN=${BASH_SOURCE##*/}\n", "CLEAN[0]={dkms.conf}\n" },
		{ "CLEAN=$(env | grep -c -e ^LC_ALL=C$ -e ^HOME=/$)\n", "CLEAN[0]={2}\n" },
		{ "build_exclude=yes\nstrip=no\n", "build_exclude[0]={yes}\nstrip[0]={no}\n" },
	};

	expect_all(*state, cases, ARRAY_SIZE(cases));
}

static void variables(void **state)
{
	struct own *own = *state;
	AUTO_CONF_VALUES struct conf_values v;

	evaluate(own,
		 "MAKE[0]=$kernelver\nMAKE[1]=$arch\nMAKE[2]=$kernel_source_dir\n"
		 "MAKE[3]=$kernel_config\nMAKE[4]=$dkms_tree\nMAKE[5]=$source_tree\n"
		 "MAKE[6]=$install_tree\nMAKE[7]=$module\nMAKE[8]=$module_version\n"
		 "MAKE[9]=$parallel_jobs\nMAKE[10]=$running_distribution\n"
		 "MAKE[11]=$(sh -c 'echo $kernelver')\n",
		 &v);
	assert_values(&v, "MAKE[0]={" K "}\nMAKE[1]={x86_64}\n"
			  "MAKE[2]={/lib/modules/" K "/build}\n"
			  "MAKE[3]={/lib/modules/" K "/build/.config}\n"
			  "MAKE[4]={/var/lib/dkms}\nMAKE[5]={/usr/src}\nMAKE[6]={/lib/modules}\n"
			  "MAKE[7]={foo}\nMAKE[8]={1.0}\nMAKE[9]={3}\nMAKE[10]={debian}\n"
			  "MAKE[11]={" K "}\n");
}

static void assert_warnings(const struct conf_values *v, const char *want)
{
	AUTO_FREE char *have = strv_join(&v->warnings, "\n");

	assert_string_equal(have, want);
}

static void warnings(void **state)
{
	struct own *own = *state;
	AUTO_CONF_VALUES struct conf_values said, value, many;

	evaluate(own, "echo one >&2\nprintf '\\033[31m\\0dkms-job 7\\0two' >&2\n", &said);
	assert_warnings(&said, "one\n?[31m\ndkms-job 7\ntwo");
	evaluate(own, "MAKE='$(none-such)'\n", &value);
	assert_warnings(&value, "in a value: none-such: command not found");
	assert_values(&value, "MAKE[0]={}\n");
	evaluate(own, "for i in {1..100}; do echo $i >&2; done\nMAKE=x\n", &many);
	assert_int_equal(many.error, 0);
	assert_int_equal(many.warnings.n, 21);
	assert_string_equal(many.warnings.v[20], "(more lines are not shown)");
}

static void syntax_error_at_the_end(void **state)
{
	struct own *own = *state;
	AUTO_CONF_VALUES struct conf_values v;
	AUTO_FREE char *want = xasprintf(
		"%s/dkms.conf: line 4: syntax error: unexpected end of file", own->folder);

	evaluate(own, "MAKE=x\nif true; then\nCLEAN=y\n", &v);
	assert_int_equal(v.error, 0);
	assert_values(&v, "MAKE[0]={x}\n");
	assert_warnings(&v, want);
	assert_true(v.syntax);
}

static void what_fails_is_no_syntax_error(void **state)
{
	struct own *own = *state;
	AUTO_CONF_VALUES struct conf_values v, empty, odd;

	evaluate(own, "MAKE=x\n[ a = b ] && CLEAN=y\n", &v);
	assert_values(&v, "MAKE[0]={x}\n");
	assert_false(v.syntax);
	evaluate(own, "# nothing\nfalse", &empty);
	assert_false(empty.syntax);
	evaluate(own, "MAKE=\"x\nCLEAN=y\n", &odd);
	assert_true(odd.syntax);
}

static void nothing_runs_behind_a_syntax_error(void **state)
{
	struct own *own = *state;
	AUTO_FREE char *ran = xasprintf("%s/ran", own->folder);
	AUTO_FREE char *conf = xasprintf("MAKE=x\n}\n: >%s\necho CLEAN=y\n", ran);
	AUTO_CONF_VALUES struct conf_values v;

	evaluate(own, conf, &v);
	assert_true(v.syntax);
	assert_values(&v, "MAKE[0]={x}\n");
	assert_int_not_equal(access(ran, F_OK), 0);
}

static void too_many_elements(void **state)
{
	struct own *own = *state;
	AUTO_CONF_VALUES struct conf_values v;

	evaluate(own, "BUILT_MODULE_NAME=({1..1000000})\n", &v);
	assert_int_equal(v.error, -E_BAD_CONF);
	assert_non_null(
		strstr(v.error_text,
		       "dkms.conf: BUILT_MODULE_NAME has 1000000 elements, the limit is 4096"));
	assert_int_equal(v.n, 0);
}

/* The memory limit ends it, long before the time limit. */
static void value_without_end(void **state)
{
	struct own *own = *state;
	AUTO_CONF_VALUES struct conf_values v;

	evaluate(own, "MAKE=x\nCLEAN=$(yes)\n", &v);
	assert_int_equal(v.error, 0);
	assert_int_equal(v.n, 0);
	assert_int_equal(v.warnings.n, 1);
	assert_non_null(strstr(v.warnings.v[0], "cannot allocate"));
}

static void value_that_exits(void **state)
{
	struct own *own = *state;
	AUTO_CONF_VALUES struct conf_values v;

	evaluate(own, "MAKE='a\"; exit 0; \"'\n", &v);
	assert_int_equal(v.error, -E_BAD_CONF);
	assert_string_equal(v.error_text, "a value of it ends the shell that reads it");
}

/* One conf for each kind of error; none may affect the others. */
static void bad_ones_among_good_ones(void **state)
{
	static const char *const texts[] = {
		"MAKE=a\n", "sleep 100\n",  "MAKE=b\n", "yes xxxxxxxxxxxxxxxx >&2\n",
		"MAKE=c\n", "kill -9 $$\n", "MAKE=d\n",
	};
	static const int want[] = { 0, -E_TIMEOUT,  0, -E_BAD_CONF,
				    0, -E_BAD_CONF, 0, -E_CONF_MISSING };
	struct own *own = *state;
	struct confeval_pair pairs[ARRAY_SIZE(texts) + 1];
	AUTO_STRV struct strv paths = STRV_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		char name[32];

		snprintf(name, sizeof(name), "conf-%zu", i);
		strv_take(&paths, i < ARRAY_SIZE(texts) ? write_conf(own, name, texts[i])
							: xasprintf("%s/none", own->folder));
		pairs[i] = (struct confeval_pair){ "foo", "1.0", K, "x86_64", paths.v[i] };
	}
	settings_set(&own->e.settings, SET_CONF_TIMEOUT, "3", "test");
	assert_int_equal(confeval_run(&own->e, pairs, ARRAY_SIZE(pairs), &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		assert_int_equal(pairs[i].result.error, want[i]);
		assert_int_equal(pairs[i].result.n, want[i] ? 0 : 1);
		if (want[i])
			assert_non_null(pairs[i].result.error_text);
	}
	assert_string_equal(pairs[6].result.v[0].value, "d");
	assert_string_equal(pairs[1].result.error_text,
			    "it takes longer than 3 seconds (conf_timeout)");
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		conf_values_release(&pairs[i].result);
}

static void directives(void **state)
{
	struct own *own = *state;
	AUTO_CONF_VALUES struct conf_values v, none;

	strv_add(&own->e.directives, "MAKE=from the=line  \"$x\"");
	strv_add(&own->e.directives, "1bad=x");
	evaluate(own, "MAKE=(a b)\nCLEAN=c\n", &v);
	assert_values(&v, "MAKE[0]={from the=line  \"$x\"}\nMAKE[1]={b}\nCLEAN[0]={c}\n");
	assert_int_equal(v.warnings.n, 1);
	strv_release(&own->e.directives);
	evaluate(own, "", &none);
	assert_int_equal(none.n, 0);
}

static void directives_of_the_environment(void **state)
{
	struct own *own = *state;
	AUTO_CONF_VALUES struct conf_values v;

	assert_int_equal(setenv("DKMS_DIRECTIVE_1", "MAKE=env=cut=off", 1), 0);
	assert_int_equal(setenv("DKMS_DIRECTIVE_2", "CLEAN=two words", 1), 0);
	evaluate(own, "MAKE=a\nCLEAN=c\nDKMS_DIRECTIVE_3=PRE_BUILD=own\n", &v);
	assert_int_equal(unsetenv("DKMS_DIRECTIVE_1"), 0);
	assert_int_equal(unsetenv("DKMS_DIRECTIVE_2"), 0);
	assert_values(&v, "PRE_BUILD[0]={own}\nMAKE[0]={env}\nCLEAN[0]={c}\n");
}

/* The folder of the conf is the current one, for both passes. */
static void own_folder(void **state)
{
	struct own *own = *state;
	AUTO_FREE char *version = write_conf(own, "VERSION", "1.2.3\n");
	AUTO_FREE char *none = write_conf(own, "make[1]", "");
	static const struct expansion cases[] = {
		{ "PACKAGE_VERSION=\"$(cat VERSION)\"\n", "PACKAGE_VERSION[0]={1.2.3}\n" },
		{ "PACKAGE_VERSION='$(cat VERSION)'\n", "PACKAGE_VERSION[0]={1.2.3}\n" },
		{ "cd /\nMAKE='$(cat VERSION)'\n", "MAKE[0]={1.2.3}\n" },
		{ "MAKE='make[1] V*'\n", "MAKE[0]={make[1] V*}\n" },
		{ "MAKE='make1 M*'\nCLEAN=make[1]\n", "MAKE[0]={make1 M*}\nCLEAN[0]={make[1]}\n" },
	};

	expect_all(own, cases, ARRAY_SIZE(cases));
}

/* DKMS's function for confs; without a rule for the distribution it returns the conf's location. */
static void function_of_dkms(void **state)
{
	struct own *own = *state;
	AUTO_CONF_VALUES struct conf_values debian, other;
	static const char text[] =
		"DEST_MODULE_LOCATION[0]=$(override_dest_module_location /kernel/x)\n";

	evaluate(own, text, &debian);
	assert_values(&debian, "DEST_MODULE_LOCATION[0]={/updates/dkms}\n");
	free(own->e.distro);
	own->e.distro = xstrdup("gentoo");
	evaluate(own, text, &other);
	assert_values(&other, "DEST_MODULE_LOCATION[0]={/kernel/x}\n");
}

static void words_of_build_environment(void **state)
{
	struct own *own = *state;
	AUTO_CONF_VALUES struct conf_values v;

	settings_set(&own->e.settings, SET_BUILD_ENVIRONMENT, "/etc/file WORD=for-$kernelver",
		     "test");
	evaluate(own, "MAKE=$WORD\n", &v);
	assert_values(&v, "MAKE[0]={for-" K "}\n");
}

/* A timeout counts for the conf's other kernels as well, and does not affect the other conf. */
static void a_conf_that_hangs_costs_its_limit_once(void **state)
{
	struct own *own = *state;
	AUTO_FREE char *bad = write_conf(own, "bad", "sleep 100\n");
	AUTO_FREE char *loud = write_conf(own, "loud", "yes\n");
	AUTO_FREE char *good = write_conf(own, "good", "sleep 0.4\nMAKE=x\n");
	struct confeval_pair pairs[30];
	AUTO_ERR struct err err = ERR_INIT;
	time_t begin = time(NULL);

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		pairs[i] = (struct confeval_pair){ "foo", "1.0", K, "x86_64",
						   i < 3	? good
						   : i % 3 == 0 ? bad
						   : i % 3 == 1 ? loud
								: good };
	settings_set(&own->e.settings, SET_CONF_TIMEOUT, "3", "test");
	assert_int_equal(confeval_run(&own->e, pairs, ARRAY_SIZE(pairs), &err), 0);
	/* Nine times three seconds would be too much. */
	assert_true(time(NULL) - begin < 20);
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		bool is_good = i < 3 || i % 3 == 2;
		int error = pairs[i].result.error;

		if (is_good)
			assert_int_equal(error, 0);
		else if (i % 3 == 0)
			assert_int_equal(error, -E_TIMEOUT);
		else /* on a busy machine, its time ends before it has printed too much */
			assert_true(error == -E_BAD_CONF || error == -E_TIMEOUT);
		assert_int_equal(pairs[i].result.n, is_good);
		conf_values_release(&pairs[i].result);
	}
}

/* Processor time of the children so far, in milliseconds. */
static unsigned int spent(void)
{
	struct rusage r;

	assert_int_equal(getrusage(RUSAGE_CHILDREN, &r), 0);
	return (unsigned int)((r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000 +
			      (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1000);
}

/* A conf that sources a kernel's configuration takes little more time than sourcing it. */
static void many_variables_cost_little(void **state)
{
	struct own *own = *state;
	AUTO_BUF struct buf config = BUF_INIT;
	AUTO_FREE char *file = NULL, *conf = NULL, *command = NULL;
	AUTO_CONF_VALUES struct conf_values v;
	unsigned int begin, plain;

	for (int i = 0; i < 20000; i++)
		buf_addf(&config, "CONFIG_OPTION_NUMBER_%d=y\n", i);
	file = write_conf(own, "config", config.s);
	conf = xasprintf(". %s\nCLEAN=$CONFIG_OPTION_NUMBER_7\n", file);
	command = xasprintf("bash -c '. %s'", file);
	begin = spent();
	assert_int_equal(system(command), 0);
	plain = spent() - begin;
	evaluate(own, conf, &v);
	assert_values(&v, "CLEAN[0]={y}\n");
	assert_true(spent() - begin - plain < 8 * plain + 50);
}

static unsigned int cost_of_jobs(struct own *own, size_t n)
{
	AUTO_FREE char *file = write_conf(own, "dkms.conf", "MAKE=x\n");
	struct confeval_job *jobs = xcalloc(n, sizeof(*jobs));
	AUTO_ERR struct err err = ERR_INIT;
	unsigned int begin = spent();

	for (size_t i = 0; i < n; i++) {
		jobs[i] = (struct confeval_job)CONFEVAL_JOB_INIT;
		jobs[i].names = "MAKE";
		strv_add(&jobs[i].files, file);
		for (int k = 0; k < 300; k++)
			strv_addf(&jobs[i].vars, "v%d=%d", k, k);
	}
	assert_int_equal(confeval_jobs(&own->e, jobs, n, &err), 0);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(jobs[i].result.n, 1);
		confeval_job_release(&jobs[i]);
	}
	free(jobs);
	return spent() - begin;
}

/* Eight times as many jobs take about eight times as long. */
static void many_jobs_cost_no_more_each(void **state)
{
	struct own *own = *state;
	unsigned int few = cost_of_jobs(own, 40), many = cost_of_jobs(own, 320);

	assert_true(many < 16 * few + 50);
}

/* Later files see and may change what earlier files have set. */
static void several_files(void **state)
{
	struct own *own = *state;
	struct confeval_job job = CONFEVAL_JOB_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	strv_take(&job.files,
		  write_conf(own, "a", "MAKE=(one two)\nCLEAN=a\nf() { :; }\nhidden=1\n"));
	strv_take(&job.files, write_conf(own, "b", "MAKE[1]=\"${MAKE[0]}+\"\nCLEAN=$hidden\n"));
	strv_take(&job.files, write_conf(own, "c", "PRE_BUILD=$(declare -F f)${v}\nexit\n"));
	strv_take(&job.files, write_conf(own, "d", "POST_ADD=$CLEAN$v\n"));
	strv_add(&job.vars, "v=a=b c");
	job.names = "MAKE CLEAN PRE_BUILD POST_ADD";
	assert_int_equal(confeval_jobs(&own->e, &job, 1, &err), 0);
	assert_values(&job.result,
		      "MAKE[0]={one}\nMAKE[1]={one+}\nCLEAN[0]={}\nPOST_ADD[0]={a=b c}\n");
	confeval_job_release(&job);
}

static void nothing_is_left_behind(void **state)
{
	struct own *own = *state;
	AUTO_CONF_VALUES struct conf_values v;
	AUTO_STRV struct strv names = STRV_INIT;

	evaluate(own, "CLEAN=a\n", &v);
	assert_int_equal(fs_list(&own->e.root, own->folder, &names), 0);
	assert_int_equal(names.n, 1);
	assert_string_equal(names.v[0], "dkms.conf");
}

static int cannot_start(const struct proc_spec *spec, struct proc_result *ret, void *data)
{
	(void)spec;
	(void)ret;
	return *(int *)data;
}

static void without_bash(void **state)
{
	struct own *own = *state;
	AUTO_FREE char *path = write_conf(own, "dkms.conf", "MAKE=x\n");
	struct confeval_pair pair = { "foo", "1.0", K, "x86_64", path };
	AUTO_ERR struct err err = ERR_INIT;
	int code = -ENOENT;

	proc_set_runner(cannot_start, &code);
	assert_int_equal(confeval_run(&own->e, &pair, 1, &err), -E_TOOL_MISSING);
	assert_non_null(strstr(err.text, "bash"));
	code = -EAGAIN;
	assert_int_equal(confeval_run(&own->e, &pair, 1, &err), -EAGAIN);
	proc_set_runner(NULL, NULL);
	conf_values_release(&pair.result);
}

/* The runner would fail: without a job no process is started. */
static void nothing_to_do_starts_nothing(void **state)
{
	struct own *own = *state;
	struct confeval_pair pair = { "foo", "1.0", K, "x86_64", "/none/dkms.conf" };
	AUTO_ERR struct err err = ERR_INIT;
	int code = -EIO;

	proc_set_runner(cannot_start, &code);
	assert_int_equal(confeval_run(&own->e, &pair, 0, &err), 0);
	assert_int_equal(confeval_run(&own->e, &pair, 1, &err), 0);
	proc_set_runner(NULL, NULL);
	assert_int_equal(pair.result.error, -E_CONF_MISSING);
	conf_values_release(&pair.result);
}

static void overrides_in_order(void **state)
{
	struct disk *d = *state;
	struct confeval_pair pair = { "foo", "1.0", K, "x86_64", "/dkms.conf" };
	AUTO_STRV struct strv files = STRV_INIT;
	AUTO_FREE char *all = NULL;

	disk_file(d, "/etc/dkms/foo--" K "-x86_64.conf", "");
	disk_file(d, "/etc/dkms/foo--" K ".conf", "");
	disk_file(d, "/etc/dkms/foo-1.0-" K "-x86_64.conf", "");
	disk_file(d, "/etc/dkms/foo-1.0-" K ".conf", "");
	disk_file(d, "/etc/dkms/foo-1.0-.conf", "");
	disk_file(d, "/etc/dkms/foo-2.0.conf", "");
	disk_file(d, "/etc/dkms/foo.conf", "");
	confeval_overrides(&d->e, &pair, &files);
	pair.release = "";
	confeval_overrides(&d->e, &pair, &files);
	all = strv_join(&files, " ");
	assert_string_equal(all, "/etc/dkms/foo.conf /etc/dkms/foo-1.0-" K ".conf "
				 "/etc/dkms/foo-1.0-" K "-x86_64.conf /etc/dkms/foo--" K ".conf "
				 "/etc/dkms/foo--" K "-x86_64.conf /etc/dkms/foo.conf");
}

/* Copy bash and its libraries into the root. */
static bool put_bash(struct disk *d)
{
	AUTO_FREE char *command = xasprintf(
		"set -e; for f in /bin/bash $(ldd /bin/bash | grep -o '/[^ ]*'); do "
		"mkdir -p \"%s${f%%/*}\"; cp -L \"$f\" \"%s$f\"; done; mkdir -p \"%s/tmp\"",
		d->dir, d->dir, d->dir);

	return system(command) == 0;
}

static void foreign_root(void **state)
{
	struct disk *d = *state;
	struct confeval_pair pair = { "foo", "1.0", K, "x86_64", "/usr/src/foo-1.0/dkms.conf" };
	AUTO_ERR struct err err = ERR_INIT;

	if (geteuid() != 0)
		SKIP("chroot needs root");
	assert_true(put_bash(d));
	disk_dir(d, "/dev");
	disk_file(d, "/dev/null", "");
	disk_file(d, "/usr/src/foo-1.0/dkms.conf", "MAKE=$(< /inside)\nCLEAN='a *'\n");
	disk_file(d, "/etc/dkms/foo.conf", "MAKE+=\" too\"\n");
	disk_file(d, "/inside", "inside");
	if (confeval_run(&d->e, &pair, 1, &err) < 0)
		fail_msg("%s", err.text);
	assert_values(&pair.result, "MAKE[0]={inside too}\nCLEAN[0]={a *}\n");
	conf_values_release(&pair.result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OWN_TEST(expands_twice),
		OWN_TEST(white_space_and_patterns),
		OWN_TEST(arrays),
		OWN_TEST(shell_programs),
		OWN_TEST(variables),
		OWN_TEST(warnings),
		OWN_TEST(syntax_error_at_the_end),
		OWN_TEST(what_fails_is_no_syntax_error),
		OWN_TEST(nothing_runs_behind_a_syntax_error),
		OWN_TEST(too_many_elements),
		OWN_TEST(value_without_end),
		OWN_TEST(value_that_exits),
		OWN_TEST(bad_ones_among_good_ones),
		OWN_TEST(directives),
		OWN_TEST(directives_of_the_environment),
		OWN_TEST(own_folder),
		OWN_TEST(function_of_dkms),
		OWN_TEST(words_of_build_environment),
		OWN_TEST(a_conf_that_hangs_costs_its_limit_once),
		OWN_TEST(many_variables_cost_little),
		OWN_TEST(many_jobs_cost_no_more_each),
		OWN_TEST(several_files),
		OWN_TEST(nothing_is_left_behind),
		OWN_TEST(without_bash),
		OWN_TEST(nothing_to_do_starts_nothing),
		DISK_TEST(overrides_in_order),
		DISK_TEST(foreign_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
