/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * gatetext - what is said about a kernel that is held back, to people and to package managers.
 *
 * Pure.  Texts from others are made visible and stay on their line.
 *
 * A file for a package manager begins with the text for people, as comments, because the hooks of
 * apt and dnf print it from there.  A line that begins with "#!" is said instead of the one above
 * it if the package manager has failed: then it is not true that everything else is upgraded.
 */
#include "base/buf.h"
#include "model/ledger.h"

/* The lines about one kernel that is held back.  `coming`: it is about to be installed. */
void gatetext_add(const struct gate *g, bool coming, struct buf *ret);
/* gatetext_add() for each kernel that is held back. */
void gatetext_add_all(const struct gates *l, struct buf *ret);
/*
 * Append preferences for apt: the priority -1 for each package of a kernel that is held back, in
 * the version that the upgrade would bring.  Appends nothing if no kernel is held back.
 */
void gatetext_make_apt(const struct gates *l, struct buf *ret);
/* The same for dnf: a configuration with excludepkgs. */
void gatetext_make_dnf(const struct gates *l, struct buf *ret);
