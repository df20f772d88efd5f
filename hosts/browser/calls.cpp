// Numbers for calls, and the codes that JavaScript may answer with.
#include "hosts/browser/calls.h"

#include <algorithm>
#include <array>
#include <string>

#include "hosts/browser/imports.h"

namespace weir::browser {
namespace {

/// Codes live as long as the program: what JavaScript says is looked up here.
constexpr std::array kCodes = {
    std::string_view("disk.limit"),          std::string_view("files.busy"),
    std::string_view("files.changed"),       std::string_view("files.denied"),
    std::string_view("files.disk_full"),     std::string_view("files.io"),
    std::string_view("files.is_folder"),     std::string_view("files.not_folder"),
    std::string_view("files.not_found"),     std::string_view("files.outside_mount"),
    std::string_view("files.too_many_open"), std::string_view("host.missing"),
    std::string_view("http.protocol"),       std::string_view("http.redirects"),
    std::string_view("http.status"),         std::string_view("http.too_large"),
    std::string_view("memory.limit"),        std::string_view("network.blocked"),
    std::string_view("network.closed"),      std::string_view("network.refused"),
    std::string_view("network.timeout"),     std::string_view("secret.host"),
    std::string_view("secret.missing"),      std::string_view("secret.short"),
    std::string_view("state.corrupt"),       std::string_view("state.fenced"),
    std::string_view("state.limit"),         std::string_view("state.unavailable"),
    std::string_view("storage.blocked"),     std::string_view("storage.changed"),
    std::string_view("storage.corrupt"),     std::string_view("storage.exists"),
    std::string_view("storage.full"),        std::string_view("storage.in_bin"),
    std::string_view("storage.invalid"),     std::string_view("storage.newer"),
    std::string_view("storage.not_found"),   std::string_view("storage.not_in_bin"),
    std::string_view("storage.too_large"),   std::string_view("storage.unavailable"),
    std::string_view("url.invalid"),         std::string_view("websocket.protocol"),
    std::string_view("websocket.too_large"), std::string_view("zone.unknown"),
};

Error errorOf(std::string_view bytes) {
  WireReader reader(bytes);
  const auto code = reader.text();
  Error error{"host.failed", std::string(reader.text()), reader.flag()};
  if (const auto known = std::ranges::find(kCodes, code); known != kCodes.end()) error.code = *known;
  return error;
}

}  // namespace

void Calls::start(CallKind kind, const WireWriter& arguments, Finish finish) {
  const auto id = ++last_ == 0 ? ++last_ : last_;
  under_.emplace(id, std::move(finish));
  weirCall(static_cast<std::uint32_t>(kind), id, arguments.bytes().data(),
           static_cast<std::uint32_t>(arguments.bytes().size()));
}

void Calls::tell(CallKind kind, const WireWriter& arguments) {
  weirCall(static_cast<std::uint32_t>(kind), 0, arguments.bytes().data(),
           static_cast<std::uint32_t>(arguments.bytes().size()));
}

void Calls::answer(std::uint32_t id, bool good, std::string_view bytes) {
  const auto found = under_.find(id);
  if (found == under_.end()) return;
  const auto finish = std::move(found->second);
  under_.erase(found);
  if (good) return finish(bytes);
  finish(std::unexpected(errorOf(bytes)));
}

}  // namespace weir::browser
