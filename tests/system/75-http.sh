# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The exporter and its clients: what they are sent, and that none of them brings it down or keeps others out.

# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/exporter.sh"

OPENMETRICS='Accept: application/openmetrics-text;version=1.0.0'

# Both forms, scraped one after the other, say the same to a parser that is not ours.
forms_agree() {
	fetch /metrics --dump-header "$WORLD/headers" >"$WORLD/metrics"
	fetch /metrics --header "$OPENMETRICS" --dump-header "$WORLD/openheaders" >"$WORLD/openmetrics"
	/usr/bin/python3 - "$WORLD/metrics" "$WORLD/openmetrics" >"$WORLD/difference" 2>&1 <<-'PYTHON'
		import sys
		from prometheus_client import openmetrics, parser
		import prometheus_client.openmetrics.parser

		def samples(families):
		    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value
		            for family in families for sample in family.samples}

		text = samples(parser.text_string_to_metric_families(open(sys.argv[1]).read()))
		families = list(openmetrics.parser.text_string_to_metric_families(open(sys.argv[2]).read()))
		opened = samples(families)
		created = {key: value for key, value in opened.items() if key[0].endswith('_created')}
		counters = sum(key[0].endswith('_total') for key in opened)
		assert len(created) == counters > 300, (len(created), counters)
		assert all(value > 1.6e9 for value in created.values())
		rest = {key: value for key, value in opened.items() if key not in created}
		assert rest == text, set(rest.items()) ^ set(text.items())
		assert {family.name: family.type for family in families}['sipguard_build'] == 'info'
	PYTHON
}

test_both_forms_are_clean() {
	local promtool
	promtool=$(prometheus_tool promtool)
	guard_and_export
	send stranger "$OUTSIDE4" 5060 4
	shows 4 "$(packets eth1 ipv4 udp drop not_allowed)"
	# The kernel's own packets, such as neighbour discovery, are counted between two scrapes at times.
	eventually 10 forms_agree || fail "$(cat "$WORLD/difference")"
	"$promtool" check metrics <"$WORLD/metrics" >"$OUTPUT" 2>&1 || fail "promtool: $(cat "$OUTPUT")"
	equal '' "$(cat "$OUTPUT")" 'promtool'
	grep -qi '^Content-Type: text/plain; version=0.0.4; charset=utf-8' "$WORLD/headers" || fail 'content type'
	grep -qi '^Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8' "$WORLD/openheaders" ||
		fail 'content type'
}

test_gzip_is_the_same_and_small() {
	guard_and_export
	fetch /metrics --header 'Accept-Encoding: gzip' --dump-header "$WORLD/headers" >"$WORLD/metrics.gz"
	grep -qi '^Content-Encoding: gzip' "$WORLD/headers" || fail 'not compressed'
	fetch /metrics >"$WORLD/metrics"
	equal "$(grep -c _packets_ "$WORLD/metrics")" "$(gunzip <"$WORLD/metrics.gz" | grep -c _packets_)" 'series'
	(($(stat -c %s "$WORLD/metrics.gz") * 8 < $(stat -c %s "$WORLD/metrics"))) || fail 'hardly smaller'
	tells /metrics '^# HELP' --header 'Accept-Encoding: gzip;q=0' || fail 'compressed although refused'
}

# raw TEXT: what the server answers to these bytes, first line only
raw() {
	# shellcheck disable=SC2016
	printf '%b' "$1" | in_namespace server timeout 15 bash -c \
		'exec 3<>/dev/tcp/127.0.0.1/10506; cat >&3; head -n 1 <&3' 2>/dev/null | tr -d '\r'
}

test_what_is_not_known_is_refused() {
	guard_and_export
	equal 404 "$(status_of /nothing)" 'status'
	equal 404 "$(status_of /metrics/)" 'status'
	equal 404 "$(status_of /../metrics --path-as-is)" 'status'
	equal 200 "$(status_of '/metrics?name=value')" 'status'
	equal 405 "$(status_of /metrics --request POST --data body)" 'status'
	equal 405 "$(status_of /metrics --request DELETE)" 'status'
	tells /metrics '^Allow: GET, HEAD' --request PUT --include || fail 'no Allow'
	equal 0 "$(fetch /metrics --head | sed '1,/^\r$/d' | wc -c)" 'bytes of a body for HEAD'
	equal 414 "$(status_of "/$(printf 'x%.0s' {1..20000})")" 'status'
	equal 431 "$(status_of /metrics --header "X: $(printf 'x%.0s' {1..20000})")" 'status'
	[[ $(raw 'GET /metrics HTTP/1.1\r\n\r\n') == *' 400 '* ]] || fail 'a request without a host'
	[[ $(raw 'nonsense\r\n\r\n') != *' 200 '* ]] || fail 'nonsense was answered'
	raw '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\0\0\0\r\n\r\n' >/dev/null || true
	dd if=/dev/urandom bs=1000 count=200 status=none | in_namespace server timeout 15 bash -c \
		'exec 3<>/dev/tcp/127.0.0.1/10506; cat >&3' 2>/dev/null || true
	is_healthy || fail 'not healthy any more'
	! tells / '^Server:' --head || fail 'it tells what it is made of'
}

descriptors() {
	# shellcheck disable=SC2154
	find "/proc/${processes[exporter]}/fd" -mindepth 1 | wc -l
}

# A browser asks under the name of the page that it shows, and lets that page read the answer.
test_only_expected_names_are_served() {
	create_exporter_user
	run 0 guard attach eth0 --allow-empty
	start_exporter --host pbx.example.com
	equal 200 "$(status_of /metrics)" 'status for the address'
	equal 200 "$(status_of /metrics --header 'Host: localhost:10506')" 'status for localhost'
	equal 200 "$(status_of /metrics --header 'Host: PBX.example.com:10506')" 'status for the name'
	equal 200 "$(status_of /metrics --http1.0 --header 'Host:')" 'status without a name'
	local path
	for path in / /metrics /status.json /healthz /nothing; do
		equal 421 "$(status_of "$path" --header 'Host: attacker.example:10506')" "status of $path for another name"
	done
	tells /metrics 'sipguard-exporter --host NAME' --header 'Host: attacker.example' || fail 'no hint'
	! tells /metrics sipguard_attached --header 'Host: attacker.example' || fail 'metrics for another name'
	run 2 in_namespace server "$EXPORTER" --host pbx.example.com:10506
	grep -q '^hint: --host pbx.example.com' "$ERRORS" || fail 'no hint for a name with a port'
}

says() {
	grep -q "$2" "$WORLD/logs/$1"
}

# Requests that never end and answers that nobody takes: who asks properly is served, and the bounds hold.
test_slow_clients_do_not_keep_others_out() {
	local attempt began
	guard_and_export
	start writers server python3 "$SCENARIOS/slow_clients.py" 150 writers
	start readers server python3 "$SCENARIOS/slow_clients.py" 150 readers
	within 60 says writers connected
	within 60 says readers connected
	for attempt in {1..10}; do
		began=${EPOCHREALTIME/./}
		is_healthy || fail "request $attempt"
		((${EPOCHREALTIME/./} - began < 9000000)) || fail "request $attempt took too long"
	done
	(($(descriptors) < 300)) || fail "$(descriptors) descriptors"
	(($(of_exporter VmHWM) < 40000)) || fail "$(of_exporter VmHWM) KiB of memory"
}

# More than there is room for, who come back at once when they are cut off. Two seconds are the promise.
test_silent_clients_do_not_keep_others_out() {
	local attempt
	guard_and_export
	start silent server python3 "$SCENARIOS/slow_clients.py" 900 silent
	within 200 says silent connected
	for attempt in {1..10}; do
		equal 200 "$(status_of /metrics --max-time 2)" "status of scrape $attempt"
	done
	(($(descriptors) < 300)) || fail "$(descriptors) descriptors"
	(($(of_exporter VmHWM) < 40000)) || fail "$(of_exporter VmHWM) KiB of memory"
}

test_storm_of_scrapes() {
	local before
	guard_and_export
	send stranger "$OUTSIDE4" 5060 2
	before=$(of_exporter VmHWM)
	# shellcheck disable=SC2016
	in_namespace server bash -c 'seq 1000 | xargs -P 40 -n 25 bash -c "
		for _; do curl -s --max-time 10 -H \"Accept-Encoding: gzip\" -o /dev/null -w \"%{http_code}\n\" '"$PAGE"'/metrics; done" _' |
		sort | uniq -c >"$OUTPUT"
	equal '1000 200' "$(awk '{ print $1, $2 }' "$OUTPUT")" 'answers'
	(($(of_exporter VmHWM) - before < 16384)) || fail "from $before to $(of_exporter VmHWM) KiB of memory"
	is_healthy || fail 'not healthy any more'
}
