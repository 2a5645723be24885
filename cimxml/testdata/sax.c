/* Parses a document with libxml2's SAX2 for a time and prints the nanoseconds of one
 * parsing. The handlers count and keep nothing.
 *
 * Usage: sax FILE MILLISECONDS
 */
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long counted;

static void start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces,
		  const xmlChar **list, int attributes, int defaulted, const xmlChar **values)
{
	counted += attributes;
}

static void text(void *ctx, const xmlChar *characters, int length)
{
	counted += length;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv)
{
	if (argc != 3)
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
	handler.startElementNs = start;
	handler.characters = text;
	double begin = now(), limit = atof(argv[2]) * 1e6;
	long n = 0;
	do {
		if (xmlSAXUserParseMemory(&handler, NULL, document, size) != 0)
			return 1;
		n++;
	} while (now() - begin < limit);
	printf("%.0f\n", (now() - begin) / n);
	return counted > 0 ? 0 : 1;
}
