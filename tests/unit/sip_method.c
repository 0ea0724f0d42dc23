// SPDX-License-Identifier: GPL-2.0-or-later
#include "sip/method.h"

#include <criterion/criterion.h>
#include <string.h>

static enum sip_method read_text(const char *text)
{
	return sip_method_read(&(struct sip_text){.bytes = text, .length = strlen(text)});
}

Test(sip_method, every_name_is_read_back)
{
	for (enum sip_method method = 0; method < SIP_METHOD_OTHER; method++)
		cr_assert_eq(read_text(sip_method_name(method)), method, "%s",
			     sip_method_name(method));
}

Test(sip_method, anything_else_is_another)
{
	static const char *const others[] = {"", "invite", "INVIT", "INVITED", "other", "\xff"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_assert_eq(read_text(others[i]), SIP_METHOD_OTHER, "%s", others[i]);
	cr_assert_eq(sip_method_read(&(struct sip_text){}), SIP_METHOD_OTHER);
}
