#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A server, a phone and a stranger.

    traffic.py serve TRUSTED,... FILE PORT...   answers UDP and TCP; writes to FILE who else sends to the first port
    traffic.py ask ADDRESS PORT                 asks again and again, until SIGTERM; fails when an answer is missing
    traffic.py flood ADDRESS PORT               sends until it is ended
"""
import selectors
import signal
import socket
import sys
import time

ANSWER_LIMIT = 20
# An emulated machine has processors to spare for neither.
PAUSE = 0.005


def listen(selector, kind, port):
    listener = socket.socket(socket.AF_INET6, kind)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("::", port))
    if kind == socket.SOCK_STREAM:
        listener.listen()
    selector.register(listener, selectors.EVENT_READ, (kind, port))


def serve(trusted, strangers, *ports):
    trusted = trusted.split(",")
    selector = selectors.DefaultSelector()
    for port in map(int, ports):
        listen(selector, socket.SOCK_DGRAM, port)
        listen(selector, socket.SOCK_STREAM, port)
    while True:
        for key, _ in selector.select():
            kind, port = key.data
            if kind == socket.SOCK_STREAM:
                connection, peer = key.fileobj.accept()
                connection.close()
            else:
                data, peer = key.fileobj.recvfrom(65535)
                key.fileobj.sendto(data, peer)
            address = peer[0].removeprefix("::ffff:")
            if port == int(ports[0]) and address not in trusted:
                with open(strangers, "a", encoding="ascii") as file:
                    print(address, file=file)


def ask(address, port):
    ending = []
    signal.signal(signal.SIGTERM, lambda *_: ending.append(True))
    phone = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    phone.settimeout(ANSWER_LIMIT)
    phone.connect((address, int(port)))
    number = 0
    while not ending:
        number += 1
        phone.send(str(number).encode())
        try:
            answer = int(phone.recv(100))
        except TimeoutError:
            sys.exit(f"question {number} has no answer")
        if answer != number:
            sys.exit(f"question {number} has the answer to {answer}")
        time.sleep(PAUSE)


def flood(address, port):
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stranger.connect((address, int(port)))
    while True:
        try:
            stranger.send(b"REGISTER")
        except ConnectionRefusedError:
            pass
        time.sleep(PAUSE)


if __name__ == "__main__":
    {"serve": serve, "ask": ask, "flood": flood}[sys.argv[1]](*sys.argv[2:])
