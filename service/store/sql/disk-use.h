// DiskUse: what the records of the database and the files of the data folder take.
#pragma once

#include <string>
#include <utility>

#include "service/resources/disk/disk.h"
#include "service/store/sql/database.h"

namespace weir::store::sql {

/// Counts anew each time, on a thread of the database.
class DataFolderUse final : public api::Disk {
 public:
  DataFolderUse(Database& database, std::string folder) : database_(database), folder_(std::move(folder)) {}
  Operation<api::DiskReport> report(Waker waker) override;

 private:
  Database& database_;
  std::string folder_;
};

}  // namespace weir::store::sql
