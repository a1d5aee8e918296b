/* Whole blocks of bytes through pipes. */
#ifndef PIPE_H
#define PIPE_H

#include <stdbool.h>
#include <stddef.h>

/* All n bytes; false: the other side is gone, or there was an error (errno). */
bool pipe_write(int fd, const void *bytes, size_t n);
bool pipe_read(int fd, void *bytes, size_t n);

#endif
