# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The live page, in a real browser.

# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/exporter.sh"

# seen FILTER: of what browser.py saw
seen() {
	jq -r "$1" "$WORLD/seen"
}

# has SCHEME WORDS...: in the text of the page
has() {
	local words
	for words in "${@:2}"; do
		grep -qF -- "$words" < <(seen ".$1.text") || fail "no '$words' on the page ($1): $(seen ".$1.text")"
	done
}

test_page_in_a_browser() {
	local scheme
	command -v chromium >/dev/null || fail 'no chromium: scripts/setup browser'
	create_exporter_user
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	run 0 guard attach eth1 --monitor
	start_exporter
	start calls trusted bash -c "exec 3<>/dev/udp/$SERVER4/5060; while sleep 0.05; do printf x >&3; done"
	start scan stranger bash -c "while sleep 0.05; do printf x >/dev/udp/$OUTSIDE4/5060; done"
	mkdir "$WORLD/pictures"
	in_namespace server timeout 90 python3 "$SCENARIOS/browser.py" "$PAGE/" "$WORLD/pictures" >"$WORLD/seen" 2>"$ERRORS" ||
		fail "browser: $(cat "$ERRORS")"

	# Nothing was refused by the content security policy or went wrong in a script, and nothing was fetched elsewhere.
	equal '[]' "$(seen '.complaints | tojson')" 'complaints of the browser'
	equal '' "$(seen '.requests[]' | grep -v -e "^$PAGE/" -e '^about:')" 'requests to others'
	for scheme in light dark phone; do
		equal true "$(seen ".$scheme.moves")" "the chart moves ($scheme)"
		equal false "$(seen ".$scheme.wide")" "wider than the window ($scheme)"
		jq -e ".$scheme.contrast >= 4.5" "$WORLD/seen" >/dev/null || fail "contrast ($scheme): $(seen ".$scheme.contrast")"
		has "$scheme" 'eth0 is guarded, eth1 is only watched' eth0 enforcing monitoring 'would be dropped' not_allowed live
	done
	[[ $(seen .light.background) != "$(seen .dark.background)" ]] || fail 'dark is as light'
	equal true "$(seen .paused)" 'pause'
	grep -Eq 'now [1-9][0-9.]* allowed and [1-9]' < <(seen .phone.label) || fail "label of the chart: $(seen .phone.label)"
	# Without scripts there are the numbers, and no empty chart.
	equal none "$(seen .plain.chart)" 'display of the chart'
	has plain 'eth0 is guarded, eth1 is only watched' eth0 native enforcing monitoring not_allowed
	grep -q '[1-9]' < <(seen .plain.text | grep -A1 '^passed') || fail "no number: $(seen .plain.text)"
}

test_page_says_what_is_wrong() {
	local asset
	create_exporter_user
	start_exporter
	tells / '<h1 id="headline">No device is guarded</h1>' || fail 'no guard'
	run 0 guard attach eth0 --allow-empty
	within 3 tells / 'eth0 is guarded'
	ip -n server link delete eth0
	within 3 tells / 'eth0 is not guarded here'
	tells / 'data-tone="bad"' || fail 'tone'
	tells / "^Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; " --head || fail 'policy'
	for asset in page.css page.js chart.js rates.js icon.svg; do
		equal 200 "$(status_of "/$asset")" "status of $asset"
		! tells "/$asset" '(src|href|url\(|import|@import)[^ ]*https?:' || fail "$asset refers to others"
	done
}
