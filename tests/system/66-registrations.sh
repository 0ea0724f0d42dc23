# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who is registered at a real Kamailio, as a list to review.

# registers NAMESPACE SERVER CONTACT USER AGENT: a phone that writes any address and agent it likes
registers() {
	printf '%b' "REGISTER sip:sipguard.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.1.20;branch=z9hG4bK$4\r\nMax-Forwards: 70\r
From: <sip:$4@sipguard.example>;tag=1\r\nTo: <sip:$4@sipguard.example>\r\nCall-ID: $4\r\nCSeq: 1 REGISTER\r
Contact: <sip:$4@$3>\r\nExpires: 600\r\nUser-Agent: $5\r\nContent-Length: 0\r\n\r\n" >"$WORLD/register"
	# One write is one datagram, and printf writes line by line.
	# shellcheck disable=SC2016
	in_namespace "$1" bash -c 'cat "$2" >"/dev/udp/$1/5060"' bash "$2" "$WORLD/register"
}

# What `kamctl ul show` asks, and prints.
dump_registrations() {
	local reader
	rm -f "$WORLD/reply"
	mkfifo "$WORLD/reply"
	cat "$WORLD/reply" >"$WORLD/registrations" &
	reader=$!
	echo '{"jsonrpc": "2.0", "method": "ul.dump", "reply_name": "reply", "id": 1}' >"$WORLD/registrar"
	wait "$reader"
}

shows_users() {
	dump_registrations
	(($(grep -o '"AoR"' "$WORLD/registrations" | wc -l) == $1))
}

test_registered_addresses_of_a_real_server() {
	start_sip_server "$SCENARIOS/registrar.cfg"
	registers trusted "$SERVER4" 192.168.1.20:5060 anna 'Example Phone 3'
	registers stranger "$OUTSIDE4" 192.0.2.99 mallory \
		"x\r\n Address: sip:y@192.0.2.99\r\n Received: sip:192.0.2.99:5060\r\n Address: sip:z@192.0.2.99"
	within 5 shows_users 2
	run 0 guard import registrations "$WORLD/registrations" --write "$WORLD/phones.list"
	prints '^2 addresses, 2 of them entries'
	run 0 grep '^[0-9]' "$WORLD/phones.list"
	prints "^$TRUSTED4/32 # registered: anna, Example Phone 3\$"
	prints "^$STRANGER4/32 # registered: mallory, x"
	prints_not '192\.0\.2\.99/|192\.168'

	run 7 guard import registrations "$WORLD/registrations" --write "$WORLD/phones.list"
	complains 'phones.list' '--force'
	run 2 guard import registrations "$WORLD/registrations" --replace
	run 2 guard import plain "$WORLD/phones.list" --write "$WORLD/other.list"
	run 0 guard import plain "$WORLD/phones.list"
	run 0 guard attach eth0
	run 0 guard deny "$STRANGER4"
	run 0 guard import registrations "$WORLD/registrations"
	prints "^# $TRUSTED4/32"
	prints "^# $STRANGER4/32"
	prints_not '^[0-9]'
	holds '[.addresses[] | [.source, .reason, .received]] == [["'"$TRUSTED4"'", "allowed", true], ["'"$STRANGER4"'", "denied", true]]' \
		import registrations "$WORLD/registrations"
}
