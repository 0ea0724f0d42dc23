/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that read Ansible's tasks share. */
#ifndef SIPGUARD_USER_RULES_FORMATS_ANSIBLE_INTERNAL_H
#define SIPGUARD_USER_RULES_FORMATS_ANSIBLE_INTERNAL_H

#include <yaml.h>

#include "rules/formats/ansible.h"

#define ANSIBLE_SCOPES_MAX 16
#define ANSIBLE_SIZE_MAX   (4 << 20)
/* Nodes visited, parameters read and commands run, together. */
#define ANSIBLE_WORK_MAX 500000

struct ansible {
	const char *name;
	struct ruleset *rules;
	struct error *error;
	const yaml_document_t *document;
	const char **lines; /* the beginning of each, and the end of the text */
	size_t line_count;
	size_t work;
	const yaml_node_t *scopes[ANSIBLE_SCOPES_MAX]; /* vars around, the outermost first */
	size_t scope_count;
	const yaml_node_t *item; /* of the loop; NULL outside of one */
	unsigned int uncertain;	 /* constructs around the task that may not run it */
};

/* -E2BIG when the work is too much. */
int ansible_spend(struct ansible *ansible);

const yaml_node_t *ansible_node(const struct ansible *ansible, int number);
/* NULL when it is none. */
const char *ansible_scalar(const yaml_node_t *node);
const yaml_node_t *ansible_value(const struct ansible *ansible, const yaml_node_t *mapping,
				 const char *key);
const yaml_node_t *ansible_variable(const struct ansible *ansible, const char *name, size_t length);
struct place ansible_place(const struct ansible *ansible, const yaml_node_t *node);

/* Whether a text is "{{ NAME }}" and nothing else; then where the name is. */
bool ansible_is_expression(const char *text, const char **name, size_t *length);

/*
 * A scalar, or a list of scalars with commas between, with its expressions replaced as far as the
 * text tells; the others stay. NULL when it is neither or memory ran out. The caller frees it.
 */
char *ansible_text(const struct ansible *ansible, const yaml_node_t *node);

/* The parameters of a module. */
struct parameter {
	char *name;
	char *value;
	bool taken; /* somebody understood it */
};

struct parameters {
	struct parameter *items;
	size_t count;
	size_t allocated;
};

/*
 * Reads the value that stands behind a module's name, which is a mapping or "name=value ...", and
 * the task's `args`. -EINVAL, without an error, when they are neither; -ENOMEM.
 */
int ansible_parameters(struct ansible *ansible, const yaml_node_t *task, const yaml_node_t *value,
		       struct parameters *parameters);
void parameters_clear(struct parameters *parameters);

/* The value, which counts as understood from then on; NULL when it is not given or empty. */
const char *parameters_take(struct parameters *parameters, const char *name);
/* "name: value" of the first one that nobody took, in `text`; false: there is none. */
bool parameters_left(const struct parameters *parameters, char *text, size_t size);

/* Adds the rules of a task, once for the item of its loop. */
int ansible_task(struct ansible *ansible, const yaml_node_t *task);

#endif
