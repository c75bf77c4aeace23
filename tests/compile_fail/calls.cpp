// Calls whose arguments do not fit the job.

#include <portfire/client.hpp>

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

void send_email(std::string to, int template_id);
void count(std::uint8_t value);
void watch(std::string path, portfire::Context& context, std::stop_token stop);

struct Opaque {
  void* handle;
};
void use_opaque(Opaque opaque);

inline constexpr portfire::Job<void(std::string, int)> resize{"image.resize"};

void calls(portfire::Client& client, int wide, double fraction, portfire::JobId parent) {
  using namespace std::chrono_literals;
  client.enqueue<&send_email>("ann@example.com", 7);
  client.enqueue<&watch>("a/b");
  client.schedule<&send_email>(24h, "ann@example.com", 7);
  client.continue_with<&send_email>(parent, "ann@example.com", 7);
  client.enqueue(resize, "a.png", 640);

#ifdef wrong_type
  client.enqueue<&send_email>("ann@example.com", "seven");
#endif
#ifdef wrong_order
  client.enqueue<&send_email>(7, "ann@example.com");
#endif
#ifdef too_few
  client.enqueue<&send_email>("ann@example.com");
#endif
#ifdef too_many
  client.enqueue<&send_email>("ann@example.com", 7, true);
#endif
#ifdef injected_given
  client.enqueue<&watch>("a/b", std::stop_token{});
#endif
#ifdef narrowing_integer
  client.enqueue<&count>(wide);
#endif
#ifdef narrowing_fraction
  client.enqueue<&send_email>("ann@example.com", fraction);
#endif
#ifdef too_few_scheduled
  client.schedule<&send_email>(24h, "ann@example.com");
#endif
#ifdef schedule_without_time
  client.schedule<&send_email>("ann@example.com", 7);
#endif
#ifdef wrong_type_continued
  client.continue_with<&send_email>(parent, 7, 7);
#endif
#ifdef wrong_element
  client.enqueue_all<&send_email>(std::vector<std::string>{"ann@example.com"});
#endif
#ifdef wrong_type_of_job
  client.enqueue(resize, "a.png", std::string{"wide"});
#endif
#ifdef no_json
  client.enqueue<&use_opaque>(Opaque{});
#endif
  static_cast<void>(wide);
  static_cast<void>(fraction);
}
