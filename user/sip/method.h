/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The methods of SIP requests, from IANA's registry of Session Initiation Protocol parameters.
 * Pure. */
#ifndef SIPGUARD_USER_SIP_METHOD_H
#define SIPGUARD_USER_SIP_METHOD_H

#include <stdint.h>

#include "sip/message.h"

enum sip_method {
	SIP_METHOD_INVITE,
	SIP_METHOD_ACK,
	SIP_METHOD_PRACK,
	SIP_METHOD_UPDATE,
	SIP_METHOD_BYE,
	SIP_METHOD_CANCEL,
	SIP_METHOD_REGISTER,
	SIP_METHOD_OPTIONS,
	SIP_METHOD_SUBSCRIBE,
	SIP_METHOD_NOTIFY,
	SIP_METHOD_PUBLISH,
	SIP_METHOD_INFO,
	SIP_METHOD_REFER,
	SIP_METHOD_MESSAGE,
	SIP_METHOD_OTHER,
	SIP_METHOD_COUNT,
};

/* Of a set of methods. */
#define SIP_METHOD_BIT(method) (1U << (method))

/* Of the text of a request; methods are case-sensitive (RFC 3261, section 7.1). */
enum sip_method sip_method_read(const struct sip_text *text);

/* "INVITE"; "other" for SIP_METHOD_OTHER. */
const char *sip_method_name(enum sip_method method);

#endif
