#pragma once

// Which channel of the server carries which topics. Each topic has its own, `{prefix}/queue/mail`,
// except that all jobs share `{prefix}/jobs`, whose messages name those that have ended: 16 bytes
// each. The scripts publish there too. Other messages are empty, or the mark of the storage that
// has brought the news and told those around it by itself.

#include <string>
#include <string_view>
#include <vector>

namespace portfire::redis {

// Without the prefix.
std::string channel_of(std::string_view topic);

// What tells of a topic on its channel.
std::string message_of(std::string_view topic);

// The topics of which a message tells.
std::vector<std::string> topics_in(std::string_view channel, std::string_view message);

}  // namespace portfire::redis
