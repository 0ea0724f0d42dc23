// SPDX-License-Identifier: GPL-2.0-or-later
#include "sip/message.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

/* As svmap of sipvicious sends it. */
static const char scan[] = "OPTIONS sip:100@198.51.100.1 SIP/2.0\r\n"
			   "Via: SIP/2.0/UDP 198.51.100.66:5060;branch=z9hG4bK-2386716226;rport\r\n"
			   "Max-Forwards: 70\r\n"
			   "To: \"sipvicious\"<sip:100@1.1.1.1>\r\n"
			   "From: \"sipvicious\"<sip:101@1.1.1.1>;tag=6336333\r\n"
			   "User-Agent: friendly-scanner\r\n"
			   "Call-ID: 840463838186714203911862\r\n"
			   "Contact: sip:102@198.51.100.66:5060\r\n"
			   "CSeq: 1 OPTIONS\r\n"
			   "Accept: application/sdp\r\n"
			   "Content-Length: 0\r\n\r\n";

/* In the manner of RFC 4475, section 3.1.1.1: everything the grammar allows and nobody expects. */
static const char tortuous[] =
	"\r\n\n"
	"INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\n"
	"TO :\n"
	" sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\n"
	"f   : \"J Rosenberg \\\\\\\" <sip:no@x>\"       <sip:jdrosen@example.com>\r\n"
	"  ;\n"
	"  tag = 98asjd8\n"
	"Max-Forwards: 0068\n"
	"i: wsinv.ndaksdj@192.0.2.1\n"
	"uSER-aGENT\t:  Softphone\r\n"
	"\tBeta1.5 \n"
	"User-Agent: the second\n"
	"server:\n"
	"NewFangledHeader:   newfangled value\n"
	" continued newfangled value\n"
	"m:\"Quoted string \\\"\\\"\" <sip:jdrosen:secret@example.com> ; newparam=1\n"
	"\n"
	"User-Agent: in the body\n";

static bool equals(const struct sip_text *text, const char *wanted)
{
	return text->bytes && text->length == strlen(wanted) &&
	       !memcmp(text->bytes, wanted, text->length);
}

static bool unfolds_to(const struct sip_text *text, const char *wanted)
{
	char out[128];
	size_t length = sip_unfold(text, out, sizeof(out));

	return length == strlen(wanted) && !memcmp(out, wanted, length);
}

static bool user_is(const struct sip_text *address, const char *wanted)
{
	struct sip_text user = sip_user(address);

	return equals(&user, wanted);
}

static struct sip_message parsed(const char *text)
{
	struct sip_message message;

	cr_assert(sip_parse(text, strlen(text), &message), "%s", text);
	return message;
}

Test(sip_message, a_scan_is_read)
{
	struct sip_message message = parsed(scan);

	cr_assert_eq(message.kind, SIP_REQUEST);
	cr_assert(equals(&message.method, "OPTIONS"));
	cr_assert(equals(&message.uri, "sip:100@198.51.100.1"));
	cr_assert(equals(&message.headers[SIP_USER_AGENT], "friendly-scanner"));
	cr_assert(equals(&message.headers[SIP_CALL_ID], "840463838186714203911862"));
	cr_assert_null(message.headers[SIP_SERVER].bytes);
	cr_assert(user_is(&message.uri, "100"));
	cr_assert(user_is(&message.headers[SIP_TO], "100"));
	cr_assert(user_is(&message.headers[SIP_FROM], "101"));
	cr_assert(user_is(&message.headers[SIP_CONTACT], "102"));
	cr_assert_not(message.cut);
}

Test(sip_message, compact_folded_and_spaced_headers_are_read)
{
	struct sip_message message = parsed(tortuous);

	cr_assert(equals(&message.uri, "sip:vivekg@chair-dnrc.example.com;unknownparam"));
	cr_assert(user_is(&message.headers[SIP_TO], "vivekg"));
	cr_assert(user_is(&message.headers[SIP_FROM], "jdrosen"));
	cr_assert(user_is(&message.headers[SIP_CONTACT], "jdrosen"));
	cr_assert(equals(&message.headers[SIP_CALL_ID], "wsinv.ndaksdj@192.0.2.1"));
	cr_assert(unfolds_to(&message.headers[SIP_USER_AGENT], "Softphone Beta1.5"));
	cr_assert(equals(&message.headers[SIP_SERVER], ""));
	cr_assert_not(message.cut);
}

Test(sip_message, a_response_has_a_status)
{
	struct sip_message message = parsed("SIP/2.0 404 Not Found\r\nServer: kamailio\r\n\r\n");

	cr_assert_eq(message.kind, SIP_RESPONSE);
	cr_assert_eq(message.status, 404);
	cr_assert(equals(&message.headers[SIP_SERVER], "kamailio"));
	cr_assert_null(message.method.bytes);
	cr_assert_eq(parsed("sip/2.0 200\n\n").status, 200);
	cr_assert_eq(parsed("SIP/2.0 40").status, 0);
	cr_assert_eq(parsed("SIP/").kind, SIP_RESPONSE);
}

Test(sip_message, sloppy_request_lines_are_read)
{
	struct sip_message message = parsed("register  sip:a b;c  SIP/7.x \n\n");

	cr_assert(equals(&message.method, "register"));
	cr_assert(equals(&message.uri, "sip:a b;c"));
	message = parsed("NEW-method.1 <sip:x@y> sip/2.0\n");
	cr_assert(equals(&message.method, "NEW-method.1"));
	cr_assert(user_is(&message.uri, "x"));
	cr_assert(message.cut);
	cr_assert_null(parsed("OPTIONS SIP/2.0\r\n\r\n").uri.bytes);
}

Test(sip_message, what_is_no_sip_is_refused)
{
	static const char *const texts[] = {
		"",
		"\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"\x16\x03\x01\x02",
		"hello wor",
		"OPTIONS sip:100@192.0.2.1\r\n\r\n",
		"OPT(ONS sip:100@192.0.2.1 SIP/2.0\r\n\r\n",
		"SIP/2.0\r\n\r\n",
		"SIP/2.0 4x4 Not Found\r\n\r\n",
		"SIP/2.0 1000 Many\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct sip_message message = {.kind = SIP_REQUEST};

		cr_assert_not(sip_parse(texts[i], strlen(texts[i]), &message), "%s", texts[i]);
		cr_assert_eq(message.kind, SIP_NONE);
		cr_assert_null(message.headers[SIP_FROM].bytes);
	}
}

Test(sip_message, what_is_cut_is_said)
{
	struct sip_message message = parsed("REGISTER sip:exa");

	cr_assert(equals(&message.uri, "sip:exa"));
	cr_assert(message.uri.cut);
	cr_assert_not(message.method.cut);
	message = parsed("REGISTER");
	cr_assert(message.method.cut);
	cr_assert_null(message.uri.bytes);
	message = parsed("REGISTER sip:example.com SIP/2.0\r\nUser-Agent: friendly-sc");
	cr_assert(message.headers[SIP_USER_AGENT].cut);
	cr_assert_not(message.uri.cut);
	cr_assert(message.cut);
}

Test(sip_message, users_of_addresses)
{
	static const struct {
		const char *address;
		const char *user; /* NULL: none */
	} cases[] = {
		{"sip:100@192.0.2.1", "100"},
		{"<sip:100@192.0.2.1>;tag=x", "100"},
		{"<SIPS:a;b=c:secret@192.0.2.1>", "a;b=c"},
		{"\"a <sip:no@x> \\\" b\" <sip:yes@x>", "yes"},
		{"Bob <tel:+4930123456;phone-context=x>", "+4930123456"},
		{"<sip:@x>", ""},
		{"sip:192.0.2.1;tag=a@b", NULL},
		{"<sip:192.0.2.1>", NULL},
		{"<mailto:a@b>", NULL},
		{"*", NULL},
		{"", NULL},
		{"\"never closed <sip:a@b>", NULL},
		{"<<<<", NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sip_text address = {cases[i].address, strlen(cases[i].address), false};
		struct sip_text user = sip_user(&address);

		if (cases[i].user)
			cr_assert(equals(&user, cases[i].user), "%s", cases[i].address);
		else
			cr_assert_null(user.bytes, "%s", cases[i].address);
	}
}

Test(sip_message, unfolding_keeps_blanks_that_fold_nothing)
{
	static const char folded[] = "a  b \r\n\t c\rd";
	struct sip_text text = {folded, strlen(folded), false};
	char out[4];

	cr_assert(unfolds_to(&text, "a  b c\rd"));
	cr_assert_eq(sip_unfold(&text, out, sizeof(out)), sizeof(out));
	cr_assert_eq(memcmp(out, "a  b", 4), 0);
}

/* Copies to the heap without a terminator, so that the sanitizer sees a step too far. */
static bool parse_exactly(const char *text, size_t size, struct sip_message *message,
			  unsigned int *found)
{
	char *copy = malloc(size ? size : 1);
	bool read;

	memcpy(copy, text, size);
	read = sip_parse(copy, size, message);
	for (unsigned int header = 0; header < SIP_HEADER_COUNT; header++) {
		const struct sip_text *value = &message->headers[header];

		sip_user(value);
		*found += value->bytes != NULL;
		if (value->bytes)
			cr_assert(value->bytes >= copy &&
				  value->bytes + value->length <= copy + size);
	}
	free(copy);
	return read;
}

Test(sip_message, cut_at_every_length_it_shows_what_is_there)
{
	unsigned int before = 0;

	for (size_t size = 3; size <= strlen(scan); size++) {
		struct sip_message message;
		unsigned int found = 0;
		bool read = parse_exactly(scan, size, &message, &found);

		/* "OPT" is no method that is known. */
		cr_assert_eq(read, size >= strlen("OPTIONS"));
		cr_assert_geq(found, before);
		cr_assert_eq(read && !message.cut, size == strlen(scan));
		before = found;
	}
	cr_assert_eq(before, 7);
}

Test(sip_message, mutations_never_do_harm)
{
	struct random random = {8};
	unsigned int read = 0, found = 0;

	for (int i = 0; i < 20000; i++) {
		char text[sizeof(tortuous)];
		struct sip_message message;

		memcpy(text, tortuous, sizeof(text));
		for (int flips = 0; flips < 4; flips++)
			text[random_below(&random, sizeof(text) - 1)] = (char)random_next(&random);
		read += parse_exactly(text, sizeof(text) - 1, &message, &found);
	}
	cr_assert_gt(read, 10000);
	cr_assert_gt(found, 50000);
}
