/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What somebody who is not root may read of the pins: the group `sipguard`, where there is one, may
 * read the settings, the counters and the state of each guard. Links, and all that policy is made
 * of, stay root's: whoever can open a link can detach it.
 */
#ifndef SIPGUARD_USER_KERNEL_SHARE_H
#define SIPGUARD_USER_KERNEL_SHARE_H

/*
 * Gives the group its rights to everything that is pinned now. Where that fails, for want of the
 * group or of CAP_CHOWN, the pins stay as they are: a guard does not depend on it.
 */
void pins_share(void);

#endif
