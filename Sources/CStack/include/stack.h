#pragma once
#include <stdint.h>

/// The lowest address the calling thread's stack may grow to, or 0 where that cannot be known.
uintptr_t ll_stack_floor(void);
