#include "dashboard/job_json.hpp"

#include <portfire/display.hpp>

#include "client/text.hpp"
#include "model/rules.hpp"
#include "views/job_json.hpp"

namespace portfire::dashboard {

namespace {

views::Texts texts_for(const Redactor& redactor) {
  return {.stored = [&redactor](const std::string& text) -> Json {
            if (text.empty()) return nullptr;
            return shorten(redactor.shown(text), most_text_bytes);
          },
          .words = [&redactor](const std::string& words) { return redactor.shown(words); }};
}

// What is cut and hidden of arguments is so in all that is made of them: out of their context, a
// pattern would not know them any more.
void show_arguments(Json& object, const JobSummary& job, const Redactor& redactor,
                    std::size_t bytes) {
  const std::string arguments = redactor.shown(job.arguments);
  object["arguments"] = shorten(arguments, bytes);
  object["arguments_cut"] = arguments.size() > bytes;
  if (!redactor.hides_anything()) return;
  JobSummary shown;
  shown.name = job.name;
  shown.arguments = arguments;
  shown.parameters = job.parameters;
  object["display_name"] = redactor.shown(display_name(shown));
}

// The id of the definition is stored as JSON text.
Json recurring_of(const JobDetails& job) {
  const auto found = job.parameters.find(rules::recurring_parameter);
  if (found == job.parameters.end()) return nullptr;
  Json value = Json::parse(found->second, nullptr, false);
  return value.is_string() ? value : Json(nullptr);
}

}  // namespace

std::string call_text(const std::string& name, const std::string& arguments) {
  const std::size_t begin = arguments.find('[');
  const std::size_t end = arguments.rfind(']');
  if (begin == std::string::npos || end == std::string::npos || end < begin) {
    return name + "(" + arguments + ")";
  }
  std::string text = name + "(";
  int depth = 0;
  bool in_string = false;
  for (std::size_t at = begin + 1; at < end; ++at) {
    const char c = arguments[at];
    text += c;
    if (in_string) {
      if (c == '\\' && at + 1 < end) text += arguments[++at];
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (c == ',' && depth == 0 && at + 1 < end && arguments[at + 1] != ' ') text += ' ';
  }
  return text + ")";
}

Json summary_json(const JobSummary& job, const Redactor& redactor, std::size_t argument_bytes) {
  Json object = views::summary_json(job, texts_for(redactor));
  show_arguments(object, job, redactor, argument_bytes);
  return object;
}

Json details_json(const JobDetails& job, const Redactor& redactor) {
  Json object = views::details_json(job, texts_for(redactor));
  show_arguments(object, job, redactor, most_text_bytes);
  // Shown as tags; as a parameter they are JSON within JSON, which no pattern is meant for.
  if (redactor.hides_anything()) object["parameters"].erase(std::string{tags_parameter});
  object["call"] = shorten(call_text(job.name, redactor.shown(job.arguments)), most_text_bytes);
  object["recurring"] = recurring_of(job);
  return object;
}

Json log_json(const std::vector<LogEntry>& log, const Redactor& redactor) {
  return views::log_json(log, texts_for(redactor));
}

}  // namespace portfire::dashboard
