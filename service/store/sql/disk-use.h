// DiskUse: what the records of the database and the files of the data folder take.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "service/resources/disk/disk.h"
#include "service/store/sql/database.h"
#include "service/store/sql/retention.h"

namespace weir::store::sql {

/// Counts anew each time, on a thread of the database.
class DataFolderUse final : public api::Disk {
 public:
  DataFolderUse(Database& database, std::string folder, std::vector<Retention> kinds = retentionsWith({}),
                std::vector<api::DiskUse> bounds = {})
      : database_(database), folder_(std::move(folder)), kinds_(std::move(kinds)), bounds_(std::move(bounds)) {}
  Operation<api::DiskReport> report(Waker waker) override;

 private:
  Database& database_;
  std::string folder_;
  std::vector<Retention> kinds_;
  std::vector<api::DiskUse> bounds_;  // of files, by name
};

}  // namespace weir::store::sql
