#include <portfire/postgresql.hpp>
#include <portfire/testing/conformance.hpp>

#include "support/private_postgres.hpp"

namespace {

// A schema of one database: made in a tenth of the time that a database takes.
class Place {
 public:
  Place() {
    static int places = 0;
    schema_ = "place" + std::to_string(++places);
  }
  ~Place() {
    portfire::PrivatePostgres::shared().execute(url(),
                                                "DROP SCHEMA IF EXISTS " + schema_ + " CASCADE");
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  [[nodiscard]] std::shared_ptr<portfire::Storage> open(
      std::shared_ptr<const portfire::TimeOffset> offset) const {
    return portfire::postgresql::open(url(),
                                      {.schema = schema_, .time_offset = std::move(offset)});
  }

 private:
  static const std::string& url() {
    static const std::string database = portfire::PrivatePostgres::shared().new_database();
    return database;
  }

  std::string schema_;
};

portfire::conformance::Driver postgresql_driver() {
  return {.name = "Postgresql", .place = [] {
            const auto place = std::make_shared<Place>();
            return [place](std::shared_ptr<const portfire::TimeOffset> offset) {
              return place->open(std::move(offset));
            };
          }};
}

}  // namespace

PORTFIRE_CONFORMANCE(Postgresql, postgresql_driver());
