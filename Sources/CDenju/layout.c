// Checks that the structures keep the layout of ABI version 1, and writes messages for Swift.
#include "denju.h"

#include <stdio.h>

#include "denju_message.h"

_Static_assert(sizeof(denju_error) == 512, "denju_error");
_Static_assert(sizeof(denju_field) == 48 && offsetof(denju_field, offset) == 40, "denju_field");
_Static_assert(
    sizeof(denju_options) == 32 && offsetof(denju_options, recentre_tiles) == 28, "denju_options");
_Static_assert(
    sizeof(denju_outputs) == 48 && offsetof(denju_outputs, features) == 40, "denju_outputs");

void dj_error_write(denju_error *error, const char *message) {
    // A sentence that is cut short may end within a character: drop the rest of that character.
    int written = snprintf(error->message, sizeof error->message, "%s", message);
    if (written < (int)sizeof error->message) return;
    size_t end = sizeof error->message - 1;
    while (end > 0 && (error->message[end - 1] & 0xC0) == 0x80) --end;
    if (end > 0 && (error->message[end - 1] & 0x80) != 0) --end;
    error->message[end] = 0;
}
