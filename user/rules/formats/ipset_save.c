// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/formats/address.h"
#include "rules/formats/iptables_save.h"

/* Whether an element is a source, or a source and a port. */
static bool holds_sources(const char *type)
{
	static const char *const types[] = {"hash:ip", "hash:net", "hash:ip,port", "hash:net,port",
					    "bitmap:ip"};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!strcmp(type, types[i]))
			return true;
	}
	return false;
}

static int create_set(const char *const *words, size_t count, struct ruleset *rules,
		      const struct place *place, struct error *error)
{
	struct source_set *set;
	int64_t at;

	if (count < 3)
		return error_set(error, EXIT_USAGE, EINVAL, "a set has a name and a type");
	at = ruleset_set(rules, words[1], error);
	if (at < 0)
		return (int)at;
	set = &rules->sets[at];
	set->place = *place;
	set->opaque = !holds_sources(words[2]);
	return 0;
}

/* "5060", "udp:5060" or "tcp:5060-5070". Without a protocol it is TCP, says ipset(8). */
static int read_service(const char *text, struct source *source, struct error *error)
{
	const char *colon = strchr(text, ':');
	char protocol[16] = "tcp";

	if (colon && (size_t)(colon - text) < sizeof(protocol)) {
		memcpy(protocol, text, (size_t)(colon - text));
		protocol[colon - text] = '\0';
	}
	source->protocols = protocol_parse(protocol);
	if (!port_range_parse(colon ? colon + 1 : text, '-', &source->ports)) {
		/* ICMP has types where others have ports. */
		if (source->protocols == PROTOCOLS_OTHER)
			return 0;
		return error_set(error, EXIT_USAGE, EINVAL, "that is no protocol and port");
	}
	return 0;
}

static int read_element(const char *text, struct source *like, struct source_list *list,
			struct error *error)
{
	char address[128];
	const char *comma = strchr(text, ',');
	size_t length = comma ? (size_t)(comma - text) : strlen(text);
	int result = 0;

	if (length >= sizeof(address))
		return error_set(error, EXIT_USAGE, EINVAL, "that is too long for an address");
	memcpy(address, text, length);
	address[length] = '\0';
	if (comma)
		result = read_service(comma + 1, like, error);
	return result ? result : address_add(address, like, list, error);
}

/* "0" means that the element stays; a number that is larger than any lasts as long as one can. */
static int read_lifetime(const char *text, int64_t *seconds, struct error *error)
{
	size_t digits = strspn(text, "0123456789");

	if (!digits || text[digits])
		return error_set(error, EXIT_USAGE, EINVAL, "that is no timeout");
	*seconds = (int64_t)strtoll(text, NULL, 10);
	return 0;
}

static int add_element(const char *const *words, size_t count, struct ruleset *rules,
		       struct error *error)
{
	struct source like = {};
	int result = 0;
	int64_t at;

	if (count < 3)
		return error_set(error, EXIT_USAGE, EINVAL, "there is no element");
	at = ruleset_set(rules, words[1], error);
	if (at < 0 || rules->sets[at].opaque)
		return at < 0 ? (int)at : 0;
	for (size_t i = 3; !result && i < count; i++) {
		bool has_value = i + 1 < count;

		if (!strcmp(words[i], "nomatch"))
			like.except = true;
		else if (!strcmp(words[i], "timeout") && has_value)
			result = read_lifetime(words[++i], &like.lifetime, error);
		else if (!strcmp(words[i], "comment") && has_value)
			like.comment = (char *)words[++i]; /* a copy is taken */
	}
	return result ?: read_element(words[2], &like, &rules->sets[at].list, error);
}

int ipset_save_line(const char *const *words, size_t count, struct ruleset *rules,
		    const struct place *place, struct error *error)
{
	if (!strcmp(words[0], "create"))
		return create_set(words, count, rules, place, error);
	return add_element(words, count, rules, error);
}
