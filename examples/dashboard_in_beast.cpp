// How do I mount the dashboard in a server on Boost.Beast that I have already?

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <iostream>
#include <thread>

#include <portfire/dashboard.hpp>
#include <portfire/memory.hpp>

namespace http = boost::beast::http;
using boost::asio::ip::tcp;

// The whole adapter: what Beast has read becomes a request, what the dashboard says a response.
portfire::HttpRequest from_beast(const http::request<http::string_body>& message,
                                 const std::string& peer) {
  portfire::HttpRequest request{.method = std::string{message.method_string()},
                                .target = std::string{message.target()},
                                .headers = {},
                                .body = message.body(),
                                .peer = peer};
  for (const auto& field : message) {
    request.headers.emplace_back(std::string{field.name_string()}, std::string{field.value()});
  }
  return request;
}

http::response<http::string_body> to_beast(portfire::HttpResponse response) {
  http::response<http::string_body> message{static_cast<http::status>(response.status), 11};
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  message.body() = std::move(response.body);
  // Live updates need a connection that stays open: write `response.events->next()` to it once a
  // second. A browser that gets a whole response instead asks again and again, which works as well.
  if (response.events) message.body() += response.events->next().value_or("");
  message.prepare_payload();
  return message;
}

int main() {
  portfire::Dashboard dashboard{portfire::memory::open(), {.path_prefix = "/jobs"}};

  boost::asio::io_context io;
  tcp::acceptor acceptor{io, {boost::asio::ip::address_v4::loopback(), 0}};
  std::thread server{[&] {
    tcp::socket socket = acceptor.accept();
    boost::beast::flat_buffer buffer;
    http::request<http::string_body> message;
    http::read(socket, buffer, message);
    if (message.target().starts_with("/jobs")) {  // otherwise it is for the rest of the program
      const std::string peer = socket.remote_endpoint().address().to_string();
      http::write(socket, to_beast(dashboard.handle(from_beast(message, peer))));
    }
  }};

  tcp::socket browser{io};
  browser.connect(acceptor.local_endpoint());
  http::request<http::string_body> question{http::verb::get, "/jobs/api/v1/queues", 11};
  question.set(http::field::host, "localhost");
  http::write(browser, question);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> answer;
  http::read(browser, buffer, answer);
  std::cout << answer.result_int() << " " << answer["Content-Type"] << "\n";
  server.join();
}

// Prints:
//   200 application/json
