# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Bash completion for capcert: the command itself knows the words.

_capcert() {
	local current=${COMP_WORDS[COMP_CWORD]} line i
	COMPREPLY=()
	# Behind "--" stands another command: complete it as such where the completion library can.
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [ "${COMP_WORDS[i]}" = -- ]; then
			if declare -F _command_offset >/dev/null; then
				_command_offset $((i + 1))
			else
				mapfile -t COMPREPLY < <(compgen -c -f -- "$current")
			fi
			return
		fi
	done
	while IFS= read -r line; do
		COMPREPLY+=("$line")
	done < <(capcert help --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
	[ ${#COMPREPLY[@]} -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- "$current")
}
complete -o filenames -F _capcert capcert
