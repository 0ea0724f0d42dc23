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
	:*) words='attach detach restore mode confirm ports allow deny delete import apply diff export rollback list check test learn lint drops top capture status stats doctor metrics version help
		--json --quiet --color=auto --color=always --color=never' ;;
	*:--mode) words='native generic auto' ;;
	*:--confirm) words='2m 10m' ;;
	*:--device) words=$(_sipguard_devices) ;;
	*:--verdict) words='drop would_drop pass all' ;;
	*:--reason) words='not_ip other_port allowed fragment_tail not_allowed denied no_ports header_limit vlan_limit malformed' ;;
	*:--sort) words='hits expiry prefix' ;;
	lint:--format) words='iptables-save nft ansible shell list configuration' ;;
	*:--proto) words='udp tcp sctp udplite' ;;
	attach:*) words="$(_sipguard_devices) --mode --monitor --confirm --replace --capacity --allow-empty --runtime" ;;
	doctor:*) words=$(_sipguard_devices) ;;
	detach:*) words="$(_sipguard_devices) --all --runtime" ;;
	restore:*) words='--udev' ;;
	mode:mode) words='enforce monitor' ;;
	mode:*) words="$(_sipguard_devices) --confirm --allow-empty --runtime" ;;
	ports:ports) words='add delete set' ;;
	ports:*) words='default udp/5060 udp/5061 tcp/5060 tcp/5061 sctp/5060 sctp/5061 --allow-unguarded' ;;
	allow:*) words='for until label --runtime --allow-broad' ;;
	deny:*) words='for until label --runtime --allow-empty --drop-recent' ;;
	delete:*) words="$(_sipguard_entries) --runtime --allow-broad --allow-empty --drop-recent" ;;
	import:import) words='plain iptables-save ipset nft registrations' ;;
	import:registrations) mapfile -t COMPREPLY < <(compgen -f -- "$word") && return ;;
	import:plain | import:iptables-save | import:ipset | import:nft) mapfile -t COMPREPLY < <(compgen -f -- "$word") && return ;;
	import:*) words='for until label --replace --aggregate --dry-run --capacity --allow-shrink --allow-broad --allow-empty --drop-recent --local' ;;
	apply:-f | diff:-f | export:*)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	apply:*) words='-f --check --diff --confirm --allow-shrink --allow-broad --allow-empty --allow-unguarded --drop-recent' ;;
	diff:*) words='-f' ;;
	rollback:*) words='--list --allow-shrink --allow-broad --allow-empty --allow-unguarded --drop-recent' ;;
	list:*) words='--unused --sort' ;;
	check:*) words='port' ;;
	test:*) words='--src --dport --proto --vlan' ;;
	learn:--write)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	learn:*) words="$(_sipguard_devices) for --write --force --min-packets --allowed-only" ;;
	lint:*) mapfile -t COMPREPLY < <(compgen -f -W '--format --ports --disable --former --local --sarif' -- "$word") && return ;;
	help:*) words='attach detach restore mode confirm ports allow deny delete import apply diff export rollback list check test learn lint drops top capture status stats metrics doctor version' ;;
	drops:*) words='--follow --count --device --reason --from for' ;;
	top:*) words='--batch --count' ;;
	capture:-w)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	capture:*) words='-w --device --verdict --reason --from --bytes --rate --count for' ;;
	metrics:--textfile)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	metrics:*) words='--textfile' ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _sipguard sipguard
