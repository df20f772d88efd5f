// Runner: who runs flows for the API: this thread in a page, an engine process on a server.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/document.h"
#include "engine/flow/problem.h"

namespace weir::api {

struct PortName {
  std::string node, port;
};

/// A file of the mount `project` that came with a request.
struct GivenFile {
  std::string path, content;
};

struct RunOrder {
  std::string flow;   // the text of the document
  std::string runId;  // empty: the runner makes one
  std::vector<PortName> outlets;
  std::string
      options;  // a JSON object: parameters, mode, seed, runId, flows, memoryBytes, maxErrors, allFields; all optional
  std::vector<GivenFile> files;
  std::shared_ptr<const void> seen{};  // what Runner::look() gave
};

/// How a run has ended.
struct RunEnd {
  std::string outcome;  // done, failed, cancelled, …
  std::optional<Error> error;
  std::string json;  // the whole result
};

/// A flow under way.
class FlowRun {
 public:
  virtual ~FlowRun() = default;  // cancels it
  [[nodiscard]] virtual const std::string& id() const = 0;

  static constexpr double kFinished = -1, kIdle = -2;
  /// Works for about so long, if it is this thread that works. Gives kFinished, kIdle (until somebody else has done
  /// something), 0 (there is more to do), or when the next timer is due, in microseconds since 1970.
  [[nodiscard]] virtual double work(double budgetMs) = 0;
  struct Rows {
    std::int64_t rows = 0;
    std::int64_t credit = 0;  // what they count against the credit of their outlet
  };
  /// The next rows of an outlet, appended as NDJSON; the outlets before it wait once their credit is used up.
  [[nodiscard]] virtual std::optional<Rows> read(std::size_t outlet, std::string& lines) = 0;
  virtual void credit(std::size_t outlet, std::int64_t bytes) = 0;
  virtual void cancel() = 0;
  /// Null while it goes on. Rows may still wait then.
  [[nodiscard]] virtual const RunEnd* end() const = 0;
};

class Runner {
 public:
  virtual ~Runner() = default;
  /// Looks at an order whose document was read, before it is started and on any thread: says what is wrong with it, and
  /// gives what start() need not find out again. Null: start() looks itself.
  [[nodiscard]] virtual std::expected<std::shared_ptr<const void>, flow::Problems> look(
      const RunOrder& /*order*/, const flow::FlowDocument& /*document*/) {
    return nullptr;
  }
  [[nodiscard]] virtual std::expected<std::unique_ptr<FlowRun>, flow::Problems> start(RunOrder order) = 0;
};

}  // namespace weir::api
