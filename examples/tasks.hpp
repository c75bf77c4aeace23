#pragma once

// Functions that run as jobs: shared by the programs that enqueue them and those that run them. A
// client needs their declarations only.

#include <iostream>
#include <string>

inline void resize_image(std::string path, int width) {
  std::cout << "resizing " << path << " to " << width << std::endl;
}

inline void send_email(std::string to, int template_id) {
  std::cout << "sending template " << template_id << " to " << to << std::endl;
}
