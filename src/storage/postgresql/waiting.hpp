#pragma once

// Waiting for the other end of a socket: for a limited time, and until it is called off.

#include <portfire/runtime.hpp>

namespace portfire::postgresql {

// How long a connection waits, and when it stops waiting altogether.
struct Limits {
  // For a server that owes an answer and sends nothing, or that takes nothing.
  Duration silence = Duration::max();
  // Readable when nobody wants to wait any more; -1 when that does not happen. Outlives the
  // connection.
  int called_off = -1;
};

enum class Wait {
  ready,       // there is something to be read or, where asked for, room to write
  late,        // the deadline has passed
  called_off,  // by `Limits::called_off`
};

// `events` are those of poll().
Wait wait_for(Runtime& runtime, int socket, short events, SteadyPoint deadline, int called_off);

// When so much time will have passed. `Duration::max()` never passes.
SteadyPoint end_of(Runtime& runtime, Duration span);

}  // namespace portfire::postgresql
