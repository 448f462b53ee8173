/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/modindex.h"

#include <errno.h>
#include <string.h>

#define INDEX_MAGIC   0xb007f457u
#define INDEX_VERSION 0x0002u /* major version, the upper half; minor versions are compatible */

#define NODE_TEXT     0x80000000u
#define NODE_VALUES   0x40000000u
#define NODE_CHILDREN 0x20000000u
#define NODE_OFFSET   0x0fffffffu

struct modindex {
	const unsigned char *data;
	size_t len, at;
};

static bool modindex_take_byte(struct modindex *ix, unsigned char *ret)
{
	if (ix->at >= ix->len)
		return false;
	*ret = ix->data[ix->at++];
	return true;
}

static bool modindex_take_number(struct modindex *ix, uint32_t *ret)
{
	uint32_t n = 0;

	if (ix->at > ix->len || ix->len - ix->at < 4)
		return false;
	for (int i = 0; i < 4; i++)
		n = n << 8 | ix->data[ix->at++];
	*ret = n;
	return true;
}

static bool modindex_take_text(struct modindex *ix, const char **ret)
{
	const unsigned char *end;

	if (ix->at >= ix->len)
		return false;
	end = memchr(ix->data + ix->at, '\0', ix->len - ix->at);
	if (!end)
		return false;
	*ret = (const char *)ix->data + ix->at;
	ix->at = (size_t)(end - ix->data) + 1;
	return true;
}

/*
 * Read a node's values, and find the one with the lowest priority number.  The number of values is
 * not checked: each value takes some bytes, so the loop ends at the end of the file at the latest.
 */
static int modindex_take_value(struct modindex *ix, const char **ret)
{
	const char *best = NULL, *text;
	uint32_t n, priority, lowest = 0;

	if (!modindex_take_number(ix, &n))
		return -EBADMSG;
	for (; n; n--) {
		if (!modindex_take_number(ix, &priority) || !modindex_take_text(ix, &text))
			return -EBADMSG;
		if (!best || priority < lowest) {
			best = text;
			lowest = priority;
		}
	}
	*ret = best;
	return best ? 0 : -ENOENT;
}

/* Find the child for `c`: *ret is its offset, or 0.  Reads all children, because values follow. */
static int modindex_take_child(struct modindex *ix, unsigned char c, uint32_t *ret)
{
	unsigned char first, last;
	uint32_t offset;

	*ret = 0;
	if (!modindex_take_byte(ix, &first) || !modindex_take_byte(ix, &last) || last < first)
		return -EBADMSG;
	for (unsigned int i = first; i <= last; i++) {
		if (!modindex_take_number(ix, &offset))
			return -EBADMSG;
		if (i == c)
			*ret = offset;
	}
	return 0;
}

/*
 * Visit *node, and move *name on by the characters that match.  Returns 1 if *ret is the value; 0
 * if *node is now the next node to visit; -ENOENT or -EBADMSG.
 */
static int modindex_step(struct modindex *ix, uint32_t *node, const char **name, const char **ret)
{
	const char *text = "";
	uint32_t next = 0;
	size_t n;
	int r = 0;

	ix->at = *node & NODE_OFFSET;
	if ((*node & NODE_TEXT) && !modindex_take_text(ix, &text))
		return -EBADMSG;
	n = strlen(text);
	if (strncmp(*name, text, n) != 0)
		return -ENOENT;
	*name += n;
	if (*node & NODE_CHILDREN)
		r = modindex_take_child(ix, (unsigned char)**name, &next);
	if (r < 0)
		return r;
	if (!**name) {
		r = *node & NODE_VALUES ? modindex_take_value(ix, ret) : -ENOENT;
		return r < 0 ? r : 1;
	}
	if (!(next & NODE_OFFSET))
		return -ENOENT;
	++*name;
	*node = next;
	return 0;
}

int modindex_find(const void *data, size_t len, const char *name, const char **ret)
{
	struct modindex ix = { data, len, 0 };
	uint32_t magic, version, node;
	int r;

	if (!modindex_take_number(&ix, &magic) || !modindex_take_number(&ix, &version) ||
	    !modindex_take_number(&ix, &node) || magic != INDEX_MAGIC ||
	    version >> 16 != INDEX_VERSION)
		return -EBADMSG;
	if (!(node & NODE_OFFSET))
		return -ENOENT;
	while ((r = modindex_step(&ix, &node, &name, ret)) == 0)
		;
	return r < 0 ? r : 0;
}
