// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet/sketch.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <string.h>

/* What has been drawn so far, and which field tells the type of what comes next. */
struct pen {
	struct sketch *sketch;
	uint8_t *next_ethertype;
	uint8_t *next_protocol;
	size_t last_header;
	int ip_version;
	bool length_given;
};

static uint8_t *append(struct pen *pen, size_t size)
{
	uint8_t *at = pen->sketch->bytes + pen->sketch->size;

	cr_assert_leq(pen->sketch->size + size, SKETCH_SIZE_MAX);
	memset(at, 0, size);
	pen->last_header = pen->sketch->size;
	pen->sketch->size += size;
	return at;
}

static void put16(uint8_t *at, unsigned int value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* The value of "NAME=" among the arguments of a word, or what is given instead. */
static long argument(const char *arguments, const char *name, long otherwise)
{
	const char *found = strstr(arguments, name);

	return found ? strtol(found + strlen(name), NULL, 0) : otherwise;
}

static void draw_ethertype(struct pen *pen, unsigned int ethertype)
{
	if (pen->next_ethertype)
		put16(pen->next_ethertype, ethertype);
}

static void draw_ethernet(struct pen *pen)
{
	uint8_t *header = append(pen, 14);

	memset(header, 2, 12);
	pen->next_ethertype = header + 12;
}

static void draw_tag(struct pen *pen, unsigned int ethertype)
{
	draw_ethertype(pen, ethertype);
	pen->next_ethertype = append(pen, 4) + 2;
}

static void draw_source(uint8_t *at, int family, const char *who)
{
	static const struct {
		const char *who;
		const char *ipv4;
		const char *ipv6;
	} addresses[] = {
		{"trusted", "203.0.113.7", "2001:db8::7"},
		{"stranger", "192.0.2.66", "2001:db8:bad::66"},
		{"denied", "203.0.113.8", "2001:db8::8"},
		{"mapped", NULL, "::ffff:203.0.113.7"},
		{"compatible", NULL, "::203.0.113.7"},
		{"translated", NULL, "::ffff:0:203.0.113.7"},
	};

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		if (!strncmp(who, addresses[i].who, strlen(addresses[i].who))) {
			inet_pton(family, family == AF_INET ? addresses[i].ipv4 : addresses[i].ipv6,
				  at);
			return;
		}
	}
	cr_assert_fail("nobody is called %s", who);
}

static void begin_ip(struct pen *pen, const char *arguments, int version)
{
	pen->sketch->ip_offset = pen->sketch->size;
	pen->ip_version = version;
	pen->length_given = strstr(arguments, "len=") != NULL;
}

static void draw_ipv4(struct pen *pen, const char *arguments)
{
	long words = argument(arguments, "ihl=", 5);
	uint8_t *header;

	draw_ethertype(pen, 0x0800);
	begin_ip(pen, arguments, 4);
	header = append(pen, words < 5 ? 20 : (size_t)words * 4);
	header[0] = (uint8_t)(argument(arguments, "ver=", 4) << 4 | words);
	put16(header + 2, (unsigned int)argument(arguments, "len=", 0));
	put16(header + 6, (unsigned int)argument(arguments, "off=", 0) / 8 |
				  (strstr(arguments, ",mf") ? 0x2000U : 0));
	header[8] = 64;
	draw_source(header + 12, AF_INET, arguments);
	pen->next_protocol = header + 9;
}

static void draw_ipv6(struct pen *pen, const char *arguments)
{
	uint8_t *header;

	draw_ethertype(pen, 0x86dd);
	begin_ip(pen, arguments, 6);
	header = append(pen, 40);
	header[0] = (uint8_t)(argument(arguments, "ver=", 6) << 4);
	put16(header + 4, (unsigned int)argument(arguments, "len=", 0));
	header[7] = 64;
	draw_source(header + 8, AF_INET6, arguments);
	pen->next_protocol = header + 6;
}

static uint8_t *draw_protocol(struct pen *pen, uint8_t number, size_t size)
{
	uint8_t *header = append(pen, size);

	*pen->next_protocol = number;
	pen->next_protocol = header;
	return header;
}

static void draw_fragment(struct pen *pen, const char *arguments)
{
	uint8_t *header = draw_protocol(pen, 44, 8);

	put16(header + 2,
	      (unsigned int)strtol(arguments, NULL, 0) | (strstr(arguments, ",mf") ? 1U : 0));
	put16(header + 6, 0x1234);
}

static void draw_transport(struct pen *pen, uint8_t number, size_t size, const char *port)
{
	uint8_t *header = draw_protocol(pen, number, size);

	put16(header, (unsigned int)argument(port, "from=", 40000));
	put16(header + 2, (unsigned int)strtol(port, NULL, 10));
	if (number == 6)
		header[12] = (uint8_t)(size / 4 << 4);
}

static void draw_padding(struct pen *pen, const char *size)
{
	size_t length = (size_t)strtol(size, NULL, 10);
	uint8_t *padding = append(pen, length);

	pen->sketch->size -= length;
	if (!pen->sketch->ip_end)
		pen->sketch->ip_end = pen->sketch->size;
	pen->sketch->size += length;
	for (size_t i = 0; i + 4 <= length; i += 4) {
		put16(padding + i, 5060);
		put16(padding + i + 2, 5060);
	}
}

static void end_ip_at(struct pen *pen, const char *bytes)
{
	pen->sketch->size = pen->last_header + (size_t)strtol(bytes, NULL, 10);
}

static const struct {
	const char *word;
	uint8_t number;
	size_t size; /* 0: an extension header of the length given */
} protocols[] = {
	{"hbh", 0, 0},	   {"route", 43, 0},	{"dst", 60, 0},	 {"mobility", 135, 8},
	{"hip", 139, 8},   {"shim6", 140, 8},	{"esp", 50, 16}, {"nonext", 59, 0},
	{"icmp", 1, 8},	   {"udplite", 136, 8}, {"udp", 17, 8},	 {"tcp", 6, 20},
	{"sctp", 132, 12},
};

static bool draw_listed_protocol(struct pen *pen, const char *word, const char *arguments)
{
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		uint8_t number = protocols[i].number;
		size_t units = (size_t)strtol(arguments, NULL, 10);

		if (strcmp(word, protocols[i].word) != 0)
			continue;
		if (number == 0 || number == 43 || number == 60)
			draw_protocol(pen, number, 8 * (units + 1))[1] = (uint8_t)units;
		else if (number == 17 || number == 6 || number == 132 || number == 136)
			draw_transport(pen, number, protocols[i].size, arguments);
		else
			draw_protocol(pen, number, protocols[i].size);
		return true;
	}
	return false;
}

static void draw_word(struct pen *pen, const char *word, const char *arguments)
{
	if (!strcmp(word, "eth"))
		draw_ethernet(pen);
	else if (!strcmp(word, "vlan"))
		draw_tag(pen, 0x8100);
	else if (!strcmp(word, "qinq"))
		draw_tag(pen, 0x88a8);
	else if (!strcmp(word, "tag"))
		draw_tag(pen, (unsigned int)strtol(arguments, NULL, 16));
	else if (!strcmp(word, "type"))
		draw_ethertype(pen, (unsigned int)strtol(arguments, NULL, 16));
	else if (!strcmp(word, "ip4"))
		draw_ipv4(pen, arguments);
	else if (!strcmp(word, "ip6"))
		draw_ipv6(pen, arguments);
	else if (!strcmp(word, "frag"))
		draw_fragment(pen, arguments);
	else if (!strcmp(word, "ah"))
		draw_protocol(pen, 51, 4 * ((size_t)strtol(arguments, NULL, 10) + 2))[1] =
			(uint8_t)strtol(arguments, NULL, 10);
	else if (!strcmp(word, "short"))
		end_ip_at(pen, arguments);
	else if (!strcmp(word, "pad"))
		draw_padding(pen, arguments);
	else if (!strcmp(word, "data"))
		append(pen, (size_t)strtol(arguments, NULL, 10));
	else if (!draw_listed_protocol(pen, word, arguments))
		cr_assert_fail("there is no word %s", word);
}

void sketch_set_length(struct sketch *sketch, size_t size)
{
	uint8_t *ip = sketch->bytes + sketch->ip_offset;

	if (ip[0] >> 4 == 4)
		put16(ip + 2, (unsigned int)(size - sketch->ip_offset));
	else
		put16(ip + 4, (unsigned int)(size - sketch->ip_offset - 40));
}

void sketch_draw(const char *words, struct sketch *sketch)
{
	struct pen pen = {.sketch = sketch};
	char copy[512], *rest = copy, *word;

	memset(sketch, 0, sizeof(*sketch));
	cr_assert_lt(strlen(words), sizeof(copy));
	strcpy(copy, words);
	while ((word = strsep(&rest, " "))) {
		char *arguments = strchr(word, ':');

		if (arguments)
			*arguments++ = '\0';
		draw_word(&pen, word, arguments ? arguments : "");
	}
	if (!sketch->ip_end)
		sketch->ip_end = sketch->size;
	if (pen.ip_version && !pen.length_given)
		sketch_set_length(sketch, sketch->ip_end);
}
