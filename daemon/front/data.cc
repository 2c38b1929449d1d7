#include "front/data.h"

#include <nlohmann/json.hpp>

namespace baton::front {

using Json = nlohmann::ordered_json;

struct Data::Impl {
  Json json;
};

namespace {

std::string dump(const Json& json, int indent) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }

}  // namespace

Data::Data() : Data(std::make_unique<Impl>(Impl{Json::object()})) {}
Data::Data(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Data::Data(Data&&) noexcept = default;
Data& Data::operator=(Data&&) noexcept = default;
Data::~Data() = default;

Data Data::array() { return Data(std::make_unique<Impl>(Impl{Json::array()})); }
Data Data::null() { return Data(std::make_unique<Impl>(Impl{Json(nullptr)})); }

Result<Data> Data::parse(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return fail(ErrorCode::invalid, "not a JSON document");
  return Data(std::make_unique<Impl>(Impl{std::move(json)}));
}

Data& Data::set(std::string_view key, std::string_view value) {
  impl_->json[std::string(key)] = std::string(value);
  return *this;
}
Data& Data::set(std::string_view key, std::int64_t value) {
  impl_->json[std::string(key)] = value;
  return *this;
}
Data& Data::set(std::string_view key, double value) {
  impl_->json[std::string(key)] = value;
  return *this;
}
Data& Data::set(std::string_view key, bool value) {
  impl_->json[std::string(key)] = value;
  return *this;
}
Data& Data::set(std::string_view key, const std::vector<std::string>& values) {
  impl_->json[std::string(key)] = values;
  return *this;
}
Data& Data::set(std::string_view key, Data value) {
  impl_->json[std::string(key)] = std::move(value.impl_->json);
  return *this;
}
Data& Data::push(Data value) {
  impl_->json.push_back(std::move(value.impl_->json));
  return *this;
}
Data& Data::push(std::string_view value) {
  impl_->json.push_back(std::string(value));
  return *this;
}

bool Data::is_object() const { return impl_->json.is_object(); }
std::string Data::text() const { return dump(impl_->json, -1); }
std::string Data::document() const { return dump(impl_->json, 2) + "\n"; }

}  // namespace baton::front
