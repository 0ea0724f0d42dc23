#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
slow_clients.py COUNT writers|readers|silent

Clients that hold on to the exporter: writers send a request a byte a second and never end it, readers ask for the
metrics and take a byte a second, and silent ones send nothing and come back when they are cut off. Says when all have
connected.
"""

import socket
import sys
import time

REQUEST = b'GET /metrics HTTP/1.1\r\n'


OPENING = {'writers': REQUEST + b'X: ', 'readers': REQUEST + b'Host: localhost\r\n\r\n', 'silent': b''}


def connect(kind):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    client.settimeout(0 if kind == 'silent' else 0.2)
    try:
        client.connect(('127.0.0.1', 10506))
        client.sendall(OPENING[kind])
    except OSError:
        pass
    return client


def trickle(client, kind):
    """Returns the client, or the one that takes its place."""
    try:
        client.setblocking(False)
        if kind == 'writers':
            client.send(b'X')
        elif not client.recv(1) and kind == 'silent':
            client.close()
            return connect(kind)
    except BlockingIOError:
        pass
    except OSError:
        if kind == 'silent':
            client.close()
            return connect(kind)
    return client


def main():
    count, kind = int(sys.argv[1]), sys.argv[2]
    clients = [connect(kind) for _ in range(count)]
    print('connected', flush=True)
    while True:
        clients = [trickle(client, kind) for client in clients]
        time.sleep(0.2 if kind == 'silent' else 1)


main()
