// Functions that cannot be jobs, or not like this.

#include <portfire/client.hpp>
#include <portfire/handlers.hpp>

#include <string>

namespace app {

void send_email(std::string to, int template_id);

template <class T>
void convert(T value);

namespace {
[[maybe_unused]] void hidden(int) {}
}  // namespace

struct Mailer {
  void send(std::string to) const;
};

void fill(std::string& out);

inline constexpr portfire::Job<void(std::string, int)> resize{"image.resize"};

void handlers(portfire::Handlers& handlers, portfire::Client& client) {
  handlers.add<&send_email>();
  handlers.add<&Mailer::send>([] { return Mailer{}; });
  handlers.on(resize, [](std::string path, int width, portfire::Context&) {
    static_cast<void>(path);
    return width;
  });

#ifdef template_without_name
  handlers.add<&convert<int>>();
#endif
#ifdef lambda_without_name
  client.enqueue<[](int) {}>(7);
#endif
#ifdef hidden_without_name
  client.enqueue<&hidden>(7);
#endif
#ifdef member_without_factory
  handlers.add<&Mailer::send>();
#endif
#ifdef other_parameters
  handlers.on(resize, [](std::string) {});
#endif
#ifdef other_result
  handlers.on(portfire::Job<int(std::string)>{"count"}, [](std::string) { return "three"; });
#endif
#ifdef argument_by_reference
  handlers.add<&fill>();
#endif
#ifdef not_a_function
  handlers.add<42>();
#endif
  static_cast<void>(client);
}

}  // namespace app
