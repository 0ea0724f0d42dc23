// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics/families.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/json.h"
#include "metrics/page.h"

static const struct build build = {"1.2.3", "abcdef", "1.1"};

static struct snapshot_guard guards[] = {
	{.device = "eth0", .native = true, .enforces = true, .created = 1700000000042},
	{.device = "wan\"\\\n\x1b\xff<&>", .samples_lost = 7},
};

static struct snapshot sample(void)
{
	return (struct snapshot){
		.guards = guards,
		.guard_count = 2,
		.entries4 = 12,
		.entries6 = 3,
		.capacity = 4194304,
		.last_apply_success = 1801418430,
		.last_apply_successful = true,
	};
}

static void count(struct snapshot_guard *guard, uint32_t verdict, uint32_t family,
		  uint32_t protocol, uint32_t reason, uint64_t packets)
{
	guard->counters[sg_counter_index(verdict, family, protocol, reason)] =
		(struct sg_counter){packets, 100 * packets};
}

/* The caller frees it. */
static char *write_metrics(const struct snapshot *snapshot, enum exposition_format format)
{
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	families_write(stream, format, snapshot, &build);
	fclose(stream);
	return text;
}

static size_t lines_with(const char *text, const char *part)
{
	size_t lines = 0;

	for (; (text = strstr(text, part)); text++)
		lines++;
	return lines;
}

static void has_line(const char *text, const char *line)
{
	const char *at = strstr(text, line);
	size_t length = strlen(line);

	cr_assert(at && (at == text || at[-1] == '\n') && at[length] == '\n', "no line %s in %s",
		  line, text);
}

Test(metrics, every_series_of_a_device_is_there_from_the_start)
{
	struct snapshot snapshot = sample();
	char *text = write_metrics(&snapshot, EXPOSITION_TEXT);

	cr_assert_eq(lines_with(text, "sipguard_packets_total{device=\"eth0\""), 80);
	cr_assert_eq(lines_with(text, "sipguard_bytes_total{device=\"eth0\""), 80);
	has_line(text, "sipguard_packets_total{device=\"eth0\",family=\"ipv6\",protocol=\"udp\","
		       "verdict=\"would_drop\",reason=\"not_allowed\"} 0");
	has_line(text, "sipguard_attached{device=\"eth0\",mode=\"native\"} 1");
	has_line(text, "sipguard_attached{device=\"eth0\",mode=\"generic\"} 0");
	has_line(text, "sipguard_enforcing{device=\"eth0\"} 1");
	has_line(text, "sipguard_guard_changed{device=\"eth0\",change=\"channels\"} 0");
	cr_assert_eq(lines_with(text, "sipguard_guard_changed{device=\"eth0\""), CHANGE_COUNT);
	has_line(text, "sipguard_drop_samples_lost_total{device=\"eth0\"} 0");
	free(text);
}

Test(metrics, a_change_is_1)
{
	struct snapshot snapshot = sample();
	char *text;

	strcpy(guards[0].changes.what[CHANGE_PORTS], "eth2 is new");
	text = write_metrics(&snapshot, EXPOSITION_TEXT);
	has_line(text, "sipguard_guard_changed{device=\"eth0\",change=\"ports\"} 1");
	has_line(text, "sipguard_guard_changed{device=\"eth0\",change=\"mtu\"} 0");
	free(text);
}

Test(metrics, a_guard_that_is_missing_is_expected_all_the_same)
{
	struct guard_wish wishes[] = {
		{"eth0", true, SG_MODE_ENFORCE, ATTACH_NATIVE, WISH_TYPED},
		{"tun0", true, SG_MODE_MONITOR, ATTACH_GENERIC, WISH_DECLARED},
		{"tun1", false, SG_MODE_ENFORCE, ATTACH_NATIVE, WISH_TYPED},
	};
	struct snapshot snapshot = sample();
	char *text;

	snapshot.expected = (struct guard_wishes){wishes, 3};
	text = write_metrics(&snapshot, EXPOSITION_TEXT);
	has_line(text, "sipguard_guard_expected{device=\"eth0\"} 1");
	has_line(text, "sipguard_guard_expected{device=\"tun0\"} 1");
	has_line(text, "sipguard_guard_expected_enforcing{device=\"eth0\"} 1");
	has_line(text, "sipguard_guard_expected_enforcing{device=\"tun0\"} 0");
	cr_assert_null(strstr(text, "tun1"));
	has_line(text, "sipguard_confirmation_pending 0");
	has_line(text, "sipguard_confirmation_missed 0");
	free(text);
}

Test(metrics, what_waits_for_a_confirmation_is_told)
{
	struct snapshot_guard waiting[] = {
		{.device = "eth0", .native = true, .confirmation = CONFIRMATION_PENDING},
	};
	struct snapshot snapshot = {
		.guards = waiting,
		.guard_count = 1,
		.list_confirmation = CONFIRMATION_MISSED,
	};
	char *text = write_metrics(&snapshot, EXPOSITION_TEXT);

	has_line(text, "sipguard_confirmation_pending 1");
	has_line(text, "sipguard_confirmation_missed 1");
	free(text);
}

Test(metrics, without_a_guard_the_rest_is_there)
{
	struct snapshot snapshot = {.last_apply_successful = true};
	char *text = write_metrics(&snapshot, EXPOSITION_TEXT);

	has_line(text, "sipguard_allowlist_entries{family=\"ipv4\"} 0");
	has_line(text, "sipguard_policy_last_apply_success_timestamp_seconds 0");
	has_line(text, "sipguard_policy_last_apply_successful 1");
	has_line(text,
		 "sipguard_build_info{version=\"1.2.3\",revision=\"abcdef\",libbpf=\"1.1\"} 1");
	has_line(text, "# TYPE sipguard_build_info gauge");
	cr_assert_null(strstr(text, "{device="));
	free(text);
}

Test(metrics, large_numbers_stay_integers)
{
	struct snapshot snapshot = sample();
	char *text;

	count(&guards[0], SG_VERDICT_DROP, SG_FAMILY_IPV4, SG_PROTOCOL_UDP, SG_REASON_NOT_ALLOWED,
	      184467440737095516);
	text = write_metrics(&snapshot, EXPOSITION_TEXT);
	has_line(text, "sipguard_packets_total{device=\"eth0\",family=\"ipv4\",protocol=\"udp\","
		       "verdict=\"drop\",reason=\"not_allowed\"} 184467440737095516");
	has_line(text, "sipguard_bytes_total{device=\"eth0\",family=\"ipv4\",protocol=\"udp\","
		       "verdict=\"drop\",reason=\"not_allowed\"} 18446744073709551600");
	free(text);
}

Test(metrics, a_cell_that_should_not_occur_is_told_when_it_has_counted)
{
	struct snapshot snapshot = sample();
	char *text;

	count(&guards[0], SG_VERDICT_DROP, SG_FAMILY_NONE, SG_PROTOCOL_SCTP, SG_REASON_DENIED, 1);
	text = write_metrics(&snapshot, EXPOSITION_TEXT);
	cr_assert_eq(lines_with(text, "sipguard_packets_total{device=\"eth0\""), 81);
	free(text);
}

Test(metrics, any_device_name_is_a_label_of_printable_text)
{
	static const char label[] =
		"sipguard_enforcing{device=\"wan\\\"\\\\\\\\\\\\n\\\\x1b\\\\xff<&>\"} 0";
	struct snapshot snapshot = sample();
	char *text = write_metrics(&snapshot, EXPOSITION_TEXT);

	has_line(text, label);
	free(text);
}

Test(metrics, open_metrics_name_families_without_suffix_and_tell_since_when)
{
	struct snapshot snapshot = sample();
	char *text = write_metrics(&snapshot, EXPOSITION_OPENMETRICS);

	has_line(text, "# TYPE sipguard_packets counter");
	has_line(text, "# UNIT sipguard_bytes bytes");
	has_line(text, "# TYPE sipguard_build info");
	has_line(text, "sipguard_drop_samples_lost_total{device=\"eth0\"} 0\n"
		       "sipguard_drop_samples_lost_created{device=\"eth0\"} 1700000000.042");
	cr_assert_str_eq(text + strlen(text) - 6, "# EOF\n");
	cr_assert_eq(lines_with(text, "# EOF"), 1);
	free(text);
}

Test(metrics, what_could_not_be_read_has_no_sample)
{
	struct snapshot snapshot = sample();
	char *text;

	error_set(&snapshot.problems[SNAPSHOT_POLICY], EXIT_SYSTEM, EPROTO, "another version");
	error_set(&snapshot.problems[SNAPSHOT_LAST_APPLY], EXIT_SYSTEM, EBADMSG, "damaged");
	text = write_metrics(&snapshot, EXPOSITION_TEXT);
	has_line(text, "sipguard_collector_success{collector=\"guards\"} 1");
	has_line(text, "sipguard_collector_success{collector=\"policy\"} 0");
	cr_assert_eq(lines_with(text, "\nsipguard_allowlist_entries{"), 0);
	cr_assert_eq(lines_with(text, "\nsipguard_policy_last_apply"), 0);
	free(text);
}

Test(metrics, json_adds_up_what_has_the_same_reason)
{
	struct snapshot snapshot = sample();
	json_t *json, *reasons;

	count(&guards[0], SG_VERDICT_PASS, SG_FAMILY_IPV4, SG_PROTOCOL_UDP, SG_REASON_ALLOWED, 40);
	count(&guards[0], SG_VERDICT_PASS, SG_FAMILY_IPV6, SG_PROTOCOL_TCP, SG_REASON_ALLOWED, 2);
	json = snapshot_json(&snapshot);
	reasons = json_array_get(json_object_get(json, "guards"), 0);
	cr_assert_str_eq(json_string_value(json_object_get(reasons, "attached")), "native");
	reasons = json_object_get(json_object_get(reasons, "packets"), "pass");
	cr_assert_eq(json_integer_value(json_object_get(reasons, "allowed")), 42);
	cr_assert(json_is_null(
		json_object_get(json_array_get(json_object_get(json, "guards"), 1), "attached")));
	json_decref(json);
}

/* The caller frees it. */
static char *write_page(const struct snapshot *snapshot, const char *template)
{
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	page_write(stream, template, strlen(template), snapshot, &build, "<host>");
	fclose(stream);
	return text;
}

static void page_is(const struct snapshot *snapshot, const char *template, const char *wanted)
{
	char *text = write_page(snapshot, template);

	cr_assert_str_eq(text, wanted);
	free(text);
}

Test(page, marks_are_replaced_and_the_rest_is_kept)
{
	struct snapshot snapshot = {.last_apply_successful = true};

	page_is(&snapshot, "{{host}}-{{version}}", "&#60;host&#62;-1.2.3");
	page_is(&snapshot, "a {{nothing}} {{", "a {{nothing}} {{");
	page_is(&snapshot, "", "");
}

Test(page, the_headline_is_the_worst_there_is_to_say)
{
	struct snapshot_guard two[] = {
		{.device = "eth0", .native = true, .enforces = true},
		{.device = "eth1", .generic = true, .enforces = true},
	};
	struct snapshot snapshot = {.guards = two, .guard_count = 2};

	page_is(&snapshot, "{{headline}}|{{tone}}", "2 devices are guarded|good");
	two[0].enforces = false;
	page_is(&snapshot, "{{headline}}|{{tone}}", "eth1 is guarded, eth0 is only watched|watch");
	two[1].enforces = false;
	page_is(&snapshot, "{{headline}}", "2 devices are watched, and nothing is dropped");
	snapshot.guard_count = 1;
	page_is(&snapshot, "{{headline}}", "eth0 is watched, and nothing is dropped");
	snapshot.guard_count = 2;
	two[1].generic = false;
	page_is(&snapshot, "{{headline}}|{{tone}}", "eth1 is not guarded here|bad");
	snapshot.guard_count = 0;
	page_is(&snapshot, "{{headline}}|{{tone}}", "No device is guarded|bad");
	error_set(&snapshot.problems[SNAPSHOT_GUARDS], EXIT_PRIVILEGE, EACCES, "no <right>");
	page_is(&snapshot, "{{headline}}|{{problems}}",
		"The guards cannot be read|<li><strong>guards</strong> no &#60;right&#62; "
		"<span class=\"help\"></span></li>\n");
}

Test(page, nothing_of_a_device_name_becomes_markup)
{
	struct snapshot snapshot = sample();
	char *text = write_page(&snapshot, "{{guards}}");

	cr_assert_null(strstr(text, "<&>"));
	cr_assert_null(strchr(text, '\x1b'));
	cr_assert_not_null(strstr(text, "<h2>wan&#34;"));
	free(text);
}
