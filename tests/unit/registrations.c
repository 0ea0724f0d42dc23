// SPDX-License-Identifier: GPL-2.0-or-later
#include "registrations/registrations.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "policy/list_file.h"
#include "registrations/review_list.h"
#include "sip/uri.h"

#define FOLDER "tests/fuzz/corpus/registrations/"

static char *read_sample(const char *name)
{
	char path[256], *text = calloc(1, 65536);
	FILE *stream;

	snprintf(path, sizeof(path), FOLDER "%s", name);
	stream = fopen(path, "r");
	cr_assert_not_null(stream, "%s", path);
	cr_assert_gt(fread(text, 1, 65535, stream), 0, "%s", path);
	fclose(stream);
	return text;
}

/* The entries of the review list that is made of a text; also the server's name. */
static size_t review(const char *text, bool contacts_received, struct entry_list *entries,
		     const char **server)
{
	struct registrations registrations = {};
	struct review_list list = {};
	struct error error;
	char *written = NULL;
	size_t size, count;
	FILE *stream = open_memstream(&written, &size);

	cr_assert_eq(registrations_read("FILE", text, strlen(text), &registrations, &error), 0,
		     "%s", error.message);
	*server = registrations.server;
	cr_assert_eq(review_list_make(&registrations, contacts_received, &list, &error), 0);
	review_list_write(stream, &list, 1800000000);
	fclose(stream);
	cr_assert_eq(list_file_parse("list", written, size, entries, &error), 0, "%s\n%s",
		     error.message, written);
	count = review_list_entries(&list);
	cr_assert_eq(count, entries->count);
	review_list_clear(&list);
	registrations_clear(&registrations);
	free(written);
	return count;
}

static const char *label_of(const struct entry_list *entries, const char *source)
{
	struct prefix prefix;
	struct error error;
	const struct entry *entry;

	cr_assert_eq(address_parse(source, &prefix, &error), 0);
	entry = entry_list_find(entries, &prefix);
	return entry ? entry->label : NULL;
}

/* Samples: `kamctl` and `kamcmd` are of a Kamailio 5.6 with two phones behind one NAT. */
Test(registrations, each_server_is_recognised_and_its_received_addresses_are_entries)
{
	static const struct {
		const char *sample, *server;
		bool contacts_received;
		size_t entries;
		const char *source, *label;
	} rows[] = {
		{"kamctl", "Kamailio", false, 1, "203.0.113.5",
		 "registered: 1001 1002, Example Phone 3 \"x\""},
		{"opensips", "OpenSIPS", false, 1, "203.0.113.5",
		 "registered: 1001, Example Phone 3"},
		{"freeswitch-json", "FreeSWITCH", false, 2, "2001:db8::20", "registered: 1001"},
		{"asterisk", "Asterisk", false, 0, NULL, NULL},
		{"asterisk", "Asterisk", true, 2, "2001:db8::20", "registered: 6002"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct entry_list entries = {};
		char *text = read_sample(rows[i].sample);
		const char *server;

		cr_expect_eq(review(text, rows[i].contacts_received, &entries, &server),
			     rows[i].entries, "%s", rows[i].sample);
		cr_expect_str_eq(server, rows[i].server);
		if (rows[i].source)
			cr_expect_str_eq(label_of(&entries, rows[i].source) ?: "none",
					 rows[i].label, "%s", rows[i].sample);
		entry_list_clear(&entries);
		free(text);
	}
}

Test(registrations, labelled_text_makes_proposals_only)
{
	static const struct {
		const char *sample, *server;
		size_t count;
	} rows[] = {
		{"kamcmd", "Kamailio", 2},
		{"opensipsctl", "OpenSIPS", 1},
		{"freeswitch", "FreeSWITCH", 2},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct registrations registrations = {};
		struct entry_list entries = {};
		char *text = read_sample(rows[i].sample);
		const char *server;
		struct error error;

		cr_assert_eq(registrations_read("FILE", text, strlen(text), &registrations, &error),
			     0);
		cr_expect_str_eq(registrations.server, rows[i].server);
		cr_expect_eq(registrations.count, rows[i].count, "%s", rows[i].sample);
		cr_expect_not_null(registrations.better);
		cr_expect_eq(review(text, true, &entries, &server), 0, "%s", rows[i].sample);
		registrations_clear(&registrations);
		entry_list_clear(&entries);
		free(text);
	}
}

/* Kamailio prints a folded User-Agent with its line breaks: each of these is a phone's own text. */
Test(registrations, a_phone_cannot_make_somebody_else_an_entry)
{
	static const char *const texts[] = {
		"{\n\tDomains: {\n\t\tAddress: sip:a@192.168.1.20\n\t\tUser-Agent: x\r\n"
		" Address: sip:b@192.168.1.21\r\n Received: sip:192.0.2.66:5060\r\n"
		" Address: sip:c@192.168.1.22\n\t\tReceived: sip:203.0.113.5:1024\n",
		"Registrations:\nCall-ID: 1\nContact: <sip:a@192.168.1.20>\nAgent: "
		"[{\"reg_user\":\"x\",\"network_ip\":\"192.0.2.66\"}]\nIP: 203.0.113.5\n",
		"Registrations:\nCall-ID: 1\nAgent: x\n  Contact:  <Aor/ContactUri\n"
		"  Contact:  x/sip:x@192.0.2.66 1 Avail 1\nContact: <sip:a@192.168.1.20>\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct entry_list entries = {};
		const char *server;

		cr_expect_eq(review(texts[i], true, &entries, &server), 0, "%zu", i);
		entry_list_clear(&entries);
	}
}

Test(registrations, a_contact_alone_and_what_is_no_peer_are_no_entries)
{
	static const char text[] =
		"[{\"AOR\":\"1\",\"Contacts\":[{\"Contact\":\"sip:1@198.51.100.66\"},"
		"{\"Contact\":\"sip:1@a.invalid;transport=ws\",\"Received\":\"sip:203.0.113.5:9\"},"
		"{\"Contact\":\"sip:1@192.0.2.1\",\"Received\":\"sip:127.0.0.1:5062\"},"
		"{\"Contact\":\"sip:1@192.0.2.2\",\"Received\":\"sip:[::ffff:203.0.113.6]:9\"},"
		"{\"Contact\":\"sip:pbx.example.net\",\"Received\":\"[not set]\"}],\"AORs\":[]}]";
	struct registrations registrations = {};
	struct entry_list entries = {};
	const char *server;
	struct error error;

	cr_assert_eq(review(text, false, &entries, &server), 2);
	cr_expect_not_null(label_of(&entries, "203.0.113.5"));
	cr_expect_not_null(label_of(&entries, "203.0.113.6"));
	cr_assert_eq(registrations_read("FILE", text, strlen(text), &registrations, &error), 0);
	cr_expect_eq(registrations.unusable, 2);
	registrations_clear(&registrations);
	entry_list_clear(&entries);
}

Test(registrations, nobody_registered_is_an_answer_and_other_text_is_an_error)
{
	static const char *const nobody[] = {
		"{\"jsonrpc\":\"2.0\",\"result\":{\"Domains\":[{\"Domain\":{\"AoRs\":[]}}]}}",
		"{\"row_count\":0}",
		"No objects found.\n\n",
		"Registrations:\n====\nTotal items returned: 0\n====\n",
	};
	static const char *const others[] = {"", "192.0.2.1\n", "{}",
					     "*filter\n:INPUT DROP [0:0]\n"};
	struct registrations registrations = {};
	struct error error;

	for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
		cr_expect_eq(registrations_read("FILE", nobody[i], strlen(nobody[i]),
						&registrations, &error),
			     0, "%zu", i);
		cr_expect_eq(registrations.count, 0);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_expect_lt(registrations_read("FILE", others[i], strlen(others[i]),
						&registrations, &error),
			     0, "%zu", i);
}

Test(registrations, the_host_of_a_uri)
{
	static const struct {
		const char *uri, *address;
	} rows[] = {
		{"sip:203.0.113.5", "203.0.113.5"},
		{"sip:1001@203.0.113.5:5060;transport=tcp", "203.0.113.5"},
		{"\"Bob\" <sips:1001@[2001:db8::1]:5061>;expires=60", "2001:db8::1"},
		{"SIP:a;b=c@203.0.113.5?x=y@198.51.100.1", "203.0.113.5"},
		{"sip:1@203.0.113.5;x=@198.51.100.1", "203.0.113.5"},
		{"sip:[::ffff:203.0.113.5]", "203.0.113.5"},
		{"sip:1001@example.net", NULL},
		{"sip:1001@203.0.113", NULL},
		{"sip:[203.0.113.5]", NULL},
		{"sip:[2001:db8::1", NULL},
		{"<sip:203.0.113.5", NULL},
		{"tel:+123", NULL},
		{"sip:", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[PREFIX_TEXT_SIZE] = "";
		struct prefix host;
		bool found = sip_uri_address(rows[i].uri, strlen(rows[i].uri), &host);

		cr_expect_eq(found, rows[i].address != NULL, "%s", rows[i].uri);
		if (found && rows[i].address) {
			address_format(&host, text);
			cr_expect_str_eq(text, rows[i].address);
		}
	}
}
