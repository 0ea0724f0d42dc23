// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/terminal.h"

#include <curses.h>
#include <errno.h>
#include <unistd.h>

/* How long an escape may be on its way, in milliseconds: a slow line takes its time. */
#define ESCAPE_DELAY 100

static SCREEN *terminal;

static int no_terminal_error(struct error *error, const char *what)
{
	error_set(error, EXIT_USAGE, ENOTTY, "top needs a terminal, and %s", what);
	error_hint(error, "sipguard top --batch, or sipguard drops --follow");
	return -ENOTTY;
}

static void choose_colours(void)
{
	if (start_color() == ERR || use_default_colors() == ERR)
		return;
	init_pair(SCREEN_ALARM, COLOR_RED, -1);
}

int terminal_open(bool colour, struct error *error)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return no_terminal_error(error, "this is none");
	terminal = newterm(NULL, stdout, stdin);
	if (!terminal)
		return no_terminal_error(error, "TERM names none that is known");
	/* newterm() does not ask for it, but without it a screen cannot be drawn. */
	if (!tigetstr("cup")) {
		terminal_close();
		return no_terminal_error(error, "TERM names one whose cursor cannot be moved");
	}
	set_escdelay(ESCAPE_DELAY);
	cbreak();
	noecho();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	curs_set(0);
	if (colour)
		choose_colours();
	return 0;
}

void terminal_close(void)
{
	if (!terminal)
		return;
	/* Terminals that have one screen only go on in the last line. */
	move(getmaxy(stdscr) - 1, 0);
	clrtoeol();
	refresh();
	endwin();
	delscreen(terminal);
	terminal = NULL;
}

void terminal_size(unsigned int *lines, unsigned int *columns)
{
	*lines = (unsigned int)getmaxy(stdscr);
	*columns = (unsigned int)getmaxx(stdscr);
}

/* Each style is told apart without colours too. */
static attr_t attributes_of(enum screen_style style)
{
	switch (style) {
	case SCREEN_TITLE:
		return A_REVERSE;
	case SCREEN_HEADING:
		return A_BOLD;
	case SCREEN_DIM:
		return A_DIM;
	case SCREEN_ALARM:
		return has_colors() ? COLOR_PAIR(SCREEN_ALARM) : A_BOLD;
	default:
		return A_NORMAL;
	}
}

void terminal_draw(const struct screen *screen)
{
	erase();
	for (unsigned int line = 0; line < screen->count; line++) {
		attrset(attributes_of(screen->lines[line].style));
		mvaddstr((int)line, 0, screen->lines[line].text);
	}
	attrset(A_NORMAL);
	refresh();
}

int terminal_key(void)
{
	int key = getch();

	switch (key) {
	case ERR:
		return TERMINAL_NO_KEY;
	case KEY_LEFT:
		return TERMINAL_LEFT;
	case KEY_RIGHT:
		return TERMINAL_RIGHT;
	case KEY_RESIZE:
		return TERMINAL_RESIZED;
	default:
		return key < 256 ? key : TERMINAL_OTHER;
	}
}
