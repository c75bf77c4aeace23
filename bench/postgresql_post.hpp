#pragma once

// The tables of PostgreSQL's floor, and a notification.

#include <memory>
#include <string>

#include "bench/post.hpp"

namespace portfire::bench {

std::unique_ptr<Post> postgresql_post(const std::string& native_url, const std::string& name,
                                      Post::Side side);

}  // namespace portfire::bench
