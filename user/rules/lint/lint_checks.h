/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one list of what lint looks for. The enumerators, the output, SARIF and the manual come from
 * it. Append only: an identifier is never given to another check.
 *
 *	X(ENUMERATOR, identifier, name, severity, what is wrong, what to do)
 */
#ifndef SIPGUARD_USER_RULES_LINT_LINT_CHECKS_H
#define SIPGUARD_USER_RULES_LINT_LINT_CHECKS_H

/* clang-format off */
#define LINT_CHECKS(X) \
	X(OPEN, SG001, "open-to-all", ERROR, "SIP is accepted from everybody", \
	  "Accept SIP from known sources only (-s PREFIX, or a set), and drop the rest.") \
	X(NO_DROP, SG002, "no-drop", ERROR, "Sources are accepted, and nothing drops the others", \
	  "Add a rule for the same ports that drops, behind those that accept, or make DROP the policy of the chain.") \
	X(ACCEPT_UNREACHED, SG003, "accept-after-drop", ERROR, "An ACCEPT is never reached, because a DROP before it decides", \
	  "Move the ACCEPT before the DROP.") \
	X(DROP_UNREACHED, SG004, "drop-after-accept", WARNING, "A DROP is never reached, because an ACCEPT before it decides", \
	  "Move the DROP before the ACCEPT, or delete it.") \
	X(PORT_FORGOTTEN, SG005, "port-forgotten", WARNING, "A SIP port is closed to strangers and another one is not", \
	  "Let the rules name 5060 and 5061 (-m multiport --dports 5060,5061).") \
	X(PROTOCOL_FORGOTTEN, SG006, "protocol-forgotten", WARNING, "A port is closed to strangers for one protocol and not for another", \
	  "Repeat the rules for the other protocol: SIP is spoken over UDP and TCP.") \
	X(IPV6_FORGOTTEN, SG007, "ipv6-forgotten", WARNING, "SIP is closed to strangers over IPv4 and not over IPv6", \
	  "Repeat the rules with ip6tables or in a table of family inet; give lint the dumps of both.") \
	X(BROAD, SG008, "over-broad-source", WARNING, "A source is so broad that hardly all in it are known", \
	  "Name the prefixes that the peer really uses.") \
	X(REDUNDANT, SG009, "redundant", WARNING, "A rule or entry changes nothing: another one has decided the same", \
	  "Delete it, or the other one.") \
	X(UNLABELLED, SG010, "unlabelled", NOTE, "Nothing says who the source is", \
	  "Say who it is and why: -m comment --comment TEXT, or # TEXT in a list.") \
	X(WRONG_CHAIN, SG011, "wrong-chain", WARNING, "A rule about SIP stands where no packet to this host passes", \
	  "Move it to the chain INPUT, or jump to its chain from there.") \
	X(STATE_ALONE, SG012, "established-only", WARNING, "A source is accepted only in connections that exist already", \
	  "Accept new ones as well (--ctstate NEW,ESTABLISHED), or no state at all: a call begins with a new packet.") \
	X(SOURCE_PORT, SG013, "trusted-source-port", ERROR, "Everybody is accepted who sends from a certain port", \
	  "Ask for the source address: the sender chooses the source port.") \
	X(HOST_NAME, SG014, "host-name", WARNING, "A source is a name, which is looked up once, when the rule is loaded", \
	  "Write its addresses, or keep them in a set that something refreshes.") \
	X(EXPIRED, SG015, "expired", WARNING, "An entry has expired", \
	  "Delete it, or give it another end.") \
	X(NEEDLESS_DENIAL, SG016, "needless-denial", NOTE, "A denial denies nobody who is allowed", \
	  "Delete it: whom no entry allows is dropped.") \
	X(NOT_UNDERSTOOD, SG017, "not-understood", NOTE, "Something that may change rules was not understood", \
	  "Look at it yourself: what was not understood makes nobody trusted, and nothing look safe.") \
	X(MAY_BE_OPEN, SG018, "may-be-open", WARNING, "A rule accepts SIP from everybody, if they are what it asks for, and that was not understood", \
	  "Name the sources as well, or the addresses of this host with --local.") \
	X(OTHER_DEVICES, SG019, "other-devices", WARNING, "SIP is closed to strangers on some devices and not on others", \
	  "Leave the device out of the rule that drops, or repeat it for the others.") \
	X(NOTHING, SG020, "nothing-understood", WARNING, "Nothing that could be judged was found", \
	  "Give the output of iptables-save or nft -j list ruleset, or say with --format what it is.") \
	X(REFUSED, SG021, "refused", ERROR, "sipguard apply would refuse this", \
	  "Mend it before it reaches a machine.") \
	X(FILES_DISAGREE, SG022, "files-disagree", WARNING, "Two files say different things of one prefix", \
	  "Keep one of the two entries, or give both the same verdict and end.") \
	X(TRANSLATED, SG023, "translated", WARNING, "SIP of everybody is sent to another port or host before it is filtered", \
	  "Look at the rules that it meets there, or let the rule that translates ask for known sources (-s PREFIX, or a set).")
/* clang-format on */

#endif
