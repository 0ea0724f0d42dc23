// SPDX-License-Identifier: GPL-2.0-or-later
#include "exporter/assets.h"

#include <string.h>

/* The assembler reads the file; the path is taken from the top of the source. */
#define EMBED(symbol, file) \
	__asm__(".section .rodata\n" \
		"embedded_" #symbol ": .incbin \"user/exporter/page/" file "\"\n" \
		"embedded_" #symbol "_end: .byte 0\n" \
		".previous\n"); \
	extern const char embedded_##symbol[], embedded_##symbol##_end[]

EMBED(html, "index.html");
EMBED(css, "page.css");
EMBED(page, "page.js");
EMBED(chart, "chart.js");
EMBED(rates, "rates.js");
EMBED(icon, "icon.svg");

const struct asset asset_page = {
	"/",
	"text/html; charset=utf-8",
	embedded_html,
	embedded_html_end,
};

#define TYPE_CSS    "text/css; charset=utf-8"
#define TYPE_SCRIPT "text/javascript; charset=utf-8"

static const struct asset assets[] = {
	{"/page.css", TYPE_CSS, embedded_css, embedded_css_end},
	{"/page.js", TYPE_SCRIPT, embedded_page, embedded_page_end},
	{"/chart.js", TYPE_SCRIPT, embedded_chart, embedded_chart_end},
	{"/rates.js", TYPE_SCRIPT, embedded_rates, embedded_rates_end},
	{"/icon.svg", "image/svg+xml", embedded_icon, embedded_icon_end},
};

const struct asset *asset_find(const char *path)
{
	for (size_t i = 0; i < sizeof(assets) / sizeof(assets[0]); i++) {
		if (!strcmp(assets[i].path, path))
			return &assets[i];
	}
	return NULL;
}
