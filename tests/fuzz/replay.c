// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A fuzzer without libFuzzer: runs it once on each file named, for coverage and for debuggers. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

static int replay(const char *name)
{
	static uint8_t buf[1 << 20];
	FILE *f = fopen(name, "re");
	uint8_t *data;
	size_t n;

	if (!f) {
		perror(name);
		return 1;
	}
	n = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	data = malloc(n ? n : 1); /* its exact size, for sanitizers */
	if (!data)
		return 1;
	for (size_t i = 0; i < n; i++)
		data[i] = buf[i];
	LLVMFuzzerTestOneInput(data, n);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	int status = 0;

	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		status |= replay(argv[i]);
	return status;
}
