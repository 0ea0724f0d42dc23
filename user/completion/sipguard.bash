# shellcheck shell=bash
# Completion of sipguard's command line for bash.

_sipguard_devices() {
	ip -brief link 2>/dev/null | sed -E 's/[ @].*//'
}

_sipguard_entries() {
	sipguard list 2>/dev/null | awk 'NR > 1 { print $1 }'
}

_sipguard() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' i words=''

	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} != -* ]]; then
			command=${COMP_WORDS[i]}
			break
		fi
	done
	case $command:$before in
	:*) words='attach detach mode ports allow deny delete list check test status stats metrics version help
		--json --quiet --color=auto --color=always --color=never' ;;
	*:--mode) words='native generic auto' ;;
	*:--sort) words='hits expiry prefix' ;;
	*:--proto) words='udp tcp sctp udplite' ;;
	attach:*) words="$(_sipguard_devices) --mode --monitor --replace --allow-empty" ;;
	detach:*) words="$(_sipguard_devices) --all" ;;
	mode:*) words='enforce monitor --allow-empty' ;;
	ports:ports) words='set' ;;
	ports:*) words='default udp/5060 udp/5061 tcp/5060 tcp/5061 sctp/5060 sctp/5061' ;;
	allow:*) words='for until label --runtime --allow-broad' ;;
	deny:*) words='for until label --runtime --allow-empty' ;;
	delete:*) words="$(_sipguard_entries) --runtime --allow-empty" ;;
	list:*) words='--unused --sort' ;;
	check:*) words='port' ;;
	test:*) words='--src --dport --proto --vlan' ;;
	metrics:--textfile)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	metrics:*) words='--textfile' ;;
	help:*) words='attach detach mode ports allow deny delete list check test status stats metrics version' ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _sipguard sipguard
