// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/device.h"

#include <errno.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "text/escape.h"

/*
 * linux/if_arp.h, which does not go together with net/if_arp.h: devices that carry bare IP packets.
 */
#ifndef ARPHRD_RAWIP
#define ARPHRD_RAWIP 519
#endif
#ifndef ARPHRD_NONE
#define ARPHRD_NONE 0xfffe
#endif

int device_link_layer(unsigned short type, enum sg_link_layer *link_layer)
{
	switch (type) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		*link_layer = SG_LINK_ETHERNET;
		return 0;
	case ARPHRD_NONE:
	case ARPHRD_RAWIP:
	case ARPHRD_PPP:
		*link_layer = SG_LINK_NONE;
		return 0;
	default:
		return -EAFNOSUPPORT;
	}
}

static int no_such_device(const char *name, struct error *error)
{
	char escaped[128];

	text_escape(escaped, sizeof(escaped), name, strlen(name));
	error_set(error, EXIT_ABSENT, ENODEV, "there is no device %s", escaped);
	error_hint(error, "ip -brief link");
	return -ENODEV;
}

int device_find(const char *name, struct device *device, struct error *error)
{
	cleanup_fd int channel = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct device found = {};
	struct ifreq request = {};

	if (channel < 0)
		return error_system(error, errno, "cannot ask for devices");
	if (!*name || strlen(name) >= IF_NAMESIZE)
		return no_such_device(name, error);
	strcpy(request.ifr_name, name);
	strcpy(found.name, name);

	if (ioctl(channel, SIOCGIFINDEX, &request))
		return no_such_device(name, error);
	found.index = request.ifr_ifindex;
	if (ioctl(channel, SIOCGIFMTU, &request))
		return error_system(error, errno, "cannot read the MTU of %s", name);
	found.mtu = request.ifr_mtu;
	if (ioctl(channel, SIOCGIFHWADDR, &request))
		return error_system(error, errno, "cannot read the type of %s", name);
	if (device_link_layer(request.ifr_hwaddr.sa_family, &found.link_layer)) {
		error_set(error, EXIT_SYSTEM, EAFNOSUPPORT,
			  "%s has link type %u, whose frames sipguard cannot parse", name,
			  request.ifr_hwaddr.sa_family);
		error_hint(error, "guard the device whose traffic it carries");
		return -EAFNOSUPPORT;
	}
	*device = found;
	return 0;
}
