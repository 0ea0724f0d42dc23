# SPDX-License-Identifier: GPL-2.0-or-later
#
# The table of user/doctor/driver.c as a part of the manual.
/^\t\{"/ {
	split($0, part, "\"")
	says = /native = true/ ? "native" : "generic only"
	if (match($0, /mtu_max = [0-9]+/))
		says = says "; MTU up to " substr($0, RSTART + 10, RLENGTH - 10)
	if (/lro_blocks/)
		says = says "; LRO must be off"
	if (/gro_hw_blocks/)
		says = says "; hardware GRO must be off"
	if (/halves_queues/)
		says = says "; each receive queue takes another one for XDP"
	printf ".TP\n.B %s\n%s\n", part[2], says
}
