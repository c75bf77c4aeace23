#pragma once

// The driver's own scripts, and a subscription beside them.

#include <memory>
#include <string>

#include "bench/post.hpp"

namespace portfire::bench {

std::unique_ptr<Post> redis_post(const std::string& native_url, const std::string& name,
                                 Post::Side side);

}  // namespace portfire::bench
