#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   user/text/hidden_ranges.pl > user/text/hidden_ranges.inc
#
# Makes the table of the characters that a reader does not see, or that change how he sees others, from the properties
# of Unicode that perl knows. Only characters of the version below count, and code points that are ignorable whether or
# not they are assigned, so that every later perl makes the same table; a test compares them.
use strict;
use warnings;

my $version = '14.0';
my $hidden = qr/[\p{General_Category=Control}\p{General_Category=Format}\p{General_Category=Line_Separator}\p{General_Category=Paragraph_Separator}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/;
my $counts = qr/[\p{Present_In=14.0}\p{Default_Ignorable_Code_Point}]/;
my @ranges;

for my $code (0 .. 0xd7ff, 0xe000 .. 0x10ffff) {
	my $character = chr $code;

	next unless $character =~ $hidden && $character =~ $counts;
	if (@ranges && $ranges[-1][1] == $code - 1) {
		$ranges[-1][1] = $code;
	} else {
		push @ranges, [$code, $code];
	}
}
print "/* Made by user/text/hidden_ranges.pl: Unicode $version, its general categories Cc, Cf, Zl and Zp, Bidi_Control and\n";
print " * Default_Ignorable_Code_Point. */\n";
printf "{0x%04x, 0x%04x},\n", @$_ for @ranges;
