// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The JSON of Kamailio (ul.dump), OpenSIPS (ul_dump) and FreeSWITCH (show registrations). They nest
 * differently and change between versions, so contacts are recognised by the members that they
 * have, at any depth.
 */
#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "registrations/reader.h"

/* jansson parses no deeper than 2048 levels; real answers have about twelve. */
#define DEPTH_MAX 64

struct walk {
	struct registrations *out;
	struct error *error;
	unsigned int depth;
	bool recognised;
};

static struct piece member(json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);

	if (!json_is_string(value))
		return (struct piece){};
	return (struct piece){json_string_value(value), json_string_length(value)};
}

static struct piece first_member(json_t *object, const char *name, const char *other)
{
	struct piece piece = member(object, name);

	return piece.bytes ? piece : member(object, other);
}

/* "deleted" and "expired" stand in place of the seconds that are left. */
static bool is_over(json_t *object)
{
	struct piece expires = member(object, "Expires");

	return (expires.length == 7 && !memcmp(expires.bytes, "deleted", 7)) ||
	       (expires.length == 7 && !memcmp(expires.bytes, "expired", 7));
}

/* A row of FreeSWITCH's table of registrations. */
static int read_row(struct walk *walk, json_t *object)
{
	struct contact contact = {
		.user = member(object, "reg_user"),
		.uri = member(object, "network_ip"),
		.received = member(object, "network_ip"),
	};

	walk->recognised = true;
	walk->out->server = "FreeSWITCH";
	return contact_finish(&contact, walk->out, walk->error);
}

/* Kamailio calls the URI "Address" and OpenSIPS "Contact". */
static int read_contact(struct walk *walk, json_t *object, struct piece user)
{
	struct contact contact = {
		.user = user,
		.uri = first_member(object, "Address", "Contact"),
		.received = member(object, "Received"),
		.agent = first_member(object, "User-Agent", "User-agent"),
		.ended = is_over(object),
	};

	walk->recognised = true;
	walk->out->server = member(object, "Address").bytes ? "Kamailio" : "OpenSIPS";
	return contact_finish(&contact, walk->out, walk->error);
}

static int visit(struct walk *walk, json_t *value, struct piece user);

static int visit_object(struct walk *walk, json_t *object, struct piece user)
{
	struct piece own = first_member(object, "AoR", "AOR");
	const char *key;
	json_t *value;
	int result = 0;

	if (member(object, "network_ip").bytes)
		return read_row(walk, object);
	if (first_member(object, "Address", "Contact").bytes)
		return read_contact(walk, object, user);
	/* An answer without any contact is one too. */
	if (json_object_get(object, "AoRs") || json_object_get(object, "AORs") ||
	    json_object_get(object, "row_count"))
		walk->recognised = true;
	json_object_foreach(object, key, value)
	{
		result = visit(walk, value, own.bytes ? own : user);
		if (result)
			break;
	}
	return result;
}

static int visit(struct walk *walk, json_t *value, struct piece user)
{
	size_t index;
	json_t *element;
	int result = 0;

	if (walk->depth == DEPTH_MAX)
		return 0;
	walk->depth++;
	if (json_is_object(value)) {
		result = visit_object(walk, value, user);
	} else {
		json_array_foreach(value, index, element)
		{
			result = visit(walk, element, user);
			if (result)
				break;
		}
	}
	walk->depth--;
	return result;
}

static void release(json_t **value)
{
	json_decref(*value);
}

int json_registrations(const char *text, size_t size, struct registrations *out,
		       struct error *error)
{
	__attribute__((cleanup(release))) json_t *document = NULL;
	struct walk walk = {.out = out, .error = error};
	json_error_t where;
	int result;

	/* The whole text or nothing: a phone can write JSON into a header. */
	document = json_loadb(text, size, 0, &where);
	if (!document)
		return 0;
	result = visit(&walk, document, (struct piece){});
	return result ? result : walk.recognised;
}
