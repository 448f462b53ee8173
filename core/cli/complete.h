/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * complete - what a shell may offer for the last word of a command line.  The candidates come from
 * the tables of verbs and options, and from the disk.
 *
 * The completions of bash, zsh and fish all call
 *
 *	dkms complete WORD... LAST
 *
 * with the words after "dkms".  Each line of the answer is a candidate that begins with LAST; a tab
 * and the candidate's meaning may follow.  The lines ":files" and ":folders" are no candidates:
 * they ask the shell to offer files or folders.  The command prints nothing else and starts no
 * process.
 *
 * "complete" is not in the table of verbs, because a person has no use for it.
 */
int complete_answer(int argc, char **argv);
