#define _GNU_SOURCE
#include "stack.h"
#include <pthread.h>

// pthread_getattr_np is a GNU extension that Swift's module of the C library does not show.
// For the first thread it reads the whole map of the process, which grows with every mapping: asked once per thread.
uintptr_t ll_stack_floor(void) {
  static _Thread_local uintptr_t known;
  if (known) return known;
  pthread_attr_t attributes;
  void *base = 0;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  if (pthread_attr_getstack(&attributes, &base, &size) != 0) base = 0;
  pthread_attr_destroy(&attributes);
  known = (uintptr_t)base;
  return known;
}
