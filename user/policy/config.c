// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "cleanup.h"
#include "policy/line.h"
#include "policy/names.h"
#include "policy/ports.h"
#include "policy/when.h"
#include "text/device_text.h"
#include "text/escape.h"

static int value_error(struct error *error, const char *word, const char *what)
{
	char escaped[128];

	text_escape(escaped, sizeof(escaped), word, strlen(word));
	return error_set(error, EXIT_USAGE, EINVAL, "%s %s", escaped, what);
}

static int set_device(struct config *config, const char *word, struct error *error)
{
	char name[IF_NAMESIZE];

	if (!device_text_from_file(word, name))
		return value_error(error, word, "is no name of a device");
	for (size_t i = 0; i < config->device_count; i++) {
		if (!strcmp(config->devices[i], name))
			return value_error(error, word, "stands there already");
	}
	if (config->device_count == CONFIG_DEVICES_MAX)
		return value_error(error, word, "is one device too many");
	strcpy(config->devices[config->device_count++], name);
	return 0;
}

static int set_attach(struct config *config, const char *word, struct error *error)
{
	if (attach_mode_parse(word, &config->attach))
		return 0;
	return value_error(error, word, "is not native, generic or auto");
}

static int set_mode(struct config *config, const char *word, struct error *error)
{
	for (enum sg_mode mode = SG_MODE_ENFORCE; mode <= SG_MODE_MONITOR; mode++) {
		if (!strcmp(word, mode_name(mode))) {
			config->mode = mode;
			return 0;
		}
	}
	return value_error(error, word, "is not enforce or monitor");
}

static int set_port(struct config *config, const char *word, struct error *error)
{
	struct port port;
	int result = port_parse(word, &port, error);

	if (result)
		return result;
	if (ports_contain(&config->ports, &port))
		return value_error(error, word, "stands there already");
	ports_add(&config->ports, &port);
	return 0;
}

static int set_allow_dir(struct config *config, const char *word, struct error *error)
{
	if (strlen(word) >= sizeof(config->allow_dir))
		return value_error(error, word, "is too long for a path");
	strcpy(config->allow_dir, word);
	return 0;
}

static int set_max_shrink(struct config *config, const char *word, struct error *error)
{
	char *end;
	unsigned long percents = strtoul(word, &end, 10);

	if (*word < '0' || *word > '9' || strcmp(end, "%") != 0 || percents > 100)
		return value_error(error, word, "is no share such as 50%");
	config->max_shrink = (unsigned int)percents;
	return 0;
}

static int set_protect_recent(struct config *config, const char *word, struct error *error)
{
	if (!strcmp(word, "off")) {
		config->protect_recent = 0;
		return 0;
	}
	return duration_parse(word, &config->protect_recent, error);
}

static const struct key {
	const char *section;
	const char *name;
	bool list; /* takes several words, and lines that go on */
	int (*set)(struct config *config, const char *word, struct error *error);
} keys[CONFIG_KEY_COUNT] = {
	[CONFIG_DEVICES] = {"guard", "devices", true, set_device},
	[CONFIG_ATTACH] = {"guard", "attach", false, set_attach},
	[CONFIG_MODE] = {"guard", "mode", false, set_mode},
	[CONFIG_PORTS] = {"ports", "guard", true, set_port},
	[CONFIG_ALLOW_DIR] = {"policy", "allow_dir", false, set_allow_dir},
	[CONFIG_MAX_SHRINK] = {"policy", "max_shrink", false, set_max_shrink},
	[CONFIG_PROTECT_RECENT] = {"policy", "protect_recent", false, set_protect_recent},
};

const char *config_section_name(enum config_key key)
{
	return keys[key].section;
}

const char *config_key_name(enum config_key key)
{
	return keys[key].name;
}

void config_default(struct config *config)
{
	*config = (struct config){
		.attach = ATTACH_NATIVE,
		.mode = SG_MODE_ENFORCE,
		.allow_dir = "allow.d",
		.max_shrink = 50,
		.protect_recent = 300,
	};
	ports_default(&config->ports);
}

/* One file: libinih asks for its lines, and hands over what it understood of them. */
struct reading {
	struct line_reader reader;
	struct line line;   /* the one that libinih has in hand */
	const char *buffer; /* where it has it */
	bool failed;
	struct config *config;
	struct error *error;
};

/* libinih cuts a line up where it lies, so an offset in its buffer is one in the line. */
static bool lies_in_line(const struct reading *reading, const char *text)
{
	size_t length = (size_t)(reading->line.end - reading->line.start);

	return text >= reading->buffer && text <= reading->buffer + length;
}

static const char *place_of(const struct reading *reading, const char *text)
{
	if (!lies_in_line(reading, text))
		return reading->line.start;
	return reading->line.start + (text - reading->buffer);
}

static int fail(struct reading *reading, const char *at, const char *what)
{
	reading->failed = true;
	return line_error(&reading->line, at, reading->error, what);
}

static bool is_section(const char *name, size_t length)
{
	for (unsigned int i = 0; i < CONFIG_KEY_COUNT; i++) {
		if (strlen(keys[i].section) == length && !strncmp(keys[i].section, name, length))
			return true;
	}
	return false;
}

/* libinih tells of a section only with its first key, and takes what stands behind the bracket. */
static void check_section(struct reading *reading)
{
	const char *name = reading->line.start + 1, *end = reading->line.end;
	const char *bracket = memchr(name, ']', (size_t)(end - name));

	if (!bracket)
		return;
	if (!is_section(name, (size_t)(bracket - name)))
		fail(reading, name, "there is no such section");
	else if (bracket + 1 != end)
		fail(reading, bracket + 1, "something stands behind the section");
}

/* As fgets(3). The end of the text is also where something was wrong. */
static char *give_line(char *buffer, int size, void *stream)
{
	struct reading *reading = stream;
	size_t length;

	if (reading->failed || !line_next(&reading->reader, &reading->line))
		return NULL;
	length = (size_t)(reading->line.end - reading->line.start);
	/* Room for the line end and the zero. */
	if (length + 2 > (size_t)size) {
		fail(reading, reading->line.start, "the line is too long");
		return NULL;
	}
	if (memchr(reading->line.start, '\0', length)) {
		fail(reading, reading->line.start, "there is a zero byte in the line");
		return NULL;
	}
	if (length && *reading->line.start == '[')
		check_section(reading);
	if (reading->failed)
		return NULL;
	memcpy(buffer, reading->line.start, length);
	memcpy(buffer + length, "\n", 2);
	reading->buffer = buffer;
	return buffer;
}

static const struct key *find_key(const char *section, const char *name)
{
	for (unsigned int i = 0; i < CONFIG_KEY_COUNT; i++) {
		if (!strcmp(keys[i].section, section) && !strcmp(keys[i].name, name))
			return &keys[i];
	}
	return NULL;
}

static int set_words(struct reading *reading, const struct key *key, const char *value)
{
	char words[256], *rest = words, *word;
	size_t count = 0;

	snprintf(words, sizeof(words), "%s", value);
	while ((word = strsep(&rest, " \t"))) {
		const char *at = place_of(reading, value + (word - words));

		if (!*word)
			continue;
		/* Of a line that goes on, libinih leaves the comment to us. */
		if (*word == ';')
			break;
		if (count++ && !key->list)
			return fail(reading, at, "one word is enough here");
		if (key->set(reading->config, word, reading->error)) {
			reading->failed = true;
			return line_locate(&reading->line, at, reading->error);
		}
	}
	if (!count)
		return fail(reading, place_of(reading, value), "there is no value");
	return 0;
}

/* Of libinih: not 0 when all is well. */
static int take_value(void *user, const char *section, const char *name, const char *value)
{
	struct reading *reading = user;
	const struct key *key = find_key(section, name);
	const char *at = place_of(reading, name);
	/* An indented line goes on with the value before, whose name libinih has kept elsewhere. */
	bool goes_on = !lies_in_line(reading, name);
	uint32_t bit;

	if (!*section)
		return !fail(reading, at, "no section stands before it");
	if (!key)
		return !fail(reading, at, "there is no such key in this section");
	bit = 1U << (key - keys);
	if (goes_on ? !key->list : reading->config->declared & bit)
		return !fail(reading, at, "the key has a value already");
	/* The first port that is named takes the place of the default ones. */
	if (key == &keys[CONFIG_PORTS] && !(reading->config->declared & bit))
		reading->config->ports = (struct sg_ports){};
	reading->config->declared |= bit;
	return !set_words(reading, key, value);
}

/* A line that libinih cannot make anything of; it tells its number alone. */
static int syntax_error(const char *name, const char *text, size_t size, int number,
			struct error *error)
{
	struct line_reader reader = line_reader_begin(name, text, size);
	struct line line = {.name = name, .start = text, .end = text};

	while (line_next(&reader, &line) && line.number < (size_t)number)
		;
	line_error(&line, line.start, error, "neither [section] nor key = value");
	return -EINVAL;
}

int config_parse(const char *name, const char *text, size_t size, struct config *config,
		 struct error *error)
{
	cleanup_free struct config *read = malloc(sizeof(*read));
	struct reading reading = {
		.reader = line_reader_begin(name, text, size),
		.config = read,
		.error = error,
	};
	int result;

	if (!read)
		return error_system(error, ENOMEM, "cannot read %s", name);
	if (size > CONFIG_SIZE_MAX)
		return error_set(error, EXIT_USAGE, EINVAL, "%s is larger than %u KiB", name,
				 CONFIG_SIZE_MAX >> 10);
	config_default(read);
	result = ini_parse_stream(give_line, &reading, take_value, &reading);
	/* The first line that was wrong, and libinih goes on behind one that it cannot read. */
	if (result > 0 && (!reading.failed || (size_t)result < reading.line.number))
		return syntax_error(name, text, size, result, error);
	if (result < 0)
		return error_system(error, ENOMEM, "cannot read %s", name);
	if (reading.failed)
		return -EINVAL;
	*config = *read;
	return 0;
}
