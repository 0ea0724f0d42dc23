#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
registrar.py provider ADDRESS
registrar.py pbx ADDRESS PROVIDER

A provider that answers every request with 401, and a PBX that registers with it from its own port 5060, again and
again, and says when it is answered.
"""

import socket
import sys
import time


def provider(own):
    own.settimeout(None)
    while True:
        request, sender = own.recvfrom(4096)
        lines = request.decode().split('\r\n')
        kept = [line for line in lines if line.split(':')[0] in ('Via', 'From', 'To', 'Call-ID', 'CSeq')]
        own.sendto('\r\n'.join(['SIP/2.0 401 Unauthorized', *kept, 'Server: provider', '', '']).encode(), sender)


def pbx(own, address, to):
    own.settimeout(0.2)
    number = 0
    while True:
        number += 1
        own.sendto((f'REGISTER sip:{to} SIP/2.0\r\n'
                    f'Via: SIP/2.0/UDP {address}:5060;rport;branch=z9hG4bK{number}\r\n'
                    f'From: <sip:pbx@{to}>;tag={number}\r\nTo: <sip:pbx@{to}>\r\n'
                    f'Call-ID: {number}@{address}\r\nCSeq: {number} REGISTER\r\nExpires: 300\r\n\r\n').encode(), (to, 5060))
        try:
            print('answered', own.recv(4096).split(b'\r\n')[0].decode(), flush=True)
            time.sleep(0.2)
        except socket.timeout:
            pass


def main():
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    own.bind((sys.argv[2], 5060))
    if sys.argv[1] == 'provider':
        provider(own)
    else:
        pbx(own, *sys.argv[2:4])


main()
