/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * gate - which kernels of an upgrade are held back.
 *
 * A kernel is held back while all of this is true: the setting `gate` is not "off"; an upgrade
 * would bring the kernel; a module package that counts does not build for it; no person let it in.
 * The setting critical_modules says which module packages count: those that it names, or all if it
 * is empty or has "*".  What was not tried holds nothing back.
 *
 * Pure.  The plan has a STEP_GATE for each kernel that is held back from now on, or for other
 * reasons than before, and a STEP_UNGATE for each that is not any more.
 */
#include "decide/plan.h"
#include "model/candidate.h"

/* A module package that does not build for a kernel. */
struct gate_fault {
	char *release;
	struct modid id;
	char *what; /* the first error; may be NULL */
};
struct gate_faults {
	struct gate_fault *v;
	size_t n;
};
#define AUTO_GATE_FAULTS CLEANUP(gate_faults_release)
void gate_faults_release(struct gate_faults *l);
void gate_faults_add(struct gate_faults *l, const char *release, const struct modid *id,
		     const char *what);

struct gate_facts {
	bool off;	      /* the setting gate */
	const char *critical; /* the setting critical_modules */
	/* What upgrades would bring; NULL: not known, then what is held back stays so. */
	const struct candidate_list *candidates;
	const struct gate_faults *faults;
	const struct gates *now;
	int64_t time; /* seconds since 1970 */
};
void gate_plan(const struct gate_facts *f, struct plan *ret);
/* Let a kernel in that is held back.  Returns false, and plans nothing, if it is not. */
bool gate_plan_release(const struct gates *now, const char *release, struct plan *ret);
