#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
browser.py URL FOLDER

Visits a page in headless Chromium as different people would, and prints what it saw as JSON. Pictures go to the folder.
Speaks the browser's debugging protocol over a pipe, so it needs no driver and opens no port:
https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import json
import os
import subprocess
import sys
import time

SECONDS = 30

# What a page shows: its words, the pixels of the chart, what overflows, and colours, for the contrast between them.
LOOK = """(() => {
	const chart = document.getElementById('chart');
	const style = (selector) => getComputedStyle(document.querySelector(selector));
	return {
		text: document.body.innerText,
		samples: Number(chart.dataset.samples || 0),
		pixels: chart.width ? chart.toDataURL() : '',
		label: chart.getAttribute('aria-label'),
		wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
		background: style('body').backgroundColor,
		colours: [...new Set([...document.querySelectorAll('main *')]
			.filter((element) => element.childNodes.length && element.offsetParent)
			.map((element) => getComputedStyle(element).color))],
	};
})()"""


class Browser:
    """One browser with one tab; messages end with a zero byte in both directions."""

    def __init__(self, profile):
        to_browser, self.out = os.pipe()
        self.inward, from_browser = os.pipe()
        # The protocol's ends are descriptors 3 and 4 of the browser.
        shell = f'exec 3<&{to_browser} 4>&{from_browser}; exec "$@"'
        self.process = subprocess.Popen(
            ['bash', '-c', shell, 'bash', 'chromium', '--headless=new', '--no-sandbox', '--disable-gpu',
             '--disable-dev-shm-usage', '--remote-debugging-pipe', '--no-first-run', '--disable-extensions',
             f'--user-data-dir={profile}', 'about:blank'],
            pass_fds=(to_browser, from_browser), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**os.environ, 'HOME': profile})
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.number, self.session, self.events = b'', 0, None, []
        target = self.ask('Target.createTarget', url='about:blank')['targetId']
        self.session = self.ask('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network'):
            self.ask(f'{domain}.enable')

    def receive(self):
        while b'\0' not in self.buffer:
            piece = os.read(self.inward, 1 << 20)
            if not piece:
                raise SystemExit('the browser ended')
            self.buffer += piece
        message, self.buffer = self.buffer.split(b'\0', 1)
        return json.loads(message)

    def ask(self, method, **parameters):
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': parameters}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.out, json.dumps(message).encode() + b'\0')
        while True:
            answer = self.receive()
            if answer.get('id') == self.number:
                if 'error' in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer['result']
            if 'method' in answer:
                self.events.append(answer)

    def evaluate(self, expression):
        answer = self.ask('Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in answer:
            raise SystemExit(f"{expression}: {answer['exceptionDetails']}")
        return answer['result'].get('value')

    def wait_for(self, condition):
        deadline = time.monotonic() + SECONDS
        while not self.evaluate(condition):
            if time.monotonic() > deadline:
                raise SystemExit(f'not within {SECONDS} s: {condition}')
            time.sleep(0.05)

    def visit(self, url, width=1280, height=900, scheme='light', motion='no-preference', script=True):
        self.ask('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1,
                 mobile=width < 600)
        self.ask('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme', 'value': scheme}, {'name': 'prefers-reduced-motion', 'value': motion}])
        self.ask('Emulation.setScriptExecutionDisabled', value=not script)
        self.ask('Page.navigate', url=url)
        self.wait_for('document.readyState === "complete" && location.href.startsWith("http")')

    def picture(self, path):
        picture = self.ask('Page.captureScreenshot', format='png')['data']
        with open(path, 'wb') as file:
            file.write(base64.b64decode(picture))

    def complaints(self):
        """What the browser itself found wrong: violations of the policy, errors of scripts, failed requests."""
        texts = [event['params']['entry']['text'] for event in self.events if event['method'] == 'Log.entryAdded']
        return texts + [str(event['params']['exceptionDetails']) for event in self.events
                        if event['method'] == 'Runtime.exceptionThrown']

    def requests(self):
        return sorted({event['params']['request']['url'] for event in self.events
                       if event['method'] == 'Network.requestWillBeSent'})


def luminance(colour):
    """Of 'rgb(r, g, b)', by WCAG 2.1."""
    parts = [int(part) / 255 for part in colour[colour.index('(') + 1:-1].split(',')[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def least_contrast(seen):
    background = luminance(seen['background'])
    return min((max(luminance(colour), background) + 0.05) / (min(luminance(colour), background) + 0.05)
               for colour in seen['colours'])


def look(browser, scheme):
    browser.wait_for('document.getElementById("chart").dataset.samples >= 3')
    before = browser.evaluate(LOOK)
    browser.wait_for(f'document.getElementById("chart").dataset.samples > {before["samples"]}')
    seen = browser.evaluate(LOOK)
    return {'scheme': scheme, 'moves': before['pixels'] != seen['pixels'], 'text': seen['text'], 'wide': seen['wide'],
            'label': seen['label'], 'background': seen['background'], 'contrast': round(least_contrast(seen), 2)}


def visits(browser, url, folder):
    seen = {}
    for scheme in ('light', 'dark'):
        browser.visit(url, scheme=scheme)
        seen[scheme] = look(browser, scheme)
        browser.picture(f'{folder}/{scheme}.png')
    browser.evaluate('document.getElementById("pause").click()')
    seen['paused'] = browser.evaluate('''new Promise((done) => {
        const samples = () => document.getElementById('chart').dataset.samples, before = samples();
        setTimeout(() => done(before === samples()), 1600);
    })''')
    browser.visit(url, width=390, height=844, motion='reduce')
    seen['phone'] = look(browser, 'light')
    browser.picture(f'{folder}/phone.png')
    browser.visit(url, script=False)
    seen['plain'] = {'text': browser.evaluate('document.body.innerText'),
                     'chart': browser.evaluate('getComputedStyle(document.getElementById("traffic")).display')}
    browser.picture(f'{folder}/plain.png')
    return seen


def main():
    url, folder = sys.argv[1:]
    browser = Browser(f'{folder}/profile')
    try:
        seen = visits(browser, url, folder)
        seen['complaints'], seen['requests'] = browser.complaints(), browser.requests()
    finally:
        browser.process.terminate()
        browser.process.wait()
    json.dump(seen, sys.stdout)


main()
