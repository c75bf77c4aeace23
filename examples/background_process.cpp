// How do I do something again and again for as long as a server runs?

#include <future>
#include <iostream>

#include <portfire/background_process.hpp>
#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>

using namespace std::chrono_literals;

// Not a job: nothing of it is stored, every server runs its own.
class Heater : public portfire::BackgroundProcess {
 public:
  std::string_view name() const override { return "heater"; }

  // One step; the server has the thread, the waiting and the care for exceptions.
  portfire::Duration run_once(portfire::ProcessContext& /*context*/) override {
    if (++degrees_ == 3) warm_.set_value(degrees_);
    return 1ms;  // before the next step
  }

  std::future<int> warm() { return warm_.get_future(); }

 private:
  int degrees_ = 0;
  std::promise<int> warm_;
};

int main() {
  const auto heater = std::make_shared<Heater>();
  auto warm = heater->warm();
  portfire::Server server{portfire::memory::open(), {}, {.processes = {heater}}};
  server.start();
  std::cout << "warm at " << warm.get() << " degrees\n";
}

// Prints:
//   warm at 3 degrees
