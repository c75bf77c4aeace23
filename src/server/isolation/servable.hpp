#pragma once

namespace portfire::server::isolation {

// Whether `main` has called `serve_isolated`: a fact about this process.
bool is_servable();

}  // namespace portfire::server::isolation
