// SPDX-License-Identifier: GPL-2.0-or-later
/* Sets of classes as runs of their numbers. */
#include <errno.h>
#include <stdlib.h>

#include "rules/walk/partition.h"

int runs_add(struct runs *runs, uint32_t first, uint32_t end, struct error *error)
{
	int result;

	if (first >= end)
		return 0;
	if (runs->count && runs->runs[runs->count - 1].end >= first) {
		if (runs->runs[runs->count - 1].end < end)
			runs->runs[runs->count - 1].end = end;
		return 0;
	}
	result = array_reserve(&runs->runs, sizeof(*runs->runs), runs->count, &runs->allocated,
			       error);
	if (!result)
		runs->runs[runs->count++] = (struct run){first, end};
	return result;
}

int runs_copy(const struct runs *from, struct runs *to, struct error *error)
{
	int result = 0;

	for (size_t i = 0; !result && i < from->count; i++)
		result = runs_add(to, from->runs[i].first, from->runs[i].end, error);
	return result;
}

/* The first run that ends behind a class, by halves. */
static size_t find(const struct runs *runs, size_t from, uint32_t class)
{
	size_t low = from, high = runs->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (runs->runs[middle].end <= class)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int runs_intersect(const struct runs *left, const struct runs *right, struct runs *common,
		   struct error *error)
{
	const struct runs *few = left->count < right->count ? left : right;
	const struct runs *many = few == left ? right : left;
	size_t at = 0;
	int result = 0;

	for (size_t i = 0; !result && i < few->count; i++) {
		const struct run *run = &few->runs[i];

		at = find(many, at, run->first);
		for (size_t j = at; !result && j < many->count && many->runs[j].first < run->end;
		     j++)
			result = runs_add(
				common,
				run->first > many->runs[j].first ? run->first : many->runs[j].first,
				run->end < many->runs[j].end ? run->end : many->runs[j].end, error);
	}
	return result;
}

int runs_complement(const struct runs *runs, uint32_t end, struct runs *rest, struct error *error)
{
	uint32_t at = 0;
	int result = 0;

	for (size_t i = 0; !result && i < runs->count; i++) {
		result = runs_add(rest, at, runs->runs[i].first, error);
		at = runs->runs[i].end;
	}
	return result ? result : runs_add(rest, at, end, error);
}

int runs_unite(const struct runs *left, const struct runs *right, struct runs *all,
	       struct error *error)
{
	size_t i = 0, j = 0;
	int result = 0;

	while (!result && (i < left->count || j < right->count)) {
		bool takes_left = j == right->count ||
				  (i < left->count && left->runs[i].first <= right->runs[j].first);
		const struct run *run = takes_left ? &left->runs[i++] : &right->runs[j++];

		result = runs_add(all, run->first, run->end, error);
	}
	return result;
}

void runs_clear(struct runs *runs)
{
	free(runs->runs);
	*runs = (struct runs){};
}
