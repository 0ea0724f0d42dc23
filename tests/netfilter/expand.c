// SPDX-License-Identifier: GPL-2.0-or-later
#include "netfilter/expand.h"

#include <stdio.h>
#include <string.h>

#include "netfilter/world.h"

struct prefix host_in(struct random *random, const struct prefix *prefix)
{
	struct prefix host = *prefix;

	host.length = prefix_host_length(prefix->family);
	for (unsigned int bit = prefix->length; bit < host.length; bit++) {
		if (random_next(random) & 1)
			host.address[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	}
	return host;
}

static struct prefix network(struct random *random, uint8_t family)
{
	static const uint8_t lengths[SG_FAMILY_COUNT][16] = {
		{},
		{32, 32, 32, 32, 32, 31, 30, 29, 28, 27, 24, 24, 24, 22, 16, 8},
		{128, 128, 128, 128, 127, 126, 120, 112, 96, 64, 64, 64, 56, 48, 48, 33},
	};
	static const char *const roots[SG_FAMILY_COUNT][4] = {
		{},
		{"203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24", "198.18.0.0/15"},
		{"2001:db8::/32", "2001:db8:1::/48", "2001:db8:2:3::/64", "2001:db8:1::/48"},
	};
	struct error error;
	struct prefix root, prefix;

	prefix_parse(roots[family][random_below(random, 4)], &root, &error);
	prefix = host_in(random, &root);
	prefix.length = lengths[family][random_below(random, 16)];
	/* Everybody, and half of the internet. */
	if (random_below(random, 40) == 0)
		prefix.length = (uint8_t)random_below(random, 2);
	prefix_truncate(&prefix);
	return prefix;
}

/* Some are parts of others, so that rules disagree about them. */
void pool_fill(struct pool *pool)
{
	for (uint8_t family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++) {
		for (unsigned int i = 0; i < POOL_SIZE; i++) {
			struct prefix *prefix = &pool->prefixes[family][i];
			uint8_t host = prefix_host_length(family);

			*prefix = network(&pool->random, family);
			if (!i || random_below(&pool->random, 2))
				continue;
			*prefix = host_in(&pool->random,
					  &pool->prefixes[family][random_below(&pool->random, i)]);
			prefix->length = (uint8_t)(host - random_below(&pool->random, 6));
			prefix_truncate(prefix);
		}
	}
}

static const struct prefix *draw_prefix(struct pool *pool)
{
	return &pool->prefixes[pool->family][random_below(&pool->random, POOL_SIZE)];
}

static void write_range(struct pool *pool, char *text)
{
	struct prefix first = *draw_prefix(pool), last;
	char end[PREFIX_TEXT_SIZE];
	uint8_t *byte;

	first.length = prefix_host_length(first.family);
	first.address[0] = first.address[0] ? first.address[0] : 11;
	last = first;
	byte = &last.address[first.length / 8 - 1];
	*byte = (uint8_t)(*byte + random_below(&pool->random, 256U - *byte));
	address_format(&first, text);
	address_format(&last, end);
	/* "A-A" is an error of nft. */
	if (strcmp(text, end) != 0)
		sprintf(text + strlen(text), "-%s", end);
	else
		sprintf(text + strlen(text), "-%s",
			first.family == SG_FAMILY_IPV4 ? "203.255.255.255" : "2001:dbf::");
}

static void write_prefix(struct pool *pool, char *text)
{
	struct prefix prefix = *draw_prefix(pool);

	/* ipset's hash:net and nft's sets refuse a length of 0. */
	prefix.length = prefix.length ? prefix.length : 1;
	prefix_format(&prefix, text);
}

static void write_host(struct pool *pool, char *text)
{
	struct prefix host = host_in(&pool->random, draw_prefix(pool));

	if (host.address[0] < 11 || host.address[0] > 223)
		host.address[0] = 100;
	pool->last = host;
	address_format(&host, text);
}

/* The other host of the same pair of addresses. */
static void write_neighbour(struct pool *pool, char *text)
{
	pool->last.address[pool->last.length / 8 - 1] ^= 1;
	address_format(&pool->last, text);
}

static void fill(struct pool *pool, char what, unsigned int first, unsigned int last, char *text)
{
	bool is_ipv4 = pool->family == SG_FAMILY_IPV4;

	*text = '\0';
	if (what == 'p')
		write_prefix(pool, text);
	else if (what == 'h')
		write_host(pool, text);
	else if (what == 'g')
		write_neighbour(pool, text);
	else if (what == 'r')
		write_range(pool, text);
	else if (what == 'o')
		strcpy(text, world_addresses[random_below(&pool->random, 2)][pool->family]);
	else if (what == 'q')
		strcpy(text, world_other_address[pool->family]);
	else if (what == 'd')
		strcpy(text, random_below(&pool->random, 2) ? "eth1" : "eth0");
	else if (what == 'c')
		sprintf(text, "C%u", first + random_below(&pool->random, last - first + 1));
	else if (what == 'f')
		strcpy(text, is_ipv4 ? "ip" : "ip6");
	else if (what == 'v')
		strcpy(text, is_ipv4 ? "4" : "6");
	else if (what == 'a')
		strcpy(text, is_ipv4 ? "ipv4_addr" : "ipv6_addr");
	else if (what == 'i')
		strcpy(text, is_ipv4 ? "inet" : "inet6");
	else if (what == 'n')
		sprintf(text, "%u", random_below(&pool->random, 256));
}

void expand(struct pool *pool, const char *fragment, unsigned int first, unsigned int last,
	    char *text, size_t size)
{
	char filled[2 * PREFIX_TEXT_SIZE];
	size_t length = 0;

	for (; *fragment && length + sizeof(filled) < size; fragment++) {
		if (*fragment != '%') {
			text[length++] = *fragment;
			continue;
		}
		fill(pool, *++fragment, first, last, filled);
		strcpy(text + length, filled);
		length += strlen(filled);
	}
	text[length] = '\0';
}
