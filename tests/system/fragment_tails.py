#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
fragment_tails.py 4|6 DEVICE BURST RATE ADDRESS

Sends later fragments of datagrams whose first one never comes, each from another source, to the server of a system
test, whose link-layer ADDRESS is given: BURST at once and then RATE a second, until it is ended. Says when the burst is out.
"""

import random
import socket
import struct
import sys
import time

PAYLOAD = b'x' * 1400


def checksum(header):
    total = sum(struct.unpack('!10H', header))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff


def tail4(number):
    source = struct.pack('!I', 0xcb007100 | random.getrandbits(8))  # 203.0.113.0/24
    header = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(PAYLOAD), number & 0xffff, 0x2000 | 100, 64, 17, 0)
    header += source + socket.inet_aton('198.51.100.1')
    return header[:10] + struct.pack('!H', checksum(header)) + header[12:] + PAYLOAD


def tail6(number):
    source = socket.inet_pton(socket.AF_INET6, '2001:db8:3::')[:8] + random.randbytes(8)
    header = struct.pack('!IHBB', 0x60000000, 8 + len(PAYLOAD), 44, 64) + source
    header += socket.inet_pton(socket.AF_INET6, '2001:db8:2::1')
    return header + struct.pack('!BBHI', 17, 0, 800 | 1, number) + PAYLOAD


def main():
    make, ether_type = (tail4, 0x0800) if sys.argv[1] == '4' else (tail6, 0x86dd)
    burst, rate = int(sys.argv[3]), int(sys.argv[4])
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sender.bind((sys.argv[2], 0))
    ethernet = bytes.fromhex(sys.argv[5].replace(':', '')) + sender.getsockname()[4] + struct.pack('!H', ether_type)
    for number in range(burst):
        sender.send(ethernet + make(number))
    print('burst is out', flush=True)
    number = burst
    while True:
        for _ in range(rate // 10):
            sender.send(ethernet + make(number))
            number += 1
        time.sleep(0.1)


main()
