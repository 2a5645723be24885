/* Parses a document with libxml2's SAX2 for a time and prints the nanoseconds of one
 * parsing. Without "keep" the handlers count and keep nothing; with it they keep the name
 * and type of each property and the text of each value, as strings, until the document
 * ends.
 *
 * Usage: sax FILE MILLISECONDS [keep]
 */
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long counted;

static void count_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces,
			const xmlChar **list, int attributes, int defaulted, const xmlChar **values)
{
	counted += attributes;
}

static void count_text(void *ctx, const xmlChar *characters, int length)
{
	counted += length;
}

static char **kept;
static size_t kept_count, kept_room;

static void keep(const char *text, size_t length)
{
	if (kept_count == kept_room) {
		kept_room = kept_room ? 2 * kept_room : 64;
		kept = realloc(kept, kept_room * sizeof *kept);
	}
	char *copy = malloc(length + 1);
	if (!kept || !copy)
		exit(1);
	memcpy(copy, text, length);
	copy[length] = 0;
	kept[kept_count++] = copy;
	counted++;
}

static char *value; /* the text of the open element */
static size_t value_length, value_room;

static void keep_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces,
		       const xmlChar **list, int attributes, int defaulted, const xmlChar **values)
{
	value_length = 0;
	if (strncmp((const char *)name, "PROPERTY", 8) != 0)
		return;
	for (int i = 0; i < attributes; i++)
		keep((const char *)values[5 * i + 3], values[5 * i + 4] - values[5 * i + 3]);
}

static void keep_text(void *ctx, const xmlChar *characters, int length)
{
	if (value_length + length > value_room) {
		value_room = 2 * (value_length + length);
		value = realloc(value, value_room);
		if (!value)
			exit(1);
	}
	memcpy(value + value_length, characters, length);
	value_length += length;
}

static void keep_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	if (strcmp((const char *)name, "VALUE") == 0)
		keep(value ? value : "", value_length);
	value_length = 0;
}

static void forget(void)
{
	for (size_t i = 0; i < kept_count; i++)
		free(kept[i]);
	kept_count = 0;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	FILE *f = fopen(argv[1], "rb");
	if (!f)
		return 1;
	fseek(f, 0, SEEK_END);
	long size = ftell(f);
	rewind(f);
	char *document = malloc(size);
	if (!document || fread(document, 1, size, f) != (size_t)size)
		return 1;
	xmlSAXHandler handler;
	memset(&handler, 0, sizeof handler);
	handler.initialized = XML_SAX2_MAGIC;
	handler.startElementNs = argc > 3 ? keep_start : count_start;
	handler.characters = argc > 3 ? keep_text : count_text;
	handler.endElementNs = argc > 3 ? keep_end : NULL;
	double begin = now(), limit = atof(argv[2]) * 1e6;
	long n = 0;
	do {
		if (xmlSAXUserParseMemory(&handler, NULL, document, size) != 0)
			return 1;
		forget();
		n++;
	} while (now() - begin < limit);
	printf("%.0f\n", (now() - begin) / n);
	return counted > 0 ? 0 : 1;
}
