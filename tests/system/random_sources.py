#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
random_sources.py ADDRESS COUNT

Sends SIP to an IPv4 address, each message from another source in 10.0.0.0/8. Needs CAP_NET_RAW.
"""

import random
import socket
import struct
import sys

MESSAGE = b'REGISTER sip:x SIP/2.0\r\nUser-Agent: flood\r\n\r\n'


def packet(source, destination):
    # A checksum of 0 is none, and that of the IP header is the kernel's.
    udp = struct.pack('!HHHH', 5060, 5060, 8 + len(MESSAGE), 0) + MESSAGE
    ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(udp), 0, 0, 64, socket.IPPROTO_UDP, 0, source, destination)
    return ip + udp


def main():
    address, count = sys.argv[1], int(sys.argv[2])
    destination = socket.inet_aton(address)
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    for _ in range(count):
        source = struct.pack('!I', 10 << 24 | random.getrandbits(24))
        raw.sendto(packet(source, destination), (address, 0))


main()
