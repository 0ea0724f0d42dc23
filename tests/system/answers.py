#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What sipguard prints with --json, against its schema, and the schema against the manual.

  answers.py answers SCHEMA FILE    every line that begins with { is an answer as the schema says, and all the forms of
                                    all commands are there; an answer that lacks a field, or has one more, is none
  answers.py manual SCHEMA MANUAL   both have the same fields for each command
"""

import copy
import json
import re
import shlex
import sys

from jsonschema import Draft202012Validator

FIELD = re.compile(r"[a-z][a-z0-9_-]*")


def forms_of(schema, command):
    definition = schema["$defs"]["command_" + command]
    return definition.get("oneOf", [definition])


def within(schema, node):
    """The objects that a form of an answer can have in it, the form among them."""
    if isinstance(node, list):
        for value in node:
            yield from within(schema, value)
    elif isinstance(node, dict):
        if "$ref" in node:
            yield from within(schema, schema["$defs"][node["$ref"].removeprefix("#/$defs/")])
        if "properties" in node:
            yield node
            yield from within(schema, list(node["properties"].values()))
        for key in ("items", "anyOf", "oneOf", "additionalProperties"):
            yield from within(schema, node.get(key))


def fields_of(schema, command, wanted=lambda part, name: True):
    return {
        name
        for part in within(schema, forms_of(schema, command))
        for name in part["properties"]
        if wanted(part, name)
    }


def objects(value):
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for item in value if isinstance(value, list) else []:
        yield from objects(item)


def damaged(answer, dispensable):
    """The answer without each field that it must have, and with one field more in each place."""
    for place, found in enumerate(objects(answer)):
        for name in found:
            if name not in dispensable:
                other = copy.deepcopy(answer)
                del list(objects(other))[place][name]
                yield f"without {name}", other
        other = copy.deepcopy(answer)
        list(objects(other))[place]["surplus"] = 1
        yield "with one more", other


def check_answers(schema, lines):
    whole = Draft202012Validator(schema)
    reasons = set(schema["$defs"]["reason"]["enum"])
    commands = schema["properties"]["command"]["enum"]
    missing = {(command, form) for command in commands for form in range(len(forms_of(schema, command)))}
    for answer in map(json.loads, lines):
        errors = [f"{error.json_path}: {error.message}" for error in whole.iter_errors(answer)]
        if errors:
            yield f"{json.dumps(answer)}: {errors}"
            continue
        command = answer["command"]
        for form, definition in enumerate(forms_of(schema, command)):
            if Draft202012Validator({"$defs": schema["$defs"], **definition}).is_valid(answer):
                missing.discard((command, form))
        dispensable = reasons | fields_of(schema, command, lambda part, name: name not in part["required"])
        for what, other in damaged(answer, dispensable):
            if whole.is_valid(other):
                yield f"{command} {what} goes for an answer: {json.dumps(other)}"
    yield from (f"no answer of {command}, form {form}" for command, form in sorted(missing))


def bold(line):
    """The words that a line of the manual sets in bold."""
    macro, _, rest = line.partition(" ")
    if macro not in (".B", ".BR", ".RB"):
        return []
    words = shlex.split(rest.replace("\\ ", "\u00a0").replace("\\", "\\\\"))
    words = words if macro == ".B" else words[macro == ".RB" :: 2]
    return [word for word in map(str.strip, words) if FIELD.fullmatch(word)]


def check_manual(schema, text):
    shared, answers = text.split(".SH ANSWERS\n")
    described = {command: set() for command in schema["properties"]["command"]["enum"]}
    common = {word for line in shared.splitlines() for word in bold(line)}
    for paragraph in answers.split(".SH ")[0].split(".TP\n")[1:]:
        tag, *lines = paragraph.splitlines()
        words = {word for line in lines for word in bold(line)}
        commands = bold(tag)
        for command in commands:
            described[command] |= words
        for word in words - set().union(*(fields_of(schema, command) for command in commands)):
            yield f"the manual gives {' and '.join(commands)} a field {word}"
    for command, words in described.items():
        for name in sorted(fields_of(schema, command) - words - common):
            yield f"the manual does not describe {name} of {command}"


def main():
    what, schema_path, path = sys.argv[1:]
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    with open(path, encoding="utf-8") as file:
        if what == "manual":
            problems = list(check_manual(schema, file.read()))
        else:
            problems = list(check_answers(schema, [line for line in file if line.startswith("{")]))
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


sys.exit(main())
