#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
slow_clients.py COUNT writers|readers

Clients that hold on to the exporter: writers send a request a byte a second and never end it, readers ask for the
metrics and take a byte a second. Says when all have connected.
"""

import socket
import sys
import time

REQUEST = b'GET /metrics HTTP/1.1\r\n'


def connect(reads):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    client.settimeout(0.2)
    try:
        client.connect(('127.0.0.1', 10506))
        client.sendall(REQUEST + (b'Host: x\r\n\r\n' if reads else b'X: '))
    except OSError:
        pass
    return client


def trickle(client, reads):
    try:
        if reads:
            client.recv(1)
        else:
            client.send(b'X')
    except OSError:
        pass


def main():
    count, reads = int(sys.argv[1]), sys.argv[2] == 'readers'
    clients = [connect(reads) for _ in range(count)]
    print('connected', flush=True)
    while True:
        for client in clients:
            client.setblocking(False)
            trickle(client, reads)
        time.sleep(1)


main()
