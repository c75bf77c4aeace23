#pragma once

#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "support/tcp_gate.hpp"

namespace portfire::faults {

// By how many bytes the place of the cut moves on, for messages either way. Primes, so that the
// places differ from message to message.
struct CutSteps {
  std::size_t to_server;
  std::size_t to_client;
};

// Does something again and again, each time with the connection cut a little later, until nothing
// is left to cut, or the test has failed. How often something was cut.
template <class Body>
std::size_t cut_further_and_further(TcpGate& gate, TcpGate::Way way, bool is_new, std::size_t step,
                                    Body body) {
  for (std::size_t cuts = 0;; ++cuts) {
    SCOPED_TRACE("cut after " + std::to_string(cuts * step) + " bytes " +
                 (way == TcpGate::Way::to_server ? "to the server" : "to the client") +
                 (is_new ? ", new connection" : ""));
    if (is_new) gate.cut();
    gate.cut_after(way, cuts * step);
    body();
    if (gate.take_back() || ::testing::Test::HasFailure()) return cuts;
  }
}

}  // namespace portfire::faults
