// How do I see, change or forbid what happens to jobs, in one place?

#include <iostream>

#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>

using namespace std::chrono_literals;

void pay(std::string account, int cents) { std::cout << cents << " cents to " << account << "\n"; }

// A client's filter sees every creation and may change or stop it.
class Budget : public portfire::Filter {
 public:
  std::string_view name() const override { return "budget"; }

  void creating(portfire::Creating& creating) override {
    const auto cents = nlohmann::json::parse(creating.job.arguments)[1].get<int>();
    if (cents > 1000) creating.veto("more than 10 euros");
    creating.job.parameters["approved_by"] = "\"budget\"";
  }
};

// A server's filter sees every run, and what becomes of it.
class Journal : public portfire::Filter {
 public:
  void performing(portfire::Performing& performing) override {
    const auto approver = performing.context.parameter<std::string>("approved_by");
    std::cout << "running " << performing.context.job_name() << ", approved by " << *approver
              << "\n";
  }

  // Before the new state is stored: another one could be elected, as the automatic retry does.
  void electing(portfire::Election& election) override {
    std::cout << election.job.current_state << " to " << election.candidate.name << "\n";
  }
};

int main() {
  const auto storage = portfire::memory::open();
  portfire::Client client{storage, {.filters = {std::make_shared<Budget>()}}};
  portfire::Server server{
      storage, portfire::Handlers{}.add<&pay>(), {.filters = {std::make_shared<Journal>()}}};
  server.start();

  const auto refused = client.enqueue<&pay>("ann", 5000);
  std::cout << "refused: " << refused.reason << "\n";
  client.wait(client.enqueue<&pay>("ann", 500), 10s);
}

// Prints:
//   refused: more than 10 euros
//   running pay, approved by budget
//   500 cents to ann
//   Processing to Succeeded
