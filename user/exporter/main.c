// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sipguard-exporter: opens what takes privilege, gives all privilege up, and serves what there is
 * to see of the guards over HTTP.
 */
#include <errno.h>
#include <getopt.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "error.h"
#include "exporter/collect.h"
#include "exporter/documents.h"
#include "exporter/drop.h"
#include "exporter/endpoint.h"
#include "exporter/host.h"
#include "exporter/routes.h"
#include "exporter/server.h"
#include "kernel/library.h"
#include "kernel/pins.h"
#include "kernel/share.h"

#define ENDPOINTS_MAX 8
#define NAMES_MAX     16

static const char default_endpoint[] = "127.0.0.1:10506";

static const char usage[] =
	"Usage: sipguard-exporter [--listen ADDRESS:PORT]... [--host NAME]... [--user NAME]\n"
	"\n"
	"Serves sipguard's metrics to Prometheus, and a page to people.\n"
	"\n"
	"  --listen ADDRESS:PORT  where to; may be repeated; 127.0.0.1:10506 unless given\n"
	"  --host NAME            a name under which it is asked, beside localhost and addresses;\n"
	"                         may be repeated\n"
	"  --user NAME            whom root becomes; sipguard unless given\n"
	"  --version, --help\n"
	"\n"
	"sipguard-exporter(8) tells the rest.\n";

struct options {
	struct endpoint endpoints[ENDPOINTS_MAX];
	size_t endpoint_count;
	const char *names[NAMES_MAX];
	size_t name_count;
	const char *user;
	bool help;
	bool version;
};

static int add_endpoint(struct options *options, const char *text, struct error *error)
{
	if (options->endpoint_count == ENDPOINTS_MAX)
		return error_set(error, EXIT_USAGE, EINVAL, "%d endpoints are the most",
				 ENDPOINTS_MAX);
	return endpoint_parse(text, &options->endpoints[options->endpoint_count++], error);
}

static int add_name(struct options *options, const char *name, struct error *error)
{
	if (options->name_count == NAMES_MAX)
		return error_set(error, EXIT_USAGE, EINVAL, "%d names are the most", NAMES_MAX);
	if (!host_is_name(name)) {
		error_set(error, EXIT_USAGE, EINVAL, "--host takes the name of a host");
		error_hint(error, "--host pbx.example.com, without a scheme or a port");
		return -EINVAL;
	}
	options->names[options->name_count++] = name;
	return 0;
}

static int usage_error(struct error *error, const char *what)
{
	error_set(error, EXIT_USAGE, EINVAL, "%s", what);
	error_hint(error, "sipguard-exporter --help");
	return -EINVAL;
}

static int read_options(int argc, char **argv, struct options *options, struct error *error)
{
	static const struct option known[] = {
		{"listen", required_argument, NULL, 'l'}, {"host", required_argument, NULL, 'n'},
		{"user", required_argument, NULL, 'u'},	  {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},	  {NULL, 0, NULL, 0},
	};
	int option, result = 0;

	opterr = 0;
	while (!result && (option = getopt_long(argc, argv, "", known, NULL)) >= 0) {
		switch (option) {
		case 'l':
			result = add_endpoint(options, optarg, error);
			break;
		case 'n':
			result = add_name(options, optarg, error);
			break;
		case 'u':
			options->user = optarg;
			break;
		case 'h':
			options->help = true;
			break;
		case 'v':
			options->version = true;
			break;
		default:
			return usage_error(error, "there is no such option, or it needs a value");
		}
	}
	if (!result && optind < argc)
		return usage_error(error, "there are options only");
	if (!result && !options->endpoint_count)
		result = add_endpoint(options, default_endpoint, error);
	return result;
}

static int report(const struct error *error)
{
	fprintf(stderr, "error: %s\n", error->message);
	if (error->hint[0])
		fprintf(stderr, "hint: %s\n", error->hint);
	return error->status;
}

static int open_sockets(struct options *options, int *sockets, struct error *error)
{
	for (size_t i = 0; i < options->endpoint_count; i++) {
		sockets[i] = server_listen(&options->endpoints[i], error);
		if (sockets[i] < 0)
			return sockets[i];
	}
	return 0;
}

/* Root stands in the directory of the pins before it gives itself up; nobody else can make it. */
static int enter_pins(struct error *error)
{
	int result;

	if (geteuid() != 0)
		return 0;
	result = pin_root_enter(error);
	if (!result)
		pins_share();
	return result;
}

static void announce(const struct options *options)
{
	char text[ENDPOINT_TEXT_SIZE];

	for (size_t i = 0; i < options->endpoint_count; i++) {
		endpoint_format(&options->endpoints[i], text);
		fprintf(stderr, "sipguard-exporter: http://%s/\n", text);
	}
}

static int run(struct options *options, struct error *error)
{
	struct site site = {.names = options->names, .name_count = options->name_count};
	int sockets[ENDPOINTS_MAX];
	int result;

	result = open_sockets(options, sockets, error);
	result = result ?: enter_pins(error);
	result = result ?: drop_privileges(options->user, error);
	if (result)
		return result;
	site.documents = documents_new();
	if (!site.documents)
		return error_system(error, ENOMEM, "cannot start");
	announce(options);
	result = server_run(sockets, options->endpoint_count, routes_answer, &site, error);
	documents_free(site.documents);
	return result;
}

/* Before anything else starts: signals are read where the server waits for requests. */
static void prepare_signals(void)
{
	sigset_t ending;

	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	sigprocmask(SIG_BLOCK, &ending, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
	struct options options = {.user = "sipguard"};
	struct error error = {};

	library_silence();
	prepare_signals();
	if (read_options(argc, argv, &options, &error))
		return report(&error);
	if (options.help) {
		fputs(usage, stdout);
		return EXIT_DONE;
	}
	if (options.version) {
		struct build build = collect_build();

		printf("sipguard-exporter %s (%s), libbpf %s, libmicrohttpd %s\n", build.version,
		       build.revision, build.libbpf, MHD_get_version());
		return EXIT_DONE;
	}
	return run(&options, &error) ? report(&error) : EXIT_DONE;
}
