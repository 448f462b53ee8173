/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * test - cmocka.h, behind the headers that it leaves to who includes it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
