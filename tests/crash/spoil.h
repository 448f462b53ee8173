/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * spoil - the ways to spoil an operation, each at every call, or every so-manieth.
 */
#include "operations.h"

void kill_everywhere(const struct operation *op); /* everything dies; so does recovery */
void fail_everywhere(const struct operation *op); /* the call fails, or that one and all after */
void cut_everywhere(const struct operation *op);  /* power; power.c */
void full_everywhere(const struct operation *op); /* little room on the disk; full.c */
