#include <zmq.h>

/* What wakes zmq_poll from another thread; Swift's Glibc module leaves it out. */
#include <sys/eventfd.h>

/* Programs that choose the listener of a shared port. */
#include <linux/filter.h>
