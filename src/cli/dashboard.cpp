#include <portfire/dashboard.hpp>

#include <fstream>
#include <iostream>
#include <memory>
#include <ostream>
#include <sstream>

#include <portfire/error.hpp>

#include "cli/command_line.hpp"
#include "runtime/termination_signals.hpp"

namespace portfire::cli {

namespace {

struct DashboardWords {
  std::string listen = "127.0.0.1:8080";
  std::string users_file;
  std::string tokens_file;
  std::string open_to;
  std::string proxy_header;
  std::vector<std::string> proxy_peers;
  std::string prefix;
  std::string title = "Portfire";
  std::string app_url;
  std::vector<std::string> redact;
  std::string certificate;
  std::string private_key;
  std::vector<std::string> hosts;
  bool read_only = false;
};

ListenOptions read_listen(const DashboardWords& given) {
  ListenOptions options{.certificate_file = given.certificate,
                        .private_key_file = given.private_key};
  const std::size_t colon = given.listen.rfind(':');
  std::istringstream number{colon == std::string::npos ? "" : given.listen.substr(colon + 1)};
  unsigned port = 0;
  if (!(number >> port) || !number.eof() || port > 65535) {
    throw UsageError{"--listen is \"" + given.listen +
                     "\": must be ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:8080"};
  }
  options.address = given.listen.substr(0, colon);
  if (options.address.starts_with('[') && options.address.ends_with(']')) {
    options.address = options.address.substr(1, options.address.size() - 2);
  }
  options.port = static_cast<std::uint16_t>(port);
  return options;
}

struct FileLine {
  std::string name;
  Role role = Role::viewer;
  std::string secret;
};

// `NAME ROLE SECRET` on each line; empty lines and those that begin with # are passed over.
std::vector<FileLine> read_lines(const std::string& option, const std::string& path) {
  std::ifstream file{path};
  if (!file) throw UsageError{option + ": the file \"" + path + "\" cannot be read"};
  std::vector<FileLine> lines;
  std::string text;
  for (int number = 1; std::getline(file, text); ++number) {
    std::istringstream words{text};
    FileLine line;
    std::string role;
    if (!(words >> line.name) || line.name.starts_with('#')) continue;
    std::string more;
    const bool is_whole = static_cast<bool>(words >> role >> line.secret) && !(words >> more);
    const auto parsed = parse_role(role);
    if (!is_whole || !parsed) {
      throw UsageError{option + ": line " + std::to_string(number) + " of \"" + path +
                       "\" must be NAME ROLE SECRET, with the role viewer, operator or admin"};
    }
    line.role = *parsed;
    lines.push_back(std::move(line));
  }
  if (lines.empty()) throw UsageError{option + ": there is nobody in \"" + path + "\""};
  return lines;
}

Authorization read_authorization(const DashboardWords& given) {
  std::vector<Authorization> ways;
  if (!given.tokens_file.empty()) {
    std::vector<AccessToken> tokens;
    for (FileLine& line : read_lines("--tokens", given.tokens_file)) {
      tokens.push_back({line.name, std::move(line.secret), line.role});
    }
    ways.push_back(bearer_authorization(std::move(tokens)));
  }
  if (!given.users_file.empty()) {
    std::vector<PasswordUser> users;
    for (FileLine& line : read_lines("--users", given.users_file)) {
      users.push_back({line.name, std::move(line.secret), line.role});
    }
    ways.push_back(basic_authorization(std::move(users)));
  }
  if (!given.proxy_header.empty()) {
    ProxyOptions options{.user_header = given.proxy_header, .others = Role::operator_};
    if (!given.proxy_peers.empty()) options.trusted_peers = given.proxy_peers;
    ways.push_back(proxy_authorization(std::move(options)));
  }
  if (!given.open_to.empty()) {
    const auto role = parse_role(given.open_to);
    if (!role) {
      throw UsageError{"--open-to is \"" + given.open_to + "\": must be viewer, operator or admin"};
    }
    ways.push_back(open_to_all(*role));
  }
  return ways.empty() ? local_requests_only() : any_of(std::move(ways));
}

ExitCode serve(const DashboardWords& given, const Session& session) {
  TerminationSignals signals;
  Dashboard dashboard{session.open(),
                      {.title = given.title,
                       .app_url = given.app_url,
                       .path_prefix = given.prefix,
                       .authorization = read_authorization(given),
                       .hosts = given.hosts,
                       .read_only = given.read_only,
                       .redact = given.redact,
                       .client = {.log = session.log()},
                       .log = session.log()}};
  dashboard.listen(read_listen(given));
  if (session.json) {
    session.print({{"url", dashboard.url()}});
  } else {
    session.out() << "The dashboard is at " << dashboard.url() << " until Ctrl+C\n";
  }
  session.out().flush();
  signals.wait();
  dashboard.stop();
  return ExitCode::ok;
}

ExitCode hash(const Session& session) {
  std::string password;
  std::getline(std::cin, password);
  if (password.empty()) throw UsageError{"there is no password on standard input"};
  session.out() << hash_password(password) << '\n';
  return ExitCode::ok;
}

void add_access_options(CLI::App& app, DashboardWords& given) {
  app.add_option("--users", given.users_file,
                 "Users with passwords, one a line: NAME ROLE HASH (see portfire hash-password)")
      ->type_name("FILE");
  app.add_option("--tokens", given.tokens_file, "Bearer tokens, one a line: NAME ROLE TOKEN")
      ->type_name("FILE");
  app.add_option("--proxy-header", given.proxy_header,
                 "A proxy in front signs users in, as operators, and names them in this header")
      ->type_name("NAME");
  app.add_option("--proxy-peer", given.proxy_peers,
                 "Address that the proxy connects from, repeatable (127.0.0.1, ::1)")
      ->type_name("ADDRESS");
  app.add_option("--open-to", given.open_to,
                 "Everybody who can reach it is viewer, operator or admin")
      ->type_name("ROLE");
  app.add_option("--host", given.hosts,
                 "Name by which browsers know it, repeatable; others are refused (any)")
      ->type_name("NAME");
  app.add_flag("--read-only", given.read_only, "Nobody can change anything");
  app.add_option("--redact", given.redact,
                 "Regular expression of what is not shown of arguments and the like, repeatable")
      ->type_name("REGEX");
}

}  // namespace

void add_dashboard(CommandLine& line) {
  auto given = std::make_shared<DashboardWords>();
  CLI::App& app = line.command(
      line.root(),
      {.name = "dashboard",
       .description = "Serve the dashboard: see and steer everything in a browser",
       .examples = "  portfire dashboard\n"
                   "  portfire dashboard --listen 0.0.0.0:8080 --users users.txt\n"
                   "  portfire dashboard --listen 127.0.0.1:9000 --prefix /ops/jobs "
                   "--proxy-header X-Forwarded-User",
       .notes = "Without an option that says who may come in, only requests from this machine are "
                "answered."},
      [given](Session& session) { return serve(*given, session); });
  app.add_option("--listen", given->listen, "Where (127.0.0.1:8080); port 0: any that is free")
      ->type_name("ADDRESS:PORT");
  add_access_options(app, *given);
  app.add_option("--prefix", given->prefix, "Path that it is mounted under, such as /ops/jobs")
      ->type_name("PATH");
  app.add_option("--title", given->title, "Its title (Portfire)")->type_name("TEXT");
  app.add_option("--app-url", given->app_url, "Where the link back to the application leads")
      ->type_name("URL");
  app.add_option("--certificate", given->certificate, "HTTPS with this certificate chain, in PEM")
      ->type_name("FILE");
  app.add_option("--private-key", given->private_key, "Its key, in PEM")->type_name("FILE");
  line.command(line.root(),
               {.name = "hash-password",
                .description = "Hash a password, from standard input, for dashboard --users",
                .examples = "  portfire hash-password < password.txt",
                .uses_storage = false},
               [](Session& session) { return hash(session); });
}

}  // namespace portfire::cli
