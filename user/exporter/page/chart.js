// SPDX-License-Identifier: GPL-2.0-or-later
// The chart: what gets through stands above a line, what is kept out hangs below it, the newest at the right.

import {KEPT_OUT, PASSED, rateAt, short, sum} from './rates.js';

export const SPAN = 120000; // milliseconds

const canvas = document.getElementById('chart');
const context = canvas.getContext('2d');

// The colours are those of the style sheet, and change with it.
let colours = {};

export function readColours() {
	const style = getComputedStyle(document.documentElement);
	colours = {hatched: {}, font: `11px ${style.getPropertyValue('--figures')}`};
	for (const name of ['ink', 'soft', 'line', ...PASSED, ...KEPT_OUT])
		colours[name] = style.getPropertyValue(`--${name}`).trim();
	for (const reason of KEPT_OUT) colours.hatched[reason] = context.createPattern(hatching(colours[reason]), 'repeat');
}

function hatching(colour) {
	const tile = Object.assign(document.createElement('canvas'), {width: 6, height: 6});
	const lines = tile.getContext('2d');
	lines.strokeStyle = colour;
	lines.lineWidth = 1.6;
	lines.beginPath();
	for (const start of [-6, 0, 6]) {
		lines.moveTo(start - 1, 7);
		lines.lineTo(start + 7, -1);
	}
	lines.stroke();
	return tile;
}

// The next of 1, 1.5, 2, 3, 5, 10, 15, ...: at least 5, so that a single packet does not fill the chart.
function niceAbove(value) {
	const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
	return Math.max(5, [1, 1.5, 2, 3, 5, 10].map((step) => step * power).find((step) => step >= value));
}

// Each side has a scale, which follows what is on the chart.
const scale = {up: 5, down: 5};

function follow(side, highest, gently) {
	const wanted = niceAbove(highest);
	scale[side] += (wanted - scale[side]) * (gently ? 0.12 : 1);
	if (Math.abs(scale[side] - wanted) < wanted * 0.005) scale[side] = wanted;
}

function stacksOf(sample, shown) {
	const up = PASSED.filter((reason) => shown.has(reason)).map((reason) => ({
		reason,
		rate: rateAt(sample, 'pass', reason),
	}));
	const down = KEPT_OUT.filter((reason) => shown.has(reason)).flatMap((reason) => [
		{reason, rate: rateAt(sample, 'drop', reason)},
		{reason, rate: rateAt(sample, 'would_drop', reason), hatched: true},
	]);
	return {up, down};
}

const heightOf = (stack) => sum(stack.map((part) => part.rate));

// `unit`: pixels for one packet a second; negative downwards.
function drawStack(stack, left, width, base, unit) {
	let from = base;
	for (const {reason, rate, hatched} of stack) {
		const to = from - rate * unit;
		if (!rate) continue;
		context.fillStyle = hatched ? colours.hatched[reason] : colours[reason];
		context.fillRect(left, Math.min(from, to), width, Math.max(Math.abs(to - from), 1));
		from = to;
	}
}

function label(text, x, y, align) {
	context.textAlign = align;
	context.fillText(text, x, y);
}

function drawGrid(size) {
	context.font = colours.font;
	context.strokeStyle = colours.line;
	context.fillStyle = colours.soft;
	context.lineWidth = 1;
	context.beginPath();
	for (const y of [size.top, (size.top + size.middle) / 2, (size.bottom + size.middle) / 2, size.bottom]) {
		context.moveTo(0, Math.round(y) + 0.5);
		context.lineTo(size.right, Math.round(y) + 0.5);
	}
	context.stroke();
	label(short(scale.up), size.right + 8, size.top + 4, 'left');
	label('0', size.right + 8, size.middle + 4, 'left');
	label(short(scale.down), size.right + 8, size.bottom + 4, 'left');
	for (const seconds of [30, 60, 90])
		label(`−${seconds} s`, size.right * (1 - (seconds * 1000) / SPAN), size.height - 2, 'center');
	label('now', size.right, size.height - 2, 'right');
}

// What is older is paler.
function drawBars(size, bars, now) {
	const millisecond = size.right / SPAN;
	for (const {at, span, up, down} of bars) {
		const right = size.right - (now - at) * millisecond;
		const left = Math.max(right - span * millisecond, 0);
		if (right <= 0) continue;
		context.globalAlpha = 0.45 + 0.55 * Math.min(right / size.right, 1);
		drawStack(up, left, right - left - 1, size.middle - 1, (size.middle - size.top) / scale.up);
		drawStack(down, left, right - left - 1, size.middle + 2, -(size.bottom - size.middle) / scale.down);
	}
	context.globalAlpha = 1;
}

// In pixels of the page; the canvas has as many as the screen.
function measure() {
	const {width, height} = canvas.getBoundingClientRect();
	const ratio = devicePixelRatio || 1;
	if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
		canvas.width = Math.round(width * ratio);
		canvas.height = Math.round(height * ratio);
	}
	context.setTransform(ratio, 0, 0, ratio, 0, 0);
	const [top, bottom] = [14, height - 20];
	return {width, height, top, bottom, right: width - 46, middle: top + (bottom - top) * 0.42};
}

// `shown`: the reasons; `now`: the moment at the right edge; `gently`: scales may take a moment to follow.
export function draw(samples, shown, now, gently) {
	const size = measure();
	const bars = samples.map((sample) => ({...stacksOf(sample, shown), at: sample.at, span: sample.span}));
	follow('up', Math.max(0, ...bars.map((bar) => heightOf(bar.up))), gently);
	follow('down', Math.max(0, ...bars.map((bar) => heightOf(bar.down))), gently);
	context.clearRect(0, 0, size.width, size.height);
	drawGrid(size);
	drawBars(size, bars, now);
	context.fillStyle = colours.ink;
	context.fillRect(0, size.middle, size.right, 1.5);
	canvas.dataset.samples = samples.length;
}
