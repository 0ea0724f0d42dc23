# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Ansible role and the real ansible-playbook, which takes this world for the machine.

# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/exporter.sh"

PLAYBOOK=$WORLD/site.yml
CONFIG=$WORLD/declared
LISTS=$CONFIG/allow.d

prepare() {
	export HOME=$WORLD TMPDIR=$WORLD/temporary LC_ALL=C.UTF-8
	export ANSIBLE_ROLES_PATH=$SCRIPTS/ansible/roles ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_PIPELINING=true
	mkdir "$TMPDIR"
	cat >"$PLAYBOOK" <<-'EOF'
		- hosts: localhost
		  connection: local
		  gather_facts: false
		  roles: [sipguard]
	EOF
	variables 'devices: [eth0, eth1]'
	entries "{prefix: $TRUSTED4, label: reception}" "{prefix: $NEIGHBOUR4, label: workshop}" \
		'{prefix: 2001:db8:1::/64, until: 2099-12-31T18:00:00Z}'
}

# variables 'NAME: VALUE'...: of the role, beside its entries
variables() {
	printf 'sipguard_%s\n' "command: $SIPGUARD" "config_dir: $CONFIG" "$@" \
		>"$WORLD/variables.yml"
}

# entries ENTRY...: all that there are
entries() {
	echo 'sipguard_entries:'
	printf '  - %s\n' "$@"
} >"$WORLD/entries.yml"

# play STATUS CHANGED [OPTION...]: a run of the playbook, and how many tasks of it change something
play() {
	run "$1" in_namespace server ansible-playbook -i localhost, -e ansible_python_interpreter=/usr/bin/python3 \
		-e "@$WORLD/variables.yml" -e "@$WORLD/entries.yml" "${@:3}" "$PLAYBOOK"
	prints "^localhost .* changed=$2 "
	equal '' "$(ls "$TMPDIR")" 'what a run leaves behind'
}

# What a run may change: the files, with their times, and what is in force.
everything() {
	find "$CONFIG" -printf '%p %m %T@\n' -type f -exec cat {} + 2>/dev/null
	json '.entries[] | [.prefix, .verdict, .label, .expires, .origin, .in_kernel, .packets]' list
	json '.devices[] | [.device, .mode, .packets.drop]' status
	json .ports ports
}

remember() {
	everything >"$WORLD/before"
}

nothing_changed() {
	everything | diff "$WORLD/before" - || fail 'something changed'
}

test_first_run_second_run_and_a_guard_that_strayed() {
	prepare
	play 0 4 --check --diff
	prints '^\+192\.0\.2\.10 # reception$'
	prints '^\+mode = enforce$'
	[[ ! -e $CONFIG && ! -e $SIPGUARD_PIN_DIR && ! -e $SIPGUARD_STATE_DIR ]] || fail 'check mode changed something'
	play 0 4
	holds '[.entries[] | [.prefix, .label, .expires, .in_kernel]] == [["192.0.2.10/32", "reception", null, true],
		["192.0.2.66/32", "workshop", null, true], ["2001:db8:1::/64", null, "2099-12-31T18:00Z", true]]' list
	holds '[.devices[] | [.device, .mode]] == [["eth0", "enforce"], ["eth1", "enforce"]]' status
	is_dropped stranger "$OUTSIDE4" 5060
	remember
	play 0 0
	nothing_changed

	# The files are as they should be, and the guard is not.
	run 0 guard mode monitor
	run 0 guard detach eth1
	remember
	play 0 1 --check --diff
	prints 'mode of eth0: monitor'
	prints 'guard on eth1'
	nothing_changed
	play 0 1
	holds '[.devices[] | [.device, .mode]] == [["eth0", "enforce"], ["eth1", "enforce"]]' status
}

test_the_example() {
	prepare
	run 0 in_namespace server ansible-playbook -i "$SCRIPTS/ansible/inventory.yml" -l sip2.example.net -c local \
		-e "{sipguard_command: $SIPGUARD, sipguard_config_dir: $CONFIG, ansible_become: false}" "$SCRIPTS/ansible/site.yml"
	holds '.entries | length == 6' list
	holds '[.devices[] | [.device, .mode]] == [["eth0", "monitor"]]' status
	decides 198.51.100.66 denied || fail "$(json . list)"
}

hits_of() {
	json ".entries[] | select(.prefix == \"$1\") | .packets" list
}

test_changed_variables() {
	local hits
	prepare
	mkdir -p "$LISTS"
	echo '203.0.113.7 # written by hand' >"$LISTS/hand.list"
	entries "{prefix: $TRUSTED4, label: reception}" "{prefix: $NEIGHBOUR4, label: workshop}" \
		'{prefix: 2001:db8:1::/64, list: offices}'
	play 0 3
	arrives trusted "$SERVER4" 5060
	hits=$(hits_of 192.0.2.10/32)
	remember

	# One bad line, which is the fault of a variable.
	entries "{prefix: $TRUSTED4, label: \"x\\n0.0.0.0/0\"}" '{prefix: nobody, label: knows}'
	play 2 0
	prints "$LISTS/ansible.list:3:1: nobody is not an address"
	nothing_changed

	# More than half of the entries are gone.
	entries "{prefix: 203.0.113.9}"
	play 2 0
	prints '--allow-shrink'
	nothing_changed

	# One item less, one list less, one item that must stay one line, another mode.
	entries "{prefix: $TRUSTED4, label: reception}" "{prefix: 203.0.113.8, label: \"x\\n0.0.0.0/0\"}"
	variables 'devices: [eth0, eth1]' 'mode: monitor'
	play 0 4 --check --diff
	prints '^-mode = enforce$'
	prints '^\+mode = monitor$'
	prints '^-192\.0\.2\.66 # workshop$'
	prints '^\+203\.0\.113\.8 # x 0\.0\.0\.0/0$'
	prints '- 2001:db8:1::/64'
	prints_not '203\.0\.113\.7'
	nothing_changed
	play 0 4
	holds '[.entries[].prefix] == ["192.0.2.10/32", "203.0.113.7/32", "203.0.113.8/32"]' list
	holds '[.devices[].mode] == ["monitor", "monitor"]' status
	((hits)) || fail 'no hits'
	equal "$hits" "$(hits_of 192.0.2.10/32)" 'hits of an entry that stayed'
	[[ ! -e $LISTS/offices.list && -e $LISTS/hand.list ]] || fail "$(ls "$LISTS")"
}

# pretend_systemd: a systemctl that knows every unit, and writes down what it is told to do
pretend_systemd() {
	mkdir -p "$WORLD/commands" /run/systemd/system
	cat >"$WORLD/commands/systemctl" <<-EOF
		#!/bin/sh
		case \$1 in
		show) printf 'LoadState=loaded\nActiveState=inactive\n' ;;
		is-enabled) echo disabled; exit 1 ;;
		*) echo "\$@" >>$WORLD/units ;;
		esac
	EOF
	chmod +x "$WORLD/commands/systemctl"
	PATH=$WORLD/commands:$PATH
}

mode_is() {
	[[ $(json '[.devices[] | .mode + " " + (.confirmation.state // "none")] | unique | join(",")' status) == "$1 $2" ]]
}

# in_force MODE CONFIRMATION: of all guards
in_force() {
	[[ $(json '[.devices[] | .mode + " " + (.confirmation.state // "none")] | unique | join(",")' status) == "$1 $2" ]]
}

test_units_and_confirmation() {
	prepare
	create_exporter_user
	pretend_systemd
	world_link br-lan stranger eth1
	variables 'devices: [eth0, br-lan]' 'mode: monitor' 'enable_guards: true' 'enable_exporter: true'
	play 0 6
	equal "$(printf '%s\n' 'enable sipguard@eth0.service' 'enable sipguard@br\x2dlan.service' \
		'enable sipguard-exporter.service' 'start sipguard-exporter.service')" "$(<"$WORLD/units")" 'what systemd is told'

	variables 'devices: [eth0, br-lan]' 'mode: enforce' 'confirm: 1m' "confirm_command: [$SIPGUARD, check, $TRUSTED4]"
	play 0 3
	in_force enforce none || fail "$(json . status)"

	variables 'devices: [eth0, br-lan]' 'mode: monitor' 'confirm: 10s' "confirm_command: [$SIPGUARD, check, $STRANGER4]"
	entries "{prefix: $TRUSTED4, label: reception}" "{prefix: $NEIGHBOUR4, label: workshop}" '{prefix: 203.0.113.9}'
	play 2 3
	prints 'Not confirmed: Run the command that must succeed'
	decides 203.0.113.9 allowed || fail "$(json . list)"
	within 12 in_force enforce missed
	within 1 decides 203.0.113.9 not_allowed
}
