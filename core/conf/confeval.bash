# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Evaluates conf files for confeval.c, which runs it as bash -c TEXT dkms.
#
# Standard input has for each job, each item terminated by a NUL:
#	NUMBER  N N*NAME=VALUE  NAMES  N N*FILE  N N*NAME=VALUE
# N is the number of items in the list that follows it.  The lists are: variables that the files
# see, names to return, files, variables to set after the files.
# Standard output, in the same form:
#	'(' NUMBER  { '=' NAME INDEX VALUE | '!' TEXT | '?' }*  [ '+' ]  ')' NUMBER
# '+' says that the job returned all its values, '?' that bash cannot parse a file.  On standard
# error, the messages of a job follow NUL "dkms-job" NUMBER NUL.

shopt -s extglob
readonly _dkms_cr=$'\r' _dkms_max=4096
# What DKMS can use of a DKMS_DIRECTIVE variable: NAME= and a plain word, up to a second '='.
readonly _dkms_directive='^([A-Za-z_][A-Za-z0-9_]*)=([A-Za-z0-9_./:,+@%-]*)(=[A-Za-z0-9_./:,+@%=-]*)?$'
# The names of the DKMS_DIRECTIVE variables in the environment.  "${!PREFIX@}" sorts all variables,
# which is slow after a conf has read a kernel's configuration, so do it once.
_dkms_directive_names=("${!DKMS_DIRECTIVE@}")
# Jobs are read from 197 and results written to 199; both are closed before a conf runs.  A conf's
# output goes to 4, and its input is 5: an open /dev/null, because the root may have no /dev.
exec 197<&0 199>&1 >&4 <&5 5<&-
declare -a _dkms_names _dkms_vars _dkms_files _dkms_directives

# override_dest_module_location LOCATION - DKMS's function for confs: where modules are installed.
override_dest_module_location() {
	builtin echo "${_dkms_target:-$1}"
}

# Print the elements of all names as assignments.  Each value goes through an unquoted echo, as in
# DKMS: existing confs rely on it.
_dkms_print_text() {
	local _dkms_name _dkms_i _dkms_n
	local -a _dkms_indices
	for _dkms_name in "${_dkms_names[@]}"; do
		eval "_dkms_n=\${#${_dkms_name}[@]}"
		if ((_dkms_n > _dkms_max)); then
			builtin echo "_dkms_problem='$_dkms_name has $_dkms_n elements, the limit is $_dkms_max'"
			return
		fi
		((_dkms_n > 0)) || continue
		eval "_dkms_indices=(\"\${!${_dkms_name}[@]}\")"
		for _dkms_i in "${_dkms_indices[@]}"; do
			eval "builtin echo ${_dkms_name}[$_dkms_i]=\\\"\${${_dkms_name}[$_dkms_i]%\$_dkms_cr}\\\""
		done
	done
	for _dkms_name in "${_dkms_directive_names[@]}"; do
		if [[ ${!_dkms_name} =~ $_dkms_directive ]]; then
			builtin echo "${BASH_REMATCH[1]}=\"${BASH_REMATCH[2]}\""
		fi
	done
}

# First pass: source the file in a shell of its own.
_dkms_read_file() {
	local _dkms_text=
	exec 197<&- 199>&-
	IFS= read -rd '' _dkms_text 2>&4 <"$1"
	# shellcheck disable=SC1090 # which file is the question
	. "$1" >&4
	local _dkms_status=$?
	# The file may have set -eu, and nullglob, which would remove the word NAME[INDEX]=...
	# altogether.
	set +eu
	shopt -u nullglob failglob
	[[ $_dkms_text != *DKMS_DIRECTIVE* ]] || _dkms_directive_names=("${!DKMS_DIRECTIVE@}")
	# A file that bash cannot parse fails, but so does one whose last command fails.  To tell
	# them apart, parse the file again with "set -n", which runs nothing of it.  Do not parse
	# it as the body of a function: a "}" in the file could end the body, and bash would run
	# the rest of the file.
	if ((_dkms_status)) && ! (eval $'set -n\n'"$_dkms_text") 2>&4; then
		builtin echo _dkms_syntax=1
	fi
	# Let no relative pattern in the unquoted echo match a file in the conf's folder.
	GLOBIGNORE='[!/]*'
	shopt -u dotglob
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

# Second pass, after each file: evaluate its assignments in this shell.
_dkms_run_job() {
	local _dkms_file _dkms_text _dkms_problem= _dkms_syntax=
	# Both passes run in the conf's folder, for PACKAGE_VERSION="$(cat VERSION)".
	builtin cd -- "${_dkms_files[0]%/*}/" || return
	for _dkms_file in "${_dkms_files[@]}"; do
		_dkms_text=$(_dkms_read_file "$_dkms_file")
		eval "$_dkms_text" 197<&- 199>&-
		if [[ $_dkms_problem ]]; then
			printf '!\0%s: %s\0' "$_dkms_file" "$_dkms_problem" >&199
			return
		fi
	done
	[[ ! $_dkms_syntax ]] || printf '?\0' >&199
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

# Read the next counted list into the array named $1.  Nothing beyond it is consumed, because the
# input is seekable.
_dkms_take_list() {
	local _dkms_n
	local -n _dkms_list=$1
	_dkms_list=()
	read -rd '' _dkms_n <&197 || return
	((_dkms_n == 0)) || mapfile -td '' -n "$_dkms_n" -u 197 _dkms_list
}

while read -rd '' _dkms_job <&197; do
	_dkms_take_list _dkms_vars
	read -rd '' _dkms_text <&197
	# shellcheck disable=SC2206 # split into words; "read <<<" may need a temporary file
	_dkms_names=($_dkms_text)
	_dkms_take_list _dkms_files
	_dkms_take_list _dkms_directives
	printf '(\0%s\0' "$_dkms_job" >&199
	printf '\0dkms-job %s\0' "$_dkms_job" >&2
	(
		# Limit memory: MAKE=$(yes) never ends.
		ulimit -Sd $((512 << 10))
		_dkms_set_variables
		_dkms_run_job
	)
	printf ')\0%s\0' "$_dkms_job" >&199
done
