/*
 * A file for parsers that want a path: one a process, its bytes replaced by each input.
 */
#ifndef FER_FUZZ_FILE_H
#define FER_FUZZ_FILE_H

#include <stddef.h>
#include <stdint.h>

/** fuzz_file - the path of a private file that holds @data. */
const char *fuzz_file(const uint8_t *data, size_t size);

#endif
