/* Not part of the interface: how the library writes a message, whose array Swift would import as a
 * tuple of 512 numbers. */
#ifndef DENJU_MESSAGE_H
#define DENJU_MESSAGE_H

#include "denju.h"

/* Writes a sentence, cut to the size of the message. */
void dj_error_write(denju_error *error, const char *message);

#endif
