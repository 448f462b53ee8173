/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * complete - what a shell may offer for the last word of a command line, out of the tables of verbs
 * and options and what is on the disk.
 *
 * The completions of bash, zsh and fish all call
 *
 *	dkms complete WORD... LAST
 *
 * with the words behind "dkms".  Each line of the answer is a candidate, or a candidate, a tab and
 * what it means.  Two lines are no candidates: ":files" and ":folders" ask the shell for the names
 * of files.  The answer has what begins with LAST only, writes nothing and starts no process.
 *
 * It is no action of its own: a person has no use for it.
 */
int complete_answer(int argc, char **argv);
