// How do I mount the dashboard in a server on cpp-httplib that I have already?

#include <httplib.h>

#include <chrono>
#include <iostream>
#include <thread>

#include <portfire/dashboard.hpp>
#include <portfire/memory.hpp>
#include <portfire/runtime.hpp>

// The whole adapter. Live updates are sent for as long as the browser listens.
void mount(httplib::Server& server, portfire::Dashboard& dashboard, const std::string& prefix) {
  const auto answer = [&dashboard](const httplib::Request& asked, httplib::Response& told) {
    portfire::HttpRequest request{.method = asked.method,
                                  .target = asked.target,
                                  .headers = {asked.headers.begin(), asked.headers.end()},
                                  .body = asked.body,
                                  .peer = asked.remote_addr};
    portfire::HttpResponse response = dashboard.handle(request);
    told.status = response.status;
    std::string type;
    for (const auto& [name, value] : response.headers) {
      if (name == "Content-Type") type = value;
      told.set_header(name, value);
    }
    if (!response.events) {
      told.body = std::move(response.body);
      return;
    }
    const auto runtime = portfire::thread_runtime();
    const std::shared_ptr<portfire::Event> pause = runtime->make_event();
    told.set_chunked_content_provider(
        type, [events = response.events, runtime, pause](std::size_t, httplib::DataSink& sink) {
          const std::optional<std::string> text = events->next();
          if (!text) {
            sink.done();
            return true;
          }
          pause->wait_until(runtime->steady_now() + std::chrono::seconds{1}, {});
          return text->empty() || sink.write(text->data(), text->size());
        });
  };
  server.Get(prefix + ".*", answer);
  server.Post(prefix + ".*", answer);
}

int main() {
  portfire::Dashboard dashboard{portfire::memory::open(), {.path_prefix = "/jobs"}};
  httplib::Server server;
  mount(server, dashboard, "/jobs");
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread serving{[&] { server.listen_after_bind(); }};

  httplib::Client browser{"127.0.0.1", port};
  const auto answer = browser.Get("/jobs/api/v1/queues");
  std::cout << answer->status << " " << answer->get_header_value("Content-Type") << "\n";
  server.stop();
  serving.join();
}

// Prints:
//   200 application/json
