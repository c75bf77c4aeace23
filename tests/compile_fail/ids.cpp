// Ids of different things do not mix.

#include <portfire/id.hpp>

void take(portfire::JobId) {}

void use(portfire::ServerId server, portfire::JobId job) {
#if defined(wrong_kind_of_id) || defined(unreadable_message)
  take(server);
#endif
  static_cast<void>(server);
  take(job);
}
