// Memory is wiped when it is freed: what a secret's value was copied to on its way is gone, from any core too, as soon
// as its request is over. Linked into the program alone: tests keep the sanitizers' own operators.
#include <malloc.h>
#include <openssl/crypto.h>

#include <cstdlib>
#include <cstring>
#include <new>

namespace {

/// The library's own operator new takes its memory from malloc, or from aligned_alloc.
void wipe_and_free(void* block, std::size_t size) {
  ::explicit_bzero(block, size);
  std::free(block);
}

// OpenSSL's own memory, too: it reads keys and certificates of secrets, and wipes only the half of what it copies.

void* allocate(std::size_t size, const char*, int) { return std::malloc(size); }

void release(void* block, const char*, int) {
  if (block != nullptr) wipe_and_free(block, ::malloc_usable_size(block));
}

void* reallocate(void* block, std::size_t size, const char* file, int line) {
  if (block == nullptr) return std::malloc(size);
  if (size == 0) {
    release(block, file, line);
    return nullptr;
  }
  const auto old_size = ::malloc_usable_size(block);
  if (size <= old_size) return block;
  void* const larger = std::malloc(size);
  if (larger == nullptr) return nullptr;
  std::memcpy(larger, block, old_size);
  release(block, file, line);
  return larger;
}

/// Before any other initializer: OpenSSL takes no other functions once it has allocated something.
[[gnu::constructor(101)]] void take_over_openssl_memory() { ::CRYPTO_set_mem_functions(allocate, reallocate, release); }

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
