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
		["192.0.2.66/32", "workshop", null, true], ["2001:db8:1::/64", null, "2099-12-31T18:00:00Z", true]]' list
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
	# What would change stands before the refusal.
	sed '/--allow-shrink/q' "$OUTPUT" >"$WORLD/before_refusal"
	grep -q -e '- 192.0.2.66' "$WORLD/before_refusal" || fail "$(<"$WORLD/before_refusal")"
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

# pretend NAME: what stands on standard input, in place of a command
pretend() {
	mkdir -p "$WORLD/commands"
	cat >"$WORLD/commands/$1"
	chmod +x "$WORLD/commands/$1"
}

# pretend_systemd: a systemctl that knows every unit, and writes down what it is told to do
pretend_systemd() {
	mkdir -p /run/systemd/system
	pretend systemctl <<-EOF
		#!/bin/sh
		case \$1 in
		show) printf 'LoadState=loaded\nActiveState=%s\n' "\$(cat $WORLD/activity 2>/dev/null || echo inactive)" ;;
		is-enabled) cat $WORLD/enabled 2>/dev/null || { echo disabled; exit 1; } ;;
		list-unit-files) printf '%s enabled enabled\n' sipguard-exporter.service sipguard.service ;;
		*) echo "\$@" >>$WORLD/units ;;
		esac
	EOF
	PATH=$WORLD/commands:$PATH
}

# in_force MODE CONFIRMATION: of all guards
in_force() {
	[[ $(json '[.devices[] | .mode + " " + (.confirmation.state // "none")] | unique | join(",")' status) == "$1 $2" ]]
}

test_units_and_confirmation() {
	prepare
	pretend_systemd
	# The user of the exporter is not there yet.
	printf '#!/bin/sh\nexit 2\n' | pretend getent
	printf '#!/bin/sh\nprintf "%%s\\n" "$*" >%s\n' "$WORLD/sysusers" | pretend systemd-sysusers
	world_link br-lan stranger eth1
	variables 'devices: [eth0, br-lan]' 'mode: monitor' 'enable_guards: true' 'enable_exporter: true' 'version_min: 0.1'
	play 0 7
	equal "--inline $(grep '^u ' "$SCRIPTS/systemd/sipguard.sysusers")" "$(<"$WORLD/sysusers")" 'what sysusers is told'
	equal "$(printf '%s\n' 'enable sipguard.service' 'start sipguard.service' \
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

test_a_declared_device_that_is_absent() {
	prepare
	variables 'devices: [eth0, wg7]' 'require_devices: true'
	play 2 0
	prints 'wg7: declared, and absent, and sipguard_require_devices is set'
	[[ ! -e $CONFIG && ! -e $SIPGUARD_PIN_DIR ]] || fail 'a refusal changed something'
	variables 'devices: [eth0, wg7]'
	play 0 4
	prints 'wg7: declared, and absent; guarded when it comes'
	holds '[.devices[].device] == ["eth0"]' status
}

test_versions_and_packages() {
	local package=$WORLD/sipguard-of-a-test.deb
	prepare
	variables 'devices: [eth0]' 'version_min: "999"'
	play 2 0
	prints 'sipguard_version_min is 999'
	[[ ! -e $CONFIG ]] || fail 'a refusal changed something'

	# Check mode asks dpkg for a simulation, so nothing is installed here.
	mkdir -p "$WORLD/package/DEBIAN"
	printf '%s\n' 'Package: sipguard-of-a-test' 'Version: 1' 'Architecture: all' 'Maintainer: nobody <nobody@example.net>' \
		'Description: nothing' >"$WORLD/package/DEBIAN/control"
	dpkg-deb --build --root-owner-group "$WORLD/package" "$package" >/dev/null
	variables_of_none "$package"
	play 0 4 --check
	prints 'sipguard is not installed yet'
	variables_of_none
	play 2 0
	prints 'There is no .*/none that runs'
}

# variables_of_none [PACKAGE]: of a machine that has no command
variables_of_none() {
	variables 'devices: [eth0]' "packages: [${1-}]"
	sed -i "s|^sipguard_command: .*|sipguard_command: $WORLD/none|" "$WORLD/variables.yml"
}

test_absent() {
	prepare
	create_exporter_user
	pretend_systemd
	variables 'devices: [eth0, eth1]' 'enable_guards: true' 'enable_exporter: true'
	play 0 6
	echo '203.0.113.7 # written by hand' >"$LISTS/hand.list"
	rm "$WORLD/units"
	echo active >"$WORLD/activity"
	echo enabled >"$WORLD/enabled"
	mkdir -p '/run/systemd/system/sys-subsystem-net-devices-br\x2dlan.device.wants'
	ln -s /dev/null '/run/systemd/system/sys-subsystem-net-devices-br\x2dlan.device.wants/sipguard@br\x2dlan.service'

	variables 'state: absent'
	remember
	play 0 2 --check
	nothing_changed
	play 0 3
	equal "$(printf '%s\n' 'stop sipguard-exporter.service' 'disable sipguard-exporter.service' 'disable sipguard.service' \
		'stop sipguard.service' 'disable sipguard@br\x2dlan.service' 'stop sipguard@br\x2dlan.service' | sort)" \
		"$(sort "$WORLD/units")" 'what systemd is told'
	equal '' "$(find "$SIPGUARD_PIN_DIR" -type f)" 'pins'
	arrives stranger "$OUTSIDE4" 5060
	equal "$LISTS/hand.list" "$(find "$CONFIG" -type f)" 'what is left'
	[[ ! -s $SIPGUARD_STATE_DIR/guards ]] || ! grep -q '^guarded' "$SIPGUARD_STATE_DIR/guards" ||
		fail "$(<"$SIPGUARD_STATE_DIR/guards")"

	# What is gone already is no change.
	rm "$WORLD/activity" "$WORLD/enabled"
	rm -r /run/systemd/system/*.wants
	variables 'state: absent' 'exclusive: true'
	play 0 1
	[[ ! -e $CONFIG ]] || fail "$(find "$CONFIG")"
}
