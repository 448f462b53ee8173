/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * gatetext - what is said about a kernel that is held back, to people and to package managers.
 *
 * Pure.  A file for a package manager begins with the text for people, as comments, because the
 * hooks of apt and dnf print it from there.  Texts from others are made visible and stay on their
 * line.
 */
#include "base/buf.h"
#include "model/ledger.h"

/* The lines about one kernel that is held back.  `coming`: it is about to be installed. */
void gatetext_add(const struct gate *g, bool coming, struct buf *ret);
/* gatetext_add() for each kernel that is held back by `from`, or by any if `from` is NULL. */
void gatetext_add_all(const struct gates *l, const char *from, struct buf *ret);
/*
 * Append preferences for apt: the priority -1 for each package of a kernel that is held back, in
 * the version that the upgrade would bring.  Appends nothing if no kernel is held back.
 */
void gatetext_make_apt(const struct gates *l, struct buf *ret);
/* The same for dnf: a configuration with excludepkgs. */
void gatetext_make_dnf(const struct gates *l, struct buf *ret);
