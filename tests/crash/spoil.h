/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * spoil - the ways to spoil an operation, each at every call, or at every STRIDE-th.
 */
#include "operations.h"

void kill_everywhere(const struct operation *op); /* dkms is killed, and then its recovery */
void fail_everywhere(const struct operation *op); /* this call fails, or this and all later ones */
void cut_everywhere(const struct operation *op);  /* the power is cut; power.c */
void full_everywhere(const struct operation *op); /* the disk becomes full; full.c */
