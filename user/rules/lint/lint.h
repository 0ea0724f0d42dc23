/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings: what is insecure, ineffective or unclear in rules about SIP and in lists of entries.
 * Pure.
 *
 * A finding has a stable identifier, so that it can be disabled by it. A line that says
 * "# sipguard lint: ignore SG008 SG010" keeps these findings away from the line that follows.
 */
#ifndef SIPGUARD_USER_RULES_LINT_LINT_H
#define SIPGUARD_USER_RULES_LINT_LINT_H

#include "policy/config.h"
#include "policy/entry.h"
#include "policy/ports.h"
#include "rules/lint/lint_checks.h"
#include "rules/model/ruleset.h"
#include "rules/walk/services.h"

enum lint_severity { LINT_NOTE, LINT_WARNING, LINT_ERROR };

enum lint_id {
#define LINT_ENUMERATOR(enumerator, ...) LINT_##enumerator,
	LINT_CHECKS(LINT_ENUMERATOR)
#undef LINT_ENUMERATOR
		LINT_ID_COUNT,
};

struct lint_check {
	const char *id;	  /* "SG001" */
	const char *name; /* "open-to-all" */
	enum lint_severity severity;
	const char *summary; /* what is wrong */
	const char *help;    /* what to do */
};

extern const struct lint_check lint_checks[LINT_ID_COUNT];

/* "error", "warning", "note": also the levels of SARIF. */
const char *lint_severity_name(enum lint_severity severity);

/* LINT_ID_COUNT when there is none. */
enum lint_id lint_find_check(const char *id);

struct finding {
	enum lint_id id;
	size_t document; /* index of the text that it is about */
	struct place place;
	char *message;
};

/* A zeroed struct is empty; it owns the messages. Places borrow from the text. */
struct findings {
	struct finding *findings;
	size_t count;
	size_t allocated;
};

enum lint_format {
	LINT_IPTABLES,
	LINT_NFT,
	LINT_ANSIBLE,
	LINT_SHELL,
	LINT_LIST,
	LINT_CONFIGURATION,
	LINT_FORMAT_COUNT,
};

/* "iptables-save", "nft", "ansible", "shell", "list", "configuration". */
const char *lint_format_name(enum lint_format format);
/* LINT_FORMAT_COUNT when there is none. */
enum lint_format lint_find_format(const char *name);
/* What the text looks like. The name helps only with what could be several. */
enum lint_format lint_guess_format(const char *name, const char *text, size_t size);

struct lint_input {
	const char *name;
	const char *text; /* outlives documents and findings */
	size_t size;
	enum lint_format format;
	unsigned int policy; /* files of one declared policy have the same number; 0: of none */
};

/* A text that was read. A zeroed struct is empty. */
struct lint_document {
	struct lint_input input;
	struct ruleset rules;  /* none of a list or a configuration */
	struct config *config; /* owned; NULL: it is none */
	uint8_t families;      /* for which there are rules */
};

struct lint_question {
	struct services services;
	uint64_t expected; /* ports of these that are to be closed to strangers */
	uint8_t families;  /* of all documents together */
	int64_t now;
	const struct entry_list *former; /* of the declared lists before; NULL: not known */
	const struct prefix *locals;	 /* addresses of the host with the rules; NULL: not known */
	size_t local_count;
};

/* The ports that SIP uses unless told otherwise. UDP and SCTP on 5061 are rare: not expected. */
int lint_question_init(struct lint_question *question, const struct sg_ports *ports,
		       struct error *error);

/* -EINVAL with "NAME:LINE:COLUMN: " when it cannot be read. */
int lint_read(const struct lint_input *input, struct lint_document *document, struct error *error);
void lint_document_clear(struct lint_document *document);

/*
 * Appends the findings of document number `number`: the worst first, then by line. -EINVAL or
 * -E2BIG when it cannot be judged.
 */
int lint_document(const struct lint_document *document, const struct lint_question *question,
		  size_t number, struct findings *findings, struct error *error);

/*
 * Appends what lists and configurations say only together, whatever the order of the documents: the
 * same prefix in two lists, and what sipguard apply would refuse of a declared policy as a whole.
 */
int lint_together(const struct lint_document *const *documents, size_t count,
		  const struct lint_question *question, struct findings *findings,
		  struct error *error);

/* Of all documents: the worst first, then by document and line. */
void lint_findings_sort(struct findings *findings);
void lint_findings_clear(struct findings *findings);

/* The column in characters, as editors and SARIF count. */
size_t place_character_column(const struct place *place);

/* The log of one run in the form of SARIF 2.1.0 (OASIS); `names` are those of the files. */
json_t *lint_sarif(const struct findings *findings, const char *const *names, const char *version);

#endif
