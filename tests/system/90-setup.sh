# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# scripts/setup on this machine and on one where apt-get does what the test wants. No test asks a registry.

# A copy, in a place that every user may enter.
prepare() {
	mkdir "$WORLD/scripts"
	cp "$SCRIPTS/setup" "$WORLD/scripts/"
	setup=$WORLD/scripts/setup
}

# pretend NAME: a command of this name, before all others, that runs what stands on standard input
pretend() {
	mkdir -p "$WORLD/commands"
	{
		echo '#!/bin/bash'
		cat
	} >"$WORLD/commands/$1"
	chmod +x "$WORLD/commands/$1"
	PATH=$WORLD/commands:$PATH
}

nothing_is_installed() {
	pretend dpkg-query <<<'exit 1'
}

enabled_links() {
	find /etc/systemd/system /etc/rc?.d -type l | sort
}

# The groups that these tests themselves rest on are there, so set-up has nothing to do and asks nobody.
test_nothing_to_do() {
	pretend apt-get <<<'echo "apt-get was called: $*" >&2; exit 1'
	run 0 "$SCRIPTS/setup" build test demo browser
	run 0 "$SCRIPTS/setup"
	equal '' "$(cat "$OUTPUT" "$ERRORS")" 'what set-up says'
}

# The SIP server of these tests is one that nobody enabled, unless it is the machine's own.
test_no_service_of_the_sip_server() {
	if [[ $(dpkg-query -W -f '${db:Status-Status}' kamailio 2>/dev/null) != installed ]]; then
		equal '' "$(enabled_links | grep -i kamailio)" 'links that start kamailio'
		[[ ! -e /etc/init.d/kamailio && ! -e /lib/systemd/system/kamailio.service ]] || fail 'a unit of kamailio'
		! getent passwd kamailio || fail 'a user of kamailio'
	fi
}

# installs PACKAGE: apt-get enables theirs.service, which belongs to this package
installs() {
	pretend dpkg-query <<<"[[ \$1 == -S ]] && echo '$1: theirs.service'"
	pretend apt-get <<<'[[ $* != *install* ]] || ln -sf /lib/theirs.service /etc/systemd/system/multi-user.target.wants/theirs.service'
	rm -f /etc/systemd/system/multi-user.target.wants/theirs.service
}

private_etc() {
	mkdir "$WORLD/upper" "$WORLD/work"
	mount -t overlay -o "lowerdir=/etc,upperdir=$WORLD/upper,workdir=$WORLD/work" etc /etc
	mkdir -p /etc/systemd/system/multi-user.target.wants
}

test_enabled_service_of_ours_is_an_error() {
	local before
	prepare
	private_etc
	ln -s /dev/null /etc/systemd/system/multi-user.target.wants/mine.service
	before=$(enabled_links)
	nothing_is_installed
	pretend apt-get <<<'exit 0'
	run 0 "$setup" lint
	equal "$before" "$(enabled_links)" 'links'
	for package in shellcheck kamailio; do
		installs "$package"
		run 1 "$setup" lint
		complains 'theirs\.service' '^hint: '
	done
}

# A browser brings a message bus, which a running system has anyway.
test_enabled_service_of_the_base_is_told() {
	prepare
	private_etc
	installs dbus
	run 0 "$setup" lint
	grep -q '^setup: .*theirs\.service' "$ERRORS" || fail "$(cat "$ERRORS")"
	rm /etc/systemd/system/multi-user.target.wants/theirs.service
	# What no package owns, its own scripts made.
	nothing_is_installed
	run 0 "$setup" lint
	grep -q '^setup: .*theirs\.service' "$ERRORS" || fail "$(cat "$ERRORS")"
}

test_unreachable_registry() {
	prepare
	nothing_is_installed
	pretend apt-get <<<'echo "Could not resolve the name" >&2; exit 100'
	run 1 "$setup" lint
	complains 'apt-get install' 'Could not resolve' '^hint: .*registry'
}

test_without_root_the_command_is_named() {
	prepare
	nothing_is_installed
	pretend apt-get <<<'echo "apt-get was called: $*" >&2; exit 1'
	run 1 setpriv --reuid 65534 --regid 65534 --clear-groups "$setup" lint build
	complains 'root' '^hint: sudo apt-get install .*shellcheck.* clang '
}

test_what_is_installed_and_why_is_said() {
	prepare
	nothing_is_installed
	pretend apt-get <<<"echo \"\$*\" >>$WORLD/calls"
	run 0 "$setup" build lint
	equal 2 "$(wc -l <"$ERRORS")" 'lines of progress'
	equal 1 "$(grep -c ' update$' "$WORLD/calls")" 'times that the lists were updated'
	equal 2 "$(grep -c ' install --no-install-recommends ' "$WORLD/calls")" 'installations'
}

test_unknown_group() {
	prepare
	run 1 "$setup" nonsense
	complains nonsense
}
