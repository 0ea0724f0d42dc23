# shellcheck shell=bash
# Completion of sipguard-exporter's command line for bash.

_sipguard_exporter() {
	local word=${COMP_WORDS[COMP_CWORD]} words='--listen --host --user --help --version'

	case ${COMP_WORDS[COMP_CWORD - 1]} in
	--listen) words='127.0.0.1:10506' ;;
	--host) words=$(hostname -f 2>/dev/null) ;;
	--user) words=$(compgen -u) ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _sipguard_exporter sipguard-exporter
