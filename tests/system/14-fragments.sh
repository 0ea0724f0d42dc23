# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fragments behind the first pass whoever sends them, and so strangers can fill the memory in which the host puts
# datagrams together. What doctor proposes against it keeps the large messages of trusted sources.

# reassembly_memory 4|6: bytes that fragments take which wait for the rest
reassembly_memory() {
	local family=$1
	# shellcheck disable=SC2016
	in_namespace server awk -v name="FRAG${family#4}:" '$1 == name { print $5 }' /proc/net/sockstat "/proc/net/sockstat6"
}

is_filled() {
	(($(reassembly_memory "$1") > 4194304))
}

# reassemblies_failed 4|6
reassemblies_failed() {
	if [[ $1 == 4 ]]; then
		in_namespace server nstat -asz IpReasmFails | awk '$1 == "IpReasmFails" { print $2 }'
	else
		# shellcheck disable=SC2016
		in_namespace server awk '$1 == "Ip6ReasmFails" { print $2 }' /proc/net/snmp6
	fi
}

# messages 4|6: ten of 4,000 bytes from the trusted source to the guarded port, in three fragments each
messages() {
	in_namespace trusted python3 - "$@" <<-'PYTHON'
		import socket
		import sys

		family, to = (socket.AF_INET, '192.0.2.1') if sys.argv[1] == '4' else (socket.AF_INET6, '2001:db8:1::1')
		sender = socket.socket(family, socket.SOCK_DGRAM)
		for number in range(10):
		    sender.sendto(b'message' * 571 + b'%03d' % number, (to, 5060))
	PYTHON
}

# Says of each large message that has arrived.
receive() {
	start receiver server python3 -u -c '
import socket, sys
receiver = socket.socket(socket.AF_INET6 if sys.argv[1] == "6" else socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("", 5060))
while True:
    print("arrived", len(receiver.recv(65536)))' "$1"
	within 5 is_listening server udp 5060
}

have_arrived() {
	(($(grep -c '^arrived 4000$' "$WORLD/logs/receiver") == $1))
}

# have_failed COUNT 4|6: so many fragments more than before found no room
have_failed() {
	(($(reassemblies_failed "$2") - failed_before >= $1))
}

has_sent_its_burst() {
	grep -q '^burst is out' "$WORLD/logs/tails"
}

# proposed 4|6: the command of doctor for this family
proposed() {
	json '.findings[] | select(.check == "fragments") | .mend // empty' doctor | grep "ip${1#4}frag_time"
}

# scene 4|6
scene() {
	local family=$1 failed_before command
	run 0 guard allow "$TRUSTED4" "$TRUSTED6"
	run 0 guard attach eth0 eth1
	receive "$family"
	messages "$family"
	within 5 have_arrived 10
	start tails stranger python3 "$SCENARIOS/fragment_tails.py" "$family" eth0 3000 300 \
		"$(ip -n server -json link show eth1 | jq -r '.[0].address')"
	within 20 has_sent_its_burst
	within 5 is_filled "$family"
	failed_before=$(reassemblies_failed "$family")
	messages "$family"
	within 10 have_failed 30 "$family"
	have_arrived 10 || fail "a message arrived: $(reassembly_memory "$family") bytes are taken"

	command=$(proposed "$family")
	read -ra command <<<"$command"
	run 0 in_namespace server "${command[@]}"
	equal '' "$(proposed "$family")" 'what doctor proposes now'
	messages "$family"
	within 10 have_arrived 20
	is_running tails || fail 'the tails have ended'
}

test_strangers_tails_and_large_messages() {
	scene 4
}

test_strangers_tails_and_large_messages_of_ipv6() {
	scene 6
}
