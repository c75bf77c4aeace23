#pragma once

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <memory>
#include <string>

#include "unit/storage/postgresql/installation.hpp"

namespace portfire::postgresql {

// A transaction of somebody else's, open for as long as the object lives, or until it is committed.
class Blocker {
 public:
  explicit Blocker(const std::string& statements)
      : connection_{PQconnectdb(Installation::url().c_str()), &PQfinish} {
    PQclear(PQexec(connection_.get(), ("BEGIN;" + statements).c_str()));
    EXPECT_EQ(PQtransactionStatus(connection_.get()), PQTRANS_INTRANS);
  }
  // Not by closing the connection, which the server notices in its own time.
  ~Blocker() {
    if (PQtransactionStatus(connection_.get()) == PQTRANS_IDLE) return;
    PQclear(PQexec(connection_.get(), "ROLLBACK"));
  }
  void commit() {
    PQclear(PQexec(connection_.get(), "COMMIT"));
    EXPECT_EQ(PQtransactionStatus(connection_.get()), PQTRANS_IDLE);
  }
  Blocker(const Blocker&) = delete;
  Blocker& operator=(const Blocker&) = delete;

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

}  // namespace portfire::postgresql
