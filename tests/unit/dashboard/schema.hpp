#pragma once

// Holds answers against the description of the API.

#include <string>

#include <nlohmann/json.hpp>

namespace portfire::dashboard {

// What is wrong with a value; empty when it is what the schema of the description says. Knows the
// words that the description uses, and complains of others.
std::string complaint_about(const nlohmann::json& description, const nlohmann::json& schema,
                            const nlohmann::json& value, const std::string& where);

// The same for a whole answer: method, path without prefix and query, status, type and body.
std::string complaint_about_answer(const nlohmann::json& description, const std::string& method,
                                   const std::string& path, int status, const std::string& type,
                                   const std::string& body);

}  // namespace portfire::dashboard
