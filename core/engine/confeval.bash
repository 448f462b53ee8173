# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Evaluates conf files for confeval.c.  It is run as bash -c TEXT dkms.
#
# Standard input, each item ended by a NUL, for each job:
#	NUMBER  N N*NAME=VALUE  NAMES  N N*FILE  N N*NAME=VALUE
# (variables that the files see, names that are handed back, files, what is
# set after them).  Standard output, likewise:
#	'(' NUMBER  { '=' NAME INDEX VALUE | '!' TEXT }*  [ '+' ]  ')' NUMBER
# '+' says that the job came to its end.  On standard error
# NUL "dkms-job" NUMBER NUL stands before what belongs to a job.

shopt -s extglob
readonly _dkms_cr=$'\r' _dkms_max=4096 _dkms_folder=$PWD
# What DKMS can use of a DKMS_DIRECTIVE variable: a plain word, up to its second '='.
readonly _dkms_directive='^([A-Za-z_][A-Za-z0-9_]*)=([A-Za-z0-9_./:,+@%-]*)(=[A-Za-z0-9_./:,+@%=-]*)?$'
mapfile -d '' -t _dkms_in
# Results go out on 199, which confs do not get to see.
exec 199>&1 >/dev/null </dev/null
declare -a _dkms_names _dkms_vars _dkms_files _dkms_directives

# The elements of the names, as text that a shell can read again.  Each value
# goes through an unquoted echo, because confs have been written for that.
_dkms_print_text() {
	local _dkms_name _dkms_i _dkms_n
	local -a _dkms_indices
	for _dkms_name in "${_dkms_names[@]}"; do
		eval "_dkms_n=\${#${_dkms_name}[@]}"
		if ((_dkms_n > _dkms_max)); then
			builtin echo "_dkms_problem='$_dkms_name has $_dkms_n elements, the limit is $_dkms_max'"
			return
		fi
		eval "_dkms_indices=(\"\${!${_dkms_name}[@]}\")"
		for _dkms_i in "${_dkms_indices[@]}"; do
			eval "builtin echo ${_dkms_name}[$_dkms_i]=\\\"\${${_dkms_name}[$_dkms_i]%\$_dkms_cr}\\\""
		done
	done
	for _dkms_name in "${!DKMS_DIRECTIVE@}"; do
		if [[ ${!_dkms_name} =~ $_dkms_directive ]]; then
			builtin echo "${BASH_REMATCH[1]}=\"${BASH_REMATCH[2]}\""
		fi
	done
}

# First pass: the file in a shell of its own.
_dkms_read_file() {
	exec 199>&-
	# shellcheck disable=SC1090 # which file is the question
	. "$1" >/dev/null
	builtin cd -- "$_dkms_folder" || return
	# The file may have said "set -eu"; and with nullglob a name with its index vanishes.
	set +eu
	shopt -u nullglob failglob
	_dkms_print_text
}

_dkms_print_values() {
	local _dkms_name _dkms_i
	local -a _dkms_indices
	for _dkms_name in "${_dkms_names[@]}"; do
		eval "_dkms_indices=(\"\${!${_dkms_name}[@]}\")"
		for _dkms_i in "${_dkms_indices[@]}"; do
			eval "printf '=\\0%s\\0%s\\0%s\\0' \"\$_dkms_name\" \"\$_dkms_i\" \"\${${_dkms_name}[\$_dkms_i]}\""
		done
	done >&199
	printf '+\0' >&199
}

# Second pass, after each file: its values become ours.
_dkms_run_job() {
	local _dkms_file _dkms_text _dkms_problem=
	for _dkms_file in "${_dkms_files[@]}"; do
		_dkms_text=$(_dkms_read_file "$_dkms_file")
		eval "$_dkms_text" 199>&-
		if [[ $_dkms_problem ]]; then
			printf '!\0%s: %s\0' "$_dkms_file" "$_dkms_problem" >&199
			return
		fi
	done
	for _dkms_text in "${_dkms_directives[@]}"; do
		# shellcheck disable=SC2163 # the text names what to export
		export "$_dkms_text"
	done
	_dkms_print_values
}

_dkms_set_variables() {
	local _dkms_item
	for _dkms_item in "${_dkms_vars[@]}"; do
		printf -v "${_dkms_item%%=*}" %s "${_dkms_item#*=}"
	done
	export module module_version kernelver arch
}

# The next counted list into the array named $1.
_dkms_take_list() {
	local -n _dkms_list=$1
	local -i _dkms_n=${_dkms_in[_dkms_at]}
	_dkms_list=("${_dkms_in[@]:_dkms_at + 1:_dkms_n}")
	((_dkms_at += _dkms_n + 1))
}

declare -i _dkms_at=0
while ((_dkms_at < ${#_dkms_in[@]})); do
	_dkms_job=${_dkms_in[_dkms_at++]}
	_dkms_take_list _dkms_vars
	read -ra _dkms_names <<<"${_dkms_in[_dkms_at++]}"
	_dkms_take_list _dkms_files
	_dkms_take_list _dkms_directives
	printf '(\0%s\0' "$_dkms_job" >&199
	printf '\0dkms-job %s\0' "$_dkms_job" >&2
	(
		_dkms_set_variables
		_dkms_run_job
	)
	printf ')\0%s\0' "$_dkms_job" >&199
done
