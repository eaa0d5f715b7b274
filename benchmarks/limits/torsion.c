/* Elastic-plastic torsion: values by hand, the limit of the tools; its numbers are in the table. */
#include "grid_quadratic.h"

GRID_FUNCTIONS(torsion)
