#pragma once
#include <cblas.h>
/* Not in every distribution's cblas.h; part of OpenBLAS's stable interface. */
extern char *openblas_get_corename(void);
extern char *openblas_get_config(void);
extern void openblas_set_num_threads(int);
