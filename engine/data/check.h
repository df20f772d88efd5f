// WEIR_CHECK: what must hold unless we made a mistake; on in release.
#pragma once

namespace weir {

/// Reports a broken promise of our own code and ends the process (exit code 70 under `weir run`).
[[noreturn]] void checkFailed(const char* condition, const char* file, int line) noexcept;

/// Called with the report before the process ends; a host may print node, row and trace. Set once, at start.
using CheckReporter = void (*)(const char* condition, const char* file, int line) noexcept;
void setCheckReporter(CheckReporter reporter) noexcept;

}  // namespace weir

#define WEIR_CHECK(condition) ((condition) ? static_cast<void>(0) : ::weir::checkFailed(#condition, __FILE__, __LINE__))
