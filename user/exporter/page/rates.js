// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers: from two answers of the server to how many packets a second, and how these are written.

export const PASSED = ['allowed', 'other_port', 'fragment_tail', 'not_ip'];
export const KEPT_OUT = ['not_allowed', 'denied', 'no_ports', 'header_limit', 'vlan_limit', 'malformed'];

const THIN_SPACE = '\u202f';

export const grouped = (number) => String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);

export function short(rate) {
	if (rate >= 999.5e6) return `${(rate / 1e9).toPrecision(3)}G`;
	if (rate >= 999.5e3) return `${(rate / 1e6).toPrecision(3)}M`;
	if (rate >= 9999.5) return `${(rate / 1e3).toPrecision(3)}k`;
	return rate > 0 && rate < 10 ? rate.toFixed(1) : grouped(rate);
}

export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

export function eachCounter(status, visit) {
	for (const guard of status.guards)
		for (const [verdict, reasons] of Object.entries(guard.packets))
			for (const [reason, packets] of Object.entries(reasons)) visit(guard.device, verdict, reason, packets);
}

function countersOf(status) {
	const counters = new Map();
	eachCounter(status, (device, verdict, reason, packets) => counters.set(`${device}/${verdict}/${reason}`, packets));
	return counters;
}

// A guard that was attached anew counts from 0 again.
function rateOf(before, key, packets, span) {
	const former = before.get(key);
	return former === undefined || packets < former ? 0 : ((packets - former) * 1000) / span;
}

// How many a second there were in the `span` milliseconds before `at`: of all devices, and of each.
export function sampleBetween(former, status) {
	const span = status.time_ms - former.time_ms;
	const before = countersOf(former);
	const sample = {at: status.time_ms, span, all: new Map(), devices: new Map()};
	eachCounter(status, (device, verdict, reason, packets) => {
		const key = `${verdict}/${reason}`;
		const rate = rateOf(before, `${device}/${key}`, packets, span);
		sample.devices.set(`${device}/${key}`, rate);
		sample.all.set(key, (sample.all.get(key) || 0) + rate);
	});
	return sample;
}

export const rateAt = (sample, verdict, reason) => sample.all.get(`${verdict}/${reason}`) || 0;
export const deviceRateAt = (sample, device, verdict, reason) => sample.devices.get(`${device}/${verdict}/${reason}`) || 0;
export const allowedIn = (sample) => rateAt(sample, 'pass', 'allowed');
export const keptOutIn = (sample) =>
	sum(KEPT_OUT.map((reason) => rateAt(sample, 'drop', reason) + rateAt(sample, 'would_drop', reason)));
