// Imports: all that the module asks of the JavaScript around it. It imports from `weir` only.
#pragma once

#include <cstdint>

extern "C" {

/// Microseconds since 1970-01-01T00:00:00Z.
__attribute__((import_module("weir"), import_name("now"))) double weirNow();
/// Nanoseconds that never go back.
__attribute__((import_module("weir"), import_name("steady"))) double weirSteady();
/// Fills `bytes` bytes at `into` with randomness.
__attribute__((import_module("weir"), import_name("random"))) void weirRandom(void* into, std::uint32_t bytes);
/// A line for people; `level` is a LogLevel.
__attribute__((import_module("weir"), import_name("log"))) void weirLog(std::uint32_t level, const char* node,
                                                                        std::uint32_t nodeBytes, const char* message,
                                                                        std::uint32_t messageBytes);
/// Why the module traps next, for people.
__attribute__((import_module("weir"), import_name("fault"))) void weirFault(const char* why, std::uint32_t bytes);
/// Begins call `id` of kind `kind` (CallKind) with the arguments at `arguments` (Wire; gone when this returns). It is
/// answered once by the export `weir_answer`, also before this returns. Id 0: nobody wants an answer.
__attribute__((import_module("weir"), import_name("call"))) void weirCall(std::uint32_t kind, std::uint32_t id,
                                                                          const char* arguments, std::uint32_t bytes);
/// Nobody waits for call `id` any more; it is answered all the same.
__attribute__((import_module("weir"), import_name("cancel"))) void weirCancel(std::uint32_t id);
}
