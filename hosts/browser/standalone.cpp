// What the C++ run-time library would otherwise fetch from WASI: allocation, aborting and the stack guard.
#include <__verbose_abort>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "hosts/browser/imports.h"

// 128-bit division is compiled with a stack guard.
extern "C" {
std::uintptr_t __stack_chk_guard = 0x5bd1e995U;
[[noreturn]] void __stack_chk_fail() { __builtin_trap(); }

// abort() of wasi-libc writes to a file first; a trap arrives in JavaScript as RuntimeError.
void abort() { __builtin_trap(); }
// The message of the C++ run-time library goes to stderr, which is not there.
[[noreturn]] void __abort_message(const char*, ...) { __builtin_trap(); }
}

void std::__libcpp_verbose_abort(const char*, ...) noexcept { __builtin_trap(); }

namespace {

/// Rows are counted against the run's limit, which is an error; this is what remains when everything else is full.
[[noreturn]] void endWithoutMemory() {
  constexpr char kWhy[] = "it has no memory left; give the run a lower memory limit, or run it on a server";
  weirFault(kWhy, sizeof kWhy - 1);
  __builtin_trap();
}

void* allocate(std::size_t sizeBytes) {
  void* bytes = std::malloc(sizeBytes == 0 ? 1 : sizeBytes);
  if (bytes == nullptr) endWithoutMemory();
  return bytes;
}

void* allocateAligned(std::size_t sizeBytes, std::align_val_t alignment) {
  const auto align = static_cast<std::size_t>(alignment);
  void* bytes = std::aligned_alloc(align, (sizeBytes + align - 1) / align * align);
  if (bytes == nullptr) endWithoutMemory();
  return bytes;
}

}  // namespace

void* operator new(std::size_t sizeBytes) { return allocate(sizeBytes); }
void* operator new[](std::size_t sizeBytes) { return allocate(sizeBytes); }
void* operator new(std::size_t sizeBytes, const std::nothrow_t&) noexcept {
  return std::malloc(sizeBytes == 0 ? 1 : sizeBytes);
}
void* operator new[](std::size_t sizeBytes, const std::nothrow_t&) noexcept {
  return std::malloc(sizeBytes == 0 ? 1 : sizeBytes);
}
void* operator new(std::size_t sizeBytes, std::align_val_t alignment) { return allocateAligned(sizeBytes, alignment); }
void* operator new[](std::size_t sizeBytes, std::align_val_t alignment) {
  return allocateAligned(sizeBytes, alignment);
}
void* operator new(std::size_t sizeBytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  const auto align = static_cast<std::size_t>(alignment);
  return std::aligned_alloc(align, (sizeBytes + align - 1) / align * align);
}
void operator delete(void* bytes) noexcept { std::free(bytes); }
void operator delete[](void* bytes) noexcept { std::free(bytes); }
void operator delete(void* bytes, std::size_t) noexcept { std::free(bytes); }
void operator delete[](void* bytes, std::size_t) noexcept { std::free(bytes); }
void operator delete(void* bytes, std::align_val_t) noexcept { std::free(bytes); }
void operator delete[](void* bytes, std::align_val_t) noexcept { std::free(bytes); }
void operator delete(void* bytes, std::size_t, std::align_val_t) noexcept { std::free(bytes); }
void operator delete[](void* bytes, std::size_t, std::align_val_t) noexcept { std::free(bytes); }
