# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Versions of the policy, and the way back to them.

ETC=$WORLD/etc

declare_list() {
	mkdir -p "$ETC/allow.d"
	printf '[guard]\ndevices = eth0\n' >"$ETC/sipguard.conf"
	printf '%s\n' "$@" >"$ETC/allow.d/trunks.list"
}

entries() {
	json '[.entries[] | [.prefix, .verdict, .origin, .label]]' list
}

# latest FIELD: of the version in force
latest() {
	json ".versions[] | select(.current).$1" rollback --list
}

test_rollback_returns_to_the_version_before() {
	run 3 guard rollback
	complains 'no version before' '--list'
	run 0 guard allow "$TRUSTED4" label 'the trunk'
	run 0 guard attach eth0
	local before
	before=$(entries)
	run 0 guard deny 192.0.2.0/24
	run 0 guard delete "$TRUSTED4" --allow-empty
	is_dropped trusted "$SERVER4" 5060
	run 0 guard rollback
	prints '\(deny 192\.0\.2\.0/24\)$'
	prints '^added 1'
	arrives trusted "$SERVER4" 5060
	# What was rolled back is a version too, so a rollback can be taken back like anything else.
	equal 'rollback' "$(latest cause)" 'the cause of the version in force'
	run 0 guard rollback --list
	prints 'delete 192\.0\.2\.10 --allow-empty'
	local number
	number=$(json '.versions[] | select(.cause == "allow 192.0.2.10 label the trunk").version' rollback --list)
	run 0 guard rollback "$number"
	equal "$before" "$(entries)" "entries of version $number"
	arrives trusted "$SERVER4" 5060
	run 3 guard rollback 999
	complains 'no version 999'
	run 2 guard rollback 4294967297
	run 2 guard rollback 0
	run 2 guard rollback 1 2
}

test_rollback_of_an_apply_brings_ports_and_origins_back() {
	declare_list "$TRUSTED4 # trunk"
	run 0 guard apply
	run 0 guard ports set udp/5070
	local before
	before=$(entries)
	declare_list "$TRUSTED4 # trunk" "$TRUSTED6" 203.0.113.0/24
	printf '[ports]\nguard = udp/5060\n' >>"$ETC/sipguard.conf"
	run 0 guard apply
	arrives trusted "$SERVER6" 5060
	run 7 guard rollback --allow-shrink
	complains '2001:db8:1::10/128 called' '--drop-recent'
	run 0 guard rollback --allow-shrink --drop-recent
	prints 'ports: changed'
	equal "$before" "$(entries)" entries
	run 0 guard ports
	prints '^udp/5070$'
	prints_not 5060
	# The administrator's files say something else, and stay as they are.
	run 1 guard apply --check
	run 0 guard detach --all
	run 0 guard attach eth0
	equal "$before" "$(entries)" 'entries after everything was loaded anew'
}

# The disk was full, or the command was killed before it could keep a version.
test_rollback_knows_that_the_newest_version_is_not_in_force() {
	run 0 guard allow 203.0.113.1
	run 0 guard attach eth0
	run 0 guard allow 203.0.113.2
	local before
	before=$(entries)
	mv "$WORLD/state/versions" "$WORLD/kept"
	touch "$WORLD/state/versions"
	run 0 guard allow 203.0.113.3
	grep -q 'no version for rollback' "$ERRORS" || fail "$(cat "$ERRORS")"
	rm "$WORLD/state/versions"
	mv "$WORLD/kept" "$WORLD/state/versions"
	holds '[.versions[].current] | any | not' rollback --list
	run 0 guard rollback
	equal "$before" "$(entries)" entries
	holds '.versions[-1].current' rollback --list
}

# As after an upgrade from a sipguard that kept none.
test_what_an_apply_finds_is_a_version() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	rm -r "$WORLD/state/versions"
	declare_list 203.0.113.1
	run 0 guard apply
	run 0 guard rollback
	prints '\(found\)$'
	equal '["192.0.2.10/32"]' "$(json '[.entries[].prefix]' list)" entries
}

test_unsafe_rollbacks_are_refused() {
	run 0 guard allow 203.0.113.1
	run 0 guard attach eth0
	run 0 guard allow 203.0.113.2 203.0.113.3 203.0.113.4
	run 7 guard rollback
	complains '--allow-shrink'
	run 0 guard rollback --allow-shrink
	equal 1 "$(json '.entries | length' list)" 'entries'
}

test_runtime_entries_belong_to_no_version() {
	run 0 guard allow 203.0.113.1
	run 0 guard attach eth0
	run 0 guard allow 203.0.113.2
	run 0 guard allow 203.0.113.3 --runtime
	run 0 guard rollback
	equal '["203.0.113.1/32","203.0.113.3/32"]' "$(json '[.entries[].prefix]' list)" entries
}

# When an entry ends, the kernel has nothing for its prefix.
test_what_comes_back_does_not_end_with_a_runtime_entry() {
	run 0 guard allow "$TRUSTED4" 203.0.113.1
	run 0 guard attach eth0
	run 0 guard delete "$TRUSTED4"
	run 0 guard allow "$TRUSTED4" for 1h --runtime
	run 0 guard rollback
	holds '.entries[] | select(.prefix == "192.0.2.10/32") | .expires == null and .origin == "command"' list
}

test_rollback_ends_a_trial_at_once() {
	declare_list "$TRUSTED4" "$TRUSTED6"
	run 0 guard apply
	declare_list "$TRUSTED6" "$NEIGHBOUR4"
	run 0 guard apply --confirm 1h
	is_dropped trusted "$SERVER4" 5060
	run 0 guard rollback
	prints 'given up'
	arrives trusted "$SERVER4" 5060
	run 0 guard allow 203.0.113.1
	run 3 guard confirm
}

# The trial is over, and what came before it is in force already: to go further back is another rollback.
test_rollback_of_a_trial_that_is_over_goes_back_no_further() {
	declare_list "$TRUSTED4"
	run 0 guard apply
	declare_list "$TRUSTED4" 203.0.113.1
	run 0 guard apply
	local before
	before=$(json '[.entries[].prefix]' list)
	declare_list "$TRUSTED4" 203.0.113.1 203.0.113.2
	run 0 guard apply --confirm 1h
	run 0 guard detach --all
	run 0 guard rollback --allow-shrink
	prints 'given up'
	equal "$before" "$(json '[.entries[].prefix]' list)" entries
	run 0 guard rollback --allow-shrink
	equal '["192.0.2.10/32"]' "$(json '[.entries[].prefix]' list)" entries
}

# A guard that goes on to enforce would drop everybody whom the former list does not have.
test_rollback_of_a_trial_ends_the_mode_on_trial_too() {
	run 0 guard attach eth0 --monitor
	declare_list "$TRUSTED4" "$TRUSTED6"
	printf 'mode = enforce\n' >>"$ETC/sipguard.conf"
	run 0 guard apply --confirm 1h
	run 0 guard rollback
	prints 'given up'
	prints '^eth0: monitor$'
	arrives trusted "$SERVER4" 5060
	holds '[.devices[].packets.drop] == [0]' status
}

test_versions_are_bounded_and_what_matters_stays_longest() {
	declare_list "$TRUSTED4"
	run 0 guard apply
	local i
	for ((i = 1; i <= 30; i++)); do
		run 0 guard allow "203.0.113.$i"
	done
	equal 20 "$(json '.versions | length' rollback --list)" versions
	holds '[.versions[].cause] | index("apply") != null' rollback --list
	holds '[.versions[].cause] | index("allow 203.0.113.30") != null and index("allow 203.0.113.3") == null' rollback --list
	equal 20 "$(find "$WORLD/state/versions" -mindepth 1 -maxdepth 1 | wc -l)" 'directories of versions'
}

test_a_damaged_version_is_refused_and_harms_nothing() {
	run 0 guard allow 203.0.113.1
	run 0 guard attach eth0
	run 0 guard allow 203.0.113.2
	local number directory
	number=$(json '.versions[] | select(.cause == "allow 203.0.113.1").version' rollback --list)
	directory=$WORLD/state/versions/$number
	# It shares its file with others: a copy of its own is what is damaged.
	sed 's/203/204/' "$directory/entries.list" >"$WORLD/damaged"
	mv "$WORLD/damaged" "$directory/entries.list"
	run 0 guard rollback --list
	prints "^ *$number .* damaged: allow"
	run 5 guard rollback "$number"
	complains damaged
	equal '["203.0.113.1/32","203.0.113.2/32"]' "$(json '[.entries[].prefix]' list)" entries
	# The words of a command may be anybody's.
	printf 'time 2027-01-31T18:00Z\ncause \033[31mred\n' >"$directory/cause"
	grep -q $'\033' < <(guard rollback --list) && fail 'bytes of a file reach the terminal'
	run 0 guard allow 203.0.113.3 label $'caf\xc3\xa9'
	equal "$(printf 'allow 203.0.113.3 label caf\xc3\xa9')" "$(latest cause)" cause
}

# What has ended stands on file in both versions, and is not what the prefix has.
test_rollback_brings_back_what_an_ended_entry_stood_before() {
	run 0 guard allow 203.0.113.1
	run 0 guard attach eth0
	run 0 guard deny "$TRUSTED4" for 1s
	within 4 decides "$TRUSTED4" not_allowed
	declare_list "$TRUSTED4" 203.0.113.2
	run 0 guard apply
	arrives trusted "$SERVER4" 5060
	declare_list 203.0.113.2
	run 0 guard apply --drop-recent
	is_dropped trusted "$SERVER4" 5060
	run 0 guard rollback
	prints '^changed 1'
	arrives trusted "$SERVER4" 5060
}
