#include <zmq.h>

/* What wakes zmq_poll from another thread; Swift's Glibc module leaves it out. */
#include <sys/eventfd.h>
