// How do I put a dashboard into my program, with sign-in and a few words of my own?

#include <iostream>
#include <memory>

#include <portfire/dashboard.hpp>
#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>

void send_email(std::string to) { std::cout << "mail to " << to << "\n"; }

int main() {
  auto storage = portfire::memory::open();
  portfire::Client client{storage};
  client.enqueue<&send_email>("ann@example.com");

  portfire::Dashboard dashboard{
      storage,
      {.title = "Mail of the shop",
       .app_url = "https://shop.example/",
       // Passwords for people, a token for programs. Without a word about it, only requests from
       // this machine are answered.
       .authorization = portfire::any_of(
           {portfire::basic_authorization({{.name = "ann",
                                            .password_hash = portfire::hash_password("tiger"),
                                            .role = portfire::Role::operator_}}),
            portfire::bearer_authorization({{.name = "monitoring",
                                             .token = "a long and secret text",
                                             .role = portfire::Role::viewer}})}),
       // What nobody is to see.
       .redact = {R"re("password"\s*:\s*"((?:[^"\\]|\\.)*)")re"},
       // A number of the program's own on the overview.
       .metrics = {{.name = "stamps", .title = "Stamps left", .value = [] { return "12"; }}}}};
  dashboard.listen({.address = "127.0.0.1", .port = 0});  // 0: any port that is free

  // What a program would ask it.
  portfire::HttpRequest request{.target = "/api/v1/jobs?state=Enqueued",
                                .headers = {{"Authorization", "Bearer a long and secret text"}}};
  std::cout << dashboard.handle(request).status << "\n";
  request.headers.clear();
  std::cout << dashboard.handle(request).status << "\n";
}

// Prints:
//   200
//   401
