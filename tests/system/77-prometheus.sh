# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What people do with the metrics: a real Prometheus scrapes a real guard, and rules and dashboard are asked of it.

# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/exporter.sh"

RULES=$SCRIPTS/prometheus
DASHBOARD=$SCRIPTS/grafana/sipguard.json

test_alerts_fire_when_they_should() {
	local promtool
	promtool=$(prometheus_tool promtool)
	run 0 "$promtool" test rules "$WORLD_TOP"/tests/rules/*.yml
	run 0 "$promtool" check config --syntax-only "$RULES/scrape.yml"
	# Each alert has a test.
	equal "$(sed -n 's/.*- alert: //p' "$RULES/alerts.yml" | sort)" \
		"$(sed -n 's/.*- alertname: //p' "$WORLD_TOP"/tests/rules/*.yml | sort -u)" 'alerts'
}

# The scrape job that we recommend, every second.
start_prometheus() {
	local prometheus
	prometheus=$(prometheus_tool prometheus)
	cp "$RULES"/*.yml "$WORLD/"
	printf 'global: {scrape_interval: 1s, evaluation_interval: 1s}\n' | cat - "$RULES/scrape.yml" >"$WORLD/prometheus.yml"
	start prometheus server "$prometheus" --config.file "$WORLD/prometheus.yml" --storage.tsdb.path "$WORLD/tsdb" \
		--web.listen-address 127.0.0.1:9090
}

# prometheus PATH [PARAMETER...]
prometheus() {
	in_namespace server curl --silent --max-time 10 --get "${@:2}" "http://127.0.0.1:9090/api/v1/$1"
}

# ask EXPRESSION: the answer's samples
ask() {
	prometheus query --data-urlencode "query=$1" | jq -c '.data.result'
}

answers() {
	[[ $(ask "$1" | jq 'length') -gt 0 ]]
}

# What Grafana puts in for its variables, with "All" chosen.
# shellcheck disable=SC2016
queries() {
	jq -r '.. | .targets? // empty | .[].expr' "$DASHBOARD" |
		sed 's/\$instance/.*/g; s/\$device/.*/g; s/\$__rate_interval/15s/g; s/\$__range/1m/g'
}

test_rules_and_dashboard_on_a_real_guard() {
	local query value count=0
	create_exporter_user
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	start_exporter
	start_prometheus
	start calls trusted bash -c "exec 3<>/dev/udp/$SERVER4/5060; while sleep 0.05; do printf x >&3; done"
	start scan stranger bash -c "exec 3<>/dev/udp/$OUTSIDE4/5060; while sleep 0.05; do printf x >&3; done"
	within 40 answers 'rate(sipguard_packets_total{device="eth1", verdict="drop"}[15s]) > 5'

	equal 1 "$(ask 'up{job="sipguard"}' | jq -r '.[0].value[1]')" 'up'
	# From now on the scanner rests, so that two readings of the counter are the same.
	stop scan
	value=$(metric 'sipguard_packets_total{device="eth1",family="ipv4",protocol="udp",verdict="drop",reason="not_allowed"}')
	within 10 answers "sum(sipguard_packets_total{device=\"eth1\", verdict=\"drop\"}) == $(counted eth1 not_allowed)"
	((value > 10)) || fail "$value drops"

	while read -r query; do
		eventually 5 answers "$query" || fail "no answer to $query: $(prometheus query --data-urlencode "query=$query")"
		count=$((count + 1))
	done < <(queries)
	((count > 15)) || fail "$count queries"
	equal '["eth0","eth1"]' "$(prometheus label/device/values --data-urlencode 'match[]=sipguard_attached{instance=~".*"}' |
		jq -c .data)" 'choices of the variable device'

	within 10 answers 'device:sipguard_packets_dropped:rate5m{device="eth1"} > 0'
	equal '["ok"]' "$(prometheus rules | jq -c '[.data.groups[].rules[].health] | unique')" 'health of rules'
	equal '[]' "$(prometheus rules | jq -c '[.data.groups[].rules[] | select(.state == "firing") | .name]')" 'alerts'
}

test_dashboard_has_what_grafana_needs() {
	equal '["datasource","instance","device"]' "$(jq -c '[.templating.list[].name]' "$DASHBOARD")" 'variables'
	# shellcheck disable=SC2016
	equal '["${datasource}"]' "$(jq -c '[.. | .datasource? // empty | select(.type? == "prometheus") | .uid] | unique' "$DASHBOARD")" \
		'data sources'
	# No two panels have the same number, and none lies on another.
	jq -e '[.panels[].id] | length == (unique | length)' "$DASHBOARD" >/dev/null || fail 'numbers of panels'
	jq -e '[.panels[].gridPos | range(.x; .x + .w) as $x | range(.y; .y + .h) as $y | [$x, $y]] | length == (unique | length)' \
		"$DASHBOARD" >/dev/null || fail 'panels lie on each other'
	jq -e '[.panels[].gridPos | .x + .w] | max == 24' "$DASHBOARD" >/dev/null || fail 'width'
}
