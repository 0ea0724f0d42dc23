// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cable tun|tap NAMESPACE DEVICE NAMESPACE DEVICE
 *
 * Two tun or tap devices, each in a network namespace of `ip netns`, with a cable between them:
 * what one sends the other receives. They live as long as the program, which prints "up" when both
 * are there.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int fail(const char *what)
{
	fprintf(stderr, "cable: %s: %s\n", what, strerror(errno));
	return -1;
}

static int enter(const char *namespace)
{
	char path[256];
	int file;

	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || setns(file, CLONE_NEWNET))
		return fail(path);
	close(file);
	return 0;
}

static int open_end(const char *kind, const char *namespace, const char *name)
{
	int end, flags = strcmp(kind, "tap") == 0 ? IFF_TAP : IFF_TUN;
	struct ifreq request = {};

	if (enter(namespace))
		return -1;
	request.ifr_flags = (short)(flags | IFF_NO_PI);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	end = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (end < 0 || ioctl(end, TUNSETIFF, &request))
		return fail(name);
	return end;
}

/* A frame that a device which is down does not take is lost, as on any cable. */
static void carry(int from, int to)
{
	char frame[65536];
	ssize_t size = read(from, frame, sizeof(frame));

	if (size > 0 && write(to, frame, (size_t)size) < 0 && errno != EIO)
		fail("write");
}

int main(int count, char **words)
{
	struct pollfd ends[2] = {{.events = POLLIN}, {.events = POLLIN}};

	if (count != 6) {
		fputs("usage: cable tun|tap NAMESPACE DEVICE NAMESPACE DEVICE\n", stderr);
		return 2;
	}
	for (int i = 0; i < 2; i++) {
		ends[i].fd = open_end(words[1], words[2 + 2 * i], words[3 + 2 * i]);
		if (ends[i].fd < 0)
			return 1;
	}
	puts("up");
	fflush(stdout);
	while (poll(ends, 2, -1) >= 0) {
		for (int i = 0; i < 2; i++) {
			if (ends[i].revents)
				carry(ends[i].fd, ends[1 - i].fd);
		}
	}
	return 1;
}
