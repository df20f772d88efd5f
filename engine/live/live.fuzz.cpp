// The live protocol: any bytes are read or refused, in whatever pieces they come.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/live/batch-frames.h"
#include "engine/live/control.h"
#include "engine/live/frame.h"

namespace {

using weir::live::FrameKind;

void readFrames(std::string_view bytes, std::size_t piece) {
  weir::live::FrameSplitter splitter(1 << 20);
  weir::live::BatchAssembler assembler(weir::MemoryAccount::unlimited());
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    splitter.feed(bytes.substr(at, piece));
    for (;;) {
      auto frame = splitter.next();
      if (!frame) return;
      if (!*frame) break;
      if ((*frame)->header.kind != FrameKind::control) {
        if (!assembler.take(**frame)) return;
        continue;
      }
      const auto control = weir::live::readControl((*frame)->payload);
      if (!control) continue;
      const auto again = weir::live::readControl(weir::live::writeControl(*control), 1 << 20);
      if (!again || again->type != control->type || !(again->data == control->data)) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = std::max<std::size_t>(1, data[0]);
  readFrames(std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1), piece);
  return 0;
}
