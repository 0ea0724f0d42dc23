/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where lists of entries keep their labels: many short strings that are freed all at once, and that
 * copies of a list share. Pure.
 *
 * What has been added never moves or changes. Each holder has one reference, which
 * labels_release() gives back; the last one frees.
 */
#ifndef SIPGUARD_USER_POLICY_LABELS_H
#define SIPGUARD_USER_POLICY_LABELS_H

struct labels;

/* One more reference to the same. NULL is none yet, and stays so. */
struct labels *labels_share(struct labels *labels);
void labels_release(struct labels *labels);

/*
 * Adds a copy of the label, which may have any length, and makes the store where there is none.
 * NULL when memory ran out.
 */
const char *labels_add(struct labels **labels, const char *label);

#endif
