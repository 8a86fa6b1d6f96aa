#include "test/support/openapi.hpp"

#include <algorithm>
#include <array>

namespace quartermaster::test {

namespace {

constexpr std::array<std::string_view, 5> kMethods = {"get", "post", "put", "delete", "patch"};

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

std::vector<std::string_view> segments(std::string_view path) {
  std::vector<std::string_view> result;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto slash = std::min(path.find('/'), path.size());
    if (slash > 0) result.push_back(path.substr(0, slash));
    path.remove_prefix(slash);
  }
  return result;
}

bool matches(std::string_view path_template, std::string_view path) {
  const auto expected = segments(path_template);
  const auto actual = segments(path);
  return expected.size() == actual.size() &&
         std::equal(expected.begin(), expected.end(), actual.begin(),
                    [](std::string_view e, std::string_view a) { return e.starts_with('{') || e == a; });
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

std::vector<std::string> query_names(std::string_view target) {
  std::vector<std::string> names;
  const auto question = target.find('?');
  std::string_view query = question == std::string_view::npos ? "" : target.substr(question + 1);
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::string_view name = pair.substr(0, pair.find('='));
    // The contract's other spelling of the same parameter.
    names.emplace_back(name == "labelSelector" ? "labelselector" : name);
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return names;
}

}  // namespace

OpenApi::OpenApi(json::value document) : checker_(std::move(document)) {
  for (const auto& item : at(checker_.document(), "/paths").as_object()) {
    const std::string path(item.key());
    const std::string pointer = checker_.resolve("/paths/" + escape_pointer(path));
    for (const std::string_view method : kMethods) {
      if (find(checker_.document(), pointer + "/" + std::string(method)) != nullptr)
        add_operation(path, method, pointer);
    }
  }
}

void OpenApi::add_operation(const std::string& path, std::string_view method, const std::string& path_item) {
  Operation operation{upper(method), path, path_item + "/" + std::string(method), {}};
  for (const std::string& place : {path_item, operation.pointer}) {
    const json::value* parameters = find(checker_.document(), place + "/parameters");
    for (std::size_t i = 0; parameters != nullptr && i < parameters->as_array().size(); ++i) {
      const json::value& parameter =
          at(checker_.document(), checker_.resolve(place + "/parameters/" + std::to_string(i)));
      if (text_at(parameter, "/in") == "query") operation.query_parameters.insert(text_at(parameter, "/name"));
    }
  }
  operations_.push_back(std::move(operation));
}

const OpenApi::Operation* OpenApi::find_operation(std::string_view method, std::string_view path) const {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  const Operation* best = nullptr;
  for (const Operation& operation : operations_) {
    if (operation.method != wanted || !matches(operation.path, path)) continue;
    // A literal segment wins over a parameter.
    if (best == nullptr || operation.path.find('{') > best->path.find('{')) best = &operation;
  }
  return best;
}

std::vector<std::string> OpenApi::check(const HttpRequest& request, const HttpAnswer& answer) {
  const std::string_view path = path_of(request.target);
  const Operation* operation = find_operation(request.method, path);
  if (operation == nullptr) return check_allow(path, answer);

  std::vector<std::string> messages;
  const std::string status = std::to_string(answer.status);
  const std::string documented = operation->pointer + "/responses/" + status;
  if (find(checker_.document(), documented) == nullptr) {
    messages.push_back("status " + status + " is not documented");
  } else {
    seen_answers_.insert(operation->name() + " " + status);
    if (answer.complete && request.method != "HEAD") messages = check_body(checker_.resolve(documented), answer);
  }
  if (answer.status < 300) {
    for (const std::string& name : query_names(request.target)) {
      seen_parameters_.insert(operation->name() + " ?" + name);
      if (operation->method != "GET" && !operation->query_parameters.contains(name)) {
        messages.push_back("the parameter " + name + " was taken, but is not documented");
      }
    }
  }
  return messages;
}

std::vector<std::string> OpenApi::check_allow(std::string_view path, const HttpAnswer& answer) const {
  std::set<std::string> methods;
  for (const Operation& operation : operations_) {
    if (matches(operation.path, path)) methods.insert(operation.method);
  }
  // What is no acceptable HTTP at all is refused before anybody looks at its path.
  if (answer.status == 400 || answer.status == 501) return {};
  if (methods.empty()) {
    return answer.status == 404 ? std::vector<std::string>{} : std::vector<std::string>{"the path is not documented"};
  }
  if (answer.status != 405) return {"the method is not documented"};
  std::set<std::string> allowed;
  std::string word;
  for (const char c : answer.header("Allow") + ",") {
    if (c != ',' && c != ' ') {
      word += c;
    } else if (!word.empty()) {
      if (word != "HEAD" && word != "OPTIONS") allowed.insert(word);
      word.clear();
    }
  }
  if (allowed != methods) return {"Allow: " + answer.header("Allow") + " does not list what is documented"};
  return {};
}

std::vector<std::string> OpenApi::check_body(const std::string& response, const HttpAnswer& answer) {
  const json::value* content = find(checker_.document(), response + "/content");
  if (content == nullptr) {
    if (answer.body.empty()) return {};
    return {"the answer has a body, but none is documented"};
  }
  std::string type = answer.header("Content-Type");
  const std::string media_type = type.substr(0, type.find(';'));
  const std::string* found = nullptr;
  std::string candidate;
  for (const auto& entry : content->as_object()) {
    const std::string documented(entry.key());
    if (documented.substr(0, documented.find(';')) == media_type) {
      candidate = documented;
      found = &candidate;
    }
  }
  if (found == nullptr) return {"content type " + type + " is not documented"};
  if (media_type != "application/json") return {};
  const std::string schema = response + "/content/" + escape_pointer(*found) + "/schema";
  return checker_.check(schema, answer.json());
}

std::set<std::string> OpenApi::unseen_answers() const {
  std::set<std::string> result;
  for (const Operation& operation : operations_) {
    for (const auto& response : at(checker_.document(), operation.pointer + "/responses").as_object()) {
      const std::string name = operation.name() + " " + std::string(response.key());
      if (!seen_answers_.contains(name)) result.insert(name);
    }
  }
  return result;
}

std::set<std::string> OpenApi::unseen_properties() const {
  std::set<std::string> result;
  for (const Operation& operation : operations_) {
    for (const auto& entry : at(checker_.document(), operation.pointer + "/responses").as_object()) {
      const std::string response =
          checker_.resolve(operation.pointer + "/responses/" + escape_pointer(std::string(entry.key())));
      const std::string schema = response + "/content/application~1json/schema";
      if (find(checker_.document(), schema) == nullptr) continue;
      for (const std::string& property : checker_.documented(schema)) {
        if (!checker_.seen().contains(property)) result.insert(property);
      }
    }
  }
  return result;
}

std::set<std::string> OpenApi::unseen_parameters() const {
  std::set<std::string> result;
  for (const Operation& operation : operations_) {
    for (const std::string& parameter : operation.query_parameters) {
      const std::string name = operation.name() + " ?" + parameter;
      if (!seen_parameters_.contains(name)) result.insert(name);
    }
  }
  return result;
}

}  // namespace quartermaster::test
