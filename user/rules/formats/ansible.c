// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Playbooks and files of tasks: which tasks there are, and what their variables and loops hold. A
 * task's parameters become words of iptables in ansible_task.c.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "rules/formats/ansible_internal.h"

/* Blocks nest, and an alias can name what it stands in. */
#define DEPTH_MAX      32
#define BRACKETS_MAX   500
#define KEYS_MAX       2000
#define REFERENCES_MAX 5000

int ansible_spend(struct ansible *ansible)
{
	if (++ansible->work <= ANSIBLE_WORK_MAX)
		return 0;
	return error_set(ansible->error, EXIT_USAGE, E2BIG,
			 "%.400s: loops and aliases multiply to too many tasks", ansible->name);
}

const yaml_node_t *ansible_node(const struct ansible *ansible, int number)
{
	return yaml_document_get_node((yaml_document_t *)ansible->document, number);
}

const char *ansible_scalar(const yaml_node_t *node)
{
	if (!node || node->type != YAML_SCALAR_NODE ||
	    memchr(node->data.scalar.value, '\0', node->data.scalar.length))
		return NULL;
	return (const char *)node->data.scalar.value;
}

const yaml_node_t *ansible_value(const struct ansible *ansible, const yaml_node_t *mapping,
				 const char *key)
{
	const yaml_node_pair_t *pair, *end;

	if (!mapping || mapping->type != YAML_MAPPING_NODE)
		return NULL;
	pair = mapping->data.mapping.pairs.start;
	end = mapping->data.mapping.pairs.top;
	/* Every task can ask for a variable. */
	if (end - pair > KEYS_MAX)
		end = pair + KEYS_MAX;
	for (; pair < end; pair++) {
		const char *name = ansible_scalar(ansible_node(ansible, pair->key));

		if (name && !strcmp(name, key))
			return ansible_node(ansible, pair->value);
	}
	return NULL;
}

/* Where a node begins, to the end of its line. */
struct place ansible_place(const struct ansible *ansible, const yaml_node_t *node)
{
	struct place place = {.line = node->start_mark.line + 1, .column = 1};
	const char *start, *end;

	if (place.line > ansible->line_count)
		return place;
	start = ansible->lines[place.line - 1];
	end = ansible->lines[place.line];
	while (end > start && strchr(" \t\r\n", end[-1]) && end[-1])
		end--;
	place.text = start;
	/* The mark counts characters, and what stands before a task are blanks and dashes. */
	if (node->start_mark.column < (size_t)(end - start))
		place.text += node->start_mark.column;
	place.column = (size_t)(place.text - start) + 1;
	place.length = (size_t)(end - place.text);
	return place;
}

/* What a variable holds, in the nearest of the vars around; NULL: the text does not tell. */
const yaml_node_t *ansible_variable(const struct ansible *ansible, const char *name, size_t length)
{
	char key[128];

	if (length >= sizeof(key))
		return NULL;
	memcpy(key, name, length);
	key[length] = '\0';
	for (size_t i = ansible->scope_count; i > 0; i--) {
		const yaml_node_t *value = ansible_value(ansible, ansible->scopes[i - 1], key);

		if (value)
			return value;
	}
	return NULL;
}

static int walk(struct ansible *ansible, const yaml_node_t *node, unsigned int depth);

/* The list of a loop, which can be the name of a variable. */
static const yaml_node_t *loop_of(const struct ansible *ansible, const yaml_node_t *task)
{
	static const char *const keys[] = {"loop", "with_items", "with_list", "with_flattened"};
	const yaml_node_t *list = NULL;
	const char *text;
	size_t length;

	for (size_t i = 0; !list && i < sizeof(keys) / sizeof(keys[0]); i++)
		list = ansible_value(ansible, task, keys[i]);
	text = ansible_scalar(list);
	if (text && ansible_is_expression(text, &text, &length))
		list = ansible_variable(ansible, text, length);
	return list && list->type == YAML_SEQUENCE_NODE ? list : NULL;
}

static int run_task(struct ansible *ansible, const yaml_node_t *task)
{
	const yaml_node_t *list = loop_of(ansible, task);
	int result = 0;

	ansible->item = NULL;
	if (!list)
		return ansible_task(ansible, task);
	for (const yaml_node_item_t *item = list->data.sequence.items.start;
	     !result && item < list->data.sequence.items.top; item++) {
		ansible->item = ansible_node(ansible, *item);
		result = ansible_task(ansible, task);
	}
	ansible->item = NULL;
	return result;
}

/* Whether facts of the machine decide that a task or block runs. */
static bool is_conditional(const struct ansible *ansible, const yaml_node_t *node)
{
	const yaml_node_t *when = ansible_value(ansible, node, "when");
	const char *text = ansible_scalar(when);

	return when && !(text && (!strcmp(text, "true") || !strcmp(text, "yes")));
}

/* A task, a block or a play: all are mappings, and the last two hold lists of tasks. */
static int walk_mapping(struct ansible *ansible, const yaml_node_t *node, unsigned int depth)
{
	static const struct {
		const char *key;
		bool may_not_run;
	} lists[] = {{"pre_tasks", false}, {"tasks", false}, {"post_tasks", false},
		     {"handlers", true},   {"block", false}, {"rescue", true},
		     {"always", false}};
	const yaml_node_t *vars = ansible_value(ansible, node, "vars");
	bool has_scope = vars && ansible->scope_count < ANSIBLE_SCOPES_MAX;
	bool conditional = is_conditional(ansible, node);
	int result;

	if (has_scope)
		ansible->scopes[ansible->scope_count++] = vars;
	ansible->uncertain += conditional;
	result = run_task(ansible, node);
	for (size_t i = 0; !result && i < sizeof(lists) / sizeof(lists[0]); i++) {
		ansible->uncertain += lists[i].may_not_run;
		result = walk(ansible, ansible_value(ansible, node, lists[i].key), depth + 1);
		ansible->uncertain -= lists[i].may_not_run;
	}
	ansible->uncertain -= conditional;
	ansible->scope_count -= has_scope;
	return result;
}

static int walk(struct ansible *ansible, const yaml_node_t *node, unsigned int depth)
{
	int result = ansible_spend(ansible);

	if (result || !node || depth > DEPTH_MAX)
		return result;
	if (node->type == YAML_MAPPING_NODE)
		return walk_mapping(ansible, node, depth);
	if (node->type != YAML_SEQUENCE_NODE)
		return 0;
	for (const yaml_node_item_t *item = node->data.sequence.items.start;
	     !result && item < node->data.sequence.items.top; item++)
		result = walk(ansible, ansible_node(ansible, *item), depth + 1);
	return result;
}

/* The beginning of each line, and of one more. */
static int index_lines(struct ansible *ansible, const char *text, size_t size)
{
	size_t count = 1, at = 0;

	for (size_t i = 0; i < size; i++)
		count += text[i] == '\n';
	ansible->lines = calloc(count + 1, sizeof(*ansible->lines));
	if (!ansible->lines)
		return error_system(ansible->error, ENOMEM, "cannot hold the tasks");
	ansible->lines[at++] = text;
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\n')
			ansible->lines[at++] = text + i + 1;
	}
	ansible->lines[at] = text + size;
	ansible->line_count = count;
	return 0;
}

static int yaml_error(struct ansible *ansible, const yaml_parser_t *parser)
{
	const char *problem = parser->problem ? parser->problem : "it cannot be read";

	return error_set(ansible->error, EXIT_USAGE, EINVAL, "%.400s:%zu:%zu: YAML: %s",
			 ansible->name, parser->problem_mark.line + 1,
			 parser->problem_mark.column + 1, problem);
}

static int read_documents(struct ansible *ansible, yaml_parser_t *parser)
{
	bool ended = false;
	int result = 0;

	while (!result && !ended) {
		yaml_document_t document;
		yaml_node_t *root;

		if (!yaml_parser_load(parser, &document))
			return yaml_error(ansible, parser);
		root = yaml_document_get_root_node(&document);
		ended = !root;
		ansible->document = &document;
		if (root)
			result = walk(ansible, root, 0);
		ansible->document = NULL;
		yaml_document_delete(&document);
	}
	return result;
}

static bool begins_name(const char *at, const char *end)
{
	return at < end && (isalnum((unsigned char)*at) || *at == '_');
}

/*
 * libyaml looks at every open bracket for each token, and at every anchor for each anchor and
 * alias. What stands in strings counts as well: the brackets of Jinja and of shells come in pairs.
 */
static int refuse_quadratic(const char *name, const char *text, size_t size, struct error *error)
{
	const char *end = text + size;
	long depth = 0, references = 0;

	for (const char *at = text; at < end; at++) {
		if (*at == '[' || *at == '{')
			depth++;
		else if ((*at == ']' || *at == '}') && depth)
			depth--;
		else if ((*at == '&' || *at == '*') && begins_name(at + 1, end))
			references++;
		if (depth > BRACKETS_MAX)
			return error_set(error, EXIT_USAGE, E2BIG,
					 "%.400s has more than %d open brackets", name,
					 BRACKETS_MAX);
	}
	if (references > REFERENCES_MAX)
		return error_set(error, EXIT_USAGE, E2BIG,
				 "%.400s has more than %d anchors and aliases", name,
				 REFERENCES_MAX);
	return 0;
}

int ansible_parse(const char *name, const char *text, size_t size, struct ruleset *rules,
		  struct error *error)
{
	struct ansible ansible = {.name = name, .rules = rules, .error = error};
	yaml_parser_t parser;
	int result;

	if (size > ANSIBLE_SIZE_MAX)
		return error_set(error, EXIT_USAGE, E2BIG, "%.400s is larger than %d bytes", name,
				 ANSIBLE_SIZE_MAX);
	result = refuse_quadratic(name, text, size, error);
	if (result)
		return result;
	if (!yaml_parser_initialize(&parser))
		return error_system(error, ENOMEM, "cannot hold the tasks");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	result = index_lines(&ansible, text, size);
	result = result ? result : read_documents(&ansible, &parser);
	yaml_parser_delete(&parser);
	free(ansible.lines);
	return result;
}
