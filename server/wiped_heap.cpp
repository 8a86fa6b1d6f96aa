// Memory is wiped when it is freed: what a secret's value was copied to on its way is gone, from any core too, as soon
// as its request is over. Linked into the program alone: tests keep the sanitizers' own operators.
#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <new>

namespace {

/// The library's own operator new takes its memory from malloc, or from aligned_alloc.
void wipe_and_free(void* block, std::size_t size) {
  ::explicit_bzero(block, size);
  std::free(block);
}

}  // namespace

void operator delete(void* block) noexcept {
  if (block != nullptr) wipe_and_free(block, ::malloc_usable_size(block));
}
void operator delete(void* block, std::size_t size) noexcept {
  if (block != nullptr) wipe_and_free(block, size);
}
void operator delete[](void* block) noexcept { operator delete(block); }
void operator delete[](void* block, std::size_t) noexcept { operator delete(block); }
void operator delete(void* block, std::align_val_t) noexcept { operator delete(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { operator delete(block); }
void operator delete[](void* block, std::align_val_t) noexcept { operator delete(block); }
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept { operator delete(block); }
