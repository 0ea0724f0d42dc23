// SPDX-License-Identifier: GPL-2.0-or-later
// Makes the page live: asks for the counters once a second, and shows how many there are a second. The server has
// written every word and number of the page; what is changed here are numbers, and when more than that has changed,
// the words are fetched from the server again.

import {draw, readColours, SPAN} from './chart.js';
import {
	allowedIn,
	deviceRateAt,
	eachCounter,
	grouped,
	KEPT_OUT,
	keptOutIn,
	PASSED,
	rateAt,
	sampleBetween,
	short,
	sum,
} from './rates.js';

const INTERVAL = 1000;

const byId = (id) => document.getElementById(id);
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const dark = matchMedia('(prefers-color-scheme: dark)');

// Bystanders, which can be many times more than all SIP, are shown on demand.
const shown = new Set(['allowed', ...KEPT_OUT]);
const samples = []; // the oldest first
let latest = null; // the last answer of the server
let arrived = 0; // when it came, by the browser's clock
let paused = false;
let pausedAt = 0;

// What is on the page

function setText(element, text) {
	if (element && element.textContent !== text) element.textContent = text;
}

function showGuard(card, guard, sample) {
	for (const total of card.querySelectorAll('[data-total]'))
		setText(total, grouped(sum(Object.values(guard.packets[total.dataset.total]))));
	for (const row of card.querySelectorAll('[data-reason]')) {
		const {verdict, reason} = row.dataset;
		setText(row.querySelector('[data-count]'), grouped(guard.packets[verdict][reason]));
		if (sample)
			setText(row.querySelector('[data-rate]'), short(deviceRateAt(sample, guard.device, verdict, reason)));
	}
}

function showNow(status, sample) {
	const monitors = status.guards.length && status.guards.every((guard) => !guard.enforcing);
	setText(byId('allowed-now'), short(allowedIn(sample)));
	setText(byId('dropped-now'), short(keptOutIn(sample)));
	setText(byId('dropped-word'), monitors ? 'would be dropped a second' : 'dropped a second');
	for (const reason of [...PASSED, ...KEPT_OUT]) {
		const rate = sum(['pass', 'drop', 'would_drop'].map((verdict) => rateAt(sample, verdict, reason)));
		setText(byId('legend').querySelector(`[data-reason="${reason}"] .rate`), short(rate));
	}
}

function show(status, sample) {
	const cards = byId('guards').children;
	status.guards.forEach((guard, index) => cards[index] && showGuard(cards[index], guard, sample));
	for (const fact of document.querySelectorAll('[data-fact]'))
		setText(fact, grouped(status.allowlist[fact.dataset.fact]));
	if (sample) showNow(status, sample);
}

// All that is a word on the page, so that a change of it is noticed; some rows come with the first packet they count.
function wordsOf(status) {
	const rows = [];
	eachCounter(status, (device, verdict, reason, packets) => rows.push(packets > 0));
	const guards = status.guards.map((guard) => [guard.device, guard.attached, guard.enforcing]);
	return JSON.stringify([guards, rows, status.problems, status.last_apply, status.version]);
}

async function fetchWords() {
	const answer = await fetch('./', {cache: 'no-store'});
	const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
	for (const id of ['headline', 'problems', 'guards', 'policy'])
		byId(id).replaceChildren(...page.getElementById(id).childNodes);
	document.title = page.title;
	document.documentElement.dataset.tone = page.documentElement.dataset.tone;
}

// The chart

function nowOf() {
	const ahead = (paused ? pausedAt : performance.now()) - arrived;
	return latest ? latest.time_ms + (calm.matches ? 0 : Math.min(ahead, 3 * INTERVAL)) : 0;
}

const redraw = () => draw(samples, shown, nowOf(), !calm.matches);

function animate() {
	if (!calm.matches && !paused) redraw();
	requestAnimationFrame(animate);
}

// For those who do not see it; not every second, because it may be read aloud.
let described = -Infinity;

function describe() {
	const last = samples.at(-1);
	if (!last || performance.now() - described < 10000) return;
	described = performance.now();
	byId('chart').setAttribute(
		'aria-label',
		`Packets a second over the last two minutes: now ${short(allowedIn(last))} allowed and ` +
			`${short(keptOutIn(last))} kept out; at most ${short(Math.max(...samples.map(keptOutIn)))} were kept out`,
	);
}

// Asking the server

function setLive(state, text) {
	byId('live').className = `live ${state}`;
	setText(byId('live'), text);
}

function keep(sample) {
	samples.push(sample);
	while (samples[0].at < sample.at - SPAN) samples.shift();
}

async function ask() {
	const answer = await fetch('status.json', {cache: 'no-store', signal: AbortSignal.timeout(5000)});
	const status = await answer.json();
	const former = latest;
	if (former && status.time_ms <= former.time_ms) return;
	const sample = former && sampleBetween(former, status);
	if (former && wordsOf(status) !== wordsOf(former)) await fetchWords();
	if (sample) keep(sample);
	latest = status;
	arrived = performance.now();
	show(status, sample);
}

async function keepAsking() {
	if (!paused && !document.hidden) {
		try {
			await ask();
			setLive('', 'live');
		} catch {
			setLive('lost', 'no answer from the exporter; trying again');
		}
		if (calm.matches) redraw();
		describe();
	}
	setTimeout(keepAsking, INTERVAL);
}

// What people can do

function makeLegend() {
	for (const reason of [...PASSED, ...KEPT_OUT]) {
		const item = document.createElement('li');
		const button = Object.assign(document.createElement('button'), {type: 'button'});
		button.dataset.reason = reason;
		button.setAttribute('aria-pressed', shown.has(reason));
		button.append(reason, Object.assign(document.createElement('span'), {className: 'rate'}));
		button.addEventListener('click', () => {
			if (!shown.delete(reason)) shown.add(reason);
			button.setAttribute('aria-pressed', shown.has(reason));
			redraw();
		});
		item.append(button);
		byId('legend').append(item);
	}
}

function makePause() {
	const button = byId('pause');
	button.hidden = false;
	button.addEventListener('click', () => {
		paused = !paused;
		pausedAt = performance.now();
		button.setAttribute('aria-pressed', paused);
		if (paused) setLive('paused', 'paused');
	});
}

function begin() {
	document.documentElement.classList.add('moving');
	byId('traffic').hidden = false;
	makeLegend();
	makePause();
	readColours();
	redraw();
	dark.addEventListener('change', () => {
		readColours();
		redraw();
	});
	addEventListener('resize', redraw);
	keepAsking();
	animate();
}

begin();
