// SPDX-License-Identifier: GPL-2.0-or-later
/* Values of Ansible's tasks: expressions with constant variables, and the parameters of modules. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "rules/formats/ansible_internal.h"
#include "rules/formats/words.h"

/* Of one value, with its expressions replaced. */
#define VALUE_MAX (1 << 20)

bool ansible_is_expression(const char *text, const char **name, size_t *length)
{
	const char *end;

	text += strspn(text, " ");
	if (strncmp(text, "{{", 2) != 0)
		return false;
	text += 2 + strspn(text + 2, " ");
	*length = strcspn(text, " }|");
	end = text + *length + strspn(text + *length, " ");
	*name = text;
	return *length && !strncmp(end, "}}", 2) && !end[2 + strspn(end + 2, " ")];
}

/* The scalar that a name in an expression stands for; NULL: the text does not tell. */
static const char *look_up(const struct ansible *ansible, const char *name, size_t length)
{
	const yaml_node_t *node = NULL;
	char key[64];

	if (length == 4 && !strncmp(name, "item", 4)) {
		node = ansible->item;
	} else if (length > 5 && length - 5 < sizeof(key) && !strncmp(name, "item.", 5)) {
		memcpy(key, name + 5, length - 5);
		key[length - 5] = '\0';
		node = ansible_value(ansible, ansible->item, key);
	} else {
		node = ansible_variable(ansible, name, length);
	}
	return ansible_scalar(node);
}

/* The value of an expression of a name alone; a filter or an operator is not followed. */
static const char *value_of(const struct ansible *ansible, const char *expression,
			    const char *close)
{
	const char *name = expression + 2 + strspn(expression + 2, " ");
	size_t length = strcspn(name, " }|");
	const char *behind = name + length + strspn(name + length, " ");

	return behind == close ? look_up(ansible, name, length) : NULL;
}

static void expand(const struct ansible *ansible, const char *text, FILE *stream)
{
	while (*text) {
		const char *open = strstr(text, "{{"), *close = open ? strstr(open, "}}") : NULL;
		const char *value;

		if (!close || ftello(stream) > VALUE_MAX)
			break;
		value = value_of(ansible, open, close);
		fwrite(text, 1, (size_t)(open - text), stream);
		if (value)
			fputs(value, stream);
		else
			fwrite(open, 1, (size_t)(close + 2 - open), stream);
		text = close + 2;
	}
	fputs(text, stream);
}

/* False when the node is no scalar and no list of scalars. */
static bool write_value(const struct ansible *ansible, const yaml_node_t *node, FILE *stream)
{
	const char *text = ansible_scalar(node);
	bool first = true;

	if (text) {
		expand(ansible, text, stream);
		return true;
	}
	if (!node || node->type != YAML_SEQUENCE_NODE)
		return false;
	for (const yaml_node_item_t *item = node->data.sequence.items.start;
	     item < node->data.sequence.items.top; item++) {
		text = ansible_scalar(ansible_node(ansible, *item));
		if (!text || ftello(stream) > VALUE_MAX)
			return false;
		fputs(first ? "" : ",", stream);
		expand(ansible, text, stream);
		first = false;
	}
	return true;
}

char *ansible_text(const struct ansible *ansible, const yaml_node_t *node)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	bool is_text = stream && write_value(ansible, node, stream);

	if (!stream || fclose(stream) || !is_text) {
		free(text);
		return NULL;
	}
	return text;
}

static int memory_error(struct ansible *ansible)
{
	return error_system(ansible->error, ENOMEM, "cannot hold the tasks");
}

/* Takes name and value. */
static int add_parameter(struct ansible *ansible, struct parameters *parameters, char *name,
			 char *value)
{
	if (!name || !value ||
	    array_reserve(&parameters->items, sizeof(*parameters->items), parameters->count,
			  &parameters->allocated, ansible->error)) {
		free(name);
		free(value);
		return memory_error(ansible);
	}
	parameters->items[parameters->count++] = (struct parameter){name, value, false};
	return 0;
}

static int add_mapping(struct ansible *ansible, const yaml_node_t *mapping,
		       struct parameters *parameters)
{
	const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	int result = 0;

	for (; !result && pair < mapping->data.mapping.pairs.top; pair++) {
		const char *name = ansible_scalar(ansible_node(ansible, pair->key));
		char *value = ansible_text(ansible, ansible_node(ansible, pair->value));

		result = ansible_spend(ansible);
		/* A mapping as a value is one that no module here understands. */
		if (!result)
			result = add_parameter(ansible, parameters, strdup(name ?: "?"),
					       value ?: strdup("..."));
		else
			free(value);
	}
	return result;
}

/* "chain=INPUT protocol=udp": the old way of writing. */
static int add_words(struct ansible *ansible, const char *text, struct parameters *parameters)
{
	__attribute__((cleanup(words_clear))) struct words words = {};
	struct error ignored;
	int result = words_split(text, strlen(text), QUOTING_SHELL, &words, &ignored);

	for (size_t i = 0; !result && i < words.count; i++) {
		const char *equals = strchr(words.words[i], '=');

		if (!equals)
			return -EINVAL;
		result = add_parameter(ansible, parameters,
				       strndup(words.words[i], (size_t)(equals - words.words[i])),
				       strdup(equals + 1));
	}
	return result;
}

int ansible_parameters(struct ansible *ansible, const yaml_node_t *task, const yaml_node_t *value,
		       struct parameters *parameters)
{
	const yaml_node_t *arguments = ansible_value(ansible, task, "args");
	cleanup_free char *text = NULL;
	int result = -EINVAL;

	if (value && value->type == YAML_MAPPING_NODE) {
		result = add_mapping(ansible, value, parameters);
	} else {
		text = ansible_text(ansible, value);
		if (text)
			result = add_words(ansible, text, parameters);
	}
	if (!result && arguments && arguments->type == YAML_MAPPING_NODE)
		result = add_mapping(ansible, arguments, parameters);
	return result;
}

void parameters_clear(struct parameters *parameters)
{
	for (size_t i = 0; i < parameters->count; i++) {
		free(parameters->items[i].name);
		free(parameters->items[i].value);
	}
	free(parameters->items);
	*parameters = (struct parameters){};
}

const char *parameters_take(struct parameters *parameters, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < parameters->count; i++) {
		if (strcmp(parameters->items[i].name, name) != 0)
			continue;
		parameters->items[i].taken = true;
		value = *parameters->items[i].value ? parameters->items[i].value : NULL;
	}
	return value;
}

bool parameters_left(const struct parameters *parameters, char *text, size_t size)
{
	for (size_t i = 0; i < parameters->count; i++) {
		const struct parameter *parameter = &parameters->items[i];

		if (parameter->taken)
			continue;
		snprintf(text, size, "%.60s: %.200s", parameter->name, parameter->value);
		return true;
	}
	return false;
}
